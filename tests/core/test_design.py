"""Every sentence of the reconciler's design has tests that name it, claim by claim."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from .says import plain, quoted

TESTS = Path(__file__).parents[1]
HERE = TESTS.parent / "docs" / "reconciler.md"
END = re.compile(r"(?<=[.;])(?<!e\.g\.)\s+")
"""Where a sentence ends; what stands behind a semicolon is a claim of its own."""
ENOUGH = 0.8
"""The part of a sentence's letters that tests must quote: a label before it, or an "and", may be left out."""


def blocks(text: str) -> Iterator[str]:
    """Paragraphs, items and rows of tables; headings and code make no claim."""
    block: list[str] = []
    for line in text.splitlines():
        begins = re.match(r"\s*(- |\d+\. |\|)", line)
        if block and (begins or not line.strip() or line.startswith("#")):
            yield " ".join(block)
            block = []
        if line.strip() and not line.startswith(("#", "    ")):
            block.append(re.sub(r"^\s*(- |\d+\. )", "", line))
    if block:
        yield " ".join(block)


def split(block: str) -> Iterator[str]:
    """Its sentences; what stands in brackets or is quoted belongs to the one around it."""
    begun = 0
    for end in END.finditer(block):
        before = block[: end.start()]
        if before.count("(") == before.count(")") and before.count('"') % 2 == 0:
            yield plain(block[begun : end.start()])
            begun = end.end()
    yield plain(block[begun:])


def sentences(text: str) -> list[str]:
    """All that the design claims, piece by piece."""
    heads = re.compile(r"\|\s*(kind\b|-)")
    return [sentence for block in blocks(text) if not heads.match(block) for sentence in split(block)]


def proven(sentence: str, quotations: Iterable[str]) -> float:
    """The part of its letters that some quotation has; one that goes on beyond the sentence has them too."""
    at: set[int] = set()
    for words in quotations:
        if sentence in words:
            return 1.0
        for found in re.finditer(re.escape(words), sentence):
            at.update(range(*found.span()))
    letters = {where for where, letter in enumerate(sentence) if letter.isalnum()}
    return len(letters & at) / len(letters)


def test_every_sentence_of_the_design_has_tests(shared: Path) -> None:
    quotations = {words for _, words in quoted(TESTS)}
    design = sentences((shared / "design" / "reconciler.md").read_text("utf-8"))
    assert len(design) > 50
    assert [claim for claim in design if proven(claim, quotations) < ENOUGH] == []


def test_one_word_proves_no_sentence_of_five_claims() -> None:
    sentence = "Ada works; she rests, eats and sleeps."
    assert proven(sentence, []) == 0
    assert proven(sentence, ["Ada"]) == 3 / 29
    assert proven(sentence, ["Ada works", "works; she rests"]) == 16 / 29
    assert proven(sentence, [f"{sentence} Every day."]) == 1


def test_every_quotation_is_one(shared: Path) -> None:
    documents = (shared / "design" / "reconciler.md", HERE)
    known = [sentence for document in documents for sentence in sentences(document.read_text("utf-8"))]
    whole = " ".join(known)
    assert [(name, words) for name, words in quoted(TESTS) if words not in whole] == []


def test_a_claim_ends_at_a_full_stop_or_a_semicolon_outside_brackets() -> None:
    text = (
        '# Heading\n\n- one (a; b). Two; *three* `e.g.` "x; y" and\n  on.\n\n    code = 1;\n\n1. Four: five.'
    )
    assert sentences(text) == ["one (a; b).", "Two;", 'three e.g. "x; y" and on.', "Four: five."]
