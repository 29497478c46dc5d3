"""daybook init: a commented configuration to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from daybook.cli import options


@click.command(
    short_help="Write a configuration to begin with.",
    epilog=options.example("daybook init /etc/daybook --state /var/lib/daybook"),
)
@click.argument(
    "folder", type=click.Path(path_type=Path, file_okay=False), default=Path(), envvar="DAYBOOK_FOLDER"
)
@click.option(
    "--state", type=click.Path(path_type=Path, file_okay=False), envvar="DAYBOOK_STATE",
    help="Where the database is to be, if not in FOLDER.",
)  # fmt: skip
def init(folder: Path, state: Path | None) -> None:
    """Write daybook.yaml and a new master key into FOLDER, and say what to fill in."""
    from daybook.init import begin

    for line in begin(folder.resolve(), (state or folder).resolve()):
        click.echo(line)
