"""Confirmed entries as Jira worklogs, written by the contributor they belong to.

Our key travels inside the worklog that it marks, in the same request: after a
lost answer one look tells whether the worklog is there (R-03). In the cloud it
is a property; Data Center has none, so there it ends the comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import requests
from pydantic import Field, ValidationError

from connectors.contract import Account, Receipt, Refused, Unclear
from connectors.jira.reading import Reading
from connectors.jira.settings import Settings
from connectors.jira.shapes import Shape, Worklog, milliseconds
from connectors.jira.site import Gone, Site
from connectors.session import ADVICE
from core.model import Entry
from core.said import Said

PROPERTY = "daybook.entry"
"""Whoever can browse an issue can read it, so it holds our opaque key and nothing else."""
MARKER = re.compile(r"\s*\[db:[\w-]{1,12}\]\s*$")
AROUND = timedelta(days=1)
"""How far from its start a look searches: the contributor may have moved the worklog meanwhile."""

NOT_THERE: Mapping[int, str] = {
    **ADVICE,
    400: Said(
        "The issue may be closed, or you may not log work on it. Choose another issue for it; or have "
        "that changed, and try again."
    ),
    403: Said(
        'You may not log work there. Choose another issue for this time, or ask for the right "Work on '
        'issues".'
    ),
    404: Said(
        "The issue is gone, or hidden from you, or its project tracks no time. Choose another issue for it."
    ),
    413: "The issue takes no more worklogs. Choose another issue for it.",
}
"""What its contributor can do about time that Jira does not take."""


class Property(Shape):
    key: str
    value: Any = None


class Written(Worklog):
    """A worklog with what only its writer needs to see."""

    issueId: str = ""
    """Where it hangs, whatever the key of that is by now; some servers leave it out."""
    comment: str = ""
    properties: list[Property] = Field(default_factory=list)

    def carries(self, keys: Sequence[str]) -> bool:
        marks = [{"id": key} for key in keys]
        in_property = any(one.key == PROPERTY and one.value in marks for one in self.properties)
        return in_property or self.comment.rstrip().endswith(tuple(map(marker, keys)))

    def says(self, entry: Entry) -> bool:
        written = MARKER.sub("", self.comment)
        return (self.started, self.timeSpentSeconds, written.split()) == (
            entry.start.replace(microsecond=entry.start.microsecond // 1000 * 1000),
            entry.minutes * 60,
            entry.text.split(),
        )

    @property
    def stamp(self) -> str:
        return self.updated.isoformat() if self.updated else ""


class JiraWriter:
    """One contributor's worklogs, in their own name."""

    def __init__(self, site: Site, reading: Reading, account: Account, settings: Settings) -> None:
        self._site, self._reading, self._account = site, reading, account
        self._in_cloud = settings.deployment == "cloud"
        self._habits: dict[str, str] = {"adjustEstimate": settings.estimate}
        if self._in_cloud:
            self._habits["notifyUsers"] = "true" if settings.notify_watchers else "false"

    def baseline(self, entry: Entry) -> str:
        """Nothing: a worklog carries our key."""
        return ""

    def find(self, key: str, entry: Entry, baseline: str, later: Sequence[str] = ()) -> Receipt | None:
        self._as_themselves()
        keys = (key, *later)
        ours = self._marked(_task(entry), entry, keys)
        if later and not ours:
            elsewhere = self._reading.logged_on(entry.start - AROUND, entry.start + AROUND)
            ours = [found for task in elsewhere for found in self._marked(task, entry, keys)]
        if len(ours) > 1:
            raise Unclear(
                Said(
                    "Jira has {number} worklogs with the mark of this entry. Nothing was written.",
                    number=len(ours),
                )
            )
        return ours[0] if ours else None

    def _marked(self, task: str, entry: Entry, keys: Sequence[str]) -> list[Receipt]:
        found = (log for log in self._around(task, entry.start) if log.carries(keys))
        return [Receipt(id=log.id, task=task, stamp=log.stamp) for log in found]

    def post(self, key: str, entry: Entry) -> Receipt:
        self._as_themselves()
        task = _task(entry)
        response = self._site.ask("POST", _path(task), params=self._habits, json=self._body(key, entry))
        return self._written(response, task)

    def amend(self, receipt: Receipt, key: str, entry: Entry) -> Receipt:
        self._as_themselves()
        log = self._stands(receipt)
        if log is None:
            raise Refused(
                Said(
                    "The time on {task} was removed in Jira. Nothing was written; confirm it anew.",
                    task=receipt.task,
                )
            )
        if log.says(entry):  # an earlier amend whose answer was lost
            return Receipt(id=log.id, task=receipt.task, stamp=log.stamp)
        _refuse_if_changed(log, receipt)
        where = _path(log.issueId or receipt.task, receipt.id)
        response = self._site.ask("PUT", where, params=self._habits, json=self._body(key, entry))
        return self._written(response, receipt.task)

    def withdraw(self, receipt: Receipt) -> None:
        self._as_themselves()
        log = self._stands(receipt)
        if log is None:
            return
        _refuse_if_changed(log, receipt)
        where = _path(log.issueId or receipt.task, receipt.id)
        response = self._site.ask("DELETE", where, params=self._habits)
        if response.status_code >= 400 and response.status_code != requests.codes.not_found:
            raise self._site.refused(
                response, Said("to remove the time on {task}", task=receipt.task), "entry"
            )
        self._site.session.json_of(response, write=True)  # a login page removed nothing

    def _as_themselves(self) -> None:
        """Under another's credential the time would be another's."""
        if self._site.account() != self._account.external:
            raise Refused(
                Said(
                    "This token belongs to another Jira account than the one known here. Nothing was "
                    "written. Give a token of your own."
                ),
                whose="account",
            )

    def _around(self, task: str, start: datetime) -> Iterator[Written]:
        """This contributor's worklogs on a task that begin near `start`."""
        params = {
            "startedAfter": milliseconds(start - AROUND),
            "startedBefore": milliseconds(start + AROUND),
            "expand": "properties",
        }
        path, what = _path(task), Said("to show the time on {task}", task=task)
        for raw in self._reading.counted(path, "worklogs", what, params, whose="entry"):
            log = _read(raw)
            if log and log.author and log.author.id == self._account.external:
                yield log

    def _stands(self, receipt: Receipt) -> Written | None:
        """The worklog as it is now; None once it is gone."""
        path, what = _path(receipt.task, receipt.id), Said("to show the time on {task}", task=receipt.task)
        try:
            raw = self._site.read("GET", path, what, params={"expand": "properties"}, whose="entry")
        except Gone:  # or it hangs on another issue now, or on one whose former key leads nowhere any more
            raw = self._by_id(receipt.id, what)
            if raw is None:
                return None
        log = _read(raw)
        if log is None or log.author is None or log.author.id != self._account.external:
            raise Refused(
                Said(
                    "The time on {task} is not this contributor's own. Nothing was written.",
                    task=receipt.task,
                )
            )
        return log

    def _by_id(self, worklog: str, what: str) -> Any:
        """A worklog wherever it hangs; None where there is none that we may see."""
        if not worklog.isdecimal():
            return None
        asked, params = {"ids": [int(worklog)]}, {"expand": "properties"}
        found = self._site.read("POST", "worklog/list", what, params=params, json=asked, whose="entry")
        return next(iter(found), None) if isinstance(found, list) else None

    def _body(self, key: str, entry: Entry) -> dict[str, Any]:
        body = {"started": jira_time(entry.start), "timeSpentSeconds": entry.minutes * 60}
        if self._in_cloud:
            mark = [{"key": PROPERTY, "value": {"id": key}}]
            return {**body, "comment": entry.text, "properties": mark}
        return {**body, "comment": f"{entry.text} {marker(key)}".strip()}

    def _written(self, response: requests.Response, task: str) -> Receipt:
        if response.status_code >= 400:
            raise self._site.refused(response, Said("the time on {task}", task=task), "entry", NOT_THERE)
        log = _read(self._site.session.json_of(response, write=True))
        if log is None:
            raise Unclear(
                Said(
                    "Jira took the time on {task} and did not say what became of it. Daybook looks.",
                    task=task,
                )
            )
        return Receipt(id=log.id, task=task, stamp=log.stamp)


def _task(entry: Entry) -> str:
    return entry.target.partition(":")[2]


def _path(task: str, worklog: str = "") -> str:
    """From ids, never from a `self` link: behind a gateway those lose half of their path."""
    path = f"issue/{quote(task, safe='')}/worklog"
    return f"{path}/{quote(worklog, safe='')}" if worklog else path


def marker(key: str) -> str:
    """Our key at the end of a comment: short, because people read it."""
    return f"[db:{key[:12]}]"


def jira_time(at: datetime) -> str:
    """The only form Jira takes: three digits of milliseconds, an offset without colon, no Z."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}{at:%z}"


def _read(raw: Any) -> Written | None:
    try:
        return Written.model_validate(raw)
    except ValidationError:
        return None


def _refuse_if_changed(log: Written, receipt: Receipt) -> None:
    if log.stamp != receipt.stamp:
        raise Refused(
            Said(
                "The time on {task} was changed in Jira since it was posted. Nothing was overwritten; "
                "keep it as it is there, or remove it there and confirm anew.",
                task=receipt.task,
            )
        )
