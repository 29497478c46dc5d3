"""daybook check: what is wrong with a configuration, or that it is well."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from daybook.cli import options


@click.command(
    short_help="Say what is wrong with the configuration.",
    epilog=options.example("daybook check -c /etc/daybook/daybook.yaml --online"),
)
@options.config
@click.option("--online", is_flag=True, help="Also ask the tools and the mail server, reading nobody's data.")
@click.option("--against-running", is_flag=True, help="Also say what differs from what runs.")
@options.json
def check(file: Path, online: bool, against_running: bool, as_json: bool) -> None:
    """Say what is wrong with the configuration, all of it at once, or that it is well."""
    import json
    import os

    from config.load import Unfit
    from daybook import logs
    from daybook.check import findings, of_problem
    from daybook.cli.outcome import NO, WRONG_INPUT

    logs.configure(human=True, quiet=True)
    found = []
    try:
        for finding in findings(file, online=online, against_running=against_running):
            found.append(finding)
            if not as_json:
                where = f"{finding.place}  " if finding.place else ""
                click.echo(f"{'ok ' if finding.well else 'NO '}  {finding.what:14} {where}{finding.sentence}")
    except Unfit as unfit:
        if not as_json:
            raise
        click.echo(json.dumps([of_problem(problem)._asdict() for problem in unfit.problems]))
        sys.exit(WRONG_INPUT)
    well = all(finding.well for finding in found)
    if as_json:
        click.echo(json.dumps([finding._asdict() for finding in found]))
    elif well:
        served = "CREDENTIALS_DIRECTORY" in os.environ  # as of the service
        start = "systemctl enable --now daybook" if served else f"daybook run -c {file}"
        next_step = start if online else f"daybook check -c {file} --online"
        click.echo(f"\nAll of this is well. Next: {next_step}")
    if not well:
        sys.exit(NO)
