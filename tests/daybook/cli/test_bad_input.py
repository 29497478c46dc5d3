"""Bad input: one clear message, the right exit code, nothing lost, no traceback (issue: Bad input)."""

from __future__ import annotations

import base64
import json
import re
import signal
import socket
import sqlite3
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from daybook.errors import Wrong
from daybook.init import new_master_key
from daybook.sandbox.plant import READER, token
from daybook.wiring import read
from tests.daybook.cli.conftest import edited, everybody_agrees
from tests.daybook.cli.test_killed import LONG
from tests.ports import free_port

NO, WRONG_INPUT, OUTSIDE_FAILED = 1, 2, 3
LOOKING = ("check", "status", "people", "sync", "run")


def bytes_of(file: Path) -> bytes:
    return file.read_bytes()


# --- the configuration -------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [*LOOKING, "propose"])
def test_a_configuration_that_is_not_there_is_one_sentence(daybook, command):
    shown = daybook(command)
    assert shown.returncode == WRONG_INPUT
    assert shown.stderr == "There is no daybook.yaml. Make one with: daybook init\n"


def test_a_configuration_that_cannot_be_read_is_named_with_the_reason(daybook, tmp_path):
    (tmp_path / "daybook.yaml").symlink_to("daybook.yaml")
    shown = daybook("run")
    assert shown.returncode == WRONG_INPUT
    assert (
        "daybook.yaml cannot be read (Too many levels of symbolic links). Nothing was done." in shown.stderr
    )


def test_a_configuration_that_is_not_there_names_the_folder_to_begin_in(daybook, tmp_path):
    shown = daybook("status", "-c", str(tmp_path / "house" / "daybook.yaml"))
    assert shown.stderr.endswith(f"Make one with: daybook init {tmp_path}/house\n")


def test_a_configuration_that_this_account_may_not_read_says_how_it_may(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("daybook.wiring.load", refused)
    with pytest.raises(Wrong, match=r"chgrp daybook \S+; chmod 640 \S+\), and give commands as root"):
        read(tmp_path / "daybook.yaml", secrets=False)


def test_a_folder_for_a_configuration_is_refused(daybook, tmp_path):
    assert daybook("check", "-c", str(tmp_path)).returncode == WRONG_INPUT


@pytest.mark.parametrize("command", LOOKING)
def test_P14_an_unknown_key_is_shown_with_its_place_and_the_nearest_word(daybook, file, command):
    edited(file, ("organisation:", "organisatoin:"))
    shown = daybook(command)
    assert shown.returncode == WRONG_INPUT
    assert (
        'daybook.yaml:3:1  organisatoin  is not a word Daybook knows. Did you mean "organisation"?'
        in shown.stderr
    )
    assert not (file.parent / "daybook.db").exists()


def test_a_missing_credential_says_where_to_put_it(daybook, file):
    (file.parent / "credentials" / "jira-token").unlink()
    shown = daybook("run")
    assert shown.returncode == WRONG_INPUT
    assert "connections.jira.token  names the credential jira-token, which is not there." in shown.stderr
    assert "Put it into credentials/jira-token." in shown.stderr


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ("policy", "policy is missing: people must be able to read why, what and how long."),
        ("mail", "mail is missing"),
        ("page", "page is missing"),
        ("connections", "connections is empty"),
    ],
)
def test_half_a_configuration_says_which_half_is_missing(daybook, file, part, says):
    from ruamel.yaml import YAML

    whole = YAML().load(file.read_text())
    del whole[part]
    if part == "connections":
        del whole["projects"], whole["rules"], whole["policy"]["tracked"]["jira"]
        whole["include"] = ["people.yaml"]
    YAML().dump(whole, file)
    checked, ran = daybook("check"), daybook("run")
    assert (checked.returncode, ran.returncode) == (NO, WRONG_INPUT)
    assert says in checked.stdout
    assert says in ran.stderr


# --- the store ---------------------------------------------------------------------------------------------


