"""Finding issues and reading their histories, the way Jira Cloud offers it since 2025.

Search pages by opaque tokens, tells no total, and answers ids only unless
fields are named. A walk keeps the order it had at its first page.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Collection
from itertools import count
from typing import Any

from connectors.jira.sandbox_jql import JqlError, Query, parse
from connectors.jira.sandbox_nouns import Change, Issue
from connectors.jira.sandbox_shapes import FIELDS, NOT_NAVIGABLE, Json, Voice
from connectors.jira.sandbox_site import GONE, Problem, Site, api, listed, number, payload
from connectors.jira.sandbox_world import World
from connectors.stand_in import Answer, Request

RECENT_CHANGES = 40
"""As many as a search shows of a history."""
MOST_CHANGES = 100
"""As many as one issue shows of its own."""
MOST_ISSUES, MOST_CHANGELOGS, MOST_FIELDS = 1000, 10_000, 10
"""Limits of the bulk changelog."""
WALKS_KEPT = 10_000
UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
BAD_TOKEN = "The provided next page token is invalid or expired."  # noqa: S105


class Issues(Site):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._walks: dict[str, tuple[str, list[int]]] = {}
        """Which query a page token belongs to, and the issues still to come."""
        self._tokens = count(1)

    # --- search --------------------------------------------------------------------------------------------

    @api("GET", "/search/jql")
    def search_by_address(self, voice: Voice, request: Request) -> Answer:
        asked = {
            "jql": request.param("jql"),
            "fields": listed(request, "fields"),
            "expand": request.param("expand"),
            "maxResults": number(request, "maxResults", 50),
            "nextPageToken": request.param("nextPageToken"),
            "reconcileIssues": [int(word) for word in listed(request, "reconcileIssues") if word.isdecimal()],
        }
        return self._search(voice, asked)

    @api("POST", "/search/jql")
    def search_by_body(self, voice: Voice, request: Request) -> Answer:
        return self._search(
            voice,
            payload(
                request,
                jql=str,
                fields=[str],
                expand=str,
                maxResults=int,
                nextPageToken=str,
                properties=[str],
                fieldsByKeys=bool,
                reconcileIssues=[int],
            ),
        )

    def _search(self, voice: Voice, asked: Json) -> Answer:
        _check_limits(asked)
        fields = fields_meant(asked.get("fields") or ["id"], self.world)
        expand = set(asked.get("expand", "").replace(" ", "").split(","))
        size = min(asked.get("maxResults", 50), self.largest_page, _page(fields, expand))
        numbers = self._walk(voice, asked)
        page = [issue for one in numbers[:size] if (issue := self.world.issues.get(one))]
        body: Json = {"issues": [self._found(voice, issue, fields, expand) for issue in page]}
        if len(numbers) > size:
            body["nextPageToken"] = self._remember(_walk_key(voice, asked), numbers[size:])
        body["isLast"] = len(numbers) <= size
        if "names" in expand:
            body["names"] = {name: _name(name, self.world) for name in fields if name != "id"}
        if "schema" in expand:
            body["schema"] = {name: FIELDS[name].schema(name) for name in fields if name in FIELDS}
        return Answer(200, body)

    def _walk(self, voice: Voice, asked: Json) -> list[int]:
        """The issues of this page and of all that follow; nobody's walk is over, whatever the token."""
        token = asked.get("nextPageToken")
        if not token or voice.reader.account is None:
            fresh = asked.get("reconcileIssues", [])
            return [issue.id for issue in self._matching(voice, asked.get("jql", ""), fresh)]
        key, numbers = self._walks.get(token, ("", []))
        if key != _walk_key(voice, asked):
            raise Problem(400, BAD_TOKEN)
        return numbers

    def _matching(self, voice: Voice, jql: str, fresh: Collection[int] = ()) -> list[Issue]:
        if voice.reader.account is None and jql.strip():
            return []
        query = parsed(jql, voice)
        if query.test is None:
            raise Problem(400, UNBOUNDED)
        seen = voice.reader.projects
        return [issue for issue in query.run(self.world.indexed(fresh)) if issue.project.id in seen]

    def _remember(self, key: str, numbers: list[int]) -> str:
        token = base64.urlsafe_b64encode(f"walk {next(self._tokens)}".encode()).decode()
        self._walks[token] = key, numbers
        if len(self._walks) > WALKS_KEPT:
            del self._walks[next(iter(self._walks))]
        return token

    def _found(self, voice: Voice, issue: Issue, fields: Collection[str], expand: Collection[str]) -> Json:
        return {**voice.issue(issue, fields), **_expanded(voice, issue, expand, RECENT_CHANGES)}

    @api("POST", "/search/approximate-count")
    def approximate_count(self, voice: Voice, request: Request) -> Answer:
        asked = payload(request, jql=str)
        return Answer(200, {"count": len(self._matching(voice, asked.get("jql", "")))})

    @api("POST", "/jql/match")
    def match(self, voice: Voice, request: Request) -> Answer:
        asked = payload(request, issueIds=[int], jqls=[str])
        if "issueIds" not in asked or "jqls" not in asked:
            raise Problem(400, "Both issueIds and jqls are required.")
        matches: list[Json] = []
        for jql in asked["jqls"]:
            try:
                found = {issue.id for issue in self._matching(voice, jql)}
            except Problem as problem:
                matches.append({"matchedIssues": [], "errors": problem.answer.body["errorMessages"]})
            else:
                matches.append({"matchedIssues": [n for n in asked["issueIds"] if n in found], "errors": []})
        return Answer(200, {"matches": matches})

    @api("GET POST", "/search")
    def removed(self, voice: Voice, request: Request) -> Answer:
        raise Problem(410, GONE)

    # --- one issue -----------------------------------------------------------------------------------------

    @api("GET", "/issue/{issue}")
    def one(self, voice: Voice, request: Request) -> Answer:
        issue = self.issue(voice, request.args["issue"])
        body = voice.issue(issue, ["key", *fields_meant(listed(request, "fields") or ["*all"], self.world)])
        return Answer(200, {**body, **_expanded(voice, issue, listed(request, "expand"), MOST_CHANGES)})

    @api("GET", "/issue/{issue}/changelog")
    def history(self, voice: Voice, request: Request) -> Answer:
        changes = self.issue(voice, request.args["issue"]).changes
        start, size = number(request, "startAt", 0), number(request, "maxResults", 100, most=100)
        values = [voice.change(change) for change in changes[start : start + size]]
        return Answer(200, paged(voice, request, values, start, size, len(changes)))

    @api("GET", "/issue/{issue}/comment")
    def comments(self, voice: Voice, request: Request) -> Answer:
        issue = self.issue(voice, request.args["issue"])
        order = request.param("orderBy", "created")
        if order.lstrip("+-") != "created":
            raise Problem(400, f"Can not order comments by '{order}'.")
        said = issue.comments[::-1] if order.startswith("-") else issue.comments
        start, size = number(request, "startAt", 0), number(request, "maxResults", 100, most=5000)
        comments = [voice.comment(issue, comment) for comment in said[start : start + size]]
        return Answer(200, {"startAt": start, "maxResults": size, "total": len(said), "comments": comments})

    # --- many histories ------------------------------------------------------------------------------------

    @api("POST", "/changelog/bulkfetch")
    def histories(self, voice: Voice, request: Request) -> Answer:
        """Sorted by date, then issue; so a page can hold a part of an issue's history."""
        asked = payload(request, issueIdsOrKeys=[str], fieldIds=[str], maxResults=int, nextPageToken=str)
        names, only = asked.get("issueIdsOrKeys", []), asked.get("fieldIds", [])
        size = asked.get("maxResults", 1000)
        if not 1 <= len(names) <= MOST_ISSUES:
            raise Problem(400, f"Between 1 and {MOST_ISSUES} issue IDs or keys are required.")
        if len(only) > MOST_FIELDS or len(set(only)) < len(only):
            raise Problem(400, f"At most {MOST_FIELDS} different field IDs are allowed.")
        if not 1 <= size <= MOST_CHANGELOGS:
            raise Problem(400, f"The value of maxResults must be between 1 and {MOST_CHANGELOGS}.")
        start = _bulk_start(asked.get("nextPageToken", ""))
        changes = self._changes(voice, names, set(only))
        by_issue: dict[int, list[Json]] = {}
        for issue, change in changes[start : start + size]:
            by_issue.setdefault(issue.id, []).append(voice.change(change, epoch=True, only=only))
        logs = [{"issueId": str(issue), "changeHistories": told} for issue, told in by_issue.items()]
        rest = len(changes) > start + size
        token = base64.urlsafe_b64encode(json.dumps({"from": start + size}).encode()).decode()
        return Answer(200, {"issueChangeLogs": logs, **({"nextPageToken": token} if rest else {})})

    def _changes(self, voice: Voice, names: list[str], only: set[str]) -> list[tuple[Issue, Change]]:
        """Of the issues the asker may see; the others are left out without a word."""
        issues = {}
        for name in names:
            try:
                issue = self.world.issue(name)
            except KeyError:
                continue
            if issue.project.id in voice.reader.projects:
                issues[issue.id] = issue
        found = [
            (issue, change)
            for issue in issues.values()
            for change in issue.changes
            if not only or any(item.field in only for item in change.items)
        ]
        return sorted(found, key=lambda pair: (pair[1].at, pair[0].id, pair[1].id))


