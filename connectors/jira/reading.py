"""Jira's lists, read to their end: each answer is complete, or it is loud.

A token that repeats, a feed that stands still, a page without its list: none
of it ends a walk as if all had been seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from connectors.contract import MOST_PAGES, Endless, Refused
from connectors.jira import jql
from connectors.jira.answers import Listed, doubtful, listed, twice
from connectors.jira.finding import MOST_ISSUES, Finding, Found
from connectors.jira.jql import Changed
from connectors.jira.shapes import Comment, History, Issue, Perhaps, Worklog, perhaps
from connectors.jira.site import Gone, Misfit, Site
from connectors.session import Whose

MOST_SEARCHES = 20
"""Pages of a search joined into one of ours, where Jira gives fewer at a time: usually fifty or a hundred."""
MOST_WORKLOGS = 1000
MOST_RECONCILED = 50
MOST_NAMED = 300
"""Issues named in one search: their ids travel in its address, and many gateways take no more than 8 KB."""


class Feed(NamedTuple):
    """A page of the changed or deleted worklogs."""

    values: list[Any]
    until: int
    last: bool


class Reading:
    """The questions; each costs one request unless it says otherwise."""

    def __init__(self, site: Site, deployment: Callable[[Site], Finding]) -> None:
        self._site, self._finding = site, deployment(site)
        self._takes_milliseconds = True

    def search(self, changed: Changed, fields: Sequence[str], token: str | None, histories: bool) -> Found:
        """The next issues: as many as are looked at together, from a few requests at most.

        Takes    histories: they will be asked for
        """
        issues: list[Issue | None] = []
        warnings, seen = 0, {token}
        for _ in range(MOST_SEARCHES):
            page = self._changed(changed, fields, token, histories)
            issues += page.issues
            warnings += page.warnings
            token = page.token
            if token is not None and token in seen:
                raise twice("search")
            if token is None or len(issues) >= MOST_ISSUES:
                break
            seen.add(token)
        return Found(issues, token, warnings)

    def _changed(self, changed: Changed, fields: Sequence[str], token: str | None, histories: bool) -> Found:
        """One page. A server that takes no milliseconds is asked once more, and from then on, in minutes.

        Raises   Misfit where it takes neither: then it is something else that does not fit
        """
        order = self._finding.order
        if self._takes_milliseconds:
            try:
                return self._finding.page(changed.exactly(order), fields, token, histories=histories)
            except Misfit:
                pass
        asked = changed.to_the_minute(self._site.zone, order)
        page = self._finding.page(asked, fields, token, histories=histories)
        self._takes_milliseconds = False
        return page

    def by_id(self, ids: Sequence[str], within: str, fields: Sequence[str]) -> list[Issue | None]:
        """These issues, as far as they may be seen; one request for each few hundred.

        Takes    within: a JQL clause they must meet too, or ""
        Source   one issue that is gone or archived spoils the whole question, so it is halved until it fits
        """
        found: list[Issue | None] = []
        for some in _portions(ids, MOST_NAMED):
            try:
                found += self._named(some, within, fields)
            except Misfit:
                half = len(some) // 2
                if half:
                    found += self.by_id(some[:half], within, fields) + self.by_id(some[half:], within, fields)
        return found

    def logged_on(self, start: datetime, end: datetime) -> list[str]:
        """The keys of issues on which whoever asks logged time that began in between, or little off it."""
        issues = self._every(jql.logged(start, end), ("updated",))
        if None in issues:
            raise doubtful("issues")
        return [issue.key for issue in issues if issue]

    def _named(self, ids: Sequence[str], within: str, fields: Sequence[str]) -> list[Issue | None]:
        return self._every(jql.among(ids, within), fields, ids[:MOST_RECONCILED])

    def _every(self, asked: str, fields: Sequence[str], reconcile: Sequence[str] = ()) -> list[Issue | None]:
        found: list[Issue | None] = []
        seen: set[str | None] = set()
        token: str | None = None
        while token not in seen:
            seen.add(token)
            page = self._finding.page(asked, fields, token, reconcile=reconcile)
            found += page.issues
            token = page.token
            if token is None:
                return found
        raise twice("search")

    def histories(self, issues: Sequence[Issue]) -> dict[str, list[History | None]]:
        """The changes of these issues, by id."""
        return self._finding.histories(issues)

    def comments(self, issue: str) -> list[Comment | None]:
        """All comments of one issue: a search gives only the first ones; one request for each hundred."""
        try:
            raws = self.counted(f"issue/{issue}/comment", "comments", "an issue's comments", {})
            return perhaps(Comment, raws)
        except Gone:  # deleted since the search
            return []

    def counted(
        self, path: str, name: str, what: str, params: dict[str, Any], whose: Whose = "connection"
    ) -> Iterator[Any]:
        """A list paged by position. An empty page ends it too: `total` may count what we may not see."""
        start = 0
        before: list[Any] = []
        for _ in range(MOST_PAGES):
            body = self._site.read("GET", path, what, params=params | {"startAt": start}, whose=whose)
            page = listed(body, name)
            if page and page == before:
                raise twice(what)
            yield from page
            before = page
            start += len(page)
            total = body.get("total")
            if not page or (isinstance(total, int) and start >= total):
                return
        raise Endless(f"Jira went on for {MOST_PAGES} pages of {what}. Nothing of this was kept.")

    def feed(self, kind: Literal["updated", "deleted"], since: int) -> Feed:
        """The worklogs changed or deleted after `since`, oldest first; the last minute is not in yet."""
        body = self._site.read(
            "GET", f"worklog/{kind}", f"the {kind} worklogs", params={"since": max(since, 0)}
        )
        values, until = listed(body, "values"), body.get("until")
        if values and not isinstance(until, int):
            raise doubtful("until")
        last = body.get("lastPage") is True
        return Feed(values, until if values else since, last)

    def worklogs(self, ids: Sequence[str]) -> list[Worklog | None]:
        """These worklogs, as far as they may be seen; one request for each thousand."""
        found: list[Worklog | None] = []
        for some in _portions(ids, MOST_WORKLOGS):
            asked = {"ids": [int(one) for one in some]}
            what = "the changed worklogs"
            page = self._site.answer("POST", "worklog/list", what, Listed[Perhaps[Worklog]], json=asked)
            found += page.root
        return found

    def statuses(self) -> list[Any]:
        body = self._site.read("GET", "status", "the statuses")
        if not isinstance(body, list):
            raise doubtful("statuses")
        return body

    def rights(self, among: Sequence[str], project: str | None) -> set[str]:
        """Which of these rights we hold: in this project, or anywhere."""
        params = {"permissions": ",".join(among)} | ({"projectKey": project} if project else {})
        body = self._site.read("GET", "mypermissions", "to say what we may do", params=params)
        told = body.get("permissions") if isinstance(body, dict) else None
        if not isinstance(told, dict):
            raise doubtful("permissions")
        return {
            right
            for right in among
            if isinstance(told.get(right), dict) and told[right].get("havePermission")
        }

    def prove_deployment(self, wanted: str) -> None:
        """Is it the kind of Jira that the settings say? Data Center calls itself a server."""
        body = self._site.read("GET", "serverInfo", "to say what it is")
        told = body.get("deploymentType") if isinstance(body, dict) else None
        there = "cloud" if told == "Cloud" else "data_center"
        if there != wanted:
            called = told if told in ("Cloud", "Server") else "something else"
            raise Refused(
                f"This Jira says that it is {called}. Nothing was read. Write `deployment: {there}`.",
                whose="connection",
            )

    def fields(self) -> list[Any]:
        body = self._site.read("GET", "field", "the fields")
        if not isinstance(body, list):
            raise doubtful("fields")
        return body


def _portions(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
