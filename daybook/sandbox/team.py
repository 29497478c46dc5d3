"""A team and its last weeks, made from a seed: what people did, in no tool's words.

The same seed, size and last day give the same team. Days are real ones in each
person's own zone: recurring meetings with moved and cancelled instances, double
bookings, leave, private appointments, part-timers, tickets that were worked on,
handed over, finished or forgotten, and time that somebody logged already.
Nothing here knows an API; `plant.py` puts it into the stand-ins.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from typing import Literal
from zoneinfo import ZoneInfo

FIRST_NAMES = (
    "Ada Ben Mara Otto Ines Kofi Lena Milo Nora Omar Pia Quinn Rosa Sami Tove Uma Viktor Wanda Xenia Yusuf "
    "Zoe Arne Bea Carl Dina Emil Fadi Greta Hugo Ida Jonas Kaja Luis Mina Nils Olga Paul Rania Sven Tara"
).split()
LAST_NAMES = (
    "Example Berg Castro Duarte Engel Fischer Grant Haddad Ito Jensen Keller Lund Moreau Novak Okafor".split()
)
ZONES = (
    "Europe/Berlin",
    "Europe/Berlin",
    "Europe/Lisbon",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Sydney",
)
TEAM_SIZE = 8

Hours = Literal["full_time", "mornings"]
Reply = Literal["accepted", "declined", "tentative", "needsAction"]
REPLIES: tuple[Reply, ...] = ("accepted", "accepted", "declined", "tentative", "needsAction")
STARTS = {"full_time": time(9), "mornings": time(8, 30)}

SUBJECTS = (
    "checkout page",
    "search results",
    "login form",
    "invoice export",
    "image upload",
    "onboarding tour",
    "dark mode",
    "cookie banner",
    "price table",
    "address form",
    "order history",
    "push messages",
)
WORK = ("Fix", "Rework", "Speed up", "Test", "Design", "Translate", "Measure", "Simplify")
CAMPAIGNS = (
    "Autumn campaign",
    "Product film",
    "Case study",
    "Trade fair stand",
    "Press kit",
    "Newsletter December",
)


@dataclass(frozen=True)
class Member:
    name: str
    email: str
    zone: str
    hours: Hours
    team: str
    role: str

    def at(self, day: date, clock: time) -> datetime:
        """A time of this person's day."""
        return datetime.combine(day, clock, ZoneInfo(self.zone))


@dataclass(frozen=True)
class Meeting:
    title: str
    organiser: Member
    start: datetime
    """In the organiser's zone."""
    minutes: int
    guests: tuple[tuple[Member, Reply], ...] = ()
    """(who, what they answered, as calendars spell it)."""
    weekdays: str = ""
    """Recurring on these (MO,TU,...), since `start`; empty: once."""
    cancelled: tuple[date, ...] = ()
    moved: tuple[tuple[date, time], ...] = ()
    kind: Literal["default", "focusTime", "outOfOffice"] = "default"
    private: bool = False
    free: bool = False
    all_day: bool = False


@dataclass(frozen=True)
class Step:
    """One line of a ticket's history."""

    at: datetime
    by: Member
    what: Literal["assign", "status", "comment"]
    to: str = ""
    """A member's address, a status, or nothing."""


@dataclass(frozen=True)
class Ticket:
    tool: Literal["jira", "asana"]
    project: str
    title: str
    created: datetime
    steps: tuple[Step, ...]
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Logged:
    """Time somebody entered by hand before Daybook came."""

    ticket: int
    """Index among the team's tickets."""
    by: Member
    at: datetime
    minutes: int


