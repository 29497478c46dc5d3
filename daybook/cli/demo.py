"""daybook demo: a team's day, from calendar to worklog."""

from __future__ import annotations

import sys

import click

from daybook.cli import options


@click.command(
    short_help="Show it all with a made-up team, on this machine.",
    epilog=options.example("daybook demo --once --json --contributors 60 --seed 7 --faults 7"),
)
@click.option("--contributors", type=click.IntRange(2, 5000), default=6, show_default=True)
@click.option("--seed", type=int, default=7, show_default=True, help="The same seed gives the same team.")
@click.option("--faults", type=int, help="Let the outside go wrong, by this seed.")
@click.option("--once", is_flag=True, help="Run the whole loop without a person, check it, and end.")
@options.json
def demo(contributors: int, seed: int, faults: int | None, once: bool, as_json: bool) -> None:
    """Show a small team's calendars and tasks become drafts, mails, worklogs and time entries.

    Everything runs on this machine's loopback and in a temporary folder, and is thrown away at the end.
    """
    import json

    from daybook import demo, logs
    from daybook.cli.outcome import NO

    logs.configure(human=True, quiet=True)
    if not once:
        demo.for_a_person(contributors, seed, faults, click.echo)
        return
    told = demo.once(
        contributors, seed, faults, (lambda line: click.echo(line, err=True)) if not as_json else None
    )
    click.echo(json.dumps(told.model_dump(), indent=None if as_json else 2))
    if not told.exactly_once or told.problems:
        for problem in told.problems:
            click.echo(problem, err=True)
        sys.exit(NO)
