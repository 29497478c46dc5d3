"""A day written down: evidence, decisions and what ought to come of them, one line each.

    hours      09:00..12:00 13:00..17:00              left out: 09:00..17:00, Monday to Friday
    week       sat 22:00..06:00                       the hours of other days of the week
    free       11-19                                  a holiday or a day off
    break      6h 30m                                 after so many hours, so long a rest
    day        10-25                                  left out: the Thursday
    zone       Asia/Kathmandu                         left out: Europe/Berlin
    moves      Europe/Lisbon                          their next day begins there
    now        14:00                                  left out: the day is over
    numbers    min_entry=10 overtime_window=60
    project    house to=15 mode=up                    what everything is booked on
    meeting    weekly 10:00..11:00 response=accepted  also focus, away; any field of an Activity
    presence   WEB-1 09:00..12:00                     the task is its name; 11-16T10:00.. still lasts
    touch      WEB-1 11:03
    logged     60 task=WEB-1 start=10:00              without start: of the day
    draft      weekly 45 confirmed                    seen=gone, if its evidence was gone before
    expect     weekly 60                              every suggestion; with drafts: every change
    expect     gaps 120                               any sum of the sheet, by name
    expect     ignored lunch "why"                    also overlapped, parked

The day is Thursday, 19 November 2026, in Berlin; dates are of that year. Of an hour that a clock shows twice
`02:30+` is the second one.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.breaks import Break
from core.day import ContributorDay, Numbers
from core.mapping import Mappings
from core.model import Activity, Draft, Suggestion
from core.reconcile import Change, Create, Flag, Plan, Revise, Withdraw, applied, reconcile
from core.rules import Project, Rounding, Rule, Then, When
from core.schedule import Schedule
from core.suggest import suggest

THURSDAY = date(2026, 11, 19)
BERLIN = ZoneInfo("Europe/Berlin")
SOURCES = {"presence": "jira", "touch": "jira", "logged": "jira"}

LUNCH = Rule(
    name="Lunch is private", when=When.model_validate({"title": "lunch"}), then=Then(ignore=True), line=3
)
HOUSE = Rule(name="All else", when=When(), then=Then(project="house"), line=7)


def at(text: str, day: date = THURSDAY, zone: ZoneInfo = BERLIN) -> datetime:
    """`10:00` on the day, or `11-16T10:00`."""
    date_, _, time = text.rpartition("T")
    said = datetime.fromisoformat(f"{f'2026-{date_}' if date_ else day}T{time.removesuffix('+')}")
    return said.replace(tzinfo=zone, fold=int(time.endswith("+")))


def activity(
    kind: str, name: str, when: str, day: date = THURSDAY, zone: ZoneInfo = BERLIN, **fields: Any
) -> Activity:
    """One activity, by the word of its line, its name and `start` or `start..end`."""
    start, _, end = when.partition("..")
    named = {"title": name} if kind in ("meeting", "focus", "away") else {"task": name}
    return Activity.model_validate(
        {
            "source": SOURCES.get(kind, "google_calendar"),
            "uid": name if kind in ("meeting", "focus", "away") else f"{kind} {name} {when}",
            "kind": kind,
            "start": at(start, day, zone),
            "end": at(end, day, zone) if end else None,
            **named,
            **fields,
        }
    )


def mappings(rounding: Rounding | None = None) -> Mappings:
    """Lunch is ignored, everything else goes to the house."""
    house = Project(name="The house", rounding=rounding, target={"none": "stays here"})
    return Mappings({"house": house}, [LUNCH, HOUSE])


def contributor_day(**changes: Any) -> ContributorDay:
    """Ada's Thursday, after it is over."""
    return ContributorDay.model_validate(
        {
            "day": THURSDAY,
            "zone": "Europe/Berlin",
            "schedule": Schedule.model_validate({"mon-fri": ["09:00-17:00"]}),
            "now": datetime(2026, 11, 20, 8, 0, tzinfo=BERLIN),
            "who": "ada@northwind.example",
            **changes,
        }
    )


def named(suggestion: Suggestion) -> str:
    """What a test calls it: its task, or the meeting it is about."""
    about = [line.uid for line in suggestion.because if line.kind == "meeting" and line.uid]
    return about[0] if about else suggestion.task or suggestion.key


