"""The install script, on a made root with a systemd, a Python and versions of Daybook that only write down.

`make machine` does the same with real ones, on a machine of its own.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy import machine

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
PYTHON = r"""#!/bin/sh
# makes environments whose pip installs a daybook that says what it was told; runs what it is given otherwise
[ "$1 $2" = "-m venv" ] || exec python3 "$@"
mkdir -p "$3/bin"
ln -s "$(command -v python3)" "$3/bin/python"
cat >"$3/bin/pip" <<'PIP'
#!/bin/sh
echo "pip $*" | sed "s|$ROOT|ROOT|g" >>"$ROOT/did"
case $* in *.whl) cp "$ROOT/daybook" "$(dirname "$0")/daybook" ;; esac
PIP
chmod +x "$3/bin/pip"
"""
DAYBOOK = r"""#!/bin/sh
# the store is a file with the newest version in it that opened it; an older one refuses it
version=$(basename "$(dirname "$(dirname "$(readlink -f "$0")")")")
echo "$version: daybook $*" | sed "s|$ROOT|ROOT|g" >>"$ROOT/did"
store=$ROOT/var/lib/daybook/store
newest=$(printf '%s\n' "$version" "$(cat "$store")" | sort -V | tail -1)
case $1 in
backup)
    [ ! -e "$ROOT/cannot-back-up" ] || exit 3
    cp "$store" "$2/the.backup"
    echo "{\"file\": \"$2/the.backup\"}"
    ;;
restore) cp "$2" "$store" ;;
*) [ "$newest" = "$version" ] || exit 2 ;;
esac
"""
SYSTEMCTL = r"""#!/bin/sh
# starts a daemon by opening its store
echo "systemctl $*" >>"$ROOT/did"
case $1 in
list-units) echo "daybook.service loaded active running Daybook" ;;
start)
    version=$(readlink "$ROOT/opt/daybook/current")
    "$ROOT/opt/daybook/current/bin/daybook" status >/dev/null || exit 1
    [ ! -e "$ROOT/migrates" ] || [ "$version" = 0.1.0 ] || echo "$version" >"$ROOT/var/lib/daybook/store"
    [ "$version" != "$(cat "$ROOT/broken" 2>/dev/null)" ] || exit 1
    ;;
esac
"""


class Server:
    """A machine on which the script is run."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(DEPLOY, root / "checkout/deploy")
        (root / "checkout/docs").mkdir()
        for folder in ("bin", "run/systemd/system", "etc/daybook", "var/lib/daybook", "var/backups/daybook"):
            (root / folder).mkdir(parents=True)
        scripts = {"bin/python": PYTHON, "daybook": DAYBOOK, "bin/systemctl": SYSTEMCTL}
        scripts |= {f"bin/systemd-{name}": "#!/bin/sh\n" for name in ("sysusers", "tmpfiles")}
        for name, text in scripts.items():
            (root / name).write_text(text)
            (root / name).chmod(0o755)

    def types(self, *words: str, given: str = "") -> tuple[int, str]:
        """How it ended, and what it said."""
        environment = {
            "PATH": f"{self.root}/bin:/usr/sbin:/usr/bin:/bin",
            "PYTHON": f"{self.root}/bin/python",
            "ROOT": str(self.root),
        }
        command = [self.root / "checkout/deploy/install", "--root", self.root, *words]
        ran = subprocess.run(
            command, env=environment, input=given, capture_output=True, text=True, timeout=60
        )
        return ran.returncode, ran.stdout + ran.stderr

    def installs(self, version: str, *words: str) -> tuple[int, str]:
        return self.types("--wheel", f"daybook_time-{version}-py3-none-any.whl", *words)

    def did(self) -> list[str]:
        """Since the last time."""
        file = self.root / "did"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return [line for line in lines if not line.startswith("systemctl list-units")]

    def runs(self) -> str:
        return (self.root / "opt/daybook/current").readlink().name

    def store(self) -> str:
        return (self.root / "var/lib/daybook/store").read_text().strip()


