"""A Jira Data Center on loopback, below a path of its own, written from what is published about the real one.

    site = JiraServer()
    ada = site.world.add_user("ada@example.com", "token", "Ada", "Europe/Berlin")
    url = site.start()

The same world as in the cloud, told in the older way: version 2 of the API
alone, people by key and name, searches by position with whole histories inside,
worklogs without properties. Who asks with a wrong token hears 401; who fails to
sign in too often must solve a riddle in a browser first.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.jira.sandbox import GLOBAL_RIGHTS, JiraSite
from connectors.jira.sandbox_issues import fields_meant, parsed
from connectors.jira.sandbox_nouns import EVERYONE, Change, Issue, Person, Worklog
from connectors.jira.sandbox_shapes import Json, Voice
from connectors.jira.sandbox_site import Problem, api, listed, number, payload
from connectors.jira.sandbox_world import World
from connectors.stand_in import Answer, Request

CONTEXT = "/jira"
"""The path it is installed under."""
CLOUD_ALONE = (
    "/rest/api/3", "/_edge", "/rest/api/2/search/", "/rest/api/2/jql", "/rest/api/2/changelog",
    "/rest/api/2/issue/{issue}/changelog", "/rest/api/2/issue/{issue}/worklog/{worklog}/properties",
    "/rest/api/2/user/bulk", "/rest/api/2/users", "/rest/api/2/permissions", "/rest/api/2/project/search",
)  # fmt: skip
MOST_ISSUES = 1000
"""As many as its administrator lets a search give."""
FAILURES = 3
"""After so many failed sign-ins comes the riddle."""
SIGN_IN = "Client must be authenticated to access this resource."


class ServerWorld(World):
    def add_user(self, email: str, token: str, name: str, zone: str = "UTC", **more: Any) -> str:
        """Gives the key, which is all that names somebody for good."""
        key = f"JIRAUSER{10_100 + len(self.people)}"
        return super().add_user(email, token, name, zone, **{"account_id": key} | more)


class ServerVoice(Voice):
    """How Data Center writes things down."""

    def user(self, person: Person) -> Json:
        name = person.email.partition("@")[0]
        return {
            "self": f"{self.root}/user?username={name}",
            "key": person.account_id,
            "name": name,
            "emailAddress": person.email,
            "avatarUrls": self.avatars(),
            "displayName": person.name,
            "active": person.active,
            "timeZone": person.zone,
        }

    def change(self, change: Change, **_: Any) -> Json:
        """Items name their field, and have no id of it."""
        told = super().change(change)
        items = [{name: said for name, said in item.items() if name != "fieldId"} for item in told["items"]]
        return told | {"items": items}

    def history(self, issue: Issue, most: int) -> Json:
        """All of it, oldest first."""
        told = [self.change(change) for change in issue.changes]
        return {"startAt": 0, "maxResults": len(told), "total": len(told), "histories": told}

    def worklog(self, worklog: Worklog, *, properties: bool = False) -> Json:
        return super().worklog(worklog)


@dataclass
class Buckets:
    """One for each person: full at first, a token for each request, and a new one at constant intervals.

    Source   Atlassian's article 1081350546: of 18 requests, one a second, 16 are answered where 5 a minute
             are allowed and 15 at most
    """

    allowed: int
    """Tokens that come back in each span of seconds."""
    span: float
    most: int
    held: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Person -> how many tokens, and when that was."""

    def wait(self, who: str, now: float) -> float:
        """Seconds until there is a token; 0 takes one."""
        tokens, before = self.held.get(who, (float(self.most), now))
        tokens = min(self.most, tokens + (now - before) * self.allowed / self.span)
        missing = max(0.0, 1.0 - tokens)
        self.held[who] = (tokens if missing else tokens - 1.0), now
        return missing * self.span / self.allowed

    def left(self, who: str) -> int:
        """Whole tokens when they last asked."""
        return math.floor(self.held.get(who, (self.most, 0))[0])


