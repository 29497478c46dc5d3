"""Calendars that are .ics files or feeds: read for their owners, never written.

One partition is one contributor, one page is one of their calendars.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2s
from typing import ClassVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from connectors.contract import (
    Abilities,
    Account,
    Credential,
    Identity,
    Page,
    Partition,
    Refused,
    Standing,
    Terms,
    Window,
    Writer,
)
from connectors.manners import Manners
from core.matching import Candidate
from daybook_ics.bookmark import Walking, opened
from daybook_ics.evidence import SOURCE, TRACKS, Place, read
from daybook_ics.places import Kept, kept, key
from daybook_ics.settings import Settings as IcsSettings


class Ics:
    """The calendar files and feeds of a team. Safe to share between threads."""

    source: ClassVar[str] = SOURCE
    called: ClassVar[str] = "Calendar feeds"
    Settings: ClassVar[type[BaseModel]] = IcsSettings
    tracks: ClassVar[Mapping[str, str]] = TRACKS

    def __init__(
        self, name: str, settings: IcsSettings, terms: Terms, manners: Manners | None = None
    ) -> None:
        self.name = name
        self.abilities = Abilities(posts=False, knows_addresses=True, rereads=True)
        self.authorization = None
        self._terms = terms
        shared = manners or Manners()
        self._calendars: Mapping[str, Mapping[str, Kept]] = {
            owner: {key(place): kept(place, shared) for place in places}
            for owner, places in settings.calendars.items()
        }

    # --- reading

    def partitions(self, accounts: Sequence[Account]) -> list[Partition]:
        """One for each who has a calendar; none where the policy does not track when events are (P11)."""
        if "time" not in self._terms.tracked:
            return []
        return [
            Partition(key=one.contributor, accounts=(one,), asked=self._asked(one))
            for one in accounts
            if self._of(one)
        ]

    def pull(self, partition: Partition, window: Window, cursor: str | None) -> Page:
        (account,) = partition.accounts
        calendars = list(self._of(account).items())
        zone = ZoneInfo(account.zone)
        walking = opened(cursor, window, zone, self._asked(account), len(calendars))
        name, calendar = calendars[walking.calendar]
        found = calendar.read(walking.known)
        if found is None:
            following = walking.unchanged()
            return Page(cursor=following.model_dump_json(), more=isinstance(following, Walking))
        place = Place(account, name, self._terms)
        sightings, skipped = read(found.content, walking.start, walking.end, place)
        following = walking.read(found.tag)
        return Page(
            sightings=sightings,
            skipped=skipped,
            cursor=following.model_dump_json(),
            more=isinstance(following, Walking),
            whole=True,
        )

    def check(self) -> Standing:
        """Knock at every calendar; none is read."""
        every = [calendar for own in self._calendars.values() for calendar in own.values()]
        for calendar in every:
            calendar.check()
        untracked = "time" not in self._terms.tracked
        missing = (f"the word time in policy.tracked.{SOURCE}: without it nothing is read",)
        return Standing(
            account=f"whoever knows where each calendar is ({len(every)})",
            missing=missing if untracked else (),
        )

    def accounts(self, addresses: Iterable[str]) -> dict[str, list[Candidate]]:
        """An address is an account, if it has a calendar: nothing is asked."""
        known = {address for address in addresses if address.lower() in self._calendars}
        return {
            address: [Candidate(external=address, address=address)] * (address in known)
            for address in addresses
        }

    # --- writing: nothing can be

    def identify(self, credential: Credential, email: str) -> Identity:
        raise Refused(
            "A calendar file takes no credential of a contributor. Nothing was asked for.", whose="account"
        )

    def writer(self, account: Account, credential: Credential) -> Writer:
        raise Refused("Daybook writes nothing to calendar files. Choose another target for this entry.")

    # --- whose

    def _of(self, account: Account) -> Mapping[str, Kept]:
        return self._calendars.get(account.external.lower(), {})

    def _asked(self, account: Account) -> str:
        """What is asked for, in short: another list of calendars or another policy means a whole walk."""
        words = [*self._of(account), *sorted(self._terms.tracked), self._terms.private, account.zone]
        return blake2s("\n".join(words).encode(), digest_size=8).hexdigest()
