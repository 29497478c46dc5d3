"""`make machine`: a Debian made and booted for this, in which docs/install.md is typed word for word.

Takes minutes, root, and Debian's mmdebstrap and systemd-container, so it is no part of `make test`. The
machine has no network but its own loopback: what its commands would fetch was fetched before it was booted.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from docs.rollout_tried import PILOT, SECRETS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "install.md"
CHECKOUT = "srv/daybook"
PACKAGES = "systemd-sysv,dbus,libpam-systemd,ca-certificates,postgresql"
"""What every Debian server has, and a tree of mmdebstrap has not; and the other store."""
SOCKET = "postgresql://daybook@/daybook?host=/var/run/postgresql"
SINK = "aiosmtpd.handlers.Sink"
POSTBOX = "127.0.0.1:2525"
NEXT_SCHEMA = """
revision = "{revision}"
down_revision = "{before}"
works_with = "{revision}"


def upgrade() -> None:
    pass
"""


def typed(part: str = "") -> str:
    """What the page says to type, in one of its parts."""
    mark = f"<!-- typed{f': {part}' if part else ''} -->"
    found = re.findall(rf"{re.escape(mark)}\n```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found, f"{PAGE.name} has no part {mark}"
    return "".join(found)


class Machine:
    """A Debian that runs."""

    def __init__(self, tree: Path, leader: int) -> None:
        self.tree = tree
        self._leader = leader

    def types(self, *commands: str, given: str = "", code: int = 0) -> str:
        """What these commands print, typed by root one after the other; ends all where they end otherwise."""
        ran = self._asked("\n".join(commands), given)
        said = ran.stdout + ran.stderr
        shown = "; ".join(" ".join(command.split()) for command in commands)
        print(f"# {shown}\n{said}", flush=True)
        if ran.returncode != code:
            print(self._asked("journalctl -u 'daybook*' --no-pager -n 60").stdout)
            sys.exit(f"{shown} ended with {ran.returncode} instead of {code}.")
        return said

    def _asked(self, commands: str, given: str = "") -> subprocess.CompletedProcess[str]:
        inside = ["nsenter", f"--target={self._leader}", "--all", "/usr/bin/env", "-i", *ENVIRONMENT]
        command = [*inside, "/bin/bash", "-ec", commands]
        return subprocess.run(command, input=given, capture_output=True, text=True, timeout=600)

    def comes_up(self) -> None:
        """Wait until all is started; what a machine without hardware cannot start does not count."""
        for _ in range(120):
            if not self._asked("test -S /run/systemd/private").returncode:
                break
            time.sleep(0.5)
        self._asked("systemctl is-system-running --wait")

    def until(self, command: str, comes: str) -> None:
        """Ask again until the answer is this; a machine has its own time."""
        for _ in range(120):
            if (said := self.types(command).strip()) == comes:
                return
            time.sleep(0.5)
        sys.exit(f"{command} still says {said} and not {comes}.")

    def of(self, what: str, unit: str = "daybook") -> str:
        return self.types(f"systemctl show --value -p {what} {unit}").strip()


ENVIRONMENT = (
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8",
    "EDITOR=/srv/editor", "PIP_NO_INDEX=1", "PIP_FIND_LINKS=/srv/wheels",
)  # fmt: skip


@contextmanager
def booted(tree: Path) -> Iterator[Machine]:
    """This tree as a machine that has come up, until the end of the block."""
    own = Path("/run/systemd/system").is_dir()
    command = [
        "systemd-nspawn",
        "--quiet",
        f"--directory={tree}",
        "--boot",
        "--private-network",
        "--register=no",
    ]
    command += [] if own else ["--keep-unit"]
    with subprocess.Popen(
        [*command, "--console=pipe"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as nspawn:
        try:
            machine = Machine(tree, _leader(nspawn))
            machine.comes_up()
            yield machine
        finally:
            nspawn.terminate()
            nspawn.wait(60)


def _leader(nspawn: subprocess.Popen[bytes]) -> int:
    """The machine's first process, as we see it."""
    children = Path(f"/proc/{nspawn.pid}/task/{nspawn.pid}/children")
    while nspawn.poll() is None:
        if found := children.read_text().split():
            return int(found[0])
        time.sleep(0.1)
    sys.exit("The machine did not boot.")


