"""daybook policy: the policy as a text, as a page, and beside the one in force."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daybook.cli import options

if TYPE_CHECKING:
    from daybook.papers import Paper

_output = click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write it as a page to print."
)


@click.group(
    short_help="Print the policy, and say what a change of it would mean.",
    epilog=options.example("daybook policy diff -c /etc/daybook/daybook.yaml"),
)
def policy() -> None:
    """Print the policy that the program obeys, and say what a change of it would mean."""


@policy.command(epilog=options.example("daybook policy show -c /etc/daybook/daybook.yaml"))
@options.config
@options.json
def show(file: Path, as_json: bool) -> None:
    """Print the policy in plain words, with its version and what changed."""
    from daybook.clocks import utc_now
    from daybook.policy_text import written

    options.say(written(file, utc_now()), as_json)


@policy.command(epilog=options.example("daybook policy page --output policy.html"))
@options.config
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Where to; left out: here.")
def page(file: Path, output: Path | None) -> None:
    """Write the policy as a page that prints on one sheet of A4."""
    from daybook.clocks import utc_now
    from daybook.page.render import on_one_sheet
    from daybook.policy_text import written

    made = on_one_sheet(written(file, utc_now()))
    if output is None:
        click.echo(made)
    else:
        output.write_text(made, "utf-8")
        click.echo(f"{output} is written. Open it in a browser and print it.")


@policy.command(epilog=options.example("daybook policy diff -c /etc/daybook/daybook.yaml"))
@options.config
@options.json
def diff(file: Path, as_json: bool) -> None:
    """Say what the file changes against the policy in force, and from when.

    The answer is no (1) where the file allows more: that waits for its notice.
    """
    from daybook.cli.outcome import NO
    from daybook.clocks import utc_now
    from daybook.policy_text import compared

    found = compared(file, utc_now())
    options.say(found, as_json)
    if found.day is not None:
        sys.exit(NO)


@policy.command(
    epilog=options.example("daybook policy annex -c /etc/daybook/daybook.yaml --output annex.html")
)
@options.config
@options.json
@_output
def annex(file: Path, as_json: bool, output: Path | None) -> None:
    """Print what a works council asks for: fields, readers, cadence, retention, switches and data flow.

    From the configuration the program runs on; no credential is in it.
    """
    from daybook import annex
    from daybook.clocks import utc_now

    _give(annex.annex(file, utc_now()), as_json, output)


@policy.command(epilog=options.example("daybook policy dpia --output dpia.html"))
@options.config
@options.json
@_output
def dpia(file: Path, as_json: bool, output: Path | None) -> None:
    """Print a data protection impact assessment, filled as far as the program knows.

    What people must answer is marked TO ANSWER.
    """
    from daybook import dpia
    from daybook.clocks import utc_now

    _give(dpia.assessment(file, utc_now()), as_json, output)


def _give(paper: Paper, as_json: bool, output: Path | None) -> None:
    if output is None:
        options.say(paper, as_json)
        return
    from daybook.page.render import on_paper

    output.write_text(on_paper(paper), "utf-8")
    click.echo(f"{output} is written. Open it in a browser and print it.")
