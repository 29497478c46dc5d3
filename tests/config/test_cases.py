"""Golden cases: read as strictly as the configuration, and all mistakes at once (P14)."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.cases import load_cases
from config.load import Unfit
from config.schema import Configuration

CONFIGURATION = Configuration.model_validate(
    {
        "version": 1,
        "people": [{"name": "Ada Example", "email": "ada@northwind.example"}],
        "projects": {"acme-web": {"name": "ACME website"}},
        "rules": [{"name": "ACME calls", "when": {"title": "acme"}, "then": {"project": "acme-web"}}],
    }
)
WELL = """\
cases:
  - name: An ACME call is billed
    activity: {title: ACME call}
    expect: {project: acme-web}
"""


def read(folder: Path, text: str) -> list[str]:
    """What is wrong with it, by line and column."""
    file = folder / "team.cases.yaml"
    file.write_text(text)
    try:
        load_cases(file, CONFIGURATION)
    except Unfit as unfit:
        return [f"{one.place.line}:{one.place.column} {one.what} {one.sentence}" for one in unfit.problems]
    return []


def test_a_case_knows_where_it_stands(tmp_path):
    (tmp_path / "team.cases.yaml").write_text(WELL)
    ((place, case),) = load_cases(tmp_path / "team.cases.yaml", CONFIGURATION)
    assert (Path(place.file).name, place.line, case.name) == ("team.cases.yaml", 2, "An ACME call is billed")


@pytest.mark.parametrize(
    ("wrong", "instead", "says"),
    [
        (
            "title:",
            "titel:",
            '3:16 cases[0].activity.titel is not a word Daybook knows. Did you mean "title"?',
        ),
        (
            "project:",
            "projct:",
            '4:14 cases[0].expect.projct is not a word Daybook knows. Did you mean "project"?',
        ),
        (
            "acme-web",
            "acme-wb",
            "4:14 cases[0].expect.project is 'acme-wb', which is not under projects. Did you",
        ),
        (
            "{project: acme-web}",
            "{rule: ACME call}",
            "4:14 cases[0].expect.rule is 'ACME call', which is not under rules. Did you mean",
        ),
        (
            "{project: acme-web}",
            "{}",
            "4:5 cases[0].expect expects nothing; name a project, or ignore: true.",
        ),
        (
            "    activity",
            "    who: ad@northwind.example\n    activity",
            "3:5 cases[0].who is 'ad@northwind.example', which is not under people. "
            'Did you mean "ada@northwind.example"?',
        ),
        ("{title: ACME call}", "{kind: party}", "3:16 cases[0].activity.kind "),
        ("cases:", "case:", "1:1 case is not a word"),
    ],
)
def test_P14_a_mistake_is_named_with_its_place_and_the_nearest_word(tmp_path, wrong, instead, says):
    assert [one for one in read(tmp_path, WELL.replace(wrong, instead)) if one.startswith(says)]


def test_P14_all_mistakes_come_at_once(tmp_path):
    text = WELL.replace("title:", "titel:").replace("acme-web", "acme-wb") + WELL.replace("cases:\n", "")
    assert len(read(tmp_path, text.replace("expect:", "expects:", 1))) >= 2


@pytest.mark.parametrize("text", ["", "cases: []", "- name: x", "cases: 7", "cases:\n  - {name: x}\n", "\t"])
def test_a_file_without_cases_is_refused(tmp_path, text):
    assert read(tmp_path, text)


@pytest.mark.parametrize("kind", ["meeting", "focus", "away", "presence", "touch", "logged"])
def test_every_kind_of_activity_can_be_a_sample(tmp_path, kind):
    file = tmp_path / "team.cases.yaml"
    file.write_text(WELL.replace("{title: ACME call}", f"{{kind: {kind}}}"))
    ((_, case),) = load_cases(file, CONFIGURATION)
    assert case.activity.activity().kind == kind
