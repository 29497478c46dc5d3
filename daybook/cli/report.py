"""daybook report: what was published about groups, and what the gate would say of what comes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from daybook.cli import options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.patterns import Pattern


@click.command(
    short_help="Show the reports that were published.",
    epilog=options.example("daybook report 3 -c /etc/daybook/daybook.yaml"),
)
@click.argument("number", type=int, required=False)
@click.option("--dry-run", is_flag=True, help="What the gate would say of the reports to come; no figures.")
@options.config
@options.json
def report(number: int | None, dry_run: bool, file: Path, as_json: bool) -> None:
    """Show which reports about groups were published, or one of them as managers and contributors see it.

    A report comes on its day and is never made anew; there is no way to ask for another. With --dry-run it is
    said of which groups the coming ones would show figures as things stand, and of which not; nothing is
    published and nothing kept by that. It ends with 1 where none would.
    """
    import json

    from daybook import logs, reporting
    from daybook.errors import Wrong
    from daybook.report_words import title
    from daybook.wiring import open_house

    logs.configure(human=True, quiet=True)
    house = open_house(file, begun=True)
    if dry_run:
        patterns = reporting.coming(house, house.clock())
        told = [
            {
                "report": pattern.report,
                "period": pattern.period,
                "group": part.group,
                "shown": [table.what for table in part.tables],
                "withheld": list(part.withheld),
            }
            for pattern in patterns
            for part in pattern.parts
        ]
        lines = [line for pattern in patterns for line in _foreseen(pattern)]
        click.echo(json.dumps(told, ensure_ascii=False) if as_json else "\n".join(lines or [NOTHING_DUE]))
        raise SystemExit(0 if any(one["shown"] for one in told) else 1)
    with house.store.reading() as tx:
        published = tx.reports.all()
    if number is not None:
        chosen = next((one for one in published if one.id == number), None)
        if chosen is None:
            raise Wrong(f"There is no report {number}. See which there are with: daybook report")
        click.echo(chosen.model_dump_json() if as_json else "\n".join(_page(chosen.pattern)))
    elif as_json:
        click.echo(json.dumps([one.model_dump(mode="json") for one in published], ensure_ascii=False))
    else:
        for one in published:
            click.echo(f"{one.id:>4}  {one.day}  {title(one.pattern)}")
        if not published:
            click.echo("No report was published yet.")


NOTHING_DUE = "No report is to come: the policy asks for none, or it was not noted yet who stands where."


def _foreseen(pattern: Pattern) -> Iterator[str]:
    """What would be shown of each group, without a figure."""
    from daybook.report_words import HEADERS, NO_GROUP, title, withheld
    from daybook.words import listed

    yield title(pattern)
    for part in pattern.parts:
        shown = [HEADERS[table.what].lower() for table in part.tables]
        said = [f"Shown: {listed(shown)}."] if shown else []
        yield f"  {part.group}: {' '.join([*said, withheld(part, pattern)]).rstrip()}"
    if not pattern.parts:
        yield f"  {NO_GROUP}"


def _page(pattern: Pattern) -> Iterator[str]:
    from daybook.report_words import HEADERS, NO_GROUP, label, title, withheld

    yield title(pattern)
    for part in pattern.parts:
        yield ""
        yield part.group
        for table in part.tables:
            yield f"  {HEADERS[table.what]}"
            yield from (f"    {label(table.what, row.label):<40} {row.hours:>6} h" for row in table.rows)
        if said := withheld(part, pattern):
            yield f"  {said}"
    if not pattern.parts:
        yield NO_GROUP