class JiraServer(JiraSite):
    """Data Center; what it knows is built and looked at through `world`.

    Takes    limit: "Requests allowed", the seconds they are allowed in, and "Max requests", for each person;
             without, as installed, no limit
    """

    kind_of_world, kind_of_voice = ServerWorld, ServerVoice

    def __init__(self, limit: tuple[int, float, int] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._routes = [entry for entry in self._routes if not entry[1].startswith(CLOUD_ALONE)]
        self._buckets = Buckets(*limit) if limit else None
        self._failed: Counter[str] = Counter()

    @property
    def url(self) -> str:
        return super().url + CONTEXT

    def find(self, method: str, path: str) -> tuple[str, str | None, dict[str, str]]:
        inside = path.removeprefix(CONTEXT).replace("/rest/api/latest", "/rest/api/2", 1)
        return super().find(method, inside)

    def answer(self, request: Request) -> tuple[Answer, str]:
        """What lies outside its path is not its own."""
        inside = request.path.removeprefix(CONTEXT) if request.path.startswith(f"{CONTEXT}/") else "/outside"
        return super().answer(replace(request, path=inside))

    # --- who asks ------------------------------------------------------------------------------------------

    def before(self, request: Request) -> Answer | None:
        """A wrong credential is refused; one that failed too often is refused whatever it is."""
        kind, _, sent = request.headers.get("authorization", "").partition(" ")
        account = self.account(request)
        if kind.lower() == "basic":
            if self._failed[sent] >= FAILURES:
                told = {
                    "X-Authentication-Denied-Reason": f"CAPTCHA_CHALLENGE; login-url={self.url}/login.jsp"
                }
                return Problem(403, "Basic Authentication Failure - Reason : CAPTCHA", headers=told).answer
            self._failed[sent] += account is None
        if account is None and kind:
            failed = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
            return Answer(401, {"message": SIGN_IN, "status-code": 401}, failed)
        return self._too_fast(account)

    def _too_fast(self, account: str | None) -> Answer | None:
        """What it says to wait may be nothing at all."""
        wait = self._buckets.wait(account, self.pace_clock()) if self._buckets and account else 0.0
        if not wait:
            return None
        return Answer(429, {"message": "Rate limit exceeded."}, {"Retry-After": str(math.floor(wait))})

    def extra_headers(self, request: Request, answer: Answer) -> Mapping[str, str]:
        account = self.account(request)
        person = self.world.people.get(account or "")
        told = {"X-AUSERNAME": person.email.partition("@")[0] if person else "anonymous"}
        if self._buckets is None or account is None:
            return told
        return told | {
            "X-RateLimit-Limit": str(self._buckets.most),
            "X-RateLimit-Remaining": str(self._buckets.left(account)),
            "X-RateLimit-FillRate": str(self._buckets.allowed),
            "X-RateLimit-Interval-Seconds": str(math.ceil(self._buckets.span)),
        }

    # --- the site and its people ---------------------------------------------------------------------------

    @api("GET", "/serverInfo")
    def server_info(self, voice: Voice, request: Request) -> Answer:
        told = super().server_info(request).body
        own = {"version": "9.12.15", "versionNumbers": [9, 12, 15], "deploymentType": "Server"}
        return Answer(200, told | own)

    @api("GET", "/user/search")
    def find_users(self, voice: Voice, request: Request) -> Answer:
        asked = request.param("username").lower()
        if not asked:
            raise Problem(400, "The username query parameter was not provided")
        start, size = number(request, "startAt", 0), number(request, "maxResults", 50, most=MOST_ISSUES)
        found = [
            voice.user(person)
            for person in self.world.people.values()
            if person.active
            and any(word.startswith(asked) for word in (person.email.lower(), person.name.lower()))
        ]
        return Answer(200, found[start : start + size] if voice.reader.account else [])

    @api("GET", "/mypermissions")
    def my_permissions(self, voice: Voice, request: Request) -> Answer:
        """All of them, whichever were asked for."""
        every = {"permissions": [",".join((*EVERYONE, *GLOBAL_RIGHTS))]}
        return super().my_permissions(replace(request, params={**request.params, **every}))

    # --- finding -------------------------------------------------------------------------------------------

    @api("GET", "/search")
    def removed(self, voice: Voice, request: Request) -> Answer:
        """In the cloud it is removed; here it is the only one."""
        asked = {name: request.param(name) for name in ("jql", "expand")}
        start, size = number(request, "startAt", 0), number(request, "maxResults", 50)
        return self._searched(voice, asked, listed(request, "fields"), start, size)

    @api("POST", "/search")
    def search_in_body(self, voice: Voice, request: Request) -> Answer:
        body = payload(request, jql=str, fields=[str], expand=[str], startAt=int, maxResults=int)
        asked = {"jql": body.get("jql", ""), "expand": ",".join(body.get("expand", ()))}
        return self._searched(
            voice, asked, body.get("fields", []), body.get("startAt", 0), body.get("maxResults", 50)
        )

    def _searched(self, voice: Voice, asked: Json, names: list[str], start: int, size: int) -> Answer:
        """By position in what matches now: a change between two pages moves what follows."""
        query = parsed(asked["jql"], voice)
        seen = voice.reader.projects
        found = [issue for issue in query.run(self.world.indexed()) if issue.project.id in seen]
        fields = fields_meant(names or ["*navigable"], self.world)
        size = min(size, self.largest_page, MOST_ISSUES)
        page = [
            self._found(voice, one, ["key", *fields], asked["expand"].split(","))
            for one in found[start : start + size]
        ]
        body = {"expand": "schema,names", "startAt": start, "maxResults": size, "total": len(found)}
        return Answer(200, body | {"issues": page})

    # --- worklogs ------------------------------------------------------------------------------------------

    @api("GET", "/issue/{issue}/worklog")
    def of_issue(self, voice: Voice, request: Request) -> Answer:
        """All of them, whatever was asked."""
        return super().of_issue(replace(request, params={}))

    @api("POST", "/issue/{issue}/worklog")
    def log(self, voice: Voice, request: Request) -> Answer:
        _without_properties(request)
        issue = self.issue(voice, request.args["issue"])
        if not self.world.may(voice.reader.account, "WORK_ON_ISSUES", issue.project):
            raise Problem(403, "You do not have the permission to associate a worklog to this issue.")
        return super().log(request)

    @api("PUT", "/issue/{issue}/worklog/{worklog}")
    def edit(self, voice: Voice, request: Request) -> Answer:
        _without_properties(request)
        return super().edit(request)


def _without_properties(request: Request) -> None:
    try:
        body = request.json()
    except ValueError:
        return
    if isinstance(body, dict) and "properties" in body:
        raise Problem(400, 'Unrecognized field "properties" (Class WorklogJsonBean), not marked as ignorable')
