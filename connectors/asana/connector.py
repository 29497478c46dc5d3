"""Asana, as the organisation reads it: by one list a contributor, or by one a project that rules name.

Whichever are fewer are asked for in every walk, from the last known modification
on; with nothing new that is all. What else a walk asks for, and when:

    changed tasks   their stories; once, which projects the parent of a subtask is in
    time            of a contributor: all of the window, where a task with time on it changed
                    of many: of the last days, by one list of the workspace
                    the task of each new entry, which lists do not tell
    once a day      all lists over the whole window, and nothing again that is as it was; tasks
                    that left the lists, one by one; all time; read by projects, also one list
                    a contributor, for tasks elsewhere
    once a week     everything anew

So what happens to a task after it left the lists, and time entered on a task of
somebody else, is seen the day after. Until then a task that was handed on counts
as still in progress. One that was handed on before any list of a contributor
showed it is never seen: no request lists the tasks that were somebody's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from hashlib import blake2s
from http import HTTPStatus
from typing import ClassVar
from urllib.parse import urljoin
from zlib import crc32
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from connectors.asana.asking import Api, No, gid_of
from connectors.asana.bookmark import Bookmark, Scope
from connectors.asana.entered import HISTORY
from connectors.asana.evidence import SOURCE, TRACKS, asked_fields
from connectors.asana.posting import AsanaWriter, Plan
from connectors.asana.settings import Settings as AsanaSettings
from connectors.asana.walking import Walk
from connectors.budget import Budget
from connectors.contract import (
    Abilities,
    Account,
    Authorization,
    Credential,
    CursorExpired,
    Identity,
    Page,
    Partition,
    Refused,
    Standing,
    Terms,
    Window,
)
from connectors.cursor import remembered
from connectors.limits import Limits
from connectors.manners import Manners
from connectors.session import Session, bearer
from core.matching import Candidate

TIME = "time entries"
SPREAD = 300
"""Minutes after local midnight over which the daily walks of different people are spread."""
A_WEEK = timedelta(days=7)
NOT_YET = datetime(2100, 1, 1, tzinfo=UTC)
"""A check asks for what was changed or entered since: it proves the right and reads nobody's day."""


