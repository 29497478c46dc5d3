"""Writes what the documents take from the program: python -m docs.make, or make docs.

A made part stands between two comments, `<!-- made: NAME -->` and `<!-- end -->`;
everything outside them is written by hand. The pictures are taken of a demonstration
in Debian's chromium. `--words` leaves them out, `--check` only says what is out of date.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import click

from daybook import schemas
from daybook.installed import connector_types
from docs import (
    arrows,
    cookbook_tried,
    handouts,
    lab_tried,
    pictures,
    quoted,
    recovery_tried,
    reference,
    rollout_tried,
    rooms,
    who_sees,
    worked_day,
)

ROOT = Path(__file__).parents[1]
PART = re.compile(r"(<!-- made: (?P<name>[\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

MADE: dict[str, dict[str, Callable[[Path], str]]] = {
    "CONTRIBUTING.md": {"rooms": rooms.told},
    "docs/architecture.md": {"arrows": arrows.told},
    "docs/configuration.md": {"reference": reference.told},
    "docs/cookbook.md": cookbook_tried.PARTS,
    "docs/handouts.md": handouts.HANDOUTS,
    "docs/lab.md": {"tried": lab_tried.told},
    "docs/privacy.md": {"who-sees": who_sees.told},
    "docs/reconciler.md": {"evidence": worked_day.evidence, "drafts": worked_day.drafts},
    "docs/recovery.md": recovery_tried.PARTS,
    "docs/rollout.md": rollout_tried.PARTS,
    "docs/writing-a-connector.md": quoted.WRITING_A_CONNECTOR,
}
"""By document and part, who writes it from the checkout."""


SCHEMAS = {
    "docs/examples/cases.schema.json": schemas.cases,
    "docs/examples/daybook.schema.json": lambda: schemas.configuration(connector_types()),
}
"""What editors complete and check the examples by; made as a whole."""


def made(name: str) -> str:
    """A document with its made parts as the program now says them."""
    if name in SCHEMAS:
        return f"{json.dumps(SCHEMAS[name](), indent=2)}\n"

    def part(found: re.Match[str]) -> str:
        return f"{found[1]}{MADE[name][found['name']](ROOT)}\n{found[3]}"

    return PART.sub(part, (ROOT / name).read_text("utf-8"))


def stale() -> list[str]:
    """The documents that say something else than the program."""
    return [name for name in (*MADE, *SCHEMAS) if made(name) != _written(name)]


def _written(name: str) -> str:
    return (ROOT / name).read_text("utf-8") if (ROOT / name).exists() else ""


@click.command()
@click.option("--words", is_flag=True, help="Leave the pictures as they are.")
@click.option("--check", is_flag=True, help="Write nothing; say which documents are out of date.")
def main(words: bool, check: bool) -> None:
    """Bring the documents up to date with the program."""
    old = stale()
    if check:
        for name in old:
            click.echo(f"{name} is out of date. Bring it up to date with: make docs")
        sys.exit(1 if old else 0)
    for name in old:
        (ROOT / name).write_text(made(name), "utf-8")
        click.echo(f"{name} was brought up to date.")
    if not words:
        for line in pictures.take(ROOT / "docs" / "images"):
            click.echo(line)


if __name__ == "__main__":
    main()
