"""What a stage of the rollout must reach before the next may begin, and what stops it.

Both are written down before the stage begins and hold until it ends: numbers that are moved
while people work towards them are no agreement. They are of drafts and days, over everybody in
the stage; a pilot is smaller than any group a report may be about, so they are said in steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, TypeVar

from pydantic import ConfigDict, Field

from core.durations import Days, Percent, Seconds
from core.model import Noun
from core.rollout import FEWEST, Stage
from core.said import Said, Sentence, counted

UNTIL_COUNTED = 21
"""Days until two whole weeks were counted, each a week after it."""
LONGEST = 3_600
"""Seconds; a day that took longer was not one sitting."""
A_QUARTER = 90
"""Days; a remark that may wait longer may wait for ever."""
STEP = 5
"""Shares are said in steps of so many per cent."""


class Written(Noun):
    """As it stands in the configuration."""

    model_config = ConfigDict(coerce_numbers_to_str=True, hide_input_in_errors=True)


class Exit(Written):
    """The numbers a stage must reach before an administrator may advance it."""

    answered: Annotated[int, Field(ge=1)] = 20
    """Days that had an answer, at least; with fewer the other numbers say nothing."""
    confirmed_untouched: Percent = 80
    """Drafts confirmed as they were suggested, at least."""
    median_seconds: Seconds = 60
    """From the first look at a day to the last word on it, in half of the days, at most."""
    answered_days: Percent = 85
    """Days with a word of their contributor within a week, at least."""
    own_page: Percent = 50
    """Answered days that their contributor had before them, not only the button of the mail, at least."""
    open_friction: Annotated[int, Field(ge=0)] = 0
    """Remarks that nobody answered yet, at most."""
    opt_outs: Annotated[int, Field(ge=0)] = 1
    """People who left since the stage began, at most."""
    ready: Annotated[Percent, Field(ge=1)] = 75
    """People in the stage who say that it is ready for the rest of the team, at least."""
    lasts: Annotated[Days, Field(ge=1)] = 30
    """How long the stage is meant to last; in its last third its people are asked whether it is ready."""


class Stop(Written):
    """What stops a rollout by itself; it goes on by an administrator's word, which contributors read."""

    opt_outs: Annotated[int, Field(ge=1)] = 3
    """So many people left since the stage began."""
    friction_days: Annotated[Days, Field(ge=1)] = 14
    """A remark has waited so long for its answer."""
    answered_days: Percent = 40
    """Fewer days than this had a word of their contributor, two weeks in a row."""


class Terms(Noun):
    """What was set when a stage began."""

    exit: Exit = Exit()
    stop: Stop = Stop()


_LOWER = ("median_seconds", "open_friction", "opt_outs", "friction_days")
"""The numbers that are the stricter the lower they are."""


_Numbers = TypeVar("_Numbers", Exit, Stop)


def stricter(one: Terms, other: Terms) -> Terms:
    """Of each number the one that is harder to reach, or stops sooner."""
    return Terms(exit=_stricter(one.exit, other.exit), stop=_stricter(one.stop, other.stop))


def _stricter(one: _Numbers, other: _Numbers) -> _Numbers:
    both = {
        name: (min if name in _LOWER else max)(getattr(one, name), getattr(other, name))
        for name in type(one).model_fields
    }
    return one.model_copy(update=both)


def unlimited(terms: Terms, people: int) -> list[str]:
    """The numbers that were emptied, so that they hold nothing up and stop nothing, in words.

    Takes    how many people the stage reaches
    """
    wanted, stop, people = terms.exit, terms.stop, max(people, FEWEST)
    found = {
        Said("drafts confirmed untouched"): wanted.confirmed_untouched == 0,
        Said("how long half of the days take"): wanted.median_seconds >= LONGEST,
        Said("days answered"): wanted.answered_days == 0,
        Said("days looked at on the page"): wanted.own_page == 0,
        Said("remarks without an answer"): wanted.open_friction > people,
        Said("people who leave"): wanted.opt_outs >= people,
    }
    never = {
        Said("however many leave"): stop.opt_outs > people,
        Said("however long a remark waits"): stop.friction_days > A_QUARTER,
        Said("however few days are answered"): stop.answered_days == 0,
    }
    return [
        *(Said("no limit for {what}", what=what) for what, empty in found.items() if empty),
        *(Said("no stop {what}", what=what) for what, empty in never.items() if empty),
    ]


class Measured(Noun):
    """What a stage has come to; shares are per cent, None where there is nothing to say yet."""

    elapsed: int = 0
    """Days since it began."""
    people: int = 0
    """Who take part; of fewer than a pilot has there is nothing to say."""
    answered: int = 0
    """Days that had an answer."""
    confirmed_untouched: int | None = None
    median_seconds: int | None = None
    """Half of the days took no longer than this; more than the longest step is none."""
    answered_days: int | None = None
    own_page: int | None = None
    open_friction: int = 0
    oldest_friction: int = 0
    """Days the oldest of them has waited."""
    opt_outs: int = 0
    ready: int | None = None
    """None while nobody said either."""
    last_weeks: tuple[int, ...] = ()
    """Share of days answered in each of the last two whole weeks, the latest first."""
    weeks: Mapping[str, Mapping[str, int]] = {}
    """What was counted by ISO week, in all stages so far."""


