"""docs/seeing.md names every log event and every figure there is, and no other."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from daybook.metrics.figures import FIGURES
from tests.daybook.test_logs import is_log, sources

TEXT = (Path(__file__).parents[2] / "docs/seeing.md").read_text("utf-8")


def rows(heading: str) -> dict[str, list[str]]:
    """The cells of the last table under a heading, by its first."""
    part = TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line[:1] == "|"
    ]
    return {first.strip("`"): rest for first, *rest in cells[2:]}


@cache
def events() -> tuple[ast.expr, ...]:
    calls = (call for path in sources() for call in ast.walk(ast.parse(path.read_text("utf-8"))))
    return tuple(call.args[0] for call in calls if isinstance(call, ast.Call) and is_log(call))


def test_every_event_is_a_constant_of_a_thing_and_what_it_did() -> None:
    said = [event.value if isinstance(event, ast.Constant) else None for event in events()]
    assert len(said) > 40
    assert [event for event in said if not re.fullmatch(r"[a-z]+\.[a-z_]+", str(event))] == []


def test_every_event_stands_in_the_document_with_what_to_do_and_no_other() -> None:
    told = rows("The log")
    assert told.keys() == {event.value for event in events() if isinstance(event, ast.Constant)}
    assert list(told) == sorted(told)
    assert all(means and do for means, do in told.values())


def test_every_figure_stands_in_the_document_as_the_program_says_it() -> None:
    told = {
        figure.name + "_total" * figure.counts: [
            ", ".join(f"`{one}`" for one in figure.labels),
            figure.kind,
            figure.says,
        ]
        for figure in FIGURES
    }
    assert rows("Figures") == told
