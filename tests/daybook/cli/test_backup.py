"""daybook backup and restore as an administrator types them."""

from __future__ import annotations

import json

from daybook.cli.outcome import WRONG_INPUT
from tests.daybook.cli.conftest import everybody_agrees


def test_a_backup_is_made_beside_the_daemon_and_put_back_only_without_it(daybook, file):
    house = everybody_agrees(file)
    (file.parent / "backups").mkdir()
    with house.store.hold():
        made = daybook("backup", "backups", "--json")
        assert made.returncode == 0, made.stderr
        said = json.loads(made.stdout)
        assert said["removed"] == []
        refused = daybook("restore", said["file"], "--yes")
        assert refused.returncode == WRONG_INPUT
        assert "is already running on this store" in refused.stderr
    house.store.close()
    shown = daybook("restore", said["file"], given="y\n")
    assert shown.returncode == 0, shown.stderr
    assert "The database is as it was on" in shown.stdout
    assert "Next: daybook run" in shown.stdout


def test_restore_asks_before_it_does_anything(daybook, file):
    everybody_agrees(file).store.close()
    assert daybook("backup", "one.backup").returncode == 0
    before = {left.name for left in file.parent.iterdir()}
    shown = daybook("restore", "one.backup", given="n\n")
    assert shown.returncode == 1
    assert "What was said since the backup is lost. Go on?" in shown.stdout
    assert {left.name for left in file.parent.iterdir()} == before


def test_restore_says_what_is_missing_before_it_asks(daybook, file):
    everybody_agrees(file).store.close()
    for words in (("none.backup",), ()):
        shown = daybook("restore", *words, given="")
        assert shown.returncode == WRONG_INPUT
        assert "Nothing was changed" in shown.stderr
        assert "Go on?" not in shown.stdout


def test_a_backup_that_is_not_there_is_named_whole(daybook, file):
    """Who stands in a folder that is closed to the service has typed a name that it looks for elsewhere."""
    everybody_agrees(file).store.close()
    shown = daybook("restore", "none.backup", "--yes")
    assert f"{file.parent}/none.backup cannot be read (No such file or directory)." in shown.stderr


def test_restore_wants_one_thing(daybook, file):
    everybody_agrees(file).store.close()
    for words in ((), ("one.backup", "--as-it-is")):
        shown = daybook("restore", "--yes", *words)
        assert shown.returncode == WRONG_INPUT
        assert "Name one backup, or say --as-it-is. Nothing was changed." in shown.stderr
