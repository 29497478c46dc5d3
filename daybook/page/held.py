"""All that is held about somebody, table by table, in words they can read: whatever the schema has (P7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from core.policy import Retention, kept_until
from daybook.store.schema import metadata
from daybook.words import full_date, period

CALLED = {
    "contributors": "You, and what you agreed to",
    "keys": "The keys that seal what is yours",
    "grants": "Accounts you lent",
    "consents": "Accounts you are about to lend",
    "chosen": "Calendars you chose to have read",
    "draft_calendars": "Calendars of your drafts",
    "draft_events": "What stands in them",
    "accounts": "Accounts found by your address",
    "evidence": "What your tools said",
    "days": "Your days, in sums",
    "drafts": "Your drafts",
    "lessons": "What your corrections taught",
    "own_rules": "Rules of your own",
    "entries": "What you confirmed",
    "counted": "What reports count of it",
    "postings": "What was posted where",
    "mails": "Mails that were sent to you",
    "offered": "What an answer to them may confirm",
    "replies": "What you answered",
    "links": "Links that were sent to you",
    "sessions": "Browsers that may show your pages",
    "remarks": "What you said looks wrong",
    "access": "Who looked",
    "access_heads": "Where that list begins and ends",
}
"""Every table that has an owner, in the order of the schema."""

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
        return str(said["stays"])
    kept = period(getattr(retention, said["kept"]))
    days = [date.fromisoformat(row[said["ages"]][:10]) for row in rows if row[said["ages"]]]
    if not days:
        return kept
    return f"{kept}; the oldest goes after {full_date(kept_until(retention, said['kept'], min(days)))}"


def _about_them(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without whose it is, which is the same on the whole page."""
    return {name: value for name, value in row.items() if name != "contributor"}


def _labelled(label: str, value: Any) -> Iterator[tuple[str, str]]:
    """Whatever stands in a row, as lines; what is empty is left out."""
    match value:
        case _ if value in (None, "", [], {}):
            return
        case Mapping():
            for name, inner in value.items():
                # What was sealed stands beside what was not: to its owner it is one.
                further = [] if name == "content" and isinstance(inner, Mapping) else [_plain(name)]
                yield from _labelled(", ".join(filter(None, [label, *further])), inner)
        case list() if all(isinstance(inner, str | int) for inner in value):
            yield label, ", ".join(map(str, value))
        case list():
            for number, inner in enumerate(value, start=1):
                yield from _labelled(f"{label} {number}", inner)
        case bool():
            yield label, "yes" if value else "no"
        case _:
            yield label, str(value)


def _plain(name: str) -> str:
    return name.replace("_", " ")
