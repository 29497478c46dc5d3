"""The stage in force: the configuration wishes, the store remembers, and only what was reached goes on.

The YAML is the only word that changes a stage; there is no command beside it. So what holds can be
read and reviewed in one place, and who puts an old file back goes back in the rollout, never ahead.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import structlog

from config.load import Loaded, Unfit
from config.schema import Rollout
from core.exits import Measured, Terms, missing
from core.model import Verdict
from core.rollout import Stage, may_begin, may_follow
from daybook.house import House
from daybook.store.store import Store
from daybook.store.unit import Unit

log = structlog.get_logger()

A_DAY = timedelta(days=1)
"""So long contributors see a number before an administrator does."""
WISH = ("rollout", "stage")


class Decided(NamedTuple):
    """What becomes of the wish in the configuration."""

    stage: Stage
    """In force from now on."""
    verdict: Verdict
    """On the wish."""


def decided(tx: Unit, wished: Rollout, now: datetime) -> Decided | None:
    """Which stage is in force, and why; None where none ever was and this may not be the first."""
    last = tx.rollout.stage()
    if last is None:
        verdict = may_begin(wished.stage, wished.skip_pilot_because)
        return Decided(wished.stage, verdict) if verdict else None
    if wished.stage == last.stage:
        return Decided(last.stage, Verdict(allowed=True, reason=last.said))
    terms, measured = Terms.model_validate_json(last.terms), shown(tx, last.serial, now - A_DAY)
    verdict = may_follow(last.stage, wished.stage, missing(last.stage, terms.exit, measured))
    return Decided(wished.stage if verdict else last.stage, verdict)


def at_load(loaded: Loaded, store: Store, now: datetime, *, begun: bool) -> tuple[Stage, str]:
    """The stage in force, and where the configuration wishes what may not be.

    Takes    begun: for commands that only look: the stage as it is, whatever may follow it
    Raises   Unfit where nothing is in force yet and the wish may not be the first
    """
    wished = loaded.configuration.rollout
    with store.reading() as tx:
        last, found = tx.rollout.stage(), decided(tx, wished, now)
    if begun and last is not None:
        return last.stage, ""
    if found is None:
        problem = loaded.problem(WISH, may_begin(wished.stage).reason)
        raise Unfit(Path(problem.place.file), [problem])
    if found.verdict:
        return found.stage, ""
    place = loaded.problem(WISH, found.verdict.reason).place
    return found.stage, f"{place.file}:{place.line}  rollout.stage {found.verdict.reason}"


def begin(house: House) -> None:
    """Write down the stage in force where it is another than before; for who holds the store."""
    if house.refused:
        log.warning("rollout.refused", reason=house.refused)
    wished, now = house.configuration.rollout, house.clock()
    with house.store.writing() as tx:
        last = tx.rollout.stage()
        if last is not None and last.stage == house.stage:
            return
        found = decided(tx, wished, now)
        if found is None or found.stage != house.stage:
            return  # somebody else wrote meanwhile; the next start asks again
        terms = Terms(exit=wished.exit, stop=wished.stop)
        tx.rollout.add(now, "stage", house.stage, found.verdict.reason, terms.model_dump_json())


def shown(tx: Unit, step: int, before: datetime) -> Measured:
    """What a stage had come to by then, as it was looked at."""
    found = tx.rollout.looked(step, before)
    return Measured.model_validate_json(found) if found else Measured()
