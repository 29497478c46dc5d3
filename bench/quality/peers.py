"""What others do with the same traces: each as published, and never worse than that.

All are given our rules for projects, which none of them has in this form; only how they find time differs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, time, timedelta

from bench.quality import office
from bench.quality.score import Said
from bench.quality.weeks import BERLIN, Day, Life
from core.model import Activity
from core.timeline import apportion
from core.wording import issue_key


class Calendar:
    """Calendar import: every event that was not declined is an entry of its length."""

    def __init__(self, life: Life) -> None:
        self.life = life

    def suggested(self, day: Day) -> list[Said]:
        return [_entry(event) for event in _events(self.life, day)]

    def corrected(self, day: Day) -> None:
        """It learns nothing."""


class EqualSplit:
    """The hours of a working day spread evenly over the tickets that were in progress on it.

    Source   jira-clockify-sync 0.2.0, which takes eight hours for everybody; here the person's own
    """

    def __init__(self, life: Life) -> None:
        self.life = life

    def suggested(self, day: Day) -> list[Said]:
        return _spread(_hours(self.life, day), Counter(dict.fromkeys(_in_progress(self.life, day), 1)))

    def corrected(self, day: Day) -> None:
        """It learns nothing."""


class Both:
    """The two together: the calendar, and what it leaves of the day spread evenly over tickets."""

    def __init__(self, life: Life) -> None:
        self.life = life

    def suggested(self, day: Day) -> list[Said]:
        meetings = Calendar(self.life).suggested(day)
        left = _hours(self.life, day) - sum(one.minutes for one in meetings)
        return meetings + _spread(left, Counter(dict.fromkeys(_in_progress(self.life, day), 1)))

    def corrected(self, day: Day) -> None:
        """It learns nothing."""


class LastTime:
    """As last time: an event on what was last chosen for its title, and the tickets of the day before."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.chosen: dict[str | None, str] = {}
        self.yesterday: Counter[str] = Counter()

    def suggested(self, day: Day) -> list[Said]:
        meetings = [
            _said(f"meeting:{event.uid}", self.chosen.get(event.title), _length(event))
            for event in _events(self.life, day)
        ]
        left = _hours(self.life, day) - sum(one.minutes for one in meetings)
        return meetings + _spread(left, self.yesterday)

    def corrected(self, day: Day) -> None:
        done = {work.thing: work.project for work in day.truth}
        for event in _events(self.life, day):
            if project := done.get(f"meeting:{event.uid}"):
                self.chosen[event.title] = project
        tickets = {
            w.thing.removeprefix("task:"): n for w, n in day.truth.items() if w.thing.startswith("task:")
        }
        self.yesterday = Counter(tickets) or self.yesterday


def _events(life: Life, day: Day) -> Iterator[Activity]:
    """The events of a day as an import shows them: timed, and not declined."""
    return (
        event
        for event in life.activities
        if event.kind == "meeting" and event.response != "declined" and event.start.date() == day.day
    )


def _entry(event: Activity) -> Said:
    task = None if event.private else issue_key(event.title or "", office.CONTAINERS)
    match = office.MAPPINGS.match(event, "", None, task)
    return _said(f"meeting:{event.uid}", match.project, 0 if match.ignore else _length(event))


def _length(event: Activity) -> int:
    assert event.end is not None
    return (event.end - event.start) // timedelta(minutes=1)


def _hours(life: Life, day: Day) -> int:
    return sum(end - start for start, end in life.habits.schedule.week[day.day.weekday()])


def _in_progress(life: Life, day: Day) -> Iterator[str]:
    begins = datetime.combine(day.day, time(), BERLIN)
    ends = begins + timedelta(days=1)
    for one in life.activities:
        if one.kind == "presence" and one.start < ends and (one.end is None or one.end > begins) and one.task:
            yield one.task


def _spread(minutes: int, weights: Counter[str]) -> list[Said]:
    """Minutes over tickets in proportion; none where nothing is left."""
    total = weights.total()
    if minutes <= 0 or not total:
        return []
    shares = apportion({name: minutes * weight // total for name, weight in weights.items()}, minutes)
    return [
        _said(f"task:{name}", office.CONTAINERS[name.partition("-")[0]], n) for name, n in shares.items() if n
    ]


def _said(thing: str, project: str | None, minutes: int) -> Said:
    return Said(thing, project, project is not None and office.PROJECTS[project].billable, minutes)
