"""The commands of docs/rollout.md run on a made-up month, so that the document prints what they print.

The studio of docs/examples/pilot.yaml is given its people's words and counts day by day; the clock is ours.
"""

from __future__ import annotations

import base64
import shlex
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import time_machine
from click.testing import CliRunner

if TYPE_CHECKING:
    from daybook.house import House
    from daybook.store.rollout import Step

PILOT = Path("docs/examples/pilot.yaml")
SECRETS = {
    "google-key": "{}",
    "jira-token": "none",
    "master-key": base64.b64encode(bytes(range(32))).decode(),
}
A_WEEK = {
    "days": 25, "answered": 24, "on_page": 20, "decided": 130, "untouched": 118, "uneven": 40, "made_even": 6,
    "seconds:45": 18, "seconds:90": 6, "late:1": 20, "late:2": 4,
}  # fmt: skip
"""What five people's days of a week come to."""
TIRED = A_WEEK | {"answered": 19, "on_page": 16, "untouched": 98, "seconds:45": 8, "seconds:90": 11}
SENTENCES = (
    "The stand-up is booked on ACME every day, but it is internal.",
    "Tickets I only reviewed get half a day.",
)
PRINTED = (
    ("check", "daybook check"),
    ("shadow", "daybook rollout"),
    ("friction", "daybook rollout --friction"),
    ("answer", 'daybook rollout --answer 7kq2mx "It goes to Internal from today: a rule of its own."'),
    ("not-yet", "daybook rollout"),
    ("reached", "daybook rollout"),
    ("review", "daybook rollout --review 30"),
    ("diff", "daybook policy diff"),
    ("stopped", "daybook rollout"),
    ("resume", 'daybook rollout --resume "Tickets in review no longer count as in progress."'),
)
"""By part of the document, the command that is run there."""
SHOWN_AS = ("7kq2mx", "w4nhp9")
"""The names of the remarks in the document; the real ones are drawn."""


def told(part: str) -> Callable[[Path], str]:
    """One part of the document: the command, and what it prints."""
    return lambda root: _month(root)[part]


PARTS = {name: told(name) for name, _ in PRINTED}


@cache
def _month(root: Path) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder, chdir(folder), time_machine.travel(0) as clock:
        Path("daybook.yaml").write_text((root / PILOT).read_text("utf-8"), "utf-8")
        Path("credentials").mkdir()
        for name, secret in SECRETS.items():
            (Path("credentials") / name).write_text(secret, "utf-8")
        return dict(_Office(clock).month())


