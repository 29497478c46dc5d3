"""Drafts in a calendar of a contributor's own: shown there once, heard from there, gone when they say so."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest

from config.schema import Configuration
from connectors.contract import Paced
from connectors.memory import Tool
from connectors.memory_calendar import DraftingMemory, MemoryDraftCalendar, Shelf
from connectors.memory_consent import AUTHORIZATION, MemoryAuthority
from connectors.oauth import question
from core import rounds
from core.draft_calendar import Block, Written
from core.model import Draft, Verdict
from daybook import cutting, deeds, draft_calendars, forget, jobs, joining, returning, state
from daybook.house import House, Member
from tests.daybook import test_lending as lendings
from tests.daybook.conftest import BERLIN, TODAY, YESTERDAY, draft, drafted, member
from tests.daybook.test_lending import BACK, VERIFIER, Time

authority, time = lendings.authority, lendings.time
show_module = import_module("daybook.jobs.show")
ASKED = AUTHORIZATION.model_copy(update={"further": ("keep:calendars",)})


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show_module, "A_WRITE", 0)


@pytest.fixture
def memory(tool: Tool) -> DraftingMemory:
    return DraftingMemory(tool, authorization=ASKED)


@pytest.fixture
def house(
    house: House, configuration: Configuration, memory: DraftingMemory, authority: MemoryAuthority
) -> House:
    """Ada switched it on, Ben connected his account and left it off."""
    authority.authorization = ASKED
    built = House(
        configuration,
        house.policy,
        {"memory": memory},
        house.store,
        house.clock,
        authorities={"memory": authority},
    )
    for name in ("Ada", "Ben"):
        there = authority.allow(question(ASKED.widened(), BACK, "s", VERIFIER), f"{name.lower()}@tool")
        code = there.partition("code=")[2].partition("&")[0]
        with house.store.writing() as tx:
            who = member(built, name).id
            tx.grants.lend(
                who, "memory", f"{name.lower()}@tool", authority.exchange(code, VERIFIER, BACK), house.clock()
            )
            if name == "Ada":
                tx.draft_calendars.begin(who, "memory", house.clock())
    return built


def due(house: House) -> list[rounds.Show]:
    found = rounds.due(state.snapshot(house, house.clock()), house.clock())
    return [work for work in found if isinstance(work, rounds.Show)]


def go(house: House) -> None:
    """Rounds, until nothing is to be shown."""
    for _ in range(5):
        work = due(house)
        for one in work:
            jobs.perform(house, one)
        if not work:
            return
    raise AssertionError("there is always something to show")


def listen(house: House, time: Time) -> None:
    """Later the same morning, when it is looked what they did there."""
    time.pass_by(minutes=30)
    go(house)


@pytest.fixture
def shelf(house: House, ada: Member, memory: DraftingMemory) -> Shelf:
    """Ada's calendar, with a call of yesterday in it."""
    drafted(house, ada, draft("call", "10:00", 45))
    go(house)
    (shelf,) = memory.shelves.values()
    return shelf


def only(shelf: Shelf) -> tuple[str, Block]:
    ((name, block),) = shelf.shown().items()
    return name, block


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"{YESTERDAY}T{clock}").replace(tzinfo=BERLIN)


def held(house: House, who: Member, key: str = "call") -> Draft:
    with house.store.reading() as tx:
        found = tx.drafts.get(who.id, key)
    assert found is not None
    return found.draft


# --- what is shown -----------------------------------------------------------------------------------------


def test_P1_a_draft_is_shown_in_its_owners_calendar_and_in_nobody_elses(
    house: House, ada: Member, ben: Member, memory: DraftingMemory, shelf: Shelf
) -> None:
    drafted(house, ben, draft("bens", "11:00"))
    go(house)
    assert [one.owner for one in memory.shelves.values()] == ["ada@tool"]
    _, block = only(shelf)
    assert (block.title, block.start, block.minutes) == ("ACME call", at("10:00"), 45)
    assert "ACME website" in block.note


def test_off_by_default_nothing_is_asked_for(house: House, ben: Member, tool: Tool) -> None:
    drafted(house, ben, draft("bens", "11:00"))
    assert [work.contributor for work in due(house) if work.contributor == ben.id] == []


