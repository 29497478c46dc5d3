"""The numbers that made-up weeks are lived by, each with where it is from.

[read] from a source, [measured] on public logs, [reason] from nothing better than that it is plausible. They
were written down before anything was scored. Changed since: ENDS, when a measured source turned up, and what
comes again is now answered once and attended by habit (HABIT). Both make Daybook look better, and the figures
are repeated in other worlds without them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.model import Response
from core.schedule import Schedule

FULL_TIME = Schedule.model_validate({"mon-fri": ["09:00-12:30", "13:15-17:45"]})
PART_TIME = Schedule.model_validate({"mon-wed": ["09:00-13:00"], "thu": ["09:00-15:00"]})

STINT = (41, 0.9, 10, 180)
"""Minutes on one thing before the next: median, spread of its logarithm, least, most. [measured] The median
actual time of 60,390 task entries of the CESAW log; the spread between its quarters."""
TASK = (300, 0.8, 45, 1_800)
"""Minutes a ticket takes in all. [reason] Half a day to two days is what teams cut their tickets to."""
ADMIN = (55, 15)
"""Minutes a day of mail and administration, and how long one sitting is. [read] Meyer et al. 2019 (5,971
reports of developers): about 53 minutes of mail and 12 of administration a day."""
HELP = (26, 25)
"""The same for helping colleagues without a meeting. [read] Meyer et al. 2019: about 26 minutes a day."""
HELP_SEEN = 0.35
"""How often help leaves a comment on the colleague's ticket. [reason]"""
PAUSE = (20, 10)
"""Breaks beside lunch that are no work. [reason] Meyer et al. have 44 minutes a day with lunch in it."""
LUNCH_SHIFT = 20
"""Minutes that lunch is really earlier or later than the schedule says, at most. [reason]"""
EDGE_SHIFT = 15
"""The standard deviation of when a day really begins and ends, in minutes. [reason]"""

ATTENDS: dict[Response, tuple[float, float]] = {
    "organizer": (0.99, 0.97),
    "accepted": (0.97, 0.85),
    "tentative": (0.55, 0.35),
    "needs_action": (0.65, 0.35),
    "declined": (0.04, 0.02),
}
"""How likely one is there after each answer: in rooms of up to MANY, and in larger ones. [reason] No source
has counted it; people who miss a meeting of four are missed."""
HABIT = 3.0
"""How much of that is habit where a meeting comes again: each person has for each series a likelihood of
their own, Beta distributed about the one above; three is a strong habit. [reason]"""
MANY = 10
ANSWERS: dict[Response, tuple[float, float]] = {
    "accepted": (0.78, 0.55),
    "tentative": (0.05, 0.12),
    "needs_action": (0.11, 0.23),
    "declined": (0.06, 0.10),
}
"""The answers to invitations, in small rooms and in large ones. [reason]"""
ANSWERS_AGAIN = 0.1
"""A series is answered once; so often an instance is answered for itself. [reason]"""
Ends = Sequence[tuple[float, int, int]]
ENDS: Ends = ((0.50, -2, 2), (0.33, -15, -3), (0.12, 3, 12), (0.03, 15, 40), (0.02, -30, -15))
"""Share of meetings, and by how many minutes they end early or late. [read] Time is Ltd. (a year of online
meetings): teams' meetings end four minutes early on average, few teams' much more than that either way."""
LOOSE_ENDS: Ends = ((0.50, 0, 0), (0.20, -20, -5), (0.24, 3, 12), (0.06, 15, 40))
"""What we had guessed before we found that: an eighth of the meetings end more than 15 minutes off."""
GIVES_WAY = 0.15
"""Of two meetings at once, how often one goes to the first half of the one and then to the other. [reason]"""
BLOCKED = 0.05
"""How often a ticket has to wait for days after a stint, still in progress. [reason] Every other day."""
NEVER_CLOSED = 0.25
"""Of tickets that are not closed on the spot, those that stay in progress for good. [reason]"""
LEAVE = 0.04
"""Days on leave: [reason] half of the usual share, as holidays come in weeks, which are left out."""
ABSENT = 0.03
"""Days with an hour or two out of office (a doctor, a school). [reason]"""
SEEN_ANYWAY = 0.15
"""A day on which a ticket in progress that nobody works on gets a comment or edit all the same. [reason]"""
CLEANS_UP = 0.3
"""Fridays on which three to six tickets are tidied within minutes. [reason] Fewer than what a connector
recognises as a bulk edit; ten and more it leaves out, and so do we."""
IN_THE_EVENING = 0.08
"""Evenings with ten to forty minutes of work on a ticket, and a comment; as many have the comment alone.
[reason]"""


@dataclass(frozen=True, slots=True)
class Habits:
    """How one type of person works and feeds the tools. [reason] throughout: five plausible people."""

    name: str
    meetings: float
    """Single meetings a day, beside the series."""
    at_once: int
    """Tickets in work at the same time."""
    opens: tuple[float, float]
    """How often a ticket is moved when begun, and late; the rest is never moved."""
    closes: float
    """How often it is closed on the spot."""
    signs: float
    """Comments and edits an hour of work on a ticket; a commit leaves none."""
    logs: float
    """How often a day's work on a ticket is already logged by hand."""
    focus: float
    """Days with two hours of focus time in the calendar."""
    schedule: Schedule = FULL_TIME
    source: str = "jira"
    leads: bool = False
    """Has one-to-ones with others, and helps twice as much."""


PEOPLE = (
    Habits("tidy", 0.8, 1, (0.95, 0.05), 0.95, 1.0, 0.05, 0.3),
    Habits("forgetful", 0.6, 2, (0.50, 0.30), 0.40, 0.3, 0.02, 0.0),
    Habits("in meetings", 2.5, 2, (0.75, 0.20), 0.70, 0.6, 0.05, 0.2),
    Habits("part-time", 0.5, 1, (0.80, 0.15), 0.75, 0.7, 0.10, 0.0, PART_TIME, "asana"),
    Habits("manager", 3.0, 3, (0.50, 0.30), 0.60, 1.0, 0.00, 0.1, leads=True),
)


@dataclass(frozen=True, slots=True)
class World:
    """What the five people live in, and what could be otherwise."""

    ends: Ends = ENDS
    habit: float = HABIT
    """Infinity for people who throw dice for every meeting anew."""
    signs: float = 1.0
    """Comments and edits, times what the habits say."""
    forgets: float = 1.0
    """Tickets moved late, or never, times what the habits say."""
    waits: float = 1.0
    """Tickets in progress that have to wait, times BLOCKED."""


USUAL = World()
OTHERS = {
    "meetings end as they like": World(ends=LOOSE_ENDS),
    "no habits": World(habit=math.inf),
    "half the comments": World(signs=0.5),
    "twice the comments": World(signs=2.0),
    "twice as forgetful": World(forgets=2.0),
    "three times the waiting tickets": World(waits=3.0),
}
"""The same people where one thing is worse or better than we believe: do the findings hold?"""
