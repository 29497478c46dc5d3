"""All that Daybook holds about somebody: to see, to take along, and to erase (P7).

Opening the page shows how much there is. What it says comes with a button, and each time the access log
tells: whoever holds their link is taken for them, and so they see it if that was somebody else.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from core.ics import ics
from core.posting import Posting
from core.said import Said
from core.spreadsheet import csv
from core.visibility import Thing
from daybook import joining
from daybook.languages import _
from daybook.looking import THEMSELVES, looked
from daybook.page import words
from daybook.page.cookies import emptied
from daybook.page.door import Visit
from daybook.page.held import sections
from daybook.page.places import connections
from daybook.store.unit import Unit
from daybook.tools import called, tools
from daybook.words import full_date

HERE = "/mine"
COLUMNS = ("day", "start", "minutes", "project", "client", "category", "billable", "where", "text", "state")


def show(visit: Visit) -> Response:
    return _page(visit)


def opened(visit: Visit) -> Response:
    """The same, with all it says."""
    with visit.house.store.writing() as tx:
        _taken(visit, tx, "everything", words.SHOWN_ALL)
    return _page(visit, all_of_it=True)


def taken(kind: str) -> Callable[[Visit], Response]:
    """What a button to take something along gives."""
    thing, why, write, media_type = _FILES[kind]

    def answer(visit: Visit) -> Response:
        with visit.house.store.writing() as tx:
            _taken(visit, tx, thing, why)
            written = write(visit, tx)
        name = f"daybook-{visit.house.clock():%Y-%m-%d}.{kind}"
        return Response(
            written,
            media_type=media_type,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    return answer


def erase(visit: Visit) -> Response:
    """They leave, and what they confirmed goes too if they say so; their links end with this answer."""
    if visit.stated("sure") != "yes":
        return _page(visit, 422, words.NOT_SURE)
    if visit.stated("confirmed") != "too":
        joining.leave(visit.house, visit.who)
        return emptied(visit.show("left.html", title=words.LEFT, said=""))
    left = joining.erase(visit.house, visit.who)
    named = [(_place(visit, one), one) for one in left]
    return emptied(visit.show("erased.html", title=words.ERASED, said="", left=named))


def _place(visit: Visit, posting: Posting) -> str:
    known = posting.connection in visit.house.connectors
    return called(visit.house, posting.connection) if known else posting.connection


# --- what is taken along -----------------------------------------------------------------------------------


def _taken(visit: Visit, tx: Unit, thing: Thing, why: str) -> None:
    looked(tx, THEMSELVES, visit.who.id, thing, "unconfirmed", visit.house.clock(), why)


def _json(visit: Visit, tx: Unit) -> bytes:
    """Everything, as the store has it: its names and marks for machines, its sentences in their language."""
    held = {
        "person": visit.who.person.email,
        "made_at": visit.house.clock().isoformat(),
        "policy": visit.house.policy_version,
        "tables": _said(tx.everything_of(visit.who.id)),
    }
    return json.dumps(held, indent=1, ensure_ascii=False).encode(errors="replace")


def _said(held: Any) -> Any:
    match held:
        case Said():
            return _(held)
        case dict():
            return {name: _said(inner) for name, inner in held.items()}
        case list():
            return [_said(inner) for inner in held]
    return held


def _csv(visit: Visit, tx: Unit) -> bytes:
    """What they confirmed, a line for each entry."""
    projects = visit.house.configuration.projects
    states = {filed.posting.entry.id: filed.posting.state for filed in tx.postings.all_of(visit.who.id)}
    rows = []
    for entry in tx.entries.all_of(visit.who.id):
        project = projects.get(entry.project or "")
        rows.append(
            (
                entry.day,
                entry.start.isoformat(),
                entry.minutes,
                project.name if project else entry.project or "",
                (project.client if project else None) or "",
                entry.category or "",
                words.yes(entry.billable),
                entry.target,
                entry.text,
                states.get(entry.id, "kept here"),
            )
        )
    return csv(COLUMNS, rows)


def _ics(visit: Visit, tx: Unit) -> bytes:
    names = {key: project.name or key for key, project in visit.house.configuration.projects.items()}
    return ics(tx.entries.all_of(visit.who.id), names, visit.house.clock())


_FILES: dict[str, tuple[Thing, str, Callable[[Visit, Unit], bytes], str]] = {
    "json": ("everything", words.TOOK_ALL, _json, "application/json"),
    "csv": ("entry", words.TOOK_ENTRIES, _csv, "text/csv; charset=utf-8"),
    "ics": ("entry", words.TOOK_ENTRIES, _ics, "text/calendar; charset=utf-8"),
}
FILES = tuple(_FILES)


# --- the page ----------------------------------------------------------------------------------------------


def _page(visit: Visit, status: int = 200, problem: str = "", *, all_of_it: bool = False) -> Response:
    house, who = visit.house, visit.who
    with house.store.reading() as tx:
        held = tx.everything_of(who.id)
        whole = tx.access.intact(who.id)
        sources = [place for place in connections(house, tx, who).values() if place.account]
    at = who.contributor.acknowledged_at
    return visit.show(
        "mine.html",
        status,
        title=words.MINE,
        said=problem or visit.said,
        went_wrong=bool(problem),
        sections=list(sections(held, house.policy.retention)),
        all_of_it=all_of_it,
        sources=sources,
        read=[one.called for one in tools(house)] if who.consent else [],
        acknowledged=who.contributor.acknowledged,
        on=full_date(at.astimezone(who.zone).date()) if at else "",
        whole=whole,
        files=FILES,
    )
