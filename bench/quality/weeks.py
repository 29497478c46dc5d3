"""Working weeks that never were, of which every minute is known, and the traces they leave in the tools.

A person is lived day by day: meetings are attended, missed, left early or overrun; between them tickets are
worked on in stints, colleagues helped, mails read. Beside that the tools are fed as people feed them: a
ticket is moved when it begins, or hours late, or never; it is closed on the spot, or next week; comments come
now and then, also on tickets nobody works on. Methods see the traces only.

What takes less than ten minutes is not told apart from what it interrupts: nobody books it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from bench.quality import office, people
from bench.quality.people import USUAL, Habits, World
from core.model import Activity, Response

BERLIN = ZoneInfo("Europe/Berlin")
FIRST_MONDAY = date(2026, 11, 2)
WEEKS = 8
A_DAY = timedelta(days=1)


class Work(NamedTuple):
    """What a minute was really spent on."""

    thing: str
    """`meeting:<uid>`, `task:<name>`, or what leaves no trace: `admin`, `help`."""
    project: str
    billable: bool


@dataclass(frozen=True, slots=True)
class Day:
    """One day as it was."""

    day: date
    minutes: Sequence[Work | None]
    """From midnight on; None where nothing was worked."""
    logged: Counter[str]
    """Minutes by thing that stand in the tool already."""

    @property
    def truth(self) -> Counter[Work]:
        """Minutes of each thing that are still to be recorded."""
        worked = Counter(work for work in self.minutes if work is not None)
        return Counter({w: n for w, n in ((w, n - self.logged[w.thing]) for w, n in worked.items()) if n > 0})


@dataclass(frozen=True, slots=True)
class Life:
    """One person's weeks."""

    habits: Habits
    days: Sequence[Day]
    activities: Sequence[Activity]


def live(habits: Habits, seed: str, world: World = USUAL) -> Life:
    """The weeks of one person; the same seed is the same life."""
    return _Desk(habits, world, Random(f"{habits.name} {seed}")).weeks()


@dataclass(slots=True)
class _Ticket:
    name: str
    container: str
    work: Work
    left: int
    begun: bool = False
    opened: datetime | None = None
    """When it was put in progress, as the tool has it."""
    waits_until: date | None = None


@dataclass(frozen=True, slots=True)
class _Event:
    activity: Activity
    work: Work | None


