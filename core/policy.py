"""May this be read, and kept: the policy an organisation signed, and its answers.

A person is told what is tracked, why, for how long and for whom, and says that they read it, before anything
about them is requested (P3). Every answer is a Verdict: yes or no, with the sentence that says why. What is
not allowed here is denied. Who sees what is in visibility.py.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from core.addresses import Address
from core.durations import Days
from core.figures import What
from core.model import Name, Noun, Verdict
from core.periods import WEEKDAYS
from core.rules import AnyOf

EXAMPLE_WHY = "Say in one sentence why your organisation wants to know where its time goes."
"""What `daybook init` writes; a policy that still says so is refused."""

Kept = Literal["evidence", "drafts", "memory", "entries", "access_log"]

_ENDLESS = {"forever", "always", "indefinitely", "unlimited", "no limit", "never", "none"}


def _ends(days: Any) -> Any:
    if days is None or (isinstance(days, str) and days.strip().lower() in _ENDLESS):
        raise ValueError("has no end. A policy needs one, for example 90 days")
    return days


_Keep = Annotated[Days, Field(ge=1, le=3_660), BeforeValidator(_ends)]


class Retention(Noun):
    """How long each kind of thing is kept; past that it is gone from the database file itself."""

    evidence: _Keep = 45
    """What calendars and project tools said."""
    drafts: _Keep = 30
    """Suggestions nobody confirmed."""
    memory: _Keep = 180
    """What contributors taught Daybook, counted from the last day it was good for."""
    entries: _Keep = 730
    """What contributors confirmed."""
    access_log: Annotated[_Keep, Field(ge=90)] = 730
    """Who looked at what of whom; never below 90 days, so that people find it in time."""


class Groups(Noun):
    """What a report may be about."""

    minimum: Annotated[int, Field(ge=5)] = 8
    """Fewest people behind any figure; never below 5."""


class Report(Noun):
    """One report that managers get, and everybody in it at the same time."""

    who: Literal["managers"]
    """Who gets it beside the people it is about: those under `managers`."""
    what: Annotated[tuple[What, ...], Field(min_length=1)]
    """What it counts, the most important first: project, client, category, billable, meeting load, focus
    time."""
    by: Literal["team", "role"] = "team"
    """Of which groups: of each team, or of each role."""
    cadence: Literal["weekly", "monthly", "never"]
    """How often; never in between. `never` promises that there is none."""
    on: str | int | None = None
    """The declared day: of a weekly report a weekday (left out: wednesday), of a monthly one a day from 6 to
    28 (left out: 6), because the last week of a month is counted on its third day at the latest."""
    roles: tuple[Name, ...] = ()
    """The roles of the people it is about; left out: all."""

    @field_validator("on")
    @classmethod
    def _fits(cls, on: str | int | None, said: ValidationInfo) -> str | int | None:
        match said.data.get("cadence"), on:
            case "weekly", str() if on in WEEKDAYS:
                return on
            case "monthly", str() | int() if str(on).isdigit() and 6 <= int(on) <= 28:
                return int(on)
            case ("weekly" | "monthly" | "never") as cadence, str() | int():
                raise ValueError(f"is {str(on)[:60]!r}; {_DAYS[cadence]}")
        return on

    @property
    def day(self) -> str | int:
        """The weekday, or the day of the month, on which it is published."""
        return self.on or ("wednesday" if self.cadence == "weekly" else 6)

    @property
    def name(self) -> str:
        """What it is known by: of two with one name, a period is published once (P-21)."""
        return " ".join([self.cadence, "by", self.by, *sorted(self.roles)])


_DAYS = {
    "weekly": f"a weekly report needs a weekday: {', '.join(WEEKDAYS)}",
    "monthly": "a monthly report needs a day of the month from 6 to 28, when all its weeks are counted",
    "never": "a report that never comes has no day",
}


class Delegates(Noun):
    """Whether contributors may let a colleague look at their days and prepare them."""

    days: Annotated[Days, Field(ge=1, le=92)] = 30
    """For how long at most, until they grant it anew."""


class Billing(Noun):
    """Who gets confirmed hours by name, for invoices, and of what; a month at once.

    It names neither a role nor a client: those are given elsewhere, and nobody would be told.
    """

    who: AnyOf[Address]
    """The only ones who get it, by their addresses."""
    projects: AnyOf[Name]
    """Whose hours they get: names under `projects`, each with a client."""
    text: bool = False
    """Whether what each contributor wrote about it comes along."""


class Lighter(Noun):
    """What holds for the people of one role: never more than for everybody."""

    tracked: dict[Name, tuple[Name, ...]] = {}
    """What is kept of them, tool by tool; a tool that is left out is as for everybody."""
    digest: Literal["daily", "weekly", "never"] = "daily"
    """How often they get their mail: on their working days, on the first one of a week, or never."""


class Policy(Noun):
    """What is tracked, why, for how long and for whom; people read it before anything is read of them."""

    why: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
    """Why the organisation does this, in words its people will believe."""
    contact: Name
    """Whom to ask or to contradict."""
    effective: date
    """The first day it holds; before, nothing is read."""
    tracked: dict[Name, tuple[Name, ...]]
    """What is read, tool by tool; what is not listed is not asked for."""
    not_tracked: tuple[Name, ...] = ()
    """What is promised to stay out, for people to read."""
    private_events: Literal["ignore", "busy"] = "busy"
    """What becomes of a private event: nothing, or a block without title that its owner can name."""
    retention: Retention = Retention()
    """How long each kind of thing is kept."""
    groups: Groups = Groups()
    """How small a group may be."""
    reports: tuple[Report, ...] = ()
    """All the reports there are; left out: none."""
    managers: tuple[Address, ...] = ()
    """Who gets them beside the people they are about, by address; left out: everybody who `manages` a team
    under `people`. Whoever is added to either is announced first, and gets none of a time before."""
    delegates: Delegates | None = None
    """Left out: nobody but its contributor ever opens a day."""
    billing: Billing | None = None
    """Left out: nobody gets anybody's hours by name."""
    back_fill: Annotated[Days, Field(le=366)] = 14
    """How far back the first look reaches, counted from the acknowledgement."""
    roles: dict[Name, Lighter] = {}
    """Lighter rules for some people, by the `role` they have under `people`."""
    notice: Annotated[Days, Field(ge=1, le=366)] = 14
    """How long everybody is told before a policy that allows more comes into force."""

    def tracked_of(self, role: str | None, source: str) -> frozenset[str]:
        """What may be kept of somebody in this role, at one tool."""
        everybody = frozenset(self.tracked.get(source, ()))
        lighter = self.roles.get(role or "")
        return everybody if lighter is None else everybody & set(lighter.tracked.get(source, everybody))

    def digest_of(self, role: str | None) -> Literal["daily", "weekly", "never"]:
        """How often somebody in this role gets their mail."""
        lighter = self.roles.get(role or "")
        return lighter.digest if lighter else "daily"

    @field_validator("why")
    @classmethod
    def _is_their_own(cls, why: str) -> str:
        words = _words(why)
        if words == _words(EXAMPLE_WHY):
            raise ValueError(
                "is still the example's text. Write the reason people will read before they acknowledge it"
            )
        if len(words) < 2:
            raise ValueError(
                "says no reason. People read it before they acknowledge the policy: write a sentence"
            )
        return why

    @model_validator(mode="after")
    def _keeps_what_it_fetches(self) -> Self:
        if self.back_fill > self.retention.evidence:
            raise ValueError(
                f"would fetch {self.back_fill} days of evidence (back_fill) "
                f"and keep {self.retention.evidence} (retention.evidence)"
            )
        return self