# --- what is there before anything is typed -----------------------------------------------------------------


def fresh(folder: Path) -> Path:
    """A Debian, and what the commands of the page would fetch."""
    tree = folder / "tree"
    _run("mmdebstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(tree))
    for lock in ("server", "build"):
        _run(
            sys.executable, "-m", "pip", "download", "-qq", "--require-hashes", "--only-binary=:all:",
            "--python-version=3.11", f"--dest={tree}/srv/wheels",
            f"--requirement={ROOT}/requirements-{lock}.lock",
        )  # fmt: skip
    fetches = [line for line in typed().splitlines() if line.startswith("apt-get")]
    _run("chroot", str(tree), "/bin/sh", "-ec", "\n".join(fetches))
    return tree


def furnished(tree: Path) -> Path:
    """The same with this checkout, and what root will write into the configuration."""
    _run("git", "clone", "--quiet", str(ROOT), str(tree / CHECKOUT))
    text = (ROOT / PILOT).read_text("utf-8").replace("sqlite:///", "sqlite:////var/lib/daybook/")
    text = text.replace("smtp.northwind.example:587", f"{POSTBOX}, tls: none")
    (tree / "srv/filled.yaml").write_text(text, "utf-8")
    editor = tree / "srv/editor"
    editor.write_text('#!/bin/sh\ncat /srv/filled.yaml >"$1"\n')
    editor.chmod(0o755)
    return tree


def newer(tree: Path, version: str, revision: int, *, breaks: bool = False) -> None:
    """The checkout as of a later version, which lays the store out otherwise.

    Takes    breaks: it does not start
    """
    checkout = tree / CHECKOUT
    schemas = checkout / "daybook/store/migrations/versions"
    now, before = f"{revision:04}", f"{revision - 1:04}"
    (schemas / f"schema_{now}.py").write_text(NEXT_SCHEMA.format(revision=now, before=before))
    _changed(checkout / "pyproject.toml", r'^version = ".*"', f'version = "{version}"')
    _changed(checkout / "daybook/__init__.py", r'^VERSION = ".*"', f'VERSION = "{version}"')
    _changed(checkout / "daybook/store/schema.py", r'^REVISION = ".*"', f'REVISION = "{now}"')
    if breaks:
        _changed(
            checkout / "daybook/daemon.py",
            r"^    heap\.shared\(\)",
            '    raise Wrong("A bug.")',
        )


def _changed(file: Path, before: str, after: str) -> None:
    text, times = re.subn(before, after, file.read_text("utf-8"), count=1, flags=re.MULTILINE)
    assert times, f"{file.name} has no {before}"
    file.write_text(text, "utf-8")


def _run(*command: str) -> None:
    print("...", *command[:3], flush=True)
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


# --- what is tried ------------------------------------------------------------------------------------------


def it_is_installed_as_the_page_says(machine: Machine) -> None:
    for block in re.findall(r"(?:.+\n)+", typed()):
        for command in block.splitlines():
            if "/dev/stdin" in command:
                for name, secret in SECRETS.items():
                    if name != "master-key":
                        machine.types(_here(command.replace("jira-token", name)), given=f"{secret}\n")
            elif not command.startswith("apt-get"):
                machine.types(_here(command))
                if "init" in command:
                    machine.types(
                        f"systemd-run --quiet /opt/daybook/current/bin/aiosmtpd -n -l {POSTBOX} -c {SINK}"
                    )
    assert machine.of("ActiveState") == "active"
    assert "5 people" in machine.of("StatusText")
    assert machine.of("MainPID") != "0"
    modes = machine.types("stat -c '%A %U %G' /etc/daybook/credentials/* /var/lib/daybook/daybook.db")
    assert set(modes.splitlines()) == {"-rw------- root root", "-rw------- daybook daybook"}
    machine.types(
        "systemd-analyze security --no-pager --threshold=15 daybook | tail -1; exit ${PIPESTATUS[0]}"
    )


def _here(command: str) -> str:
    return f"cd /{CHECKOUT}; {command}"


def the_page_answers(machine: Machine) -> None:
    ask = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8787/healthz').status)"
    assert machine.types(f'/opt/daybook/current/bin/python -c "{ask}"').strip() == "200"


def a_changed_configuration_holds_after_a_reload(machine: Machine) -> None:
    before = machine.of("MainPID")
    machine.types("sed -i 's/^organisation:.*/organisation: Northwind Works/' /etc/daybook/daybook.yaml")
    machine.types("systemctl reload daybook")
    machine.until("systemctl show --value -p ActiveState daybook", "active")
    assert machine.of("MainPID") == before
    assert machine.of("NRestarts") == "0"


def one_that_stands_still_is_started_anew_and_an_idle_one_is_not(machine: Machine) -> None:
    quick = "[Service]\nWatchdogSec=10\nRestartSec=1\n"
    machine.types(
        "mkdir -p /etc/systemd/system/daybook.service.d",
        "cat >/etc/systemd/system/daybook.service.d/quick.conf",
        given=quick,
    )
    machine.types("systemctl daemon-reload", "systemctl restart daybook", "sleep 15")
    assert machine.of("NRestarts") == "0"
    before = machine.of("MainPID")
    machine.types("kill -STOP $(systemctl show --value -p MainPID daybook)")
    machine.until("systemctl show --value -p NRestarts daybook", "1")
    machine.until("systemctl show --value -p ActiveState daybook", "active")
    assert machine.of("MainPID") != before
    assert "watchdog" in machine.types("journalctl -u daybook --no-pager").lower()


def one_that_dies_is_started_anew(machine: Machine) -> None:
    machine.types("systemctl kill --signal=KILL daybook")
    machine.until("systemctl show --value -p NRestarts daybook", "2")
    machine.until("systemctl show --value -p ActiveState daybook", "active")


def a_backup_is_made_by_the_unit_and_by_hand(machine: Machine) -> None:
    machine.types("systemctl start daybook-backup")
    machine.types("daybook backup /var/backups/daybook")
    made = machine.types("stat -c '%A %U' /var/backups/daybook/*.backup").splitlines()
    assert made == ["-rw------- daybook"] * 2
    assert "daybook-backup.timer" in machine.types("systemctl list-timers --no-pager")


def a_backup_that_root_brings_along_is_put_back_by_what_is_said(machine: Machine) -> None:
    brought = "/root/brought.backup"
    machine.types(f"cp $(ls -t /var/backups/daybook/*.backup | head -1) {brought}", "systemctl stop daybook")
    refused = machine.types(f"daybook restore {brought} --yes", code=2)
    machine.types(refused.partition("restore that: ")[2])
    assert "Next: daybook run" in machine.types("daybook restore /var/backups/daybook/brought.backup --yes")
    says = machine.types("daybook run", code=2).partition("Say: ")[2]
    machine.types("rm /var/backups/daybook/brought.backup", says)
    assert machine.of("ActiveState") == "active"


def nothing_of_the_store_becomes_roots(machine: Machine) -> None:
    machine.types("daybook status; daybook people")
    assert machine.types("find /var/lib/daybook ! -user daybook") == ""


def a_version_that_does_not_start_is_taken_back(machine: Machine) -> None:
    newer(machine.tree, "0.2.0", 2, breaks=True)
    said = machine.types(_here(typed("upgrade")), code=3)
    assert "Daybook 0.1.0 runs as before. Nothing was lost." in said
    assert machine.of("ActiveState") == "active"
    assert "daybook, version 0.1.0" in machine.types("daybook --version")
    _run("git", "-C", str(machine.tree / CHECKOUT), "checkout", "--quiet", ".")


def a_newer_version_takes_its_place_and_brings_the_store_up_to_date(machine: Machine) -> None:
    newer(machine.tree, "0.2.0", 2)
    machine.types(_here(typed("upgrade")))
    assert machine.of("ActiveState") == "active"
    assert "daybook, version 0.2.0" in machine.types("daybook --version")
    machine.types("daybook status")


def and_goes_back_with_its_store(machine: Machine) -> None:
    machine.types(typed("back"), given="no\n", code=1)
    assert "daybook, version 0.2.0" in machine.types("daybook --version")
    machine.types(typed("back"), given="yes\n")
    assert machine.of("ActiveState") == "active"
    assert "daybook, version 0.1.0" in machine.types("daybook --version")
    machine.types("daybook status")


def several_share_a_store_on_postgresql(machine: Machine) -> None:
    machine.until("systemctl is-active postgresql", "active")
    machine.types("cd /; runuser -u postgres -- createuser daybook")
    machine.types("cd /; runuser -u postgres -- createdb --owner=daybook --template=template0 daybook")
    machine.types("systemctl stop daybook", f"daybook move --to '{SOCKET}'")
    machine.types(f"sed -i 's|sqlite:[^\"]*|{SOCKET}|' /etc/daybook/daybook.yaml", "systemctl start daybook")
    machine.types("systemctl start daybook-worker@1 daybook-worker@2")
    for unit in ("daybook", "daybook-worker@1", "daybook-worker@2"):
        assert machine.of("ActiveState", unit) == "active"
    machine.types("daybook status", "systemctl reload daybook-worker@1")
    machine.types("systemctl stop daybook", "systemctl start daybook-page")
    the_page_answers(machine)


def no_log_has_a_traceback_in_it(machine: Machine) -> None:
    assert "Traceback" not in machine.types("journalctl -u 'daybook*' --no-pager")


def it_is_taken_away(machine: Machine) -> None:
    machine.types("cp -r /opt/daybook/current/share/deploy /srv/deploy", typed("remove"))
    machine.types("! systemctl cat daybook", "! test -e /opt/daybook", "test -e /var/lib/daybook/daybook.db")
    machine.types(_here("deploy/install"), "/opt/daybook/current/share/deploy/install --remove --purge --yes")
    machine.types("! test -e /etc/daybook -o -e /var/lib/daybook -o -e /var/backups/daybook", "! id daybook")


TRIED: tuple[Callable[[Machine], None], ...] = (
    it_is_installed_as_the_page_says,
    the_page_answers,
    a_backup_is_made_by_the_unit_and_by_hand,
    a_backup_that_root_brings_along_is_put_back_by_what_is_said,
    nothing_of_the_store_becomes_roots,
    a_changed_configuration_holds_after_a_reload,
    one_that_stands_still_is_started_anew_and_an_idle_one_is_not,
    one_that_dies_is_started_anew,
    a_version_that_does_not_start_is_taken_back,
    a_newer_version_takes_its_place_and_brings_the_store_up_to_date,
    and_goes_back_with_its_store,
    several_share_a_store_on_postgresql,
    no_log_has_a_traceback_in_it,
    it_is_taken_away,
)


def main() -> None:
    missing = [name for name in ("mmdebstrap", "systemd-nspawn") if not shutil.which(name)]
    if missing:
        sys.exit(
            "The machine needs more than is here. On Debian: apt-get install mmdebstrap systemd-container"
        )
    with (
        tempfile.TemporaryDirectory(prefix="machine-") as folder,
        booted(furnished(fresh(Path(folder)))) as machine,
    ):
        for tried in TRIED:
            print(f"\n=== {tried.__name__.replace('_', ' ')}", flush=True)
            tried(machine)
    print("\nAll of it holds.")


if __name__ == "__main__":
    main()
