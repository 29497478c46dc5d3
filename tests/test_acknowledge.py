"""Who works for somebody is not free to consent, so nobody is said to: people acknowledge a policy (P3).

Looked for in all that people read: templates of pages and mails, sentences in code, catalogues, documents.
The vendors' own names for their pages and settings are theirs.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.policy import Policy
from daybook.words import Tool, policy

ROOT = Path(__file__).parents[1]
CONSENT = re.compile(r"\bconsent(?:s|ed|ing)?\b|\beinwillig|\bzustimm", re.IGNORECASE)
THEIRS = (
    "OAuth consent screen",  # what Google calls the page where an application is described
    "`consent`",  # the setting that names Google's address
    "consents are six",  # the table of requests for accounts, in a figure for administrators
)

PLACE = re.compile(r"^#: .*", re.MULTILINE)
"""In a catalogue, where a sentence is said."""


def read() -> Iterator[tuple[str, str]]:
    """(where, what) of all that a person may read."""
    written = ("html", "txt", "po")
    ours = [f"daybook/**/*.{ending}" for ending in written]
    patterns = [*ours, "docs/**/*.md", "config/*.yaml", "[!C]*.md"]
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            yield str(path.relative_to(ROOT)), PLACE.sub("", path.read_text("utf-8"))
    for room in ("core", "config", "daybook", "connectors"):
        for path in sorted((ROOT / room).rglob("*.py")):
            if "sandbox" not in path.parts and not path.name.startswith("sandbox"):
                yield from ((f"{path.relative_to(ROOT)}:{line}", said) for line, said in sentences(path))


def sentences(path: Path) -> Iterator[tuple[int, str]]:
    """What a module says, without what it says about itself."""
    tree = ast.parse(path.read_text("utf-8"))
    about = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in about and " " in str(node.value).strip():
            yield node.lineno, str(node.value)


def said(text: str) -> list[str]:
    for theirs in THEIRS:
        text = text.replace(theirs, "")
    return CONSENT.findall(text)


def test_P3_nobody_is_said_to_consent_anywhere_they_read() -> None:
    found = {where: words for where, text in read() if (words := said(text))}
    assert found == {}


@pytest.mark.parametrize("offender", ["You gave your consent.", "Wer zustimmt", "Consented on Monday"])
def test_the_search_can_find_one(offender: str) -> None:
    assert said(offender)


def test_the_search_reads_pages_mails_documents_and_code() -> None:
    places = {where.partition(":")[0] for where, _ in read()}
    for place in ("daybook/page/templates/invite.html", "daybook/mail/templates/invitation.txt", "README.md"):
        assert place in places
    assert {"daybook/words.py", "daybook/mail/words.py", "daybook/languages/de.po"} <= places


def test_P3_the_invitation_says_why_what_what_not_who_sees_it_how_long_and_whom_to_ask() -> None:
    """The same sections, made of the same policy, stand in the invitation and on its page."""
    written = Policy.model_validate(
        {"why": "Two invoices were disputed.", "contact": "ops", "effective": "2026-12-01", "tracked": {}}
    )
    said = [section.heading for section in policy(written, [Tool(called="Jira", tracked=(), readers=None)])]
    wanted = ["Why", "What is read in Jira", "What is not read", "Who sees what", "How long it is kept"]
    assert [heading for heading in said if heading in wanted] == wanted
    assert said[-1] == "Whom to ask or to contradict"


def test_P3_the_button_under_the_policy_acknowledges() -> None:
    page = (ROOT / "daybook/page/templates/invite.html").read_text("utf-8")
    said = re.findall(r"<button class=\"first\">\{\{ _\(.(Acknowledge|Agree|Accept)[^<]*</button>", page)
    assert said and {*said} == {"Acknowledge"}
