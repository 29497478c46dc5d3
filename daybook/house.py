"""The program put together: one organisation's people, rules, tools and store, as they stand now.

A House decides nothing and does nothing; jobs, page and commands are given one
and find in it what they need. A new configuration is a new House.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from config.load import Loaded
from config.schema import Configuration, Person
from connectors.contract import Account, Connector, Window
from connectors.manners import Manners
from connectors.oauth import Authority
from core import clock, closing
from core.clock import Evenly, Waits
from core.loosening import loosened
from core.mapping import Mappings
from core.matching import NOT_ASKED, Claim, Doubt, Matched, settled
from core.model import Verdict
from core.notice import Standing, Version
from core.policy import Enrolment, Policy, begun, may_read, version
from core.roles import NONE
from core.rollout import FIRST, Stage, enrolled, mailed
from core.schedule import Schedule
from daybook import languages
from daybook.clocks import Alone, Clock
from daybook.languages import Language
from daybook.mail.send import Carrier
from daybook.store.grants import Grant
from daybook.store.people import Contributor
from daybook.store.store import Store
from daybook.store.unit import Unit
from daybook.waiting import Wait

if TYPE_CHECKING:
    from connectors.openid import Provider

AHEAD = timedelta(days=1, hours=12)
"""A meeting of tomorrow is fetched today: nothing about it may change again before it takes place."""


@dataclass(frozen=True)
class Member:
    """One person of the configuration who has a place in the store."""

    contributor: Contributor
    person: Person
    schedule: Schedule
    zone: ZoneInfo
    consent: Verdict
    """May anything about them be requested (P3)?"""

    @property
    def id(self) -> str:
        return self.contributor.id

    @property
    def role(self) -> str:
        """The one the configuration says they have."""
        return self.person.role or NONE

    def today(self, now: datetime) -> date:
        return now.astimezone(self.zone).date()


@dataclass
class Rereading:
    """That the configuration is to be read again, and what came of it."""

    asked: threading.Event = field(default_factory=threading.Event)
    kept: bool = False
    """What this house runs on is written down."""
    house: House | None = None
    """The one that takes its place."""


@dataclass(frozen=True)
class House:
    configuration: Configuration
    policy: Policy
    connectors: Mapping[str, Connector]
    """By the name of their connection, each in its layers."""
    store: Store
    clock: Callable[[], datetime]
    """What the wall clock says; one that knows how much time passed is a `Clock`."""
    stopping: threading.Event = field(default_factory=threading.Event)
    """Set once, when the program ends."""
    work_is_waiting: threading.Event = field(default_factory=threading.Event)
    """Set by whoever made work; the runner looks at once."""
    authorities: Mapping[str, Authority] = field(default_factory=dict)
    """Where contributors connect by OAuth, by the name of the connection."""
    provider: Provider | None = None
    """Where contributors sign in, if they can."""
    ends: Mapping[str, date] = field(default_factory=dict)
    """When the organisation's own credential ends, by connection, where the administrator stated it."""
    stage_in_force: Stage | None = None
    """Of the rollout; None before anything was begun."""
    refused: str = ""
    """Where the configuration wishes a stage that may not begin, and why."""
    ledger: Standing | None = None
    """The policy in force and what is announced; None where the one at hand is all there ever was."""
    texts: Mapping[str, Policy] = field(default_factory=dict)
    """Every version of the policy that was ever seen."""
    waits: tuple[Wait, ...] = ()
    """What its file asks for and must wait for its day."""
    connecting: Callable[[Configuration], Mapping[str, Connector]] | None = None
    """Makes the connectors anew, for another policy."""
    manners: dict[str, Manners] = field(default_factory=dict)
    """How each tool is asked, whatever the configuration: its budget is one for all that still goes on."""
    follows: bool = False
    """Takes the policy that others wrote down, and writes down none."""
    file: Path | None = None
    """Where its configuration stands."""
    loaded: Loaded | None = None
    """What stood there when it was read, with the policy as it is asked for."""
    rereading: Rereading = field(default_factory=Rereading)
    renewing: defaultdict[tuple[str, str], threading.Lock] = field(
        default_factory=lambda: defaultdict(threading.Lock)
    )
    """By contributor and connection: one thread renews what was lent, the others wait for it."""

    @cached_property
    def mappings(self) -> Mappings:
        return Mappings(self.configuration.projects, self.configuration.rules, self.tools)

    @cached_property
    def tools(self) -> dict[str, str]:
        """The tool of each connection."""
        return {name: connector.source for name, connector in self.connectors.items()}

    @cached_property
    def mappings_hash(self) -> str:
        """Changes when a day might come out differently: rules, projects, numbers, hours."""
        said = self.configuration
        parts = said.model_dump_json(include={"projects", "rules", "schedules", "people", "timezone"})
        numbers = [said.numbers_of(person).model_dump_json() for person in said.people]
        return sha256("\0".join([parts, *numbers]).encode()).hexdigest()[:16]

    @cached_property
    def standing(self) -> Standing:
        """The policy in force, the one before and the one to come."""
        if self.ledger is not None:
            return self.ledger
        since = self.policy.effective
        named = version(self.policy)
        return Standing(in_force=Version(version=named, policy=self.policy, seen=since, since=since))

    @property
    def policy_version(self) -> str:
        return self.standing.in_force.version

    @property
    def policy_since(self) -> date:
        """The first day on which the policy held as it is."""
        return self.standing.in_force.since

    @cached_property
    def covering(self) -> frozenset[str]:
        """The versions whose acknowledgement covers the policy in force: it allows nothing more (P3)."""
        earlier = {name for name, text in self.texts.items() if not loosened(text, self.policy)}
        return frozenset(earlier | {self.policy_version})

    @cached_property
    def pauses(self) -> tuple[timedelta, ...]:
        """After the first, second ... setback in a row."""
        return tuple(timedelta(seconds=pause) for pause in self.configuration.posting.pauses)

    @property
    def sign_in_required(self) -> bool:
        """Links in mails open nothing to whoever did not sign in."""
        page = self.configuration.page
        return page is not None and page.links == "sign-in-required"

    @property
    def look_after(self) -> timedelta:
        return timedelta(seconds=self.configuration.posting.look_after)

    @cached_property
    def carrier(self) -> Carrier:
        """Takes our mails to the mail server."""
        mail = self.configuration.mail
        assert mail is not None, "wiring refuses to run without mail"
        return Carrier(mail)

    @cached_property
    def _clock(self) -> Clock | Alone:
        return self.clock if isinstance(self.clock, Clock) else Alone(self.clock)

    def evenly(self) -> Evenly:
        """Since when the wall clock has gone as fast as time passes."""
        return self._clock.evenly()

    def passing(self) -> timedelta:
        """How much time passed, since whenever; to take the difference of."""
        return timedelta(seconds=self._clock.passing())

    @property
    def waits_for_clock(self) -> Waits:
        """Which steps of postings may be too early by the time that really passed."""
        hold = timedelta(seconds=self.configuration.posting.hold)
        return clock.too_soon(self.evenly(), self.look_after, hold)

    @cached_property
    def issue_projects(self) -> frozenset[str]:
        return issue_projects(self.configuration)

    @cached_property
    def timeless(self) -> frozenset[str]:
        """Sources whose records have a day and no time of day."""
        posting = [connector for connector in self.connectors.values() if connector.abilities.posts]
        return frozenset(connector.source for connector in posting if not connector.abilities.start_times)

    # --- people ----------------------------------------------------------------------------------------

    @property
    def stage(self) -> Stage:
        """The stage of the rollout that is in force."""
        return self.stage_in_force or self.configuration.rollout.stage

    @property
    def no_pilot(self) -> str:
        """Why there was no pilot; empty where there is one."""
        return "" if self.stage in FIRST else self.configuration.rollout.skip_pilot_because

    @cached_property
    def named(self) -> dict[str, Person]:
        """Everybody the present stage of the rollout reaches, by address."""
        rollout = self.configuration.rollout
        cohorts = {"pilot": rollout.cohorts.pilot, "expand": rollout.cohorts.expand}
        return {
            person.email: person
            for person in self.configuration.people
            if enrolled(person.email, self.stage, cohorts)
        }

    def mails(self, member: Member) -> bool:
        """Are digests sent to them?"""
        wanted = member.contributor.digest_on and self.policy.digest_of(member.person.role) != "never"
        after = member.contributor.digest_after
        sleeps = after is not None and member.today(self.clock()) < after
        return bool(member.consent and wanted and not sleeps and mailed(self.stage))

    def members(self, tx: Unit) -> list[Member]:
        """Those of them who have a place in the store; the others are enrolled by the next round."""
        rows = {row.email: row for row in tx.people.all()}
        goes_on, now = _goes_on(tx), self.clock()
        return [
            self._member(rows[email], person, goes_on, now)
            for email, person in self.named.items()
            if email in rows
        ]

    def member(self, tx: Unit, contributor: str) -> Member | None:
        """One of them; None for somebody the rollout does not reach, or no longer."""
        row = tx.people.get(contributor)
        person = self.named.get(row.email) if row else None
        return self._member(row, person, _goes_on(tx), self.clock()) if row and person else None

    def _member(self, row: Contributor, person: Person, goes_on: Verdict, now: datetime) -> Member:
        at_home = ZoneInfo(self.configuration.zone_of(person))
        today = person.on(now.astimezone(at_home).date())
        zone = ZoneInfo(self.configuration.zone_of(today))
        enrolment = Enrolment(
            enrolled=True,
            invited=row.invited is not None,
            acknowledged=row.acknowledged,
            covered=bool(self.covering & row.agreed),
            left=row.left_at is not None,
        )
        verdict = begun(self.policy_since, now.astimezone(zone).date()) and may_read(enrolment)
        return Member(row, person, self.schedule_of(today), zone, goes_on and verdict)

    def language(self, who: Member) -> Language:
        """What they are spoken to in."""
        return languages.language(who.person.language or self.configuration.language)

    def agreed(self, who: Member) -> bool:
        """They agreed to at least what the policy in force allows, and did not leave since (P3)."""
        return bool(self.covering & who.contributor.agreed)

    def schedule_of(self, person: Person) -> Schedule:
        """Their hours, as far back and ahead as days are looked at."""
        year = self.clock().year
        return self.configuration.schedule_of(person, range(year - 1, year + 2))

    def may_change(self, who: Member, day: date) -> Verdict:
        """May anything about this day of theirs still change?"""
        return closing.may_change(day, self.clock(), self.configuration.closing, who.zone)

    # --- evidence --------------------------------------------------------------------------------------

    def accounts(self, tx: Unit, connection: str, members: Sequence[Member]) -> list[Account]:
        """Whom of these this connection may be asked about, as its tool knows them (P3)."""
        known = self.known(tx, connection, members)
        offers = self.connectors[connection].abilities.offers
        alone = members[0].id if len(members) == 1 else None
        chosen = tx.chosen.at(connection, alone) if offers else {}
        return [
            Account(
                contributor=member.id,
                external=one.external,
                zone=str(member.zone),
                containers=tuple(further.id for further in chosen.get(member.id, ())),
                tracked=self._lighter(member, connection),
            )
            for member in members
            if member.consent and isinstance(one := known[member.id], Matched)
        ]

    def known(self, tx: Unit, connection: str, members: Sequence[Member]) -> dict[str, Matched | Doubt]:
        """Which account of this connection is whose, or why nobody can say; by contributor."""
        alone = members[0].id if len(members) == 1 else None
        granted = tx.grants.accounts(connection, alone, stopped=True)
        own, configured = dict(granted), {one.id: one.person.accounts.get(connection) for one in members}
        found: Mapping[str, Matched | Doubt] = {}
        if self.connectors[connection].abilities.knows_addresses:
            found = {member.id: Matched(external=member.person.email) for member in members}
        elif not all(configured.values()):
            found = tx.accounts.at(connection, alone)
        return settled(
            Claim(
                contributor=member.id,
                own=own.get(member.id),
                configured=configured[member.id],
                found=found.get(member.id, NOT_ASKED),
            )
            for member in members
        )

    def account(self, member: Member, grant: Grant) -> Account:
        """A contributor as the tool knows them by the credential they gave."""
        return Account(
            contributor=member.id,
            external=grant.external,
            email=member.person.email,
            zone=str(member.zone),
        )

    def _lighter(self, member: Member, connection: str) -> frozenset[str] | None:
        """What is kept of them there, if their role is read less, or the one they acknowledged."""
        if not self.policy.roles:
            return None
        source = self.connectors[connection].source
        held = member.contributor.in_role.on(self.clock().astimezone(UTC).date())
        narrower = [
            self.policy.tracked_of(role, source)
            for role in (held.role, member.role)
            if role in self.policy.roles and source in self.policy.roles[role].tracked
        ]
        return frozenset.intersection(*narrower) if narrower else None

    def first_day(self, member: Member, now: datetime) -> date:
        """The earliest local day that is drafted: the first that lies in the window as a whole."""
        return (now - timedelta(days=self.policy.back_fill)).astimezone(member.zone).date() + timedelta(
            days=1
        )

    def window(self, now: datetime) -> Window:
        """The time a first look reaches over."""
        return Window(start=now - timedelta(days=self.policy.back_fill), end=now + AHEAD)


def _goes_on(tx: Unit) -> Verdict:
    """While the rollout is stopped nobody is read or mailed, whatever they acknowledged."""
    stopped = tx.rollout.stopped()
    if stopped:
        return Verdict(allowed=False, reason=f"The rollout is stopped: {stopped.said}")
    return Verdict(allowed=True, reason="The rollout goes on.")


def issue_projects(configuration: Configuration) -> frozenset[str]:
    """Projects at the source that the configuration names, in upper case: their keys count in titles."""
    targets = [rule.then.target for rule in configuration.rules]
    targets += [project.target for project in configuration.projects.values()]
    keys = {task.rpartition("-")[0] for target in targets for task in (target or {}).values()}
    asked = {said.words or said.exact for rule in configuration.rules for said in rule.when.container}
    return frozenset(key.upper() for key in keys | asked if key)
