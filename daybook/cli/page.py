"""daybook page: one more machine on which people reach their page."""

from __future__ import annotations

from pathlib import Path

import click

from daybook.cli import options
from daybook.cli.run import serve


@click.command(
    short_help="Serve the page beside a daemon.",
    epilog=options.example("daybook page -c /etc/daybook/daybook.yaml"),
)
@options.config
@options.metrics
def page(file: Path, metrics: str | None) -> None:
    """Serve the page of a store on PostgreSQL, and do no work. Ends on SIGTERM.

    Takes the same configuration file as the daemon, and the policy from the store. Several may run, on one
    machine or on many: a browser may go from one to the other in the middle of a visit.
    """
    serve(file, page_only=True, metrics=metrics)
