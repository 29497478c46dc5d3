"""All that is held about somebody, table by table, in words they can read: whatever the schema has (P7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from core.policy import Retention, kept_until
from core.said import Said
from daybook.languages import Later, _
from daybook.page.fields import FIELDS
from daybook.store.schema import metadata
from daybook.words import full_date, period

CALLED = {
    "contributors": Later("You, and what you agreed to"),
    "keys": Later("The keys that seal what is yours"),
    "grants": Later("Accounts you lent"),
    "consents": Later("Accounts you are about to lend"),
    "chosen": Later("Calendars you chose to have read"),
    "draft_calendars": Later("Calendars of your drafts"),
    "draft_events": Later("What stands in them"),
    "accounts": Later("Accounts found by your address"),
    "evidence": Later("What your tools said"),
    "days": Later("Your days, in sums"),
    "drafts": Later("Your drafts"),
    "lessons": Later("What your corrections taught"),
    "own_rules": Later("Rules of your own"),
    "entries": Later("What you confirmed"),
    "counted": Later("What reports count of it"),
    "postings": Later("What was posted where"),
    "mails": Later("Mails that were sent to you"),
    "offered": Later("What an answer to them may confirm"),
    "replies": Later("What you answered"),
    "links": Later("Links that were sent to you"),
    "sessions": Later("Browsers that may show your pages"),
    "remarks": Later("What you said looks wrong"),
    "access": Later("Who looked"),
    "access_heads": Later("Where that list begins and ends"),
}
"""Every table that has an owner, in the order of the schema."""

BY_PROJECT = ("attributed",)

Held = Mapping[str, Sequence[Mapping[str, Any]]]
"""By table, as the store hands it over."""


class Section(NamedTuple):
    """One table."""

    called: str
    number: int
    kept: str
    """How long, or until when."""
    rows: list[list[tuple[str, str]]]
    """Each with its labels."""


def sections(held: Held, retention: Retention) -> Iterator[Section]:
    """Those tables that hold something of them."""
    for table, rows in held.items():
        if rows:
            labelled = [list(_labelled("", _about_them(row))) for row in rows]
            yield Section(CALLED.get(table, table), len(rows), _kept(table, rows, retention), labelled)


def _kept(table: str, rows: Sequence[Mapping[str, Any]], retention: Retention) -> str:
    said = metadata.tables[table].info
    if "ages" not in said:
        return _(str(said["stays"]))
    kept = period(getattr(retention, said["kept"]))
    days = [date.fromisoformat(row[said["ages"]][:10]) for row in rows if row[said["ages"]]]
    if not days:
        return kept
    last = full_date(kept_until(retention, said["kept"], min(days)))
    return _("{time}; the oldest goes after {day}", time=kept, day=last)


def _about_them(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without whose it is, which is the same on the whole page."""
    return {name: value for name, value in row.items() if name != "contributor"}


def _labelled(label: str, value: Any, *, chosen: bool = False) -> Iterator[tuple[str, str]]:
    """Whatever stands in a row, as lines; what is empty is left out.

    Takes    chosen: people gave its names, as of a project, and are told them as they are
    """
    match value:
        case _ if value in (None, "", [], {}):
            return
        case Mapping():
            for name, inner in value.items():
                # What was sealed stands beside what was not: to its owner it is one.
                is_sealed = name == "content" and isinstance(inner, Mapping)
                further = "" if is_sealed else name if chosen else _plain(name)
                within = ", ".join(filter(None, [label, further]))
                yield from _labelled(within, inner, chosen=name in BY_PROJECT)
        case list() if all(isinstance(inner, str | int) for inner in value):
            yield label, ", ".join(map(str, value))
        case list():
            for number, inner in enumerate(value, start=1):
                yield from _labelled(f"{label} {number}", inner)
        case bool():
            yield label, _("yes") if value else _("no")
        case _:
            yield label, _(value) if isinstance(value, Said) else str(value)


def _plain(name: str) -> str:
    """The name of a field in words."""
    return _(FIELDS[name]) if name in FIELDS else name.replace("_", " ")