class _Office:
    """One folder, one store, one clock."""

    def __init__(self, clock: time_machine.Traveller) -> None:
        self._clock = clock
        self._drawn: list[str] = []
        """The names of the remarks, in the order of SHOWN_AS."""

    def month(self) -> Iterator[tuple[str, str]]:
        """The thirty days of the document, in order."""
        self._on("2026-10-28 10:00")
        yield self._printed("check")
        self._on("2026-11-02 09:00")
        self._started()
        self._looked("2026-11-03 18:00", "2026-11-04 18:00")
        self._on("2026-11-05 18:30")
        yield self._printed("shadow")
        self._on("2026-11-06 09:00")
        self._wishes("shadow", "pilot")
        self._acknowledged()
        self._on("2026-11-12 10:00")
        self._said(0)
        self._on("2026-11-13 10:00")
        yield self._printed("friction")
        yield self._printed("answer")
        self._counted("2026-W46", TIRED)
        self._on("2026-11-20 11:00")
        self._said(1)
        self._looked("2026-11-22 18:00", "2026-11-23 18:00")
        self._on("2026-11-24 19:00")
        yield self._printed("not-yet")
        self._answered_all("Never, on one of its drafts: no time is suggested for that ticket again.")
        self._counted("2026-W47", A_WEEK)
        self._counted("2026-W48", A_WEEK)
        self._ready()
        self._looked("2026-11-29 18:00", "2026-11-30 18:00")
        self._on("2026-12-01 19:00")
        yield self._printed("reached")
        self._on("2026-12-02 09:00")
        yield self._printed("review")
        self._wishes("pilot", "expand")
        self._writes("reports:", "retention: {evidence: 60 days}\n  reports:")
        yield self._printed("diff")
        self._writes("retention: {evidence: 60 days}\n  reports:", "reports:")
        self._left(3)
        self._on("2026-12-10 19:00")
        yield self._printed("stopped")
        yield self._printed("resume")

    # --- what happens ----------------------------------------------------------------------------------

    def _on(self, when: str) -> None:
        self._clock.move_to(datetime.fromisoformat(when).replace(tzinfo=UTC), tick=False)

    def _writes(self, old: str, new: str) -> None:
        file = Path("daybook.yaml")
        said = file.read_text("utf-8")
        assert old in said, old
        file.write_text(said.replace(old, new, 1), "utf-8")

    def _wishes(self, old: str, new: str) -> None:
        self._writes(f"stage: {old}", f"stage: {new}")
        self._started()

    def _started(self) -> None:
        """What every start of the daemon does first."""
        from daybook.daemon import enrol

        with self._house() as house:
            enrol(house)
            if house.refused:
                raise RuntimeError(house.refused)

    def _acknowledged(self) -> None:
        with self._house() as house, house.store.writing() as tx:
            for person in tx.people.all():
                tx.people.invited(person.id, house.policy_version, house.clock())
                tx.people.acknowledge(person.id, house.policy_version, house.clock())

    def _said(self, number: int) -> None:
        from daybook import remarks

        with self._house() as house:
            with house.store.reading() as tx:
                who = house.members(tx)[number]
            remarks.say(house, who, "draft", SENTENCES[number], signed=False)
            with house.store.reading() as tx:
                self._drawn.append(tx.remarks.all()[-1].id)

    def _answered_all(self, words: str) -> None:
        from daybook import remarks

        with self._house() as house:
            with house.store.reading() as tx:
                waiting = [one.id for one in tx.remarks.all() if one.waits]
            for name in waiting:
                remarks.answer(house, name, words)

    def _ready(self) -> None:
        from daybook import remarks

        with self._house() as house:
            with house.store.reading() as tx:
                members = house.members(tx)
            for who in members:
                remarks.judge(house, who, ready=True, sentence="")

    def _left(self, many: int) -> None:
        from daybook import joining

        self._acknowledged()
        for day in range(3, 3 + many):
            self._on(f"2026-12-0{day} 15:00")
            with self._house() as house:
                with house.store.reading() as tx:
                    who = next(one for one in house.members(tx) if one.consent)
                joining.leave(house, who)
        self._looked("2026-12-06 18:00", "2026-12-08 18:00")

    def _counted(self, week: str, counts: Mapping[str, int]) -> None:
        with self._house() as house, house.store.writing() as tx:
            stage: Step | None = tx.rollout.stage()
            assert stage is not None, "the pilot has begun"
            tx.rollout.count(stage.serial, week, counts)

    def _looked(self, *days: str) -> None:
        """What a daemon does once a day."""
        from daybook import pulse

        for day in days:
            self._on(day)
            with self._house() as house:
                pulse.look(house)

    @contextmanager
    def _house(self) -> Iterator[House]:
        from daybook.wiring import open_house

        house = open_house(Path("daybook.yaml"))
        try:
            yield house
        finally:
            house.store.close()

    # --- what is printed -------------------------------------------------------------------------------

    def _printed(self, part: str) -> tuple[str, str]:
        """Run the command of a part, with whatever the names of remarks are."""
        from daybook.__main__ import daybook

        command = dict(PRINTED)[part]
        names = dict(zip(SHOWN_AS, self._drawn, strict=False))
        _, *words = shlex.split(command)
        answer = CliRunner().invoke(daybook, [names.get(word, word) for word in words])
        if answer.exit_code not in (0, 1) or not answer.stdout:
            raise RuntimeError(f"{command}: {answer.output}{answer.exception}")
        shown = answer.stdout
        for name, drawn in names.items():
            shown = shown.replace(drawn, name)
        return part, "\n".join(["```", f"$ {command}", *shown.splitlines(), "```"])
