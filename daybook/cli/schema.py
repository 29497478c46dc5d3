"""daybook schema: the shapes others rely on."""

from __future__ import annotations

import click

from daybook.cli import options


@click.command(
    short_help="Print the JSON Schemas others rely on.",
    epilog=options.example("daybook schema config > daybook.schema.json"),
)
@click.argument("what", type=click.Choice(["config", "activity", "draft", "day", "cases"]))
def schema(what: str) -> None:
    """Print a JSON Schema.

    \b
    config    daybook.yaml, with the words of every connector installed here
    activity  a line that daybook propose reads
    draft     one draft
    day       a line that daybook propose prints: one person's day of drafts
    cases     team.cases.yaml, the golden cases that daybook lab runs
    """
    import json

    from daybook import schemas
    from daybook.installed import connector_types

    match what:
        case "activity":
            shape = schemas.activity()
        case "draft":
            shape = schemas.draft()
        case "day":
            shape = schemas.day()
        case "cases":
            shape = schemas.cases()
        case _:
            shape = schemas.configuration(connector_types())
    click.echo(json.dumps(shape, indent=2))
