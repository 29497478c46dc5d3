"""Which sentence of the reconciler's design a test proves.

    @says("A gap stays a gap")
    def test_...

The words are quoted from design/reconciler.md or docs/reconciler.md without their markup: as much of a
sentence as the test proves; others have the rest. `test_design.py` reads these quotations from the sources
of all tests, so it knows them whichever tests run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

Test = TypeVar("Test", bound=Callable[..., object] | type)


def says(*quotations: str) -> Callable[[Test], Test]:
    """Mark a test, or a class of them, as the proof of these words."""

    def proves(test: Test) -> Test:
        marked: Test = pytest.mark.says(*quotations)(test)
        return marked

    return proves


def plain(text: str) -> str:
    """Words without markup, on one line."""
    return " ".join(re.sub(r"[*`]", "", text).split())


def quoted(tests: Path) -> Iterator[tuple[str, str]]:
    """The name of each test that proves something, with the words it quotes."""
    for file in sorted(tests.rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name.lower().startswith("test"):
                yield from (
                    (node.name, plain(words)) for mark in node.decorator_list for words in _words(mark)
                )


def _words(mark: ast.expr) -> Iterator[str]:
    match mark:
        case ast.Call(func=ast.Name(id="says"), args=quotations):
            yield from (str(ast.literal_eval(quotation)) for quotation in quotations)