@pytest.fixture
def server(tmp_path: Path) -> Server:
    """With nothing on it."""
    return Server(tmp_path)


@pytest.fixture
def running(server: Server) -> Server:
    """With 0.1.0 and a store."""
    assert server.installs("0.1.0")[0] == 0
    (server.root / "etc/daybook/daybook.yaml").write_text("")
    (server.root / "var/lib/daybook/store").write_text("0.1.0\n")
    server.did()
    return server


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="needs Debian's shellcheck")
@pytest.mark.parametrize("script", ["install", "by-hand"])
def test_no_shell_is_surprised(script: str) -> None:
    ran = subprocess.run(["shellcheck", str(DEPLOY / script)], capture_output=True, text=True, timeout=60)
    assert ran.stdout == ""


def test_S18_what_is_installed_is_held_to_its_hashes(server: Server) -> None:
    assert server.installs("0.1.0")[0] == 0
    locked, wheel = (line for line in server.did() if line.startswith("pip"))
    assert locked.endswith("--require-hashes -r ROOT/checkout/requirements-server.lock")
    assert "--no-deps --no-index daybook_time-0.1.0" in wheel


@pytest.mark.parametrize("lock", ["server", "build"])
def test_S18_what_is_installed_is_what_was_tested(lock: str) -> None:
    tested, installed = pins("test"), pins(lock)
    assert installed
    assert installed <= tested


def pins(lock: str) -> set[str]:
    text = (DEPLOY.parent / f"requirements-{lock}.lock").read_text("utf-8")
    return {line.split()[0] for line in text.splitlines() if "==" in line}


def test_the_first_time_everything_is_put_in_place_and_nothing_is_started(server: Server) -> None:
    code, said = server.installs("0.1.0")
    assert (code, server.runs()) == (0, "0.1.0")
    assert "not started yet" in said
    assert not [line for line in server.did() if "start" in line or "stop" in line]
    for name in (
        "daybook.service",
        "daybook-page.service",
        "daybook-worker@.service",
        "daybook-backup.timer",
    ):
        unit = server.root / "usr/local/lib/systemd/system" / name
        assert unit.read_text() == (DEPLOY / "systemd" / name).read_text()
    assert (server.root / "usr/local/bin/daybook").stat().st_mode & 0o777 == 0o755


def test_the_same_version_again_changes_nothing(running: Server) -> None:
    assert running.installs("0.1.0") == (0, "Daybook 0.1.0 is installed already. Nothing was changed.\n")
    assert running.did() == []


def test_an_upgrade_saves_the_store_while_nothing_runs(running: Server) -> None:
    assert running.installs("0.2.0")[0] == 0
    assert [line for line in running.did() if not line.startswith("pip")] == [
        "systemctl stop daybook.service",
        "0.1.0: daybook backup ROOT/var/backups/daybook --json",
        "systemctl daemon-reload",
        "systemctl start daybook.service",
        "0.2.0: daybook status",
    ]
    assert running.runs() == "0.2.0"


def test_P10_a_version_that_does_not_start_is_taken_back_with_the_store_as_it_was(running: Server) -> None:
    (running.root / "migrates").touch()
    (running.root / "broken").write_text("0.2.0")
    code, said = running.installs("0.2.0")
    assert code == 3
    assert "Daybook 0.1.0 runs as before. Nothing was lost." in said
    assert (running.runs(), running.store()) == ("0.1.0", "0.1.0")
    assert "systemctl start daybook.service" in running.did()[-2:]
    assert not (running.root / "opt/daybook/0.2.0").exists(), "the next try must not begin with this one"


def test_P10_a_store_that_cannot_be_backed_up_is_not_upgraded(running: Server) -> None:
    (running.root / "cannot-back-up").touch()
    code, said = running.installs("0.2.0")
    assert (code, running.runs()) == (1, "0.1.0")
    assert "The store could not be backed up. Daybook 0.1.0 runs as before." in said
    assert "systemctl start daybook.service" in running.did()
    assert running.installs("0.2.0", "--without-backup")[0] == 0