def test_a_database_of_another_program_is_left_as_it_is(daybook, file):
    database = file.parent / "daybook.db"
    with sqlite3.connect(database) as foreign:
        foreign.execute("CREATE TABLE invoices (number INTEGER)")
    foreign.close()
    before = bytes_of(database)
    checked, ran = daybook("check"), daybook("run")
    assert (checked.returncode, ran.returncode) == (NO, WRONG_INPUT)
    assert "is a database of another program. It was left as it is." in checked.stdout
    assert "Name another one in store.url." in ran.stderr
    assert bytes_of(database) == before


def test_a_file_that_is_no_database_is_left_as_it_is(daybook, file):
    database = file.parent / "daybook.db"
    database.write_text("Dear diary, " * 500)
    before = bytes_of(database)
    for command, code in (("check", NO), ("run", WRONG_INPUT), ("status", WRONG_INPUT)):
        assert daybook(command).returncode == code
    assert bytes_of(database) == before


def test_a_database_of_a_newer_daybook_is_left_as_it_is(daybook, file):
    everybody_agrees(file).store.close()
    database = file.parent / "daybook.db"
    with sqlite3.connect(database) as newer:
        newer.execute("UPDATE alembic_version SET version_num = 'from_the_future'")
        newer.execute("UPDATE daybook SET works_with = 'from_the_future'")
    newer.close()
    before = bytes_of(database)
    checked, ran = daybook("check"), daybook("run")
    assert (checked.returncode, ran.returncode) == (NO, WRONG_INPUT)
    for said in (checked.stdout, ran.stderr):
        assert "written by a newer Daybook" in said
        assert "Install the newer Daybook again." in said
    assert bytes_of(database) == before


def test_another_master_key_opens_nothing_and_loses_nothing(daybook, file):
    everybody_agrees(file).store.close()
    key = file.parent / "credentials" / "master-key"
    mine = key.read_text()
    key.write_text(new_master_key())
    checked, ran = daybook("check"), daybook("run")
    assert (checked.returncode, ran.returncode) == (NO, WRONG_INPUT)
    for said in (checked.stdout, ran.stderr):
        assert "is not the one this store was sealed with" in said
        assert "No content was changed." in said
    key.write_text(mine)
    assert "All is well" not in daybook("status").stdout, "nobody runs"
    assert daybook("people").returncode == 0


@pytest.mark.parametrize("key", ["", "secret", base64.b64encode(b"short").decode(), "schlüssel"])
def test_a_master_key_that_is_none_says_how_to_make_one(daybook, file, key):
    (file.parent / "credentials" / "master-key").write_text(key)
    checked, ran = daybook("check"), daybook("run")
    assert (checked.returncode, ran.returncode) == (NO, WRONG_INPUT)
    assert "The master key is not 32 bytes in base64." in ran.stderr
    assert not (file.parent / "daybook.db").exists()


def test_a_folder_that_is_not_there_is_not_made(daybook, file):
    edited(file, ("/daybook.db", "/typo/daybook.db"))
    checked, ran = daybook("check"), daybook("run")
    assert (checked.returncode, ran.returncode) == (NO, WRONG_INPUT)
    assert "typo does not exist. Create it, or change store.url." in ran.stderr
    assert not (file.parent / "typo").exists()


@pytest.mark.parametrize("command", ["status", "people", "forget"])
def test_a_command_that_only_looks_makes_no_store(daybook, file, command):
    shown = daybook(command, *(["--yes"] if command == "forget" else []))
    assert shown.returncode == WRONG_INPUT
    assert shown.stderr == "Nothing has run yet: there is no store. Begin with: daybook run -c daybook.yaml\n"
    assert not (file.parent / "daybook.db").exists()


def test_forgetting_somebody_nobody_knows_erases_nothing(daybook, file):
    house = everybody_agrees(file)
    shown = daybook("forget", "--yes", "--person", "zoe@northwind.example")
    assert shown.returncode == WRONG_INPUT
    assert "Nothing was erased." in shown.stderr
    with house.store.reading() as tx:
        assert len(tx.people.all()) == 6
    house.store.close()


