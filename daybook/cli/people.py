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
@click.option(
    "--forget-sign-in",
    "forgotten",
    metavar="ADDRESS",
    help="Forget by which account this person signs in: the next one with their address is taken for theirs.",
)
def people(file: Path, as_json: bool, forgotten: str | None) -> None:
    """List who takes part and how far: invited, acknowledged, left, and whose accounts are in doubt."""
    import json

    from daybook import logs
    from daybook.errors import No
    from daybook.looking import administrator
    from daybook.people import forget_sign_in, roster
    from daybook.wiring import open_house

    logs.configure(human=True, quiet=True)
    if forgotten is not None:
        if not forget_sign_in(open_house(file, begun=True), administrator(), forgotten):
            raise No("Nobody of that address takes part. Nothing was changed.")
        click.echo("Forgotten. Whoever signs in next with that address, verified, is taken for them.")
        return
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