def test_P3_who_did_not_agree_to_the_policy_is_not_shown_anything(
    house: House, ada: Member, memory: DraftingMemory
) -> None:
    drafted(house, ada, draft("call", "10:00"))
    with house.store.writing() as tx:
        tx.people.acknowledge(ada.id, "another version", house.clock())
    assert due(house) == []
    jobs.show(house, ada.id, "memory")
    assert memory.shelves == {}


def test_P9_shown_once_there_is_nothing_left_to_write(house: House, ada: Member, shelf: Shelf) -> None:
    written = list(shelf.order)
    jobs.show(house, ada.id, "memory")
    jobs.show(house, ada.id, "memory")
    assert shelf.order == written


def test_R07_a_tool_that_sent_us_away_is_not_asked_for_drafts_either(
    house: House, ada: Member, shelf: Shelf, tool: Tool, time: Time
) -> None:
    drafted(house, ada, draft("later", "14:00"))
    time.pass_by(minutes=30)
    (work,) = due(house)
    with house.store.writing() as tx:
        tx.rests.note("memory", Paced("too fast", timedelta(minutes=3)), house.clock())
    asked = tool.requests
    assert due(house) == []
    jobs.perform(house, work)  # begun from a plan that was made before
    assert (tool.requests, len(shelf.shown())) == (asked, 1)
    time.pass_by(minutes=4)
    go(house)
    assert len(shelf.shown()) == 2


def test_R07_what_a_calendar_of_drafts_was_told_everybody_keeps_to(
    house: House, ada: Member, shelf: Shelf, tool: Tool
) -> None:
    drafted(house, ada, draft("later", "14:00"))
    tool.mishaps += ["paced"]
    jobs.show(house, ada.id, "memory")
    with house.store.reading() as tx:
        assert tx.rests.away("memory", house.clock(), reading=False)


def test_a_task_without_a_time_is_an_all_day_event_with_its_length(
    house: House, ada: Member, shelf: Shelf
) -> None:
    drafted(house, ada, draft("task", None, 150, "Fix login", day=TODAY))
    jobs.show(house, ada.id, "memory")
    (block,) = [one for one in shelf.shown().values() if one.day]
    assert (block.title, block.day, block.start) == ("2 hours 30 minutes: Fix login", TODAY, None)


def test_P12_a_draft_leaves_before_it_is_forgotten_here(house: House, ada: Member, shelf: Shelf) -> None:
    """Kept for 30 days, it is shown for 22 of them: what is forgotten nobody could take away."""
    for age in (21, 25):
        drafted(house, ada, draft(f"old {age}", "10:00", text=f"{age}", day=TODAY - timedelta(days=age)))
    jobs.show(house, ada.id, "memory")
    assert {one.title for one in shelf.shown().values()} == {"ACME call", "21"}


