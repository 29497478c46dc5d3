"""The button of the mail: a page that says what a yes covers, and takes it once (S-01, S-03)."""

from __future__ import annotations

from starlette.responses import Response

from daybook import deeds, pulse
from daybook.deeds import Outcome
from daybook.page import week, words
from daybook.page.door import Visit
from daybook.page.sheet import DaySheet


def show(visit: Visit) -> Response:
    if visit.link.used_at is not None:
        return _used(visit)
    days = _days(visit)
    ready = [one for day in days for one in day.ready]
    return visit.show(
        "confirm.html",
        title=words.CONFIRM,
        said="",
        days=days,
        ready=ready,
        minutes=sum(one.suggestion.minutes for one in ready),
    )


def act(visit: Visit) -> Response:
    """Say yes to what the page showed, and use up the link, in one step."""
    if visit.link.used_at is not None or visit.link.day is None:
        return _used(visit)
    there = {one.name: one for day in _days(visit) for one in day.ready}
    seen = {there[name].draft.key: revision for name, revision in visit.named if name in there}
    if not seen:
        return show(visit)
    outcome = deeds.confirm(visit.house, visit.who, visit.link.day, seen, link=visit.link)
    if outcome.used:
        return _used(visit)
    days = {one.suggestion.day for one in there.values() if one.draft.key in outcome.done}
    pulse.spoke(visit.house, visit.who, days, visit.opened, on_page=False)
    return _confirmed(visit, outcome)


def _confirmed(visit: Visit, outcome: Outcome) -> Response:
    until = outcome.undo_until
    return visit.show(
        "confirmed.html",
        title=words.CONFIRMED if outcome.done else words.NOTHING_CONFIRMED,
        said="",
        count=len(outcome.done),
        left=len(outcome.left),
        until=words.moment(until, visit.who.zone, visit.house.clock()) if until else "",
    )


def _used(visit: Visit) -> Response:
    return visit.show("used.html", title=words.ALREADY_CONFIRMED, said="")


def _days(visit: Visit) -> list[DaySheet]:
    """The days of this link on which something waits for a yes, oldest first."""
    return [one for one in week.days(visit) if one.ready or one.needing]
