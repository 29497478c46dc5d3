"""Evidence is replaced object by object, marks the days it touches, and is hard to lose by mistake."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from connectors.contract import Sighting, Window
from core.model import Activity
from daybook.store import Store, schema
from daybook.store.people import Contributor
from tests.core.says import says
from tests.daybook.store.conftest import NOW, TODAY, agreed, apply, meeting, presence, seen, zones

NOVEMBER = Window(start=NOW - timedelta(days=19), end=NOW + timedelta(days=1))


def of(store: Store, who: Contributor, first: date = TODAY, last: date = TODAY) -> list[str]:
    with store.reading() as tx:
        return [activity.uid for activity in tx.evidence.of(who.id, first, last)]


def touch(uid: str, at: datetime) -> Activity:
    return Activity(source="jira", uid=uid, kind="touch", start=at, task="WEB-1")


def rows(store: Store) -> int:
    with store.reading() as tx:
        return int(tx.connection.execute(select(func.count()).select_from(schema.evidence)).scalar_one())


def keep_only(store: Store, origins: list[str], *people: Contributor):  # type: ignore[no-untyped-def]
    with store.writing() as tx:
        return tx.evidence.keep_only("calendar", zones(*people), NOVEMBER, origins, NOW)


def test_what_a_tool_says_comes_back_as_it_was(store: Store, ada: Contributor) -> None:
    said = Activity(
        source="jira",
        uid="w-1",
        kind="logged",
        start=NOW,
        minutes=45,
        task="WEB-1",
        labels=("support",),
        updated=NOW,
    )
    apply(store, [seen("w-1", (ada, said))], ada)
    with store.reading() as tx:
        assert tx.evidence.of(ada.id, TODAY, TODAY) == [said]
        assert tx.evidence.tally() == {"jira": {"logged": 1}}


@says("Content has a fingerprint, so that an unchanged activity is recognised without comparing fields")
def test_P9_the_same_answer_again_writes_no_row(
    store: Store, ada: Contributor, written: Callable[[], int]
) -> None:
    answer = [seen(f"e{n}", (ada, meeting(f"m{n}"))) for n in range(20)]
    assert apply(store, answer, ada) == {(ada.id, TODAY)}
    before = written()
    assert apply(store, answer, ada) == set()
    assert written() == before


def test_a_moved_meeting_changes_the_day_it_left_and_the_day_it_came_to(
    store: Store, ada: Contributor
) -> None:
    apply(store, [seen("e", (ada, meeting("m")))], ada)
    tomorrow = TODAY + timedelta(days=1)
    moved = apply(store, [seen("e", (ada, meeting("m", NOW + timedelta(days=1))))], ada)
    assert moved == {(ada.id, TODAY), (ada.id, tomorrow)}
    assert (of(store, ada), of(store, ada, tomorrow, tomorrow)) == ([], ["m"])


def test_an_object_that_is_gone_takes_its_activities_along(
    store: Store, ada: Contributor, ben: Contributor
) -> None:
    """Ada declined; the event still stands in Ben's calendar, which is another partition."""
    apply(store, [seen("e", (ada, meeting("m")))], ada)
    apply(store, [seen("e", (ben, meeting("m")))], ben)
    assert apply(store, [Sighting(origin="e")], ada) == {(ada.id, TODAY)}
    assert (of(store, ada), of(store, ben)) == ([], ["m"])


def test_an_object_told_of_twice_in_a_page_is_what_was_said_last(store: Store, ada: Contributor) -> None:
    apply(store, [seen("e", (ada, meeting("old"))), seen("e", (ada, meeting("new")))], ada)
    assert of(store, ada) == ["new"]


def test_days_are_the_contributors_own(store: Store, ada: Contributor) -> None:
    """23:30 UTC is half past midnight in Berlin."""
    late = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)
    assert apply(store, [seen("e", (ada, meeting("m", late)))], ada) == {(ada.id, TODAY)}


def test_a_meeting_that_ends_at_midnight_leaves_the_next_day_alone(store: Store, ada: Contributor) -> None:
    evening = datetime(2026, 11, 19, 22, 0, tzinfo=UTC)
    assert apply(store, [seen("e", (ada, meeting("m", evening, 60)))], ada) == {(ada.id, date(2026, 11, 19))}


