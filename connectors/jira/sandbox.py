"""A Jira Cloud site on loopback, written from Atlassian's published description of the real one.

    site = JiraSite()
    ada = site.world.add_user("ada@example.com", "token", "Ada", "Europe/Berlin")
    site.world.add_project("ACME", "Acme")
    site.world.add_issue("ACME", "Draw the map", status="In Progress", assignee=ada)
    url = site.start()

This module answers about the site itself and its people; its neighbours hold
the state (sandbox_world), the front door (sandbox_site), finding issues
(sandbox_issues, sandbox_jql), worklogs (sandbox_worklogs) and the JSON of it
all (sandbox_shapes).
"""

from __future__ import annotations

from collections.abc import Iterable

from connectors.jira.sandbox_issues import Issues, paged
from connectors.jira.sandbox_nouns import EVERYONE, Person, Project
from connectors.jira.sandbox_shapes import FIELDS, Json, Voice
from connectors.jira.sandbox_site import PAYLOAD, Problem, api, fits, listed, number, payload
from connectors.jira.sandbox_worklogs import Worklogs
from connectors.stand_in import Answer, Request, route

GLOBAL_RIGHTS = ("ADMINISTER", "USER_PICKER")
MOST_CHECKED = 1000


class JiraSite(Issues, Worklogs):
    """The site; what it knows is built and looked at through `world`."""

    # --- the site ------------------------------------------------------------------------------------------

    @route("GET", "/_edge/tenant_info")
    def tenant(self, request: Request) -> Answer:
        return Answer(200, {"cloudId": self.cloud_id})

    @route("GET", "/rest/auth/1/session")
    def session(self, request: Request) -> Answer:
        """Cookie sessions are not for tokens."""
        return Problem(
            401, "You are not authenticated. Authentication required to perform this operation."
        ).answer

    @api("GET", "/serverInfo")
    def server_info(self, voice: Voice, request: Request) -> Answer:
        return Answer(
            200,
            {
                "baseUrl": self.url,
                "displayUrl": self.url,
                "version": "1001.0.0-SNAPSHOT",
                "versionNumbers": [1001, 0, 0],
                "deploymentType": "Cloud",
                "buildNumber": 100290,
                "buildDate": "2026-11-01T00:00:00.000+0000",
                "serverTime": voice.time(self.clock()),
                "scmInfo": "0000000000000000000000000000000000000000",
                "serverTitle": "Jira",
                "serverTimeZone": "UTC",
            },
        )

    @api("GET", "/configuration")
    def configuration(self, voice: Voice, request: Request) -> Answer:
        times = {"workingHoursPerDay": 8.0, "workingDaysPerWeek": 5.0}
        switches = ("voting", "watching", "subTasks", "attachments", "issueLinking")
        body: Json = {f"{name}Enabled": True for name in switches}
        body |= {"unassignedIssuesAllowed": True, "timeTrackingEnabled": self.time_tracking}
        if self.time_tracking:
            body["timeTrackingConfiguration"] = {**times, "timeFormat": "pretty", "defaultUnit": "minute"}
        return Answer(200, body)

    @api("GET", "/status")
    def statuses(self, voice: Voice, request: Request) -> Answer:
        """Those everybody shares, and those of the team-managed projects the asker sees."""
        told = []
        for status in self.world.statuses.values():
            if status.project is None:
                told.append(voice.status(status))
            elif status.project in voice.reader.projects:
                scope = {"type": "PROJECT", "project": {"id": status.project}}
                told.append({**voice.status(status), "scope": scope})
        return Answer(200, told if voice.reader.account else [])

    @api("GET", "/field")
    def fields(self, voice: Voice, request: Request) -> Answer:
        known = [
            {
                "id": field,
                "key": field,
                "name": shown.name,
                "custom": False,
                "orderable": True,
                "navigable": True,
                "searchable": True,
                "clauseNames": list(shown.clauses or (field,)),
                "schema": shown.schema(field),
            }
            for field, shown in FIELDS.items()
        ]
        return Answer(200, known + [_custom(field, name) for field, name in self.world.custom_fields.items()])

    @api("GET", "/project/search")
    def projects(self, voice: Voice, request: Request) -> Answer:
        ids, keys, query = listed(request, "id"), listed(request, "keys"), request.param("query").lower()
        found = [
            project
            for project in sorted(self.world.projects.values(), key=lambda project: project.key)
            if project.id in voice.reader.projects
            and (not ids or project.id in ids)
            and (not keys or project.key in keys)
            and (query in project.key.lower() or query in project.name.lower())
        ]
        start, size = number(request, "startAt", 0), number(request, "maxResults", 50, most=100)
        page = [_whole(voice, project) for project in found[start : start + size]]
        return Answer(200, paged(voice, request, page, start, size, len(found)))

    # --- people --------------------------------------------------------------------------------------------

    @api("GET", "/myself")
    def myself(self, voice: Voice, request: Request) -> Answer:
        me = self.world.people.get(voice.reader.account or "")
        if me is None:
            text = "Client must be authenticated to access this resource."
            return Answer(401, {"message": text, "status-code": 401})
        more = {"locale": "en_US", "groups": {"size": 0, "items": []}, "expand": "groups,applicationRoles"}
        return Answer(200, {**voice.user(me), **more, "applicationRoles": {"size": 0, "items": []}})

    @api("GET", "/user/search")
    def find_users(self, voice: Voice, request: Request) -> Answer:
        query, account = request.param("query").lower(), request.param("accountId")
        if bool("query" in request.params) == bool(account):
            raise Problem(400, "Either the query or the accountId parameter must be provided.")
        found = [
            person
            for person in self._people(voice)
            if person.active
            and (person.account_id == account if account else _called(person, query))
            and self._holds(voice.reader.account, "USER_PICKER", ())
        ]
        return Answer(200, _users(voice, request, found[:MOST_CHECKED]))

    @api("GET", "/users/search")
    def all_users(self, voice: Voice, request: Request) -> Answer:
        return Answer(200, _users(voice, request, self._people(voice)))

    @api("GET", "/user/bulk")
    def users(self, voice: Voice, request: Request) -> Answer:
        asked = request.params.get("accountId", [])
        if not asked:
            raise Problem(400, "The accountId parameter is required.")
        found = [person for person in self._people(voice) if person.account_id in asked]
        return Answer(200, _people_page(voice, request, found, default=10, most=200))

    @api("GET", "/group/member")
    def members(self, voice: Voice, request: Request) -> Answer:
        name = request.param("groupId") or request.param("groupname")
        if not name:
            raise Problem(400, "The group name must be specified.")
        if voice.reader.account is None:
            raise Problem(403, "You do not have permission to view groups.")
        if name not in self.world.groups:
            raise Problem(404, f"The group '{name}' does not exist.")
        found = [self.world.people[account] for account in self.world.groups[name]]
        return Answer(200, _people_page(voice, request, found, default=50, most=50))

    def _people(self, voice: Voice) -> list[Person]:
        return list(self.world.people.values()) if voice.reader.account else []

    # --- permissions ---------------------------------------------------------------------------------------

    @api("GET", "/mypermissions")
    def my_permissions(self, voice: Voice, request: Request) -> Answer:
        """Without a project or issue: held in any project."""
        wanted = listed(request, "permissions")
        if not wanted:
            raise Problem(400, "The 'permissions' query parameter is required.")
        _known(wanted)
        projects = self._meant(voice, request)
        told = {
            key: {
                "id": str(place),
                "key": key,
                "name": key.replace("_", " ").capitalize(),
                "type": "GLOBAL" if key in GLOBAL_RIGHTS else "PROJECT",
                "description": "",
                "havePermission": self._holds(voice.reader.account, key, projects),
            }
            for place, key in enumerate(wanted)
        }
        return Answer(200, {"permissions": told})

    def _meant(self, voice: Voice, request: Request) -> list[Project]:
        seen = [project for project in self.world.projects.values() if project.id in voice.reader.projects]
        if issue := request.param("issueId") or request.param("issueKey"):
            return [self.issue(voice, issue).project]
        wanted = request.param("projectId") or request.param("projectKey")
        if not wanted:
            return seen
        found = [project for project in seen if wanted in (project.id, project.key)]
        if not found:
            raise Problem(404, f"No project could be found with key or id '{wanted}'.")
        return found

    def _holds(self, account: str | None, permission: str, projects: Iterable[Project]) -> bool:
        if permission in GLOBAL_RIGHTS:
            holder = self.world.people.get(account or "")
            return holder is not None and (holder.admin if permission == "ADMINISTER" else holder.sees_people)
        return any(self.world.may(account, permission, project) for project in projects)

    @api("POST", "/permissions/check")
    def check_permissions(self, voice: Voice, request: Request) -> Answer:
        asked = payload(request, accountId=str, globalPermissions=[str], projectPermissions=[dict])
        account = asked.get("accountId", voice.reader.account)
        if account != voice.reader.account and not self._holds(voice.reader.account, "ADMINISTER", ()):
            raise Problem(403, "Only administrators may check the permissions of others.")
        if account not in self.world.people:
            account = None
        globally = asked.get("globalPermissions", [])
        _known(globally, GLOBAL_RIGHTS)
        granted = [
            grant
            for wanted in asked.get("projectPermissions", [])
            for grant in self._granted(account, wanted)
        ]
        held = [right for right in globally if self._holds(account, right, ())]
        return Answer(200, {"globalPermissions": held, "projectPermissions": granted})

    def _granted(self, account: str | None, wanted: Json) -> list[Json]:
        """Numbers of projects and issues that do not exist are ignored, as the description says."""
        kinds: dict[str, list[type]] = {"permissions": [str], "projects": [int], "issues": [int]}
        if not wanted.get("permissions") or not all(
            name in kinds and fits(value, kinds[name]) for name, value in wanted.items()
        ):
            raise Problem(400, PAYLOAD)
        _known(wanted["permissions"], EVERYONE)
        if len(wanted.get("projects", [])) > MOST_CHECKED or len(wanted.get("issues", [])) > MOST_CHECKED:
            raise Problem(400, f"At most {MOST_CHECKED} projects and issues can be checked.")
        by_id = {int(project.id): project for project in self.world.projects.values()}
        projects = [one for one in wanted.get("projects", []) if one in by_id]
        issues = [one for one in wanted.get("issues", []) if one in self.world.issues]
        may, homes = self.world.may, self.world.issues
        return [
            {
                "permission": right,
                "projects": [one for one in projects if may(account, right, by_id[one])],
                "issues": [one for one in issues if may(account, right, homes[one].project)],
            }
            for right in wanted["permissions"]
        ]