def test_the_way_back_asks_before_it_takes_the_store_back(running: Server) -> None:
    (running.root / "migrates").touch()
    assert running.installs("0.2.0")[0] == 0
    assert running.store() == "0.2.0"
    code, said = running.types("--back", given="no\n")
    assert (code, running.runs(), running.store()) == (1, "0.2.0", "0.2.0")
    assert "What people said since is lost" in said
    assert running.types("--back", given="yes\n")[0] == 0
    assert (running.runs(), running.store()) == ("0.1.0", "0.1.0")
    assert running.types("--back") == (1, "There is no version before 0.1.0. Nothing was changed.\n")


def test_a_store_that_both_read_is_left_as_it_is_on_the_way_back(running: Server) -> None:
    assert running.installs("0.2.0")[0] == 0
    assert running.types("--back")[0] == 0
    assert running.runs() == "0.1.0"
    assert not [line for line in running.did() if "restore" in line]


def test_only_the_version_before_is_kept(running: Server) -> None:
    for version in ("0.2.0", "0.3.0"):
        assert running.installs(version)[0] == 0
    kept = {path.name for path in (running.root / "opt/daybook").iterdir()}
    assert kept == {"0.2.0", "0.3.0", "current", "former"}


def test_taken_away_it_leaves_what_is_not_the_program_and_says_where(running: Server) -> None:
    code, said = running.types("--remove")
    assert code == 0
    for place in ("etc/daybook", "var/lib/daybook", "var/backups/daybook"):
        assert (running.root / place).is_dir()
        assert str(running.root / place) in said
    assert not (running.root / "opt/daybook").exists()
    assert not list((running.root / "usr/local").rglob("daybook*"))


def test_a_purge_wants_a_second_yes(running: Server) -> None:
    edited = running.root / "etc/systemd/system/daybook.service.d"
    edited.mkdir(parents=True)
    assert running.types("--purge")[0] == 2
    assert running.types("--remove", "--purge", given="\n")[0] == 1
    assert running.store() == "0.1.0" and edited.is_dir()
    assert running.types("--remove", "--purge", given="yes\n")[0] == 0
    assert not edited.exists(), "what systemctl edit wrote"
    assert not (running.root / "var/lib/daybook").exists()
    assert not (running.root / "etc/daybook").exists()


@pytest.mark.parametrize(
    ("command", "unit"), [("run", "daybook"), ("page", "daybook-page"), ("worker", "daybook-worker@1")]
)
def test_what_a_unit_runs_is_not_begun_by_hand(tmp_path: Path, command: str, unit: str) -> None:
    """`Next: daybook run`, says a restore at night: it would end with the terminal, its unit still down."""
    (tmp_path / "id").write_text("#!/bin/sh\necho 0\n")
    (tmp_path / "id").chmod(0o755)
    ran = subprocess.run(
        [DEPLOY / "by-hand", command],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == f"systemd runs that here. Nothing was started. Say: systemctl start {unit}\n"


def test_the_machine_still_finds_what_a_later_version_has_otherwise(tmp_path: Path) -> None:
    """It is made seldom; lines that it changes are changed by others meanwhile."""
    there = tmp_path / machine.CHECKOUT
    for name in ("pyproject.toml", "daybook/__init__.py", "daybook/store/schema.py", "daybook/daemon.py"):
        (there / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(machine.ROOT / name, there / name)
    (there / "daybook/store/migrations/versions").mkdir(parents=True)
    machine.newer(tmp_path, "0.2.0", 2, breaks=True)
    assert 'raise Wrong("A bug.")' in (there / "daybook/daemon.py").read_text("utf-8")
    assert all(machine.typed(part) for part in ("", "upgrade", "back", "remove"))
