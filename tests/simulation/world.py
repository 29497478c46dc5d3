"""A small organisation under one seed: the real house on a real store, a virtual clock, and its story."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from connectors.memory import Mishap
from core.rounds import Work
from daybook.clocks import Clock
from daybook.house import House
from daybook.store import Store
from daybook.store.unit import Unit
from tests.simulation.chance import Chance
from tests.simulation.faults import CALM, WEATHERS, Crash
from tests.simulation.ground import ITS_DAEMON, MORNING, Ground
from tests.simulation.invariants import Witness
from tests.simulation.outside import IN_FLIGHT, Outside, Seen
from tests.simulation.people import Someone

LEAPING = 5
"""In every so manieth world the clock leaps (R-13)."""
LEAPS = (-3, -1, 1, 3)
"""By so many hours."""
DEEPEST = 2
"""So many workers stand still at once."""


class Seamed(Store):
    """The store, with a seam before and after each commit."""

    world: World

    @classmethod
    def found(cls, former: Store, world: World) -> Seamed:
        """The store as a program finds it that begins anew."""
        store = cls.__new__(cls)
        vars(store).update(vars(former), world=world)
        return store

    @contextmanager
    def goes_on(self) -> Iterator[None]:
        """As the daemon that ran already when the world began."""
        with self.database.hold():
            self._worker = ITS_DAEMON
            yield

    @contextmanager
    def writing(self) -> Iterator[Unit]:
        with super().writing() as tx:
            yield tx
            self.world.seam("before a commit", pauses=0)
        sends = self.world.witness.look()
        self.world.seam("after a commit", pauses=3 if sends else 0.5)


class World:
    """One seed's organisation, from the first morning on."""

    def __init__(self, seed: int, ground: Ground) -> None:
        self.seed, self._ground = seed, ground
        self.chance = Chance(f"world {seed}")
        self.weather = self.chance.choice(WEATHERS)
        self.story: list[str] = []
        self.now = self.began = MORNING
        """What time it is, and when the work at hand began."""
        self.leaps = seed % LEAPING == 0
        """Whether the clock of our machine is set now and then, and wrong."""
        self.ahead = timedelta(0)
        """How far that clock is ahead of the time."""
        self.depth = 0
        self._no_later: datetime | None = None
        self.steps = 0
        self.plan: list[Work] = []
        """What was due at the last look."""
        self.meanwhile: Callable[[World], None] = lambda world: None
        """What others do while a worker stands still."""
        morning = self.chance.choice(ground.mornings)
        self.news = morning is ground.mornings[0]
        """Something happened at the tool since it was read."""
        self.tool = Outside(
            now=MORNING,
            lag=timedelta(seconds=self.chance.choice((0, 20, 60))),
            things=dict(morning.tool.things),
            records=dict(morning.tool.records),
            written=morning.tool.written,
            tokens=dict(morning.tool.tokens),
            changes=morning.tool.changes,
        )
        marker = self.chance.random() < 0.6
        self.connector = Seen(self.tool, marker=marker)
        self.connector.world = self
        ground.put_back(morning)
        self._living = ExitStack()
        self._frozen: list[ExitStack] = []
        """What daemons hold that only stand still: let go by nobody, or they would pass for ended."""
        self.eyes = ground.eyes
        self.witness = Witness(self)
        self.witness.trusts(morning.kept)
        self.witness.look()
        self.people = [
            Someone(who, address.partition("@")[0], ground.known[who]) for who, address in ground.people
        ]
        self.open(Seamed.goes_on)
        self.tell(f"seed {seed}: marker {marker}, lag {self.tool.lag}, {self.weather}")

    # --- the house -------------------------------------------------------------------------------------

    def open(self, run: Callable[[Seamed], AbstractContextManager[None]] = Seamed.hold) -> None:
        """A daemon begins on the store as it stands."""
        store = Seamed.found(self._ground.store, self)
        said = self._ground.configuration
        assert said.policy is not None
        self.plan = []
        clock = Clock(self.wall, lambda: self.now.timestamp()) if self.leaps else self.wall
        self.house = House(said, said.policy, {"memory": self.connector}, store, clock)
        vars(self.house).update(self._ground.worked_out)
        self._living = ExitStack()
        weather, self.weather = self.weather, CALM
        self._living.enter_context(run(store))
        self.weather = weather

    def close(self) -> None:
        """The daemon ends, however."""
        self._living.close()

    def taken_over(self) -> None:
        """Another daemon begins while this one stands still: its lock file was removed."""
        store = self.house.store
        store.path.with_name(store.path.name + ".lock").unlink(missing_ok=True)
        self._frozen.append(self._living)
        self.open()

    # --- time and chance -------------------------------------------------------------------------------

    def wait(self, span: timedelta) -> None:
        """The clock goes on, but not past the end of a request that is under way."""
        then = self.now + span
        self.now = self.tool.now = min(then, self._no_later or then)

    def wait_until(self, then: datetime) -> bool:
        """Until our clock says so, unless a request is under way and ends before."""
        self.wait(max(then - self.wall(), timedelta(0)))
        return self.wall() >= then

    def wall(self) -> datetime:
        """What the clock of our machine says."""
        return self.now + self.ahead

    def leap(self, ahead: timedelta) -> None:
        """That clock is so far ahead from now on."""
        self.ahead = ahead
        self.tell(f"our clock says {self.wall():%H:%M}")

    @property
    def is_in_flight(self) -> bool:
        return self._no_later is not None

    def tell(self, line: str) -> None:
        """One more line of the story."""
        self.story.append(f"{self.now:%d %H:%M:%S} {'  ' * self.depth}{line}")

    def mark(self) -> str:
        """Equal for equal stories, byte for byte (I8)."""
        return blake2b("\n".join(self.story).encode(), digest_size=12).hexdigest()

    def mishap(self, kinds: Sequence[str]) -> Any:
        return self.chance.choice(kinds) if self.chance.happens(self.weather.mishap) else ""

    # --- seams -----------------------------------------------------------------------------------------

    def seam(self, where: str, *, pauses: float = 1) -> None:
        """Here the program may die, or this worker stand still while others go on.

        Takes    pauses: so many times as often as elsewhere
        """
        if self.chance.happens(self.weather.crash):
            self.tell(f"  dies {where}")
            raise Crash
        if self.depth < DEEPEST and self.chance.happens(pauses * self.weather.pause):
            self._stand_still(where)

    @contextmanager
    def calling(self, what: str, kinds: Sequence[str]) -> Iterator[None]:
        """A request that changes nothing."""
        self.seam(f"before {what}", pauses=0)
        mishap: Mishap = self.mishap(kinds)
        self.tell(f"  {what} {mishap}".rstrip())
        self.tool.mishap = lambda: mishap
        yield
        self.seam(f"after {what}")

    def in_flight(self, what: str) -> None:
        """A request is under way: for a while others go on."""
        if self.depth < DEEPEST and self.chance.happens(self.weather.pause):
            self._stand_still(f"while {what} is under way", IN_FLIGHT)

    def quietly(self, deed: Callable[[], object]) -> None:
        """What nobody is left to hear of."""
        try:
            deed()
        except Exception as error:
            self.tell(f"  nobody hears {type(error).__name__}")

    def _stand_still(self, where: str, at_most: timedelta | None = None) -> None:
        """Others go on; then this worker wakes, and may find that another daemon took its place."""
        self.tell(f"  stands still {where}")
        before = self._no_later
        if at_most is not None:
            self._no_later = min(self.now + at_most, before or self.now + at_most)
        self.depth += 1
        try:
            self.meanwhile(self)
        finally:
            self.depth -= 1
            self._no_later = before
        self.tell("  goes on")
