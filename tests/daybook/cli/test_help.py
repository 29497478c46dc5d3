"""What somebody sees who does not know the commands yet."""

from __future__ import annotations

import subprocess
import sys

import pytest

from daybook.__main__ import daybook as group

COMMANDS = sorted(group.commands)
HEAVY = "sqlalchemy alembic jira asana googleapiclient requests starlette uvicorn pydantic ruamel"


def test_daybook_alone_shows_its_commands_in_the_order_one_needs_them(daybook):
    shown = daybook()
    assert shown.returncode == 0
    listed = shown.stdout.partition("Commands:\n")[2].partition("\n\n")[0]
    assert [line.split()[0] for line in listed.splitlines()][:4] == ["demo", "init", "check", "run"]
    assert "..." not in listed, "a sentence was cut"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_shows_an_example_on_a_line_of_its_own(daybook, command):
    shown = daybook(command, "--help")
    assert shown.returncode == 0
    *_, label, example = shown.stdout.rstrip().splitlines()
    assert label.strip() == "Example:"
    assert example.startswith(f"    daybook {command} ")


@pytest.mark.parametrize("command", COMMANDS)
def test_no_help_imports_a_database_or_a_vendor_library(command):
    script = (
        "import sys\n"
        "from daybook.__main__ import daybook\n"
        f"daybook([{command!r}, '--help'], standalone_mode=False)\n"
        f"print(sorted(set({HEAVY!r}.split()) & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout.splitlines()[-1] == "[]"


def test_a_word_that_is_no_command_is_answered_with_the_nearest(daybook):
    shown = daybook("chekc")
    assert shown.returncode == 2
    assert "Did you mean 'check'?" in shown.stderr


@pytest.mark.parametrize("typed", ["--version", "chekc", "status", "schema day", "keys"])
def test_a_command_that_tests_fork_ends_as_one_from_nothing(daybook, typed):
    forked, afresh = daybook(*typed.split()), daybook.afresh(*typed.split())
    assert (forked.returncode, forked.stdout, forked.stderr) == (
        afresh.returncode,
        afresh.stdout,
        afresh.stderr,
    )
