"""What an event says about its contributor: one occurrence in, one Activity or a named reason out.

A feed cannot be asked for less than all of it. What the policy does not track
therefore ends here: no guest, place, description or private title leaves this module.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2s
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Component
from pydantic import ValidationError

from connectors.contract import Account, Sighting, Terms
from connectors.text import plain
from core.model import Activity, Response
from daybook_ics.occurrences import LeftOut, Occurrence, instant, spread

SOURCE = "ics"

TRACKS: Mapping[str, str] = {
    "time": "When an event begins and ends; without it no calendar is read at all.",
    "title": "What an event is called. Never that of a private one.",
    "response": "Whether you organized, accepted or declined it; without it declined ones count.",
    "series": "Which recurring series it belongs to, so that a choice made once holds for the next.",
    "labels": "Its categories, and what its calendar is called.",
    "guests domains": "How many were invited and from which mail domains; never who.",
}

OPEN = ("", "PUBLIC")
"""Classes that hide nothing; a word one does not know is taken for private (RFC 5545, 3.8.1.3)."""

ANSWERS: Mapping[str, Response] = {
    "NEEDS-ACTION": "needs_action",
    "ACCEPTED": "accepted",
    "TENTATIVE": "tentative",
    "DECLINED": "declined",
    "DELEGATED": "declined",  # somebody else goes
}
BUSY_STATUS = "X-MICROSOFT-CDO-BUSYSTATUS"
MOST_GUESTS = 200
"""Of a larger crowd the list says little about a client."""
MOST_DOMAINS = 50
MOST_LABELS = 20


@dataclass(frozen=True)
class Place:
    """Whose calendar it is, which of theirs, and what may be known of it."""

    account: Account
    calendar: str
    """Its key: the same event may stand in two of them."""
    terms: Terms

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.account.zone)


def read(
    content: bytes, start: datetime, end: datetime, place: Place
) -> tuple[tuple[Sighting, ...], dict[str, int]]:
    """What a calendar says of a window, and why some of its events say nothing.

    Gives    one sighting an event that is evidence; reason -> how many are not
    Raises   Unavailable where it is no whole calendar
    """
    found = spread(content, start, end, place.zone)
    sightings, left_out = [], Counter(found.left_out)
    for one in found.occurrences:
        try:
            said = activity(one, found.name, place)
        except LeftOut as reason:
            left_out[str(reason)] += 1
            continue
        sightings.append(Sighting(origin=said.uid, activities=((place.account.contributor, said),)))
    return tuple(sightings), dict(left_out)


def origin(calendar: str, name: str) -> str:
    """The identity of an event in one calendar, which an instance of a series keeps when it is moved."""
    return f"event/{calendar}/{_short(name)}"


def activity(one: Occurrence, calendar: str, place: Place) -> Activity:
    """The evidence in one occurrence.

    Takes    what its owner calls the calendar
    Raises   LeftOut
    """
    event, tracked = one.event, place.terms.tracked
    status, shown_as = _word(event, "STATUS"), _word(event, BUSY_STATUS)
    if status == "CANCELLED":
        raise LeftOut("cancelled")
    if _word(event, "TRANSP") == "TRANSPARENT" or shown_as == "FREE":
        raise LeftOut("free")
    if shown_as == "WORKINGELSEWHERE":
        raise LeftOut("working location")
    private = _word(event, "CLASS") not in OPEN
    if private and place.terms.private == "ignore":
        raise LeftOut("private")
    away = shown_as == "OOF"
    try:
        return Activity(
            source=SOURCE,
            uid=origin(place.calendar, one.name),
            kind="away" if away else "meeting",
            start=one.start,
            end=one.end,
            response=_response(event, place.account) if "response" in tracked else None,
            all_day=one.all_day,
            private=private,
            updated=_updated(event, place.zone),
            # what only takes capacity needs no name: "Out of office: hospital"
            **({} if away or private else _words(one, calendar, place)),
        )
    except ValidationError:
        raise LeftOut("malformed") from None


def _words(one: Occurrence, calendar: str, place: Place) -> dict[str, Any]:
    """What an open meeting says beyond when it is."""
    tracked, words = place.terms.tracked, dict[str, Any]()
    if "title" in tracked:
        words["title"] = plain(_text(one.event.get("SUMMARY"))) or None
    if "series" in tracked and one.series:
        words["series"] = _short(one.series)
    if "labels" in tracked:
        words["labels"] = tuple(_labels(one.event))
        words["container"] = plain(calendar, 100) or None
    if "guests domains" in tracked:
        words |= _guests(one.event, place.account)
    return words


def _response(event: Component, account: Account) -> Response | None:
    """The contributor's own answer; None for an appointment nobody was asked to."""
    own = (guest for guest in _guest_list(event) if _mail(guest) in _addresses(account))
    answer = ANSWERS.get(_param(next(own, None), "PARTSTAT"))
    if answer in ("declined", "tentative"):  # whoever organized it may stay away as well
        return answer
    if _mail(event.get("ORGANIZER")) in _addresses(account):
        return "organizer"
    return answer


def _guests(event: Component, account: Account) -> dict[str, Any]:
    """How many people were invited and from where; nothing of a crowd."""
    people = [one for one in _guest_list(event) if _param(one, "CUTYPE") not in ("ROOM", "RESOURCE")]
    if not 0 < len(people) <= MOST_GUESTS:
        return {}
    others = {_mail(one) for one in people} - _addresses(account)
    domains = sorted({plain(mail.rpartition("@")[2], 253) for mail in others if "@" in mail} - {""})
    return {"audience": len(people), "domains": tuple(domains[:MOST_DOMAINS])}


def _addresses(account: Account) -> set[str]:
    return {address.lower() for address in (account.external, account.email) if address}


def _guest_list(event: Component) -> list[Any]:
    said = event.get("ATTENDEE", [])
    return said if isinstance(said, list) else [said]


def _mail(said: Any) -> str:
    return _text(said).lower().removeprefix("mailto:").strip()


def _param(said: Any, name: str) -> str:
    return _text(getattr(said, "params", {}).get(name)).upper()


def _labels(event: Component) -> Iterator[str]:
    """Its categories, each once, as far as anybody reads them."""
    said = event.get("CATEGORIES", [])
    lists = said if isinstance(said, list) else [said]
    names = (plain(str(name), 100) for one in lists for name in getattr(one, "cats", ()))
    yield from list(dict.fromkeys(name for name in names if name))[:MOST_LABELS]


def _updated(event: Component, zone: ZoneInfo) -> datetime | None:
    """When it was changed. Not DTSTAMP, which in a feed is the moment somebody asked."""
    when = getattr(event.get("LAST-MODIFIED"), "dt", None)
    try:
        return instant(when, zone) if isinstance(when, datetime) else None
    except OverflowError:  # the first and the last day have no neighbours to reckon with
        return None


def _word(event: Component, name: str) -> str:
    return _text(event.get(name)).strip().upper()


def _text(said: Any) -> str:
    """A line that ought to be a text; "" where there is none, the first where there are several."""
    first = said[0] if isinstance(said, list) and said else said
    return first if isinstance(first, str) else ""


def _short(name: str) -> str:
    """An id as long as we like: theirs may be long, and hold an address."""
    return blake2s(name.encode("utf-8", "replace"), digest_size=16).hexdigest()
