"""daybook backup: the store in one file that only the master key opens."""

from __future__ import annotations

from pathlib import Path

import click

from daybook.cli import options


@click.command(
    short_help="Back up the store, while the daemon runs.",
    epilog=options.example("daybook backup /srv/backups -c /etc/daybook/daybook.yaml --keep 3"),
)
@click.argument("where", type=click.Path(path_type=Path), default=Path())
@click.option("--keep", type=click.IntRange(1), help="Keep so many in the folder, the newest.")
@options.config
@options.json
def backup(where: Path, keep: int | None, file: Path, as_json: bool) -> None:
    """Write the store as it is now into WHERE, a new file or a folder, and read it back.

    Nothing but the master key opens it, and that is not in it. From a folder, backups are removed whose time
    is over: after a week at the latest, so that nothing outlives the policy.
    """
    from daybook import logs
    from daybook.backups import make
    from daybook.cli.progress import shown
    from daybook.wiring import open_house

    logs.configure(human=True, quiet=True)
    house = open_house(file, begun=True)
    with shown() as step:
        made = make(house, where, keep, step)
    options.say(made, as_json)