def test_a_presence_is_found_on_every_day_it_lasts(store: Store, ada: Contributor) -> None:
    begun = NOW - timedelta(days=3)
    changed = apply(store, [seen("i", (ada, presence("p", begun, None)))], ada)
    assert changed == {(ada.id, TODAY - timedelta(days=n)) for n in range(4)}
    later = TODAY + timedelta(days=30)
    assert of(store, ada) == of(store, ada, later, later) == ["p"]
    apply(store, [seen("i", (ada, presence("p", begun, NOW - timedelta(days=1))))], ada)
    assert of(store, ada) == []
    assert of(store, ada, TODAY - timedelta(days=2), TODAY - timedelta(days=2)) == ["p"]


def test_a_day_comes_with_the_history_of_its_tasks_and_nobodys_old_meetings(
    store: Store, ada: Contributor
) -> None:
    ago = timedelta(days=10)
    said = [
        meeting("long ago", NOW - ago),
        presence("finished", NOW - ago, NOW - ago + timedelta(hours=1)),
        presence("before", NOW - 3 * ago, NOW - 3 * ago + timedelta(hours=1)),
        meeting("today"),
    ]
    apply(store, [seen(one.uid, (ada, one)) for one in said], ada)
    with store.reading() as tx:
        known = tx.evidence.known(ada.id, TODAY, TODAY, TODAY - 2 * ago, TODAY - 2 * ago)
        wider = tx.evidence.known(ada.id, TODAY - 3 * ago, TODAY, TODAY - 5 * ago, TODAY - 5 * ago)
    found = known.of(TODAY, TODAY, tasks_since=TODAY - 2 * ago)
    assert [one.uid for one in found] == ["finished", "today"]
    assert wider.of(TODAY, TODAY, tasks_since=TODAY - 2 * ago) == found, "of several days each gets its own"


def test_of_old_signs_one_row_is_opened_for_each_issue_project(store: Store, ada: Contributor) -> None:
    """However many weeks of them there are; which projects there are is known all the same."""
    keys = ("WEB-1", "WEB-2", "OPS-1", "WEB-3", "OPS-2")
    said = [
        touch(f"{key} {ago}", NOW - timedelta(days=ago)).model_copy(
            update={"task": key, "container": key[:3]}
        )
        for ago, key in enumerate(keys * 8)
    ]
    apply(store, [seen(one.uid, (ada, one)) for one in said], ada)
    near, old = TODAY - timedelta(days=2), TODAY - timedelta(days=30)
    with store.reading() as tx:
        known = tx.evidence.known(ada.id, TODAY, TODAY, tasks_since=near, projects_since=old)
    assert len(known.of(TODAY, TODAY, tasks_since=old)) == 3 + 2
    assert known.projects(TODAY, TODAY, tasks_since=old) == {"WEB", "OPS"}


def test_changes_of_a_task_that_touch_the_same_days_share_a_row(store: Store, ada: Contributor) -> None:
    hour = timedelta(hours=1)
    said = [touch("a", NOW), touch("b", NOW + hour), presence("p", NOW, NOW + hour), meeting("m")]
    yesterday = touch("y", NOW - timedelta(days=1))
    apply(store, [seen("i", *((ada, one) for one in (*said, yesterday)))], ada)
    assert rows(store) == 3
    assert of(store, ada) == ["m", "a", "p", "b"]
    assert of(store, ada, TODAY - timedelta(days=1), TODAY) == ["y", "m", "a", "p", "b"]
    with store.reading() as tx:
        assert tx.evidence.tally() == {
            "google_calendar": {"meeting": 1},
            "jira": {"presence": 1, "touch": 3},
        }


def test_P9_the_changes_of_a_task_in_another_order_say_the_same(
    store: Store, ada: Contributor, written: Callable[[], int]
) -> None:
    said = [(ada, touch(uid, NOW)) for uid in "abc"]
    apply(store, [seen("i", *said)], ada)
    before = written()
    assert apply(store, [seen("i", *reversed(said))], ada) == set()
    assert written() == before


