"""The rollout as people live it: a stage that begins, is counted, stops, and goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from config.load import Unfit, load
from config.schema import Cohorts
from connectors.memory import Tool
from core import rounds
from core.exits import Exit, Measured, Stop, Terms
from core.rollout import Stage
from daybook import deeds, jobs, joining, papers, pulse, remarks, rollout, state
from daybook.errors import No, Wrong
from daybook.house import House, Member
from daybook.sandbox.post_office import PostOffice
from daybook.status import look
from tests.core.test_rollout import REACHED
from tests.daybook.conftest import CAST, TODAY, YESTERDAY, Clock, draft, drafted, member
from tests.daybook.mail.conftest import configuration, mail, post_office

__all__ = ["configuration", "mail", "post_office"]
"""The house of these tests can mail."""

A_WEEK = timedelta(days=7)
EVERYBODY = [f"{name.lower()}@northwind.example" for name in CAST]
ADA_AND_THREE = (EVERYBODY[0], *(f"{name}@elsewhere.example" for name in ("cem", "dora", "eli")))
"""A pilot with nobody else of the cast in it."""


@pytest.fixture
def pilot(house: House) -> House:
    """All of the cast are in a pilot that began before yesterday."""
    began = house.clock() - timedelta(days=3)
    with house.store.writing() as tx:
        tx.rollout.add(began, "stage", "pilot", "A rollout begins with it.", Terms().model_dump_json())
    return replace(house, stage_in_force="normal")


def counts(house: House) -> dict[str, int]:
    with house.store.reading() as tx:
        (stage,) = [step for step in tx.rollout.steps() if step.what == "stage"]
        return {
            what: many for week in tx.rollout.counts(stage.serial).values() for what, many in week.items()
        }


def wishes(house: House, stage: Stage, **more: Any) -> House:
    """The administrator wrote another stage and restarted; all of the cast are in the pilot."""
    more = {"cohorts": Cohorts(pilot=tuple(EVERYBODY))} | more
    wished = house.configuration.rollout.model_copy(update={"stage": stage, **more})
    house = replace(house, configuration=house.configuration.model_copy(update={"rollout": wished}))
    with house.store.reading() as tx:
        found = rollout.decided(tx, wished, house.clock())
    assert found is not None
    house = replace(house, stage_in_force=found.stage)
    rollout.begin(house)
    return house


def looked(house: House, measured: Measured) -> None:
    with house.store.writing() as tx:
        stage = tx.rollout.stage()
        assert stage is not None
        tx.rollout.keep(house.clock(), stage.serial, measured.model_dump_json())


# --- stages ------------------------------------------------------------------------------------------------

FILE = """\
version: 1
organisation: Northwind Studio
people: [PEOPLE]
rollout:
  cohorts: {pilot: [PILOT]}
  stage: STAGE
