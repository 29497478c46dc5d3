"""daybook status: is all well?"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from daybook.cli import options


@click.command(
    short_help="Show whether all is well, in sums.",
    epilog=options.example("daybook status -c /etc/daybook/daybook.yaml"),
)
@options.config
@options.json
def status(file: Path, as_json: bool) -> None:
    """Show whether all is well, in sums: sources, drafts, mails, postings. Never a person's day."""
    import json

    from daybook import logs
    from daybook.cli.outcome import NO
    from daybook.status import look
    from daybook.wiring import open_house

    logs.configure(human=True, quiet=True)
    seen = look(open_house(file, begun=True))
    if as_json:
        click.echo(json.dumps({"well": seen.well, **seen.model_dump(mode="json")}))
    else:
        for line in seen.lines():
            click.echo(line)
    if not seen.well:
        sys.exit(NO)
