"""The export for invoices: confirmed hours by name, of projects and to readers that the policy names.

It is of one month that is over, and of what the policy gave since that month began. Before there is a file,
everybody in it finds it in their access log, and the gate of reports (core/gate.py) has been asked what its
readers could work out with all that was published.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from functools import reduce
from typing import NamedTuple
from zoneinfo import ZoneInfo

from core import gate, periods
from core.gate import Group, Release
from core.loosening import strictest
from core.model import Entry
from core.policy import Billing
from core.said import Said, worded
from core.spreadsheet import csv
from daybook import policies
from daybook.errors import No, Wrong
from daybook.house import House, Member
from daybook.looking import Viewer, looked
from daybook.store.unit import Unit

COLUMNS = ("person", "day", "client", "project", "billable", "minutes")
NOT_NAMED = "The policy names nobody who gets hours by name (policy.billing). Nothing was exported."
NOT_THEM = "The policy does not name {} under policy.billing.who. Nothing was exported."
NOT_YET = (
    "{} began before the policy named {} for hours by name. Nothing was exported. "
    "The first month that can be is the one that begins after it did."
)
NO_MONTH = "{!r} is no month; write it like 2026-10. Nothing was exported."
NOT_OVER = "{} is not over for everybody. Nothing was exported. Try again a day after its last one."
NO_CLIENT = "No project that is exported has the client {!r}. Nothing was exported. The clients are: {}."
TELLS = (
    "Reports about groups of that time were published, and whoever reads them and has these hours could work "
    "out what somebody did beside it. Nothing was exported; everybody who would be in it finds the try in "
    "their access log."
)
EXPORTED = worded("Hours of {client} for {month} were exported for invoices, by {who}.")
TRIED = worded("Hours of {client} for {month} were asked for, for invoices, by {who}, and refused.")
ALL_CLIENTS = Said("all clients")


class Export(NamedTuple):
    """What goes into the file, and who is in it."""

    file: bytes
    lines: int
    people: int
    missing: tuple[str, ...]
    """Projects of the policy that it did not name yet when the month began."""


class Line(NamedTuple):
    """One piece of confirmed time for one client."""

    who: Member
    entry: Entry
    client: str
    project: str
    minutes: int


def export(house: House, reader: str, by: str, month: str, client: str | None = None) -> Export:
    """The hours of one month, once they stand in the access log of everybody in them.

    Takes    reader: the address of who gets it; by: who runs the command; client: only theirs
    Raises   No with its reason; Wrong for what is no month or no client
    """
    first, last = _days(house, month)
    now = house.clock()
    with house.store.writing() as tx:
        given = _given(house, tx, reader.strip().lower(), month, first)
        projects = _projects(house, given, client)
        members = [one for one in house.members(tx) if house.agreed(one)]
        lines = [line for one in members for line in _lines(house, tx, one, first, last, projects)]
        people = {line.who.id for line in lines}
        holds = _holds(house, tx, first, last, projects)
        said = Said(EXPORTED if holds else TRIED, client=client or ALL_CLIENTS, month=month, who=by)
        for one in sorted(people):
            looked(tx, Viewer("billing", reader), one, "entry", "confirmed", now, said)
    if not holds:
        raise No(TELLS)
    columns = (*COLUMNS, "text") if given.text else COLUMNS
    file = csv(columns, (_row(line, text=given.text) for line in lines))
    wanted = house.policy.billing.projects if house.policy.billing else ()
    missing = tuple(name for name in wanted if name not in given.projects)
    return Export(file, len(lines), len(people), missing)


def known(house: House, tx: Unit, weeks: Iterable[str]) -> list[Release]:
    """What readers of such exports know by name of these weeks, as the gate looks at it.

    Of everybody there is, and also once the policy names billing no more: what was exported is known.
    """
    projects = _ever(house, tx)
    return [_release(house, tx, weeks, projects)] if projects else []


def _ever(house: House, tx: Unit) -> set[str]:
    """Every project whose hours somebody may have by name."""
    billings = [one.policy.billing for one in policies.held(house, tx)]
    return {project for billing in billings if billing for project in billing.projects}


def _release(house: House, tx: Unit, weeks: Iterable[str], projects: Iterable[str]) -> Release:
    everybody = frozenset(tx.counted.mark(person.id) for person in tx.people.all())
    called = tuple(sorted({_called(house, key) for key in projects}))
    group = Group(name="by name", members=everybody, tables={"project": called})
    return Release(report="billing", weeks=tuple(sorted(weeks)), groups=(group,), by_name=True)


def _called(house: House, key: str) -> str:
    project = house.configuration.projects.get(key)
    return project.name if project else key


def _days(house: House, month: str) -> tuple[date, date]:
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", month):
        raise Wrong(NO_MONTH.format(month))
    first = date.fromisoformat(f"{month}-01")
    following = (first + timedelta(days=32)).replace(day=1)
    # a day later it is over wherever its people are
    if house.clock().astimezone(ZoneInfo(house.configuration.timezone)).date() <= following:
        raise No(NOT_OVER.format(month))
    return first, following - timedelta(days=1)


def _given(house: House, tx: Unit, reader: str, month: str, first: date) -> Billing:
    """What the policy gave this reader on every day since the month began: nothing reaches back."""
    billing = house.policy.billing
    if billing is None:
        raise No(NOT_NAMED)
    if reader not in billing.who:
        raise No(NOT_THEM.format(reader))
    held = policies.held(house, tx)
    begun = [number for number, one in enumerate(held) if one.since <= first]
    since = held[begun[-1] :] if begun else []
    given = reduce(strictest, (one.policy for one in since)).billing if since else None
    if given is None or reader not in given.who:
        raise No(NOT_YET.format(month, reader))
    return given


def _projects(house: House, given: Billing, client: str | None) -> frozenset[str]:
    """The projects that are exported, which have a client."""
    known = house.configuration.projects
    clients = {key: known[key].client for key in given.projects if key in known and known[key].client}
    if client is not None and client not in clients.values():
        raise Wrong(NO_CLIENT.format(client, ", ".join(sorted({one for one in clients.values() if one}))))
    return frozenset(key for key, whose in clients.items() if client in (None, whose))


def _lines(
    house: House, tx: Unit, who: Member, first: date, last: date, projects: Collection[str]
) -> Iterator[Line]:
    for entry in tx.entries.standing(who.id, first, last):
        shares = entry.attributed or {entry.project or "": entry.minutes}
        for key, minutes in shares.items():
            if key in projects and minutes:
                client = house.configuration.projects[key].client or ""
                yield Line(who, entry, client, _called(house, key), minutes)


def _row(line: Line, *, text: bool) -> tuple[object, ...]:
    billable = "yes" if line.entry.billable else "no"
    person = line.who.person.name
    row = (person, line.entry.day, line.client, line.project, billable, line.minutes)
    return (*row, line.entry.text) if text else row


def _holds(house: House, tx: Unit, first: date, last: date, projects: Collection[str]) -> bool:
    """Whether nobody can be worked out of it with what was published (P-22)."""
    touched = {periods.week(first + timedelta(days=number)) for number in range((last - first).days + 1)}
    published = [tx.reports.released(one) for one in tx.reports.all() if touched & set(one.pattern.weeks)]
    pieces = tx.counted.pieces({week for release in published for week in release.weeks})
    whole = {one for one in touched if first <= periods.monday(one) <= last - timedelta(days=6)}
    # Of a week that the month cuts in two its reader knows more than nothing and less than all, and of other
    # exports they have none or every one: in between, less is left over than in one and more than in another.
    knowing = [
        _release(house, tx, weeks, named)
        for weeks in (touched, whole)
        for named in (projects, _ever(house, tx))
    ]
    least = house.policy.groups.minimum
    return not published or not any(gate.refusal([*published, one], pieces, least) for one in knowing)
