"""The page of a day: what is on it, and the forms that act on it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple, get_args

from starlette.responses import Response

from core.model import Why
from core.visibility import Matter
from daybook import cutting, deeds, gaps, links, policies, pulse, remarks, teaching
from daybook.deeds import Outcome
from daybook.languages import _
from daybook.page import answers, words
from daybook.page.door import Visit, closed
from daybook.page.sheet import DaySheet, sheet, totals
from daybook.page.shown import Shown, name, rule_name
from daybook.page.stating import FIELDS, Typed, stated
from daybook.tools import tools
from daybook.words import long_day, no_pilot
from daybook.words import policy as told

_ONCE = re.compile(r"[0-9a-f]{12}")


def show(visit: Visit) -> Response:
    day = asked(visit, visit.query.get("on", ""))
    return _page(visit, read(visit, day)) if day else closed()


def policy(visit: Visit) -> Response:
    sections = [*told(visit.house.policy, tools(visit.house)), *no_pilot(visit.house.no_pilot)]
    change = policies.change(visit.house, None)
    return visit.show("policy.html", title=words.POLICY, said="", sections=sections, change=change)


def act(button: Button) -> Callable[[Visit], Response]:
    """What a button under a draft, or under all of them, does."""

    def acting(visit: Visit) -> Response:
        day = asked(visit, visit.stated("on"))
        if day is None:
            return closed()
        seen, left = _named(visit, day)
        outcome = button.deed(visit, day, seen)
        if outcome.done and button.answers and not visit.by:
            pulse.spoke(visit.house, visit.who, [day], visit.opened, on_page=True)
        return _done(visit, day, button.said, outcome, left)

    return acting


def answer(visit: Visit) -> Response:
    """Nothing to add, or take that back."""
    day = asked(visit, visit.stated("on"))
    if day is None:
        return closed()
    said = visit.stated("said") != "open"
    outcome = deeds.answer(visit.house, visit.who, day, said)
    if outcome.left:
        return _done(visit, day, "answered", outcome, ())
    if said:
        pulse.spoke(visit.house, visit.who, [day], visit.opened, on_page=True)
    return visit.back("answered" if said else "open", on=other(visit, day))


def believe(visit: Visit) -> Response:
    """What vanished from a source of theirs is really gone, or it is not."""
    day, vanished = asked(visit, visit.stated("on")), visit.stated("vanished")
    if day is None:
        return closed()
    gone, many = visit.stated("said") == "gone", int(vanished[:9]) if vanished.isdecimal() else 0
    if gaps.answer(visit.house, visit.who, visit.stated("connection"), many, gone=gone):
        return visit.back("gone" if gone else "not_gone", on=other(visit, day))
    return _page(visit, read(visit, day), 409, left=(("", words.OTHER_QUESTION),))


def unrule(visit: Visit) -> Response:
    """Take back the rule of their own by which something is left out."""
    day = asked(visit, visit.stated("on"))
    if day is None:
        return closed()
    with visit.house.store.reading() as tx:
        rules = tx.memory.rules(visit.who.id)
    for rule in rules:
        if rule_name(rule.about) == visit.stated("rule"):
            teaching.drop_rule(visit.house, visit.who, rule.about)
    return visit.back("unruled", on=other(visit, day))


def editing(visit: Visit) -> Response:
    """The form for one draft."""
    day = asked(visit, visit.query.get("on", ""))
    one = read(visit, day).one(visit.query.get("draft", "")) if day else None
    if one is None:
        return closed()
    return _form(visit, one.suggestion.day, Typed.of(one.suggestion), one)


def edit(visit: Visit) -> Response:
    day = asked(visit, visit.stated("on"))
    if day is None:
        return closed()
    seen, left = _named(visit, day)
    one = read(visit, day).one(name(seen[0][0])) if seen else None
    if left or one is None:
        return by_hand(visit, day)
    revision, typed = seen[0][1], _sent(visit)
    try:
        changes = stated(typed, Typed.of(one.suggestion))
    except ValueError as wrong:
        return _form(visit, day, typed, one, str(wrong))
    # it is a yes as well, and nobody else's to say
    again = (one.can_go_elsewhere or one.can_be_corrected) and not visit.by
    deed = deeds.correct if again else deeds.edit
    outcome = deed(visit.house, visit.who, one.draft.key, revision, **changes, **visit.hand)
    if outcome.left:
        return _form(visit, day, typed, one, _(outcome.left[0][1]))
    said = "corrected" if again else "edited"
    return visit.back(said, anchor=one.name, on=other(visit, day))


def adding(visit: Visit) -> Response:
    """The form for a draft by hand."""
    day = asked(visit, visit.query.get("on", ""))
    return _form(visit, day, Typed()) if day else closed()


def add(visit: Visit) -> Response:
    day = asked(visit, visit.stated("on"))
    if day is None:
        return closed()
    typed = _sent(visit)
    try:
        said: dict[str, Any] = {"minutes": 0} | stated(typed, Typed())
    except ValueError as wrong:
        return _form(visit, day, typed, problem=str(wrong))
    if not said.get("text") and not said.get("project"):
        return _form(visit, day, typed, problem=words.NOTHING_SAID)
    outcome = deeds.add(visit.house, visit.who, day, once=once(visit), **said, **visit.hand)
    if outcome.left:
        key, why = outcome.left[0]
        return _form(visit, day, typed, problem=_(why), used=bool(key))
    return visit.back("added", on=other(visit, day))


# --- what each button means --------------------------------------------------------------------------------

Named = list[tuple[str, int]]
"""The keys of the drafts a form names, each with the revision its reader saw."""


def _confirm(visit: Visit, day: date, seen: Named) -> Outcome:
    return deeds.confirm(visit.house, visit.who, day, dict(seen))


def _each(deed: Callable[[Visit, str, int], Outcome]) -> Callable[[Visit, date, Named], Outcome]:
    def all_of_them(visit: Visit, _: date, seen: Named) -> Outcome:
        came = [deed(visit, key, revision) for key, revision in seen]
        return Outcome(
            done=tuple(key for one in came for key in one.done),
            left=tuple(pair for one in came for pair in one.left),
            undo_until=max((one.undo_until for one in came if one.undo_until), default=None),
        )

    return all_of_them


def _why(visit: Visit, key: str, seen: int) -> Outcome:
    why = next((one for one in WHYS if one == visit.stated("why")), None)
    return deeds.explain(visit.house, visit.who, key, why, seen) if why else Outcome()


def _undo(visit: Visit, key: str, seen: int) -> Outcome:
    asked = visit.house, visit.who, key, seen
    return cutting.undo(*asked) or deeds.undo(*asked)


WHYS: tuple[Why, ...] = get_args(Why)


class Button(NamedTuple):
    """What pressing it does, and what that is."""

    deed: Callable[[Visit, date, Named], Outcome]
    said: str
    """The word by which the page says that it was done."""
    matter: Matter = "confirm"
    """What only those may press it who may do this; taking a word back is like giving one."""
    answers: bool = False
    """Whether the day gets its answer by it."""


BUTTONS = {
    "confirm": Button(_confirm, "confirmed", answers=True),
    "dismiss": Button(
        _each(lambda v, key, seen: deeds.dismiss(v.house, v.who, key, seen, **v.hand)),
        "dismissed",
        "edit",
        answers=True,
    ),
    "why": Button(_each(_why), "explained", "edit"),
    "undo": Button(_each(_undo), "undone"),
    "settle": Button(
        _each(lambda v, key, seen: deeds.settle(v.house, v.who, key, v.stated("side") == "take", seen)),
        "settled",
        "edit",
        answers=True,
    ),
    "always": Button(_each(lambda v, key, seen: deeds.always(v.house, v.who, key, seen)), "always", "teach"),
    "never": Button(
        _each(lambda v, key, seen: deeds.never(v.house, v.who, key, seen)), "never", "teach", answers=True
    ),
    "again": Button(_each(lambda v, key, seen: deeds.again(v.house, v.who, key, seen)), "again"),
    "keep": Button(_each(lambda v, key, seen: deeds.keep(v.house, v.who, key, seen)), "kept"),
    "found": Button(
        _each(lambda v, key, seen: deeds.found(v.house, v.who, key, v.stated("there") == "yes", seen)),
        "found",
    ),
}


def _done(
    visit: Visit, day: date, said: str, outcome: Outcome, left: tuple[tuple[str, str], ...]
) -> Response:
    """Back to the day if all was done; else the day as it stands, with what was not done and why."""
    left = (*left, *outcome.left)
    if left:
        return _page(visit, read(visit, day), 409, left=left, done=len(outcome.done))
    anchor = name(outcome.done[0]) if len(outcome.done) == 1 else ""
    if said == "dismissed" and anchor:
        return visit.back(said, one=anchor, on=other(visit, day))
    if said == "undone" and outcome.undo_until:
        said = "leaving"
    return visit.back(said, len(outcome.done), anchor, on=other(visit, day))


# --- reading what was sent ---------------------------------------------------------------------------------


def asked(visit: Visit, on: str) -> date | None:
    """The day that was asked for, if their link opens it."""
    last = visit.link.day
    if last is None:
        return None
    try:
        day = date.fromisoformat(on) if on else last
    except ValueError:
        return None
    first, last = links.opened(last)
    return day if first <= day <= last else None


def other(visit: Visit, day: date) -> date | None:
    """What an address must say of this day; nothing of the one that its link was made for."""
    return None if day == visit.link.day else day


def read(visit: Visit, day: date) -> DaySheet:
    """The day as it stands."""
    assert visit.link.day is not None, "a day link has a day"
    with visit.house.store.reading() as tx:
        return sheet(visit.house, tx, visit.who, day, links.opened(visit.link.day))


def once(visit: Visit) -> str:
    """What their form was given, so that one sent twice does once what it says."""
    stated = visit.stated("once")
    return stated if _ONCE.fullmatch(stated) else secrets.token_hex(6)


def not_done(visit: Visit, day: date, why: str) -> Response:
    """The day as it stands, with what could not be done."""
    return _page(visit, read(visit, day), 409, left=(("", why),))


def by_hand(visit: Visit, day: date) -> Response:
    """What they typed about a draft that is gone meanwhile, as one by hand: theirs to add or to leave."""
    return _form(visit, day, _sent(visit), problem=words.GONE_AS_TYPED)


def _named(visit: Visit, day: date) -> tuple[Named, tuple[tuple[str, str], ...]]:
    """The drafts a form names, and those among them that are not there (any more)."""
    with visit.house.store.reading() as tx:
        keys = {name(held.draft.key): held.draft.key for held in tx.drafts.of(visit.who.id, day)}
    seen: Named = []
    left = []
    for called, revision in visit.named:
        if called in keys:
            seen.append((keys[called], revision))
        else:
            left.append(("", deeds.GONE))
    if not seen and not left:
        left.append(("", words.NOTHING_NAMED))
    return seen, tuple(left)


def _sent(visit: Visit) -> Typed:
    return Typed.sent({name: visit.stated(name) for name in FIELDS})


# --- pages -------------------------------------------------------------------------------------------------


def _page(
    visit: Visit,
    day: DaySheet,
    status: int = 200,
    left: tuple[tuple[str, str], ...] = (),
    done: int = 0,
) -> Response:
    notes = {key: _(why) for key, why in left}
    with visit.house.store.reading() as tx:
        stopped = tx.rollout.stopped()
        asked = remarks.asked(visit.house, tx, visit.who, visit.house.clock())
        asked = asked and not remarks.judged(tx, visit.who)
        answering = answers.waiting(tx, visit)
    said = words.PREPARED if visit.by and visit.said else visit.said
    return visit.show(
        "prepare.html" if visit.by else "day.html",
        status,
        title=long_day(day.day),
        said=words.left(done, notes.values()) if left else said,
        went_wrong=bool(left),
        sheet=day,
        just=day.one(visit.query.get("one", "")) if visit.said else None,
        notes=notes,
        on=other(visit, day.day),
        stopped=_(stopped.said) if stopped else "",
        asked=asked,
        answers=answering,
        hold=words.pause(visit.house.configuration.posting.hold),
        acknowledged=visit.who.contributor.acknowledged == visit.house.policy_version,
        totals=totals(day.standing, visit.house.configuration.projects),
    )


def _title(one: Shown | None) -> str:
    if one is None:
        return words.ADD
    if one.can_go_elsewhere:
        return words.ELSEWHERE
    return words.CORRECT if one.can_be_corrected else words.EDIT


def _form(
    visit: Visit, day: date, typed: Typed, one: Shown | None = None, problem: str = "", *, used: bool = False
) -> Response:
    """The form for one draft, or for one by hand.

    Takes    used: a draft was added by it, so that sent again it adds another one
    """
    projects = visit.house.configuration.projects
    return visit.show(
        "form.html",
        422 if problem else 200,
        title=_title(one),
        said=problem,
        went_wrong=bool(problem),
        day=day,
        on=other(visit, day),
        one=one,
        typed=typed,
        once=secrets.token_hex(6) if used else once(visit),
        projects=projects,
        categories=sorted({project.category for project in projects.values() if project.category}),
        tasks=[] if visit.by else _tasks(visit),
        places=read(visit, day).places,
    )


def _tasks(visit: Visit) -> list[tuple[str, str]]:
    """What they had in hand in the days of their link, to choose from: each task and its title."""
    assert visit.link.day is not None, "a day link has a day"
    with visit.house.store.reading() as tx:
        found = tx.evidence.of(visit.who.id, *links.opened(visit.link.day))
    return sorted({one.task: one.title or "" for one in found if one.task}.items())
