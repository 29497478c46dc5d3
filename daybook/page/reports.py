"""Reports about groups as they were published: one page for managers and for everybody in them (P-25)."""

from __future__ import annotations

from typing import NamedTuple

from starlette.responses import Response

from core.patterns import Part, Pattern, Table
from core.spreadsheet import csv
from daybook import report_words, reporting
from daybook.house import House
from daybook.page import words
from daybook.page.door import LONGEST_NUMBER, Visit, closed
from daybook.store.reports import Published
from daybook.words import listed

HERE = "/reports"
WIDE = 1_000
"""Units of a chart from left to right; its longest bar is as long."""
COLUMNS = ("report", "from", "to", "group", "counted", "value", "hours")


class Bar(NamedTuple):
    """A figure, and how long it is drawn."""

    label: str
    hours: int
    length: int


class Chart(NamedTuple):
    """A table, drawn: each figure stands beside its bar, so nothing has to be read from a length."""

    title: str
    bars: tuple[Bar, ...]


class Shown(NamedTuple):
    """What stands of one group on the page."""

    name: str
    charts: tuple[Chart, ...]
    withheld: str


def show(visit: Visit) -> Response:
    """The report that is asked for, or the latest one, and where the others are."""
    readable = _readable(visit)
    asked = visit.query.get("number", "")
    chosen = _numbered(readable, asked) if asked else next(iter(readable), None)
    if asked and chosen is None:
        return closed()
    return visit.show(
        "reports.html",
        title=report_words.title(chosen.pattern) if chosen else words.REPORTS,
        below=_below(visit),
        managers=_managers(visit.house, chosen) if chosen else "",
        chosen=chosen,
        groups=[_shown(part, chosen.pattern) for part in chosen.pattern.parts] if chosen else [],
        no_group=report_words.NO_GROUP,
        others=[(one.id, report_words.title(one.pattern)) for one in readable if one != chosen],
    )


def taken(visit: Visit) -> Response:
    """One report as a table for a spreadsheet, figure by figure as it stands on the page."""
    chosen = _numbered(_readable(visit), visit.query.get("number", ""))
    if chosen is None:
        return closed()
    name = f"daybook-{chosen.pattern.period}-{chosen.id}.csv"
    return Response(
        written(chosen.pattern),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def written(pattern: Pattern) -> bytes:
    """A report as CSV."""
    return csv(
        COLUMNS,
        (
            (
                pattern.report, pattern.first_day, pattern.last_day,
                part.group, table.what, report_words.label(table.what, row.label), row.hours,
            )
            for part in pattern.parts
            for table in part.tables
            for row in table.rows
        ),
    )  # fmt: skip


def _readable(visit: Visit) -> list[Published]:
    with visit.house.store.reading() as tx:
        return reporting.readable(visit.house, tx, visit.who)


def _managers(house: House, chosen: Published) -> str:
    """The names of whoever else may read it, as far as the rollout reaches them."""
    with house.store.reading() as tx:
        readers = reporting.managers(house, tx, chosen.pattern.first_day)
    names = [person.name for address, person in house.named.items() if address in readers]
    return listed(names) if names else ""


def _numbered(readable: list[Published], asked: str) -> Published | None:
    number = int(asked) if asked.isdecimal() and len(asked) <= LONGEST_NUMBER else None
    return next((one for one in readable if one.id == number), None)


def _below(visit: Visit) -> str:
    """Where this page is, below what the link opens."""
    return "" if visit.link.purpose == "report" else HERE


def _shown(part: Part, pattern: Pattern) -> Shown:
    charts = tuple(_chart(table) for table in part.tables)
    return Shown(part.group, charts, report_words.withheld(part, pattern))


def _chart(table: Table) -> Chart:
    longest = max((row.hours for row in table.rows), default=0)
    bars = tuple(
        Bar(report_words.label(table.what, row.label), row.hours, WIDE * row.hours // max(1, longest))
        for row in table.rows
    )
    return Chart(report_words.HEADERS[table.what], bars)
