"""daybook sync: one cycle, a back-fill, or a word on what vanished, by hand."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daybook.cli import options

if TYPE_CHECKING:
    from daybook.house import House


@click.command(
    short_help="Pull every tool once and bring the drafts up to date.",
    epilog=options.example("daybook sync -c daybook.yaml jira --since 2026-11-09"),
)
@options.config
@options.json
@click.argument("connection", required=False)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Read again from that day on, everything or CONNECTION alone, beside a daemon that runs.",
)
@click.option(
    "--believe",
    metavar="CONNECTION",
    help="Show how much it no longer shows that it showed before, in numbers; with --yes, let go of that.",
)
@click.option("--person", metavar="ADDRESS", help="With --believe: only what is read for this person alone.")
@click.option("--yes", is_flag=True, help="With --believe: it is really gone.")
def sync(
    file: Path,
    as_json: bool,
    connection: str | None,
    since: datetime | None,
    believe: str | None,
    person: str | None,
    yes: bool,
) -> None:
    """Pull every tool once and bring the drafts up to date. Mails nothing, posts nothing."""
    _fit(connection, since, believe, person, yes)

    from daybook import logs
    from daybook.wiring import open_house

    logs.configure(human=True, quiet=True)
    house = open_house(file, begun=since is not None or believe is not None)
    if believe is not None:
        _believe(house, as_json, believe, person, yes)
    elif since is not None:
        _fill(house, as_json, since, connection)
    else:
        _cycle(house, as_json)


def _fit(
    connection: str | None, since: datetime | None, believe: str | None, person: str | None, yes: bool
) -> None:
    """Raises click's own error for options that say nothing together."""
    if since and believe:
        raise click.UsageError("--since and --believe are two different errands. Nothing was asked.")
    if connection and not since:
        raise click.UsageError("CONNECTION goes with --since; without it every tool is pulled.")
    if (person or yes) and not believe:
        raise click.UsageError("--person and --yes go with --believe. Nothing was asked.")


def _cycle(house: House, as_json: bool) -> None:
    from daybook.cli import progress
    from daybook.cli.outcome import OUTSIDE_FAILED
    from daybook.restored import held
    from daybook.sync import cycle

    with held(house), progress.shown() as step:
        told = cycle(house, step)
    options.say(told, as_json)
    for failing in told.failing:
        for reason in failing.reasons:
            click.echo(f"NO   {failing.connection}: {reason}", err=True)
    if told.failing:
        sys.exit(OUTSIDE_FAILED)


def _fill(house: House, as_json: bool, since: datetime, connection: str | None) -> None:
    from daybook.cli import progress
    from daybook.cli.outcome import NO, OUTSIDE_FAILED
    from daybook.filling import fill

    with progress.shown() as step:
        told = fill(house, since.date(), connection, step)
    options.say(told, as_json)
    for reason in told.reasons:
        click.echo(f"NO   {reason}", err=True)
    if told.failed or told.resting:
        sys.exit(OUTSIDE_FAILED)
    if told.busy:
        sys.exit(NO)


def _believe(house: House, as_json: bool, connection: str, person: str | None, yes: bool) -> None:
    from daybook.believing import believe
    from daybook.cli.outcome import NO

    told = believe(house, connection, person, yes=yes)
    options.say(told, as_json)
    if told.settled != told.partitions:
        sys.exit(NO)
