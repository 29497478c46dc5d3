"""Lines in any order, out in one; and a disk without room says so."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model import Activity, Parked
from core.sift import sift
from daybook import spool
from daybook.errors import Outside
from daybook.lines import Said
from daybook.spool import in_order

NOON = datetime(2026, 11, 19, 12, tzinfo=UTC)


def said(uid: str, hour: int = 0, offset: int = 0, updated: int | None = None, person: str = "ada") -> Said:
    start = (NOON + timedelta(hours=hour)).astimezone(timezone(timedelta(hours=offset)))
    changed = NOON + timedelta(minutes=updated) if updated is not None else None
    touch = Activity(source="jira", uid=uid, kind="touch", task="WEB-1", start=start, updated=changed)
    return Said(person, (NOON + timedelta(hours=hour)).date(), touch)


lines = st.lists(
    st.builds(
        said,
        uid=st.sampled_from("abc"),
        hour=st.integers(0, 40),
        offset=st.integers(-2, 2),
        updated=st.sampled_from([None, 1, 2]),
        person=st.sampled_from(["ada", "ben"]),
    ),
    max_size=12,
)


@given(lines, st.randoms())
@settings(max_examples=60)
def test_P9_the_order_in_which_lines_come_changes_nothing(found, chance):
    first = list(in_order(found))
    chance.shuffle(found)
    assert list(in_order(found)) == first


@given(lines)
@settings(max_examples=60)
def test_of_what_is_said_twice_the_same_stands_as_in_the_store(found):
    ordered = list(in_order(found))
    for person in ("ada", "ben"):
        theirs = [one.what for one in found if one.person == person and isinstance(one.what, Activity)]
        standing, parked = sift(theirs)
        out = [one.what for one in ordered if one.person == person]
        assert sorted((one for one in out if isinstance(one, Activity)), key=lambda a: a.uid) == sorted(
            standing, key=lambda a: a.uid
        )
        assert sorted(one.uid or "" for one in out if isinstance(one, Parked)) == [one.uid for one in parked]


def test_what_contradicts_is_parked_on_the_day_of_what_stands():
    (stands, parked) = in_order([said("a", hour=30, updated=2), said("a", updated=1)])
    assert (stands.day, parked.day) == (date(2026, 11, 20), date(2026, 11, 20))


def test_a_disk_without_room_is_told_and_no_traceback(monkeypatch):
    monkeypatch.setattr(spool, "TABLE", spool.TABLE + "; PRAGMA max_page_count = 3;")
    many = (said(f"{number:0200}") for number in range(1_000))
    with pytest.raises(Outside, match=r"temporary file could not be written .* Nothing was saved"):
        list(in_order(many))
