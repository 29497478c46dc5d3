"""A daemon whose file changes: what differs, what that would move, and SIGHUP, as it is typed."""

from __future__ import annotations

import json
import signal
import subprocess

from tests.daybook.cli.conftest import edited, everybody_agrees
from tests.daybook.cli.test_lab import of_five
from tests.ports import free_port

NO = 1


def heard(daemon: subprocess.Popen[bytes], event: str) -> dict[str, object]:
    """The next line of its log that is this one."""
    assert daemon.stderr is not None
    for line in daemon.stderr:
        said: dict[str, object] = json.loads(line)
        if said["event"] == event:
            return said
    raise AssertionError(f"it ended without {event}")


def test_what_runs_is_compared_with_its_file_until_it_is_told_to_read_it(daybook, file):
    edited(file, ("127.0.0.1:18799", f"127.0.0.1:{free_port()}"))
    of_five(file)
    everybody_agrees(file).store.close()
    assert daybook("lab", "--against-running").stderr.startswith("No Daybook runs on this store.")
    daemon = daybook.begin("run")
    try:
        heard(daemon, "daemon.started")
        text = file.read_text()
        edited(file, ("- name: ACME issues", "- name: All of ACME"))
        file.write_text(f"{file.read_text()}\nclosing: {{weeks: 60 days}}\n")
        differs = daybook("check", "--against-running")
        assert differs.returncode == NO
        assert "3 settings in the file differ" in differs.stdout
        assert "daybook lab --against-running" in differs.stdout
        assert "rules[" in differs.stdout and "is new." in differs.stdout
        effect = daybook("lab", "--against-running")
        assert effect.returncode == 0, effect.stderr
        assert "would move to another project" in effect.stdout

        daemon.send_signal(signal.SIGHUP)
        changed = heard(daemon, "configuration.changed")
        assert len(changed["changed"]) == 3
        heard(daemon, "daemon.started")
        same = daybook("check", "--against-running")
        assert same.returncode == 0, same.stdout
        assert f"pid {daemon.pid} on " in same.stdout and "which is what the file says." in same.stdout

        edited(file, ("organisation:", "organisatoin:"))
        daemon.send_signal(signal.SIGHUP)
        refused = heard(daemon, "configuration.refused")
        assert refused["reason"].startswith("daybook.yaml:")
        file.write_text(text)
        status = daybook("status")
        assert status.returncode == NO
        assert "is not a word Daybook knows." in " ".join(status.stdout.split())
        daemon.send_signal(signal.SIGTERM)
        daemon.communicate(timeout=60)
    finally:
        daemon.kill()
        daemon.communicate()
    assert daemon.returncode == 0
