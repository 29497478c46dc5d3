"""A small agency: its clients' projects, its rules, and what it puts into calendars.

The rules are what a careful administrator writes in an afternoon, and they are wrong where real ones are:
two series mean another project than their title says, one client has two projects and one name, and some
tickets of the platform are done for a client. `truth` says what each thing really is; no method reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.mapping import Mappings
from core.model import Kind
from core.rules import Project, Rule, Then, When

PROJECTS = {
    name: Project.model_validate({"name": name, "billable": billable, "target": {"none": "stays here"}})
    for name, billable in {
        "acme-web": True,
        "acme-support": True,
        "globex-app": True,
        "platform": False,
        "hiring": False,
        "house": False,
    }.items()
}

CONTAINERS = {"WEB": "acme-web", "SUP": "acme-support", "APP": "globex-app", "PLT": "platform"}
"""What the tickets of a board are booked on, as a rule."""
FOR_A_CLIENT = 0.1
"""Of the platform's tickets, those that one client asked for and pays. [reason] One in ten: enough to hurt,
too few for a rule."""


def _rule(name: str, when: dict[str, Any], project: str | None = None) -> Rule:
    then = Then(ignore=True) if project is None else Then(project=project)
    return Rule(name=name, when=When.model_validate(when), then=then)


CALENDAR: list[Kind] = ["meeting"]
RULES = [
    _rule("Lunch", {"title": "lunch", "kind": CALENDAR}),
    *(
        _rule(f"{key} tickets", {"any": [{"container": key}, {"task": {"regex": f"^{key}-"}}]}, project)
        for key, project in CONTAINERS.items()
    ),
    _rule("ACME", {"title": "acme"}, "acme-web"),
    _rule("Globex", {"title": "globex"}, "globex-app"),
    _rule("Interviews", {"title": "interview"}, "hiring"),
    _rule("Reviews", {"title": ["design review", "architecture guild"]}, "platform"),
    _rule("House", {"title": ["standup", "retro", "1:1", "all hands", "planning"]}, "house"),
]
MAPPINGS = Mappings(PROJECTS, RULES)


@dataclass(frozen=True, slots=True)
class Series:
    """A meeting that comes again."""

    title: str
    weekday: int | None
    """None for every day."""
    at: int
    """Minutes after midnight."""
    minutes: int
    audience: int
    project: str
    every: int = 1
    """Weeks."""


STANDUP = Series("Team standup", None, 9 * 60 + 30, 15, 8, "house")
SERIES = (
    Series("ACME weekly", 0, 11 * 60, 60, 5, "acme-web"),
    Series("Globex sync", 3, 10 * 60, 30, 4, "globex-app"),
    # No rule knows this one, and its title never will.
    Series("Tuesday sync", 1, 14 * 60, 45, 4, "acme-support"),
    # The rules say platform; for the people in this room it is Globex.
    Series("Design review", 2, 15 * 60, 60, 6, "globex-app"),
    Series("1:1 Mara", 2, 10 * 60 + 30, 30, 2, "house"),
    Series("Retro", 4, 11 * 60, 60, 8, "house", every=2),
    Series("All hands", 3, 16 * 60, 60, 80, "house", every=2),
    Series("Architecture guild", 1, 16 * 60, 60, 25, "platform"),
)
REPORTS = tuple(
    Series(f"1:1 {name}", day, hour * 60, 30, 2, "house")
    for name, day, hour in (("Ada", 0, 14), ("Ben", 1, 11), ("Lena", 2, 14), ("Omar", 3, 14), ("Yuki", 4, 10))
)
"""What a manager has beside."""


@dataclass(frozen=True, slots=True)
class Once:
    """A kind of meeting that happens once."""

    title: str
    """May name a {ticket} or a {name}."""
    share: float
    """How many of all single meetings are of this kind."""
    projects: dict[str | None, float]
    """What it really is, in shares; None is no work, "ticket" the project of the ticket, "any" any one."""
    audience: tuple[int, int]
    private: bool = False


ONCE = (
    Once("{ticket} pairing", 0.15, {"ticket": 1.0}, (2, 3)),
    Once("ACME: {topic}", 0.17, {"acme-web": 0.85, "acme-support": 0.15}, (3, 6)),
    Once("Globex {topic}", 0.13, {"globex-app": 1.0}, (3, 6)),
    Once("Interview {name}", 0.08, {"hiring": 1.0}, (2, 3)),
    Once("Sprint planning {topic}", 0.08, {"house": 1.0}, (5, 9)),
    Once("Chat with {name}", 0.15, {"any": 1.0}, (2, 2)),
    Once("{topic} with {name}", 0.10, {"any": 1.0}, (2, 5)),
    Once("Vendor demo {topic}", 0.06, {"platform": 1.0}, (6, 30)),
    Once("Lunch with {name}", 0.03, {None: 1.0}, (2, 4)),
    Once("Private", 0.05, {None: 0.85, "house": 0.15}, (0, 0), private=True),
)
NAMES = ("Lena", "Omar", "Yuki", "Piotr", "Inés", "Noor", "Ben")
TOPICS = ("roadmap", "kickoff", "handover", "estimates", "invoices", "release", "tracking", "onboarding")
