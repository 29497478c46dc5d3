"""The card and the message of the first day, as the program fills them for the example configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from config import example
from core.policy import EXAMPLE_WHY
from daybook.papers import Filling, Paper, card, day_one, filling

WHY = "Three clients ask for billable-hour reports, and two invoices were disputed this quarter."


def told(paper: Callable[[Filling], Paper]) -> Callable[[Path], str]:
    """One of them, as a part of a document."""

    def part(_root: Path) -> str:
        return "\n".join(_lines(paper(_filled())))

    return part


HANDOUTS = {"day-one": told(day_one), "card": told(card)}


def _filled() -> Filling:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "daybook.yaml"
        file.write_text(example.text(Path(folder), "2026-12-01").replace(EXAMPLE_WHY, WHY), "utf-8")
        return filling(file)


def _lines(paper: Paper) -> Iterator[str]:
    yield f"> **{paper.title}**"
    for section in paper.sections:
        yield from (">", f"> *{section.heading}*", ">")
        yield from (f"> - **{term}**: {meaning}" for term, meaning in section.terms)
        yield from (">",) if section.terms and section.sentences else ()
        yield from (f"> {sentence}  " for sentence in section.sentences)
