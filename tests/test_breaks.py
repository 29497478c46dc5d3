"""The list of breaks says what is so: every line it would break stands there, every test it names exists."""

from __future__ import annotations

import re

import pytest

from tests.breaks import LIST, ROOT, Break, breaks

ALL = breaks(LIST.read_text())


@pytest.mark.parametrize("one", ALL, ids=lambda one: f"{one.rule} {one.says}")
def test_each_break_has_its_line_and_its_test(one: Break) -> None:
    file, *_, name = one.test.split("::")
    assert one.made((ROOT / one.where).read_text())
    assert re.search(rf"def {name}\(", (ROOT / file).read_text())


def test_each_rule_of_posting_can_be_broken() -> None:
    rules = {one.rule for one in ALL}
    assert rules >= {f"R-{number:02}" for number in range(1, 14)}
