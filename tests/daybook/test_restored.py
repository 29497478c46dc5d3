"""Yesterday's copy of the database, put back into today's world: nothing is posted twice, nothing is lost."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from errno import EIO
from pathlib import Path

import pytest

from connectors.memory import Memory, Record, Tool
from core import rounds
from core.posting import hold
from daybook import daemon, deeds, doubt, joining, restored
from daybook.believing import believe
from daybook.errors import Wrong
from daybook.filling import fill
from daybook.forget import forget_person
from daybook.house import House, Member
from daybook.store import Store, StoreRefused, Unit
from daybook.store.errors import StoreUnavailable
from daybook.store.sends import Sends
from daybook.store.withdrawals import KEPT, Withdrawals
from tests.daybook.conftest import KEY, YESTERDAY, Clock, draft, drafted, member, minted
from tests.daybook.test_jobs import connected, do_all, drained, posting_of

__all__ = ["connected"]

Deed = Callable[[House, Member], object]


@pytest.fixture
def at_work(connected: House, ada: Member, clock: Clock) -> House:
    """A daemon runs; one entry of Ada's is posted, and two drafts wait."""
    restored.begin(connected)
    drafted(connected, ada, draft("k1", "10:00", 45))
    assert deeds.confirm(connected, ada, YESTERDAY).done
    clock.wait(minutes=16)
    do_all(connected, rounds.Post)
    drafted(connected, ada, draft("k2", "11:00", 20, "Second"), draft("k3", "12:00", 10, "Third"))
    return connected


def copied(house: House, folder: Path) -> Path:
    """A backup by hand, as of now."""
    there = folder / "yesterday.db"
    with closing(sqlite3.connect(house.store.path)) as live, closing(sqlite3.connect(there)) as copy:
        live.backup(copy)
    return there


def put_back(house: House, copy: Path) -> House:
    """The daemon is stopped, the copy takes the place of the database, and a daemon starts on it."""
    again = exchanged(house, copy)
    restored.begin(again)
    return again


def exchanged(house: House, copy: Path) -> House:
    """The same, and no daemon started yet."""
    house.store.close()
    for left in ("-wal", "-shm"):
        house.store.path.with_name(house.store.path.name + left).unlink(missing_ok=True)
    shutil.copy(copy, house.store.path)
    return replace(house, store=Store.open(f"sqlite:///{house.store.path}", KEY))


def confirm(house: House, ada: Member, key: str = "k2") -> object:
    return deeds.confirm(house, ada, YESTERDAY, {key: 1}).done


def moved(house: House, ada: Member) -> object:
    return deeds.correct(house, ada, "k1", target="memory:WEB-13")


def shorter(house: House, ada: Member) -> object:
    return deeds.correct(house, ada, "k1", minutes=30)


def taken_back(house: House, ada: Member) -> object:
    return deeds.undo(house, ada, "k1")


def seen(tool: Tool) -> list[tuple[str, int, str]]:
    return sorted((one.task, one.minutes, one.text) for one in tool.records.values())


def corrected(house: House, ada: Member) -> object:
    return deeds.correct(house, ada, "k2", minutes=5)


def confirmed_anew(house: House, ada: Member) -> object:
    """After a while without."""
    assert deeds.undo(house, ada, "k2").done
    return deeds.confirm(house, ada, YESTERDAY, {"k2": 3}).done


@pytest.mark.parametrize("later", [corrected, confirmed_anew])
@pytest.mark.parametrize("before", [True, False], ids=["confirmed before", "confirmed after"])
def test_R09_what_was_sent_as_a_revision_that_is_forgotten_is_not_sent_as_an_earlier_one(
    at_work: House, ada: Member, tool: Tool, clock: Clock, tmp_path: Path, later: Deed, before: bool
) -> None:
    copy = copied(at_work, tmp_path)
    assert confirm(at_work, ada)
    copy = copied(at_work, tmp_path) if before else copy
    if later is corrected:
        drained(at_work, tool, clock)
    assert later(at_work, ada)
    drained(at_work, tool, clock)
    world = sorted(one.minutes for one in tool.records.values())
    assert len(world) == 2
    house = put_back(at_work, copy)
    if not before:
        assert confirm(house, ada)
    drained(house, tool, clock)
    assert sorted(one.minutes for one in tool.records.values()) == world


def often(house: House, ada: Member, tool: Tool, clock: Clock) -> None:
    for minutes in range(5, 17):
        assert deeds.correct(house, ada, "k2", minutes=minutes).done
        drained(house, tool, clock)


