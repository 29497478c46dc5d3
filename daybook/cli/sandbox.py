"""daybook sandbox: the outside world alone, to point things at."""

from __future__ import annotations

import click

from daybook.cli import options


@click.command(
    short_help="Run stand-ins of the tools, to point things at.",
    epilog=options.example("daybook sandbox --contributors 60 --seed 7"),
)
@click.option("--contributors", type=click.IntRange(1, 5000), default=6, show_default=True)
@click.option("--seed", type=int, default=7, show_default=True, help="The same seed gives the same team.")
@click.option("--faults", type=int, help="Let things go wrong, by this seed.")
def sandbox(contributors: int, seed: int, faults: int | None) -> None:
    """Run stand-ins of Jira, Asana, Google Calendar and a mail server, and print how to reach them."""
    from daybook.sandbox.alone import told, until_interrupted

    with told(contributors, seed, faults) as lines:
        for line in lines:
            click.echo(line)
        until_interrupted()
