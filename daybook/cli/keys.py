"""daybook keys: which master keys the store is sealed with, and how one takes the place of another."""

from __future__ import annotations

from pathlib import Path

import click

from daybook.cli import options


@click.command(
    short_help="Change the master key of the store.",
    epilog=options.example("daybook keys -c /etc/daybook/daybook.yaml --renew"),
)
@options.config
@click.option("--renew", is_flag=True, help="Seal everything with the first key of store.key.")
def keys(file: Path, renew: bool) -> None:
    """Say which master keys the store is sealed with, or seal it all with the first of them.

    To change it: make a new key, put it first in the list store.key, stop the daemon, run this with --renew,
    take the former key out of the list, start the daemon. Broken off, it goes on where it stood.
    """
    from daybook import logs
    from daybook.keys import renewed, standing
    from daybook.wiring import open_house

    logs.configure(human=True, quiet=True)
    house = open_house(file, begun=True)
    for sentence in renewed(house.store) if renew else standing(house.store):
        click.echo(sentence)
