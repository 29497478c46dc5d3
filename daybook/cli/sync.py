"""daybook sync: one cycle, by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from daybook.cli import options


@click.command(
    short_help="Pull every tool once and bring the drafts up to date.",
    epilog=options.example("daybook sync -c daybook.yaml --json"),
)
@options.config
@options.json
def sync(file: Path, as_json: bool) -> None:
    """Pull every tool once and bring the drafts up to date. Mails nothing, posts nothing."""
    import json

    from daybook import logs
    from daybook.cli import progress
    from daybook.cli.outcome import OUTSIDE_FAILED
    from daybook.sync import cycle
    from daybook.wiring import open_house

    logs.configure(human=True, quiet=True)
    house = open_house(file)
    with house.store.hold(), progress.shown() as step:
        told = cycle(house, step)
    if as_json:
        click.echo(json.dumps(told.model_dump(mode="json")))
    else:
        for line in told.lines():
            click.echo(line)
    for failing in told.failing:
        for reason in failing.reasons:
            click.echo(f"NO   {failing.connection}: {reason}", err=True)
    if told.failing:
        sys.exit(OUTSIDE_FAILED)
