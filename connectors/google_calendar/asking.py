"""One request to Google Calendar: as which person, with which right, and whose words are to be believed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from hashlib import blake2s
from typing import Any

from connectors.contract import Account, Refused, Unavailable
from connectors.google_calendar import consent, http
from connectors.google_calendar.key import Key
from connectors.google_calendar.limits import GoogleLimits
from connectors.google_calendar.settings import Settings
from connectors.manners import Manners
from connectors.session import Session
from core.said import Said


class Asking:
    """The organisation's key, or what contributors lent, at work. Safe to share between threads."""

    def __init__(self, settings: Settings, manners: Manners) -> None:
        self._settings, self._manners = settings, manners
        self._keys: dict[str, Key] = {}
        """By right."""

    def ask(self, request: Any, account: Account, right: str, **how: Any) -> http.Answer:
        """One answer, as this person and with one right."""
        if self._settings.key is not None:
            return http.ask(request, self.held(right).acting_for(account.external), self.session, **how)
        try:
            return http.ask(request, consent.Lent.by(account), self.session, **how)
        except Refused as refused:
            # a right that is missing is theirs to give here, not the administrator's
            raise consent.narrow() if "insufficientPermissions" in str(refused) else refused from None

    @property
    def key(self) -> Key:
        return self.held(self._settings.scope)

    def held(self, right: str) -> Key:
        """The organisation's key, for one right; read once."""
        if right not in self._keys:
            assert self._settings.key is not None, "contributors lend us theirs"
            # two threads may read it at once; the tokens are with the one that was kept
            self._keys.setdefault(right, Key.read(self._settings.key, right))
        return self._keys[right]

    @cached_property
    def session(self) -> Session:
        return Session(
            "Google Calendar",
            self._settings.endpoint,
            also=[self._settings.tokens, *([] if self._settings.key is None else [self.key.tokens])],
            timeout=self._manners.timeout,
            budget=self._manners.budget,
            longest_rest=self._manners.longest_rest,
            limits=GoogleLimits(),
        )


def quota_user(account: Account) -> str:
    """Whom Google shall count a request for; it learns nothing by it."""
    return blake2s(account.contributor.encode(), digest_size=16).hexdigest()


def items(body: Mapping[str, Any]) -> list[Any]:
    """What a page lists. Raises Unavailable where it is no list."""
    listed = body.get("items", [])
    if not isinstance(listed, list):
        raise _doubtful()
    return listed


def word(body: Mapping[str, Any], name: str) -> str:
    """An opaque text of Google's; "" where there is none. Raises Unavailable: a token must not get lost."""
    said = body.get(name) or ""
    if not isinstance(said, str):
        raise _doubtful()
    return said


def _doubtful() -> Unavailable:
    return Unavailable(
        Said(
            "Google Calendar's answer does not look like a list of events. Nothing changed; "
            "the next round tries again."
        )
    )
