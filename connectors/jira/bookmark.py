"""Where a walk through a Jira site stands: all that is remembered between two pages, and two walks.

Every position is a time that Jira said, in milliseconds. A position overlaps
what was read before, because Jira's answers lag behind its truth; what lies at
that edge is remembered, so that an overlap does not look like news.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from connectors.contract import CursorExpired
from connectors.cursor import remembered
from connectors.jira.history import Burst
from core.model import Noun

Stage = Literal["issues", "updated", "deleted", "rest"]
"""Changed issues, changed worklogs, deleted worklogs; rest: this walk is done."""

A_DAY = 24 * 60 * 60 * 1000
A_WEEK = 7 * A_DAY
A_MONTH = 30 * A_DAY
SEARCH_LAG = 5 * 60 * 1000
"""How late a search usually knows of a change; what comes later is found by the day's wide walk."""


class Position(Noun):
    """How far one list was read."""

    at: int
    edge: dict[str, int] = {}
    """What was read of the time that is read again: id -> when it changed."""

    def holds(self, thing: str, changed: int) -> bool:
        return self.edge.get(thing) == changed

    def moved(self, shown: Mapping[str, int], until: int, overlap: int) -> Position:
        """Takes    shown: what may be taken for known from now on; until: the latest time seen"""
        at = max(self.at, until)
        edge = {thing: when for thing, when in (self.edge | dict(shown)).items() if when >= at - overlap}
        return Position(at=at, edge=edge)


class Bookmark(Noun):
    """The cursor. Nobody else reads it."""

    asked: str
    """What was asked for, without saying it: another policy needs another first walk."""
    stage: Stage
    whole: bool
    begun: int
    """When the last whole walk began."""
    widened: int
    """When a walk last looked back further than the lag."""
    floor: int
    """The oldest change the search is asked for."""
    before: int | None = None
    """Changes from then on were asked for already: a whole walk goes back month by month."""
    oldest: int | None = None
    """Where a whole walk ends; None where it has nothing older to ask for."""
    begins: bool = False
    """Nothing of this walk was asked for yet."""
    several: bool = False
    """This walk took more than one page, so something may have changed behind its back."""
    token: str | None = None
    """The search's next page."""
    issues: Position
    updated: Position
    deleted: Position
    bursts: tuple[Burst, ...] = ()
    """Bulk edits seen: one of their issues may come back alone."""

    def at_stage(self, stage: Stage) -> Bookmark:
        return self.model_copy(update={"stage": stage, "token": None})

    def further_back(self) -> Bookmark | None:
        """Where the issues of a whole walk go on: a month older, at last what changed meanwhile; None at its
        end.

        An issue that changes while older months are read leaves the month it was in: unseen, it would be
        taken for gone.
        """
        if self.oldest is None:
            return None
        if self.floor > self.oldest:
            month = {"floor": max(self.oldest, self.floor - A_MONTH), "before": self.floor}
            return self.model_copy(update=month | {"several": True, "token": None})
        if not self.several:
            return None
        since = self.issues.at - SEARCH_LAG
        meanwhile = {"floor": since, "before": None, "oldest": None, "token": None}
        return self.model_copy(update=meanwhile)


def first(asked: str, stage: Stage, start: int, now: int) -> Bookmark:
    """Of a walk that shows all since `start`, the newest first."""
    position = Position(at=start)
    return Bookmark(
        asked=asked, stage=stage, whole=True, begun=now, widened=now, floor=max(start, now - A_MONTH),
        oldest=start, begins=True, issues=position, updated=position, deleted=position,
    )  # fmt: skip


def opened(cursor: str, asked: str, stage: Stage, now: int) -> Bookmark:
    """What a cursor says; a finished walk's begins the next one, at `stage`.

    Once a day a walk looks a day back, for what the search was late to know. Once a week the whole window is
    due: deleted issues, and those now hidden from us, leave no trace in any list of changes.

    Raises   CursorExpired
    """
    mark = remembered(Bookmark, cursor)
    if mark.asked != asked:
        raise CursorExpired("The policy or the projects changed since; pull the whole window.")
    if mark.stage != "rest":
        return mark
    if now - mark.begun >= A_WEEK:
        raise CursorExpired("A week has passed since all was looked at; pull the whole window.")
    wide = now - mark.widened >= A_DAY
    news = {
        "stage": stage,
        "whole": False,
        "before": None,
        "oldest": None,
        "begins": True,
        "several": False,
        "floor": mark.issues.at - (A_DAY if wide else SEARCH_LAG),
        "widened": now if wide else mark.widened,
    }
    return mark.model_copy(update=news)
