"""The catalogues: whole, used, plain, and the only place in core where anything is said to a contributor."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from core.texts.english import COUNTED, TEXTS

CORE = Path(__file__).parents[2] / "core"
NAMES = TEXTS.keys() | COUNTED.keys()
SAID = {**{name: (text,) for name, text in TEXTS.items()}, **COUNTED}

JARGON = set(
    """
    touch touched presence present kernel segment weight span interval capacity attended attributed evidence
    activity unmapped mapping mapped match suggestion claim overlap container series uid fingerprint payload
    token field null default configuration yaml json id key sync source api status override allocate
    threshold parameter increment ledger charge charged
    """.split()
)

SAID_TO_OTHERS = {
    "durations.py": "what is wrong with a number in the configuration; administrators read it",
    "rules.py": "what is wrong with a rule; administrators read it",
    "reading.py": "what is wrong with a line of activities; whoever wrote it reads it",
    "loosening.py": "what another policy allows; it is about the policy, not about a day",
    "policy.py": "who may see what and why; it is about access, not about a day",
    "figures.py": "what a policy calls the things that a report counts",
    "exits.py": "how a stage of the rollout stands, in sums; it is about nobody's day",
    "signs.py": "what became another way for a group; administrators read it, and everybody in the group",
    "visibility.py": "who may see what and why; it is about access, not about a day",
    "reply.py": "how answers begin and end that people and mail programs write; looked for, and not said",
    "rollout.py": "who takes part and why; it is about access, not about a day",
    "posting.py": "how an entry stands on its way out",
    "targets.py": "what is wrong with a target; administrators read it",
    "clock.py": "why a clock is not believed; administrators read it",
    "closing.py": "why a day can no longer be changed; it is about access, not about a day",
    "cutting.py": "why something cannot be cut, put together or moved, as in drafts.py",
    "drafts.py": "what a deed on the page answers, in the language of the page; its because is in core/texts",
}
"""Modules that say something which is no part of a day's sentences, and to whom."""

LOOKED_FOR = {
    "leave_words": "words of titles, found and not said",
}
"""What text with spaces belongs to that nobody reads."""


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(CORE.rglob("*.py")):
        if path.parent.name != "texts":
            yield path, ast.parse(path.read_text("utf-8"))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def uses() -> Iterator[tuple[str, str, set[str], bool]]:
    """Each call that names a text: where, the name, what it fills in, and whether it counts."""
    for path, tree in trees():
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call) or not call.args:
                continue
            match call.func:
                case ast.Name(id="say" | "self") | ast.Attribute(attr="say"):
                    counts = False
                case ast.Attribute(
                    attr="count", value=ast.Name(id="say" | "self") | ast.Attribute(attr="say")
                ):
                    counts = True
                case _:
                    continue
            filled = {keyword.arg or "" for keyword in call.keywords} | ({"number"} if counts else set())
            if isinstance(call.args[0], ast.Constant):
                yield f"{path.name}:{call.lineno}", str(call.args[0].value), filled, counts


def strings(tree: ast.Module) -> Iterator[ast.Constant]:
    """Text that is neither documentation nor the message of an error, nor one of those nobody reads."""
    left_out: set[ast.AST] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant()) | ast.Raise() | ast.Assert():
                left_out.update(ast.walk(node))
            case ast.AnnAssign(target=ast.Name(id=name)) if name in LOOKED_FOR:
                left_out.update(ast.walk(node))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in left_out:
            yield node


def test_every_text_that_is_used_exists_with_what_it_needs() -> None:
    found = list(uses())
    assert len(found) > 40, "the walk finds the uses"
    for where, name, filled, counts in found:
        forms = COUNTED.get(name) if counts else (TEXTS.get(name, ""),)
        assert forms and all(forms), f"{where} says {name!r}, which no catalogue has"
        assert placeholders(forms[-1]) == filled, f"{where} fills in something else than {name!r} has"


def test_every_text_is_used() -> None:
    named = {node.value for _, tree in trees() for node in strings(tree)}
    assert NAMES - named == set()


def test_one_name_is_one_text() -> None:
    assert not TEXTS.keys() & COUNTED.keys()


def test_every_number_has_its_form() -> None:
    for name, forms in COUNTED.items():
        assert len(forms) == 2 and "{number}" in forms[-1], name


def test_a_sentence_is_short() -> None:
    for name, forms in SAID.items():
        for text in forms:
            assert len(text) <= 110, f"{name}: nobody reads so long a line in forty seconds"
            assert text == text.strip() and "  " not in text


def test_P6_a_sentence_has_no_word_of_ours() -> None:
    for name, forms in SAID.items():
        for text in forms:
            said = set(re.findall(r"[a-z]+", re.sub(r"\{\w+\}", "", text).lower()))
            assert not said & JARGON, name


def test_nothing_else_in_core_is_said_to_a_contributor() -> None:
    for path, tree in trees():
        if path.name in SAID_TO_OTHERS:
            continue
        said = [node for node in strings(tree) if " " in node.value.strip() and node.value not in NAMES]
        assert not said, f"{path.name}:{said[0].lineno} says {said[0].value!r}; it belongs in core/texts"


def test_the_exceptions_are_still_there() -> None:
    for name in SAID_TO_OTHERS:
        tree = ast.parse((CORE / name).read_text("utf-8"))
        assert any(" " in node.value.strip() for node in strings(tree)), f"{name} says nothing any more"
