"""The days that a link opens, one under the other: what they come to, and one yes for all of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from starlette.responses import Response

from daybook import deeds, links, pulse
from daybook.page import words
from daybook.page.door import Visit, closed
from daybook.page.sheet import DaySheet, sheet, totals

HERE = "/week"


class _Seen(NamedTuple):
    """A draft as the form names it."""

    day: date
    key: str


def show(visit: Visit) -> Response:
    return _page(visit, said=visit.said) if visit.link.day else closed()


def act(visit: Visit) -> Response:
    """Say yes to what the page showed of all these days."""
    if visit.link.day is None:
        return closed()
    there = {one.name: _Seen(day.day, one.draft.key) for day in days(visit) for one in day.drafts}
    named = [(there.get(name), revision) for name, revision in visit.named]
    seen = {one.key: revision for one, revision in named if one}
    if not named:
        return _page(visit, 409, said=words.NOTHING_NAMED, wrong=True)
    outcome = deeds.confirm(visit.house, visit.who, visit.link.day, seen)
    done = {one.day for one, _ in named if one and one.key in outcome.done}
    pulse.spoke(visit.house, visit.who, done, visit.opened, on_page=True)
    reasons = [reason for _, reason in outcome.left] + [deeds.GONE for one, _ in named if not one]
    if reasons:
        return _page(visit, 409, said=words.left(len(outcome.done), reasons), wrong=True)
    return visit.back("confirmed", len(outcome.done), at=HERE)


def days(visit: Visit) -> list[DaySheet]:
    """All of them as they stand at one moment, the first one first."""
    assert visit.link.day is not None, "a day link has a day"
    first, last = range_ = links.opened(visit.link.day)
    asked = (first + timedelta(days=number) for number in range((last - first).days + 1))
    with visit.house.store.reading() as tx:
        return [sheet(visit.house, tx, visit.who, day, range_) for day in asked]


def _page(visit: Visit, status: int = 200, *, said: str, wrong: bool = False) -> Response:
    shown = days(visit)
    ready = [one for day in shown for one in day.ready]
    standing = [one for day in shown for one in day.standing]
    minutes, needing = sum(one.minutes for one in ready), sum(day.needing for day in shown)
    return visit.show(
        "week.html",
        status,
        title=words.days(shown[0].day, shown[-1].day),
        said=said,
        went_wrong=wrong,
        heading=words.heading(len(ready), minutes, needing, settled=bool(standing)),
        days=shown,
        ready=ready,
        minutes=minutes,
        most=max((day.attended for day in shown), default=0),
        totals=totals(standing, visit.house.configuration.projects),
        hold=words.pause(visit.house.configuration.posting.hold),
    )