def elsewhere(house: House, ada: Member, tool: Tool, clock: Clock) -> None:
    assert deeds.correct(house, ada, "k2", target="memory:WEB-13", minutes=5).done
    drained(house, tool, clock)


@pytest.mark.parametrize("later", [often, elsewhere])
def test_R09_what_was_corrected_since_is_known_again_as_often_as_it_was_and_wherever_it_stands(
    at_work: House, ada: Member, tool: Tool, clock: Clock, tmp_path: Path, later: Callable[..., None]
) -> None:
    copy = copied(at_work, tmp_path)
    assert confirm(at_work, ada)
    drained(at_work, tool, clock)
    later(at_work, ada, tool, clock)
    world = dict(tool.records)
    house = put_back(at_work, copy)
    assert confirm(house, ada)
    drained(house, tool, clock)
    assert tool.records == world
    assert deeds.correct(house, ada, "k2", minutes=30).done
    drained(house, tool, clock)
    assert seen(tool) == [("WEB-12", 30, "Second"), ("WEB-12", 45, "ACME call")], "what was confirmed last"


def test_R09_what_was_moved_since_is_found_where_it_stands_now(
    at_work: House, ada: Member, tool: Tool, clock: Clock, tmp_path: Path
) -> None:
    copy = copied(at_work, tmp_path)
    assert moved(at_work, ada)
    drained(at_work, tool, clock)
    house = put_back(at_work, copy)
    drained(house, tool, clock)
    posting = posting_of(house, ada)
    assert posting.stands and posting.stands.target == "memory:WEB-13"
    assert shorter(house, ada)
    drained(house, tool, clock)
    assert seen(tool) == [(posting.entry.target.partition(":")[2], 30, "ACME call")]


def test_R09_where_no_mark_can_tell_what_it_became_its_contributor_is_asked(
    at_work: House, ada: Member, tool: Tool, clock: Clock, tmp_path: Path
) -> None:
    plain = replace(at_work, connectors={"memory": Memory(tool, marker=False)})
    copy = copied(plain, tmp_path)
    assert confirm(plain, ada)
    drained(plain, tool, clock)
    assert corrected(plain, ada)
    drained(plain, tool, clock)
    world = dict(tool.records)
    house = put_back(plain, copy)
    assert confirm(house, ada)
    drained(house, tool, clock)
    assert tool.records == world
    with house.store.reading() as tx:
        assert "unclear" in {one.posting.state for one in tx.postings.all_of(ada.id)}


@pytest.mark.parametrize("behind", [timedelta(days=400), timedelta(days=366 * 55)], ids=["a year", "1970"])
def test_R09_a_restore_by_a_clock_that_is_far_behind_doubts_today_too(
    at_work: House, ada: Member, tool: Tool, clock: Clock, tmp_path: Path, behind: timedelta
) -> None:
    copy = copied(at_work, tmp_path)
    assert confirm(at_work, ada)
    drained(at_work, tool, clock)
    world, now = dict(tool.records), clock.now
    clock.now = now - behind
    house = put_back(at_work, copy)
    clock.now = now
    assert confirm(house, ada)
    drained(house, tool, clock)
    assert tool.records == world


def test_R09_a_day_that_has_begun_where_its_contributor_lives_is_doubted_too(
    at_work: House, ada: Member, tool: Tool, clock: Clock, tmp_path: Path
) -> None:
    """Auckland is at work on the 23rd while it is the 22nd in UTC."""
    copy = copied(at_work, tmp_path)
    assert confirm(at_work, ada)
    drained(at_work, tool, clock)
    clock.now = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
    house = put_back(at_work, copy)
    known = posting_of(house, ada)
    days = [clock().date() + timedelta(days=n) for n in range(3)]
    with house.store.reading() as tx:
        new = [known.entry.model_copy(update={"id": f"e-{day}", "day": day}) for day in days]
        held = [hold(f"p-{one.day}", one, ada.id, clock(), timedelta(0)) for one in new]
        assert [restored.doubted(house, tx, one).in_doubt for one in held] == [True, True, False]


@pytest.mark.parametrize("deed", [confirm, shorter, moved, taken_back], ids=lambda one: one.__name__)
def test_R09_what_was_confirmed_before_the_copy_and_sent_after_it_is_not_done_twice(
    at_work: House, ada: Member, tool: Tool, clock: Clock, tmp_path: Path, deed: Deed
) -> None:
    assert deed(at_work, ada)
    copy = copied(at_work, tmp_path)
    drained(at_work, tool, clock)
    world = dict(tool.records)
    house = put_back(at_work, copy)
    drained(house, tool, clock)
    assert tool.records == world
    with house.store.reading() as tx:
        assert tx.postings.waiting(clock()) == []
        assert {one.posting.state for one in tx.postings.all_of(ada.id)} <= {"posted", "withdrawn"}


