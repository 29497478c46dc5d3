"""What a hand made of a posted record, by what its tool shows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from core.model import Activity, Draft, Entry, Suggestion
from core.posting import Posting, PostingState, Remote
from core.standing import Altered, altered, as_it_stands

BERLIN = ZoneInfo("Europe/Berlin")
TEN = datetime(2026, 11, 19, 10, tzinfo=BERLIN)
LATE = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)
THURSDAY, FRIDAY = date(2026, 11, 19), date(2026, 11, 20)


def posting(state: PostingState = "posted", seen: bool = True) -> Posting:
    entry = Entry(id="e-1", day=THURSDAY, start=TEN, minutes=45, target="jira:WEB-1")
    remote = Remote(id="7", task="WEB-1") if state == "posted" else None
    return Posting(
        id="p-1", contributor="ada", entry=entry, state=state, hold_until=TEN, not_before=TEN,
        remote=remote, stands=entry if remote else None, seen=seen,
    )  # fmt: skip


def record(minutes: int = 45, start: datetime = TEN) -> Activity:
    return Activity(source="jira", uid="logged/7", kind="logged", start=start, minutes=minutes)


@pytest.mark.parametrize(
    ("one", "shown", "found"),
    [
        (posting(), record(), None),
        (posting(), record(60), Altered(minutes=60, day=THURSDAY)),
        (posting(), record(0), Altered(minutes=0, day=THURSDAY)),
        (posting(), record(start=TEN.replace(hour=14)), None),
        (posting(), record(start=TEN.replace(day=20)), Altered(minutes=45, day=FRIDAY)),
        (posting(), record(start=LATE), Altered(minutes=45, day=FRIDAY)),
        (posting(), None, Altered(minutes=0, day=None)),
        (posting(seen=False), None, None),
        (posting(seen=False), record(60), None),
        (posting("sending"), None, None),
        (posting("refused"), record(60), None),
    ],
    ids=[
        "as confirmed", "longer", "nothing left", "another hour", "another day", "another day here",
        "gone", "not shown yet", "as it was before it was amended", "on its way", "never arrived",
    ],
)  # fmt: skip
def test_I6_what_a_hand_made_of_a_record(one: Posting, shown: Activity | None, found: Altered | None) -> None:
    assert altered(one, shown, BERLIN) == found


def test_what_was_moved_away_counts_on_the_day_it_lies_on() -> None:
    moved = Altered(minutes=60, day=FRIDAY)
    assert (moved.on(THURSDAY), moved.on(FRIDAY)) == (0, 60)


def test_sums_follow_what_stands_and_only_for_what_was_confirmed() -> None:
    said = Suggestion(key="a", day=THURSDAY, minutes=45, project="acme", attributed={"acme": 30, "beta": 15})
    confirmed = Draft(suggestion=said, seen=said, decision="confirmed")
    (counted,) = as_it_stands([confirmed], {"a": 90})
    assert (counted.suggestion.minutes, counted.suggestion.attributed) == (90, {"acme": 60, "beta": 30})
    assert as_it_stands([confirmed], {}) == [confirmed]
    edited = confirmed.model_copy(update={"decision": "edited"})
    assert as_it_stands([edited], {"a": 90}) == [edited]