@dataclass(frozen=True)
class Team:
    members: tuple[Member, ...]
    days: tuple[date, ...]
    """The working days with evidence, the last of them finished in every zone."""
    meetings: tuple[Meeting, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    logged: tuple[Logged, ...] = ()

    @property
    def leads(self) -> tuple[Member, ...]:
        """The first member of each team."""
        return self.members[::TEAM_SIZE]


def last_finished_day(now: datetime) -> date:
    """The latest working day that is over everywhere on earth."""
    day = (now.astimezone(UTC) - timedelta(hours=12)).date() - timedelta(days=1)
    return next(_working_days_back(day))


def make(size: int, seed: int, last_day: date, days: int = 10) -> Team:
    """A team of `size` people whose evidence ends with `last_day`."""
    working = tuple(reversed(list(islice(_working_days_back(last_day), days))))
    members = tuple(_members(size))
    story = _Story(members, working)
    for number, member in enumerate(members):
        story.tell(member, random.Random(f"{seed} {number}"))  # noqa: S311 - repeatable on purpose
    for start in range(0, size, TEAM_SIZE):
        story.meet(members[start : start + TEAM_SIZE], random.Random(f"{seed} team {start}"))  # noqa: S311
    return Team(members, working, tuple(story.meetings), tuple(story.tickets), tuple(story.logged))


def _working_days_back(day: date) -> Iterator[date]:
    while True:
        if day.weekday() < 5:
            yield day
        day -= timedelta(days=1)


def _members(size: int) -> Iterator[Member]:
    for number in range(size):
        first = FIRST_NAMES[number % len(FIRST_NAMES)]
        last = LAST_NAMES[number // len(FIRST_NAMES) % len(LAST_NAMES)] if number >= 4 else "Example"
        count = number // (len(FIRST_NAMES) * len(LAST_NAMES))
        team = number // TEAM_SIZE
        yield Member(
            name=f"{first} {last}",
            email=f"{first}.{last}{count or ''}@northwind.example".lower()
            if number >= 4
            else f"{first}@northwind.example".lower(),
            zone=ZONES[team % len(ZONES)] if number >= 4 else "Europe/Berlin",
            hours="mornings" if number % 5 == 1 else "full_time",
            team=f"team-{team + 1}",
            role="salaried" if number % 7 == 3 else "client_billed",
        )


@dataclass
class _Story:
    """Writes down what happens to each person, day by day."""

    members: Sequence[Member]
    days: Sequence[date]
    meetings: list[Meeting] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    logged: list[Logged] = field(default_factory=list)

    def tell(self, member: Member, dice: random.Random) -> None:
        """One person's own weeks."""
        away = dice.choice(self.days) if dice.random() < 0.15 else None
        self._tickets_of(member, dice)
        self._forgotten_ticket_of(member, dice)
        for day in self.days:
            if day == away:
                self._on_leave(member, day)
                continue
            self._day_of(member, day, dice)

    def meet(self, team: Sequence[Member], dice: random.Random) -> None:
        """What a team has in common: a stand-up, a weekly call with a client, a planning."""
        lead, *others = team
        first = self.days[0] - timedelta(days=14)
        yes: Reply = "accepted"
        guests = tuple((member, yes) for member in others)
        self.meetings.append(
            Meeting(
                "Stand-up",
                lead,
                lead.at(first, time(9, 30)),
                15,
                guests,
                weekdays="MO,TU,WE,TH,FR",
                cancelled=(dice.choice(self.days),),
            )
        )
        call = self.days[-1]
        answers = tuple((member, dice.choice(REPLIES)) for member in others)
        weekday = "MO TU WE TH FR".split()[call.weekday()]
        self.meetings.append(
            Meeting(
                "ACME weekly call",
                lead,
                lead.at(call - timedelta(days=28), time(10)),
                60,
                answers,
                weekdays=weekday,
                moved=((call, time(10, 30)),),
            )
        )
        if others:
            crossing = tuple((member, yes) for member in others[: len(others) // 2 or 1])
            self.meetings.append(Meeting("WEB-2 planning", lead, lead.at(call, time(11)), 45, crossing))

    def _day_of(self, member: Member, day: date, dice: random.Random) -> None:
        if dice.random() < 0.5:
            start = member.at(day, time(dice.choice([10, 11]), dice.choice([0, 15, 30])))
            title = f"{dice.choice(['Beta', 'ACME', 'Internal'])}: {dice.choice(SUBJECTS)}"
            self.meetings.append(Meeting(title, member, start, dice.choice([30, 45, 60])))
        if dice.random() < 0.2:
            self.meetings.append(Meeting("Dentist", member, member.at(day, time(11, 45)), 30, private=True))
        if dice.random() < 0.2:
            self.meetings.append(Meeting("Lunch?", member, member.at(day, time(12)), 60, free=True))
        if dice.random() < 0.25 and member.hours == "full_time":
            self.meetings.append(Meeting("Focus", member, member.at(day, time(14)), 120, kind="focusTime"))
        if dice.random() < 0.05:
            self.meetings.append(
                Meeting("Trade fair", member, member.at(day, time(0)), 24 * 60, all_day=True)
            )

    def _on_leave(self, member: Member, day: date) -> None:
        self.meetings.append(
            Meeting("On leave", member, member.at(day, time(0)), 24 * 60, kind="outOfOffice")
        )

    def _tickets_of(self, member: Member, dice: random.Random) -> None:
        """Work in hand: each ticket is started, touched on its days, handed over or finished."""
        starts = sorted(dice.sample(range(len(self.days)), k=min(3, len(self.days))))
        for begin, end in pairwise([*starts, len(self.days)]):
            span = self.days[begin:end]
            self.tickets.append(self._worked_on(member, span, dice))
            if dice.random() < 0.15:
                at = member.at(span[-1], time(9, 5))
                self.logged.append(Logged(len(self.tickets) - 1, member, at, 30))

    def _worked_on(self, member: Member, span: Sequence[date], dice: random.Random) -> Ticket:
        asana = dice.random() < 0.35
        started = member.at(span[0], STARTS[member.hours]) + timedelta(minutes=dice.randrange(5, 50))
        steps = [
            Step(started - timedelta(minutes=3), member, "assign", member.email),
            Step(started, member, "status", "In Progress"),
        ]
        for day in span:
            touched = member.at(day, time(10, dice.randrange(60)))
            steps.append(Step(max(touched, started + timedelta(minutes=20)), member, "comment"))
        finished = member.at(span[-1], time(12, dice.randrange(25)))
        if dice.random() < 0.6 and finished > steps[-1].at:
            steps.append(Step(finished, member, "status", "Done"))
        elif dice.random() < 0.3:
            steps.append(
                Step(
                    max(finished, steps[-1].at + timedelta(minutes=5)),
                    member,
                    "assign",
                    dice.choice(self.members).email,
                )
            )
        project = dice.choice(["STUDIO", "CAMPAIGN"]) if asana else dice.choice(["WEB", "WEB", "APP"])
        return Ticket(
            tool="asana" if asana else "jira",
            project=project,
            title=dice.choice(CAMPAIGNS) if asana else f"{dice.choice(WORK)} the {dice.choice(SUBJECTS)}",
            created=started - timedelta(days=3),
            steps=tuple(sorted(steps, key=lambda step: step.at)),
            labels=("support",) if dice.random() < 0.15 else (),
        )

    def _forgotten_ticket_of(self, member: Member, dice: random.Random) -> None:
        """Still in progress, untouched for weeks: not work."""
        if dice.random() < 0.4:
            begun = member.at(self.days[0] - timedelta(days=30), time(10))
            steps = (
                Step(begun, member, "assign", member.email),
                Step(begun, member, "status", "In Progress"),
            )
            self.tickets.append(
                Ticket("jira", "WEB", "Old idea nobody closed", begun - timedelta(days=2), steps)
            )