class DaySheet:
    """The lines of a docstring, as the reconciler's arguments and what is expected of it."""

    def __init__(self, text: str) -> None:
        self.lines = [shlex.split(line) for line in text.strip().splitlines() if line.strip()]
        self.date = date.fromisoformat(f"2026-{self._word('day', '11-19')}")
        self.zone = ZoneInfo(self._word("zone", "Europe/Berlin"))
        self.activities = [self._activity(words) for words in self._of(*KINDS)]
        self.mappings = mappings(self._rounding())
        self.day = contributor_day(
            day=self.date,
            zone=str(self.zone),
            next_zone=self._word("moves", "") or None,
            schedule=self._schedule(),
            numbers=Numbers(
                breaks=tuple(Break(after=words[1], rest=words[2]) for words in self._of("break")),
                **dict(_fields(word for words in self._of("numbers") for word in words[1:])),
            ),
            now=at(self._word("now", f"{self.date + timedelta(days=2):%m-%d}T08:00"), self.date, self.zone),
        )
        self.drafts = [self._draft(words) for words in self._of("draft")]

    def _of(self, *first_words: str) -> list[list[str]]:
        return [words for words in self.lines if words[0] in first_words]

    def _word(self, first_word: str, default: str) -> str:
        return next((words[1] for words in self._of(first_word)), default)

    def _schedule(self) -> Schedule:
        hours = [words[1:] for words in self._of("hours")] or [["09:00..17:00"]]
        weeks = [words[1:] for words in self._of("week")] or [["mon-fri", *hours[0]]]
        week = {days: [span.replace("..", "-") for span in spans] for days, *spans in weeks}
        free = [date.fromisoformat(f"2026-{words[1]}") for words in self._of("free")]
        return Schedule.model_validate(week).observing(free)

    def _rounding(self) -> Rounding | None:
        for words in self._of("project"):
            return Rounding(**dict(_fields(words[2:])))
        return None

    def _activity(self, words: Sequence[str]) -> Activity:
        if words[0] == "logged":
            fields = dict(_fields(words[2:]))
            start = fields.pop("start", None)
            task = fields.pop("task", None)
            return activity(
                "logged",
                task or "",
                start or "00:00",
                self.date,
                self.zone,
                minutes=int(words[1]),
                all_day=start is None,
                **fields,
            ).model_copy(update={"task": task, "uid": " ".join(words)})
        return activity(words[0], words[1], words[2], self.date, self.zone, **dict(_fields(words[3:])))

    def _draft(self, words: Sequence[str]) -> Draft:
        """A draft as the evidence alone would have made it, then edited to these minutes."""
        _, name, minutes, *rest = words
        untouched, _ = suggest(self.day, self.activities, self.mappings)
        made = {named(suggestion): suggestion for suggestion in untouched}
        seen = made.get(name)
        gone = Suggestion(key=f"gone {name}", day=THURSDAY, minutes=0, project="house")
        fields = dict(_fields(rest[1:]))
        if "start" in fields:
            fields["start"] = at(fields["start"])
        suggestion = (seen or gone).model_copy(update={"minutes": int(minutes), **fields})
        return Draft(suggestion=suggestion, seen=seen, decision=rest[0])

    def expected(self) -> dict[str, str]:
        return {words[1]: " ".join(words[2:]) for words in self._of("expect")}

    def plan(self) -> Plan:
        return reconcile(self.day, self.activities, self.mappings, self.drafts)

    def got(self) -> dict[str, str]:
        plan = self.plan()
        assert not reconcile(
            self.day, self.activities, self.mappings, applied(self.drafts, plan.changes)
        ).changes, "asked again, there must be nothing left to do"
        names = {draft.key: named(draft.suggestion).removeprefix("gone ") for draft in self.drafts}
        found = dict(_said(change, names, bool(self.drafts)) for change in plan.changes)
        sums = plan.sheet.model_dump(include={"capacity", "away", "logged", "gaps", "outside", "attended"})
        found |= {name: str(minutes) for name, minutes in sums.items() if name in self.expected()}
        for one in plan.sheet.ignored:
            found["ignored"] = f"{one.uid} {one.why}"
        for other in plan.sheet.overlapped:
            found["overlapped"] = f"{other.uid} {other.minutes}"
        return found


KINDS = ("meeting", "focus", "away", "presence", "touch", "logged")


def _fields(words: Sequence[str] | Iterator[str]) -> Iterator[tuple[str, Any]]:
    for word in words:
        name, _, value = word.partition("=")
        yield name, int(value) if value.isdigit() else at(value) if name == "updated" else value


def _said(change: Change, names: dict[str, str], with_verb: bool) -> tuple[str, str]:
    match change:
        case Create(suggestion=made):
            return named(made), f"create {made.minutes}" if with_verb else str(made.minutes)
        case Revise(suggestion=made):
            return named(made), f"revise {made.minutes}"
        case Withdraw(key=key):
            return names[key], "withdraw"
        case Flag(key=key, seen=seen):
            return names[key], f"flag {seen.minutes if seen else 'gone'}"
    raise AssertionError(change)
