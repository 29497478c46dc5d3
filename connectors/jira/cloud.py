"""Jira Cloud: searches by opaque tokens, histories of many issues at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from connectors.jira.answers import Answer, Token, doubtful, twice
from connectors.jira.finding import HISTORY_FIELDS, MOST_ISSUES, Found
from connectors.jira.shapes import History, Issue, Perhaps, Shape
from connectors.jira.site import Site

MOST_NAMED, MOST_HISTORIES = 1_000, 10_000
"""Issues that one question for histories takes, and changes that one answer brings."""


class _Search(Answer):
    issues: list[Perhaps[Issue]]
    nextPageToken: Token = None
    isLast: Any = None
    warnings: Any = None


class _Log(Shape):
    """The changes of one issue."""

    issueId: str
    changeHistories: list[Perhaps[History]]


class _Logs(Answer):
    issueChangeLogs: list[_Log]
    nextPageToken: Token = None


class Cloud:
    order = "updated ASC"

    def __init__(self, site: Site) -> None:
        self._site = site

    def page(
        self,
        jql: str,
        fields: Sequence[str],
        token: str | None,
        *,
        reconcile: Sequence[str] = (),
        histories: bool = False,
    ) -> Found:
        params: dict[str, Any] = {"jql": jql, "fields": ",".join(fields), "maxResults": MOST_ISSUES}
        params |= {"reconcileIssues": list(reconcile)} if reconcile else {}
        params |= {"nextPageToken": token} if token else {}
        page = self._site.answer("GET", "search/jql", "the search for issues", _Search, params=params)
        following = page.nextPageToken or None
        if following is None and page.isLast is False:
            raise doubtful("nextPageToken")
        told = page.warnings
        return Found(page.issues, following, len(told) if isinstance(told, list) else bool(told))

    def histories(self, issues: Sequence[Issue]) -> dict[str, list[History | None]]:
        """One request for a thousand issues and each ten thousand changes.

        Source   they come by date, so an issue's may be split over the pages
        """
        ids = [issue.id for issue in issues]
        found: dict[str, list[History | None]] = {issue: [] for issue in ids}
        for start in range(0, len(ids), MOST_NAMED):
            for log in self._logs(ids[start : start + MOST_NAMED]):
                found.setdefault(log.issueId, []).extend(log.changeHistories)
        return found

    def _logs(self, ids: Sequence[str]) -> Iterator[_Log]:
        asked = {"issueIdsOrKeys": list(ids), "fieldIds": list(HISTORY_FIELDS), "maxResults": MOST_HISTORIES}
        seen: set[str] = set()
        token = ""
        while token not in seen:
            following = {"nextPageToken": token} if token else {}
            what = "the histories of issues"
            page = self._site.answer("POST", "changelog/bulkfetch", what, _Logs, json=asked | following)
            yield from page.issueChangeLogs
            seen.add(token)
            token = page.nextPageToken or ""
            if not token:
                return
        raise twice("list of histories")
