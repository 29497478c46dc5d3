"""daybook propose: try the reconciler on activities of your own."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from daybook.cli import options


@click.command(
    epilog="Example: daybook propose -c daybook.yaml --now 2026-11-20T18:00:00+01:00 < activities.jsonl"
)
@options.config
@options.now
def propose(file: Path, now: datetime) -> None:
    """Suggest drafts for activities given as JSON lines; saves nothing.

    Reads activities from standard input and prints one JSON line for each person's local day.
    """
    import json

    from daybook.cli.outcome import WRONG_INPUT
    from daybook.propose import propose as proposed
    from daybook.propose import read_lines
    from daybook.wiring import read

    configuration = read(file, secrets=False).configuration
    lines = read_lines(sys.stdin)
    for day in proposed(configuration, lines, now):
        click.echo(json.dumps(day, ensure_ascii=False))
    for sentence in lines.refused:
        click.echo(sentence, err=True)
    if lines.refused:
        sys.exit(WRONG_INPUT)
