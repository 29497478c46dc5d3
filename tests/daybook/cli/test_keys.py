"""daybook keys: one master key in the place of another, as an administrator does it."""

from __future__ import annotations

from daybook.cli.outcome import NO, WRONG_INPUT
from daybook.init import new_master_key
from tests.daybook.cli.conftest import edited, everybody_agrees

FORMER = '"${credential:master-key}"'


def test_a_master_key_is_changed_and_the_former_opens_nothing_afterwards(daybook, file):
    everybody_agrees(file).store.close()
    (file.parent / "credentials" / "master-new").write_text(new_master_key())
    edited(file, (f"key: {FORMER}", f'key: ["${{credential:master-new}}", {FORMER}]'))
    before = daybook("keys")
    assert before.returncode == 0
    assert "still seals" in before.stdout and "daybook keys --renew" in before.stdout
    renewed = daybook("keys", "--renew")
    assert renewed.returncode == 0
    assert "opens nothing any more." in renewed.stdout
    assert "out of store.key now. Keep it as long as you keep backups from before" in renewed.stdout
    assert (file.parent / "credentials" / "master-new").read_text() not in renewed.stdout
    edited(file, (f'key: ["${{credential:master-new}}", {FORMER}]', 'key: "${credential:master-new}"'))
    assert daybook("status").returncode == NO, "it opens the store, where nobody does the work"
    edited(file, ("master-new", "master-key"))
    assert (daybook("check").returncode, daybook("status").returncode) == (NO, WRONG_INPUT)
