"""Which further calendars somebody owns, for them to choose from."""

from __future__ import annotations

from typing import Any

from connectors.contract import MOST_PAGES, Account, Container, Endless
from connectors.google_calendar import http
from connectors.google_calendar.asking import Asking, items, quota_user, word
from connectors.google_calendar.settings import LISTING
from connectors.text import plain

MOST_CALENDARS = 250
"""The largest page Google gives."""


def owned(asking: Asking, endpoint: str, account: Account) -> tuple[Container, ...]:
    """All of them, by name."""
    found: list[Container] = []
    tokens = {""}
    token = ""
    for _ in range(MOST_PAGES):
        request = http.calendar_list(endpoint).list(
            minAccessRole="owner",
            maxResults=MOST_CALENDARS,
            fields="kind,nextPageToken,items(id,summary,summaryOverride,primary)",
            prettyPrint=False,
            quotaUser=quota_user(account),
            **({"pageToken": token} if token else {}),
        )
        body = asking.ask(request, account, LISTING, kind="calendar#calendarList").body
        found += [one for item in items(body) if (one := _container(item)) is not None]
        token = word(body, "nextPageToken")
        if not token:
            return tuple(sorted(found, key=lambda one: (one.name.casefold(), one.id)))
        if token in tokens:
            break
        tokens.add(token)
    raise Endless("Google Calendar's list of calendars never ends. Nothing was chosen; try again later.")


def _container(item: Any) -> Container | None:
    """A calendar to choose; None for the one that is always read, and for what has no id."""
    if not isinstance(item, dict) or item.get("primary") is True:
        return None
    name, said = word(item, "id"), word(item, "summaryOverride") or word(item, "summary")
    return Container(id=name, name=plain(said, 200) or name) if name else None
