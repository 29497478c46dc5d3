"""A loop killed at any write, fsync or send goes on to the same end as one that nobody kills (P8, P10)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.kill_sweep import plants
from tests.kill_sweep.calls import Call, why_not
from tests.kill_sweep.lives import harm, lived, undisturbed
from tests.kill_sweep.loop import Plant
from tests.kill_sweep.sweep import of_every_kind, said, twice

PARTS = 20
"""Of the sweep, so that several workers share it."""


@pytest.fixture(autouse=True)
def _can_be_killed() -> None:
    if reason := why_not():
        pytest.skip(reason)


@pytest.mark.parametrize("part", range(PARTS))
def test_P8_P10_killed_at_any_call_it_comes_to_the_same_end(part: int) -> None:
    """Each kind of write, fsync and send of each kind of work, from the first start to the last close."""
    kills = of_every_kind(undisturbed().calls)[part::PARTS]
    assert not [wrong for kill in kills if (wrong := said([kill]))]


@pytest.mark.parametrize("seed", range(6))
def test_P8_P10_killed_again_while_it_finds_out_it_comes_to_the_same_end(seed: int) -> None:
    assert not said(twice(seed))


def test_the_loop_that_is_killed_does_all_of_it() -> None:
    """What is not in the loop is not swept."""
    works = {call.work for call in undisturbed().calls}
    ours = {
        f"Ada {deed}"
        for deed in ("acknowledge", "connect jira", "confirm jira:WEB-1", "correct", "take back")
    }
    assert ours | {"opens", "Invite", "Find jira", "Pull jira", "Pull asana", "Reconcile"} <= works
    assert {"Digest", "Post", "Forget", "closes"} <= works
    sent = {call.on for call in undisturbed().calls if call.work == "Post" and call.name == "sendto"}
    assert {"POST", "PUT", "DELETE"} <= sent


def test_R02_a_request_is_killed_both_before_it_leaves_and_after() -> None:
    """At its body it never leaves, though its head did; at the next call it is there, and unknown here."""
    body, after = _with_next(undisturbed().calls, ("Post", "sendto", "{"))
    (unsent,), (sent,) = lived([body]).deaths, lived([after]).deaths
    assert sorted((sent - unsent).elements()) == ["WEB-2: 120 min of Ada, Thu 09:30"]


def test_E05_a_mail_is_killed_both_before_it_leaves_and_after() -> None:
    body, after = _with_next(undisturbed().calls, ("Digest", "sendto", "From:"))
    (unsent,), (sent,) = lived([body]).deaths, lived([after]).deaths
    assert len(list((sent - unsent).elements())) == 1


POSTED = ("Post", "sendto", "{")
MAILED = ("Digest", "sendto", "rcpt")


@dataclass
class Planted:
    """A mistake, where to die for it, and what is said then."""

    plant: Plant
    after: tuple[str, str, str]
    """The death comes after the first call of this kind."""
    harm: str


PLANTED = (
    Planted(plants.marking_after_posting, POSTED, "too much: 1 x WEB-2"),
    Planted(plants.posting_without_looking, POSTED, "too much: 1 x WEB-2"),
    Planted(plants.sending_uncounted, POSTED, "1 requests that write left, 0 were counted"),
    Planted(
        plants.counting_before_it_is_committed,
        ("Post", "rename", "daybook.db.sends.new"),
        "taken for an older copy: True",
    ),
    Planted(
        plants.confirming_in_two_steps,
        ("Ada confirm jira:WEB-2", "fdatasync", "daybook.db-wal"),
        "lost: 1 x posting to jira:WEB-2",
    ),
    Planted(
        plants.thanking_before_it_is_on_disk,
        ("thanked for: confirm jira:WEB-2", "pwrite64", "daybook.db-wal"),
        "ended with 1",
    ),
    Planted(plants.mailing_after_saying_so, MAILED, "lost: 1 x mail to"),
    Planted(plants.leaving_mails_to_the_dead, MAILED, "lost: 1 x mail to"),
)


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.plant.__name__)
def test_a_mistake_that_only_a_death_shows_is_found(planted: Planted) -> None:
    noted = lived(plant=planted.plant, noted=True)
    _, after = _with_next(noted.calls, planted.after)
    found = harm(lived([after], planted.plant), undisturbed())
    assert any(planted.harm in one for one in found), found


def _with_next(calls: tuple[Call, ...], kind: tuple[str, str, str]) -> tuple[Call, Call]:
    """The first call of a kind, and the one after it."""
    number = next(number for number, call in enumerate(calls) if call.kind == kind)
    return calls[number], calls[number + 1]
