"""Mistakes planted into the real program: the simulation must find each within a thousand seeds.

A simulation that finds nothing proves nothing unless it would have found something.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.contract import Unclear
from connectors.memory import Pen
from core import clock, rounds
from core import posting as machine
from core.posting import Look, Posting, Send
from daybook import deeds
from daybook.store import postings
from daybook.store.postings import Postings
from tests.simulation.ground import ground
from tests.simulation.run import tell

MOST = 1_000


def posting_without_looking(patch: pytest.MonkeyPatch) -> None:
    """After a lost answer it is sent again at once."""
    step = machine.next_step

    def hasty(one: Posting, now: datetime) -> Any:
        answer = step(one, now)
        return Send() if isinstance(answer, Look) else answer

    patch.setattr(machine, "next_step", hasty)


def not_renewing_not_before(patch: pytest.MonkeyPatch) -> None:
    """An attempt is committed, and the look may follow at once."""
    attempting = machine.attempting

    def hasty(one: Posting, now: datetime, patience: timedelta, baseline: str | None) -> Posting:
        return attempting(one, now, patience, baseline).model_copy(update={"not_before": one.not_before})

    patch.setattr(machine, "attempting", hasty)


def marking_after_posting(patch: pytest.MonkeyPatch) -> None:
    """The intent is not on disk when the request leaves."""
    save = Postings.save

    def forgetful(rows: Postings, after: Posting, expected: int) -> bool:
        return after.state == "sending" or save(rows, after, expected)

    patch.setattr(Postings, "save", forgetful)


def undoing_what_is_under_way(patch: pytest.MonkeyPatch) -> None:
    """A yes is taken back while its request may be anywhere."""
    undo = machine.undo

    def hasty(one: Posting, *rest: Any) -> Any:
        return undo(one.model_copy(update={"state": "held"} if one.state == "sending" else {}), *rest)

    patch.setattr(machine, "undo", hasty)


def two_in_one_lane(patch: pytest.MonkeyPatch) -> None:
    """While one is unknown, another of the same contributor goes to the same task."""
    patch.setattr(postings, "_INTENDED", postings._CHANGED)
    waiting = Postings.waiting

    def blind(*asked: Any) -> list[rounds.Waiting]:
        return [one.model_copy(update={"unknown": False}) for one in waiting(*asked)]

    patch.setattr(Postings, "waiting", blind)


def not_counting_attempts(patch: pytest.MonkeyPatch) -> None:
    """A second attempt looks like the first."""
    attempting = machine.attempting

    def forgetful(one: Posting, *rest: Any) -> Posting:
        return attempting(one, *rest).model_copy(update={"attempt": 1})

    patch.setattr(machine, "attempting", forgetful)


def confirming_what_nobody_read(patch: pytest.MonkeyPatch) -> None:
    """A yes to a page of yesterday confirms what stands there today."""
    reached = deeds.reached

    def careless(tx: Any, house: Any, who: Any, key: str, revision: int | None, deed: Any) -> Any:
        return reached(tx, house, who, key, None, deed)

    patch.setattr(deeds, "reached", careless)


def a_yes_without_its_outbox_row(patch: pytest.MonkeyPatch) -> None:
    """The entry is kept, and nobody ever posts it."""
    patch.setattr(Postings, "add", lambda *_: None)


def sending_again_in_the_client(patch: pytest.MonkeyPatch) -> None:
    """A connector that tries again by itself when the line breaks."""
    send = Pen.post

    def stubborn(pen: Pen, *asked: Any) -> Any:
        try:
            return send(pen, *asked)
        except Unclear:
            pen._tool.mishap = lambda: ""  # type: ignore[attr-defined]
            return send(pen, *asked)

    patch.setattr(Pen, "post", stubborn)


def overwriting_a_persons_change(patch: pytest.MonkeyPatch) -> None:
    """A correction goes over what somebody changed at the tool meanwhile."""
    patch.setattr(Pen, "_refuse_if_edited", staticmethod(lambda *_: None))


def waking_up_and_sending(patch: pytest.MonkeyPatch) -> None:
    """A worker stands still for an hour between the intent and the request, and then sends it."""
    patch.setattr(machine, "overslept", lambda *_: False)


def believing_a_clock_that_leapt(patch: pytest.MonkeyPatch) -> None:
    """The wall clock says that a record had its time to show up, and so it is looked for."""
    patch.setattr(clock, "too_soon", lambda *_: clock.Waits(looks=False, sends=False))


@dataclass
class Plant:
    """A mistake, and which invariants see it."""

    plant: Callable[[pytest.MonkeyPatch], None]
    seen_by: tuple[str, ...]


PLANTS = (
    Plant(posting_without_looking, ("I2", "R-02")),
    Plant(not_renewing_not_before, ("I2", "I3", "R-02")),
    Plant(marking_after_posting, ("I2", "R-02")),
    Plant(undoing_what_is_under_way, ("I1", "I2")),
    Plant(two_in_one_lane, ("R-04", "I2")),
    Plant(not_counting_attempts, ("R-02",)),
    Plant(confirming_what_nobody_read, ("I1",)),
    Plant(a_yes_without_its_outbox_row, ("I3",)),
    Plant(sending_again_in_the_client, ("I2",)),
    Plant(overwriting_a_persons_change, ("I6",)),
    Plant(waking_up_and_sending, ("I2", "R-02")),
    Plant(believing_a_clock_that_leapt, ("I2", "R-02")),
)


@pytest.mark.parametrize("planted", PLANTS, ids=lambda planted: planted.plant.__name__)
def test_a_planted_mistake_is_found(planted: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    ground()  # what came before is without the mistake
    planted.plant(monkeypatch)
    told = next((told for told in map(tell, range(MOST)) if told.broken), None)
    assert told is not None, "nobody noticed"
    assert told.broken.startswith(planted.seen_by), "\n".join((*told.story[-20:], told.broken))
