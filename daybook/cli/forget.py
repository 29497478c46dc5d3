"""daybook forget: remove what is past its retention, or one person."""

from __future__ import annotations

from pathlib import Path

import click

from daybook.cli import options


@click.command(
    short_help="Remove what is past its retention, or one person.",
    epilog=options.example("daybook forget -c daybook.yaml --person ada@northwind.example"),
)
@options.config
@click.option("--person", help="Erase everything held about this person instead.")
@click.confirmation_option(prompt="What is forgotten cannot be brought back. Go on?")
def forget(file: Path, person: str | None) -> None:
    """Remove what is past its retention now, or all that is held about one person."""
    from daybook import logs
    from daybook.forget import expire, forget_person
    from daybook.wiring import open_house

    logs.configure(human=True, quiet=True)
    house = open_house(file, begun=True)
    for sentence in forget_person(house, person) if person else expire(house):
        click.echo(sentence)