@dataclass(slots=True)
class _Desk:
    """A person at work: the tickets on the desk, and the traces left so far."""

    habits: Habits
    world: World
    dice: Random
    tickets: list[_Ticket] = field(default_factory=list)
    traces: list[Activity] = field(default_factory=list)
    later: list[tuple[date, _Ticket, str]] = field(default_factory=list)
    """What will be done to a ticket on a later day: open or close it."""
    answered: dict[str, Response] = field(default_factory=dict)
    """What this person once answered to a series."""
    habitual: dict[tuple[str, Response], float] = field(default_factory=dict)
    """How likely this person goes to a series after an answer."""
    numbers: int = 0
    minutes: list[Work | None] = field(default_factory=list)
    today: date = FIRST_MONDAY

    def weeks(self) -> Life:
        days = []
        # The first week only fills the desk: nobody begins with an empty one.
        for number in range(-7, WEEKS * 7):
            self.today = FIRST_MONDAY + timedelta(days=number)
            if self.habits.schedule.works(self.today):
                day = self._day(number // 7)
                days += [day] if number >= 0 else []
        for ticket in self.tickets:
            self._presence(ticket, None)
        return Life(self.habits, days, sorted(self.traces, key=lambda a: (a.start, a.uid)))

    def _day(self, week: int) -> Day:
        self.minutes = [None] * (24 * 60)
        if self._chance(people.LEAVE):
            title = self.dice.choice(("Vacation", "Sick", "Out of office"))
            self._trace("away", f"leave {self.today}", 0, 24 * 60, title=title, all_day=True)
            return Day(self.today, self.minutes, Counter())
        free = self._presence_at_work()
        self._arrears()
        for event in self._attended(self._invited(week)):
            self._meet(event, free)
        self._work_between(free)
        self._beside_work()
        return Day(self.today, tuple(self.minutes), self._logged())

    # The frame of the day

    def _presence_at_work(self) -> list[bool]:
        """The minutes at which the person is there, beside meetings outside of them."""
        spans = [(start, end) for start, end in self.habits.schedule.week[self.today.weekday()]]
        shift = self.dice.randint(-people.LUNCH_SHIFT, people.LUNCH_SHIFT)
        first = round(self.dice.gauss(spans[0][0], people.EDGE_SHIFT))
        last = round(self.dice.gauss(spans[-1][1], people.EDGE_SHIFT))
        free = [False] * (24 * 60)
        for number, (start, end) in enumerate(spans):
            begins = first if number == 0 else start + shift
            ends = last if number == len(spans) - 1 else end + shift
            free[begins:ends] = [True] * (ends - begins)
        if self._chance(people.ABSENT):
            start = self.dice.randrange(spans[0][0], spans[-1][1] - 120, 30)
            end = start + self.dice.choice((60, 90, 120))
            self._trace("away", f"away {self.today}", start, end, title="Out of office")
            free[start:end] = [False] * (end - start)
        return free

    # Meetings

    def _invited(self, week: int) -> Iterator[_Event]:
        begins = self.habits.schedule.week[self.today.weekday()][0][0]
        ends = self.habits.schedule.week[self.today.weekday()][-1][1]
        yield self._of_series(office.STANDUP)
        more = office.REPORTS if self.habits.leads else ()
        for series in (*office.SERIES, *more):
            # Who leaves at one is not asked to come at four.
            asked = begins <= series.at and series.at + series.minutes <= ends
            if asked and series.weekday == self.today.weekday() and week % series.every == 0:
                yield self._of_series(series)
        for _ in range(self._poisson(self.habits.meetings)):
            yield self._single(begins, ends)

    def _of_series(self, series: office.Series) -> _Event:
        work = self._work(f"meeting:{series.title} {self.today}", series.project)
        return self._event(
            work.thing, series.at, series.minutes, series.title, series.audience, work, series=series.title
        )

    def _single(self, begins: int, ends: int) -> _Event:
        kind = self.dice.choices(office.ONCE, [one.share for one in office.ONCE])[0]
        ticket = self._any_ticket()
        title = kind.title.format(
            ticket=ticket.name if self.habits.source == "jira" else "WEB-7",
            name=self.dice.choice(office.NAMES),
            topic=self.dice.choice(office.TOPICS),
        )
        start = self.dice.randrange(begins, ends - 30, 30)
        length = self.dice.choices((30, 60, 45, 90), (0.5, 0.35, 0.1, 0.05))[0]
        self.numbers += 1
        thing = f"meeting:{self.numbers} {self.today}"
        really = self.dice.choices([*kind.projects], [*kind.projects.values()])[0]
        if really == "any":
            really = self.dice.choice([*office.PROJECTS])
        elif really == "ticket":
            really = ticket.work.project if self.habits.source == "jira" else "acme-web"
        work = None if really is None else self._work(thing, really)
        audience = self.dice.randint(*kind.audience)
        return self._event(thing, start, length, title, audience, work, private=kind.private)

    def _event(
        self, thing: str, start: int, length: int, title: str, audience: int, work: Work | None, **more: Any
    ) -> _Event:
        response = self._answer(audience)
        if "series" in more and not self._chance(people.ANSWERS_AGAIN):
            response = self.answered.setdefault(title, response)
        if more.get("private"):
            title = ""
        activity = self._activity(
            "meeting",
            thing.removeprefix("meeting:"),
            start,
            start + length,
            source="google_calendar",
            container="calendar",
            title=title or None,
            audience=audience,
            response=response,
            updated=self._at(0) - timedelta(minutes=self.dice.randrange(20_000)),
            **more,
        )
        self.traces.append(activity)
        return _Event(activity, work)

    def _answer(self, audience: int) -> Response:
        if self._chance(1 / max(1, audience)):
            return "organizer"
        answers: list[Response] = [*people.ANSWERS]
        return self.dice.choices(answers, [people.ANSWERS[one][audience > people.MANY] for one in answers])[0]

    def _attended(self, events: Iterator[_Event]) -> list[tuple[_Event, int, int]]:
        """Where the person really was, and from when to when, by start."""
        there = [(e, *self._really(e)) for e in events if self._goes(e)]
        there.sort(key=lambda one: (one[1], one[0].activity.uid))
        kept: list[tuple[_Event, int, int]] = []
        for event, start, end in there:
            last, began, until = kept[-1] if kept else (None, 0, 0)
            if last is not None and start < min(until - 5, self._minute(last.activity.end)):
                if self._chance(people.GIVES_WAY):
                    kept[-1] = (last, began, max(start, began + 10))
                elif self._rather(event, last):
                    kept.pop()
                else:
                    continue
            kept.append((event, max(start, kept[-1][2]) if kept else start, end))
        return [(e, start, end) for e, start, end in kept if start < end]

    def _goes(self, event: _Event) -> bool:
        activity = event.activity
        if activity.private:
            return True
        assert activity.response is not None and activity.audience is not None
        usual = people.ATTENDS[activity.response][activity.audience > people.MANY]
        if activity.series is None or math.isinf(self.world.habit):
            return self._chance(usual)
        return self._chance(self._habitually(activity.series, activity.response, usual))

    def _habitually(self, series: str, response: Response, usual: float) -> float:
        strength = self.world.habit
        known = (series, response)
        if known not in self.habitual:
            self.habitual[known] = self.dice.betavariate(usual * strength, (1 - usual) * strength)
        return self.habitual[known]

    def _rather(self, new: _Event, old: _Event) -> bool:
        """Of two at once: the one said yes to, mostly the smaller."""
        doubtful = ("tentative", "needs_action", "declined")
        firm = [e.activity.response not in doubtful for e in (new, old)]
        if firm[0] != firm[1]:
            return firm[0]
        smaller = (new.activity.audience or 0) < (old.activity.audience or 0)
        return smaller if self._chance(0.7) else not smaller

    def _really(self, event: _Event) -> tuple[int, int]:
        start, end = self._minute(event.activity.start), self._minute(event.activity.end)
        ends = self.world.ends
        _, least, most = self.dice.choices(ends, [share for share, *_ in ends])[0]
        return start, max(start + (end - start) // 2, end + self.dice.randint(least, most))

    def _meet(self, attended: tuple[_Event, int, int], free: list[bool]) -> None:
        event, start, end = attended
        end = min(end, 24 * 60)
        self.minutes[start:end] = [event.work] * (end - start)
        free[start:end] = [False] * (end - start)

    # Between meetings

    def _work_between(self, free: list[bool]) -> None:
        if self._chance(self.habits.focus):
            start = self.dice.choice((9 * 60, 10 * 60, 14 * 60))
            self._trace("focus", f"focus {self.today}", start, start + 120, title="Focus")
        others = self._interruptions()
        ticket: _Ticket | None = None
        at = next((minute for minute, is_free in enumerate(free) if is_free), len(free))
        while at < len(free):
            if self._chance(len(others) / (len(others) + sum(free[at:]) / people.STINT[0])):
                work, length = others.pop()
                self._spend(free, at, length, work)
            else:
                ticket = self._next(ticket)
                length = round(self._spread(people.STINT))
                self._stint(ticket, free, at, length)
            at = next((minute for minute in range(at + length, len(free)) if free[minute]), len(free))

    def _interruptions(self) -> list[tuple[Work | None, int]]:
        """Mail, help and breaks of a day, in the order they come."""
        share = sum(end - start for start, end in self.habits.schedule.week[self.today.weekday()]) / 480
        found: list[tuple[Work | None, int]] = []
        for name, (minutes, sitting) in (
            ("admin", people.ADMIN),
            ("help", people.HELP),
            ("pause", people.PAUSE),
        ):
            twice = 2 if name == "help" and self.habits.leads else 1
            for _ in range(self._poisson(twice * share * minutes / sitting)):
                length = max(10, round(self.dice.gauss(sitting, sitting / 3)))
                found.append((self._interrupted_by(name), length))
        self.dice.shuffle(found)
        return found

    def _interrupted_by(self, name: str) -> Work | None:
        if name == "pause":
            return None
        if name == "admin":
            return self._work("admin", "house")
        container = self.dice.choice([*office.CONTAINERS])
        if not self._chance(people.HELP_SEEN):
            return self._work("help", office.CONTAINERS[container])
        self.numbers += 1
        return self._work(f"task:{container}-{900 + self.numbers}", office.CONTAINERS[container])

    def _spend(self, free: Sequence[bool], at: int, length: int, work: Work | None) -> int:
        """Fill free minutes from there on; give how many were worked."""
        mine = [minute for minute in range(at, min(at + length, len(free))) if free[minute]]
        for minute in mine:
            self.minutes[minute] = work
        if work is not None and work.thing.startswith("task:") and not self._is_own(work):
            name = work.thing.removeprefix("task:")
            self._touch(name, name.partition("-")[0], mine[-1])
        return len(mine)

    def _stint(self, ticket: _Ticket, free: Sequence[bool], at: int, length: int) -> None:
        if not ticket.begun:
            self._begin(ticket, at)
        spent = self._spend(free, at, length, ticket.work)
        ticket.left -= spent
        for _ in range(self._poisson(self.world.signs * self.habits.signs * spent / 60)):
            self._touch(ticket.name, ticket.container, self.dice.randrange(at, at + max(1, spent)))
        if ticket.left <= 0:
            self._finish(ticket, at + spent)
        elif self._chance(people.BLOCKED * self.world.waits):
            ticket.waits_until = self.today + timedelta(days=self.dice.randint(1, 6))

    # The tickets

    def _next(self, last: _Ticket | None) -> _Ticket:
        """Mostly the same as before."""
        ready = [t for t in self.tickets if t.left > 0 and (t.waits_until or self.today) <= self.today]
        while len(ready) < self.habits.at_once:
            ready.append(self._new_ticket())
        ready = ready[: self.habits.at_once]
        return last if last in ready and last is not None and self._chance(0.6) else self.dice.choice(ready)

    def _new_ticket(self) -> _Ticket:
        self.numbers += 1
        container = self.dice.choices([*office.CONTAINERS], (4, 2, 3, 2))[0]
        project = office.CONTAINERS[container]
        if project == "platform" and self._chance(office.FOR_A_CLIENT):
            project = "globex-app"
        name = f"{container}-{self.numbers}"
        ticket = _Ticket(
            name, container, self._work(f"task:{name}", project), round(self._spread(people.TASK))
        )
        self.tickets.append(ticket)
        return ticket

    def _any_ticket(self) -> _Ticket:
        return self.dice.choice(self.tickets or [self._new_ticket()])

    def _is_own(self, work: Work) -> bool:
        return any(ticket.work == work for ticket in self.tickets)

    def _begin(self, ticket: _Ticket, at: int) -> None:
        ticket.begun = True
        in_time, late = self.habits.opens
        in_time, late = 1 - self.world.forgets * (1 - in_time), min(1.0, late * self.world.forgets)
        roll = self.dice.random()
        if roll < in_time:
            self._open(ticket, at)
        elif roll < in_time + late:
            self._open_later(ticket, at)

    def _open_later(self, ticket: _Ticket, at: int) -> None:
        """The same day, one or two hours on, or the next time they look at the board."""
        if self._chance(0.5):
            self._open(ticket, min(at + self.dice.randint(60, 120), 23 * 60))
        else:
            self.later.append((self.today + A_DAY, ticket, "open"))

    def _open(self, ticket: _Ticket, at: int) -> None:
        ticket.opened = self._at(at)
        self._touch(ticket.name, ticket.container, at)

    def _finish(self, ticket: _Ticket, at: int) -> None:
        if self._chance(1 - self.world.forgets * (1 - self.habits.closes)):
            self._close(ticket, at)
        elif not self._chance(people.NEVER_CLOSED):
            self.later.append((self.today + timedelta(days=self.dice.randint(1, 7)), ticket, "close"))

    def _close(self, ticket: _Ticket, at: int) -> None:
        if ticket.opened is None or ticket.opened < self._at(at):
            self._touch(ticket.name, ticket.container, at)
            self._presence(ticket, self._at(at))

    def _presence(self, ticket: _Ticket, end: datetime | None) -> None:
        """What the tool will say of it: in progress from, to."""
        if ticket.opened is None:
            return
        self.traces.append(
            Activity(
                source=self.habits.source,
                uid=f"{ticket.name} in progress",
                kind="presence",
                start=ticket.opened,
                end=end,
                task=ticket.name,
                container=ticket.container,
                title=f"Ticket {ticket.name}",
            )
        )
        ticket.opened = None

    def _arrears(self) -> None:
        """What should have been done to tickets on earlier days, done in the morning."""
        due = [one for one in self.later if one[0] <= self.today]
        self.later = [one for one in self.later if one[0] > self.today]
        for _, ticket, what in due:
            at = self.dice.randint(9 * 60 + 20, 9 * 60 + 50)
            if what == "close":
                self._close(ticket, at)
            elif ticket.left > 0:
                self._open(ticket, at)

    def _beside_work(self) -> None:
        """What is done to tickets without being work on them, and the evening."""
        for ticket in self.tickets:
            idle = ticket.opened is not None and ticket.work not in self.minutes
            if idle and self._chance(people.SEEN_ANYWAY):
                self._touch(ticket.name, ticket.container, self.dice.randint(9 * 60, 17 * 60))
        begun = [ticket for ticket in self.tickets if ticket.begun]
        if self.today.weekday() == 4 and self._chance(people.CLEANS_UP):
            at = self.dice.randint(15 * 60, 17 * 60)
            for ticket in self.dice.sample(begun, min(len(begun), self.dice.randint(3, 6))):
                self._touch(ticket.name, ticket.container, at + self.dice.randint(0, 5))
        if begun and self._chance(2 * people.IN_THE_EVENING):
            ticket, start = self.dice.choice(begun), self.dice.randint(19 * 60, 22 * 60)
            length = self.dice.randint(10, 40)
            if self._chance(0.5):
                self.minutes[start : start + length] = [ticket.work] * length
            self._touch(ticket.name, ticket.container, start + length - 1)

    def _logged(self) -> Counter[str]:
        """What the person has written down by hand, in quarters of an hour."""
        logged: Counter[str] = Counter()
        worked = Counter(work for work in self.minutes if work is not None)
        for work, minutes in worked.items():
            quarters = round(minutes / 15) * 15
            if work.thing.startswith("task:") and quarters and self._chance(self.habits.logs):
                name = work.thing.removeprefix("task:")
                self._trace(
                    "logged", f"{name} log {self.today}", self.minutes.index(work), None,
                    source=self.habits.source, task=name, minutes=quarters,
                )  # fmt: skip
                logged[work.thing] = quarters
        return logged

    # Traces and dice

    def _touch(self, name: str, container: str, at: int) -> None:
        self._trace(
            "touch", f"{name} touched {self.today} {at} {len(self.traces)}", at, None,
            source=self.habits.source, task=name, container=container, title=f"Ticket {name}",
        )  # fmt: skip

    def _trace(self, kind: str, uid: str, start: int, end: int | None, **more: Any) -> None:
        self.traces.append(self._activity(kind, uid, start, end, **{"source": "google_calendar"} | more))

    def _activity(self, kind: str, uid: str, start: int, end: int | None, **more: Any) -> Activity:
        ends = None if end is None else self._at(end)
        return Activity.model_validate(
            {"kind": kind, "uid": uid, "start": self._at(start), "end": ends, **more}
        )

    def _at(self, minute: int) -> datetime:
        return datetime.combine(self.today, time(), BERLIN) + timedelta(minutes=minute)

    def _minute(self, instant: datetime | None) -> int:
        assert instant is not None
        return (instant - self._at(0)) // timedelta(minutes=1)

    def _work(self, thing: str, project: str) -> Work:
        return Work(thing, project, office.PROJECTS[project].billable)

    def _chance(self, share: float) -> bool:
        return self.dice.random() < share

    def _spread(self, numbers: tuple[float, float, float, float]) -> float:
        median, sigma, least, most = numbers
        return min(most, max(least, self.dice.lognormvariate(math.log(median), sigma)))

    def _poisson(self, mean: float) -> int:
        """How often something happens that happens so often on average (Knuth)."""
        count, product, limit = 0, self.dice.random(), math.exp(-mean)
        while product > limit:
            count, product = count + 1, product * self.dice.random()
        return count
