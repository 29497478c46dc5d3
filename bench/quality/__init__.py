"""How right the drafts are, on made-up weeks of which every minute is known, beside what others suggest.

Five people (people.py) live eight weeks each (weeks.py) in a small agency whose rules are as wrong as real
ones (office.py), and leave traces in calendar and tickets. Daybook and its peers see the traces (ours.py,
peers.py); what they suggest is compared with what was done, minute by minute (score.py). The next morning the
person puts every draft right, and those who remember learn from it.

Numbers of the reconciler were chosen on some people, and every figure is of others.

What this cannot show: that real people are like these. A generator knows only the mistakes its author thought
of, and how often each happens is mostly a guess; the other worlds say how far the findings hang on the
guesses. Whoever has confirmed real weeks can ask them with `daybook lab`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import partial
from itertools import groupby
from typing import Any

from bench.quality.ours import Daybook
from bench.quality.peers import Both, Calendar, EqualSplit, LastTime
from bench.quality.people import OTHERS, PEOPLE, USUAL, World
from bench.quality.score import CLOSE, NEAR, Judged, Method, Said, Score, scored
from bench.quality.weeks import WEEKS, Life, live
from core.day import Numbers
from core.model import Activity

EACH = 16
"""People of each of the five kinds."""
FEWER = 8
"""The same where one thing after the other is tried."""

HALF_AN_HOUR = 30
CHOSEN_ON, HELD_OUT = "chosen on", "others"
"""Seeds: two groups that share nobody."""

Figures = dict[str, Any]
Made = Callable[[Life], Method]

REMEMBERS = partial(Daybook, remembers=True)
METHODS: dict[str, Made] = {
    "calendar import": Calendar,
    "equal split over tickets in progress": EqualSplit,
    "both together": Both,
    "as last time": LastTime,
    "Daybook, rules only": Daybook,
    "**Daybook, with memory**": REMEMBERS,
}
SETTINGS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "`touch_reach` 30m, `touch_weight` 2": {"touch_reach": 30, "touch_weight": 2},
    "`touch_reach` 2h": {"touch_reach": 120},
    "`touch_weight` 16": {"touch_weight": 16},
    "`touches_counted` 1": {"touches_counted": 1},
    "`stale_after` 1 working day": {"stale_after": 1},
    "`stale_after` 5 working days": {"stale_after": 5},
}
HEAD = (
    "right project", "right meeting or ticket", "right billable flag", "on something else", "false",
    "not suggested", "drafts", f"no edit, within {NEAR}m", f"within {CLOSE}m",
)  # fmt: skip


def measure() -> Figures:
    """Everything, on people that nothing was chosen on."""
    lives = crowd(HELD_OUT, EACH)
    both, ours = (dict(_by_habits(method, lives)) for method in (Both, REMEMBERS))
    return {
        "methods": {name: _told(scored(method, lives)[0]) for name, method in METHODS.items()},
        "people": {name: {"both": both[name], "ours": ours[name]} for name in ours},
        "words": _calibration(scored(REMEMBERS, lives)[1]),
        "worlds": {name: _world(world) for name, world in {"as we believe": USUAL, **OTHERS}.items()},
        "settings": {name: _setting(numbers) for name, numbers in SETTINGS.items()},
        "traceless": _traceless(lives),
    }


def crowd(group: str, each: int, world: World = USUAL) -> list[Life]:
    """So many of each kind; another group shares nobody with this one."""
    return [live(habits, f"{group} {number}", world) for habits in PEOPLE for number in range(each)]


def _told(score: Score) -> Figures:
    """Shares of the minutes worked, and of the drafts."""
    minutes = ("on_project", "on_task", "on_flag", "beside", "beyond", "short")
    shares = {name: getattr(score, name) / score.worked for name in minutes}
    return shares | {
        "drafts": score.drafts,
        "near": score.near / score.drafts,
        "close": score.close / score.drafts,
    }


def _by_habits(method: Made, lives: Sequence[Life]) -> Iterator[tuple[str, Figures]]:
    for name, theirs in groupby(lives, lambda life: life.habits.name):
        yield name, _told(scored(method, theirs)[0])


def _calibration(judged: Iterable[Judged]) -> Figures:
    """Of what is called so, how much turned out so."""
    called: dict[str, list[Judged]] = {}
    for one in judged:
        word = str(one.said.confidence)
        for name in (word, f"{word}: {_sort(one.said)}"):
            called.setdefault(name, []).append(one)
    return {name: _turned_out(called[name]) for name in sorted(called, key=_surest_first)}


def _sort(said: Said) -> str:
    if said.thing.startswith("task:"):
        return "tickets"
    return "meetings up to half an hour" if said.minutes <= HALF_AN_HOUR else "longer meetings"


def _surest_first(name: str) -> tuple[int, str]:
    return ("sure", "likely", "unsure").index(name.partition(":")[0]), name


def _turned_out(judged: Sequence[Judged]) -> Figures:
    count = len(judged)
    return {
        "drafts": count,
        "near": sum(one.near for one in judged) / count,
        "close": sum(one.close for one in judged) / count,
        "worked": sum(one.worked for one in judged) / count,
    }


def _world(world: World) -> Figures:
    lives = crowd(HELD_OUT, FEWER, world)
    ours, judged = scored(REMEMBERS, lives)
    return {
        "both": _told(scored(Both, lives)[0]),
        "ours": _told(ours),
        "sure": _turned_out([one for one in judged if one.said.confidence == "sure"]),
    }


def _setting(numbers: dict[str, Any]) -> Figures:
    method = partial(Daybook, numbers=Numbers(**numbers), remembers=True)
    return {group: _told(scored(method, crowd(group, FEWER))[0]) for group in (CHOSEN_ON, HELD_OUT)}


def _traceless(lives: Iterable[Life]) -> float:
    """The share of minutes worked on things that no activity of that day names."""
    worked = unseen = 0
    for life in lives:
        for day in life.days:
            seen = {_thing(one) for one in life.activities if _is_of(one, day.day)}
            truth = day.truth
            worked += truth.total()
            unseen += sum(minutes for work, minutes in truth.items() if work.thing not in seen)
    return unseen / worked


def _thing(activity: Activity) -> str:
    return f"meeting:{activity.uid}" if activity.kind == "meeting" else f"task:{activity.task}"


def _is_of(activity: Activity, day: date) -> bool:
    """Whether it lies on the day; only a presence goes on until it ends."""
    if activity.kind != "presence":
        return activity.start.date() == day
    return activity.start.date() <= day and (activity.end is None or activity.end.date() >= day)


def table(figures: Figures) -> str:
    """The figures for people, as Markdown."""
    return "\n\n".join(
        (
            f"{len(PEOPLE) * EACH} made-up people, {WEEKS} weeks each; in percent of the minutes worked, and "
            f"of the drafts. {figures['traceless']:.0%} of all minutes leave no trace on their day (mail, "
            "help, tickets never moved), so nobody can be all right.",
            _methods(figures["methods"]),
            "The same by person, minutes on the right meeting or ticket, and drafts that need no edit:",
            _people(figures["people"]),
            "What the words are worth. A draft stands as it is where it was that work, on that project, "
            f"within {NEAR} minutes:",
            _words(figures["words"]),
            "In other worlds, minutes on the right meeting or ticket, and what *sure* is worth:",
            _worlds(figures["worlds"]),
            "Other settings, on the people they were chosen on and on others:",
            _settings(figures["settings"]),
        )
    )


def _methods(methods: Figures) -> str:
    def cells(told: Figures) -> Iterator[str]:
        yield from (_percent(told[name]) for name in ("on_project", "on_task", "on_flag"))
        yield from (_percent(told[name]) for name in ("beside", "beyond", "short"))
        yield from (f"{told['drafts']:,}", _percent(told["near"]), _percent(told["close"]))

    return _rows(("", *HEAD), ((name, *cells(told)) for name, told in methods.items()))


def _people(found: Figures) -> str:
    head = ("", "both together", "Daybook", "no edit: both together", "Daybook")
    return _rows(
        head,
        (
            (name, *(_percent(told[who][what]) for what in ("on_task", "near") for who in ("both", "ours")))
            for name, told in found.items()
        ),
    )


def _words(words: Figures) -> str:
    head = ("called", "drafts", "stand as they are", f"within {CLOSE}m", "were that work")
    return _rows(
        head,
        (
            (word, f"{told['drafts']:,}", *(_percent(told[name]) for name in ("near", "close", "worked")))
            for word, told in words.items()
        ),
    )


def _worlds(worlds: Figures) -> str:
    head = ("", "both together", "Daybook", "sure drafts", "of them stand")
    return _rows(
        head,
        (
            (
                name,
                _percent(told["both"]["on_task"]),
                _percent(told["ours"]["on_task"]),
                f"{told['sure']['drafts']:,}",
                _percent(told["sure"]["near"]),
            )
            for name, told in worlds.items()
        ),
    )


def _settings(settings: Figures) -> str:
    groups = (CHOSEN_ON, HELD_OUT)
    head = ("", *(f"{what}: {group}" for what in ("right ticket", "no edit") for group in groups))
    return _rows(
        head,
        (
            (name, *(_percent(told[group][what]) for what in ("on_task", "near") for group in groups))
            for name, told in settings.items()
        ),
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _rows(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ("---", *("---:",) * (len(head) - 1)), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
