"""The loop from evidence to posting, job by job, against a tool in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from pydantic import SecretStr

from config.schema import Before
from connectors.contract import Terms
from connectors.layers import PolicyFiltered
from core import rounds
from core.model import Activity
from core.policy import Lighter
from daybook import deeds, jobs, state
from daybook.house import House
from tests.daybook.conftest import BERLIN, TODAY, YESTERDAY, Clock, draft, drafted, member


def meeting(uid: str, begin: str, end: str, title: str = "ACME call", day: date = YESTERDAY) -> Activity:
    def at(clock: str) -> datetime:
        return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=BERLIN)

    return Activity(
        source="memory",
        uid=uid,
        kind="meeting",
        start=at(begin),
        end=at(end),
        title=title,
        response="accepted",
    )


@pytest.fixture
def connected(house: House, tool) -> House:
    """Every one of the cast connected their own account."""
    with house.store.writing() as tx:
        for name in ("Ada", "Ben", "Mara", "Otto"):
            who = member_of(house, tx, name)
            tool.tokens[f"token-{name}"] = f"{name.lower()}@tool"
            tx.grants.save(who, "memory", f"{name.lower()}@tool", SecretStr(f"token-{name}"), house.clock())
    return house


def member_of(house: House, tx, name: str) -> str:
    return tx.people.by_email(f"{name.lower()}@northwind.example").id


def do_all(house: House, *kinds: type) -> int:
    """Do what is due, of these kinds, until nothing is; gives how much that was."""
    done = 0
    while work := [
        w for w in rounds.due(state.snapshot(house, house.clock()), house.clock()) if isinstance(w, kinds)
    ]:
        for one in work:
            jobs.perform(house, one)
        done += len(work)
        assert done < 500, "never ends"
    return done


def drafts_of(house: House, name: str, day: date = YESTERDAY) -> dict[str, str]:
    with house.store.reading() as tx:
        return {
            held.draft.suggestion.text: held.draft.decision
            for held in tx.drafts.of(member_of(house, tx, name), day)
        }


LOOP = (rounds.Pull, rounds.Reconcile)


def test_a_meeting_becomes_a_draft_of_its_owner_alone(connected, tool):
    tool.put("ada@tool", meeting("e1", "10:00", "11:00"))
    do_all(connected, *LOOP)
    assert drafts_of(connected, "Ada") == {"ACME call": "open"}
    assert drafts_of(connected, "Ben") == {}


def test_P3_who_has_not_acknowledged_is_not_asked_about(connected, tool, clock: Clock):
    with connected.store.writing() as tx:
        for person in tx.people.all():
            tx.people.leave(person.id, clock())
    tool.put("ada@tool", meeting("e1", "10:00", "11:00"))
    assert do_all(connected, *LOOP) == 0
    assert tool.requests == 0


def test_P9_a_second_cycle_with_nothing_new_changes_nothing(connected, tool, clock: Clock):
    tool.put("ada@tool", meeting("e1", "10:00", "11:00"))
    do_all(connected, *LOOP)
    with connected.store.reading() as tx:
        before = [tx.everything_of(person.id)["drafts"] for person in tx.people.all()]
    clock.wait(hours=1)
    do_all(connected, *LOOP)
    with connected.store.reading() as tx:
        assert [tx.everything_of(person.id)["drafts"] for person in tx.people.all()] == before


def test_P2_a_confirmed_draft_outlives_its_meeting_and_says_so(connected, tool, clock: Clock, ada):
    origin = tool.put("ada@tool", meeting("e1", "10:00", "11:00"))
    do_all(connected, *LOOP)
    with connected.store.reading() as tx:
        (held,) = tx.drafts.of(ada.id, YESTERDAY)
    deeds.edit(connected, ada, held.draft.key, minutes=45)
    tool.drop(origin)
    clock.wait(hours=1)
    do_all(connected, *LOOP)
    with connected.store.reading() as tx:
        (held,) = tx.drafts.of(ada.id, YESTERDAY)
    assert (held.draft.suggestion.minutes, held.draft.noticed, held.draft.seen) == (45, False, None)


def test_P10_an_outage_is_put_off_and_made_good_later(connected, tool, clock: Clock):
    tool.put("ada@tool", meeting("e1", "10:00", "11:00"))
    tool.mishaps = ["unavailable"]
    do_all(connected, rounds.Pull)
    with connected.store.reading() as tx:
        (pull,) = tx.partitions.all()
    assert pull.failing_since is not None
    assert "next round" in (pull.reason or "")
    clock.wait(minutes=2)
    do_all(connected, *LOOP)
    assert drafts_of(connected, "Ada") == {"ACME call": "open"}
    with connected.store.reading() as tx:
        assert tx.partitions.all()[0].failing_since is None


def test_a_bookmark_that_is_too_old_costs_one_whole_walk_and_loses_nothing(connected, tool, clock: Clock):
    tool.put("ada@tool", meeting("e1", "10:00", "11:00"))
    do_all(connected, *LOOP)
    tool.forget()
    tool.put("ada@tool", meeting("e2", "14:00", "15:00", "Beta call"))
    clock.wait(hours=1)
    do_all(connected, *LOOP)
    assert set(drafts_of(connected, "Ada")) == {"ACME call", "Beta call"}


def test_P10_a_whole_walk_broken_off_in_the_middle_takes_nothing_away(connected, tool, clock: Clock):
    titles = {f"Call {n}" for n in range(7)}
    for n, title in enumerate(sorted(titles)):
        tool.put("ada@tool", meeting(f"e{n}", f"{10 + n}:00", f"{10 + n}:30", title))
    do_all(connected, *LOOP)
    tool.forget()
    tool.mishaps = ["", "", "unavailable"]  # two of three pages, then silence
    clock.wait(hours=1)
    do_all(connected, *LOOP)
    assert (tool.mishaps, set(drafts_of(connected, "Ada"))) == ([], titles)
    clock.wait(hours=1)
    do_all(connected, *LOOP)
    assert set(drafts_of(connected, "Ada")) == titles


def test_a_day_is_looked_at_again_once_it_is_over(connected, tool, clock: Clock):
    tool.put("ada@tool", meeting("e1", "10:00", "11:00", day=TODAY))
    do_all(connected, *LOOP)  # 08:30: still to come
    assert drafts_of(connected, "Ada", TODAY) == {}
    clock.wait(days=1)
    do_all(connected, rounds.Reconcile)
    assert drafts_of(connected, "Ada", TODAY) == {"ACME call": "open"}


def test_P4_who_moved_in_the_night_finds_a_meeting_on_one_day(connected, tool, clock: Clock):
    """Ada moved west: her 19th in Berlin ended when the 20th began in Lisbon."""
    tool.put("ada@tool", meeting("e1", "00:15", "00:45", day=TODAY))
    do_all(connected, *LOOP)
    assert drafts_of(connected, "Ada", TODAY) == {"ACME call": "open"}
    ada, *others = connected.configuration.people
    moved = ada.model_copy(
        update={
            "timezone": "Europe/Lisbon",
            "before": (Before(until=YESTERDAY, timezone="Europe/Berlin"),),
        }
    )
    people = {"people": (moved, *others)}
    house = replace(connected, configuration=connected.configuration.model_copy(update=people))
    assert [str(member(house, name).zone) for name in ("Ada", "Ben")] == ["Europe/Lisbon", "Europe/Berlin"]
    do_all(house, *LOOP)
    assert drafts_of(house, "Ada") == {"ACME call": "open"}
    assert drafts_of(house, "Ada", TODAY) == {}


# --- posting -----------------------------------------------------------------------------------------------


@pytest.fixture
def confirmed(connected, ada, clock: Clock) -> House:
    """Ada confirmed one draft, and the time to think again is over."""
    drafted(connected, ada, draft("k1", "10:00", 45))
    assert deeds.confirm(connected, ada, YESTERDAY).done == ("k1",)
    clock.wait(minutes=16)
    return connected


def posting_of(house: House, who):
    with house.store.reading() as tx:
        (filed,) = tx.postings.of(who.id, YESTERDAY)
    return filed.posting


def test_R01_a_confirmation_and_its_outbox_row_are_one_commit(connected, ada, monkeypatch):
    from daybook.store.postings import Postings

    drafted(connected, ada, draft("k1", "10:00", 45))
    monkeypatch.setattr(Postings, "add", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        deeds.confirm(connected, ada, YESTERDAY)
    assert drafts_of(connected, "Ada") == {"ACME call": "open"}


def test_S02_nothing_is_posted_while_it_is_held(connected, tool, ada, clock: Clock):
    drafted(connected, ada, draft("k1", "10:00", 45))
    deeds.confirm(connected, ada, YESTERDAY)
    clock.wait(minutes=14)
    do_all(connected, rounds.Post)
    assert tool.records == {}


def test_P8_a_confirmed_entry_reaches_its_target_once(confirmed, tool, ada):
    do_all(confirmed, rounds.Post)
    do_all(confirmed, rounds.Post)
    (record,) = tool.records.values()
    assert (record.author, record.task, record.minutes) == ("ada@tool", "WEB-12", 45)
    assert posting_of(confirmed, ada).state == "posted"


def test_P8_a_lost_answer_is_looked_for_and_never_sent_again(confirmed, tool, ada, clock: Clock):
    tool.mishaps = ["lost"]
    do_all(confirmed, rounds.Post)
    assert posting_of(confirmed, ada).state == "sending"
    for _ in range(5):
        clock.wait(minutes=3)
        tool.now += timedelta(minutes=3)
        do_all(confirmed, rounds.Post)
    assert posting_of(confirmed, ada).state == "posted"
    assert len(tool.records) == 1


def test_P8_a_job_that_two_workers_took_is_sent_once(confirmed, tool, ada, monkeypatch):
    from connectors.memory import Pen

    def meanwhile(self, entry):
        """Between reading the posting and committing the intent, another worker does it all."""
        monkeypatch.setattr(Pen, "baseline", lambda *_: "")
        do_all(confirmed, rounds.Post)
        return ""

    monkeypatch.setattr(Pen, "baseline", meanwhile)
    do_all(confirmed, rounds.Post)
    assert len(tool.records) == 1
    assert (posting_of(confirmed, ada).state, posting_of(confirmed, ada).attempt) == ("posted", 1)


def test_R02_the_intent_is_on_disk_before_the_call(confirmed, tool, ada, monkeypatch):
    from connectors.memory import Pen

    seen = []

    def die(self, key, entry):
        seen.append(posting_of(confirmed, ada).state)
        raise KeyboardInterrupt

    monkeypatch.setattr(Pen, "post", die)
    with pytest.raises(KeyboardInterrupt):
        do_all(confirmed, rounds.Post)
    assert seen == ["sending"]
    assert posting_of(confirmed, ada).state == "sending"


def test_R11_a_worker_that_stood_still_after_its_intent_sends_nothing(
    confirmed, tool, ada, clock: Clock, monkeypatch
):
    """Whoever looked meanwhile found nothing there, and may have sent it again."""
    from daybook.store.postings import Postings

    save = Postings.save

    def asleep(self, after, expected):
        saved = save(self, after, expected)
        if after.state == "sending":
            clock.wait(hours=1)
        return saved

    monkeypatch.setattr(Postings, "save", asleep)
    do_all(confirmed, rounds.Post)
    assert tool.records == {}
    monkeypatch.undo()
    for _ in range(5):
        clock.wait(minutes=3)
        tool.now = clock()
        do_all(confirmed, rounds.Post)
    assert len(tool.records) == 1
    assert posting_of(confirmed, ada).state == "posted"


def test_a_revoked_token_stops_its_owner_alone_and_reconnecting_goes_on(confirmed, tool, ada, clock: Clock):
    from daybook import joining

    del tool.tokens["token-Ada"]
    do_all(confirmed, rounds.Post)
    refused = posting_of(confirmed, ada)
    assert (refused.state, refused.whose) == ("refused", "account")
    tool.tokens["new"] = "ada@tool"
    assert joining.connect(confirmed, ada, "memory", SecretStr("new"))
    do_all(confirmed, rounds.Post)
    assert posting_of(confirmed, ada).state == "posted"
    assert len(tool.records) == 1


def test_who_is_not_connected_is_told_and_nothing_is_lost(connected, tool, ada, clock: Clock):
    drafted(connected, ada, draft("k1", "10:00", 45))
    deeds.confirm(connected, ada, YESTERDAY)
    with connected.store.writing() as tx:
        tx.grants.drop(ada.id, "memory")
    clock.wait(minutes=16)
    do_all(connected, rounds.Post)
    refused = posting_of(connected, ada)
    assert refused.state == "refused"
    assert "not connected" in refused.reason
    assert tool.records == {}


def test_our_own_records_come_back_as_evidence_and_are_not_counted_again(confirmed, tool, ada, clock: Clock):
    from connectors.contract import uid_of_record

    do_all(confirmed, rounds.Post)
    (number,) = tool.records
    start = datetime(2026, 11, 19, 10, tzinfo=BERLIN)
    logged = Activity(
        source="memory", uid=uid_of_record(number), kind="logged", start=start, minutes=45, task="WEB-12"
    )
    tool.put("ada@tool", logged)
    clock.wait(hours=1)
    do_all(confirmed, *LOOP)
    with confirmed.store.reading() as tx:
        sheet = tx.days.sheet(ada.id, YESTERDAY)
    assert '"logged":0' in (sheet or "")


def test_work_of_a_stranger_to_the_rollout_is_left_alone(house):
    with house.store.writing() as tx:
        stranger = tx.people.enrol("stranger@northwind.example", house.clock())
    jobs.reconsider(house, stranger.id, [YESTERDAY])
    assert member(house, "Ada")


# --- memory ------------------------------------------------------------------------------------------------


def test_what_ada_chose_for_a_series_leads_the_next_time_and_for_nobody_else(
    connected, tool, ada, clock: Clock
):
    def weekly(uid: str, day: date) -> Activity:
        return meeting(uid, "10:00", "11:00", "Weekly", day).model_copy(update={"series": "s1"})

    tool.put("ada@tool", weekly("e1", YESTERDAY))
    do_all(connected, *LOOP)
    with connected.store.reading() as tx:
        (held,) = tx.drafts.of(ada.id, YESTERDAY)
    deeds.edit(connected, ada, held.draft.key, project="internal", target="none")
    deeds.confirm(connected, ada, YESTERDAY)
    tool.put("ada@tool", weekly("e2", TODAY))
    tool.put("ben@tool", weekly("e3", TODAY))
    clock.wait(hours=8)
    do_all(connected, *LOOP)
    with connected.store.reading() as tx:
        ben = member_of(connected, tx, "Ben")
        (hers,), (his,) = tx.drafts.of(ada.id, TODAY), tx.drafts.of(ben, TODAY)
    assert (hers.draft.suggestion.project, his.draft.suggestion.project) == ("internal", None)


@pytest.fixture
def lighter(connected: House) -> House:
    """Ben is salaried, and by the policy no titles of salaried people are kept."""
    people = tuple(
        one.model_copy(update={"role": "salaried"}) if one.name.startswith("Ben") else one
        for one in connected.configuration.people
    )
    policy = connected.policy.model_copy(
        update={"roles": {"salaried": Lighter(tracked={"memory": ("time",)}, digest="weekly")}}
    )
    return replace(
        connected,
        configuration=connected.configuration.model_copy(update={"people": people, "policy": policy}),
        policy=policy,
        ledger=connected.standing,
    )


def held(house: House, name: str) -> list[str | None]:
    who = member(house, name)
    with house.store.reading() as tx:
        return [one.title for one in tx.evidence.of(who.id, YESTERDAY, TODAY)]


def test_P11_of_a_lighter_role_less_is_stored_and_what_was_stored_before_goes(
    connected: House, lighter: House, tool
) -> None:
    for name in ("ada", "ben"):
        tool.put(f"{name}@tool", meeting(f"call-{name}", "10:00", "10:30"))
    layered = {
        "memory": PolicyFiltered(connected.connectors["memory"], Terms(tracked=frozenset({"title", "time"})))
    }
    before, after = (replace(house, connectors=layered) for house in (connected, lighter))
    do_all(before, rounds.Find, rounds.Pull)
    assert (held(before, "Ada"), held(before, "Ben")) == (["ACME call"], ["ACME call"])
    with after.store.reading() as tx:
        places = list(state.partitions(after, tx))
    for place in places:
        jobs.pull(after, *place)
    assert (held(after, "Ada"), held(after, "Ben")) == (["ACME call"], [None])


def test_P08_a_role_is_mailed_on_the_first_working_day_of_a_week(lighter: House) -> None:
    now = lighter.clock()
    people = {one.contributor: one for one in state.snapshot(lighter, now).people}
    began = {name: people[member(lighter, name).id].week_began for name in ("Ada", "Ben")}
    assert began == {"Ada": None, "Ben": date(2026, 11, 16)}


# --- after it is posted ------------------------------------------------------------------------------------


def taken_back(house: House, ada) -> None:
    assert deeds.undo(house, ada, "k1").done


def amended(house: House, ada) -> None:
    assert deeds.correct(house, ada, "k1", minutes=30).done


def moved(house: House, ada) -> None:
    assert deeds.correct(house, ada, "k1", target="memory:WEB-13").done


CHANGES = {
    amended: [("WEB-12", 30)],
    moved: [("WEB-13", 45)],
    taken_back: [],
}


def drained(house: House, tool, clock: Clock) -> None:
    for _ in range(12):
        clock.wait(minutes=10)
        tool.now += timedelta(minutes=10)
        do_all(house, rounds.Post)


@pytest.mark.parametrize("mishap", ["", "unavailable", "lost"])
@pytest.mark.parametrize("change", CHANGES)
def test_P8_a_change_after_posting_comes_to_the_same_whatever_answer_is_lost(
    confirmed, tool, ada, clock: Clock, change, mishap
):
    do_all(confirmed, rounds.Post)
    change(confirmed, ada)
    clock.wait(minutes=16)
    tool.mishaps = [mishap, mishap]
    drained(confirmed, tool, clock)
    assert [(record.task, record.minutes) for record in tool.records.values()] == CHANGES[change]
    with confirmed.store.reading() as tx:
        assert tx.postings.waiting(clock()) == []


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("change", CHANGES)
def test_R02_the_intent_to_change_a_record_is_on_disk_before_the_call(
    confirmed, tool, ada, clock: Clock, monkeypatch, change, done: bool
):
    from connectors.memory import Pen

    do_all(confirmed, rounds.Post)
    change(confirmed, ada)
    clock.wait(minutes=16)
    name, seen = "amend" if change is amended else "withdraw", []
    real = getattr(Pen, name)

    def die(self, *what):
        seen.append(posting_of(confirmed, ada))
        if done:
            real(self, *what)
        raise KeyboardInterrupt

    monkeypatch.setattr(Pen, name, die)
    with pytest.raises(KeyboardInterrupt):
        do_all(confirmed, rounds.Post)
    ((before,), after) = seen, posting_of(confirmed, ada)
    assert (before.state, before.attempt, before.not_before > clock()) == ("sending", 2, True)
    assert after == before
    monkeypatch.setattr(Pen, name, real)
    drained(confirmed, tool, clock)
    assert [(record.task, record.minutes) for record in tool.records.values()] == CHANGES[change]


@pytest.mark.parametrize("change", CHANGES)
def test_I6_a_record_a_hand_changed_is_left_whatever_becomes_of_its_entry(
    confirmed, tool, ada, clock: Clock, change
):
    do_all(confirmed, rounds.Post)
    (number,) = tool.records
    tool.records[number] = replace(tool.records[number], text="Hers", version=2)
    theirs = dict(tool.records)
    change(confirmed, ada)
    drained(confirmed, tool, clock)
    assert tool.records == theirs
    refused = posting_of(confirmed, ada)
    assert (refused.state, refused.whose, bool(refused.reason)) == ("refused", "entry", True)
    assert deeds.keep(confirmed, ada, "k1").done
    drained(confirmed, tool, clock)
    assert (tool.records, posting_of(confirmed, ada).state) == (theirs, "posted")


def test_P8_a_correction_of_a_correction_while_it_is_held_is_sent_once_and_as_the_last(
    confirmed, tool, ada, clock: Clock
):
    do_all(confirmed, rounds.Post)
    for minutes in (30, 50, 20):
        assert deeds.correct(confirmed, ada, "k1", minutes=minutes).done
    drained(confirmed, tool, clock)
    ((record,), posted) = tool.records.values(), posting_of(confirmed, ada)
    assert (record.minutes, record.version, record.key) == (20, 2, posted.key)
    assert (posted.entry.revision, posted.attempt) == (4, 2)


def test_nothing_is_corrected_or_taken_back_while_it_is_being_sent(confirmed, tool, ada, clock: Clock):
    tool.mishaps = ["lost"]
    do_all(confirmed, rounds.Post)
    for change in (
        deeds.correct(confirmed, ada, "k1", minutes=30),
        deeds.undo(confirmed, ada, "k1"),
    ):
        ((_, why),) = change.left
        assert why == "It is being posted right now. Try again in a few minutes."
    assert drafts_of(confirmed, "Ada") == {"ACME call": "confirmed"}
