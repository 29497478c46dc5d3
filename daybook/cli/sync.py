"""daybook sync: one cycle, by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from daybook.cli import options


@click.command(epilog="Example: daybook sync -c daybook.yaml --json")
@options.config
@options.json
def sync(file: Path, as_json: bool) -> None:
    """Pull every tool once and bring the drafts up to date. Mails nothing, posts nothing."""
    import json

    from daybook import logs
    from daybook.cli.outcome import OUTSIDE_FAILED
    from daybook.sync import cycle
    from daybook.wiring import open_house

    logs.configure(human=sys.stderr.isatty())
    house = open_house(file)
    with house.store.hold():
        told = cycle(house)
    if as_json:
        click.echo(json.dumps(told.model_dump(mode="json")))
    else:
        click.echo(f"{told.people} of {told.named} people may be read.")
        click.echo(f"{told.sightings} changes seen; {told.drafts} drafts wait for their contributors.")
        for failing in told.failing:
            click.echo(f"NO   {failing.connection}: {failing.reason}", err=True)
    if told.failing:
        sys.exit(OUTSIDE_FAILED)
