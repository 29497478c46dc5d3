"""One draft as its contributor sees it: how it stands, where it goes, what they can do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cached_property
from hashlib import sha256
from typing import Literal, NamedTuple

from core import drafts
from core.memory import OwnRule
from core.model import Draft, Reason, Suggestion
from core.posting import Posting, Whose, overdue
from core.rules import Project
from core.standing import Altered
from daybook.house import House, Member
from daybook.languages import _
from daybook.page import words
from daybook.page.places import Destination, Places, destination
from daybook.page.words import duration
from daybook.store.drafts import Held
from daybook.words import CONFIDENCE, capital, times

Stage = Literal[
    "ready",
    "incomplete",
    "missed",
    "held",
    "waiting",
    "sending",
    "posted",
    "refused",
    "unclear",
    "kept",
    "dismissed",
]
"""ready       waits for a yes              incomplete  waits for something only they can say
missed      had no yes when its day closed
held        confirmed, can be taken back   waiting     its target could not take it yet
sending     on its way                     posted      there
refused     a person must act              unclear     its contributor must look
kept        confirmed, stays in Daybook    dismissed   no work to record
"""


def name(key: str) -> str:
    """What a draft is called in forms and addresses: its key is made from evidence and may tell of it."""
    return sha256(key.encode()).hexdigest()[:12]


def rule_name(about: str) -> str:
    """The same for a rule of their own."""
    return name(f"rule {about}")


class Difference(NamedTuple):
    what: str
    mine: str
    theirs: str


@dataclass(frozen=True)
class Shown:
    """A draft on the page."""

    held: Held
    stage: Stage
    closed: bool
    """Its day is closed: nothing about it changes any more, but its posting goes on."""
    says: str
    """How it stands, in words; empty for what merely waits."""
    hint: str
    """Who must do what, where somebody must."""
    goes: Destination
    project: str
    client: str
    times: tuple[str, ...]
    """On its contributor's clock: from when to when a meeting was, from when on a task; empty if unknown."""
    differences: tuple[Difference, ...]
    """What its source says otherwise since; only while that was not noticed."""
    altered: Altered | None
    """What a hand made of its record where it was posted."""
    whose: Whose | None
    """Of a refused one: who must act."""
    there: bool
    """Its record at a target is known, so it can be changed or removed there."""
    stuck: bool
    """It was taken back, and its record could not be removed."""
    own: OwnRule | None
    """The rule of their own that speaks about it."""

    @cached_property
    def draft(self) -> Draft:
        return self.held.draft

    @cached_property
    def name(self) -> str:
        return name(self.draft.key)

    @cached_property
    def suggestion(self) -> Suggestion:
        return self.draft.suggestion

    @property
    def minutes(self) -> int:
        """What it counts on its day: what stands where it was posted, else what was said here."""
        day = self.suggestion.day
        return self.altered.on(day) if self.altered else self.suggestion.minutes

    @property
    def attributed(self) -> dict[str, int]:
        """To whom that is billed."""
        said = self.suggestion
        return drafts.of_length(said, self.minutes).attributed if self.altered else said.attributed

    @property
    def because(self) -> tuple[Reason, ...]:
        return self.suggestion.because

    @property
    def confidence(self) -> str:
        return capital(CONFIDENCE[self.suggestion.confidence])

    @property
    def flagged(self) -> bool:
        return not self.draft.noticed and not self.closed

    @property
    def gone(self) -> bool:
        """Its source no longer knows of it."""
        return self.draft.seen is None

    @property
    def under_way(self) -> bool:
        """It is, or may be, where only a look tells how it stands."""
        return self.stage in ("sending", "unclear") or (self.stage == "posted" and not self.there)

    @property
    def open(self) -> bool:
        """It waits for its contributor's word."""
        return self.stage in ("ready", "incomplete")

    @property
    def ready(self) -> bool:
        """A yes to all covers it."""
        return self.stage == "ready" and not self.flagged

    @property
    def can_go_elsewhere(self) -> bool:
        """Its target refused this entry alone, so another may take it."""
        return self.stage == "refused" and self.whose == "entry" and not (self.closed or self.there)

    @property
    def can_be_corrected(self) -> bool:
        """It is posted, and what is changed here is changed there."""
        return self.there and self.stage in ("posted", "held", "refused") and not self.closed

    @property
    def needs_them(self) -> bool:
        return (
            self.stuck
            or self.stage in ("incomplete", "refused", "unclear")
            or (self.flagged and self.stage != "dismissed")
        )

    @property
    def remembered(self) -> bool:
        """Something they taught Daybook made it what it is."""
        return any(reason.kind == "memory" for reason in self.because)

    @property
    def can_be_always(self) -> bool:
        """Its project can be made a rule of their own."""
        chosen, project = self.own and self.own.choice, self.suggestion.project
        new = self.suggestion.about and project and not (chosen and chosen.project == project)
        return bool(new) and self.stage != "dismissed" and not self.closed

    @property
    def can_be_never(self) -> bool:
        """So can that it is no work."""
        return bool(self.suggestion.about) and (self.open or self.stage == "dismissed") and not self.closed

    @property
    def can_go_back(self) -> bool:
        """An edit that gives way to what the evidence says, or to what it was before it was cut."""
        return self.draft.decision == "edited" and (self.cut or bool(drafts.can(self.draft, "reopen")))

    @property
    def cut(self) -> bool:
        """It is part of something, or has something in it, that undo makes as it was."""
        return self.draft.before is not None or self.draft.tied is not None


