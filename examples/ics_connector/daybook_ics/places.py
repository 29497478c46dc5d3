"""Where a calendar is kept, a file or a feed: its bytes, if they are others than last time."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2s
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

import requests

from connectors.contract import Refused
from connectors.manners import Manners
from connectors.session import ADVICE, Session
from daybook_ics.bookmark import Tag
from daybook_ics.settings import Place

LONGEST_TAG = 200
GONE = "It is not there any more. Correct its address, or take it out of `calendars`."
WHAT_TO_DO = {**ADVICE, 404: GONE, 410: GONE}


class Read(NamedTuple):
    content: bytes
    tag: Tag


class Kept(Protocol):
    """A calendar somewhere."""

    def read(self, known: Tag) -> Read | None:
        """Its bytes; None where they are as we know them.

        Raises   Unavailable, Refused
        """

    def check(self) -> None:
        """Prove that it is there and may be read, without reading it. Raises Unavailable, Refused."""


def kept(place: Place, manners: Manners) -> Kept:
    where = place.get_secret_value()
    return File(Path(where)) if where.startswith("/") else Feed(where, manners)


def key(place: Place) -> str:
    """A short name for a calendar that does not give its address away."""
    return blake2s(place.get_secret_value().encode(), digest_size=8).hexdigest()


class File:
    """A calendar on this machine, which another program keeps up to date."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, known: Tag) -> Read | None:
        try:
            content = self._path.read_bytes()
        except OSError as error:
            raise _unreadable(error) from None
        tag = Tag(digest=_digest(content))
        return None if tag == known else Read(content, tag)

    def check(self) -> None:
        try:
            self._path.open("rb").close()
        except OSError as error:
            raise _unreadable(error) from None


class Feed:
    """A calendar at an address. All discipline is the Session's: timeouts, pace, no redirect."""

    def __init__(self, url: str, manners: Manners) -> None:
        self._url = url
        self._session = Session(
            # the rest of the address may be all that guards it
            f"The calendar feed at {urlsplit(url).hostname}",
            url,
            headers={"Accept": "text/calendar"},
            timeout=manners.timeout,
            budget=manners.budget,
            longest_rest=manners.longest_rest,
        )

    def read(self, known: Tag) -> Read | None:
        response = self._asked("GET", _conditions(known))
        if response.status_code == HTTPStatus.NOT_MODIFIED:
            return None
        content = response.content
        tag = Tag(
            etag=_short(response.headers.get("ETag")),
            modified=_short(response.headers.get("Last-Modified")),
            digest=_digest(content),
        )
        return None if tag.digest == known.digest else Read(content, tag)

    def check(self) -> None:
        self._asked("HEAD", {})

    def _asked(self, method: str, headers: Mapping[str, str]) -> requests.Response:
        response = self._session.call(method, self._url, headers=headers)
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            raise self._session.refused(response, "the calendar", whose="connection", advice=WHAT_TO_DO)
        return response


def _conditions(known: Tag) -> dict[str, str]:
    said = {"If-None-Match": known.etag, "If-Modified-Since": known.modified}
    return {name: value for name, value in said.items() if value}


def _short(header: str | None) -> str:
    """A mark worth keeping in a cursor; without one we look at the bytes."""
    return header if header and len(header) <= LONGEST_TAG and "@" not in header else ""


def _digest(content: bytes) -> str:
    return blake2s(content, digest_size=16).hexdigest()


def _unreadable(error: OSError) -> Refused:
    return Refused(
        f"A calendar file cannot be read ({error.strerror}). Nothing was read of its owner. "
        "Let the account that Daybook runs under read it, or correct its path.",
        whose="connection",
    )
