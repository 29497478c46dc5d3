"""The page on which a draft is cut in two, others are put into it, or it is moved to another day."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from daybook import cutting, deeds, links
from daybook.deeds import Outcome
from daybook.languages import _
from daybook.page import day as days
from daybook.page import words
from daybook.page.door import Visit, closed
from daybook.page.shown import Shown
from daybook.page.stating import minutes

HERE = "/cut"


def show(visit: Visit) -> Response:
    on = days.asked(visit, visit.query.get("on", ""))
    one = days.read(visit, on).one(visit.query.get("draft", "")) if on else None
    return _page(visit, one) if one else closed()


def cut(visit: Visit) -> Response:
    """Cut a part off it, with a text of its own."""
    on, one = _named(visit)
    if on is None or one is None:
        return days.by_hand(visit, on) if on else closed()
    try:
        length = minutes(visit.stated("length").strip())
    except ValueError as wrong:
        return _page(visit, one, str(wrong))
    text, project = visit.stated("text").strip(), visit.stated("project")
    stated: dict[str, Any] = ({"text": text} if text else {}) | ({"project": project} if project else {})
    asked = visit.house, visit.who, one.draft.key, _revision(visit)
    outcome = cutting.cut(*asked, length, days.once(visit), **visit.hand | stated)
    return _done(visit, one, outcome, "cut")


def join(visit: Visit) -> Response:
    """Put others of its day into it."""
    on, one = _named(visit)
    if on is None or one is None:
        return _gone(visit, on)
    there = {other.name: other.draft.key for other in days.read(visit, on).drafts}
    others = {}
    for said in visit.all("with"):
        name, _dot, revision = said.partition(".")
        if name in there:
            others[there[name]] = int(revision[:9]) if revision.isdecimal() else -1
    asked = visit.house, visit.who, one.draft.key, _revision(visit)
    outcome = cutting.join(*asked, others, **visit.hand)
    return _done(visit, one, outcome, "joined")


def move(visit: Visit) -> Response:
    """Give its minutes to another day of this link."""
    on, one = _named(visit)
    if on is None or one is None:
        return _gone(visit, on)
    to = days.asked(visit, visit.stated("to")) if visit.stated("to") else None
    if to is None:
        return _page(visit, one, words.NO_DAY)
    asked = visit.house, visit.who, one.draft.key, _revision(visit)
    outcome = cutting.move(*asked, to, days.once(visit), **visit.hand)
    return _done(visit, one, outcome, "moved")


def _named(visit: Visit) -> tuple[date | None, Shown | None]:
    """The day and the draft that the form is about."""
    on = days.asked(visit, visit.stated("on"))
    return on, days.read(visit, on).one(visit.stated("draft")) if on else None


def _revision(visit: Visit) -> int:
    return next((revision for _, revision in visit.named), -1)


def _gone(visit: Visit, on: date | None) -> Response:
    return days.not_done(visit, on, deeds.GONE) if on else closed()


def _done(visit: Visit, one: Shown, outcome: Outcome, said: str) -> Response:
    if outcome.left:
        with_what_stands = days.read(visit, one.suggestion.day).one(one.name)
        return _page(visit, with_what_stands or one, _(outcome.left[0][1]))
    return visit.back(said, anchor=one.name, on=days.other(visit, one.suggestion.day))


def _page(visit: Visit, one: Shown, problem: str = "") -> Response:
    on = one.suggestion.day
    standing = days.read(visit, on).drafts
    return visit.show(
        "cut.html",
        422 if problem else 200,
        title=words.CUT,
        said=problem,
        went_wrong=bool(problem),
        day=on,
        on=days.other(visit, on),
        one=one,
        half=words.typed(max(1, one.suggestion.minutes // 2)),
        others=[other for other in standing if other.open and not other.flagged and other.name != one.name],
        days=[*_open(visit, on)],
        projects=visit.house.configuration.projects,
        once=visit.stated("once") or secrets.token_hex(6),
        chosen={said.partition(".")[0] for said in visit.all("with")},
    )


def _open(visit: Visit, but: date) -> Iterator[date]:
    """The days it can be moved to, the latest first."""
    assert visit.link.day is not None, "a day link has a day"
    first, last = links.opened(visit.link.day)
    for number in range((last - first).days + 1):
        day = last - timedelta(days=number)
        if day != but and visit.house.may_change(visit.who, day):
            yield day
