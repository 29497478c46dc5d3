"""Time logged on issues: the feeds of what changed, and writing under one's own name."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

from connectors.jira.sandbox_nouns import Issue, Worklog, instant, milliseconds
from connectors.jira.sandbox_shapes import Json, Voice, heard, plain
from connectors.jira.sandbox_site import PAYLOAD, Problem, Site, api, fits, listed, number, payload
from connectors.stand_in import Answer, Request

FEED_PAGE = 1000
FEED_DELAY = timedelta(minutes=1)
"""The feeds leave out the last minute."""
STARTED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}")
LONGEST_COMMENT, LONGEST_PROPERTY, LONGEST_KEY = 32_767, 32_768, 255
NOT_EDITABLE = "You can not edit the issue as it is in a non-editable workflow state."
NO_TRACKING = "Time Tracking is not enabled."
NO_WORKLOG = "Cannot find worklog with id: '{}'."


class Worklogs(Site):
    # --- what changed --------------------------------------------------------------------------------------

    @api("GET", "/worklog/updated")
    def updated(self, voice: Voice, request: Request) -> Answer:
        shown = "properties" in listed(request, "expand")
        changed = {log.id: log.updated for log in self.world.worklogs if voice.sees(log)}
        return self._feed(voice, request, "updated", changed, shown)

    @api("GET", "/worklog/deleted")
    def deleted(self, voice: Voice, request: Request) -> Answer:
        return self._feed(voice, request, "deleted", dict(self.world.deleted))

    def _feed(
        self,
        voice: Voice,
        request: Request,
        name: str,
        moments: dict[int, datetime],
        properties: bool = False,
    ) -> Answer:
        """Oldest first, at most a thousand, and nothing of the last minute."""
        since = number(request, "since", 0)
        first, last = instant(since), self.clock() - FEED_DELAY
        due = [(at, log) for log, at in moments.items() if first <= at <= last and voice.reader.account]
        page = sorted(due)[:FEED_PAGE]
        values: list[Json] = [{"worklogId": log, "updatedTime": milliseconds(at)} for at, log in page]
        for value in values:
            log = self.world.logged.get(value["worklogId"]) if properties else None
            value["properties"] = voice.properties(log) if log else []
        until = values[-1]["updatedTime"] if values else since
        address = f"{voice.root}/worklog/{name}?since="
        return Answer(
            200,
            {
                "values": values,
                "since": since,
                "until": until,
                "self": f"{address}{since}",
                "nextPage": f"{address}{until}",
                "lastPage": len(due) <= FEED_PAGE,
            },
        )

    @api("POST", "/worklog/list")
    def listing(self, voice: Voice, request: Request) -> Answer:
        """What the asker may not see is missing without a word."""
        ids = payload(request, ids=[int]).get("ids", [])
        if not 1 <= len(ids) <= FEED_PAGE:
            raise Problem(400, f"Between 1 and {FEED_PAGE} worklog IDs are required.")
        shown = "properties" in listed(request, "expand")
        logs = [log for one in dict.fromkeys(ids) if (log := self.world.logged.get(one))]
        seen = [log for log in logs if log.issue.project.id in voice.reader.projects and voice.sees(log)]
        return Answer(200, [voice.worklog(log, properties=shown) for log in seen])

    # --- reading one issue's -------------------------------------------------------------------------------

    @api("GET", "/issue/{issue}/worklog")
    def of_issue(self, voice: Voice, request: Request) -> Answer:
        issue = self._tracked(voice, request)
        start = number(request, "startAt", 0, status=404)
        size = number(request, "maxResults", 5000, most=5000, status=404)
        after = instant(number(request, "startedAfter", 0))
        before = instant(number(request, "startedBefore", 2**62))
        seen = [
            log
            for log in sorted(issue.worklogs.values(), key=lambda log: (log.created, log.id))
            if voice.sees(log) and after <= log.started < before
        ]
        shown = "properties" in listed(request, "expand")
        page = [voice.worklog(log, properties=shown) for log in seen[start : start + size]]
        return Answer(200, {"startAt": start, "maxResults": size, "total": len(seen), "worklogs": page})

    @api("GET", "/issue/{issue}/worklog/{worklog}")
    def one_worklog(self, voice: Voice, request: Request) -> Answer:
        log = self._worklog(voice, request)
        return Answer(200, voice.worklog(log, properties="properties" in listed(request, "expand")))

    def _tracked(self, voice: Voice, request: Request) -> Issue:
        issue = self.issue(voice, request.args["issue"])
        if not self.time_tracking:
            raise Problem(404, NO_TRACKING)
        return issue

    def _worklog(self, voice: Voice, request: Request) -> Worklog:
        issue, text = self._tracked(voice, request), request.args["worklog"]
        log = issue.worklogs.get(int(text)) if text.isdecimal() else None
        if log is None or not voice.sees(log):
            raise Problem(404, NO_WORKLOG.format(text))
        return log

    # --- writing -------------------------------------------------------------------------------------------

    @api("POST", "/issue/{issue}/worklog")
    def log(self, voice: Voice, request: Request) -> Answer:
        issue, account = self._tracked(voice, request), voice.reader.account or ""
        self.note_write(issue)
        said = _said(voice, request)
        if "started" not in said:
            raise Problem(400, started="The start date of the work is required.")
        if "seconds" not in said:
            raise Problem(400, timeLogged="You must indicate the time spent working.")
        if not self.world.may(account, "WORK_ON_ISSUES", issue.project):
            raise Problem(400, "You do not have the permission to associate a worklog to this issue.")
        self._editable(issue)
        if len(issue.worklogs) >= self.most_worklogs:
            raise Problem(413, "The issue has reached the limit of worklogs.")
        group = _group(said, self.world.groups)
        made = self.world.add_worklog(
            issue.key,
            account,
            said["started"],
            said["seconds"],
            said.get("comment", ""),
            at=self.clock(),
            properties=said.get("properties"),
            group=group,
            remaining=_remaining(request, issue, "reduceBy", -1),
        )
        shown = "properties" in listed(request, "expand")
        return Answer(201, voice.worklog(self.world.logged[made], properties=shown))

    @api("PUT", "/issue/{issue}/worklog/{worklog}")
    def edit(self, voice: Voice, request: Request) -> Answer:
        log = self._own(voice, request, "EDIT")
        said = _said(voice, request)
        self.world.edit_worklog(
            log.id,
            voice.reader.account or "",
            started=said.get("started"),
            seconds=said.get("seconds"),
            comment=said.get("comment"),
            remaining=_remaining(request, log.issue),
        )
        log.properties |= said.get("properties", {})
        log.group = _group(said, self.world.groups) or log.group
        return Answer(200, voice.worklog(log, properties="properties" in listed(request, "expand")))

    @api("DELETE", "/issue/{issue}/worklog/{worklog}")
    def delete(self, voice: Voice, request: Request) -> Answer:
        log = self._own(voice, request, "DELETE")
        remaining = _remaining(request, log.issue, "increaseBy")
        self.world.delete_worklog(log.id, voice.reader.account, remaining=remaining)
        return Answer(204)

    def _own(self, voice: Voice, request: Request, what: str) -> Worklog:
        """The worklog of the path, if the asker may change it now."""
        log = self._worklog(voice, request)
        self.note_write(log.issue)
        if not self._may(voice, log, what):
            raise Problem(400, f"You do not have the permission to {what.lower()} this worklog.")
        self._editable(log.issue)
        return log

    def _may(self, voice: Voice, log: Worklog, what: str) -> bool:
        """EDIT or DELETE: one's own, or everybody's."""
        account, project = voice.reader.account, log.issue.project
        own = log.author == account and self.world.may(account, f"{what}_OWN_WORKLOGS", project)
        return own or self.world.may(account, f"{what}_ALL_WORKLOGS", project)

    def _editable(self, issue: Issue) -> None:
        if not issue.editable:
            raise Problem(400, NOT_EDITABLE)

    # --- properties ----------------------------------------------------------------------------------------

    @api("GET", "/issue/{issue}/worklog/{worklog}/properties")
    def property_keys(self, voice: Voice, request: Request) -> Answer:
        log = self._worklog(voice, request)
        base = f"{voice.root}/issue/{log.issue.id}/worklog/{log.id}/properties"
        return Answer(200, {"keys": [{"self": f"{base}/{key}", "key": key} for key in log.properties]})

    @api("GET", "/issue/{issue}/worklog/{worklog}/properties/{key}")
    def one_property(self, voice: Voice, request: Request) -> Answer:
        log, key = self._worklog(voice, request), request.args["key"]
        if key not in log.properties:
            raise Problem(404, f"The property with key '{key}' does not exist.")
        return Answer(200, {"key": key, "value": log.properties[key]})

    @api("PUT", "/issue/{issue}/worklog/{worklog}/properties/{key}")
    def set_property(self, voice: Voice, request: Request) -> Answer:
        log, key = self._worklog(voice, request), request.args["key"]
        if not self._may(voice, log, "EDIT"):
            raise Problem(403, "You do not have the permission to edit this worklog.")
        self.note_write(log.issue)
        try:
            value = json.loads(request.body)
        except ValueError:
            raise Problem(400, "The property value must be valid JSON.") from None
        status = 200 if key in log.properties else 201
        log.properties |= _properties([{"key": key, "value": value}])
        return Answer(status, {})


# --- what a body says --------------------------------------------------------------------------------------


def _said(voice: Voice, request: Request) -> Json:
    """The body of a worklog, checked: started, seconds, comment, properties, visibility, where given.

    What Jira calls read-only (author, created, ...) is ignored, as there.
    """
    try:
        body = request.json()
    except ValueError:
        raise Problem(400, PAYLOAD) from None
    if not isinstance(body, dict):
        raise Problem(400, PAYLOAD)
    said: Json = {}
    if "started" in body:
        said["started"] = _started(body["started"])
    if "timeSpent" in body or "timeSpentSeconds" in body:
        said["seconds"] = _seconds(body)
    if "comment" in body:
        said["comment"] = _comment(voice, body["comment"])
    if "properties" in body:
        said["properties"] = _properties(body["properties"])
    if "visibility" in body:
        said["visibility"] = body["visibility"]
    return said


def _started(text: Any) -> datetime:
    try:
        if isinstance(text, str) and STARTED.fullmatch(text):
            return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")
    except ValueError:
        pass
    raise Problem(400, started="The date must look like yyyy-MM-dd'T'HH:mm:ss.SSSZ, with an offset as +0100.")


def _seconds(body: Json) -> int:
    if "timeSpent" in body and "timeSpentSeconds" in body:
        raise Problem(400, timeSpent="Provide either timeSpent or timeSpentSeconds, not both.")
    given = body.get("timeSpentSeconds")
    seconds = heard(body["timeSpent"]) if isinstance(body.get("timeSpent"), str) else None
    if fits(given, int):
        seconds = given
    elif isinstance(given, str) and given.isdecimal():
        seconds = int(given)
    if seconds is None or seconds < 60:
        raise Problem(400, timeLogged="Invalid time duration entered.")
    return seconds


def _comment(voice: Voice, comment: Any) -> str:
    if voice.documents and not (isinstance(comment, dict) and comment.get("type") == "doc"):
        raise Problem(
            400, comment="Operation value must be an Atlassian Document (see the Atlassian Document Format)"
        )
    if not voice.documents and not isinstance(comment, str):
        raise Problem(400, comment="Operation value must be a string")
    text = plain(comment) if voice.documents else comment
    if len(text) > LONGEST_COMMENT:
        raise Problem(
            400, comment="The entered text is too long. It exceeds the allowed limit of 32,767 characters."
        )
    return str(text)


def _properties(properties: Any) -> Json:
    if not fits(properties, [dict]):
        raise Problem(400, PAYLOAD)
    stored: Json = {}
    for entry in properties:
        key = entry.get("key")
        if set(entry) != {"key", "value"} or not isinstance(key, str) or not 0 < len(key) <= LONGEST_KEY:
            raise Problem(400, f"A property needs a value and a key of 1 to {LONGEST_KEY} characters.")
        if len(json.dumps(entry["value"], ensure_ascii=False)) > LONGEST_PROPERTY:
            raise Problem(400, f"The value of property '{key}' is longer than {LONGEST_PROPERTY} characters.")
        stored[key] = entry["value"]
    return stored


def _group(said: Json, groups: Any) -> str | None:
    """The group a worklog is restricted to; this site has no project roles."""
    if "visibility" not in said:
        return None
    visibility = said["visibility"]
    name = visibility.get("identifier") or visibility.get("value") if isinstance(visibility, dict) else None
    if name not in groups or visibility.get("type") != "group":
        raise Problem(400, commentLevel=f"Group or role: {name} does not exist.")
    return str(name)


def _remaining(request: Request, issue: Issue, by: str = "", sign: int = 1) -> int | None:
    """The estimate after a write, as `adjustEstimate` wants it; None leaves it to the time logged."""
    match request.param("adjustEstimate", "auto"):
        case "auto":
            return None
        case "leave":
            return issue.remaining
        case "new":
            return _duration(request, "newEstimate")
        case "manual" if by:
            return max(0, (issue.remaining or 0) + sign * _duration(request, by))
    raise Problem(400, adjustEstimate="Invalid value for adjustEstimate.")


def _duration(request: Request, name: str) -> int:
    seconds = heard(request.param(name))
    if seconds is None:
        raise Problem(400, adjustEstimate=f"{name} is required and must be a duration, for example 2d.")
    return seconds
