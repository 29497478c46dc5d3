"""daybook restore: a backup in the place of the database."""

from __future__ import annotations

from pathlib import Path

import click

from daybook.cli import options


@click.command(
    short_help="Put a backup in the place of the database.",
    epilog=options.example("daybook restore /srv/backups/daybook-20261122T021500Z.backup"),
)
@click.argument("backup", type=click.Path(path_type=Path, dir_okay=False, readable=False), required=False)
@click.option("--as-it-is", is_flag=True, help="An older copy was put back by other means: say so.")
@options.config
@click.option("--yes", is_flag=True, help="Confirm the action without prompting.")
def restore(backup: Path | None, as_it_is: bool, file: Path, yes: bool) -> None:
    """Put BACKUP in the place of the database, and keep what was there aside.

    On a PostgreSQL server nothing is kept aside: back it up first, if it can be read.

    The daemon must be stopped. The restored database starts by looking: nothing is sent before it is known
    what was sent since, and what people took back since is taken back again. --as-it-is does the same to the
    database that is there, where a machine was set back or PostgreSQL restored its own.
    """
    from daybook import logs, restoring
    from daybook.cli.progress import shown
    from daybook.clocks import utc_now
    from daybook.errors import Wrong
    from daybook.wiring import complete, open_house

    logs.configure(human=True, quiet=True)
    if (backup is None) != as_it_is:
        raise Wrong("Name one backup, or say --as-it-is. Nothing was changed.")
    if backup is not None:
        restoring.opened(backup).close()  # what is missing is said before anything is asked
    if not yes:
        click.confirm("What was said since the backup is lost. Go on?", abort=True)
    if backup is not None:
        now = utc_now()
        with shown() as step:
            placed = restoring.put_in_place(complete(file, begun=True).configuration, backup, now, step)
        for sentence in placed.lines(backup, now.date()):
            click.echo(sentence)
    for sentence in restoring.begun(open_house(file, begun=True), as_it_is=as_it_is):
        click.echo(sentence)
