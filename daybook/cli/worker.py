"""daybook worker: more hands for a store that several machines share."""

from __future__ import annotations

from pathlib import Path

import click

from daybook.cli import options
from daybook.cli.run import serve


@click.command(
    short_help="Help a daemon on another machine.",
    epilog=options.example("daybook worker -c /etc/daybook/daybook.yaml"),
)
@options.config
@options.metrics
def worker(file: Path, metrics: str | None) -> None:
    """Do work that a daemon on the same PostgreSQL hands out; serves no page. Ends on SIGTERM.

    Takes the same configuration file as the daemon. One that dies is missed within a minute, and the others
    do what it was at.
    """
    serve(file, works_only=True, metrics=metrics)