class Asana:
    """Reads with the organisation's credential, writes with each contributor's own."""

    source: ClassVar[str] = SOURCE
    called: ClassVar[str] = "Asana"
    Settings: ClassVar[type[BaseModel]] = AsanaSettings
    tracks: ClassVar[Mapping[str, str]] = TRACKS

    def __init__(
        self, name: str, settings: AsanaSettings, terms: Terms, manners: Manners | None = None
    ) -> None:
        self.name = name
        self.abilities = Abilities(
            posts=True,
            own_tokens=settings.may_paste,
            start_times=False,
            finds_accounts=True,
            rereads=True,
            shows_records="time entries" in terms.tracked,
            readers="everyone who can see the task in Asana (members of its projects, its followers)",
            how_to_join="In Asana: Settings, Apps, Developer console, Personal access tokens, Create.",
            asks=asked_fields(terms, settings.status),
            speaks_to=(settings.endpoint,),
        )
        self.authorization = _authorization(settings)
        self._settings = settings
        self._terms = terms
        self._manners = manners or Manners()
        self._plan = Plan()

    def partitions(self, accounts: Sequence[Account]) -> list[Partition]:
        """One for each contributor, or one for all; none where the policy tracks nothing that Asana shows."""
        if not self._terms.tracked & {*HISTORY, TIME}:
            return []
        if accounts and self._together(len(accounts)):
            return [Partition(key=self.name, accounts=tuple(accounts), asked=self._asked)]
        return [Partition(key=one.contributor, accounts=(one,), asked=self._asked) for one in accounts]

    def pull(self, partition: Partition, window: Window, cursor: str | None) -> Page:
        together = partition.key == self.name
        return Walk(
            self._api,
            self._begun(partition, window, cursor, together=together),
            partition.accounts,
            self._terms,
            window,
            status=self._settings.status,
            together=together,
        ).step()

    def check(self) -> Standing:
        """Ask for all that is read later, of our own account and for a time to come."""
        me, reached = self._api.me().external, self._api.workspaces()
        workspace = self._chosen(reached)
        self._api.tasks({"assignee": me, "workspace": workspace}, NOT_YET, None, "gid")
        missing = [
            f"sight of project {project}, which rules name"
            for project in self._projects
            if not self._sees(project)
        ]
        if TIME in self._terms.tracked:
            try:
                self._api.entries({"user": me, "workspace": workspace}, NOT_YET.date(), None, "gid")
            except No as no:
                if no.status != HTTPStatus.PAYMENT_REQUIRED:
                    raise
                missing.append("time tracking, which the Asana plan does not include")
        others = len(reached) - 1
        excess = (f"sight of {others} more workspaces: take the account out of them",) if others else ()
        told_at = self._session.told_at
        return Standing(account=me, missing=tuple(missing), excess=excess, told_at=told_at)

    def _sees(self, project: str) -> bool:
        try:
            self._api.tasks({"project": project}, NOT_YET, None, "gid")
        except No as no:
            if no.status not in (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND):
                raise
            return False
        return True

    def accounts(self, addresses: Iterable[str]) -> dict[str, list[Candidate]]:
        """By one list of the workspace, however many are asked about; nobody else of it goes any further."""
        asked: dict[str, list[Candidate]] = {address: [] for address in addresses}
        spelled = {address.lower(): address for address in addresses}
        for person in self._api.people(self._workspace):
            email = person.get("email") if (gid := gid_of(person)) else None
            if isinstance(email, str) and (address := spelled.get(email.lower())):
                asked[address].append(Candidate(external=gid, address=email))
        return asked

    def identify(self, credential: Credential, email: str) -> Identity:
        try:
            return self._asking_as(credential, self._manners.budget.apart()).me()
        except No as no:
            raise Refused(no.said, whose="account") from None

    def writer(self, account: Account, credential: Credential) -> AsanaWriter:
        api = self._asking_as(credential, self._manners.own(account.contributor))
        return AsanaWriter(api, account, self._plan, lambda: self._workspace)

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
            limits=Limits("reading"),
        )

    @cached_property
    def _api(self) -> Api:
        return Api(self._session)

    def _asking_as(self, credential: Credential, budget: Budget) -> Api:
        """With a contributor's own credential: Asana counts each by itself."""
        return Api(self._session.acting(bearer(credential.secret), budget), writing=True)

    @cached_property
    def _projects(self) -> tuple[str, ...]:
        """The gids among the containers that rules name; other tools write theirs with letters."""
        named = sorted({one for one in self._terms.containers if one.isascii() and one.isdigit()})
        return tuple(named) if self._settings.read != "people" else ()

    def _together(self, people: int) -> bool:
        """Whether these people are read by the lists of projects, and their time by that of the workspace."""
        if self._settings.read == "people" or (self._terms.tracked & HISTORY and not self._projects):
            return False
        lists = [*self._lists(()), *self._terms.tracked & {TIME}]
        return self._settings.read == "projects" or len(lists) < people

    def _lists(self, accounts: Sequence[Account]) -> list[str]:
        """Those of these people, or of the projects."""
        if not self._terms.tracked & HISTORY:
            return []
        if accounts:
            return list(dict.fromkeys(f"assignee {account.external}" for account in accounts))
        return [f"project {project}" for project in self._projects]

    def _begun(self, partition: Partition, window: Window, cursor: str | None, *, together: bool) -> Bookmark:
        """Where a walk stands: in its middle, or at the beginning of a new one."""
        people = self._lists(partition.accounts)
        news, further = people, list[str]()
        if together:
            news, further = self._lists(()), people if self._settings.elsewhere else []
        zones = [f"{account.external} {account.zone}" for account in partition.accounts]
        asked = self._fingerprint([*news, str(bool(further)), *sorted(zones)])
        day = _day(partition, window)
        mark = remembered(Bookmark, cursor) if cursor is not None else None
        if mark is None:
            mark = Bookmark(asked=asked, workspace=self._workspace, day=day, week=day)
            mark.begin("whole", day, window.start, news, further)
        elif self._settings.workspace not in (None, mark.workspace):
            raise CursorExpired("This bookmark is of another workspace; pull the whole window.")
        elif mark.stage == "done":
            scope: Scope = "news" if day == mark.day else "wide"
            if asked != mark.asked:
                mark.asked, mark.entries, scope = asked, {}, "whole"
            elif day - mark.week >= A_WEEK:
                scope = "whole"
            mark.begin(scope, day, window.start, news, further)
        return mark

    @property
    def _asked(self) -> str:
        """Of everybody."""
        return self._fingerprint([str(self._settings.elsewhere)])

    def _fingerprint(self, asked: Sequence[str]) -> str:
        """The same for the same terms, in whatever order they are written."""
        terms = self._terms
        words = [*sorted(terms.tracked), terms.private, *sorted(terms.in_progress)]
        words += [*sorted(terms.containers), self._settings.status or "", *asked]
        return blake2s("\0".join(words).encode(), digest_size=8).hexdigest()

    @cached_property
    def _workspace(self) -> str:
        return self._settings.workspace or self._chosen(self._api.workspaces())

    def _chosen(self, reached: Sequence[str]) -> str:
        """Of the workspaces the credential reaches the configured one, or else the only one."""
        wanted = self._settings.workspace
        if wanted is not None and wanted in reached:
            return wanted
        if wanted is None and len(reached) == 1:
            return reached[0]
        found = ", ".join(sorted(reached)) or "none"
        raise Refused(
            f"Asana: the credential of {self.name} reaches these workspaces: {found}. Nothing was read. "
            "Name one of them as `workspace`, or let the account into it.",
            whose="connection",
        )


def _authorization(settings: AsanaSettings) -> Authorization | None:
    """How contributors let us write for them; no scope narrower than all lets time be written."""
    if settings.oauth is None:
        return None
    return Authorization(
        authorize=urljoin(settings.endpoint, "/-/oauth_authorize"),
        token=urljoin(settings.endpoint, "/-/oauth_token"),
        revoke=urljoin(settings.endpoint, "/-/oauth_revoke"),
        client=settings.oauth.client,
        secret=settings.oauth.secret,
        scopes=("default",),
        sweeping="Asana has no narrower question for this than one for everything you may do there. Daybook "
        "posts what you confirm, looks whether it is still there, and does nothing else with it.",
    )


def _day(partition: Partition, window: Window) -> date:
    """Changes once a day, when contributors sleep; not for everybody at once."""
    begins = window.start.astimezone(ZoneInfo(partition.accounts[0].zone))
    return (begins - timedelta(minutes=crc32(partition.key.encode()) % SPREAD)).date()