def paged(voice: Voice, request: Request, values: list[Json], start: int, size: int, total: int) -> Json:
    """Jira's page bean, for what is paged by offsets."""
    address = f"{voice.root}/{'/'.join(request.path.split('/')[4:])}"
    body = {
        "self": f"{address}?startAt={start}&maxResults={size}",
        "maxResults": size,
        "startAt": start,
        "total": total,
        "isLast": start + len(values) >= total,
        "values": values,
    }
    if not body["isLast"]:
        body["nextPage"] = f"{address}?startAt={start + size}&maxResults={size}"
    return body


def parsed(jql: str, voice: Voice) -> Query:
    try:
        return parse(jql, voice.reader)
    except JqlError as error:
        raise Problem(400, str(error)) from None


def _check_limits(asked: Json) -> None:
    if len(asked.get("properties", [])) > 5:
        raise Problem(400, "A maximum of 5 issue properties can be requested.")
    if len(asked.get("reconcileIssues", [])) > 50:
        raise Problem(400, "A maximum of 50 issues can be reconciled.")
    if not 1 <= asked.get("maxResults", 50) <= 5000:
        raise Problem(400, "The value of maxResults must be between 1 and 5000.")


def fields_meant(asked: list[str], world: World) -> list[str]:
    """The fields meant by names, `*all`, `*navigable` and `-name`."""
    every = [*FIELDS, *world.custom_fields]
    navigable = [name for name in every if name not in NOT_NAVIGABLE]
    chosen = dict.fromkeys(navigable if asked[0].startswith("-") else ())
    for name in asked:
        if name.startswith("-"):
            chosen.pop(name[1:], None)
        else:
            chosen |= dict.fromkeys({"*all": every, "*navigable": navigable}.get(name, [name]))
    return list(chosen)


def _expanded(voice: Voice, issue: Issue, expand: Collection[str], changes: int) -> Json:
    more: Json = {}
    if "changelog" in expand:
        more["changelog"] = voice.history(issue, changes)
    if "transitions" in expand:
        more["transitions"] = voice.transitions(issue)
    return more


def _page(fields: Collection[str], expand: Collection[str]) -> int:
    """How many issues fit a page: the more is told of each, the fewer."""
    if "changelog" in expand or len(fields) > 20:
        return 100
    return 5000 if set(fields) <= {"id", "key"} else 1000


def _name(field: str, world: World) -> str:
    return FIELDS[field].name if field in FIELDS else world.custom_fields.get(field, field)


def _walk_key(voice: Voice, asked: Json) -> str:
    return f"{voice.reader.account} {asked.get('jql', '')}"


def _bulk_start(token: str) -> int:
    if not token:
        return 0
    try:
        return int(json.loads(base64.urlsafe_b64decode(token))["from"])
    except (ValueError, KeyError, TypeError):
        raise Problem(400, BAD_TOKEN) from None
