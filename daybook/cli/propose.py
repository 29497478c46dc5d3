"""daybook propose: try the reconciler on activities of your own."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import click

from daybook.cli import options


@click.command(
    short_help="Suggest drafts for activities given as JSON lines.",
    epilog=options.example(
        "daybook propose -c daybook.yaml --now 2026-11-20T18:00:00+01:00 < activities.jsonl"
    ),
)
@options.config
@options.now
@click.argument("activities", type=click.File("rb"), default="-")
def propose(file: Path, now: datetime, activities: BinaryIO) -> None:
    """Suggest drafts for activities given as JSON lines; saves nothing.

    Reads ACTIVITIES, or standard input, and prints one JSON line for each person's local day.
    Their shapes: daybook schema activity, daybook schema day.
    """
    import json

    from daybook.cli.outcome import WRONG_INPUT
    from daybook.lines import Refused, read_lines
    from daybook.propose import propose as proposed
    from daybook.wiring import read

    configuration = read(file, secrets=False).configuration
    if activities.isatty():
        click.echo("Reading activities from the terminal, one JSON object a line; Ctrl-D ends.", err=True)
    refused = Refused()
    lines = read_lines(activities, configuration, now, refused)
    for day in proposed(configuration, lines, now):
        click.echo(json.dumps(day, ensure_ascii=False).encode())
    for sentence in refused.told():
        click.echo(sentence, err=True)
    if refused.count:
        sys.exit(WRONG_INPUT)