def version(policy: Policy) -> str:
    """A short name for what the policy means: another order, spacing or unit in the file keeps it.

    A release of Daybook that adds to what a policy says changes it too.
    """
    meaning = json.dumps(_plain(policy.model_dump(mode="json")), sort_keys=True)
    return hashlib.sha256(meaning.encode()).hexdigest()[:12]


# Thai to Burmese, Khmer, Japanese, Chinese: written without spaces, so two characters count as a word
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_UNSPACED}]{{1,2}}|[^\W{_UNSPACED}]+")


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain(inner) for key, inner in value.items()}
        case list():
            return _sorted(_plain(inner) for inner in value)
        case str():
            return " ".join(value.split())
    return value


def _sorted(values: Iterable[Any]) -> list[Any]:
    return sorted(values, key=lambda value: json.dumps(value, sort_keys=True))


class Enrolment(Noun):
    """Where one person stands between being named in the configuration and being read."""

    enrolled: bool
    """In a cohort of the stage in force (rollout.py)."""
    invited: bool
    """They were sent the policy."""
    acknowledged: str | None
    """The version they said they read; None before."""
    covered: bool
    """What they said they read allows all that the policy in force does."""
    left: bool = False
    """They opted out, or no longer belong to the organisation."""


def begun(since: date, today: date) -> Verdict:
    """Does the policy hold yet?"""
    if today < since:
        return _no(f"The policy holds from {since}; nothing is read before.")
    return _yes(f"The policy holds since {since}.")


def may_read(enrolment: Enrolment) -> Verdict:
    """May anything about this person be requested from any tool (P3)?"""
    if enrolment.left:
        return _no("They left; nothing about them is read any more.")
    if not enrolment.enrolled:
        return _no("They are in no cohort of the present stage.")
    if not enrolment.invited:
        return _no("They were not invited yet.")
    if enrolment.acknowledged is None:
        return _no("They have not acknowledged the policy.")
    if not enrolment.covered:
        return _no(f"The policy in force allows more than version {enrolment.acknowledged}, which they read.")
    return _yes("They acknowledged the policy in force.")


def kept_until(retention: Retention, what: Kept, day: date) -> date:
    """The last day on which something of `day` may still exist (P12)."""
    days: int = getattr(retention, what)
    return day + timedelta(days=days)


def _yes(reason: str) -> Verdict:
    return Verdict(allowed=True, reason=reason)


def _no(reason: str) -> Verdict:
    return Verdict(allowed=False, reason=reason)
