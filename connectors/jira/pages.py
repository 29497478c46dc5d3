"""One page of a walk: from a bookmark to the next, with what lies between.

A walk looks at what changed in three lists: issues, by a search; changed and
deleted worklogs, by their feeds. Changed issues are asked for their histories
together, many at a time; a first walk begins with the newest month.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from connectors.contract import Page, Sighting, Terms
from connectors.jira import evidence, jql
from connectors.jira.bookmark import A_DAY, SEARCH_LAG, Bookmark, Position, Stage
from connectors.jira.evidence import About, Lens, about, of_issue, of_worklog, origin_of_worklog
from connectors.jira.fields import CustomFields
from connectors.jira.finding import HISTORY_FIELDS
from connectors.jira.history import Statuses, bursts
from connectors.jira.jql import Changed
from connectors.jira.reading import Feed, Reading
from connectors.jira.shapes import (
    ChangedWorklog,
    Comment,
    History,
    Issue,
    Status,
    Value,
    Worklog,
    legible,
    milliseconds,
    read,
)

FIELDS: Mapping[str, tuple[str, ...]] = {
    "title": ("summary",),
    "labels": ("labels", "components", "parent"),
    "status history": ("status", "assignee", "created"),
    "own comments": ("comment",),
}
"""What each word of the policy asks of an issue; beyond these, only when it changed."""
ABOUT = ("title", "labels")
"""What a worklog tells of its issue."""
WHOLE = ("worklog author", "worklog started", "worklog timeSpentSeconds", "worklog comment, dropped unread")
"""What Jira tells of a worklog, whatever is asked."""
EDGE = 1
"""A feed tells what changed after a time, and several changes may share that time."""


def asked_fields(tracked: Collection[str], custom: Iterable[str]) -> tuple[str, ...]:
    """All fields that are asked for, of issues, their histories and worklogs; nothing where no list is."""
    if not {"status history", "own comments", "worklogs"} & set(tracked):
        return ()
    asked = ["updated", *(field for word in FIELDS if word in tracked for field in FIELDS[word]), *custom]
    history = HISTORY_FIELDS if "status history" in tracked else ()
    return (
        *(f"issue {field}" for field in asked),
        *(f"history of {field}" for field in history),
        *(WHOLE if "worklogs" in tracked else ()),
    )


class Pages:
    """The lists of one site, as far as `terms` let us ask for them; keeps only what it could ask again."""

    def __init__(
        self, reading: Reading, terms: Terms, projects: Sequence[str], fields: Sequence[str] = ()
    ) -> None:
        self._reading, self._terms = reading, terms
        self._within = jql.within(projects)
        self._custom = CustomFields(fields if "labels" in terms.tracked else ())
        self._statuses: tuple[int, Statuses] | None = None
        self._nowhere: set[str | None] = set()
        """Statuses that old changes name and Jira no longer lists."""
        self._about: dict[str, About] = {}
        """What the issues of this walk are about, so that their worklogs need not ask for them again."""

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """The lists to look at; none where nothing is tracked."""
        issues: tuple[Stage, ...] = ("issues",)
        worklogs: tuple[Stage, ...] = ("updated", "deleted")
        return (
            *(issues if {"status history", "own comments"} & self._terms.tracked else ()),
            *(worklogs if "worklogs" in self._terms.tracked else ()),
        )

    def page(self, mark: Bookmark, lens: Lens, now: int) -> Page:
        match mark.stage:
            case "issues":
                return self._changed_issues(mark, lens, now)
            case "updated":
                return self._changed_worklogs(mark, lens, now)
            case _:
                return self._deleted_worklogs(mark)

    def changed(self, since: int, before: int | None = None) -> Changed:
        return Changed(self._within, since, before)

    # --- issues ----------------------------------------------------------------------------------------

    def _changed_issues(self, mark: Bookmark, lens: Lens, now: int) -> Page:
        skipped: Counter[str] = Counter()
        if mark.begins:
            self._about = {}
        asked = self.changed(mark.floor, mark.before)
        fields = self._fields(now, *FIELDS)
        lens = replace(lens, custom=self._custom.ids)
        found = self._reading.search(asked, fields, mark.token, "status history" in self._terms.tracked)
        skipped[evidence.WARNED] += found.warnings
        issues = {issue.id: issue for issue in legible(found.issues, skipped, evidence.NOT_AN_ISSUE)}
        self._about |= {issue.id: about(issue, lens.custom) for issue in issues.values()}
        news = [issue for issue in issues.values() if not mark.issues.holds(issue.id, issue.changed)]
        sightings, gaps, lens = self._news(news, replace(lens, bursts=mark.bursts), now, skipped)
        known = {issue.id: issue.changed for issue in issues.values() if issue.id not in gaps}
        # an import may have dated an issue years ahead: what changes before that would not be asked for
        soon = now + A_DAY
        latest = max((issue.changed for issue in issues.values() if issue.changed <= soon), default=0)
        moved = {
            "issues": mark.issues.moved(known, latest, SEARCH_LAG),
            "bursts": tuple(burst for burst in lens.bursts if burst.last >= milliseconds(lens.since)),
            "token": found.token,
            "several": mark.several or found.token is not None,
        }
        mark = mark.model_copy(update=moved)
        following = mark if found.token is not None else mark.further_back()
        return self._turned(following or mark, sightings, skipped, more=following is not None)

    def _news(
        self, issues: Sequence[Issue], lens: Lens, now: int, skipped: Counter[str]
    ) -> tuple[list[Sighting], set[str], Lens]:
        """What changed issues say, which of them have gaps, and the lens with the bulk edits seen."""
        histories: dict[str, list[History]] = {issue.id: [] for issue in issues}
        if issues and "status history" in self._terms.tracked:
            for issue_id, changes in self._reading.histories(issues).items():
                histories[issue_id] = legible(changes, skipped, evidence.NOT_A_CHANGE)
            lens = replace(lens, statuses=self._statuses_for(issues, histories, now))
        lens = replace(lens, bursts=sorted({*lens.bursts, *bursts(histories, lens.people)}))
        seen = {
            issue.id: of_issue(issue, histories.pop(issue.id), self._comments(issue, skipped), lens, skipped)
            for issue in issues
        }
        gaps = {issue_id for issue_id, (_, complete) in seen.items() if not complete}
        return [sighting for sighting, _ in seen.values()], gaps, lens

    def _comments(self, issue: Issue, skipped: Counter[str]) -> list[Comment]:
        shown = issue.fields.comment
        if shown is None:
            return []
        found = self._reading.comments(issue.id) if shown.cut else shown.comments
        return legible(found, skipped, evidence.NOT_A_COMMENT)

    def _statuses_for(
        self, issues: Sequence[Issue], histories: Mapping[str, Sequence[History]], now: int
    ) -> Statuses:
        """Asked for once a day, and when a status appears that we do not know."""
        named = {issue.status for issue in issues} | {
            value
            for changes in histories.values()
            for change in changes
            for item in change.items
            if item.name == "status"
            for value in (item.before, item.after)
        }
        if self._statuses is None or now - self._statuses[0] >= A_DAY or self._strange(named):
            known = read(Status, self._reading.statuses(), Counter(), "")
            self._statuses = now, Statuses(known, self._terms.in_progress)
            self._nowhere = {value.id for value in named if not self._statuses[1].knows(value)}
        return self._statuses[1]

    def _strange(self, named: set[Value]) -> bool:
        known = self._statuses[1] if self._statuses else Statuses(())
        return any(not known.knows(value) and value.id not in self._nowhere for value in named)

    # --- worklogs --------------------------------------------------------------------------------------

    def _changed_worklogs(self, mark: Bookmark, lens: Lens, now: int) -> Page:
        skipped: Counter[str] = Counter()
        feed = self._reading.feed("updated", mark.updated.at - EDGE)
        changed, position = _new(feed, mark.updated, skipped)
        logs = legible(self._reading.worklogs(changed), skipped, evidence.NOT_A_WORKLOG)
        ours = [log for log in logs if log.author and log.author.id in lens.people]
        issues = self._about_issues_of(ours, now, skipped)
        sightings = [of_worklog(log, issues.get(log.issueId), lens, skipped) for log in ours]
        hidden = set(changed) - {log.id for log in logs}
        sightings += [Sighting(origin=origin_of_worklog(worklog)) for worklog in sorted(hidden)]
        moved = mark.model_copy(update={"updated": position})
        return self._turned(moved, sightings, skipped, more=not feed.last)

    def _about_issues_of(
        self, logs: Sequence[Worklog], now: int, skipped: Counter[str]
    ) -> Mapping[str, About]:
        """A worklog knows its issue by number alone."""
        if "issues" not in self.stages:
            self._about = {}
        strangers = sorted({log.issueId for log in logs if log.issueId.isdecimal()} - self._about.keys())
        found = self._reading.by_id(strangers, self._within, self._fields(now, *ABOUT)) if strangers else []
        issues = legible(found, skipped, evidence.NOT_AN_ISSUE)
        self._about |= {issue.id: about(issue, self._custom.ids) for issue in issues}
        return self._about

    def _deleted_worklogs(self, mark: Bookmark) -> Page:
        skipped: Counter[str] = Counter()
        feed = self._reading.feed("deleted", mark.deleted.at - EDGE)
        gone, position = _new(feed, mark.deleted, skipped)
        sightings = [Sighting(origin=origin_of_worklog(worklog)) for worklog in gone]
        moved = mark.model_copy(update={"deleted": position})
        return self._turned(moved, sightings, skipped, more=not feed.last)

    # --- turning the page ------------------------------------------------------------------------------

    def _fields(self, now: int, *words: str) -> list[str]:
        """What to ask of each issue; names of custom fields are looked up once a day."""
        self._custom.look_up(self._reading, now)
        tracked = [word for word in words if word in self._terms.tracked]
        return ["updated", *(field for word in tracked for field in FIELDS[word]), *self._custom.ids]

    def _turned(
        self, mark: Bookmark, sightings: Sequence[Sighting], skipped: Counter[str], *, more: bool
    ) -> Page:
        """The page, with a cursor to the next one, in this list or the one after it."""
        mark = mark.model_copy(update={"begins": False})
        if not more:
            ahead: tuple[Stage, ...] = (*self.stages, "rest")
            mark = mark.at_stage(ahead[ahead.index(mark.stage) + 1])
        shown = [one for one in sightings if one.activities or not mark.whole]
        return Page(
            sightings=tuple(shown),
            skipped={reason: count for reason, count in skipped.items() if count},
            cursor=mark.model_dump_json(exclude_defaults=True),
            more=mark.stage != "rest",
            whole=mark.whole,
        )


def _new(feed: Feed, position: Position, skipped: Counter[str]) -> tuple[list[str], Position]:
    """The worklogs on a page of a feed that were not on the one before, and how far it reaches."""
    lines = read(ChangedWorklog, feed.values, skipped, evidence.NOT_A_WORKLOG)
    told = {line.worklogId: line.updatedTime for line in lines}
    moved = position.moved(told, feed.until, EDGE)
    return [worklog for worklog, when in told.items() if not position.holds(worklog, when)], moved