def test_another_change_of_a_task_marks_its_own_day_alone(store: Store, ada: Contributor) -> None:
    begun, yesterday = NOW - timedelta(days=5), NOW - timedelta(days=1)
    said = [presence("p", begun, NOW), touch("a", yesterday), touch("b", NOW)]
    apply(store, [seen("i", *((ada, one) for one in said))], ada)
    more = touch("c", NOW + timedelta(hours=1))
    assert apply(store, [seen("i", *((ada, one) for one in (*said, more)))], ada) == {(ada.id, TODAY)}
    assert of(store, ada) == ["p", "b", "c"]
    assert apply(store, [seen("i", *((ada, one) for one in (*said[:1], *said[2:], more)))], ada) == {
        (ada.id, yesterday.date())
    }


def test_P7_forgetting_a_project_leaves_what_another_says_of_the_same_task(
    store: Store, ada: Contributor, written: Callable[[], int]
) -> None:
    hers, other = (
        touch(uid, NOW).model_copy(update={"container": container})
        for uid, container in (("a", "PRIVATE"), ("b", "WEB"))
    )
    apply(store, [seen("i", (ada, hers), (ada, other)), seen("j", (ada, hers))], ada)
    with store.writing() as tx:
        tx.evidence.drop("calendar", ada.id, ["PRIVATE"], zones(ada)[ada.id], NOW)
    assert of(store, ada) == ["b"]
    assert rows(store) == 1
    before = written()
    apply(store, [seen("i", (ada, other))], ada)
    assert written() == before, "what stayed is known as it is"


def test_P3_nothing_is_kept_of_who_did_not_agree_or_left_during_the_walk(
    store: Store, ada: Contributor
) -> None:
    with store.writing() as tx:
        mara = tx.people.enrol("mara@northwind.example", NOW)
        tx.people.leave(ada.id, NOW)
    changed = apply(store, [seen("e", (ada, meeting("m")), (mara, meeting("m")))], ada, mara)
    assert changed == set()
    assert (of(store, ada), of(store, mara)) == ([], [])


def test_evidence_of_somebody_nobody_asked_about_is_a_mistake(
    store: Store, ada: Contributor, ben: Contributor
) -> None:
    with pytest.raises(ValueError, match="not asked about"):
        apply(store, [seen("e", (ben, meeting("m")))], ada)
    assert of(store, ben) == []


def test_R10_a_whole_walk_removes_what_it_did_not_show(store: Store, ada: Contributor) -> None:
    apply(store, [seen(f"e{n}", (ada, meeting(f"m{n}"))) for n in range(10)], ada)
    swept = keep_only(store, [f"e{n}" for n in range(1, 10)], ada)
    assert (swept.held, swept.vanished, swept.guarded) == (10, 1, False)
    assert swept.days == {(ada.id, TODAY)}
    assert "m0" not in of(store, ada)


@pytest.mark.parametrize("shown", [0, 4])
def test_R10_an_empty_or_mostly_vanished_answer_changes_nothing(
    store: Store, ada: Contributor, written: Callable[[], int], shown: int
) -> None:
    apply(store, [seen(f"e{n}", (ada, meeting(f"m{n}"))) for n in range(10)], ada)
    before = written()
    swept = keep_only(store, [f"e{n}" for n in range(shown)], ada)
    assert (swept.held, swept.vanished, swept.guarded, swept.days) == (10, 10 - shown, True, frozenset())
    assert (len(of(store, ada)), written()) == (10, before)


def test_R10_a_day_with_few_meetings_may_empty(store: Store, ada: Contributor) -> None:
    apply(store, [seen(f"e{n}", (ada, meeting(f"m{n}"))) for n in range(4)], ada)
    assert keep_only(store, [], ada).guarded is False
    assert of(store, ada) == []


def test_R10_a_walk_says_nothing_of_what_lies_outside_its_window(
    store: Store, ada: Contributor, ben: Contributor
) -> None:
    early, late = NOVEMBER.start - timedelta(hours=1), NOVEMBER.end + timedelta(minutes=1)
    inside = NOVEMBER.end - timedelta(minutes=1)
    apply(
        store,
        [
            seen(name, (ada, meeting(name, at)))
            for name, at in (("early", early), ("late", late), ("inside", inside))
        ],
        ada,
    )
    apply(store, [seen("his", (ben, meeting("his")))], ben)
    assert keep_only(store, [], ada).vanished == 1
    assert of(store, ada, TODAY - timedelta(days=60), TODAY + timedelta(days=60)) == ["early", "late"]
    assert of(store, ben) == ["his"]


