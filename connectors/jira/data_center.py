"""Jira Data Center: searches by position, with the whole history of each issue inside.

What changes in the middle of a search must not push an issue past us, so the
newest comes first: then it can only be seen twice. What leaves the list does
push, and shows in its total.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import StrictInt

from connectors.contract import Unavailable
from connectors.jira.answers import Answer, doubtful, listed, twice
from connectors.jira.finding import HISTORY_FIELDS, MOST_ISSUES, Found
from connectors.jira.shapes import Changelog, History, Issue, Perhaps, perhaps
from connectors.jira.site import Gone, Site

READ = frozenset(name.lower() for name in HISTORY_FIELDS) | {"component", "fix version"}
"""What is kept of a history, under today's names and older servers'; the rest may be people's words."""


class _Search(Answer):
    issues: list[Perhaps[Issue]]
    total: StrictInt
    startAt: int | None = None
    warningMessages: Any = None


class DataCenter:
    order = "updated DESC"

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
        start, before = (int(part) for part in (token or "0/0").split("/"))
        params: dict[str, Any] = {
            "jql": jql,
            "fields": ",".join(fields),
            "maxResults": MOST_ISSUES,
            "startAt": start,
        }
        params |= {"expand": "changelog"} if histories else {}
        page = self._site.answer("GET", "search", "the search for issues", _Search, params=params)
        issues, total = page.issues, page.total
        if page.startAt not in (None, start):
            raise twice("search")
        if total < before:
            raise Unavailable(
                "Issues left Jira's list while it was read, so another may have been passed over. Nothing of "
                "this walk was kept; the next round tries again."
            )
        reached = start + len(issues)
        if reached < total and not issues:
            raise doubtful("issues")
        told = len(page.warningMessages) if isinstance(page.warningMessages, list) else 0
        return Found(issues, f"{reached}/{total}" if reached < total else None, told)

    def histories(self, issues: Sequence[Issue]) -> dict[str, list[History | None]]:
        """They came with the search: no request, but one for each issue whose history is cut or not there."""
        return {issue.id: perhaps(History, _without_words(self._history(issue))) for issue in issues}

    def _history(self, issue: Issue) -> Changelog:
        if issue.changelog and not issue.changelog.cut:
            return issue.changelog
        what = "the history of an issue"
        try:
            body = self._site.read(
                "GET", f"issue/{issue.id}", what, params={"expand": "changelog", "fields": "updated"}
            )
        except Gone:  # deleted since the search
            return Changelog()
        told = body.get("changelog") if isinstance(body, dict) else None
        return Changelog(histories=listed(told, "histories"))


def _without_words(log: Changelog) -> list[Any]:
    """The changes we would have asked for, had we been asked which."""
    return [one for raw in log.histories if (one := _kept(raw))]


def _kept(raw: Any) -> Any:
    items = raw.get("items") if isinstance(raw, dict) else None
    if not isinstance(items, list):
        return raw  # to be counted as one that cannot be read
    kept = [
        item
        for item in items
        if isinstance(item, dict) and str(item.get("fieldId") or item.get("field")).lower() in READ
    ]
    return raw | {"items": kept} if kept else None
