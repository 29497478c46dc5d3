"""The daemon: runs on the store, serves the page, does what is due, ends when told to.

On a store that several share, each of them is one of these: with a page or, as `daybook worker`, without;
or, as `daybook page`, with nothing but that.

SIGTERM and SIGINT end it within seconds. Whatever was at hand stands in the
state as begun or not begun, so the next start goes on from there. SIGHUP has it
read its configuration again; the page answers meanwhile.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeVar

import structlog

from daybook import attending, doubt, embedded, heap, policies, reload, restored, rollout, supervised, vital
from daybook.disk import Disk
from daybook.errors import Outside, Wrong
from daybook.house import House
from daybook.metrics import listener
from daybook.runner import TICK, Runner
from daybook.state import newcomers
from daybook.store import leftovers
from daybook.store.errors import StoreUnavailable

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

log = structlog.get_logger()

Done = TypeVar("Done")

PAGE_PATIENCE = 3
"""Seconds the page gives requests at hand when it ends."""


class Kept(Exception):
    """It ended by an error, which is its cause, while a tool still keeps a thread waiting."""


def serve(
    house: House,
    *,
    clock_is_right: bool = False,
    works_only: bool = False,
    page_only: bool = False,
    metrics: str | None = None,
) -> bool:
    """Run until told to stop, under one configuration and one policy after the other.

    Takes    clock_is_right: whatever the store remembers of other days
             works_only: serves no page, and hands out no work to others
             page_only: does no work at all
             metrics: where figures are answered for, in place of what the configuration says
    Gives    False where a tool still keeps a thread waiting
    Raises   Kept where one does, and it ended by an error
             StoreRefused where another daemon runs, Outside for a port in use, Wrong for a helper of a file
    """
    helps = works_only or page_only
    if helps and not house.store.is_shared:
        raise Wrong(
            f"{house.store.database.name} has one daemon, and no workers or pages beside it. Nothing was "
            "started. Run that one: daybook run. For several machines, name a PostgreSQL database in "
            "store.url, and take the store there: daybook move"
        )
    heap.shared()
    heap.without_sources()  # what is loaded next takes their place
    runners = list[Runner]()
    if helps:
        house = policies.renewed(replace(house, follows=True))
    with _kept(runners), house.store.hold(dispatches=not helps), told_to_stop(house):
        leftovers.swept(house.store.path)
        if clock_is_right:
            with house.store.writing() as tx:
                tx.clock_is_right(house.clock())
        restored.begin(house)  # nobody sees a page of who is erased, also while the clock is doubted
        page = nullcontext(_nothing) if works_only else listening(house)
        with page as show, listener.listening(house, metrics) as count:
            while not house.stopping.is_set():
                supervised.ready()  # before the clock is believed, for which somebody may have to come
                begin = partial(_begin, helps=helps)
                if not (_once_it_can(house, begin) if runners else begin(house)):
                    break
                people, version = len(house.named), house.policy_version
                log.info("daemon.started", pid=os.getpid(), people=people, stage=house.stage, version=version)
                supervised.status(f"{people} people, {house.stage}, policy {version}; more: daybook status")
                for wait in house.waits:
                    log.warning("policy.waits", reason=f"{wait.place} {wait.what}: {wait.sentence}")
                own = attending.Runner(house) if page_only else runner(house)
                runners[:] = [*(one for one in runners if not one.idle), own]
                own.run()
                if not house.stopping.is_set():
                    house = _next(house)
                    show(house)
                    count(house)
        log.info("daemon.stopped", pid=os.getpid())
    return _idle(runners)


def _idle(runners: Iterable[Runner]) -> bool:
    return all(runner.idle for runner in runners)


@contextmanager
def _kept(runners: Iterable[Runner]) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if _idle(runners):
            raise
        raise Kept from error


def runner(house: House) -> Runner:
    """The one for its store."""
    if house.store.is_shared:
        from daybook import distributed  # brings procrastinate, which a store in a file does without

        return distributed.Runner(house)
    return embedded.Runner(house)


def enrol(house: House) -> None:
    """Begin the stage, and give everybody it reaches a place in the store; nothing is read by that (P3)."""
    policies.keep(house)
    rollout.begin(house)
    with house.store.writing() as tx:
        for email in newcomers(house, tx):
            tx.people.enrol(email, house.clock())
        policies.place(house, tx)


def _begin(house: House, *, helps: bool) -> bool:
    """Once the clock is believed, write down what it goes by. False: told to stop."""
    if not doubt.wait(house):
        return False
    if not helps:
        enrol(house)
    reload.keep(house)
    restored.begin(house)
    return True


def _next(house: House) -> House:
    """What takes its place, and is let go of by it: else the first would hold all that ever followed."""
    another = _once_it_can(house, _renewed) or house
    house.rereading.house = None
    return another


def _renewed(house: House) -> House:
    """The one that takes its place; nobody sees a page of who is erased in that either."""
    another = reload.renewed(house)
    restored.begin(another)
    return another


def _once_it_can(house: House, does: Callable[[House], Done]) -> Done | None:
    """Do it as soon as the store lets us: whoever runs ends for no store that is busy. None: told to stop."""
    disk = None
    while not house.stopping.is_set():
        supervised.alive()
        try:
            if disk is None or disk.works():
                return does(house)
        except StoreUnavailable as error:
            disk = disk or Disk(house.store)
            disk.failed(error)
        house.stopping.wait(TICK)
    return None


@contextmanager
def told_to_stop(house: House) -> Iterator[None]:
    """Until the end of the block SIGTERM and SIGINT ask the daemon to end, SIGHUP to read its file again.

    A handler interrupts the main thread wherever it is, also inside the lock of an event, and would wait for
    that lock for ever if it set the event itself. So it only notes what came, and a thread does the rest.
    """
    had_a_terminal = sys.stderr.isatty()

    def stop() -> None:
        supervised.stopping()
        house.stopping.set()
        house.work_is_waiting.set()

    def read_again() -> None:
        if had_a_terminal and not sys.stderr.isatty():  # it was closed, and this is how the kernel says so
            stop()
        house.rereading.asked.set()
        house.work_is_waiting.set()

    asked = {signal.SIGTERM: stop, signal.SIGINT: stop, signal.SIGHUP: read_again}
    came = SimpleQueue[int]()  # the one queue whose `put` may interrupt another

    def listen() -> None:
        while number := came.get():
            asked[signal.Signals(number)]()

    thread = threading.Thread(target=listen, name="signals", daemon=True)
    thread.start()
    before = {number: signal.signal(number, lambda number, _: came.put(number)) for number in asked}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        came.put(0)
        thread.join()


def _nothing(house: House) -> None:
    """Who serves no page shows none."""


class _Latest:
    """The page of the house that holds; a request ends as it began, whatever holds by then."""

    def __init__(self, house: House) -> None:
        self.show(house)

    def show(self, house: House) -> None:
        from daybook.page.app import create

        self._app = create(house)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


@contextmanager
def listening(house: House) -> Iterator[Callable[[House], None]]:
    """Until the end of the block the page answers; gives what lets it be the page of another house."""
    if house.configuration.page is None:
        yield _nothing
        return
    page, bound = _Latest(house), _bound(house.configuration.page.listen)
    import uvicorn

    from daybook.page.server import Server

    server = Server(
        uvicorn.Config(
            page,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # the page knows whom it believes
            lifespan="off",
            timeout_graceful_shutdown=PAGE_PATIENCE,
        )
    )

    run = partial(server.run, [bound])
    with closing(bound), vital.answering(house, "page", run, server.end, PAGE_PATIENCE + 1):
        yield page.show


def _bound(listen: str) -> socket.socket:
    host, _, port = listen.rpartition(":")
    try:
        address = (host.strip("[]"), int(port))
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        bound = socket.create_server(address, family=family, backlog=256)
    except (OSError, ValueError) as error:
        number = error.errno or 0 if isinstance(error, OSError) else 0
        reason = os.strerror(number) if number > 0 else "not host:port"  # below: no host has that name
        raise Outside(
            f"The page cannot listen on {listen} ({reason}). Nothing was started. "
            "End what uses that port, or change page.listen."
        ) from None
    # asyncio sets it on sockets of its own making only; without it head and body lie 40 ms apart
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return bound
