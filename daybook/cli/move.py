"""daybook move: a store in a file, taken to PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import click

from daybook.cli import options


@click.command(
    short_help="Take the store to PostgreSQL.",
    epilog=options.example(
        "daybook move --to 'postgresql://daybook:${credential:database-password}@db.example/daybook'"
    ),
)
@click.option("--to", required=True, metavar="URL", help="An empty database, named as in store.url.")
@options.config
@options.json
def move(to: str, file: Path, as_json: bool) -> None:
    """Carry the store in a file into a database on PostgreSQL, and compare both before the file is left.

    The daemon must be stopped. Until all is there and compared, the file stays as it is; then it is marked,
    so that nobody starts on it by mistake. Broken off anywhere, run it again.
    """
    from daybook import logs, moving
    from daybook.cli.progress import shown

    logs.configure(human=True, quiet=True)
    with shown() as step:
        moved = moving.move(file, to, step)
    options.say(moved, as_json)