def test_a_day_that_is_closed_is_shown_no_more(
    house: House, ada: Member, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(House, "may_change", lambda *_: Verdict(allowed=False, reason="It is closed."))
    jobs.show(house, ada.id, "memory")
    assert shelf.shown() == {}


def test_one_works_on_a_calendar_at_a_time(house: House, ada: Member, shelf: Shelf) -> None:
    drafted(house, ada, draft("second", "12:00"))
    with house.store.writing() as tx:
        assert tx.draft_calendars.claim(ada.id, "memory", house.clock(), house.clock() + timedelta(minutes=9))
    jobs.show(house, ada.id, "memory")
    assert len(shelf.shown()) == 1


def test_much_is_written_in_several_rounds(
    house: House, ada: Member, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(show_module, "MOST", 2)
    for hour in range(11, 16):
        drafted(house, ada, draft(f"at {hour}", f"{hour}:00"))
    jobs.show(house, ada.id, "memory")
    assert len(shelf.shown()) == 3 and due(house) != []
    go(house)
    assert len(shelf.shown()) == 6


@pytest.mark.parametrize("deed", ["confirm", "dismiss"])
def test_what_is_decided_here_is_gone_there(house: House, ada: Member, shelf: Shelf, deed: str) -> None:
    if deed == "confirm":
        assert deeds.confirm(house, ada, YESTERDAY).done
    else:
        assert deeds.dismiss(house, ada, "call").done
    jobs.show(house, ada.id, "memory")
    assert shelf.shown() == {}


def test_what_changes_is_shown_as_soon_as_the_day_was_looked_at_again(
    house: House, ada: Member, shelf: Shelf, time: Time
) -> None:
    assert due(house) == []
    deeds.confirm(house, ada, YESTERDAY)
    time.pass_by(seconds=1)
    jobs.reconsider(house, ada.id, [YESTERDAY])
    go(house)
    assert shelf.shown() == {}


def test_nobody_listens_outside_their_working_hours(house: House, shelf: Shelf, time: Time) -> None:
    time.pass_by(hours=14)
    assert due(house) == []


def test_what_is_changed_here_is_changed_there(house: House, ada: Member, shelf: Shelf) -> None:
    deeds.edit(house, ada, "call", minutes=30)
    jobs.show(house, ada.id, "memory")
    assert only(shelf)[1].minutes == 30


def test_what_comes_back_here_comes_back_there(house: House, ada: Member, shelf: Shelf) -> None:
    deeds.dismiss(house, ada, "call")
    jobs.show(house, ada.id, "memory")
    deeds.undo(house, ada, "call")
    jobs.show(house, ada.id, "memory")
    assert only(shelf)[1].title == "ACME call"


# --- what they say there -----------------------------------------------------------------------------------


def test_what_they_move_there_is_edited_here(house: House, ada: Member, shelf: Shelf, time: Time) -> None:
    name, block = only(shelf)
    shelf.set(name, block.model_copy(update={"start": at("14:00"), "minutes": 60, "note": ""}))
    listen(house, time)
    mine = held(house, ada)
    assert mine.decision == "edited"
    said = mine.suggestion
    assert (said.start, said.minutes, said.pieces) == (at("14:00"), 60, ((at("14:00"), at("15:00")),))
    assert said.attributed == {"acme-web": 60} and sum(line.minutes for line in said.because) == 60
    assert (only(shelf)[1].start, only(shelf)[1].minutes) == (at("14:00"), 60)


def test_what_they_call_it_there_is_its_text_here(
    house: House, ada: Member, shelf: Shelf, time: Time
) -> None:
    name, block = only(shelf)
    shelf.set(name, block.model_copy(update={"title": "ACME launch"}))
    listen(house, time)
    assert (held(house, ada).suggestion.text, held(house, ada).suggestion.minutes) == ("ACME launch", 45)


def test_P2_what_they_delete_there_is_dismissed_here(
    house: House, ada: Member, shelf: Shelf, time: Time
) -> None:
    shelf.set(only(shelf)[0], None)
    listen(house, time)
    assert held(house, ada).decision == "dismissed"
    assert shelf.shown() == {}


def test_nothing_there_ever_confirms(house: House, ada: Member, shelf: Shelf, time: Time) -> None:
    name, block = only(shelf)
    for start in ("11:00", "12:00", "13:00"):
        shelf.set(name, block.model_copy(update={"start": at(start)}))
        listen(house, time)
        assert held(house, ada).decision == "edited"


def test_a_task_they_pull_into_the_hours_keeps_its_length(
    house: House, ada: Member, shelf: Shelf, time: Time
) -> None:
    drafted(house, ada, draft("task", None, 150, "Fix login"))
    jobs.show(house, ada.id, "memory")
    (name,) = [name for name, one in shelf.shown().items() if one.day]
    shelf.set(name, Block(title="2 hours 30 minutes: Fix login", start=at("13:00"), minutes=60))
    listen(house, time)
    said = held(house, ada, "task").suggestion
    assert (said.start, said.minutes, said.text) == (at("13:00"), 150, "Fix login")
    assert shelf.shown()[name].title == "Fix login" and shelf.shown()[name].minutes == 150


def test_what_they_move_to_another_day_is_another_draft(
    house: House, ada: Member, shelf: Shelf, time: Time
) -> None:
    name, block = only(shelf)
    shelf.set(name, block.model_copy(update={"start": at("10:00") - timedelta(days=1)}))
    listen(house, time)
    assert held(house, ada).decision == "dismissed"
    with house.store.reading() as tx:
        (moved,) = [one.draft for one in tx.drafts.of(ada.id, YESTERDAY - timedelta(days=1))]
    assert (moved.decision, moved.suggestion.minutes, moved.suggestion.project) == ("edited", 45, "acme-web")
    assert only(shelf)[1].start == at("10:00") - timedelta(days=1)


def test_what_they_move_to_another_day_is_moved_as_on_the_page_and_taken_back_there(
    house: House, ada: Member, shelf: Shelf, time: Time
) -> None:
    """Twice too: taken back, it can be moved again."""
    before = YESTERDAY - timedelta(days=1)
    for _ in range(2):
        name, block = only(shelf)
        later = block.model_copy(update={"start": block.start - timedelta(hours=23), "minutes": 30})
        shelf.set(name, later)
        listen(house, time)
        with house.store.reading() as tx:
            (moved,) = [one.draft for one in tx.drafts.of(ada.id, before)]
            assert tx.memory.of(ada.id).lessons == ()  # it was work, of another day
        assert held(house, ada).tied == moved.key and moved.tied == "call"
        assert (moved.suggestion.start, moved.suggestion.minutes) == (later.start, 30)
        assert moved.suggestion.because[0].sentence == "You moved this here from 19 November."
        assert sum(line.minutes for line in moved.suggestion.because) == 30
        undone = cutting.undo(house, ada, "call")
        assert undone and undone.done
        assert held(house, ada).decision == "open"
        jobs.show(house, ada.id, "memory")
        assert only(shelf)[1].start == at("10:00")


def test_what_no_draft_can_be_is_left_as_they_made_it(
    house: House, ada: Member, shelf: Shelf, time: Time
) -> None:
    name, block = only(shelf)
    longer = block.model_copy(update={"minutes": 3 * 24 * 60})
    shelf.set(name, longer)
    listen(house, time)
    deeds.edit(house, ada, "call", text="Something else")
    jobs.show(house, ada.id, "memory")
    assert held(house, ada).suggestion.minutes == 45
    assert shelf.shown()[name] == longer


def test_what_they_add_there_themselves_is_theirs(
    house: House, ada: Member, shelf: Shelf, time: Time
) -> None:
    shelf.set("hers", Block(title="Dentist", start=at("16:00"), minutes=30))
    listen(house, time)
    assert "hers" in shelf.shown()
    with house.store.reading() as tx:
        assert len(tx.drafts.of(ada.id, YESTERDAY)) == 1


def test_P2_a_change_in_between_is_heard_and_not_written_over(
    house: House, ada: Member, shelf: Shelf, memory: DraftingMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """She moved it after we listened and before we wrote."""
    name, block = only(shelf)
    deeds.edit(house, ada, "call", text="From the page")
    put = memory.draft_calendar

    def late(*args: object) -> object:
        calendar = put(*args)  # type: ignore[arg-type]
        changed = calendar.changed

        def then(*asked: object) -> object:
            heard = changed(*asked)  # type: ignore[arg-type]
            shelf.set(name, block.model_copy(update={"start": at("15:00")}))
            return heard

        calendar.changed = then  # type: ignore[assignment, method-assign]
        return calendar

    monkeypatch.setattr(memory, "draft_calendar", late)
    jobs.show(house, ada.id, "memory")
    monkeypatch.undo()
    assert held(house, ada).suggestion.start == at("15:00")
    jobs.show(house, ada.id, "memory")
    assert (only(shelf)[1].start, only(shelf)[1].title) == (at("15:00"), held(house, ada).suggestion.text)


def test_a_calendar_they_delete_is_switched_off_and_no_draft_dismissed(
    house: House, ada: Member, memory: DraftingMemory, shelf: Shelf, time: Time
) -> None:
    memory.shelves.clear()
    listen(house, time)
    assert held(house, ada).decision == "open"
    with house.store.reading() as tx:
        assert tx.draft_calendars.of(ada.id) == {}
    assert due(house) == []


# --- lost answers ------------------------------------------------------------------------------------------


def test_P8_R05_an_insert_whose_answer_was_lost_is_one_event_and_no_word_of_hers(
    house: House, ada: Member, shelf: Shelf, tool: Tool, time: Time
) -> None:
    drafted(house, ada, draft("second", "12:00"))
    tool.mishaps = ["", "lost"]
    jobs.show(house, ada.id, "memory")
    assert len(shelf.shown()) == 2
    written = list(shelf.order)
    listen(house, time)
    assert shelf.order == written
    assert held(house, ada, "second").decision == "open"


def test_P8_an_insert_that_never_arrived_is_sent_again(
    house: House, ada: Member, shelf: Shelf, tool: Tool, time: Time
) -> None:
    drafted(house, ada, draft("second", "12:00"))
    tool.mishaps = ["", "unavailable"]
    jobs.show(house, ada.id, "memory")
    assert len(shelf.shown()) == 1
    listen(house, time)
    assert len(shelf.shown()) == 2


@pytest.mark.parametrize("mishap", ["lost", "unavailable"])
def test_P2_our_own_removal_is_no_dismissal_whatever_became_of_its_answer(
    house: House, ada: Member, shelf: Shelf, tool: Tool, time: Time, mishap: str
) -> None:
    deeds.dismiss(house, ada, "call")
    tool.mishaps = ["", mishap]  # type: ignore[list-item]
    jobs.show(house, ada.id, "memory")
    deeds.undo(house, ada, "call")
    listen(house, time)
    assert held(house, ada).decision == "open"
    assert only(shelf)[1].title == "ACME call"


def test_P8_killed_after_the_event_was_written_it_is_one_event(
    house: House, ada: Member, shelf: Shelf, monkeypatch: pytest.MonkeyPatch, time: Time
) -> None:
    drafted(house, ada, draft("second", "12:00"))

    hear = show_module._hear

    def die(own: object, before: Written, seen: object) -> int:
        if before.key == "second":
            raise KeyboardInterrupt
        return int(hear(own, before, seen))

    monkeypatch.setattr(show_module, "_hear", die)
    with pytest.raises(KeyboardInterrupt):
        jobs.show(house, ada.id, "memory")
    monkeypatch.undo()
    written = list(shelf.order)
    listen(house, time)
    assert shelf.order == written and len(shelf.shown()) == 2
    assert held(house, ada, "second").decision == "open"


def test_P8_a_calendar_of_which_nobody_knows_whether_it_was_made_is_not_made_twice(
    house: House, ada: Member, memory: DraftingMemory, tool: Tool, time: Time
) -> None:
    drafted(house, ada, draft("call", "10:00"))
    tool.mishaps = ["lost"]
    for _ in range(3):
        jobs.show(house, ada.id, "memory")
        time.pass_by(hours=2)
    assert len(memory.shelves) == 1
    with house.store.writing() as tx:
        (offer,) = draft_calendars.offers(house, tx, ada)
        assert "Nobody knows" in offer.problem
        tx.draft_calendars.begin(ada.id, "memory", house.clock())  # she looked, and pressed again
    go(house)
    assert len(memory.shelves) == 2


def test_an_outage_waits_and_says_nothing_of_her(
    house: House, ada: Member, shelf: Shelf, tool: Tool, time: Time
) -> None:
    tool.mishaps = ["unavailable"]
    time.pass_by(minutes=30)
    (work,) = due(house)
    jobs.perform(house, work)
    assert due(house) == []
    time.pass_by(minutes=6)
    go(house)
    assert held(house, ada).decision == "open" and len(shelf.shown()) == 1


def test_R08_an_access_token_that_dies_before_its_time_is_renewed(
    house: House, ada: Member, shelf: Shelf, tool: Tool, time: Time
) -> None:
    time.pass_by(minutes=30)
    tool.tokens.clear()
    jobs.show(house, ada.id, "memory")
    grant = lendings.granted(house, ada)
    assert not grant.refused and grant.expires_at == house.clock()


# --- switching off -----------------------------------------------------------------------------------------


def test_switched_off_the_calendar_is_gone_there_and_forgotten_here(
    house: House, ada: Member, memory: DraftingMemory, shelf: Shelf
) -> None:
    assert draft_calendars.switch_off(house, ada, "memory")
    assert memory.shelves == {}
    with house.store.reading() as tx:
        assert tx.draft_calendars.of(ada.id) == {} and tx.draft_calendars.events(ada.id, "memory") == {}
        assert tx.grants.get(ada.id, "memory") is not None  # it posts with it too
    assert held(house, ada).decision == "open"


def switched_off(house: House, who: Member, *, on_again: bool = False) -> None:
    draft_calendars.switch_off(house, who, "memory")
    if on_again:
        with house.store.writing() as tx:
            tx.draft_calendars.begin(who.id, "memory", house.clock() + timedelta(seconds=1))


@pytest.mark.parametrize("how", ["switched off", "left"])
def test_P1_switched_off_while_it_is_made_it_is_taken_away_again(
    house: House, ada: Member, memory: DraftingMemory, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Its row would have come back, and the next round would have written drafts against their word."""
    drafted(house, ada, draft("call", "10:00", 45))
    makes = MemoryDraftCalendar.make

    def slowly(there: MemoryDraftCalendar, name: str, zone: str) -> str:
        made = makes(there, name, zone)
        if how == "left":
            joining.leave(house, ada)
        else:
            switched_off(house, ada)
        return made

    monkeypatch.setattr(MemoryDraftCalendar, "make", slowly)
    jobs.show(house, ada.id, "memory")
    assert memory.shelves == {}
    with house.store.reading() as tx:
        assert tx.draft_calendars.all() == []
    assert due(house) == []


@pytest.mark.parametrize("call", ["changed", "put"])
def test_switched_off_and_on_again_meanwhile_it_is_a_new_one(
    house: House,
    ada: Member,
    memory: DraftingMemory,
    shelf: Shelf,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
) -> None:
    drafted(house, ada, draft("second", "12:00"), draft("third", "13:00"))
    does, again = getattr(MemoryDraftCalendar, call), [True]

    def slowly(there: MemoryDraftCalendar, *words: Any) -> Any:
        if again:
            again.clear()
            switched_off(house, ada, on_again=True)
        return does(there, *words)

    monkeypatch.setattr(MemoryDraftCalendar, call, slowly)
    jobs.show(house, ada.id, "memory")
    with house.store.reading() as tx:
        kept = tx.draft_calendars.get(ada.id, "memory")
        assert kept is not None and kept.shown is None
        assert tx.draft_calendars.inside(ada.id, "memory").calendar == ""
        assert tx.draft_calendars.events(ada.id, "memory") == {}
    go(house)
    (fresh,) = memory.shelves.values()
    assert fresh is not shelf and len(fresh.shown()) == 3


def test_R11_who_was_late_does_not_give_back_what_another_took(
    house: House, ada: Member, shelf: Shelf, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafted(house, ada, draft("second", "12:00"))
    puts = MemoryDraftCalendar.put

    def late(there: MemoryDraftCalendar, *words: Any) -> Any:
        time.pass_by(minutes=11)
        now = house.clock()
        with house.store.writing() as tx:
            assert tx.draft_calendars.claim(ada.id, "memory", now, now + show_module.LEASE)
        return puts(there, *words)

    monkeypatch.setattr(MemoryDraftCalendar, "put", late)
    jobs.show(house, ada.id, "memory")
    now = house.clock()
    with house.store.writing() as tx:
        assert not tx.draft_calendars.claim(ada.id, "memory", now, now + show_module.LEASE)


def test_it_is_not_called_off_before_the_tool_heard_of_it(
    house: House, ada: Member, memory: DraftingMemory, shelf: Shelf, tool: Tool
) -> None:
    tool.mishaps = ["unavailable"]
    verdict = draft_calendars.switch_off(house, ada, "memory")
    assert not verdict and "switch it off again" in verdict.reason
    assert len(memory.shelves) == 1


@pytest.mark.parametrize("way", ["disconnect", "leave", "forget"])
def test_P7_it_goes_with_what_let_us_keep_it(
    house: House, ada: Member, memory: DraftingMemory, shelf: Shelf, authority: MemoryAuthority, way: str
) -> None:
    match way:
        case "disconnect":
            joining.disconnect(house, ada, "memory")
        case "leave":
            joining.leave(house, ada)
        case "forget":
            list(forget.forget_person(house, ada.person.email))
    with house.store.reading() as tx:
        (revocation,) = tx.revocations.due(house.clock())
    returning.tell(house, revocation)
    assert memory.shelves == {}
    assert not authority.stands("ada@tool")
    with house.store.reading() as tx:
        assert tx.draft_calendars.all() == []


def test_P7_leaving_forgets_it_even_where_nothing_lets_us_reach_it_any_more(
    house: House, ada: Member, shelf: Shelf
) -> None:
    with house.store.writing() as tx:
        tx.grants.drop(ada.id, "memory")
    joining.leave(house, ada)
    with house.store.reading() as tx:
        assert tx.draft_calendars.all() == []
