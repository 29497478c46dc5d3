"""A team's weeks put into the stand-ins, in each tool's own words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from connectors.asana.sandbox import AsanaSite
from connectors.google_calendar.sandbox import CalendarSite
from connectors.jira.sandbox import JiraSite
from daybook.sandbox.team import Logged, Meeting, Step, Team, Ticket

READER = "daybook@northwind.example"
"""The organisation's account that reads Jira and Asana."""

JIRA_PROJECTS = {"WEB": "ACME website", "APP": "Beta app"}
ASANA_PROJECTS = {"STUDIO": "Studio", "CAMPAIGN": "Campaigns"}
SECTIONS = {"In Progress": "Doing", "Done": "Done"}


@dataclass
class Planted:
    """Who is who at the tools, and where meetings are booked."""

    jira: dict[str, str] = field(default_factory=dict)
    """Address -> account id."""
    asana: dict[str, str] = field(default_factory=dict)
    """Address -> gid."""
    calls: dict[str, str] = field(default_factory=dict)
    """Team -> its issue at Jira for calls with a client: Jira takes 100 writes to one issue in 30 seconds."""
    meetings: dict[str, str] = field(default_factory=dict)
    """Team -> its task at Asana for meetings among ourselves."""
    asana_projects: dict[str, str] = field(default_factory=dict)
    """Our short name -> gid."""


def token(tool: str, email: str) -> str:
    """The credential a person has at a stand-in."""
    return f"{tool}-token-of-{email}"


def plant(team: Team, jira: JiraSite, asana: AsanaSite, calendars: CalendarSite) -> Planted:
    """Fill all three; the same team gives the same state."""
    planted = Planted()
    _plant_people(team, jira, asana, calendars, planted)
    begin = team.members[0].at(team.days[0] - timedelta(days=60), time(8))
    _plant_places(team, jira, asana, planted, begin)
    for meeting in team.meetings:
        _plant_meeting(calendars, meeting)
    names = [_plant_ticket(jira, asana, planted, ticket, number) for number, ticket in _in_order(team)]
    keys = dict(names)
    for logged in team.logged:
        _plant_logged(jira, asana, planted, team.tickets[logged.ticket], keys[logged.ticket], logged)
    return planted


def _in_order(team: Team) -> list[tuple[int, Ticket]]:
    return sorted(enumerate(team.tickets), key=lambda numbered: (numbered[1].created, numbered[0]))


def _plant_people(
    team: Team, jira: JiraSite, asana: AsanaSite, calendars: CalendarSite, planted: Planted
) -> None:
    jira.world.add_user(READER, token("jira", READER), "Daybook")
    asana.add_user(READER, token("asana", READER), "Daybook", service=True)
    for member in team.members:
        email = member.email
        planted.jira[email] = jira.world.add_user(email, token("jira", email), member.name, member.zone)
        planted.asana[email] = asana.add_user(email, token("asana", email), member.name)
        calendars.add_user(email, member.zone, member.name)


def _plant_places(team: Team, jira: JiraSite, asana: AsanaSite, planted: Planted, begin: datetime) -> None:
    for key, name in JIRA_PROJECTS.items():
        jira.world.add_project(key, name)
    for short, name in ASANA_PROJECTS.items():
        everybody = list(planted.asana.values())
        planted.asana_projects[short] = asana.add_project(name, members=everybody, at=begin)
    for lead in team.leads:
        planted.calls[lead.team] = jira.world.add_issue(
            "WEB", "Calls with the client", reporter=planted.jira[lead.email], created=begin
        )
        planted.meetings[lead.team] = asana.add_task(
            planted.asana_projects["STUDIO"], "Meetings", created=begin, by=planted.asana[lead.email]
        )


# --- calendar ----------------------------------------------------------------------------------------------


def _plant_meeting(calendars: CalendarSite, meeting: Meeting) -> None:
    start, end = meeting.start, meeting.start + timedelta(minutes=meeting.minutes)
    when: tuple[Any, Any] = (start, end)
    if meeting.all_day:
        when = (start.date(), start.date() + timedelta(days=1))
    series = calendars.add_event(
        meeting.organiser.email,
        meeting.title,
        *when,
        zone=meeting.organiser.zone,
        recurrence=[f"RRULE:FREQ=WEEKLY;BYDAY={meeting.weekdays}"] if meeting.weekdays else (),
        attendees={member.email: response for member, response in meeting.guests},
        event_type=meeting.kind,
        visibility="private" if meeting.private else "default",
        transparency="transparent" if meeting.free else "opaque",
        created=start - timedelta(days=7),
    )
    clock = start.timetz()
    for day in meeting.cancelled:
        calendars.cancel_instance(series, datetime.combine(day, clock))
    for day, moved_to in meeting.moved:
        at = meeting.organiser.at(day, moved_to)
        calendars.move_instance(
            series, datetime.combine(day, clock), at, at + timedelta(minutes=meeting.minutes)
        )


# --- tickets -----------------------------------------------------------------------------------------------


def _plant_ticket(
    jira: JiraSite, asana: AsanaSite, planted: Planted, ticket: Ticket, number: int
) -> tuple[int, str]:
    if ticket.tool == "jira":
        return number, _plant_issue(jira, planted, ticket)
    return number, _plant_task(asana, planted, ticket)


def _plant_issue(jira: JiraSite, planted: Planted, ticket: Ticket) -> str:
    reporter = planted.jira[ticket.steps[0].by.email]
    key = jira.world.add_issue(
        ticket.project, ticket.title, reporter=reporter, created=ticket.created, labels=ticket.labels
    )
    for step in ticket.steps:
        by = planted.jira[step.by.email]
        match step.what:
            case "assign":
                jira.world.change(key, step.at, by, assignee=planted.jira[step.to])
            case "status":
                jira.world.change(key, step.at, by, status=step.to)
            case "comment":
                jira.world.comment(key, step.at, by, "Looked into it.")
    return key


def _plant_task(asana: AsanaSite, planted: Planted, ticket: Ticket) -> str:
    by = planted.asana[ticket.steps[0].by.email]
    project = planted.asana_projects[ticket.project]
    task = asana.add_task(project, ticket.title, created=ticket.created, by=by)
    for step in ticket.steps:
        _take_step(asana, planted, task, step)
    return task


def _take_step(asana: AsanaSite, planted: Planted, task: str, step: Step) -> None:
    by = planted.asana[step.by.email]
    match step.what:
        case "assign":
            asana.assign(task, planted.asana[step.to], step.at, by)
        case "status":
            asana.move(task, SECTIONS[step.to], step.at, by)
            if step.to == "Done":
                asana.complete(task, step.at, by)
        case "comment":
            asana.comment(task, step.at, by, "Looked into it.")


def _plant_logged(
    jira: JiraSite, asana: AsanaSite, planted: Planted, ticket: Ticket, key: str, logged: Logged
) -> None:
    email = logged.by.email
    if ticket.tool == "jira":
        jira.world.add_worklog(
            key, planted.jira[email], logged.at, logged.minutes * 60, "By hand", at=logged.at
        )
    else:
        day = logged.at.date()
        asana.add_time_entry(key, planted.asana[email], logged.minutes, day, "By hand", at=logged.at)