def shown(
    house: House,
    who: Member,
    held: Held,
    posting: Posting | None,
    places: Places,
    now: datetime,
    closed: bool,
    rules: Mapping[str, OwnRule],
    altered: Altered | None = None,
) -> Shown:
    """A draft with all that its contributor should know before and after their word.

    Takes    posting: that of its newest entry, if it has one; altered: what became of its record;
             rules: their own, by what they are about
    """
    suggestion = held.draft.suggestion
    projects = house.configuration.projects
    missing = drafts.ready(held.draft, projects)
    project = projects.get(suggestion.project or "")
    goes = destination(suggestion.target, places, missing)
    stage = _stage(held.draft, posting, bool(missing), now, closed)
    where = goes.where or words.KEPT_HERE
    leaves = posting is not None and posting.leaving
    if leaves and posting:
        where = destination(posting.target, places, missing).where
    contact = house.policy.contact
    return Shown(
        held=held,
        stage=stage,
        closed=closed,
        says=words.altered(altered, suggestion, where)
        if altered
        else words.leaving(posting, where, who.zone, now)
        if leaves and posting
        else words.GAVE
        if stage == "dismissed" and held.draft.tied
        else _says(stage, posting, missing.reason, where, who.zone, now),
        altered=altered,
        hint=_hint(posting, places, contact, now),
        goes=goes,
        project=called(suggestion.project, projects),
        client=(project.client if project else None) or "",
        times=times(suggestion, who.zone),
        differences=tuple(_differences(held.draft, projects, who.zone)) if not held.draft.noticed else (),
        whose=posting.whose if posting and posting.state == "refused" else None,
        there=posting is not None and posting.stands is not None,
        stuck=leaves and posting is not None and posting.state == "refused",
        own=next((rules[about] for about in suggestion.about if about in rules), None),
    )


def readers(drafts: Iterable[Shown]) -> list[str]:
    """Who can read these where they go, of what more than one of them would say: said once for all."""
    told = Counter(one.goes.readers for one in drafts if one.open and one.goes.leaves)
    return [sentence for sentence, times in told.items() if times > 1]


def _stage(draft: Draft, posting: Posting | None, complete: bool, now: datetime, closed: bool) -> Stage:
    if draft.decision == "dismissed":
        return "dismissed"
    if draft.decision != "confirmed":
        if closed:
            return "missed"
        return "ready" if complete else "incomplete"
    if posting is None or posting.leaving or posting.state == "withdrawn":
        return "kept"
    if posting.state == "held":
        return "held" if now < posting.hold_until else "waiting"
    return posting.state


def _says(
    stage: Stage, posting: Posting | None, missing: str, where: str, zone: tzinfo, now: datetime
) -> str:
    match stage:
        case "ready":
            return ""
        case "incomplete":
            return _(missing)
        case "missed":
            return words.MISSED
        case "dismissed":
            return words.DISMISSED
        case "kept":
            return words.KEPT
        case _ if posting:
            return words.posting(posting, where, zone, now)
    return ""


def _hint(posting: Posting | None, places: Places, contact: str, now: datetime) -> str:
    if posting is None:
        return ""
    if posting.state == "refused":
        place = places.get(posting.connection)
        return words.whose(posting, place.called if place else posting.connection, contact)
    return words.overdue(contact) if overdue(posting, now) else ""


def called(project: str | None, projects: Mapping[str, Project]) -> str:
    if project is None:
        return words.NO_PROJECT
    return projects[project].name if project in projects else project


def _differences(draft: Draft, projects: dict[str, Project], zone: tzinfo) -> Iterator[Difference]:
    """What the contributor has beside what the source says now."""
    mine, theirs = draft.suggestion, draft.seen
    if theirs is None:
        return
    said = [
        (_("Time"), ", ".join(times(mine, zone)), ", ".join(times(theirs, zone))),
        (_("Length"), duration(mine.minutes), duration(theirs.minutes)),
        (_("Text"), mine.text, theirs.text),
        (_("Project"), called(mine.project, projects), called(theirs.project, projects)),
        (_("Category"), mine.category or "", theirs.category or ""),
        (_("Billed"), words.yes(mine.billable), words.yes(theirs.billable)),
        (_("Goes to"), mine.target or "", theirs.target or ""),
    ]
    yield from (Difference(*line) for line in said if line[1] != line[2])
