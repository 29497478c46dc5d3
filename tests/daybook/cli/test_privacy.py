"""P1, P3, S-13: what commands and logs say of people's days, which is nothing."""

from __future__ import annotations

import inspect
import json
import time
from datetime import datetime
from datetime import time as clock
from pathlib import Path

import httpx
import pytest

from daybook import deeds
from daybook.__main__ import daybook as commands
from daybook.house import House
from daybook.sandbox.outside import Outside
from tests.daybook.cli.conftest import edited, everybody_agrees
from tests.daybook.cli.test_killed import LONG, until
from tests.ports import free_port

CANARY = "Quittenmarmelade"
"""A word that stands in titles, in texts and nowhere else."""


TYPED = {
    "status": ("status", "status --json"),
    "people": ("people", "people --json"),
    "hints": ("hints", "hints --json"),
    "check": ("check", "check --online --json"),
    "sync": ("sync", "sync --json"),
    "lab": ("lab --weeks 2", "lab --weeks 2 --json"),
    "policy": ("policy show", "policy show --json", "policy page", "policy diff", "policy diff --json"),
    "rollout": ("rollout", "rollout --json", "rollout --friction"),
    "report": ("report", "report --json", "report --dry-run", "report --dry-run --json"),
    "export": ("export --month 2026-10 --for mara@northwind.example",),
    "keys": ("keys", "keys --renew"),
    "backup": ("backup", "backup one.backup --json"),
    "restore": ("restore --yes one.backup", "restore --yes --as-it-is"),
    "forget": ("forget --yes", "forget --yes --person ada@northwind.example"),
}
"""What an administrator types, by the command; the last ones destroy."""
ANSWERED_NO = (
    *("lab --weeks 2", "lab --weeks 2 --json", "report --dry-run", "report --dry-run --json"),
    "export --month 2026-10 --for mara@northwind.example",
    *("status", "status --json"),
)
"""Six people are fewer than the policy's smallest group; it names nobody for invoices; nobody runs."""
OPENS_NO_STORE = {"demo", "init", "propose", "sandbox", "schema"}
"""Made-up people, or what is handed in: nobody's day is within their reach."""
BELOW = {"run", "worker", "page"}
"""Started as a daemon; workers and pages are the same one, at a store that several share."""
ELSEWHERE = {"move"}
"""Takes a store to a server, and says sums (tests/daybook/test_moving.py)."""


def test_P01_every_command_is_walked() -> None:
    assert {*TYPED} | OPENS_NO_STORE | BELOW | ELSEWHERE == {*commands.commands}


@pytest.mark.parametrize("name", sorted(OPENS_NO_STORE - {"demo", "sandbox"}))
def test_P1_a_command_that_is_not_walked_cannot_reach_a_store(name: str) -> None:
    """demo and sandbox make a house of their own, in a folder of their own."""
    code = inspect.getsource(inspect.getmodule(commands.commands[name].callback))
    assert "open_house" not in code
    assert "Store" not in code


@pytest.fixture
def planted(outside: Outside) -> None:
    """Meetings and issues of the last working day whose titles nobody else may read."""
    for number, member in enumerate(outside.team.members):
        at: datetime = member.at(outside.team.days[-1], clock(15))
        outside.calendar.add_event(member.email, f"{CANARY} {number}", at, at.replace(minute=45))


def test_P3_without_a_yes_sync_asks_no_tool_anything(daybook, outside, file):
    shown = daybook("sync", "--json")
    assert shown.returncode == 0
    assert not any(outside.counts().values())
    told = json.loads(shown.stdout)
    assert (told["named"], told["people"], told["drafts"]) == (6, 0, 0)


def test_P3_and_says_what_is_missing(daybook, file):
    shown = daybook("sync")
    assert shown.stdout.splitlines() == [
        "0 of the 6 people the rollout reaches may be read.",
        "Nobody of them has acknowledged the policy, so nothing was asked of any tool.",
        "Next: daybook run, which invites them.",
    ]