def test_R10_a_walk_says_nothing_of_a_change_after_its_window_on_the_same_day(
    store: Store, ada: Contributor
) -> None:
    minute = timedelta(minutes=1)
    said = [touch("inside", NOVEMBER.end - minute), touch("after", NOVEMBER.end + minute)]
    apply(store, [seen("i", *((ada, one) for one in said))], ada)
    swept = keep_only(store, [], ada)
    assert (swept.held, swept.vanished) == (1, 1)
    tomorrow = TODAY + timedelta(days=1)
    assert swept.days == {(ada.id, tomorrow)}
    assert of(store, ada, tomorrow, tomorrow) == ["after"]


def test_R10_changes_that_share_a_row_count_each(store: Store, ada: Contributor) -> None:
    apply(store, [seen("i", *((ada, touch(f"t{n}", NOW)) for n in range(10)))], ada)
    swept = keep_only(store, [], ada)
    assert (swept.held, swept.vanished, swept.guarded) == (10, 10, True)


def without(store: Store, origins: list[str], *people: Contributor):  # type: ignore[no-untyped-def]
    with store.writing() as tx:
        return tx.evidence.without("calendar", zones(*people), NOVEMBER, origins, NOW)


def test_R10_what_a_walk_shows_empty_is_gone_at_once(store: Store, ada: Contributor) -> None:
    apply(store, [seen(f"e{n}", (ada, meeting(f"m{n}"))) for n in range(10)], ada)
    swept = without(store, ["e0", "never had any"], ada)
    assert (swept.guarded, swept.days) == (False, {(ada.id, TODAY)})
    assert len(of(store, ada)) == 9


@pytest.mark.parametrize(("empty", "left"), [(4, 4), (5, 8)])
def test_R10_where_a_walk_shows_most_of_it_empty_nothing_is_removed(
    store: Store, ada: Contributor, ben: Contributor, empty: int, left: int
) -> None:
    apply(store, [seen(f"e{n}", (ada, meeting(f"m{n}"))) for n in range(8)], ada)
    apply(store, [seen(f"b{n}", (ben, meeting(f"m{n}"))) for n in range(8)], ben)
    swept = without(store, [f"e{n}" for n in range(empty)], ada)
    assert swept.guarded is (left == 8)
    assert (len(of(store, ada)), len(of(store, ben))) == (left, 8)


answers = st.lists(
    st.tuples(
        st.sampled_from("abcd"), st.lists(st.tuples(st.sampled_from("xyz"), st.integers(-3, 3)), max_size=3)
    ),
    max_size=6,
)


@pytest.mark.parametrize("made", [meeting, touch])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(answers, max_size=4), st.randoms(use_true_random=False))
def test_P9_the_store_says_what_was_said_last_of_each_object(  # type: ignore[no-untyped-def]
    store: Store, made: Callable[[str, datetime], Activity], rounds, random
) -> None:
    """Whatever the pages and their order, and cut wherever they like."""
    who = agreed(store, f"{uuid4()}@northwind.example")
    last: dict[str, dict[str, int]] = {}
    for answer in rounds:
        said = dict(answer)
        last |= {origin: dict(parts) for origin, parts in said.items()}
        page = [
            seen(
                origin,
                *(
                    (who, made(origin + part, NOW + timedelta(days=days)))
                    for part, days in dict(parts).items()
                ),
            )
            for origin, parts in said.items()
        ]
        random.shuffle(page)
        cut = random.randint(0, len(page))
        apply(store, page[:cut], who)
        apply(store, page[cut:], who)
    expected = {o + part: days for o, parts in last.items() for part, days in parts.items()}
    with store.reading() as tx:
        held = tx.evidence.of(who.id, TODAY - timedelta(days=9), TODAY + timedelta(days=9))
    assert {a.uid: (a.start - NOW).days for a in held} == expected
