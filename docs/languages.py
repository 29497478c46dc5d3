"""Renews the language files with what is said now: python -m docs.languages, or make languages.

New sentences come in without a translation, what is no longer said goes out, and what is still missing is
named. English is taken from where it stands: the code, the templates and the reconciler's own texts.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import write_po

from connectors.asana.connector import Asana
from connectors.google_calendar.connector import GoogleCalendar
from connectors.jira.connector import Jira
from core.texts.english import CLOCK, COUNTED, DAY, TEXTS
from daybook.languages import FOLDER
from daybook.languages.files import read
from daybook.store.schema import metadata
from daybook.words import capital

ANSWERS = (
    "core/cutting.py",
    "core/drafts.py",
    "core/posting.py",
    "daybook/choosing.py",
    "daybook/cutting.py",
    "daybook/deeds.py",
    "daybook/delegates.py",
    "daybook/draft_calendars.py",
    "daybook/jobs/post.py",
    "daybook/jobs/show.py",
    "daybook/joining.py",
    "daybook/teaching.py",
)
"""Modules that answer a deed with a whole sentence; the page looks it up when it shows it."""
ROOT = Path(__file__).parents[1]
FOUND_IN = [("**.py", "python"), ("**/templates/**", "jinja2")]
SAID_BY = {**DEFAULT_KEYWORDS, "Later": None, "Said": None, "worded": None, "counted": (1, 2)}
TEMPLATES = {"trimmed": "true", "silent": "false", "newstyle_gettext": "true"}


def said() -> Catalog:
    """Everything that Daybook says, in English."""
    catalog = Catalog(charset="utf-8")
    for file, message, context, text in _found():
        catalog.add(text, context=context, locations=[(file, 0)], auto_comments=message)
    return catalog


def _found() -> Iterator[tuple[str, list[str], str | None, str | tuple[str, ...]]]:
    options = {"**/templates/**": TEMPLATES}
    for room in ("core", "connectors", "daybook"):
        for name, _line, text, comments, context in extract_from_dir(ROOT / room, FOUND_IN, options, SAID_BY):
            yield f"{room}/{name}", comments, context, text
    for name, sentence in TEXTS.items():
        yield "core/texts/english.py", [], name, sentence
    for name, forms in COUNTED.items():
        yield "core/texts/english.py", [], name, forms
    for name in ANSWERS:
        for sentence in _answers(ROOT / name):
            yield name, [], None, sentence
    for table in metadata.tables.values():
        if table.info["owner"] and "stays" in table.info:
            yield "daybook/store/schema.py", [], None, table.info["stays"]
    for kind in (Asana, GoogleCalendar, Jira):
        for sentence in (*map(capital, kind.tracks), *filter(None, kind.tracks.values())):
            yield _file(kind), [], None, sentence
        for sentence in _told(ROOT / _file(kind)):
            yield _file(kind), [], None, sentence
    yield "core/texts/english.py", [], "clock", CLOCK
    yield "core/texts/english.py", [], "date", DAY


def _file(kind: type) -> str:
    return f"{kind.__module__.replace('.', '/')}.py"


def _told(file: Path) -> Iterator[str]:
    """What a connector tells contributors about its tool."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        match node:
            case ast.keyword(arg="readers" | "how_to_join" | "sweeping", value=ast.Constant(value=str(said))):
                yield said


def _answers(file: Path) -> Iterator[str]:
    """Whole sentences of a module that answers deeds; those about itself, and what it may raise, are none."""
    tree, left_out = ast.parse(file.read_text("utf-8")), set[ast.AST]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr | ast.Raise | ast.Assert | ast.JoinedStr):
            left_out.update(ast.walk(node))
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(said)) if node not in left_out:
                if said.endswith(".") and " " in said and "{" not in said:
                    yield said


def renewed(file: Path, said: Catalog) -> Catalog:
    """A language file with exactly what is said now."""
    catalog = read(file)
    catalog.update(said, no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    return catalog


def written(file: Path, catalog: Catalog) -> None:
    with file.open("wb") as stream:
        write_po(stream, catalog, width=110, sort_output=True, include_lineno=False)


def missing(catalog: Catalog) -> list[str]:
    """What has no translation yet."""
    return [str(message.id) for message in catalog if message.id and not _whole(message.string)]


def _whole(string: str | Sequence[str] | None) -> bool:
    return all(string) if isinstance(string, list | tuple) else bool(string)


@click.command()
def main() -> None:
    """Bring every language file up to date with what is said."""
    now, lacking = said(), 0
    for file in sorted(FOLDER.glob("*.po")):
        catalog = renewed(file, now)
        written(file, catalog)
        for text in missing(catalog):
            click.echo(f"{file.name} lacks {text!r}")
            lacking += 1
    sys.exit(1 if lacking else 0)


if __name__ == "__main__":
    main()