def test_R09_what_was_confirmed_and_sent_after_the_copy_is_known_again_when_it_is_confirmed_anew(
    at_work: House, ada: Member, tool: Tool, clock: Clock, tmp_path: Path
) -> None:
    copy = copied(at_work, tmp_path)
    confirm(at_work, ada)
    drained(at_work, tool, clock)
    world = dict(tool.records)
    house = put_back(at_work, copy)
    confirm(house, ada)
    drained(house, tool, clock)
    assert tool.records == world
    confirm(house, ada, "k3")
    drained(house, tool, clock)
    assert len(tool.records) == 3, "and what was never sent is sent"


def test_R09_what_cannot_be_looked_for_yet_is_not_sent(
    at_work: House, ada: Member, tool: Tool, clock: Clock, tmp_path: Path
) -> None:
    confirm(at_work, ada)
    copy = copied(at_work, tmp_path)
    clock.wait(minutes=20)
    do_all(at_work, rounds.Post)
    tool.records = {name: one for name, one in tool.records.items() if one.minutes != 20}
    house = put_back(at_work, copy)
    tool.mishaps = ["unavailable"] * 4
    do_all(house, rounds.Post)
    assert [one.minutes for one in tool.records.values()] == [45], "the tool could not be asked yet"
    drained(house, tool, clock)
    assert sorted(one.minutes for one in tool.records.values()) == [20, 45]


def test_R09_I6_what_a_hand_did_after_the_copy_stays(
    at_work: House, ada: Member, tool: Tool, clock: Clock, tmp_path: Path
) -> None:
    shorter(at_work, ada)
    copy = copied(at_work, tmp_path)
    drained(at_work, tool, clock)
    (number,) = tool.records
    tool.records[number] = replace(tool.records[number], text="Hers", version=7)
    world: dict[str, Record] = dict(tool.records)
    house = put_back(at_work, copy)
    drained(house, tool, clock)
    assert tool.records == world
    assert posting_of(house, ada).state == "refused"


def test_R09_a_daemon_that_merely_starts_again_compares_nothing(
    at_work: House, ada: Member, tool: Tool, clock: Clock, tmp_path: Path
) -> None:
    confirm(at_work, ada)
    drained(at_work, tool, clock)
    asked = tool.requests
    house = put_back(at_work, copied(at_work, tmp_path))
    drained(house, tool, clock)
    assert tool.requests == asked
    with house.store.reading() as tx:
        assert tx.restored_at() is None


