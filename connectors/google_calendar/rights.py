"""What the delegation grants beside what reading needs: Google lists it nowhere, so wider rights are tried.

A token is asked for and thrown away; nothing is read with it.
"""

from __future__ import annotations

from collections.abc import Collection

from pydantic import SecretStr

from connectors.contract import Refused
from connectors.google_calendar.http import fetch_token
from connectors.google_calendar.key import Key
from connectors.session import Session

SCOPE = "https://www.googleapis.com/auth/"
WIDER = (
    "calendar", "calendar.readonly", "calendar.events", "calendar.events.readonly", "calendar.events.owned",
    "calendar.acls", "calendar.calendars", "calendar.calendarlist",
)  # fmt: skip
"""Rights that show or change more than Daybook reads."""


def excess(key: SecretStr, person: str, needed: Collection[str], session: Session) -> tuple[str, ...]:
    """In words; as many token requests as there are wider rights.

    Takes    person: as whom it is tried; needed: whole addresses
    Raises   Unavailable
    """
    return tuple(
        f"{scope}: remove it in the Admin console, Security, API controls, Domain-wide delegation"
        for scope in WIDER
        if SCOPE + scope not in needed and _is_granted(key, person, SCOPE + scope, session)
    )


def _is_granted(key: SecretStr, person: str, scope: str, session: Session) -> bool:
    try:
        fetch_token(Key.read(key, scope).afresh(person), session)
    except Refused:
        return False
    return True
