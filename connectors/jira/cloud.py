"""Jira Cloud: searches by opaque tokens, histories a thousand issues at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from connectors.jira.answers import doubtful, listed, twice
from connectors.jira.finding import HISTORY_FIELDS, MOST_ISSUES, Found
from connectors.jira.shapes import Issue
from connectors.jira.site import Site

MOST_HISTORIES = 10_000


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
        body = self._site.read("GET", "search/jql", "the search for issues", params=params)
        issues, following = listed(body, "issues"), _token(body)
        if following is None and body.get("isLast") is False:
            raise doubtful("nextPageToken")
        warnings = body.get("warnings")
        return Found(issues, following, len(warnings) if isinstance(warnings, list) else bool(warnings))

    def histories(self, issues: Sequence[Issue]) -> dict[str, list[Any]]:
        """One request for a thousand issues and each ten thousand changes.

        Source   they come by date, so an issue's may be split over the pages
        """
        ids = [issue.id for issue in issues]
        found: dict[str, list[Any]] = {issue: [] for issue in ids}
        for start in range(0, len(ids), MOST_ISSUES):
            for log in self._logs(ids[start : start + MOST_ISSUES]):
                if not isinstance(log, dict) or "issueId" not in log:
                    raise doubtful("issueId")
                found.setdefault(str(log["issueId"]), []).extend(listed(log, "changeHistories"))
        return found

    def _logs(self, ids: Sequence[str]) -> Iterator[Any]:
        asked = {"issueIdsOrKeys": list(ids), "fieldIds": list(HISTORY_FIELDS), "maxResults": MOST_HISTORIES}
        seen: set[str] = set()
        token = ""
        while token not in seen:
            following = {"nextPageToken": token} if token else {}
            what = "the histories of issues"
            body = self._site.read("POST", "changelog/bulkfetch", what, json=asked | following)
            yield from listed(body, "issueChangeLogs")
            seen.add(token)
            token = _token(body) or ""
            if not token:
                return
        raise twice("list of histories")


def _token(body: dict[str, Any]) -> str | None:
    """Where the next page begins; None at the end."""
    token = body.get("nextPageToken")
    if token is not None and not isinstance(token, str):
        raise doubtful("nextPageToken")
    return token or None