def test_P7_forgetting_a_person_leaves_nothing_and_says_what_else_to_do(daybook, file):
    house = everybody_agrees(file)
    shown = daybook("forget", "--yes", "--person", "Ada@northwind.example")
    assert shown.returncode == 0
    assert "take them out there too, or they are invited again" in shown.stdout
    with house.store.reading() as tx:
        assert tx.people.by_email("ada@northwind.example") is None
        assert len(tx.people.all()) == 5
    house.store.close()


def test_forgetting_asks_first_and_silence_is_no(daybook, file):
    everybody_agrees(file).store.close()
    shown = daybook("forget", "--person", "ada@northwind.example", given="")
    assert shown.returncode == NO
    assert "ada@northwind.example" in daybook("people").stdout


# --- outside -----------------------------------------------------------------------------------------------


def test_check_online_says_as_whom_each_tool_knows_us(daybook, outside, file):
    shown = daybook("check", "--online", "--json")
    assert shown.returncode == 0, shown.stdout
    found = {finding["what"]: finding for finding in json.loads(shown.stdout)}
    for connection in ("calendar", "jira", "asana"):
        assert found[connection]["sentence"].startswith("Knows us as ")
        assert found[connection]["sentence"].endswith("What it may do there is what is needed.")
    for connection in ("jira", "asana"):
        assert f"/connect/{connection}/back" in found[f"{connection} oauth"]["sentence"]
    assert found["mail"]["sentence"] == f"{outside.mail.smtp} takes mail from us."
    asked = outside.counts()
    assert not [endpoint for endpoint in asked["calendar"] if "events" in endpoint]
    assert daybook("check", "--online").stdout.rstrip().endswith("Next: daybook run -c daybook.yaml")


@pytest.mark.parametrize(("hours", "said"), [(3, "180 minutes behind"), (-3, "180 minutes ahead")])
def test_check_online_says_that_our_clock_is_wrong(daybook, outside, file, monkeypatch, hours, said):
    for site in (outside.jira, outside.asana, outside.calendar):
        real = site.extra_headers

        def dated(*asked, real=real):
            there = datetime.now(UTC) + timedelta(hours=hours)
            return {**real(*asked), "Date": format_datetime(there, usegmt=True)}

        monkeypatch.setattr(site, "extra_headers", dated)
    edited(
        file, ("type: google_calendar,", f"type: google_calendar, check_as: {outside.team.members[0].email},")
    )
    shown = daybook("check", "--online")
    assert shown.returncode == NO
    for tool in ("jira", "asana", "calendar"):
        line = next(line for line in shown.stdout.splitlines() if line.startswith(f"NO   {tool} "))
        assert f"By its clock this server's clock is {said}: set it right" in line


def test_a_refused_login_is_told_and_the_others_are_asked_all_the_same(daybook, file):
    (file.parent / "credentials" / "jira-token").write_text("revoked")
    shown = daybook("check", "--online")
    assert shown.returncode == NO
    said = shown.stdout.splitlines()
    (refused,) = [line for line in said if line.startswith("NO")]
    assert "jira" in refused
    assert "The credential is wrong, expired or revoked: give a new one." in refused
    assert any(line.startswith("ok   asana") for line in said)
    assert "revoked" not in refused.replace("wrong, expired or revoked", "")


def test_S17_a_check_says_what_a_credential_may_do_too_little_and_too_much(daybook, outside, file):
    world = outside.jira.world
    reader = world.tokens[token("jira", READER)]
    world.people[reader].admin = True
    world.forbid("WEB", "BROWSE_PROJECTS", reader)
    world.forbid("APP", "BROWSE_PROJECTS", reader)
    outside.calendar.delegate("calendar.events.owned.readonly", "calendar")
    ada = outside.team.members[0].email
    edited(file, ("type: google_calendar,", f"type: google_calendar, check_as: {ada},"))
    shown = daybook("check", "--online")
    assert shown.returncode == NO
    jira = next(line for line in shown.stdout.splitlines() if line.startswith("NO   jira "))
    assert 'Missing: "Browse projects": give it to this account.' in jira
    assert 'More than needed: "Administer Jira": take it from this account.' in jira
    calendar = next(line for line in shown.stdout.splitlines() if "   calendar " in line)
    assert "More than needed: calendar: remove it in the Admin console" in calendar