class Line(Noun):
    """One number: what was wanted, what it is, and whether that will do."""

    what: Sentence
    wanted: Sentence
    measured: Sentence
    reached: bool


def lines(stage: Stage, wanted: Exit, measured: Measured) -> list[Line]:
    """Every number that counts at this stage; in a shadow run no day is asked for, so few do."""
    both = (
        _at_most(Said("remarks without an answer"), wanted.open_friction, measured.open_friction),
        _at_most(Said("people who left"), wanted.opt_outs, measured.opt_outs),
    )
    if stage == "shadow":
        return [*both]
    shown = [
        _at_least(Said("people who take part"), FEWEST, measured.people),
        _answered(wanted.answered, measured.answered),
        _share(Said("drafts confirmed untouched"), wanted.confirmed_untouched, measured.confirmed_untouched),
        _seconds(wanted.median_seconds, measured),
        _share(Said("days answered within a week"), wanted.answered_days, measured.answered_days),
        _share(Said("answered days looked at on the page"), wanted.own_page, measured.own_page),
        *both,
    ]
    return shown[1:] if stage == "normal" else [*shown, _ready(wanted.ready, measured.ready)]


def missing(stage: Stage, wanted: Exit, measured: Measured) -> list[str]:
    """What keeps the next stage from beginning, in words."""
    return [
        f"{line.what}: {line.measured}, wanted {line.wanted}"
        for line in lines(stage, wanted, measured)
        if not line.reached
    ]


def stops(stop: Stop, measured: Measured, left: int = 0, days: int | None = None) -> list[Said]:
    """The rules by which a rollout stops that are met, a sentence each; none while all is well.

    Takes    where it was stopped before, how many people had left by then, and for how many days it has
             gone on since: what was answered for does not stop it twice
    """
    return [*_stops(stop, measured, left, measured.elapsed if days is None else days)]


def asks(wanted: Exit, stage: Stage, measured: Measured) -> bool:
    """Is it time to ask whether it is ready: the last third of the stage, or all else is reached?"""
    if stage not in ("pilot", "expand"):
        return False
    if measured.elapsed * 3 >= wanted.lasts * 2:
        return True
    others = lines(stage, wanted, measured)[:-1]
    return all(line.reached for line in others)


def _stops(stop: Stop, measured: Measured, left: int, days: int) -> Iterator[Said]:
    if measured.opt_outs - left >= stop.opt_outs:
        gone = measured.opt_outs - left
        if left:
            yield counted(
                "{number} person left since it went on.", "{number} people left since it went on.", gone
            )
        else:
            yield counted(
                "{number} person left since it began.", "{number} people left since it began.", gone
            )
    if min(measured.oldest_friction, days) >= stop.friction_days:
        yield Said("A remark has waited {days} days for its answer.", days=measured.oldest_friction)
    weeks = measured.last_weeks
    if days >= UNTIL_COUNTED and len(weeks) == 2 and max(weeks) < stop.answered_days:
        yield Said(
            "Fewer than {share} % of the days were answered, two weeks in a row.", share=stop.answered_days
        )


def people(number: int) -> str:
    """So many of them, in words."""
    return "1 person" if number == 1 else f"{number} people"


def coarse(share: int) -> int:
    """A share as it is said."""
    return share // STEP * STEP


def _answered(wanted: int, measured: int) -> Line:
    reached = measured >= wanted
    said = Said("enough") if reached else Said("not enough yet")
    return Line(what=Said("answered days"), wanted=_least(wanted), measured=said, reached=reached)


def _share(what: Said, wanted: int, measured: int | None) -> Line:
    said = NOTHING if measured is None else Said("about {share} %", share=coarse(measured))
    reached = measured is not None and measured >= wanted
    return Line(what=what, wanted=_least_of_all(wanted), measured=said, reached=reached)


def _seconds(wanted: int, measured: Measured) -> Line:
    median = measured.median_seconds
    said = NOTHING if median is None else Said("{seconds} seconds or less", seconds=median)
    reached = median is not None and median <= wanted
    return Line(
        what=Said("half of the days confirmed in"),
        wanted=Said("at most {seconds} seconds", seconds=wanted),
        measured=said,
        reached=reached,
    )


def _at_least(what: Said, wanted: int, measured: int) -> Line:
    return Line(what=what, wanted=_least(wanted), measured=_so_many(measured), reached=measured >= wanted)


def _at_most(what: Said, wanted: int, measured: int) -> Line:
    most = Said("at most {number}", number=wanted) if wanted else NONE
    return Line(what=what, wanted=most, measured=_so_many(measured), reached=measured <= wanted)


def _ready(wanted: int, measured: int | None) -> Line:
    """Never a number: with six people it would be somebody's answer."""
    reached = measured is not None and measured >= wanted
    said = Said("enough said yes") if reached else Said("not enough said yes yet")
    what = Said("ready for the rest of the team")
    return Line(what=what, wanted=_least_of_all(wanted), measured=said, reached=reached)


NONE = Said("none at all")
NOTHING = Said("nothing to say yet")


def _so_many(number: int) -> Sentence:
    return str(number) if number else NONE


def _least(wanted: int) -> Said:
    return Said("at least {number}", number=wanted)


def _least_of_all(wanted: int) -> Said:
    return Said("at least {share} %", share=wanted)
