"""daybook rollout, as an administrator types it."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from daybook.cli.outcome import NO, WRONG_INPUT
from daybook.daemon import enrol
from daybook.wiring import open_house
from tests.daybook.cli.conftest import Typed, edited, everybody_agrees


def test_a_first_start_with_everybody_is_refused_by_name_and_line(daybook: Typed, file: Path) -> None:
    edited(file, (", skip_pilot_because: This is a demonstration with a made-up team.", ""))
    line = next(n for n, text in enumerate(file.read_text().splitlines(), 1) if text.startswith("rollout:"))
    shown = daybook("run")
    assert shown.returncode == WRONG_INPUT
    assert f"daybook.yaml:{line}:11  rollout.stage  is 'normal', but nobody here has tried" in shown.stderr
    (found,) = [
        one for one in json.loads(daybook("check", "--json").stdout) if one["what"] == "rollout.stage"
    ]
    assert found["place"].endswith(f"daybook.yaml:{line}:11")


def test_a_rollout_is_shown_answered_and_told_on_paper(daybook: Typed, file: Path) -> None:
    house = everybody_agrees(file)
    enrol(house)
    with house.store.writing() as tx:
        who = tx.people.all()[0]
        tx.remarks.add(who.id, house.clock(), "draft", 1, "The dentist was no work.", signed=False)
        name = tx.remarks.all()[0].id
    shown = daybook("rollout")
    assert shown.returncode == 0
    assert "There is no pilot, because: This is a demonstration" in shown.stdout
    assert f"remarks    {name} wait. Read them: daybook rollout --friction" in shown.stdout
    told = daybook("rollout", "--friction").stdout
    assert "The dentist was no work." in told and who.email not in told and who.id not in told
    assert daybook("rollout", "--answer", name, "It is left out now.").returncode == 0
    assert json.loads(daybook("rollout", "--friction", "--json").stdout)[0]["answer"] == "It is left out now."
    assert daybook("rollout", "--answer", "nobody", "Yes.").returncode == WRONG_INPUT
    assert daybook("rollout", "--resume", "All is well.").returncode == NO
    assert daybook("rollout", "--card", "--html").stdout.startswith("<!doctype html>")
    assert "The first 30 days" in daybook("rollout", "--review", "30").stdout
    assert json.loads(daybook("rollout", "--json").stdout)["stage"] == "normal"


def test_the_first_message_is_of_the_file_only_while_there_is_no_store(daybook: Typed, file: Path) -> None:
    """A store holds what was promised; the file may wish what does not hold yet."""
    keys = file.parent / "credentials" / "master-key"
    key = keys.read_text()
    keys.unlink()  # its secrets may come later
    assert "Before you have read and acknowledged it" in daybook("rollout", "--day-one").stdout
    keys.write_text(key)
    assert "Why there was no pilot" in daybook("rollout", "--day-one").stdout
    open_house(file).store.close()
    keys.write_text(base64.b64encode(bytes(32)).decode())
    for paper in ("--day-one", "--card"):
        shown = daybook("rollout", paper)
        assert shown.returncode == WRONG_INPUT
        assert "master key" in shown.stderr and not shown.stdout
