"""daybook people: who takes part."""

from __future__ import annotations

from pathlib import Path

import click

from daybook.cli import options


@click.command(
    short_help="List who takes part and how far.",
    epilog=options.example("daybook people -c /etc/daybook/daybook.yaml"),
)
@options.config
@options.json
def people(file: Path, as_json: bool) -> None:
    """List who takes part and how far: invited, acknowledged, left, and whose accounts are in doubt."""
    import json

    from daybook import logs
    from daybook.looking import administrator
    from daybook.people import roster
    from daybook.wiring import open_house

    logs.configure(human=True, quiet=True)
    rows = roster(open_house(file, begun=True), administrator())
    if as_json:
        click.echo(json.dumps([row.model_dump(mode="json") for row in rows]))
        return
    for row in rows:
        click.echo(f"{row.email:40} {row.state}")
        for doubt in row.doubts:
            click.echo(f"  not read at {doubt.connection}: {doubt.says}")
    if not rows:
        click.echo("Nobody takes part: the rollout reaches nobody under people. Look at rollout.cohorts.")
