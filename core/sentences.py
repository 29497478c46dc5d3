"""Every sentence that explains a suggestion, in one place and in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.model import Response

MOST_TIMES = 6
"""More times of day than this in one sentence are counted, not listed."""

_ANSWERS: dict[Response | None, str] = {
    "organizer": "you organised it",
    "accepted": "you accepted",
    "tentative": "you said maybe",
    "needs_action": "you have not answered",
    "declined": "you declined",
    None: "your own entry",
}

DECLINED = "declined"
ALL_DAY = "all day"
LOGGED = "already logged"
NEVER = "you said never"
NO_LENGTH = "has no length"
SAME_MEETING = "the same meeting is in another calendar too"
NO_TASK = "names no task"
SAID_TWICE = "its source says two different things under one identity; the later one counts"
PRIVATE = "Marked private, so its title is not read. Name it, or dismiss it."
UNMAPPED = "No rule fits. Choose the project."
NO_PROJECT = "No project yet. Choose one."
NEEDS_TASK = "This project books on an issue or task, and none is named. Choose one."
NO_TARGET = "Nothing says where it is posted. Choose a place."


def answer(response: Response | None) -> str:
    return _ANSWERS[response]


def ignored_by(rule: str | None, line: int | None) -> str:
    return f"ignored by {_rule(rule or '', line)}"


def stale(working_days: int) -> str:
    return f"in progress, but no sign of work on it for {count(working_days, 'working day')}"


def too_short(minutes: int) -> str:
    return f"less than {duration(minutes)}"


def rounds_away(step: int) -> str:
    return f"too little for one step of {duration(step)}"


def meeting(start: datetime, end: datetime, response: Response | None) -> str:
    return f"In your calendar {span(start, end)}; {_ANSWERS[response]}."


def overlap(minutes: int) -> str:
    return f"Less {duration(minutes)}, which another meeting at the same time has."


def present(start: datetime | None, end: datetime | None) -> str:
    """When a task was in progress; None for an end that lies outside the day."""
    match start, end:
        case None, None:
            return "In progress all day."
        case None, datetime():
            return f"In progress until {clock(end)}."
        case datetime(), None:
            return f"In progress since {clock(start)}."
        case _:
            assert start and end
            return f"In progress {span(start, end)}."


def touched(times: Sequence[datetime]) -> str:
    said = [clock(time) for time in times[:MOST_TIMES]]
    if len(times) > MOST_TIMES:
        said.append(f"{len(times) - MOST_TIMES} times more")
    return f"You did something to it at {listed(said)}."


def shared(minutes: int, others: int) -> str:
    """How much of the free working time went to a task."""
    if not others:
        return f"{duration(minutes)} of free working time went to it."
    return f"{duration(minutes)} of free working time went to it, shared with {count(others, 'other task')}."


def less_logged(minutes: int) -> str:
    return f"Less {duration(minutes)}, already logged."


def less_charged(minutes: int) -> str:
    return f"Less {duration(minutes)}: so much of the day is logged or confirmed elsewhere."


def less_rested(minutes: int) -> str:
    return f"Less {duration(minutes)}: a day as long as this has a break."


def rounding(step: int) -> str:
    return f"Rounded to {duration(step)}; the day keeps its total."


def by_rule(project: str | None, name: str, line: int | None) -> str:
    return f"By {_rule(name, line)}." if project is None else f"Project {project} by {_rule(name, line)}."


def chosen_before(project: str | None) -> str:
    return f"Project {project}: you chose it for this the last time."


def duration(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    said = [count(hours, "hour")] if hours else []
    return " ".join([*said, count(rest, "minute")] if rest or not said else said)


def count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def clock(time: datetime) -> str:
    return f"{time.hour:02}:{time.minute:02}"  # five times as fast as %H:%M, and most of a because is times


def span(start: datetime, end: datetime) -> str:
    return f"{clock(start)}-{clock(end)}"


def _rule(name: str, line: int | None) -> str:
    return f'the rule "{name}"' if line is None else f'the rule "{name}" (line {line})'
