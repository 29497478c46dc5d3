"""daybook rollout: how it stands, what its people say, and the word by which it goes on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from daybook.cli import options

if TYPE_CHECKING:
    from daybook.papers import Paper


@click.command(
    short_help="Show how the rollout stands, and answer its people.",
    epilog=options.example('daybook rollout --answer 7kq2mx "Private events are left out from today on."'),
)
@options.config
@options.json
@click.option(
    "--friction", is_flag=True, help="What contributors said: sentences, without names unless signed."
)
@click.option("--answer", nargs=2, metavar="ID SENTENCE", help="Answer one of them; its writer sees it.")
@click.option(
    "--review", type=click.Choice(["30", "90"]), help="How its first days went: the page that its people see."
)
@click.option("--card", is_flag=True, help="What somebody needs at hand who uses Daybook every day.")
@click.option("--day-one", is_flag=True, help="What people are told on the day it begins.")
@click.option("--html", is_flag=True, help="With --review, --card or --day-one: a page to print or send.")
@click.option("--resume", metavar="SENTENCE", help="Go on after a stop; everybody reads what changed.")
def rollout(
    file: Path,
    as_json: bool,
    friction: bool,
    answer: tuple[str, str] | None,
    resume: str | None,
    review: str | None,
    card: bool,
    day_one: bool,
    html: bool,
) -> None:
    """Show the stage, what was wanted, what was reached, what is missing and what to do.

    The stage itself is changed in the configuration: rollout.stage. Numbers are of drafts and days over
    everybody, in steps, and a day older than what contributors see on their page.
    """
    from daybook import logs, papers, remarks
    from daybook import rollout as running
    from daybook.looking import administrator
    from daybook.wiring import open_house

    if sum((friction, answer is not None, resume is not None, review is not None, card, day_one)) > 1:
        raise click.UsageError("One at a time. Nothing was done.")
    logs.configure(human=True, quiet=True)
    if card or day_one:
        filled = papers.filling(file)
        _hand_over(papers.card(filled) if card else papers.day_one(filled), html, as_json)
        return
    house = open_house(file, begun=True)
    if answer is not None:
        remarks.answer(house, *answer)
        click.echo("Answered. It stands on the page of whoever said it, and their next mail says so.")
    elif resume is not None:
        running.resume(house, resume)
        click.echo("It goes on. Everybody reads what you wrote.")
    elif friction:
        options.say_each(remarks.items(house, administrator()), as_json, "Nothing was said yet.")
    elif review is not None:
        _hand_over(papers.review(house, int(review)), html, as_json)
    else:
        options.say(running.standing(house), as_json)


def _hand_over(paper: Paper, html: bool, as_json: bool) -> None:
    """As text, or as a page to print or to send."""
    from daybook.page.render import on_paper

    if html:
        click.echo(on_paper(paper))
    else:
        options.say(paper, as_json)
