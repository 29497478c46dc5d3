"""The first five minutes: init, check, fill in, check."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from core.policy import EXAMPLE_WHY
from tests.daybook.cli.conftest import edited

PILOT = "pilot: [ada@northwind.example, ben@northwind.example, cem@northwind.example, dora@northwind.example]"
SECRETS = ("google-key", "jira-token", "asana-token", "smtp")


@pytest.fixture
def begun(daybook, tmp_path) -> Path:
    assert daybook("init").returncode == 0
    return tmp_path / "daybook.yaml"


def filled_in(file: Path) -> None:
    edited(file, (EXAMPLE_WHY, "Two invoices were disputed this quarter."))
    for name in SECRETS:
        (file.parent / "credentials" / name).write_text("s3cret")


def as_an_editor(file: Path) -> list[str]:
    """What a YAML editor marks in this file, by the schema beside it."""
    schema = json.loads((file.parent / "daybook.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    loader = YAML(typ="safe", pure=True)
    value = json.loads(json.dumps(loader.load(file.read_text()), default=str))
    return [
        f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(value)
    ]


def test_init_names_each_file_and_the_next_command(daybook, tmp_path):
    shown = daybook("init", "house")
    assert shown.returncode == 0
    for name in ("daybook.yaml", "daybook.schema.json", "credentials/master-key"):
        assert name in shown.stdout
        assert (tmp_path / "house" / name).is_file()
    assert shown.stdout.rstrip().endswith(f"daybook check -c {tmp_path}/house/daybook.yaml")


def test_a_service_has_its_state_elsewhere_and_is_told_once_where_its_file_is(daybook, tmp_path):
    (tmp_path / "var" / "lib").mkdir(parents=True)
    assert daybook("init", "house", "--state", "var/lib").returncode == 0
    file = tmp_path / "house" / "daybook.yaml"
    assert f'url: "sqlite:///{tmp_path}/var/lib/daybook.db"' in file.read_text()
    filled_in(file)
    assert daybook("check").returncode == 2
    daybook.environment["DAYBOOK_CONFIG"] = str(file)
    assert daybook("check").returncode == 0


def test_a_secret_written_into_the_file_itself_is_named_by_its_line(daybook, begun):
    filled_in(begun)
    edited(begun, ('password: "${credential:smtp}"', "password: s3cret"))
    shown = daybook("check")
    assert shown.returncode == 1
    assert "NO   mail.password  daybook.yaml:72:100  is the secret itself." in shown.stdout
    assert "s3cret" not in shown.stdout


def test_an_empty_file_is_called_empty(daybook, tmp_path):
    (tmp_path / "daybook.yaml").write_text("# nothing yet\n")
    assert "the file  holds no settings at all." in daybook("check").stderr


def test_S15_nobody_else_reads_the_master_key(begun):
    assert (begun.parent / "credentials" / "master-key").stat().st_mode & 0o077 == 0
    assert (begun.parent / "credentials").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("kept", ["daybook.yaml", "credentials/master-key", "daybook.schema.json"])
def test_init_overwrites_nothing(daybook, tmp_path, kept):
    (tmp_path / "credentials").mkdir()
    (tmp_path / kept).write_text("mine")
    shown = daybook("init")
    assert shown.returncode == 2
    assert "Nothing was written" in shown.stderr
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [Path(kept).name]
    assert (tmp_path / kept).read_text() == "mine"


def test_init_where_nothing_can_be_written_says_so(daybook, tmp_path):
    (tmp_path / "occupied").write_text("")
    shown = daybook("init", "occupied/house")
    assert shown.returncode == 3
    assert "cannot be written (Not a directory)" in shown.stderr


def test_check_names_exactly_what_is_to_be_filled_in(daybook, begun):
    shown = daybook("check", "--json")
    assert shown.returncode == 2
    assert [finding["what"] for finding in json.loads(shown.stdout)] == [
        "policy.why",
        "connections.calendar.key",
        "connections.jira.token",
        "connections.asana.token",
        "mail.password",
    ]
    told = daybook("check").stderr
    assert told.startswith("daybook.yaml: 5 problems.")
    for name in SECRETS:
        assert f"Put it into credentials/{name}." in told


def test_check_is_well_once_that_is_filled_in_and_names_the_next_command(daybook, begun):
    filled_in(begun)
    shown = daybook("check")
    assert shown.returncode == 0
    assert "NO" not in shown.stdout
    assert shown.stdout.rstrip().endswith("Next: daybook check -c daybook.yaml --online")
    assert not (begun.parent / "daybook.db").exists(), "looking makes nothing"


def test_check_wonders_about_a_rollout_that_invites_nobody(daybook, begun):
    filled_in(begun)
    edited(begun, (PILOT, "pilot: []"))
    shown = daybook("check")
    assert shown.returncode == 1
    assert "NO   rollout        The stage pilot reaches 0 of 4 people" in shown.stdout


def test_P09_check_says_which_numbers_of_the_rollout_limit_nothing(daybook, begun):
    filled_in(begun)
    edited(begun, ("  stage: pilot ", "  exit: {opt_outs: 99}\n  stage: pilot "))
    assert "rollout        No limit for people who leave. Contributors read so" in daybook("check").stdout


def test_the_schema_beside_it_takes_the_example_as_it_is(begun):
    assert as_an_editor(begun) == []


@pytest.mark.parametrize(
    ("well", "typo"),
    [
        ("organisation:", "organisatoin:"),
        ("token: ", "tokn: "),
        ("site: https", "sight: https"),
        ("type: jira", "type: jirra"),
        ("retention:", "retentoin:"),
        ("container: WEB", "contianer: WEB"),
        ("stage: pilot", "stage: pilto"),
        ('digest_at: "08:30"', "digest_at: soon"),
    ],
)
def test_P14_an_editor_marks_a_typo(begun, well, typo):
    edited(begun, (well, typo))
    assert as_an_editor(begun) != []


def test_no_time_of_day_is_promised_to_editors_as_one_with_seconds_and_offset(begun):
    assert '"format": "time"' not in (begun.parent / "daybook.schema.json").read_text()
