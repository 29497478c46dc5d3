"""A day of drafts as its contributor sees it, read from the store at one moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from connectors.contract import uid_of_record
from core.closing import changes_until
from core.day import Sheet
from core.model import Activity, Kind
from core.rules import Project
from daybook.altered import altered_on
from daybook.gaps import Question, gaps, questions
from daybook.house import House, Member
from daybook.languages import _
from daybook.page import words
from daybook.page.places import Places, places
from daybook.page.shown import Shown, called, rule_name, shown
from daybook.page.strip import Strip, strip
from daybook.page.words import duration
from daybook.store.unit import Unit
from daybook.words import span, unseen


class Missed(NamedTuple):
    """What was not seen of a day, and why."""

    sentence: str
    theirs: bool
    """They can end it themselves, by connecting an account."""


class Group(NamedTuple):
    """The drafts of one project."""

    name: str
    client: str
    minutes: int
    drafts: tuple[Shown, ...]

    @property
    def ready(self) -> list[Shown]:
        return [one for one in self.drafts if one.ready]


class Total(NamedTuple):
    """What some drafts come to for one project, in minutes."""

    name: str
    attended: int
    billable: int
    """Of that."""
    attributed: int
    """Billed to it: an hour attended for two clients may count for both."""


class Other(NamedTuple):
    """A day of the same range that has drafts."""

    day: date
    waiting: int
    closed: bool


class Line(NamedTuple):
    """Evidence that made no draft, and why."""

    what: str
    why: str
    rule: str = ""
    """What forms call the rule of their own by which it is left out."""


@dataclass(frozen=True)
class DaySheet:
    """All that the page of one day shows."""

    day: date
    is_over: bool
    closed: str
    """Why nothing on it changes any more; empty while it is open."""
    closes: str
    """Until when it can be changed; empty where nothing will close it."""
    drafts: tuple[Shown, ...]
    places: Places
    others: tuple[Other, ...]
    strip: Strip | None
    sums: Sheet | None
    """As the reconciler left them, as people are told; None for a day it has not looked at."""
    counting: bool
    """The reconciler is about to look again, so its sums are behind the drafts."""
    lines: dict[str, tuple[Line, ...]]
    """Evidence without a draft: logged, away, overlapped, ignored, parked."""
    unseen: tuple[Missed, ...]
    questions: tuple[Question, ...]
    """Whether what vanished from a source of theirs is really gone."""
    answered_at: str
    """When its contributor said that there is nothing to add; empty while they have not."""

    @property
    def groups(self) -> list[Group]:
        """By project, those without one first, then as the day went."""
        found: dict[str | None, list[Shown]] = {}
        for one in self.standing:
            found.setdefault(one.suggestion.project, []).append(one)
        return [
            Group(each[0].project, each[0].client, _minutes(each), tuple(each))
            for _project, each in sorted(found.items(), key=lambda item: item[0] is not None)
        ]

    @property
    def dismissed(self) -> list[Shown]:
        return [one for one in self.drafts if one.stage == "dismissed"]

    @property
    def ready(self) -> list[Shown]:
        return [one for one in self.drafts if one.ready]

    @property
    def needing(self) -> int:
        return sum(one.needs_them for one in self.drafts)

    @property
    def held(self) -> list[Shown]:
        """What can still be taken back together."""
        return [one for one in self.drafts if one.stage == "held" and not (one.flagged or one.closed)]

    @property
    def heading(self) -> str:
        if self.closed:
            return self.closed
        return words.heading(len(self.ready), _minutes(self.ready), self.needing, bool(self.standing))

    @property
    def standing(self) -> list[Shown]:
        """All but the dismissed ones: the day as it counts."""
        return [one for one in self.drafts if one.stage != "dismissed"]

    @property
    def attended(self) -> int:
        return _minutes(self.standing)

    @property
    def placed(self) -> int:
        """Minutes of what has a time of day."""
        return _minutes(one for one in self.standing if one.suggestion.pieces)

    @property
    def on_leave(self) -> bool:
        return self.sums is not None and self.sums.away > 0 and not self.sums.capacity

    @property
    def is_free(self) -> bool:
        """No working day, by their own hours."""
        return self.is_over and self.sums is not None and not (self.sums.away or self.sums.capacity)

    def one(self, name: str) -> Shown | None:
        return next((one for one in self.drafts if one.name == name), None)


def sheet(house: House, tx: Unit, who: Member, day: date, days: tuple[date, date]) -> DaySheet:
    """The day as it stands.

    Takes    days: the first and last day their link opens
    """
    now = house.clock()
    there = places(house, tx, who)
    may_change, last = house.may_change(who, day), changes_until(day, house.configuration.closing)
    drafts = tuple(_drafts(house, tx, who, day, there, now))
    row = tx.days.get(who.id, day)
    numbers = house.configuration.numbers_of(who.person)
    sums = Sheet.model_validate_json(row.sheet).without_slivers(numbers) if row and row.sheet else None
    known = {one.uid: one for one in tx.evidence.of(who.id, day, day, kinds=_named(sums))}
    logged = _logged(tx, who, day, known.values())
    return DaySheet(
        day=day,
        is_over=day < who.today(now),
        closed="" if may_change else _(may_change.reason),
        closes=words.until(last) if last and may_change else "",
        drafts=drafts,
        places=there,
        others=tuple(_others(house, tx, who, days)),
        strip=strip(who, day, drafts, sums, logged),
        sums=sums,
        counting=row is not None and row.version > row.reconciled,
        lines=_lines(who, known, logged, sums),
        unseen=tuple(
            Missed(
                unseen(gap, who.zone, now, house.policy.contact),
                theirs=gap.why in ("contributor", "unconnected"),
            )
            for gap in gaps(house, tx, who, day)
        ),
        questions=tuple(questions(house, tx, who)),
        answered_at=words.moment(row.answered_at, who.zone, now) if row and row.answered_at else "",
    )


def totals(drafts: Iterable[Shown], projects: Mapping[str, Project]) -> list[Total]:
    """What these drafts come to by project, most attended first."""
    attended, billable, attributed = Counter[str](), Counter[str](), Counter[str]()
    for one in drafts:
        project = called(one.suggestion.project, projects)
        attended[project] += one.minutes
        billable[project] += one.minutes if one.suggestion.billable else 0
        attributed.update({called(key, projects): part for key, part in one.attributed.items()})
    names = sorted(attended.keys() | attributed.keys(), key=lambda name: (-attended[name], name))
    return [Total(name, attended[name], billable[name], attributed[name]) for name in names]


def _drafts(house: House, tx: Unit, who: Member, day: date, there: Places, now: datetime) -> Iterator[Shown]:
    filed = tx.postings.of(who.id, day)
    postings = {one.posting.entry.id: one.posting for one in filed if one.posting.state != "withdrawn"}
    hands = altered_on(house, tx, who, day, filed)
    closed = not house.may_change(who, day)
    rules = {rule.about: rule for rule in tx.memory.rules(who.id)}
    drafts = tx.drafts.of(who.id, day)
    made = tx.entries.from_drafts(who.id, (one.draft.key for one in drafts)) if postings else {}
    for held in drafts:
        entry = made.get(held.draft.key)
        posting = postings.get(entry.id) if entry else None
        hand = hands.get(posting.entry.id) if posting else None
        yield shown(house, who, held, posting, there, now, closed, rules, hand)


def _others(house: House, tx: Unit, who: Member, days: tuple[date, date]) -> Iterator[Other]:
    for day, waiting in tx.drafts.between(who.id, *days).items():
        yield Other(day, waiting, closed=not house.may_change(who, day))


def _logged(tx: Unit, who: Member, day: date, known: Iterable[Activity]) -> list[Activity]:
    """What was recorded that day, and not by us."""
    logged = [one for one in known if one.kind == "logged" and one.start.astimezone(who.zone).date() == day]
    ours = {uid_of_record(record) for record in tx.postings.receipts(who.id, day)} if logged else ()
    return [one for one in logged if one.uid not in ours]


def _lines(
    who: Member, known: Mapping[str, Activity], logged: Iterable[Activity], sums: Sheet | None
) -> dict[str, tuple[Line, ...]]:
    """Evidence that is not in the drafts, so that nothing goes missing silently."""
    absent = {one.uid: one.why for one in sums.absences} if sums else {}
    lines = {
        "logged": tuple(Line(_title(one), duration(one.minutes or 0)) for one in logged),
        "away": tuple(
            Line(_title(one), absent.get(one.uid) or _when(one, who))
            for one in known.values()
            if one.kind == "away" or one.uid in absent
        ),
    }
    if sums:
        lines["overlapped"] = tuple(
            Line(_called(one.uid, known), f"{duration(one.minutes)}. {one.why}".strip())
            for one in sums.overlapped
        )
        lines["ignored"] = tuple(
            Line(_called(one.uid, known), one.why, rule_name(one.about) if one.about else "")
            for one in sums.ignored
        )
        lines["parked"] = tuple(Line(_called(one.uid, known), one.why) for one in sums.parked)
    return {kind: found for kind, found in lines.items() if found}


def _named(sums: Sheet | None) -> Collection[Kind] | None:
    """The kinds of evidence that are named beside the drafts; None: all of them, for the sums name some."""
    named = sums and (sums.overlapped or sums.ignored or sums.parked or sums.absences)
    return None if named else ("logged", "away")


def _called(uid: str | None, known: Mapping[str, Activity]) -> str:
    activity = known.get(uid or "")
    return _title(activity) if activity else words.SOMETHING


def _title(activity: Activity) -> str:
    return activity.title or activity.task or words.UNTITLED


def _when(activity: Activity, who: Member) -> str:
    if activity.all_day or activity.end is None:
        return words.ALL_DAY
    start, end = activity.start.astimezone(who.zone), activity.end.astimezone(who.zone)
    whole = end - start >= timedelta(days=1)
    return words.ALL_DAY if whole else span(start, end)


def _minutes(drafts: Iterable[Shown] | Sequence[Shown]) -> int:
    return sum(one.minutes for one in drafts)
