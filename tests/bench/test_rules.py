"""The figures of the rules: a table that says what was measured, and none where two engines disagree."""

from __future__ import annotations

import re

import pytest

from bench import rules
from bench.loop import Failed


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(rules, "TITLES", 300)
    monkeypatch.setattr(rules, "MIXED", 300)
    monkeypatch.setattr(rules, "PORTION", 100)
    monkeypatch.setattr(rules, "_peer", lambda patterns: None)


def test_a_peer_that_cannot_be_installed_is_said_to_be_missing(small):
    figures = rules.measure()
    assert 50 < figures["peers"]["matched"] < 250
    table = rules.table(figures)
    assert re.search(r"ActivityWatch .* \| could not be installed here \|  \|", table)
    assert re.search(r"\| 200 \| \d+ \| [\d,]+ \| 1\.00 \|", table)


def test_engines_that_disagree_have_no_figures(small, monkeypatch):
    monkeypatch.setattr(rules.Conditions, "first", lambda *_: None)
    with pytest.raises(Failed, match="The answers differ between titles 0 and 100"):
        rules.measure()
