"""daybook hints: what many people book otherwise than the rules do."""

from __future__ import annotations

from pathlib import Path

import click

from daybook.cli import options


@click.command(
    short_help="Show what many people book otherwise than the rules.",
    epilog=options.example("daybook hints -c /etc/daybook/daybook.yaml"),
)
@options.config
@options.json
def hints(file: Path, as_json: bool) -> None:
    """Show what many people book otherwise than the rules do, each with a rule to paste.

    Only what people confirmed counts, and only where as many did the same as the policy wants behind any
    figure (policy.groups.minimum). Never a person, a title or a day.
    """
    from daybook import logs
    from daybook.hints import look
    from daybook.wiring import open_house

    logs.configure(human=True, quiet=True)
    house = open_house(file, begun=True)
    nothing = (
        f"No {house.policy.groups.minimum} people confirmed the same project against a rule, "
        "or where no rule speaks."
    )
    options.say_each(look(house), as_json, nothing)
