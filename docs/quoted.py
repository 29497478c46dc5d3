"""Code that the documents quote, taken from its file by name, so that it cannot go stale."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

Told = Callable[[Path], str]


def code(file: str, *names: str) -> Told:
    """Classes, functions and methods of a Python file, in this order.

    Takes    names as in `Ics.pull`
    """

    def told(root: Path) -> str:
        text = (root / file).read_text("utf-8")
        found = [_named(ast.parse(text).body, name.split(".")) for name in names]
        return block("python", "\n\n\n".join(_lines(text, node) for node in found))

    return told


def part(file: str, begins: str, ends: str, language: str) -> Told:
    """What stands in a file from one line up to, and without, another.

    Takes    how the two lines begin
    """

    def told(root: Path) -> str:
        lines = (root / file).read_text("utf-8").splitlines()
        first = next(number for number, line in enumerate(lines) if line.startswith(begins))
        after = [number for number, line in enumerate(lines) if number > first and line.startswith(ends)]
        return block(language, "\n".join(lines[first : after[0]]).rstrip())

    return told


def _named(body: list[ast.stmt], path: list[str]) -> ast.stmt:
    """Raises LookupError where the code no longer has that name: then the document speaks of what is gone."""
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == path[0]:
            return node if len(path) == 1 else _named(node.body, path[1:])
    raise LookupError(path[0])


def _lines(text: str, node: ast.stmt) -> str:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(one.lineno for one in decorators)])
    return dedent("\n".join(text.splitlines()[first - 1 : node.end_lineno]))


def block(language: str, text: str) -> str:
    return f"```{language}\n{text}\n```"


_ICS = "examples/ics_connector"
_WORLD = ("Feeds.add", "Feeds.alter", "Feeds.remove", "Feeds.trouble")
WRITING_A_CONNECTOR: dict[str, Told] = {
    "package": part(f"{_ICS}/pyproject.toml", "[project]", "[project.optional", "toml"),
    "announced": part(f"{_ICS}/pyproject.toml", "[project.entry", "[tool.hatch", "toml"),
    "settings": code(f"{_ICS}/daybook_ics/settings.py", "Settings"),
    "evidence": code(f"{_ICS}/daybook_ics/evidence.py", "activity"),
    "connector": code(f"{_ICS}/daybook_ics/connector.py", "Ics.__init__"),
    "pull": code(f"{_ICS}/daybook_ics/connector.py", "Ics.partitions", "Ics.pull"),
    "cursor": code(f"{_ICS}/daybook_ics/bookmark.py", "Tag", "Resting"),
    "request": code(f"{_ICS}/daybook_ics/places.py", "Feed.read", "Feed._asked"),
    "world": code(f"{_ICS}/tests/feeds.py", *_WORLD),
    "suite": code(f"{_ICS}/tests/test_contract.py", "TestFeeds", "TestFiles"),
}
"""By part of docs/writing-a-connector.md."""
