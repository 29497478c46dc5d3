"""What a mail says, as values: gathered from the store once, then only worded.

Whatever people typed is one plain line of bounded length from here on, so no
title can break a header, a column or a mailbox (S-07).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BeforeValidator

from connectors.text import plain
from core.day import Sheet
from core.drafts import ready
from core.look_back import Unanswered
from core.model import Confidence, Draft, Noun, Suggestion
from core.policy import Policy
from core.rules import Project
from daybook.languages import Later, _
from daybook.words import Tool, times

KEPT: Literal["none"] = "none"
"""The target of what is recorded in Daybook and nowhere else."""
LINE = 110
"""Characters of a because that stand in a mail."""
CHANGED = Later("Its source says otherwise since you changed it.")


def _shortened(text: str, longest: int) -> str:
    """One plain line, cut between words where that is possible."""
    line = plain(text)
    if len(line) <= longest:
        return line
    kept = line[: longest - 1]
    between = kept.rfind(" ")
    return (kept[:between] if between > longest // 2 else kept).rstrip() + "…"


def _at_most(longest: int) -> BeforeValidator:
    return BeforeValidator(lambda text: _shortened(text, longest) if isinstance(text, str) else text)


Title = Annotated[str, _at_most(80)]
Word = Annotated[str, _at_most(60)]
Because = Annotated[str, _at_most(LINE)]

Kind = Literal[
    "digest",
    "reminder",
    "lookback",
    "invitation",
    "own",
    "announcement",
    "rollout",
    "report",
    "delegate",
]  # fmt: skip
"""Of a mail."""


class Envelope(Noun):
    """From whom, to whom, and which mail of theirs it is."""

    kind: Kind
    contributor: str
    """The opaque id."""
    day: date
    """The local day it is sent on."""
    at: AwareDatetime
    sender: str
    """Name and address, as configured."""
    name: Word
    address: str
    organisation: Word
    host: str
    """Of the page: all that a mail of ours is called lies under it."""
    language: str = "en"
    version: str
    """Of the policy in force."""
    since: date
    """The first day it holds."""
    wrong: str
    """The link to say that something looks wrong."""
    less: str | None = None
    """The link that ends this kind of mail, where there is one."""
    bounces: str | None = None
    """The address it comes back to where it cannot be delivered; None: to its sender."""


class Target(Noun):
    """Where a draft will be posted."""

    tool: str
    """As people call it."""
    task: Word
    own: bool = False
    """It is the task the draft is about."""


class Line(Noun):
    """One draft that waits."""

    times: tuple[str, ...]
    """On the contributor's clock: from when to when a meeting was, from when on a task; empty if unknown."""
    minutes: int
    text: Title
    project: Word | None
    target: Target | Literal["none"] | None
    """None where the contributor must pick."""
    confidence: Confidence
    because: Because
    attention: Because | None
    """What must be settled before it can be confirmed."""


class WaitingDay(Noun):
    """One finished local day with drafts that wait; minutes."""

    day: date
    lines: tuple[Line, ...]
    logged: int = 0
    away: int = 0
    gaps: int = 0
    closes: bool = False
    """After this evening nothing about it changes any more."""

    @property
    def minutes(self) -> int:
        return sum(line.minutes for line in self.lines)

    @property
    def unready(self) -> int:
        return sum(line.attention is not None for line in self.lines)


class Ending(Noun):
    """An account of theirs that Daybook can soon no longer use."""

    tool: Word
    day: date | None
    """The last one it works."""


class DigestFacts(Noun):
    """What waits for one contributor, in the morning or as a reminder."""

    envelope: Envelope
    days: tuple[WaitingDay, ...]
    """Oldest first."""
    older: int = 0
    """Drafts of days before these."""
    look: str
    """The link to these days."""
    confirm: str
    """The link to the page with one button."""
    answer: str | None = None
    """The address at which a plain yes confirms what is ready; None where nobody reads answers."""
    unconnected: tuple[Word, ...] = ()
    """Tools where something of theirs goes while their account there is not connected."""
    unread: tuple[Word, ...] = ()
    """Tools they let us read, which turned that down."""
    ending: tuple[Ending, ...] = ()
    """What they should connect again before it ends."""
    connect: str | None = None
    """The link to connect them; only where there are any."""
    unseen: tuple[str, ...] = ()
    """What was not seen of these days, and why."""
    answered: int = 0
    """Remarks of theirs that were answered since the last mail."""
    answers: str | None = None
    """The link to these answers; only where there are any."""

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(line for day in self.days for line in day.lines)

    @property
    def minutes(self) -> int:
        return sum(day.minutes for day in self.days)

    @property
    def ready(self) -> int:
        """How many one yes covers."""
        return sum(line.attention is None for line in self.lines)


