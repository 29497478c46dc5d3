"""daybook status: is all well, and if not, what to do?"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from daybook.cli import options


@click.command(
    short_help="Show whether all is well, and what to do if not.",
    epilog=options.example("daybook status -c /etc/daybook/daybook.yaml"),
)
@options.config
@options.json
def status(file: Path, as_json: bool) -> None:
    """Show whether all is well, what needs a person and what to type, then sums. Never a person's day."""
    import json

    from daybook import logs
    from daybook.cli.outcome import NO
    from daybook.status import look, somebody_runs
    from daybook.wiring import open_house

    logs.configure(human=True, quiet=True)
    try:
        house = open_house(file, begun=True)
        seen = look(house, runs=somebody_runs(house))
    except Exception as error:
        _unseen(error, as_json)
        raise
    if as_json:
        needs = [need.model_dump() for need in seen.needs()]
        click.echo(json.dumps({"well": seen.well, "needs": needs, **seen.model_dump(mode="json")}))
    else:
        verdict, *rest = seen.lines()
        click.secho(verdict, bold=True, fg="green" if seen.well else "red")
        for line in rest:
            click.echo(line)
    if not seen.well:
        sys.exit(NO)


def _unseen(error: Exception, as_json: bool) -> None:
    """Say first that nothing could be seen; why is said as by every command."""
    import json

    from daybook.cli.outcome import is_ours

    if is_ours(error):
        return
    if as_json:
        needs = [{"about": "daybook", "says": str(error), "do": "daybook check"}]
        click.echo(json.dumps({"well": False, "needs": needs}))
    else:
        click.secho("One thing needs a person: how Daybook stands cannot be seen.", bold=True, fg="red")
        click.echo("A daemon that runs goes on with the configuration and the store it has.\n")
