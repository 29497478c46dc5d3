"""docs/recovery.md, tried: each section in the order it is written, and the state it ends in.

What is typed is what the page shows, and so is the answer; the nights are those of docs/recovery_tried.py.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path

import pytest
from pydantic import SecretStr

from connectors.jira.sandbox import JiraSite
from core import rounds
from daybook import daemon, restored
from daybook.house import House, Member
from daybook.store import Store, snapshot
from docs import recovery_tried
from docs.recovery_tried import BACKUP, SECTIONS, Night, typed
from tests.daybook.conftest import Clock
from tests.daybook.test_at_jira import configuration, confirmed, house, round_of, site
from tests.disks.test_bad_disks import disk
from tests.postgres import OWNER, Cluster, database_of

__all__ = ["configuration", "disk", "house", "site"]

ROOT = Path(__file__).parents[2]
HERE = {"The disk is read-only", "Was anything posted twice?", "On PostgreSQL"}
"""Sections that want a disk, a tool or a server of their own."""
LACKS = re.compile(r"lacks [\d.]+ MiB")


def shown() -> dict[str, list[str]]:
    """By section of the page, each block of commands and answers."""
    text = (ROOT / "docs" / "recovery.md").read_text("utf-8")
    sections = re.findall(r"^## (.+)\n([\s\S]*?)(?=^## |\Z)", text, re.MULTILINE)
    return {name: re.findall(r"^```\n\$ [\s\S]*?^```$", said, re.MULTILINE) for name, said in sections}


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    (tmp_path / "night").mkdir()
    with recovery_tried.night(ROOT, tmp_path / "night") as ours:
        yield ours


def steps(night: Night, section: str) -> Iterator[str]:
    """Types what stands in a section, one block after the other; each answers as the page says."""
    for block, (part, said) in zip(shown()[section], SECTIONS[section](night), strict=True):
        assert LACKS.sub("", said) == LACKS.sub("", block)
        yield part


def tried(night: Night, section: str) -> None:
    assert [*steps(night, section)]


def compared(night: Night) -> bool:
    """Whether what is here begins by looking at the tools (R-09)."""
    with night.house() as ours, ours.store.reading() as tx:
        return tx.restored_at() == ours.clock() and not tx.is_put_back(ours.store.identity)


def states(night: Night) -> dict[str, str]:
    with night.house() as ours, ours.store.reading() as tx:
        rows = tx.people.all()
    names = [row.email.partition("@")[0] for row in rows]
    return dict(zip(names, ["left" if row.left_at else row.acknowledged or "" for row in rows], strict=True))


def test_every_section_that_shows_a_command_is_tried() -> None:
    assert {name for name, blocks in shown().items() if blocks} == SECTIONS.keys() | HERE


def test_a_backup_is_made_before_that_night(night: Night) -> None:
    tried(night, "Before that night")
    assert Path(BACKUP).stat().st_mode & 0o777 == 0o600


def on_a_full_disk(night: Night) -> None:
    for step in steps(night, "The disk is full"):
        assert not night.posted(), step
    assert night.posted() == [60], "what was confirmed before goes out once there is room"


def test_R12_on_a_full_disk_the_page_makes_room_and_it_goes_on(night: Night) -> None:
    on_a_full_disk(night)


def test_R12_on_a_disk_that_is_really_full_too(disk: Path) -> None:
    with recovery_tried.night(ROOT, disk) as ours:
        ours.is_made = False
        on_a_full_disk(ours)


def test_R12_a_disk_that_was_mounted_to_be_written_again_goes_on_by_itself(disk: Path) -> None:
    (block,) = shown()["The disk is read-only"]
    with recovery_tried.night(ROOT, disk) as ours:
        for _ in SECTIONS["Before that night"](ours):
            ours.confirmed()
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        try:
            assert block == "\n".join(["```", "$ daybook status", *typed(["status"]), "```"])
        finally:
            subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
        ours.works(recovery_tried.HOLD)
        assert ours.posted() == [60]


def test_R09_a_damaged_database_is_restored_and_starts_by_looking(night: Night) -> None:
    tried(night, "The database is damaged")
    (aside,) = Path().glob("daybook.db.before-*Z")
    assert snapshot.unsound(aside), "what was there is kept, damaged as it is"
    assert compared(night)
    assert states(night)["eli"] == "left", "what was taken back stays taken back"


def test_P7_on_another_machine_who_was_erased_is_erased_by_hand(night: Night) -> None:
    for step in steps(night, "On to another machine"):
        assert ("ben" in states(night)) == (step == "elsewhere")
    assert compared(night)


def test_R09_a_machine_that_was_set_back_starts_by_looking(night: Night) -> None:
    tried(night, "Set back by others")
    assert compared(night)


def test_a_wrong_key_a_former_one_and_one_that_is_lost(night: Night) -> None:
    """In the end there is an empty store: all are to be invited, and the lost one is noise beside it."""
    for step in steps(night, "The key"):
        if step == "renewed":
            assert compared(night)
            assert states(night)["eli"] == "left"
    assert len(states(night)) == 5 and not any(states(night).values())
    assert {one.name for one in Path("lost").iterdir()} >= {"daybook.db", "daybook.db.sends"}
    with pytest.raises(Exception, match="is not the one this store was sealed with"):
        Store.open("sqlite:///lost/daybook.db", SecretStr(Path("credentials/master-key").read_text()))


def remembered() -> list[str]:
    """All that is in the database, but who runs on it and which program made it."""
    with closing(sqlite3.connect("daybook.db")) as opened:
        said = [*opened.iterdump()]
    return [line for line in said if not re.search(r'INTO "?(daybook|workers|alembic_version)"? ', line)]


@pytest.mark.parametrize("section", ["Two daemons", "An older program"])
def test_R11_a_second_daemon_and_an_older_program_change_nothing(night: Night, section: str) -> None:
    night.until_tonight()
    before = remembered()
    night.until_tonight = lambda: None  # type: ignore[method-assign]
    tried(night, section)
    assert remembered() == before


def test_R13_by_a_clock_that_is_wrong_nothing_is_done_and_by_the_right_one_it_goes_on(night: Night) -> None:
    for step in steps(night, "The clock"):
        assert (step, night.posted()) in (("doubted", []), ("right", []))
        if step == "doubted":
            assert typed(["backup", "backups"])[0].startswith("Nothing was changed. The clock says 2036")
            assert Path(BACKUP).exists()
    assert night.posted() == [60]


def test_R13_after_a_very_long_rest_an_administrator_says_that_the_clock_is_right(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    (words,) = re.findall(r"`daybook (run --clock-is-right)`", (ROOT / "docs/recovery.md").read_text("utf-8"))
    for _ in SECTIONS["Before that night"](night):
        pass
    night.at("2027-02-01 08:00")
    assert any(line.startswith("clock ") for line in typed(["status"]))
    monkeypatch.setattr(daemon, "listening", lambda _: nullcontext())
    monkeypatch.setattr(daemon, "enrol", lambda house: house.stopping.set())
    typed(words.split())
    assert any(line.startswith("backup ") for line in typed(["status"])), "the last is of November"
    typed(["backup", "backups"])
    assert typed(["status"])[0] == "All is well."


def test_P8_while_a_tool_and_the_mail_server_are_away_all_waits_and_goes_out_once(night: Night) -> None:
    for step in steps(night, "A tool, the mail server"):
        assert (night.posted() == [60]) == (step == "back")
    assert night.mailed == ["ada@northwind.example"]


# --- was anything posted twice? ----------------------------------------------------------------------------


def test_P8_a_suspected_double_posting_is_looked_up_at_jira(
    house: House, ada: Member, site: JiraSite, clock: Clock
) -> None:
    """The answer to the first attempt was lost, and she wrote as much by hand: two, of which one is ours."""
    (block,) = shown()["Was anything posted twice?"]
    command = block.splitlines()[1].removeprefix("$ ")
    if shutil.which("curl") is None:
        pytest.skip("needs curl")
    site.faults.script("POST /rest/api/2/issue/{issue}/worklog", "drop-after")
    confirmed(house, ada, clock)
    (ours,) = site.world.worklogs
    theirs = {"timeSpentSeconds": ours.seconds, "started": "2026-11-19T10:00:00.000+0100"}
    asked = command.replace("otto@northwind.example:TOKEN", "ada@northwind.example:ada-token")
    asked = asked.replace("https://northwind.atlassian.net", site.url)
    place = asked.split('"')[1].partition("?")[0]
    posted = ["-d", json.dumps(theirs), "-H", "Content-Type: application/json", place]
    subprocess.run(
        ["curl", "-sfu", "ada@northwind.example:ada-token", *posted], check=True, capture_output=True
    )
    round_of(house, clock, rounds.Post, minutes=30)
    said = json.loads(subprocess.run(shlex.split(asked), check=True, capture_output=True).stdout)
    marks = [
        [one["value"] for one in log.get("properties", []) if one["key"] == "daybook.entry"]
        for log in said["worklogs"]
    ]
    assert sorted(map(len, marks)) == [0, 1]


# --- on PostgreSQL -----------------------------------------------------------------------------------------

AS_OF = re.compile(r"on [\d-]+ at [\d:]+ UTC")
"""The clock of a server is not ours."""


@pytest.fixture
def server(night: Night, postgresql: str) -> str:
    """The store of this night is there, and its backup beside us."""
    on(postgresql)
    for _ in SECTIONS["Before that night"](night):
        (made,) = Path("backups").iterdir()
        made.rename(BACKUP)
    return postgresql


def on(url: str) -> None:
    file = Path("daybook.yaml")
    file.write_text(re.sub(r'url: "(sqlite|postgresql):[^"]*"', f'url: "{url}"', file.read_text("utf-8")))


def compares(night: Night) -> bool:
    """Whether who starts here begins by looking at the tools (R-09)."""
    with night.house() as ours, ours.store.hold():
        return restored.begin(ours).older


def test_R09_a_server_that_is_gone_is_restored_into_a_new_database(
    night: Night, server: str, cluster: Cluster
) -> None:
    (block,) = shown()["On PostgreSQL"]
    _, create, restore, *answer, _ = block.splitlines()
    program, *words = shlex.split(create.removeprefix("$ runuser -u postgres -- "))
    assert words[1] == OWNER
    cluster.run(program, "-h", str(cluster.folder), "-p", str(cluster.port), "-U", "admin", *words)
    new = server.replace(database_of(server), words[-1])
    cluster.drop(server)
    on(new)
    said = typed(shlex.split(restore)[2:])
    assert [AS_OF.sub("", line) for line in said] == [AS_OF.sub("", line) for line in answer]
    assert len(states(night)) == 5
    with night.house() as ours, ours.store.reading() as tx:
        assert tx.restored_at() is not None
    assert not compares(night), "that was done"
    cluster.drop(new)


def test_R09_a_database_that_pg_restore_put_back_is_found_to_be_a_copy(
    night: Night, server: str, cluster: Cluster
) -> None:
    place = ("-h", str(cluster.folder), "-p", str(cluster.port), "-U", "admin")
    saved, copy = str(cluster.folder / "saved"), cluster.fresh()
    cluster.run("pg_dump", *place, "-Fc", "-f", saved, database_of(server))
    cluster.run("pg_restore", *place, "-d", database_of(copy), saved)
    assert not compares(night)
    on(copy)
    assert compares(night)
    cluster.drop(copy)
