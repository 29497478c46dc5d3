"""Three that work and two pages, for as long as you like: one after the other is killed, frozen or cut off.

    make hosts ARGS="--minutes 20"

Meanwhile one contributor after the other confirms their day. Each yes must be at the tools within a minute
and the seconds it is held, once; each digest goes out once; and a page that nothing was done to answers.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
import httpx

from daybook.sandbox.outside import Outside, configuration
from tests.daybook.cli.test_several import confirm, many
from tests.daybook.page.browser import Page
from tests.hosts.office import Host, Office, office, until
from tests.postgres import running

PEOPLE, DAYS = 24, 7
WITHIN = 60 + 15
"""Seconds: a minute, and what a yes is held and looked for on a busy machine."""
LAST = 15
"""Lines of each host's log, where something went wrong."""


@click.command()
@click.option("--minutes", default=10.0, show_default=True)
@click.option("--seed", default=0, show_default=True, help="Which faults come in which order.")
@click.option("--times", default=1.0, show_default=True, help="So much sooner are they missed.")
@click.option("--within", default=WITHIN, show_default=True, help="Seconds until a yes must be at the tools.")
def main(minutes: float, seed: int, times: float, within: int) -> None:
    world = Outside(PEOPLE, DAYS, datetime.now(UTC))
    with (
        world.running(),
        contextmanager(running)(sure=True) as cluster,
        tempfile.TemporaryDirectory() as folder,
    ):
        file = configuration(world, Path(folder), "127.0.0.1:18799", quick=True)
        with office(file, world, cluster, cluster.fresh(), times=times) as here, _told_if_it_fails(here):
            _soaked(here, minutes, random.Random(seed), within)


@contextmanager
def _told_if_it_fails(here: Office) -> Iterator[None]:
    """The logs lie in a folder that goes when this ends."""
    try:
        yield
    except Exception:
        for number, one in enumerate(here.hosts):
            last = "\n".join(one.said.splitlines()[-LAST:])
            click.echo(f"\nhost {number}, {one.command}, said last:\n{last}", err=True)
        raise


def _soaked(here: Office, minutes: float, chance: random.Random, within: int) -> None:
    here.start("run", "run", "worker", "page", "page")
    until(lambda: here.mails == here.members, 300)
    waiting = here.drafts(here.hosts[-1])
    before = expected = here.written()
    over, longest = time.monotonic() + minutes * 60, 0.0
    while time.monotonic() < over and waiting:
        shown = waiting.pop()
        expected += many(shown)
        longest = max(longest, _round(here, shown, expected, chance, within))
    assert here.written() == expected, "nothing twice"
    assert here.mails == here.members
    assert not any("broke off" in one.said or "Traceback" in one.said for one in here.hosts)
    click.echo(f"{expected - before} entries, each once; the longest wait was {longest:.1f} s")


def _round(here: Office, shown: Page, expected: int, chance: random.Random, within: int) -> float:
    """One machine is hurt, one contributor confirms at another; gives seconds until it is at the tools."""
    until(lambda: _is_whole(here))
    hurt, fault = chance.choice(here.hosts), chance.choice([_killed, _frozen, _cut])
    well = chance.choice([one for one in here.hosts if one.command != "worker" and one is not hurt])
    until(lambda: here.answers(well))
    recover = fault(hurt)
    assert confirm(_at(shown, well)).status_code == 200, "a page that nothing was done to answers"
    click.echo(f"{fault.__name__[1:]:7} {hurt.command:7} {many(shown):3} entries", nl=False)
    took = until(lambda: here.written() >= expected, within)
    click.echo(f", after {took:5.1f} s")
    recover()
    return took


def _is_whole(here: Office) -> bool:
    """Whether each is at work, and none about to end because it was given up: one fault at a time."""
    for one in here.hosts:
        if one.is_over:
            one.again()  # as systemd would
    names = here.asked("SELECT string_agg(name, ', ') FROM workers")
    return all(f"pid {one.process.pid} on" in names for one in here.hosts)


def _at(shown: Page, host: Host) -> Page:
    """The same page as the other machine shows it."""
    return Page(httpx.get(httpx.URL(shown.url).copy_with(port=int(host.page.partition(":")[2])), timeout=60))


def _killed(one: Host) -> Callable[[], None]:
    one.kill()
    return one.again


def _frozen(one: Host) -> Callable[[], None]:
    one.freeze()
    return one.wake


def _cut(one: Host) -> Callable[[], None]:
    one.line.cut()
    return one.line.mend


if __name__ == "__main__":
    main()
