"""Every sentence of the reconciler's design has a test that names it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from .says import plain, quoted

TESTS = Path(__file__).parents[1]
HERE = TESTS.parent / "docs" / "reconciler.md"
END = re.compile(r"(?<=[.;])(?<!e\.g\.)\s+")
"""Where a sentence ends; what stands behind a semicolon is a claim of its own."""


NOT_YET = (
    "The reconciler is the heart: a pure function from evidence, ",
    "No clock, no network, no database inside it: now, the time z",
    "Plan is the difference between the drafts that stand and tho",
    "An Activity is one observation, already normalised by a conn",
    "| meeting | calendar event instance | start, end | time with",
    "| focus | calendar focus block | start, end | time kept for ",
    "| away | out-of-office, all-day leave | start, end | removes",
    "| presence | a task was assigned to the contributor and in a",
    "| touch | comment, transition, edit, completion by the contr",
    "| logged | worklog / time-tracking entry that already exists",
    "Identity is (source, account, external_id, part);",
    "part tells the days of a split activity apart.",
    "Content has a fingerprint, so that an unchanged activity is ",
    "declined: nothing.",
    "Tentative or unanswered: suggested as unsure, unless the map",
    "Organiser or accepted: suggested.",
    'transparent ("free") and birthday / working-location / from-',
    "outOfOffice: away.",
    "focusTime: focus.",
    "All-day: away when it is leave, else context a mapping may u",
    "never eight hours of work.",
    "private or confidential: as the policy says: ignore, or busy",
    "the same meeting on two calendars (same iCalUID and start): ",
    "cancelled instance of a series, moved instance, series split",
    "crosses local midnight: split at the contributor's local mid",
    "Clock changes: durations are real elapsed minutes.",
    "presence comes from the change log: the intervals in which t",
    "Asana: section or custom field named as in progress, else fr",
    "a presence with no touch by the contributor for stale_after ",
    "touches made by automation rules, bulk edits (many issues in",
    "Capacity: the contributor's working hours of that local day ",
    "Touches and meetings outside working hours are real: meeting",
    "a touch opens capacity around itself only up to overtime_win",
    "Fixed blocks: meetings, in order of claim.",
    "Overlaps are resolved so that no minute counts twice: contri",
    "The loser keeps what is left of it;",
    "under min_entry minutes it is listed as overlapped evidence,",
    "Logged: existing worklogs are subtracted: first from the dra",
    "Shared time: what is left of capacity (focus first) is share",
    "On each elementary segment the tasks present get weights w =",
    "a touch without presence makes the task present in a window ",
    "Minutes of a segment are shared in proportion.",
    "Tasks below min_entry give theirs back.",
    "A segment with no task present is a gap and stays a gap (P5)",
    "Mapping: each draft gets project, category, billable, target",
    "Rounding: to the project's increment (6 minutes for legal, 1",
    "Stability: the identity of a draft comes from its evidence (",
    "Every number above is a setting with that default, in the co",
    "Attended and attributed. Attended minutes are where a person",
    "Attributed minutes are to whom they are billed: one call for",
    "Rules are read top to bottom, the first that matches wins, l",
    "each has a name.",
    "Conditions name fields of the Activity (source, kind, contai",
    "a list means any of;",
    "all, any, none combine;",
    "text is matched as whole words without regard to case unless",
    "Known issue keys inside a title (WEB-12) count as a task onl",
    "A consequence names project, category, billable (derived fro",
    'Personal rules made with "always" and "never" stand before t',
    "Thousands of rules and hundreds of thousands of activities a",
    "Each draft carries because: a list of (evidence, minutes, se",
    "The sum of the minutes is the draft's minutes.",
    "A correction is remembered per contributor: the key is the s",
    "after the same correction twice, it leads.",
    "Contributors see and delete what was learnt about them.",
    'Administrators see only a hint of the form "N people move X ',
    "idempotent;",
    "independent of the order of activities;",
    "no overlap;",
    "conservation (sum of drafts + gaps + away + logged = span of",
    "never more than evidence;",
    "monotone (new evidence for one task never increases another'",
    "decisions untouched;",
    "stable under a shift of time zone;",
    "23- and 25-hour days.",
)
"""How claims begin that no test quotes yet."""


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


def proves(words: str, sentence: str) -> bool:
    return words in sentence or sentence in words


def test_every_sentence_of_the_design_has_a_test(shared: Path) -> None:
    quotations = [words for _, words in quoted(TESTS)]
    design = sentences((shared / "design" / "reconciler.md").read_text("utf-8"))
    assert len(design) > 50
    unproved = [claim for claim in design if not any(proves(words, claim) for words in quotations)]
    assert [claim for claim in unproved if not claim.startswith(NOT_YET)] == []


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
