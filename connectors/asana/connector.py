"""Asana, as the organisation reads it: one partition a contributor, one request while nothing changes.

What a walk asks for, and when:

    every time      the list of the contributor's tasks, from the last known modification on
    changed tasks   their stories, and their time entries where there is time on them
    once a day      the whole window; tasks handed on since, one by one; time on tasks of others

So what happens to a task after it was handed on, and time entered on a task that
is somebody else's, is seen the day after. Until then a task that was handed on
counts as still in progress.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from hashlib import blake2s
from http import HTTPStatus
from typing import ClassVar
from zlib import crc32
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from connectors.asana.asking import Api, No, gid_of
from connectors.asana.bookmark import Bookmark, at_first, opened
from connectors.asana.evidence import SOURCE, TRACKS
from connectors.asana.posting import AsanaWriter, Plan
from connectors.asana.settings import Settings as AsanaSettings
from connectors.asana.walking import Walk
from connectors.contract import (
    Abilities,
    Account,
    Credential,
    CursorExpired,
    Page,
    Partition,
    Refused,
    Standing,
    Terms,
    Window,
)
from connectors.manners import Manners
from connectors.session import Session, bearer
from core.matching import Candidate

EVIDENCE = frozenset({"section history", "own comments", "time entries"})
"""Words of the policy without which there is nothing to ask Asana for."""
SPREAD = 300
"""Minutes after local midnight over which the daily whole walks of different people are spread."""
NOT_YET = datetime(2100, 1, 1, tzinfo=UTC)
"""A check asks for what was changed or entered since: it proves the right and reads nobody's day."""


class Asana:
    """Reads with the organisation's credential, writes with each contributor's own."""

    source: ClassVar[str] = SOURCE
    Settings: ClassVar[type[BaseModel]] = AsanaSettings
    tracks: ClassVar[Mapping[str, str]] = TRACKS

    def __init__(
        self, name: str, settings: AsanaSettings, terms: Terms, manners: Manners | None = None
    ) -> None:
        self.name = name
        self.abilities = Abilities(
            posts=True,
            start_times=False,
            finds_accounts=True,
            rereads=True,
            own_tokens=settings.may_paste,
            readers="everyone who can see the task in Asana (members of its projects, its followers)",
        )
        self.authorization = None
        self._settings = settings
        self._terms = terms
        self._manners = manners or Manners()
        self._plan = Plan()

    def partitions(self, accounts: Sequence[Account]) -> list[Partition]:
        """One for each contributor; none where the policy tracks nothing that Asana could show."""
        if not self._terms.tracked & EVIDENCE:
            return []
        return [Partition(key=account.contributor, accounts=(account,)) for account in accounts]

    def pull(self, partition: Partition, window: Window, cursor: str | None) -> Page:
        (account,) = partition.accounts
        mark = self._begun(account, window, cursor)
        return Walk(self._api, mark, account, self._terms, window).step()

    def check(self) -> Standing:
        """Ask for all that is read later, of our own account and for a time to come."""
        me, workspace = self._api.me(), self._reached_workspace()
        self._api.tasks(me, workspace, NOT_YET, None, "gid")
        missing = []
        if "time entries" in self._terms.tracked:
            try:
                self._api.entries_of_person(me, workspace, NOT_YET.date(), None, "gid")
            except No as no:
                if no.status != HTTPStatus.PAYMENT_REQUIRED:
                    raise
                missing.append("time tracking, which the Asana plan does not include")
        return Standing(account=me, missing=tuple(missing))

    def accounts(self, addresses: Sequence[str]) -> dict[str, list[Candidate]]:
        """By one list of the workspace, however many are asked about; nobody else of it goes any further."""
        asked: dict[str, list[Candidate]] = {address: [] for address in addresses}
        spelled = {address.lower(): address for address in addresses}
        for person in self._api.people(self._workspace):
            email = person.get("email") if (gid := gid_of(person)) else None
            if isinstance(email, str) and (address := spelled.get(email.lower())):
                asked[address].append(Candidate(external=gid, address=email))
        return asked

    def identify(self, credential: Credential, email: str) -> str:
        try:
            return self._asking_as(credential).me()
        except No as no:
            raise Refused(str(no), whose="account") from None

    def writer(self, account: Account, credential: Credential) -> AsanaWriter:
        return AsanaWriter(self._asking_as(credential), account, self._plan, lambda: self._workspace)

    @cached_property
    def _session(self) -> Session:
        """Opened by the first call: making a connector costs nothing."""
        return Session(
            "Asana",
            self._settings.endpoint,
            auth=bearer(self._settings.token, whose="connection"),
            timeout=self._manners.timeout,
            budget=self._manners.budget,
            longest_rest=self._manners.longest_rest,
        )

    @cached_property
    def _api(self) -> Api:
        return Api(self._session)

    def _asking_as(self, credential: Credential) -> Api:
        return Api(self._session.acting(bearer(credential.secret)), writing=True)

    def _begun(self, account: Account, window: Window, cursor: str | None) -> Bookmark:
        day, asked = _day(account, window), _fingerprint(self._terms)
        if cursor is None:
            return at_first(day, asked, self._workspace, window.start)
        mark = opened(cursor)
        if self._settings.workspace not in (None, mark.workspace):
            raise CursorExpired("This bookmark is of another workspace; pull the whole window.")
        return mark.begun(day, asked, window.start)

    @cached_property
    def _workspace(self) -> str:
        return self._settings.workspace or self._reached_workspace()

    def _reached_workspace(self) -> str:
        """The configured one, or else the only one, if the credential reaches it."""
        reached = self._api.workspaces()
        wanted = self._settings.workspace
        if wanted in reached:
            return wanted
        if wanted is None and len(reached) == 1:
            return reached[0]
        found = ", ".join(sorted(reached)) or "none"
        raise Refused(
            f"Asana: the credential of {self.name} reaches these workspaces: {found}. Nothing was read. "
            "Name one of them as `workspace`, or let the account into it.",
            whose="connection",
        )


def _day(account: Account, window: Window) -> date:
    """Changes once a day, when the contributor sleeps; not for everybody at once."""
    begins = window.start.astimezone(ZoneInfo(account.zone))
    return (begins - timedelta(minutes=crc32(account.external.encode()) % SPREAD)).date()


def _fingerprint(terms: Terms) -> str:
    """The same for the same terms, in whatever order they are written."""
    words = "\0".join([*sorted(terms.tracked), terms.private, *sorted(terms.in_progress)])
    return blake2s(words.encode(), digest_size=8).hexdigest()
