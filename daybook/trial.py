"""A configuration tried on evidence: nobody's word, no store, nothing kept.

What a running Daybook makes of a day depends on what its contributor said before. Here only the rules
speak, so that the same evidence always gives the same drafts, to compare and to repeat.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from config.schema import Configuration, Person
from core.day import ContributorDay, Sheet
from core.mapping import Mappings
from core.model import LONGEST, Activity, Suggestion
from core.schedule import Schedule
from core.suggest import suggest
from core.wording import project_key
from daybook.house import issue_projects
from daybook.jobs.reconsider import BEHIND
from daybook.languages import language
from daybook.whereabouts import Whereabouts

A_DAY = timedelta(days=1)


class Trial:
    """One configuration, ready for anybody's days up to now.

    Takes    asked: what answers for the rules
    """

    def __init__(self, configuration: Configuration, now: datetime, asked: type[Mappings] = Mappings) -> None:
        types = {name: part.type for name, part in configuration.connections.items()}
        self.configuration = configuration
        self.mappings = asked(configuration.projects, configuration.rules, types)
        self.now = now
        self.issue_projects = issue_projects(configuration)
        self._people = {person.email: person for person in configuration.people}

    def days(self, email: str) -> Days | None:
        """Somebody's days; None for whom the configuration does not know."""
        person = self._people.get(email)
        return Days(self, person) if person else None


class Window(NamedTuple):
    """One local day with the evidence that may matter to it."""

    day: date
    activities: list[Activity]
    """What reaches into the day, and before it the last sign that each task was awake."""
    containers: frozenset[str]
    """The issue projects seen of late, in upper case."""


class Days:
    """The days of one contributor in a trial."""

    def __init__(self, trial: Trial, person: Person) -> None:
        self.whereabouts = Whereabouts(trial.configuration, person)
        self.today = self.whereabouts.day(trial.now)
        self._trial = trial
        self._person = person
        self._numbers = trial.configuration.numbers_of(person)
        self._schedules: dict[object, Schedule] = {}

    def suggest(self, window: Window, ours: frozenset[str] = frozenset()) -> tuple[list[Suggestion], Sheet]:
        """What the rules make of one day.

        Takes    ours: the logged activities that Daybook itself posted
        """
        zone, next_zone = (self.whereabouts.zone(day) for day in (window.day, window.day + A_DAY))
        day = ContributorDay(
            day=window.day,
            zone=zone,
            next_zone=next_zone if next_zone != zone else None,
            schedule=self._schedule(self._person.on(window.day), window.day.year),
            now=self._trial.now,
            who=self._person.email,
            team=self._person.team,
            say=language(self._person.language or self._trial.configuration.language).sentences,
            numbers=self._numbers,
            containers=self._trial.issue_projects | window.containers,
            ours=ours,
        )
        return suggest(day, window.activities, self._trial.mappings)

    def windows(self, begun: Iterable[tuple[date, Iterable[Activity]]]) -> Iterator[Window]:
        """Every day that an activity reaches or that is named.

        Takes    activities by the local day that they begin, days in order
        Gives    days in order, none in the future but those named; nothing is held longer than it may matter
        """
        near, given = _Near(), date.min
        for day, activities in begun:
            yield from near.until(given, day - A_DAY)
            near.add((activity, self.reach(activity)) for activity in activities)
            yield near.window(day)
            given = day
        yield from near.until(given, self.today)

    def reach(self, activity: Activity) -> date:
        """The last local day it reaches into, today at most."""
        lasts = activity.kind == "presence" and activity.end is None
        end = activity.start + LONGEST if lasts else activity.end or activity.start
        return min(self.today, self.whereabouts.day(end))

    def _schedule(self, person: Person, year: int) -> Schedule:
        name = person.schedule, person.holidays, year
        if name not in self._schedules:
            # the day before a new year decides about stale tasks of the day after it
            self._schedules[name] = self._trial.configuration.schedule_of(person, (year - 1, year))
        return self._schedules[name]


class _Near:
    """Evidence that may matter to the day at hand or a later one, each with the last day it reaches."""

    def __init__(self) -> None:
        self._reaching: list[tuple[Activity, date]] = []
        self._signs: dict[tuple[str, str], tuple[Activity, date]] = {}
        """The last thing that each task showed before. Of older ones nothing depends on which they were."""
        self._containers: dict[str, date] = {}

    def add(self, activities: Iterable[tuple[Activity, date]]) -> None:
        for activity, reach in activities:
            self._reaching.append((activity, reach))
            if key := project_key(activity.task, activity.container):
                self._containers[key] = max(reach, self._containers.get(key, reach))

    def window(self, day: date) -> Window:
        """The day with what matters to it; days before it are over."""
        self._leave_behind(day)
        activities = [activity for activity, _ in (*self._reaching, *self._signs.values())]
        return Window(day, activities, frozenset(self._containers))

    def until(self, given: date, last: date) -> Iterator[Window]:
        """The days after the one given that something still reaches."""
        end = min(last, max((reach for _, reach in self._reaching), default=given))
        while given < end:
            given += A_DAY
            yield self.window(given)

    def _leave_behind(self, day: date) -> None:
        for activity, reach in self._reaching:
            if reach < day and activity.kind in ("presence", "touch") and activity.task:
                name = activity.source, activity.task
                self._signs[name] = max(
                    self._signs.get(name, (activity, reach)), (activity, reach), key=lambda one: one[0].start
                )
        self._reaching = [one for one in self._reaching if one[1] >= day]
        oldest = day - BEHIND
        self._signs = {name: sign for name, sign in self._signs.items() if sign[1] >= oldest}
        self._containers = {name: seen for name, seen in self._containers.items() if seen >= oldest}
