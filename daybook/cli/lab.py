"""daybook lab: try a changed configuration before it counts."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import click

from daybook.cli import options

WEEKS = 4
"""To try a configuration on, unless said otherwise."""


@click.command(
    short_help="Try a changed configuration, and see sums of what would change.",
    epilog=options.example("daybook lab -c new.yaml --against /etc/daybook/daybook.yaml --weeks 4"),
)
@options.config
@click.option(
    "--against",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The configuration in force, to compare with.",
)
@click.option(
    "--against-running", is_flag=True, help="Compare with what runs, whatever its file says by now."
)
@click.option(
    "--weeks", type=click.IntRange(1, 52), help="Try it on the last weeks of the store; 4 when comparing."
)
@click.option(
    "--activities", type=click.File("rb"), help="Try it on JSON lines instead, as propose reads them."
)
@click.option(
    "--cases", type=click.Path(path_type=Path, dir_okay=False), multiple=True,
    help="Golden cases; left out: every *.cases.yaml beside the configuration.",
)  # fmt: skip
@click.option("--now", type=options.Instant(), help="Take this instant for now, with --activities.")
@options.json
def lab(
    file: Path,
    against: Path | None,
    against_running: bool,
    weeks: int | None,
    activities: BinaryIO | None,
    cases: tuple[Path, ...],
    now: datetime | None,
    as_json: bool,
) -> None:
    """Try a changed configuration on evidence, and on golden cases; changes nothing.

    Tells how many drafts would move, the hours by project before and after, how far the rules alone agree
    with what people confirmed, rules that hold for nothing, and rules that never come first.

    With a store, nobody's day is shown: only sums over as many people as the policy wants behind any figure
    (policy.groups.minimum), rounded. Only those who agreed to the policy in force are looked at, and each
    finds it in their access log. Exit code 1: a golden case does not hold.
    """
    import json

    from daybook import logs
    from daybook.cli import progress
    from daybook.cli.outcome import NO, WRONG_INPUT
    from daybook.clocks import utc_now
    from daybook.errors import Wrong
    from daybook.lab import trying
    from daybook.lines import Refused, read_lines
    from daybook.running import still
    from daybook.wiring import open_house, read

    if activities and weeks:
        raise click.UsageError("--activities and --weeks are two ways to say what to try it on; give one.")
    if against_running and (against or activities):
        raise click.UsageError("--against-running compares with the store's own; leave the other away.")
    if now and not activities:
        raise click.UsageError("--now goes with --activities; a store has its own time.")
    logs.configure(human=True, quiet=True)
    configuration = read(file, secrets=False).configuration
    golden = trying.golden_cases(cases or trying.beside(file), configuration)
    if not (golden or activities or weeks or against or against_running):
        raise Wrong(f"There is nothing to try {file} on. Give --weeks, --activities or --cases.")
    broken = trying.broken(configuration, golden)
    refused, report = Refused(), None
    if activities:
        other = read(against, secrets=False).configuration if against else None
        now = now or utc_now()
        report = trying.on_lines(
            configuration, other, read_lines(activities, configuration, now, refused), now
        )
    elif weeks or against or against_running:
        house = open_house(against or file, begun=True)
        house = still(house) if against_running else house
        compared = against_running or against is not None
        with progress.shown() as step:
            report = trying.on_store(configuration, house, weeks or WEEKS, step, compared=compared)
    if as_json:
        told = report.model_dump(mode="json") if report else None
        failed = [one.model_dump(mode="json") for one in broken]
        click.echo(json.dumps({"report": told, "cases": len(golden), "broken": failed}, ensure_ascii=False))
    else:
        for line in trying.lines(report, len(golden), broken):
            click.echo(line)
    for sentence in refused.told():
        click.echo(sentence, err=True)
    if refused.count:
        sys.exit(WRONG_INPUT)
    if broken:
        sys.exit(NO)
