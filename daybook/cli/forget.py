"""daybook forget: remove what is past its retention, or one person."""

from __future__ import annotations

from pathlib import Path

import click

from daybook.cli import options


@click.command(epilog="Example: daybook forget -c daybook.yaml --person ada@northwind.example")
@options.config
@click.option("--person", help="Erase everything held about this person instead.")
@click.confirmation_option(prompt="What is forgotten cannot be brought back. Go on?")
def forget(file: Path, person: str | None) -> None:
    """Remove what is past its retention now, or all that is held about one person."""
    from daybook.errors import Wrong
    from daybook.wiring import open_house

    house = open_house(file)
    with house.store.hold():
        if person:
            with house.store.writing() as tx:
                row = tx.people.by_email(person)
                if row is None:
                    raise Wrong("Nobody of that address is known here. Nothing was erased.")
                tx.people.erase(row.id)
        forgotten = house.store.forget(house.policy.retention.model_dump(), house.clock())
    click.echo("Done." if forgotten.clean else "Done; a reader still holds old bytes. Run it once more.")