def test_a_wrong_client_secret_is_told_before_any_contributor_meets_it(daybook, outside, file):
    (file.parent / "credentials" / "asana-app").write_text("of-another-application")
    shown = daybook("check", "--online")
    assert shown.returncode == NO
    (refused,) = [line for line in shown.stdout.splitlines() if line.startswith("NO")]
    assert "asana oauth" in refused and "does not accept Daybook's registration" in refused
    assert "of-another-application" not in shown.stdout


def test_a_wrong_host_is_told(daybook, outside, file):
    edited(file, (outside.jira.url, f"http://127.0.0.1:{free_port()}"))
    shown = daybook("check", "--online")
    assert shown.returncode == NO
    assert "NO   jira           Jira could not be reached." in shown.stdout


def test_S10_a_host_without_encryption_is_refused_before_anything_is_sent(daybook, outside, file):
    edited(file, (outside.jira.url, "http://northwind.atlassian.net"))
    shown = daybook("check")
    assert shown.returncode == WRONG_INPUT
    assert "does not begin with https://" in shown.stderr


def test_a_mail_server_that_is_not_there_is_told(daybook, outside, file):
    edited(file, (outside.mail.smtp, f"127.0.0.1:{free_port()}"))
    shown = daybook("check", "--online")
    assert shown.returncode == NO
    assert "NO   mail" in shown.stdout
    assert "Nothing was sent." in shown.stdout


def test_sync_goes_on_past_a_tool_that_is_away_and_says_so(daybook, outside, file):
    everybody_agrees(file).store.close()
    edited(file, (outside.calendar.url, f"http://127.0.0.1:{free_port()}"))
    file.write_text(re.sub(r"patience: \w+", "patience: 0s", file.read_text()))
    shown = daybook("sync", "--json")
    assert shown.returncode == OUTSIDE_FAILED
    (failing,) = json.loads(shown.stdout)["failing"]
    assert (failing["connection"], failing["partitions"]) == ("calendar", 6)
    assert "NO   calendar: Google Calendar could not be reached." in shown.stderr
    status = daybook("status")
    assert status.returncode == NO
    assert status.stdout.startswith("2 things need a person:"), "nobody runs either"
    assert "6 of 6 failing" in status.stdout


# --- the daemon --------------------------------------------------------------------------------------------


def test_a_port_in_use_is_named_and_nothing_is_started(daybook, file):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        edited(file, ("127.0.0.1:18799", f"127.0.0.1:{port}"))
        shown = daybook("run")
    assert shown.returncode == OUTSIDE_FAILED
    assert f"cannot listen on 127.0.0.1:{port} (Address already in use). Nothing was started." in shown.stderr


def test_a_second_daemon_refuses_and_the_first_ends_when_told(daybook, file):
    edited(file, ("127.0.0.1:18799", f"127.0.0.1:{free_port()}"))
    first = daybook.begin("run")
    try:
        assert first.stderr is not None
        assert b"daemon.started" in first.stderr.readline()
        for command in ("run", "sync"):
            second = daybook(command)
            assert second.returncode == WRONG_INPUT
            assert f"Another Daybook (pid {first.pid} on " in second.stderr
            assert "This one did nothing." in second.stderr
        assert daybook("status").returncode == 0, "looking is welcome"
        first.send_signal(signal.SIGTERM)
        _, said = first.communicate(timeout=LONG)
    finally:
        first.kill()
        first.wait()
    assert first.returncode == 0, said.decode()
    assert b"daemon.stopped" in said