def _known(permissions: Iterable[str], among: Iterable[str] = (*EVERYONE, *GLOBAL_RIGHTS)) -> None:
    if strange := [permission for permission in permissions if permission not in among]:
        raise Problem(400, f"Unrecognized permission: {', '.join(strange)}")


def _called(person: Person, query: str) -> bool:
    """Names and shown addresses match by their beginning, hidden addresses only as a whole."""
    email = person.email.lower()
    by_email = email.startswith(query) if person.shows_email else email == query
    return by_email or any(
        word.startswith(query) for word in [person.name.lower(), *person.name.lower().split()]
    )


def _users(voice: Voice, request: Request, people: list[Person]) -> list[Json]:
    start, size = number(request, "startAt", 0), number(request, "maxResults", 50, most=1000)
    return [voice.user(person) for person in people[start : start + size]]


def _people_page(voice: Voice, request: Request, people: list[Person], default: int, most: int) -> Json:
    start, size = number(request, "startAt", 0), number(request, "maxResults", default, most=most)
    page = [voice.user(person) for person in people[start : start + size]]
    return paged(voice, request, page, start, size, len(people))


def _whole(voice: Voice, project: Project) -> Json:
    return {
        **voice.project(project),
        "expand": "description,lead,issueTypes,url,projectKeys,permissions,insight",
        "style": project.style,
        "isPrivate": project.rights["BROWSE_PROJECTS"] is not None,
        "properties": {},
    }


def _custom(field: str, name: str) -> Json:
    digits = int(field.removeprefix("customfield_"))
    return {
        "id": field,
        "key": field,
        "name": name,
        "custom": True,
        "orderable": True,
        "navigable": True,
        "searchable": True,
        "clauseNames": [f"cf[{digits}]", name],
        "schema": {"type": "any", "custom": "com.example:any", "customId": digits},
    }