def test_R09_the_number_beside_the_database_is_on_the_disk_before_anything_is_sent(
    at_work: House, ada: Member, tool: Tool, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from daybook.store.errors import StoreUnavailable

    confirm(at_work, ada)
    clock.wait(minutes=16)

    def full(*_: object) -> None:
        raise StoreUnavailable("No space left on device.")

    monkeypatch.setattr(Sends, "note", full)
    with pytest.raises(StoreUnavailable):
        do_all(at_work, rounds.Post)
    assert len(tool.records) == 1
    monkeypatch.undo()
    drained(at_work, tool, clock)
    assert len(tool.records) == 2


def test_R09_a_number_nobody_can_read_starts_nothing(at_work: House) -> None:
    at_work.store.path.with_name(at_work.store.path.name + ".sends").write_text("many\n")
    with pytest.raises(StoreRefused, match=r"is no number.*Nothing was sent"):
        restored.begin(at_work)


@pytest.mark.parametrize("of", [lambda store: store.sends.told(), lambda store: store.withdrawals.since(0)])
def test_P10_a_disk_that_does_not_read_it_is_waited_for(
    at_work: House, monkeypatch: pytest.MonkeyPatch, of: Callable[[Store], object]
) -> None:
    """To remove it, as we advised then, would have made the latest database one that is older."""

    def fails(*_: object) -> str:
        raise OSError(EIO, "Input/output error")

    monkeypatch.setattr(Path, "read_text", fails)
    with pytest.raises(StoreUnavailable, match=r"cannot be read \(Input/output error\).*Look at the disk"):
        of(at_work.store)


def test_R09_it_is_compared_once_and_not_after_every_start(
    at_work: House, ada: Member, tool: Tool, clock: Clock, tmp_path: Path
) -> None:
    copy = copied(at_work, tmp_path)
    confirm(at_work, ada)
    drained(at_work, tool, clock)
    house = put_back(at_work, copy)
    drained(house, tool, clock)
    asked = tool.requests
    restored.begin(house)
    clock.wait(hours=1)
    tool.now += timedelta(hours=1)
    do_all(house, rounds.Post)
    assert tool.requests == asked


# --- what was taken back since the copy was made ------------------------------------------------------------


def is_there(house: House, who: Member) -> bool:
    with house.store.reading() as tx:
        return tx.people.get(who.id) is not None


@pytest.mark.parametrize("noted", [True, False], ids=["with its number", "without"])
def test_R09_a_store_that_came_without_its_number_starts_by_looking(
    at_work: House, ada: Member, tool: Tool, clock: Clock, tmp_path: Path, noted: bool
) -> None:
    """On a new machine nobody knows what was sent since."""
    confirm(at_work, ada)
    drained(at_work, tool, clock)
    copy = copied(at_work, tmp_path)
    if not noted:
        at_work.store.path.with_name(at_work.store.path.name + ".sends").unlink()
    house = put_back(at_work, copy)
    with house.store.reading() as tx:
        assert (tx.restored_at() is None) == noted
    assert restored.begin(house).older is False, "once, and no more"


def test_P7_I12_who_was_erased_after_the_copy_was_made_is_not_there_after_it_is_put_back(
    at_work: House, ada: Member, ben: Member, tmp_path: Path
) -> None:
    copy = copied(at_work, tmp_path)
    joining.erase(at_work, ada)
    house = put_back(at_work, copy)
    assert not is_there(house, ada) and is_there(house, ben)
    with house.store.reading() as tx:
        assert tx.people.is_gone("ada@northwind.example"), "nor is she invited again"


def test_P3_who_left_after_the_copy_was_made_is_not_read_after_it_is_put_back(
    at_work: House, ada: Member, ben: Member, tmp_path: Path
) -> None:
    copy = copied(at_work, tmp_path)
    joining.leave(at_work, ada)
    joining.disconnect(at_work, ben, "memory")
    for ended in (joining.digest, joining.reminded, joining.looks_back):
        ended(at_work, ben, on=False)
    house = put_back(at_work, copy)
    assert not member(house, "Ada").consent
    with house.store.reading() as tx:
        assert tx.drafts.of(ada.id, YESTERDAY) == []
        assert [tx.grants.get(who.id, "memory") for who in (ada, ben)] == [None, None]
        bens = tx.people.get(ben.id)
        assert bens is not None and not (bens.digest_on or bens.reminder_on or bens.look_back_on)


def test_P7_what_was_taken_back_is_on_the_disk_before_it_counts(
    at_work: House, ada: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the two, the next start does what she asked for."""

    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as here:
        here.setattr(Unit, "knows_withdrawals", killed)
        with pytest.raises(Killed):
            joining.erase(at_work, ada)
    assert is_there(at_work, ada)
    restored.begin(at_work)
    assert not is_there(at_work, ada)


def test_P3_R09_whatever_is_told_by_hand_first_compares_an_older_copy_as_well(
    at_work: House, ada: Member, tmp_path: Path
) -> None:
    """Whatever runs on it first must not let it pass for the latest."""
    copy = copied(at_work, tmp_path)
    joining.leave(at_work, ada)
    again = exchanged(at_work, copy)
    with pytest.raises(Wrong, match="is older than"):
        fill(again, YESTERDAY)
    with pytest.raises(Wrong, match="is older than"):
        believe(again, "memory", None, yes=True)
    list(forget_person(again, "ben@northwind.example"))
    with again.store.reading() as tx:
        there = tx.people.get(ada.id)
        assert there and there.left_at


def test_P3_a_rollout_that_stopped_after_the_copy_was_made_stays_stopped(
    at_work: House, clock: Clock, tmp_path: Path
) -> None:
    with at_work.store.writing() as tx:
        tx.rollout.add(clock(), "stage", "normal", "Everybody takes part.", "{}")
    copy = copied(at_work, tmp_path)
    with at_work.store.writing() as tx:
        tx.rollout.add(clock(), "stopped", "normal", "Too many left.", "{}")
        tx.takes_back("stopped", clock(), about="Too many left.")
    house = put_back(at_work, copy)
    with house.store.reading() as tx:
        stopped = tx.rollout.stopped()
        assert stopped is not None and stopped.said == "Too many left."


def test_P1_nobody_whom_somebody_let_look_may_look_after_a_copy_is_put_back(
    at_work: House, ada: Member, tmp_path: Path
) -> None:
    """Whether she ended it since, nobody knows."""
    minted(at_work, ada, "delegate")
    copy = copied(at_work, tmp_path)
    with at_work.store.writing() as tx:
        assert tx.links.held(ada.id, at_work.clock())
        tx.next_send()
    at_work.store.sends.note(2)
    house = put_back(at_work, copy)
    with house.store.reading() as tx:
        assert tx.links.held(ada.id, house.clock()) == []


def test_P3_lines_that_are_missing_are_said(at_work: House, ada: Member, ben: Member, tmp_path: Path) -> None:
    joining.digest(at_work, ben, on=False)
    copy = copied(at_work, tmp_path)
    at_work.store.withdrawals.path.unlink()
    house = put_back(at_work, copy)
    with house.store.reading() as tx:
        assert tx.restored_at() is not None
    joining.leave(house, ada)
    (line, *_) = house.store.withdrawals.since(1)
    assert line.serial == 2, "they go on where the database is"


def test_R09_a_machine_that_is_new_beside_a_server_is_no_older_copy(
    at_work: House, ada: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no file beside it; the server itself tells whether it was put back."""
    joining.digest(at_work, ada, on=False)
    monkeypatch.setattr(at_work.store, "path", None)
    monkeypatch.setattr(at_work.store, "sends", Sends(None))
    monkeypatch.setattr(at_work.store, "withdrawals", Withdrawals(None))
    assert restored.begin(at_work) == (False, 0, None)
    with at_work.store.writing() as tx:
        tx.put_back()
    assert restored.begin(at_work) == (True, 0, None), "nobody knows what was taken back since"


def test_P7_what_is_kept_beside_the_database_names_nobody(at_work: House, ada: Member, ben: Member) -> None:
    joining.leave(at_work, ada)
    joining.erase(at_work, ben)
    file = at_work.store.withdrawals.path
    assert file.stat().st_mode & 0o777 == 0o600
    said = file.read_text()
    assert not any(word in said for who in (ada, ben) for word in (who.id, who.person.email))


def test_P7_lines_are_kept_as_long_as_there_may_be_a_copy_from_before(
    at_work: House, ada: Member, ben: Member, clock: Clock
) -> None:
    joining.digest(at_work, ada, on=False)
    clock.wait(days=KEPT.days + 1)
    do_all(at_work, rounds.Tend)
    joining.digest(at_work, ben, on=False)
    assert len(at_work.store.withdrawals.path.read_text().splitlines()) == 1
    assert not at_work.store.withdrawals.is_whole(0), "an older copy is too old"
    assert restored.begin(at_work).older is False


def test_R13_a_line_that_a_wrong_clock_dated_drives_no_other_out(
    at_work: House, ada: Member, ben: Member, clock: Clock
) -> None:
    """The page is open while the clock is doubted, and Ben left in 2036: what Ada took back was forgotten."""
    do_all(at_work, rounds.Tend)
    joining.digest(at_work, ada, on=False)
    real, clock.now = clock.now, clock.now.replace(year=2036)
    assert not doubt.believed(at_work)
    for _ in range(2):
        joining.digest(at_work, ben, on=False)
    clock.now = real
    assert len(at_work.store.withdrawals.path.read_text().splitlines()) == 3
    assert at_work.store.withdrawals.is_whole(0), "an older copy hears of all of it"


def test_P7_a_file_nobody_can_read_starts_nothing(at_work: House) -> None:
    at_work.store.withdrawals.path.write_text("Ada left\n")
    with pytest.raises(StoreRefused, match=r"a line that Daybook did not write.*Nothing was done"):
        restored.begin(at_work)


@pytest.mark.parametrize("days", [0, 100], ids=["the clock is right", "the clock is doubted"])
def test_P7_who_was_erased_since_the_copy_is_gone_before_the_first_page_is_served(
    at_work: House, ada: Member, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """The page listened first, and while the clock was doubted it showed the days of who was erased."""
    at_work.store.forget(at_work.policy.retention.model_dump(), clock())
    copy = copied(at_work, tmp_path)
    joining.erase(at_work, ada)
    house = exchanged(at_work, copy)
    assert is_there(house, ada)
    clock.wait(days=days)
    seen: list[bool] = []

    @contextmanager
    def listening(house: House) -> Iterator[None]:
        seen.append(is_there(house, ada))
        house.stopping.set()
        yield

    monkeypatch.setattr(daemon, "listening", listening)
    assert daemon.serve(house)
    assert seen == [False]
