"""Reports and their readers: what is wrong is said by name and line (P14)."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.load import Unfit, load

FILE = """\
version: 1
people:
  - {{name: Ada, email: ada@northwind.example, team: studio, role: client_billed}}
  - {{name: Ben, email: ben@northwind.example, team: studio}}
  - {{name: Mara, email: mara@northwind.example, team: {team}, manages: [{manages}]}}
policy:
  why: Two invoices were disputed this quarter.
  contact: ops@northwind.example
  effective: 2026-12-01
  tracked: {{}}
  reports:
    - {report}
{more}"""
WEEKLY = "who: managers, what: [project], cadence: weekly"


def written(
    folder: Path, team: str = "office", manages: str = "studio", report: str = WEEKLY, more: str = ""
) -> Path:
    file = folder / "daybook.yaml"
    file.write_text(FILE.format(team=team, manages=manages, report=f"{{{report}}}", more=more))
    return file


def complaints(folder: Path, **said: str) -> list[tuple[str, str, str]]:
    file = written(folder, **said)
    try:
        load(file)
    except Unfit as error:
        return [(f"{one.place.line}:{one.place.column}", one.what, one.sentence) for one in error.problems]
    return []


def readers(folder: Path, **said: str) -> tuple[str, ...]:
    file = written(folder, **said)
    policy = load(file).configuration.policy
    assert policy is not None
    return policy.managers


def test_P08_whoever_manages_a_team_stands_in_the_policy(tmp_path: Path) -> None:
    assert readers(tmp_path) == ("mara@northwind.example",)


def test_P08_a_policy_that_names_its_readers_names_all_of_them(tmp_path: Path) -> None:
    assert readers(tmp_path, more="  managers: []\n") == ()


def test_who_manages_is_no_word_of_a_policy_without_reports(tmp_path: Path) -> None:
    assert readers(tmp_path, report="who: managers, what: [project], cadence: never") == ()


def test_P14_a_reader_who_manages_nobody_is_refused(tmp_path: Path) -> None:
    assert complaints(tmp_path, more="  managers: [mora@northwind.example]\n") == [
        (
            "13:14",
            "policy.managers[0]",
            "is 'mora@northwind.example', who `manages` no team under people. "
            'Did you mean "mara@northwind.example"?',
        )
    ]


def test_a_manager_of_a_team_of_two_is_fine(tmp_path: Path) -> None:
    assert complaints(tmp_path) == []


def test_P14_a_manager_of_one_is_refused(tmp_path: Path) -> None:
    ((where, path, sentence),) = complaints(tmp_path, manages="office, studio", team="office")
    assert (where, path) == ("5:73", "people[2].manages[0]")
    assert sentence == (
        "is 'office', a team of one beside its manager. "
        "Whatever is said of such a team is said of that person; leave it out."
    )


def test_a_team_nobody_is_in_is_named_with_the_nearest(tmp_path: Path) -> None:
    assert complaints(tmp_path, manages="stuido") == [
        ("5:73", "people[2].manages[0]", "is 'stuido', which is nobody's team. Did you mean \"studio\"?")
    ]


@pytest.mark.parametrize(
    ("report", "path", "sentence"),
    [
        (
            "who: managers, what: [project, clinet], cadence: weekly",
            "policy.reports[0].what[1]",
            'Did you mean "client"?',
        ),
        (f"{WEEKLY}, roles: [client_biled]", "policy.reports[0].roles[0]", 'Did you mean "client_billed"?'),
        (
            "who: everybody, what: [project], cadence: weekly",
            "policy.reports[0].who",
            "it may be 'managers'.",
        ),
        ("who: managers, what: [project], cadence: dayly", "policy.reports[0].cadence", "'never'."),
        (f"{WEEKLY}, on: 12", "policy.reports[0].on", "is '12'; a weekly report needs a weekday: monday,"),
        (
            "who: managers, what: [project], cadence: monthly, on: 3",
            "policy.reports[0].on",
            "is '3'; a monthly report needs a day of the month from 6 to 28",
        ),
        (
            "who: managers, what: [project], cadence: never, on: monday",
            "policy.reports[0].on",
            "a report that never comes has no day",
        ),
        (f"{WEEKLY}}}\n    - {{{WEEKLY}", "policy.reports[1]", "Put all it counts into one."),
    ],
)
def test_P14_a_report_that_cannot_be_is_refused_by_name_and_line(
    tmp_path: Path, report: str, path: str, sentence: str
) -> None:
    ((where, found, said),) = complaints(tmp_path, report=report)
    assert found == path
    assert sentence in said
    assert where.startswith(("12:", "13:"))


def test_a_usual_role_may_be_spoken_of_before_anybody_has_it(tmp_path: Path) -> None:
    """As the example of `daybook init` does, once its line is uncommented."""
    report = f"{WEEKLY}, roles: [salaried]}}\n  roles: {{salaried: {{digest: weekly}}"
    assert complaints(tmp_path, report=report) == []
