"""The export for invoices: confirmed hours for clients, by name, to whom the policy names and nobody else.

It is of one month that is over. Before there is a file, everybody in it finds it in their access log, and the
gate of reports (core/gate.py) has been asked what its readers could work out with all that was published.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from core import gate, periods
from core.gate import Group, Release
from core.model import Entry
from core.spreadsheet import csv
from daybook.errors import No, Wrong
from daybook.house import House, Member
from daybook.looking import Viewer, looked
from daybook.store.unit import Unit

COLUMNS = ("person", "day", "client", "project", "billable", "minutes")
NOT_NAMED = "The policy names nobody who gets hours by name (policy.billing). Nothing was exported."
NOT_THEM = "The policy does not name {} under policy.billing.who. Nothing was exported."
NO_MONTH = "{!r} is no month; write it like 2026-10. Nothing was exported."
NOT_OVER = "{} is not over for everybody. Nothing was exported. Try again a day after its last one."
NO_CLIENT = "No project has the client {!r}. Nothing was exported. The clients are: {}."
TELLS = (
    "Reports about groups of that time were published, and with these hours {}. Nothing was exported: "
    "whoever reads both could work out what somebody did beside it."
)
EXPORTED = "Hours of {} for {} were exported for invoices, by {}."


class Export(NamedTuple):
    """What goes into the file, and who is in it."""

    file: bytes
    lines: int
    people: int


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
    Raises   No with its reason, and nothing was logged; Wrong for what is no month or no client
    """
    first, last = _days(house, month)
    clients = _clients(house, client)
    _named(house, reader)
    now = house.clock()
    with house.store.writing() as tx:
        members = [one for one in house.members(tx) if house.agreed(one)]
        lines = [line for one in members for line in _lines(house, tx, one, first, last, clients)]
        people = {line.who.id for line in lines}
        _holds(house, tx, members, first, last, clients)
        said = EXPORTED.format(client or "all clients", month, by)
        for one in sorted(people):
            looked(tx, Viewer("billing", reader), one, "entry", "confirmed", now, said)
    text = bool(house.policy.billing and house.policy.billing.text)
    columns = (*COLUMNS, "text") if text else COLUMNS
    return Export(csv(columns, (_row(line, text=text) for line in lines)), len(lines), len(people))


def known(house: House, members: Iterable[str], weeks: Iterable[str]) -> list[Release]:
    """What readers of such exports know by name of these weeks, as the gate looks at it.

    Also once the policy names billing no more: what was exported is known.
    """
    if not any(policy.billing for policy in (house.policy, *house.texts.values())):
        return []
    return [_release(members, weeks, _clients(house, None))]


def _release(members: Iterable[str], weeks: Iterable[str], clients: Collection[str]) -> Release:
    group = Group(name="by name", members=frozenset(members), tables={"client": tuple(sorted(clients))})
    return Release(report="billing", weeks=tuple(sorted(weeks)), groups=(group,), by_name=True)


def _days(house: House, month: str) -> tuple[date, date]:
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", month):
        raise Wrong(NO_MONTH.format(month))
    first = date.fromisoformat(f"{month}-01")
    following = (first + timedelta(days=32)).replace(day=1)
    # a day later it is over wherever its people are
    if house.clock().astimezone(ZoneInfo(house.configuration.timezone)).date() <= following:
        raise No(NOT_OVER.format(month))
    return first, following - timedelta(days=1)


def _clients(house: House, client: str | None) -> frozenset[str]:
    known = {project.client for project in house.configuration.projects.values() if project.client}
    if client is not None and client not in known:
        raise Wrong(NO_CLIENT.format(client, ", ".join(sorted(known))))
    return frozenset([client] if client else known)


def _named(house: House, reader: str) -> None:
    """Whether the policy names this reader, by address or by role."""
    if house.policy.billing is None:
        raise No(NOT_NAMED)
    person = house.configuration.person(reader)
    names = {reader.strip().lower(), person.role if person else None}
    if not names & set(house.policy.billing.who):
        raise No(NOT_THEM.format(reader))


def _lines(
    house: House, tx: Unit, who: Member, first: date, last: date, clients: Collection[str]
) -> Iterator[Line]:
    projects = house.configuration.projects
    for entry in tx.entries.standing(who.id, first, last):
        shares = entry.attributed or {entry.project or "": entry.minutes}
        for key, minutes in shares.items():
            project = projects.get(key)
            if project and project.client in clients and minutes:
                yield Line(who, entry, project.client or "", project.name or key, minutes)


def _row(line: Line, *, text: bool) -> tuple[object, ...]:
    billable = "yes" if line.entry.billable else "no"
    person = line.who.person.name
    row = (person, line.entry.day, line.client, line.project, billable, line.minutes)
    return (*row, line.entry.text) if text else row


def _holds(
    house: House, tx: Unit, members: Iterable[Member], first: date, last: date, clients: Collection[str]
) -> None:
    """Nobody must be worked out of it with what was published (P-22): by who has it, or has all there are.

    A week that the month cuts in two is looked at as if it were known, and as if it were not.
    """
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    touched = {periods.week(day) for day in days}
    inner = {one for one in touched if first <= periods.monday(one) <= last - timedelta(days=6)}
    published = [tx.reports.released(one) for one in tx.reports.all() if touched & set(one.pattern.weeks)]
    pieces = tx.counted.pieces({week for release in published for week in release.weeks})
    marks = [tx.counted.mark(one.id) for one in members]
    for weeks in (touched, inner):
        for named in (clients, _clients(house, None)):
            read = _release(marks, weeks, named)
            if published and (why := gate.refusal([*published, read], pieces, house.policy.groups.minimum)):
                raise No(TELLS.format(why))
