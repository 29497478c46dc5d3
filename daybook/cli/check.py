"""daybook check: what is wrong with a configuration, or that it is well."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from daybook.cli import options


@click.command(epilog="Example: daybook check -c /etc/daybook/daybook.yaml --online")
@options.config
@click.option("--online", is_flag=True, help="Also ask the tools and the mail server, reading nobody's data.")
@options.json
def check(file: Path, online: bool, as_json: bool) -> None:
    """Say what is wrong with the configuration, all of it at once, or that it is well."""
    import json

    from daybook.check import findings
    from daybook.cli.outcome import NO

    found = list(findings(file, online=online))
    if as_json:
        click.echo(json.dumps([finding._asdict() for finding in found]))
    else:
        for finding in found:
            click.echo(f"{'ok  ' if finding.well else 'NO  '} {finding.what}: {finding.sentence}")
    if not all(finding.well for finding in found):
        sys.exit(NO)
