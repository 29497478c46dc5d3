"""daybook run: the daemon."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from daybook.cli import options


@click.command(
    short_help="Run the daemon.",
    epilog=options.example("daybook run -c /etc/daybook/daybook.yaml"),
)
@options.config
@click.option(
    "--clock-is-right",
    is_flag=True,
    help="Work although the clock differs by more than is believed from the last day of work.",
)
@options.metrics
def run(file: Path, clock_is_right: bool, metrics: str | None) -> None:
    """Run the daemon: pull, draft, mail, serve the page, post what was confirmed. Ends on SIGTERM."""
    serve(file, clock_is_right=clock_is_right, metrics=metrics)


def serve(file: Path, **how: Any) -> None:
    """Until told to stop, as `daemon.serve` says it."""
    import faulthandler

    from daybook import daemon, logs, traces
    from daybook.cli.outcome import end
    from daybook.wiring import open_house

    faulthandler.enable(2)  # stderr: who is killed for standing still says where, in no word of anybody
    logs.configure(human=sys.stderr.isatty())
    traces.begin()
    code = 0
    try:
        if daemon.serve(open_house(file), **how):
            return
    except daemon.Kept as kept:
        assert isinstance(kept.__cause__, Exception)
        code = end(kept.__cause__)
    # Python would wait for a thread that a tool keeps, as long as it likes; what it was at is due again.
    sys.stderr.flush()
    os._exit(code)
