"""Jira's lists, read to their end: each answer is complete, or it is loud.

A token that repeats, a feed that stands still, a page without its list: none
of it ends a walk as if all had been seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Literal, NamedTuple

from connectors.contract import MOST_PAGES, Endless, Unavailable
from connectors.jira.site import Gone, Misfit, Site
from connectors.session import Whose

MOST_ISSUES = 1000
"""Issues asked for at once: as many as one bulk question for their histories takes."""
MOST_SEARCHES = 5
"""Pages of a search joined into one of ours, where Jira gives fewer at a time."""
MOST_HISTORIES = 10_000
MOST_WORKLOGS = 1000
MOST_RECONCILED = 50
MOST_NAMED = 300
"""Issues named in one search: their ids travel in its address, and many gateways take no more than 8 KB."""

HISTORY_FIELDS = (
    "status", "assignee", "resolution", "priority", "labels",
    "components", "fixVersions", "duedate", "issuetype",
)  # fmt: skip
"""Changes we ask for: ten at most, and none whose old and new value is text that people wrote."""


class Found(NamedTuple):
    """A part of a search."""

    issues: list[Any]
    token: str | None
    """None: that was all."""
    warnings: int = 0
    """Jira said that its answer may lack something."""


class Feed(NamedTuple):
    """A page of the changed or deleted worklogs."""

    values: list[Any]
    until: int
    last: bool


class Reading:
    """The questions; each costs one request unless it says otherwise."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def search(self, jql: str, fields: Sequence[str], token: str | None) -> Found:
        """The next issues: as many as one bulk question takes, from a few requests at most."""
        issues: list[Any] = []
        warnings = 0
        for page in islice(self._pages(jql, fields, token), MOST_SEARCHES):
            issues += page.issues
            warnings += page.warnings
            token = page.token
            if len(issues) >= MOST_ISSUES:
                break
        return Found(issues, token, warnings)

    def by_id(self, ids: Sequence[str], within: str, fields: Sequence[str]) -> list[Any]:
        """These issues, as far as they may be seen; one request for each few hundred.

        Takes    within: a JQL clause they must meet too, or ""
        Source   one issue that is gone or archived spoils the whole question, so it is halved until it fits
        """
        found: list[Any] = []
        for some in _portions(ids, MOST_NAMED):
            jql = " AND ".join(filter(None, (within, f"id in ({', '.join(some)})")))
            try:
                for page in self._pages(jql, fields, None, reconcile=some[:MOST_RECONCILED]):
                    found += page.issues
            except Misfit:
                half = len(some) // 2
                if half:
                    found += self.by_id(some[:half], within, fields) + self.by_id(some[half:], within, fields)
        return found

    def histories(self, ids: Sequence[str]) -> dict[str, list[Any]]:
        """The changes of these issues; one request for a thousand issues and each ten thousand changes.

        Source   they come by date, so an issue's may be split over the pages
        """
        found: dict[str, list[Any]] = {issue: [] for issue in ids}
        for some in _portions(ids, MOST_ISSUES):
            for log in self._histories(some):
                if not isinstance(log, dict) or "issueId" not in log:
                    raise _doubtful("issueId")
                found.setdefault(str(log["issueId"]), []).extend(_list(log, "changeHistories"))
        return found

    def _histories(self, ids: Sequence[str]) -> Iterator[Any]:
        asked = {"issueIdsOrKeys": list(ids), "fieldIds": list(HISTORY_FIELDS), "maxResults": MOST_HISTORIES}
        seen: set[str] = set()
        token = ""
        while token not in seen:
            following = {"nextPageToken": token} if token else {}
            what = "the histories of issues"
            body = self._site.read("POST", "changelog/bulkfetch", what, json=asked | following)
            yield from _list(body, "issueChangeLogs")
            seen.add(token)
            token = _token(body) or ""
            if not token:
                return
        raise _twice("list of histories")

    def comments(self, issue: str) -> list[Any]:
        """All comments of one issue: a search gives only the first ones; one request for each hundred."""
        try:
            return list(self.counted(f"issue/{issue}/comment", "comments", "an issue's comments", {}))
        except Gone:  # deleted since the search
            return []

    def counted(
        self, path: str, name: str, what: str, params: dict[str, Any], whose: Whose = "connection"
    ) -> Iterator[Any]:
        """A list paged by position. An empty page ends it too: `total` may count what we may not see."""
        start = 0
        for _ in range(MOST_PAGES):
            body = self._site.read("GET", path, what, params=params | {"startAt": start}, whose=whose)
            page = _list(body, name)
            yield from page
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
        values, until = _list(body, "values"), body.get("until")
        if values and not isinstance(until, int):
            raise _doubtful("until")
        last = body.get("lastPage") is True
        return Feed(values, until if values else since, last)

    def worklogs(self, ids: Sequence[str]) -> list[Any]:
        """These worklogs, as far as they may be seen; one request for each thousand."""
        found: list[Any] = []
        for some in _portions(ids, MOST_WORKLOGS):
            asked = {"ids": [int(one) for one in some]}
            body = self._site.read("POST", "worklog/list", "the changed worklogs", json=asked)
            if not isinstance(body, list):
                raise _doubtful("worklogs")
            found += body
        return found

    def statuses(self) -> list[Any]:
        body = self._site.read("GET", "status", "the statuses")
        if not isinstance(body, list):
            raise _doubtful("statuses")
        return body

    def rights(self, among: Sequence[str], project: str | None) -> set[str]:
        """Which of these rights we hold: in this project, or anywhere."""
        params = {"permissions": ",".join(among)} | ({"projectKey": project} if project else {})
        body = self._site.read("GET", "mypermissions", "to say what we may do", params=params)
        told = body.get("permissions") if isinstance(body, dict) else None
        if not isinstance(told, dict):
            raise _doubtful("permissions")
        return {
            right
            for right in among
            if isinstance(told.get(right), dict) and told[right].get("havePermission")
        }

    def _pages(
        self, jql: str, fields: Sequence[str], token: str | None, reconcile: Sequence[str] = ()
    ) -> Iterator[Found]:
        """The pages of one search, from `token` on."""
        asked = {"jql": jql, "fields": ",".join(fields), "maxResults": MOST_ISSUES}
        params: dict[str, Any] = asked | ({"reconcileIssues": list(reconcile)} if reconcile else {})
        seen = {token}
        while True:
            following = {"nextPageToken": token} if token else {}
            body = self._site.read("GET", "search/jql", "the search for issues", params=params | following)
            issues, token = _list(body, "issues"), _token(body)
            if token is None and body.get("isLast") is False:
                raise _doubtful("nextPageToken")
            if token is not None and token in seen:
                raise _twice("search")
            warnings = body.get("warnings")
            yield Found(issues, token, len(warnings) if isinstance(warnings, list) else bool(warnings))
            if token is None:
                return
            seen.add(token)


def _portions(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def _token(body: dict[str, Any]) -> str | None:
    """Where the next page begins; None at the end."""
    token = body.get("nextPageToken")
    if token is not None and not isinstance(token, str):
        raise _doubtful("nextPageToken")
    return token or None


def _list(body: Any, name: str) -> list[Any]:
    found = body.get(name) if isinstance(body, dict) else None
    if not isinstance(found, list):
        raise _doubtful(name)
    return found


def _twice(what: str) -> Endless:
    return Endless(f"Jira's {what} gave the same page twice. Nothing of this walk was kept.")


def _doubtful(missing: str) -> Unavailable:
    return Unavailable(
        f"Jira's answer lacks its {missing}, so nobody can tell whether it is complete. Nothing of this walk "
        "was kept; the next round tries again."
    )