class Spent(Noun):
    """Confirmed minutes of one project."""

    project: Word | None
    attended: int
    attributed: int


class LookBackFacts(Noun):
    """What one contributor's week came to; nobody else is told."""

    envelope: Envelope
    first: date
    last: date
    spent: tuple[Spent, ...]
    """Most attended first."""
    corrected: int
    contradicted: int
    unanswered: tuple[Unanswered, ...]
    """Oldest first."""

    @property
    def attended(self) -> int:
        return sum(one.attended for one in self.spent)

    @property
    def attributed(self) -> int:
        return sum(one.attributed for one in self.spent)


class InvitationFacts(Noun):
    """What one contributor is told before anything is read about them (P3)."""

    envelope: Envelope
    policy: Policy
    tools: tuple[Tool, ...]
    no_pilot: str = ""
    """Why there was no pilot; empty where there is one."""
    again: bool
    """They agreed to an earlier version."""
    agree: str
    """The link to the policy and the button under it."""


class AnnouncementFacts(Noun):
    """What changes about the policy that one contributor agreed to (P-08)."""

    envelope: Envelope
    agreed_to: str
    """The version they acknowledged."""
    already: tuple[str, ...]
    """What holds by now and was otherwise in theirs."""
    later: tuple[str, ...]
    """What comes."""
    coming: str | None
    """The version it comes with."""
    day: date | None
    """The first one of it."""
    role: str = ""
    """The one they have by now."""
    besides: tuple[str, ...] = ()
    """What is read of people in it, and was not of them."""
    besides_day: date | None = None
    """The first day it may be."""
    read: str
    """The link to what changes, and the buttons to acknowledge it or to leave."""


class ReportFacts(Noun):
    """That reports were published, and where they are; without a figure, for mail is read over shoulders."""

    envelope: Envelope
    titles: tuple[str, ...]
    """What each is about."""
    manages: bool
    """They get it as somebody who manages a team, not because it counts their time."""
    look: str
    """The link to them."""


class OwnFacts(Noun):
    """What comes with the link that somebody asked for."""

    envelope: Envelope
    link: str
    until: AwareDatetime
    """In their zone."""


class DelegateFacts(Noun):
    """What a colleague is told who may look at somebody's days."""

    envelope: Envelope
    whose: Word
    until: date
    """The last day."""
    link: str


class StopFacts(Noun):
    """What one contributor is told when the rollout stopped."""

    envelope: Envelope
    why: str
    look: str
    """The link to how the rollout goes."""


def waiting_day(
    day: date,
    drafts: tuple[Draft, ...],
    sheet: Sheet | None,
    zone: ZoneInfo,
    projects: Mapping[str, Project],
    tools: Mapping[str, str],
) -> WaitingDay:
    """What a mail says of one day.

    Takes    drafts that wait, by start; tools: what people call it, by the name of its connection
    """
    sums = {"logged": sheet.logged, "away": sheet.away, "gaps": sheet.gaps} if sheet else {}
    return WaitingDay(day=day, lines=tuple(_line(one, zone, projects, tools) for one in drafts), **sums)


def _line(draft: Draft, zone: ZoneInfo, projects: Mapping[str, Project], tools: Mapping[str, str]) -> Line:
    suggestion = draft.suggestion
    project = projects.get(suggestion.project or "")
    return Line(
        times=times(suggestion, zone),
        minutes=suggestion.minutes,
        text=suggestion.text,
        project=project.name if project else suggestion.project,
        target=_target(suggestion, tools),
        confidence=suggestion.confidence,
        because=_because(draft),
        attention=_attention(draft, projects),
    )


def _target(draft: Suggestion, tools: Mapping[str, str]) -> Target | Literal["none"] | None:
    if draft.target is None:
        return None
    if draft.target == KEPT:
        return KEPT
    connection, task = draft.target.split(":", 1)
    return Target(tool=tools.get(connection, connection), task=task, own=task == draft.task)


def _because(draft: Draft) -> str:
    """The evidence, in as many whole sentences as fit into a line; the page shows all, with the rule (P6)."""
    because = draft.suggestion.because
    evidence = [reason for reason in because if reason.kind not in ("rule", "rounding")]
    first, *rest = [reason.sentence for reason in evidence or because] or [""]
    line = first
    for sentence in rest:
        if len(line) + len(sentence) + 1 > LINE:
            break
        line = f"{line} {sentence}"
    return line


def _attention(draft: Draft, projects: Mapping[str, Project]) -> str | None:
    """Why one yes does not cover it; deeds.confirm leaves the same ones alone."""
    if not draft.noticed:
        return str(CHANGED)
    verdict = ready(draft, projects)
    return None if verdict else _(verdict.reason)