def test_sync_pulls_for_those_who_agreed_and_gives_sums(daybook, outside, file):
    everybody_agrees(file).store.close()
    shown = daybook("sync", "--json")
    assert shown.returncode == 0
    besides = [line for line in shown.stderr.splitlines() if not line.startswith(("Pulling", "Drafting"))]
    assert besides == [], "only progress, and that only where it takes its time"
    told = json.loads(shown.stdout)
    assert (told["people"], told["failing"]) == (6, [])
    assert told["activities"]["google_calendar"]["meeting"] > 10
    assert told["drafts"] > 10
    asked = outside.counts()["calendar"]
    assert asked["GET /calendar/v3/calendars/{calendarId}/events"] == 6
    again = json.loads(daybook("sync", "--json").stdout)
    assert (again["drafts"], again["activities"]) == (told["drafts"], told["activities"]), "P9"


def test_P1_S13_no_command_and_no_log_holds_a_word_of_anybodys_day(daybook, planted, file):
    house = everybody_agrees(file)
    said = [daybook("sync", "--json")]
    assert held(house), "the canaries are in the store, for their owners"
    taught(house)
    house.store.close()
    for lines in TYPED.values():
        for number, typed in enumerate(lines):
            said.append((daybook if number else daybook.afresh)(*typed.split()))
            assert said[-1].returncode == (1 if typed in ANSWERED_NO else 0), typed
    told = "".join(shown.stdout + shown.stderr for shown in said)
    told += log_of_a_daemon(daybook, file)
    assert CANARY not in told
    for secret in (file.parent / "credentials").iterdir():
        assert secret.read_text().strip() not in told, secret.name
    for left in file.parent.glob("daybook.db*"):
        assert CANARY.encode() not in left.read_bytes(), f"S-15: {left.name}"


def test_S13_a_mistake_of_ours_is_told_by_place_and_not_by_content(capsys):
    from daybook.cli.outcome import BROKE, end

    def breaks() -> None:
        raise KeyError(CANARY)

    try:
        breaks()
    except KeyError as error:
        assert end(error) == BROKE
    said = capsys.readouterr().err
    assert "Daybook broke off: KeyError." in said
    assert "cli/test_privacy.py" in said
    assert CANARY not in said


def held(house: House) -> bool:
    """Whether somebody's drafts hold a canary."""
    with house.store.reading() as tx:
        texts = [
            one.draft.suggestion.text
            for member in house.members(tx)
            for day in tx.drafts.pending_by_person().get(member.id, {})
            for one in tx.drafts.of(member.id, day)
        ]
    return any(CANARY in text for text in texts)


def taught(house: House) -> None:
    """Everybody books their canary elsewhere, or says never to it."""
    with house.store.reading() as tx:
        canaries = [
            (who, one)
            for who in house.members(tx)
            for day in tx.drafts.pending(who.id)
            for one in tx.drafts.of(who.id, day)
            if CANARY in one.draft.suggestion.text
        ]
    for number, (who, held) in enumerate(canaries):
        key, day = held.draft.key, held.draft.suggestion.day
        if number == 0:
            assert deeds.never(house, who, key).done
            continue
        project = next(name for name in house.configuration.projects if name != held.draft.suggestion.project)
        deeds.edit(house, who, key, project=project, target="none")
        assert deeds.confirm(house, who, day, {key: held.revision + 1}).done
    with house.store.reading() as tx:
        told = [one.shown for who in house.members(tx) for one in tx.memory.told(who.id)]
    assert any(CANARY in title for title in told)


def log_of_a_daemon(daybook, file: Path) -> str:
    """What a daemon writes that mails digests and shows its page."""
    port = free_port()
    edited(file, ("127.0.0.1:18799", f"127.0.0.1:{port}"))
    daemon = daybook.begin("run")
    try:
        until(lambda: not_found(f"http://127.0.0.1:{port}/{CANARY}"))
        time.sleep(1)
    finally:
        daemon.terminate()
        out, err = daemon.communicate(timeout=LONG)
    assert daemon.returncode == 0
    assert b"daemon.stopped" in err
    return (out + err).decode()


def not_found(address: str) -> bool:
    """Whether it was answered, and with that."""
    try:
        return httpx.get(address, timeout=LONG).status_code == 404
    except httpx.TransportError:
        return False