"""


def loaded(tmp_path: Path, stage: str, pilot: int = 4) -> Any:
    file = tmp_path / "daybook.yaml"
    people = ", ".join(f"{{name: Some Body, email: {email}}}" for email in EVERYBODY)
    text = FILE.replace("PEOPLE", people).replace("PILOT", ", ".join(EVERYBODY[:pilot]))
    file.write_text(text.replace("STAGE", stage))
    return load(file)


def test_P09_a_first_start_with_everybody_is_refused_by_name_and_line(house: House, tmp_path: Path) -> None:
    with pytest.raises(Unfit, match=r"daybook\.yaml:6:3  rollout\.stage  is 'normal', but nobody here"):
        rollout.at_load(loaded(tmp_path, "normal"), house.store, house.clock(), begun=False)
    assert rollout.at_load(loaded(tmp_path, "shadow"), house.store, house.clock(), begun=False) == (
        "shadow",
        "",
    )


def test_P09_a_skipped_stage_is_refused_by_line_and_the_one_in_force_stays(
    pilot: House, tmp_path: Path
) -> None:
    stage, refused = rollout.at_load(loaded(tmp_path, "normal"), pilot.store, pilot.clock(), begun=False)
    assert stage == "pilot"
    assert refused.endswith(
        "daybook.yaml:6  rollout.stage is 'normal', which skips 'expand'. 'pilot' stays in force."
    )


def test_P09_a_pilot_of_three_is_refused_by_line(house: House, tmp_path: Path) -> None:
    said = loaded(tmp_path, "pilot", 3)
    with pytest.raises(
        Unfit, match=r"daybook\.yaml:6:3  rollout\.stage  is 'pilot', but .* names 3\. A pilot"
    ):
        rollout.at_load(said, house.store, house.clock(), begun=False)
    shadow = wishes(house, "shadow")
    with shadow.store.writing() as tx:
        step = tx.rollout.stage()
        assert step is not None
        tx.rollout.keep(house.clock() - timedelta(days=1), step.serial, Measured().model_dump_json())
    stage, refused = rollout.at_load(said, house.store, house.clock(), begun=False)
    assert stage == "shadow" and "names 3." in refused


def test_P20_while_three_take_part_nobody_reads_a_number_of_them(pilot: House, clock: Clock) -> None:
    with pilot.store.writing() as tx:
        stage = tx.rollout.stage()
        assert stage is not None
        counted = {"days": 20, "answered": 17, "decided": 50, "untouched": 41, "seconds:45": 17}
        tx.rollout.count(stage.serial, "2026-W46", counted)
    joining.leave(pilot, member(pilot, "Otto"))
    pulse.look(pilot)
    clock.wait(days=1)
    said = told(pilot) + "\n".join(papers.review(pilot, 30).lines())
    assert "about 8" not in said and "seconds or less" not in said
    assert "NO   people who take part                 3                        at least 4" in said


def test_the_stage_and_what_it_must_reach_are_written_down_once(house: House, clock: Clock) -> None:
    pilot = wishes(house, "pilot", exit=Exit(median_seconds=90))
    clock.wait(days=1)
    wishes(pilot, "pilot", exit=Exit(median_seconds=600))
    with house.store.reading() as tx:
        (step,) = tx.rollout.steps()
    assert Terms.model_validate_json(step.terms).exit.median_seconds == 90, "nobody moves a number meanwhile"


def test_P09_the_next_stage_begins_a_day_after_contributors_saw_that_all_is_reached(
    pilot: House, clock: Clock
) -> None:
    looked(pilot, REACHED)
    clock.wait(hours=23)
    assert wishes(pilot, "expand").stage == "pilot"
    clock.wait(hours=1)
    assert wishes(pilot, "expand", stop=Stop(opt_outs=9)).stage == "expand"
    with pilot.store.reading() as tx:
        step = tx.rollout.stage()
    assert step is not None and Terms.model_validate_json(step.terms).stop.opt_outs == 9


def test_P09_who_has_not_spoken_has_not_said_that_it_is_ready(
    pilot: House, ada: Member, clock: Clock
) -> None:
    with pilot.store.reading() as tx:
        stage = tx.rollout.stage()
        assert stage is not None
        assert pulse.measure(pilot, tx, stage, clock()).ready is None
    remarks.judge(pilot, ada, ready=False, sentence="")
    with pilot.store.reading() as tx:
        assert pulse.measure(pilot, tx, stage, clock()).ready == 0


def test_P09_going_back_and_forward_brings_no_wider_number(house: House, clock: Clock) -> None:
    wishes(house, "shadow")
    looked(house, REACHED)
    clock.wait(days=1)
    wishes(house, "pilot")
    wishes(house, "shadow")
    looked(house, REACHED)
    clock.wait(days=1)
    wishes(house, "pilot", exit=Exit(median_seconds=600))
    with house.store.reading() as tx:
        step = tx.rollout.stage()
    assert step is not None and step.stage == "pilot"
    assert Terms.model_validate_json(step.terms).exit.median_seconds == 60


def test_an_earlier_stage_is_taken_at_once(pilot: House) -> None:
    assert wishes(pilot, "shadow").stage == "shadow"


def test_who_the_stage_does_not_reach_is_nobody_here(house: House) -> None:
    cohorts = Cohorts(pilot=ADA_AND_THREE)
    pilot = wishes(house, "pilot", cohorts=cohorts)
    assert [*pilot.named] == ["ada@northwind.example"]


def test_P09_whom_the_stage_in_force_does_not_reach_is_never_read_mailed_or_enrolled_whatever_is_wished(
    house: House, ada: Member, ben: Member, post_office: PostOffice, tool: Tool
) -> None:
    cohorts = Cohorts(pilot=ADA_AND_THREE)
    wishes(house, "pilot", cohorts=cohorts)
    house = wishes(house, "normal", cohorts=cohorts)
    assert (house.stage, house.configuration.rollout.stage) == ("pilot", "normal")
    with house.store.writing() as tx:
        for who in (ada, ben):
            name = who.person.name.split()[0]
            tool.tokens[f"token-{name}"] = f"{name.lower()}@tool"
            tx.grants.save(
                who.id, "memory", f"{name.lower()}@tool", SecretStr(f"token-{name}"), house.clock()
            )
    drafted(house, ben, draft("b"))
    for work in rounds.due(state.snapshot(house, house.clock()), house.clock()):
        assert ben.id not in repr(work)
        jobs.perform(house, work)
    with house.store.reading() as tx:
        read = {one.contributor for part in state.partitions(house, tx).values() for one in part.accounts}
        assert read == {ada.id} and state.newcomers(house, tx) == []
    assert "ben@northwind.example" not in {one.to for one in post_office.deliveries}


# --- numbers -----------------------------------------------------------------------------------------------


def test_a_day_is_counted_once_and_a_week_later(pilot: House, ada: Member, clock: Clock) -> None:
    drafted(pilot, ada, draft("a"), draft("b", "11:00"))
    opened = clock()
    clock.wait(seconds=40)
    assert deeds.confirm(pilot, ada, YESTERDAY).done
    pulse.spoke(pilot, ada, [YESTERDAY], opened, on_page=True)
    clock.wait(days=5)
    pulse.look(pilot)
    assert counts(pilot) == {}
    clock.wait(days=1)
    pulse.look(pilot)
    pulse.look(pilot)
    assert counts(pilot) == {
        "answered": 1, "days": 1, "decided": 2, "late:1": 1, "on_page": 1, "seconds:45": 1, "untouched": 2,
    }  # fmt: skip


def test_P12_when_a_day_was_looked_at_is_gone_once_it_is_counted(
    pilot: House, ada: Member, clock: Clock
) -> None:
    drafted(pilot, ada, draft("a"))
    pulse.spoke(pilot, ada, [YESTERDAY], clock(), on_page=True)
    clock.wait(days=6)
    pulse.look(pilot)
    pulse.spoke(pilot, ada, [YESTERDAY], clock(), on_page=True)
    with pilot.store.reading() as tx:
        (row,) = tx.everything_of(ada.id)["days"]
    assert row["counted"] and row["opened_at"] is row["said_at"] is row["on_page"] is None


def test_the_first_look_counts_and_the_last_word(pilot: House, ada: Member, clock: Clock) -> None:
    drafted(pilot, ada, draft("a", decision="confirmed"))
    first = clock()
    for _ in range(3):
        pulse.spoke(pilot, ada, [YESTERDAY], clock(), on_page=False)
        clock.wait(seconds=50)
    with pilot.store.reading() as tx:
        (row,) = tx.days.uncounted(ada.id, YESTERDAY)
    assert (row.opened_at, row.said_at, row.on_page) == (first, first + timedelta(seconds=100), False)


def test_P12_where_drafts_are_kept_for_less_than_a_week_a_day_is_counted_before_they_go(
    pilot: House, ada: Member, clock: Clock
) -> None:
    short = pilot.policy.retention.model_copy(update={"drafts": 3})
    house = replace(pilot, policy=pilot.policy.model_copy(update={"retention": short}))
    drafted(house, ada, draft("a", decision="confirmed"))
    for _ in range(5):
        jobs.forget(house)
        clock.wait(days=1)
    assert counts(house)["answered"] == 1
    with house.store.reading() as tx:
        assert tx.days.get(ada.id, YESTERDAY) is None


def test_what_was_taken_back_within_the_week_was_never_said(pilot: House, ada: Member, clock: Clock) -> None:
    drafted(pilot, ada, draft("a"))
    deeds.confirm(pilot, ada, YESTERDAY)
    deeds.undo(pilot, ada, "a")
    clock.wait(days=7)
    pulse.look(pilot)
    assert counts(pilot) == {"days": 1}


def test_a_stop_is_no_answer_that_anybody_owes(pilot: House, ada: Member, clock: Clock) -> None:
    with pilot.store.writing() as tx:
        tx.rollout.add(clock() - timedelta(days=2), "stopped", "pilot", "Three people left.", "{}")
    drafted(pilot, ada, draft("a"))
    clock.wait(days=7)
    pulse.look(pilot)
    assert counts(pilot) == {}


def test_in_a_shadow_run_nobody_owes_an_answer(house: House, ada: Member, clock: Clock) -> None:
    shadow = wishes(house, "shadow")
    drafted(house, ada, draft("a", day=TODAY))
    clock.wait(days=8)
    pulse.look(shadow)
    assert counts(house) == {}


def test_days_before_the_stage_and_days_without_an_answer(pilot: House, ada: Member, clock: Clock) -> None:
    drafted(pilot, ada, draft("old", day=YESTERDAY - timedelta(days=10)), draft("a"))
    clock.wait(days=8)
    pulse.look(pilot)
    assert counts(pilot) == {"days": 1}


def test_P13_no_table_of_the_rollout_names_a_person() -> None:
    from daybook.store import schema

    for table in (schema.steps, schema.tallies, schema.looks):
        assert table.info["owner"] is None and not {"contributor", "day"} & {*table.c.keys()}


# --- stopping ----------------------------------------------------------------------------------------------


def stopped(house: House) -> str:
    with house.store.reading() as tx:
        step = tx.rollout.stopped()
        return step.said if step else ""


def test_it_stops_by_itself_where_too_many_left(pilot: House, clock: Clock) -> None:
    for name in CAST[:3]:
        joining.leave(pilot, member(pilot, name))
        pulse.look(pilot)
        clock.wait(hours=1)
    assert stopped(pilot) == "3 people left since it began."


def test_P3_while_it_is_stopped_nobody_is_asked_about_mailed_or_invited(
    pilot: House, ada: Member, ben: Member
) -> None:
    with pilot.store.writing() as tx:
        tx.people.invited(ben.id, "an earlier one", pilot.clock())
        tx.people.acknowledge(ben.id, "an earlier one", pilot.clock())
        tx.grants.save(ada.id, "memory", "ada@tool", SecretStr("token"), pilot.clock())
    before = rounds.due(state.snapshot(pilot, pilot.clock()), pilot.clock())
    assert {rounds.Pull, rounds.Invite} <= {type(work) for work in before}
    drafted(pilot, ada, draft("a"))
    with pilot.store.writing() as tx:
        tx.rollout.add(pilot.clock(), "stopped", "pilot", "Three people left.", "{}")
    after = {type(work) for work in rounds.due(state.snapshot(pilot, pilot.clock()), pilot.clock())}
    assert not after & {rounds.Pull, rounds.Invite, rounds.Find, rounds.Digest, rounds.Show}
    assert jobs.pull(pilot, "memory", "memory") is None
    assert "Three people left." in member(pilot, "Ada").consent.reason


def test_while_it_is_stopped_what_is_there_can_be_answered(pilot: House, ada: Member) -> None:
    drafted(pilot, ada, draft("a"))
    with pilot.store.writing() as tx:
        tx.rollout.add(pilot.clock(), "stopped", "pilot", "Three people left.", "{}")
    assert deeds.confirm(pilot, member(pilot, "Ada"), YESTERDAY).done
    due = rounds.due(state.snapshot(pilot, pilot.clock()), pilot.clock())
    again = {
        (work.contributor, day) for work in due if isinstance(work, rounds.Reconcile) for day in work.days
    }
    assert (ada.id, YESTERDAY) in again, "and the day is counted anew"


def test_everybody_is_told_once_why_it_stopped(
    pilot: House, ada: Member, clock: Clock, post_office: PostOffice
) -> None:
    with pilot.store.writing() as tx:
        tx.rollout.add(clock(), "stopped", "pilot", "Three people left.", "{}")
    assert warned(pilot) == len(CAST)
    assert {one.to for one in post_office.deliveries} == {member(pilot, name).person.email for name in CAST}
    (hers,) = post_office.to("ada@northwind.example")
    for part in ("plain", "html"):
        assert "Three people left." in hers.part(part) and "/rollout" in hers.part(part)
    clock.wait(days=1)
    assert warned(pilot) == 0
    assert "rollout    It stopped by itself. Three people left." in "\n".join(look(pilot).lines())


def test_it_goes_on_by_a_word_that_everybody_reads(pilot: House, clock: Clock) -> None:
    with pytest.raises(No, match="not stopped"):
        rollout.resume(pilot, "Nothing.")
    for name in CAST[:3]:
        joining.leave(pilot, member(pilot, name))
    pulse.look(pilot)
    with pytest.raises(Wrong, match="Say what changed"):
        rollout.resume(pilot, " ")
    rollout.resume(pilot, "Meetings of others are left out now.")
    assert member(pilot, "Otto").consent
    clock.wait(days=1)
    pulse.look(pilot)
    assert stopped(pilot) == "", "what was answered for stops it no second time"
    with pilot.store.reading() as tx:
        assert tx.rollout.steps()[-1].said == "Meetings of others are left out now."


def test_P09_no_other_stage_lifts_a_stop_only_a_word_does(pilot: House, clock: Clock, tmp_path: Path) -> None:
    looked(pilot, REACHED)
    clock.wait(days=1)
    with pilot.store.writing() as tx:
        tx.rollout.add(clock(), "stopped", "pilot", "Three people left.", Terms().model_dump_json())
    stage, refused = rollout.at_load(loaded(tmp_path, "expand"), pilot.store, clock(), begun=False)
    assert stage == "pilot" and "it is stopped, and nobody has said what changed" in refused
    shadow = wishes(pilot, "shadow")
    assert shadow.stage == "shadow" and stopped(shadow) == "Three people left."
    assert not member(pilot, "Ada").consent
    rollout.resume(shadow, "Meetings of others are left out now.")
    assert stopped(shadow) == "" and member(pilot, "Ada").consent


def test_a_day_of_a_stop_is_owed_by_nobody_whatever_stage_it_went_back_to(
    pilot: House, ada: Member, clock: Clock
) -> None:
    with pilot.store.writing() as tx:
        tx.rollout.add(clock() - timedelta(days=2), "stopped", "expand", "Three people left.", "{}")
        tx.rollout.add(clock() - timedelta(days=2), "stage", "pilot", "It goes back.", "{}")
    drafted(pilot, ada, draft("a"))
    clock.wait(days=7)
    pulse.look(pilot)
    with pilot.store.reading() as tx:
        assert tx.rollout.counts() == {}


def test_however_often_it_is_looked_at_a_look_of_yesterday_stays(pilot: House, clock: Clock) -> None:
    looked(pilot, REACHED)
    clock.wait(days=1)
    for _ in range(9):
        clock.wait(minutes=5)
        pulse.look(pilot)
    assert "write  rollout: {stage: expand}" in told(pilot)


def test_the_administrator_sees_the_numbers_a_day_after_everybody_else(pilot: House, clock: Clock) -> None:
    looked(pilot, REACHED)
    assert "numbers    not yet: contributors see them a day before you." in told(pilot)
    clock.wait(days=1)
    looked(pilot, Measured())
    assert "ok   days answered within a week          about 95 %               at least 85 %" in told(pilot)
    assert "write  rollout: {stage: expand}" in told(pilot)


def told(house: House) -> str:
    return "\n".join(rollout.standing(house).lines())


def warned(house: House) -> int:
    due = rounds.due(state.snapshot(house, house.clock()), house.clock())
    warnings = [work for work in due if isinstance(work, rounds.Warn)]
    for work in warnings:
        jobs.perform(house, work)
    return len(warnings)
