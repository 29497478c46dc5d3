"""Finding issues and their histories: all that Jira Cloud and Data Center do each in a way of its own.

Everything else (worklogs, statuses, rights) is asked alike, in version 2 of the API, which both speak.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from connectors.jira.shapes import History, Issue

MOST_ISSUES = 250
"""Issues asked for at once. Jira would give more, but with their histories all of it is in memory."""

HISTORY_FIELDS = (
    "status", "assignee", "resolution", "priority", "labels",
    "components", "fixVersions", "duedate", "issuetype",
)  # fmt: skip
"""Changes we ask for: ten at most, and none whose old and new value is text that people wrote."""


class Found(NamedTuple):
    """A page of a search."""

    issues: list[Issue | None]
    """None for one that cannot be read."""
    token: str | None
    """Where the next page begins; None: that was all."""
    warnings: int = 0
    """Jira said that its answer may lack something."""


class Finding(Protocol):
    """One deployment of Jira, asked by one identity."""

    order: str
    """How a search must be ordered so that a change in the middle of it hides nothing."""

    def page(
        self,
        jql: str,
        fields: Sequence[str],
        token: str | None,
        *,
        reconcile: Sequence[str] = (),
        histories: bool = False,
    ) -> Found:
        """One request.

        Takes    reconcile: ids that must not be stale; histories: they will be asked for
        """

    def histories(self, issues: Sequence[Issue]) -> dict[str, list[History | None]]:
        """The changes of these issues, by id; None for one that cannot be read."""
