"""The figures of propose: of as many lines as they say, and none where it took more memory than allowed."""

from __future__ import annotations

import json

import pytest

from bench import propose
from bench.loop import Failed


def test_there_are_as_many_lines_as_asked_for_each_with_a_name_of_its_own():
    lines = list(propose.activities(3_000))
    assert len(lines) == 3_000
    assert len({(line["person"], line["source"], line["uid"]) for line in lines}) == 3_000
    people = {line["person"] for line in lines}
    assert people == {one["email"] for one in propose.named(len(people))}


def test_a_small_month_is_proposed_and_counted(tmp_path):
    told = propose._size(propose.LINES_EACH * propose.DAYS, tmp_path)
    assert (told["people"], told["days"]) == (1, propose.DAYS)
    assert told["drafts"] > propose.DAYS
    assert (
        json.loads((tmp_path / "days.jsonl").read_text().splitlines()[0])["person"] == "p0@northwind.example"
    )
    assert f"| {propose.LINES_EACH * propose.DAYS} |" in propose.table(
        {"machine": "2 cores", "sizes": {str(propose.LINES_EACH * propose.DAYS): told}}
    )


def test_more_memory_than_allowed_is_a_failure_and_no_figure(tmp_path, monkeypatch):
    monkeypatch.setattr(propose, "LIMIT", 5)
    with pytest.raises(Failed, match="5 MiB"):
        propose._size(50, tmp_path)
