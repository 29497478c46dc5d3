"""A window on what was posted: Jira's worklogs and Asana's time entries, as they stand there now."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping

from connectors.asana.sandbox import AsanaSite
from connectors.jira.sandbox import JiraSite
from connectors.stand_in import Answer, Request, StandIn, route
from daybook.sandbox.html import page


class Targets(StandIn):
    """Looks at the stand-ins' own records, not at what Daybook says."""

    name = "targets"

    def __init__(self, jira: JiraSite, asana: AsanaSite, names: Mapping[str, str]) -> None:
        super().__init__()
        self._jira, self._asana, self._names = jira, asana, names

    @route("GET", "/")
    def look(self, request: Request) -> Answer:
        with self._jira.lock:
            worklogs = [
                (
                    log.issue.key,
                    self._name(log.author),
                    f"{log.started:%a %d %b %H:%M}",
                    log.seconds // 60,
                    log.comment,
                )
                for log in reversed(self._jira.world.worklogs)
            ]
        with self._asana.lock:
            entries = [
                (
                    entry.task,
                    self._name(entry.user),
                    f"{entry.day:%a %d %b}",
                    entry.minutes,
                    entry.description,
                )
                for entry in reversed(self._asana.time_entries)
            ]
        body = (
            f"<h1>At the targets</h1><h2>Jira: {len(worklogs)} worklogs</h2>{_table(worklogs)}"
            f"<h2>Asana: {len(entries)} time entries</h2>{_table(entries)}"
        )
        return Answer(200, page("At the targets", body, refresh=3))

    def _name(self, account: str) -> str:
        return self._names.get(account, account)


def _table(rows: Iterable[tuple[object, ...]]) -> str:
    head = "".join(f"<th>{name}</th>" for name in ("On", "By", "When", "Minutes", "Text"))
    lines = ("".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) for row in rows)
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"
