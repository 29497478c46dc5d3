"""Measure, print, and where asked write the figures into docs/figures.md."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import click

from bench import (
    chain,
    cycle,
    digests,
    helped,
    history,
    idle,
    loop,
    page,
    propose,
    pull,
    quality,
    reading,
    reconcile,
    requests,
    rules,
    titles,
)
from daybook import logs

BENCHES = {
    "loop": loop,
    "cycle": cycle,
    "chain": chain,
    "idle": idle,
    "help": helped,
    "history": history,
    "reading": reading,
    "rules": rules,
    "reconcile": reconcile,
    "propose": propose,
    "pull": pull,
    "requests": requests,
    "page": page,
    "digests": digests,
    "quality": quality,
    "titles": titles,
}
DOCUMENT = Path(__file__).parents[1] / "docs" / "figures.md"


def written(document: str, name: str, table: str) -> str:
    """The document with this bench's table between its two comments."""
    part = re.compile(rf"(<!-- bench: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    return part.sub(lambda found: f"{found[1]}{table}\n{found[2]}", document)


@click.command(epilog="Example: python -m bench loop --write")
@click.argument("names", nargs=-1, type=click.Choice(list(BENCHES)))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--write", is_flag=True, help="Put the tables into docs/figures.md too.")
def main(names: tuple[str, ...], as_json: bool, write: bool) -> None:
    """Measure NAMES, or everything."""
    logs.configure(human=True, quiet=True)
    figures = {}
    for name in names or BENCHES:
        try:
            figures[name] = BENCHES[name].measure()
        except loop.Failed as failed:
            sys.exit(str(failed))
        table = BENCHES[name].table(figures[name])
        if not as_json:
            click.echo(table)
        if write:
            DOCUMENT.write_text(written(DOCUMENT.read_text("utf-8"), name, table), "utf-8")
    if as_json:
        click.echo(json.dumps(figures))


if __name__ == "__main__":
    main()
