"""/healthz and /readyz: yes or no in one word, on the page and beside the figures; nothing about anybody."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from http.server import ThreadingHTTPServer
from queue import SimpleQueue

import httpx
import pytest
import uvicorn
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from config.schema import MetricsSettings, PageSettings
from daybook import health, status, supervised
from daybook.daemon import listening as page
from daybook.errors import Outside
from daybook.glance import Glance
from daybook.house import House
from daybook.metrics import collect
from daybook.metrics.listener import listening
from daybook.page import app
from daybook.page.app import create
from daybook.store import StoreRefused
from daybook.store.errors import StoreUnavailable
from tests.daybook.page.browser import Browser
from tests.ports import free_port


def away(*_: object) -> None:
    raise StoreUnavailable("The database did not do its part. Ada is not in this sentence.")


def taken_over(*_: object) -> None:
    raise StoreRefused("It was taken over.")


def test_who_can_do_its_part_is_ready(house: House) -> None:
    assert health.ready(house) == (200, "ready")


@pytest.mark.parametrize("fault", [away, taken_over])
def test_a_store_that_does_not_answer_or_is_another_makes_it_unready(
    house: House, fault: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(house.store), "may_write", fault)
    assert health.ready(house) == (503, "unready")


@pytest.mark.parametrize(
    "does", ["UPDATE alembic_version SET version_num = '0009'", "DROP TABLE alembic_version"]
)
def test_a_store_of_another_form_makes_it_unready(house: House, does: str) -> None:
    with house.store.writing() as tx:
        tx.connection.execute(text(does))
        tx.connection.execute(text("UPDATE daybook SET works_with = '0009'"))
    assert health.ready(house) == (503, "unready")


def test_a_newer_store_that_works_with_us_leaves_it_ready_while_machines_are_upgraded(house: House) -> None:
    with house.store.writing() as tx:
        tx.connection.execute(text("UPDATE alembic_version SET version_num = '0009'"))
    assert health.ready(house) == (200, "ready")


def test_R13_a_clock_that_is_doubted_makes_it_unready(house: House) -> None:
    with house.store.writing() as tx:
        tx.clock_is_right(house.clock())
    later = replace(house, clock=lambda: house.clock() + timedelta(days=4000))
    assert health.ready(later) == (503, "unready")


def test_who_was_told_to_stop_is_no_longer_ready(house: House) -> None:
    house.stopping.set()
    assert health.ready(house) == (503, "unready")


def test_the_page_says_both_and_nothing_else(house: House) -> None:
    page = Browser(create(house)).client
    assert (page.get("/healthz").text, page.get("/readyz").text) == ("ok", "ready")
    house.stopping.set()
    answer = page.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "unready")
    assert page.get("/healthz").status_code == 200, "the process answers"


def test_no_figure_is_on_the_page(house: House) -> None:
    assert Browser(create(counting(house, free_port()))).client.get("/metrics").status_code == 404


# --- a server that froze -----------------------------------------------------------------------------------


@pytest.fixture
def frozen(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Its store answers no more, until the end; gives who waits for it."""
    thaws, waiting = threading.Event(), list[int]()

    def waits(*_: object, **__: object) -> None:
        waiting.append(threading.get_ident())
        thaws.wait(60)

    monkeypatch.setattr(type(house.store), "may_write", waits)
    monkeypatch.setattr(status, "look", waits)
    monkeypatch.setattr(health, "PATIENCE", 0.05)
    monkeypatch.setattr(collect, "PATIENCE", 0.05)
    yield waiting
    thaws.set()


def test_a_store_that_froze_makes_it_unready_in_time_and_only_one_waits_for_it(
    house: House, frozen: list[int]
) -> None:
    port = free_port()
    with listening(counting(house, port)):
        here = f"http://127.0.0.1:{port}"
        assert [httpx.get(f"{here}/readyz").status_code for _ in range(5)] == [503] * 5
        assert len(frozen) == 1
        for _ in range(5):
            figures = httpx.get(f"{here}/metrics").text
            assert "daybook_store_up 0.0" in figures and "daybook_build_info" in figures
        assert len(frozen) == 2


def test_a_store_that_froze_leaves_the_page_of_a_load_balancer_its_answers(
    house: House, frozen: list[int]
) -> None:
    page = Browser(create(house)).client
    assert [page.get("/readyz").status_code for _ in range(5)] == [503] * 5
    assert page.get("/healthz").status_code == 200
    assert len(frozen) == 1


def test_once_the_store_answers_again_a_new_look_says_so() -> None:
    goes_on, looks = threading.Event(), list[int]()

    def look() -> int:
        looks.append(len(looks))
        goes_on.wait(60)
        return looks[-1]

    glance = Glance(look, 0.05)
    assert (glance.found(), glance.found()) == (None, None)
    goes_on.set()
    for thread in threading.enumerate():
        if thread.name == "glance":
            thread.join(60)
    while (found := glance.found()) is None:
        """A busy machine."""
    assert found > 0, "what was seen before is old"


def test_what_a_look_broke_by_is_told_to_whoever_asked() -> None:
    with pytest.raises(StoreUnavailable):
        Glance(away, 60).found()


def test_a_look_for_which_there_was_no_thread_is_made_by_the_next_who_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    glance = Glance(lambda: 1, 20)
    with monkeypatch.context() as full, pytest.raises(RuntimeError, match="no thread"):
        full.setattr(threading.Thread, "start", no_thread)
        glance.found()
    assert glance.found() == 1


def no_thread(_: threading.Thread) -> None:
    raise RuntimeError("there is no thread")


# --- the listener ------------------------------------------------------------------------------------------


def counting(house: House, port: int) -> House:
    said = house.configuration.model_copy(update={"metrics": MetricsSettings(listen=f"127.0.0.1:{port}")})
    return replace(house, configuration=said)


@pytest.fixture
def asked(house: House) -> Iterator[Callable[[str], httpx.Response]]:
    port = free_port()
    with listening(counting(house, port)), httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        yield client.get


def test_it_says_all_three_on_an_address_of_its_own(asked: Callable[[str], httpx.Response]) -> None:
    assert (asked("/healthz").text, asked("/readyz").text) == ("ok", "ready")
    figures = asked("/metrics")
    assert figures.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "daybook_store_up 1.0" in figures.text
    assert (asked("/").status_code, asked("/day/x").status_code) == (404, 404)


def test_nothing_listens_until_somebody_asks_for_figures(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert house.configuration.metrics is None
    monkeypatch.setattr(socket.socket, "listen", lambda *_: pytest.fail("it listens"))
    with listening(house) as count:
        count(house)


def test_of_several_processes_on_a_machine_each_has_a_port_of_its_own(house: House) -> None:
    port, other = free_port(), free_port()
    with listening(counting(house, port)), listening(counting(house, port), f"127.0.0.1:{other}"):
        assert [httpx.get(f"http://127.0.0.1:{one}/healthz").text for one in (port, other)] == ["ok"] * 2


def test_another_house_is_answered_for_once_it_holds(house: House) -> None:
    port = free_port()
    with listening(counting(house, port)) as count:
        other = replace(counting(house, port), stopping=type(house.stopping)())
        other.stopping.set()
        count(other)
        assert httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 503


def test_a_port_in_use_is_named_and_nothing_is_started(house: House) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(Outside, match=f"on 127.0.0.1:{port} .*metrics.listen, or with --metrics"),
            listening(counting(house, port)),
        ):
            pass


# --- what answers, and ends -----------------------------------------------------------------------------


def breaks(*_: object, **__: object) -> None:
    raise SystemExit(1)  # as uvicorn leaves


def leaves(*_: object, **__: object) -> None:
    """Without a word."""


@pytest.mark.parametrize("ends", [breaks, leaves])
def test_a_page_that_ended_by_itself_takes_the_daemon_with_it_and_says_so(
    house: House, ends: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rounds went on telling systemd that all is well, and nobody could confirm."""
    settings = PageSettings(listen=f"127.0.0.1:{free_port()}", url="http://127.0.0.1")
    said = house.configuration.model_copy(update={"page": settings})
    monkeypatch.setattr(uvicorn.Server, "run", ends)
    with (
        pytest.raises(Outside, match=r"answers for the page ended by itself \((SystemExit|no error)\)"),
        page(replace(house, configuration=said)),
    ):
        assert house.stopping.wait(20) and house.work_is_waiting.wait(20)


def test_a_page_whose_loop_stands_still_gives_no_sign_of_life_until_it_goes_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rounds went on beside it, and systemd heard that all is well."""
    stands, goes_on, said = threading.Event(), threading.Event(), SimpleQueue[str]()

    async def stands_still(_: Request) -> Response:
        stands.set()
        goes_on.wait(60)
        return PlainTextResponse("ok")

    monkeypatch.setattr(app, "healthz", stands_still)
    monkeypatch.setattr(supervised, "_tell", said.put)
    settings = PageSettings(listen=f"127.0.0.1:{free_port()}", url="http://127.0.0.1")
    shown = house.configuration.model_copy(update={"page": settings})
    with page(replace(house, configuration=shown)):
        asks = threading.Thread(target=partial(httpx.get, f"http://{settings.listen}/healthz", timeout=60))
        asks.start()
        assert stands.wait(20)
        supervised.alive()
        assert said.empty()
        goes_on.set()
        assert said.get(timeout=20) == "WATCHDOG=1"
        asks.join()
    supervised.alive()
    assert said.get(timeout=20) == "WATCHDOG=1", "who has no page gives it by itself"


def test_figures_that_ended_by_themselves_take_the_daemon_with_them_and_say_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ThreadingHTTPServer, "service_actions", breaks)
    with (
        pytest.raises(Outside, match=r"answers for the metrics ended by itself \(SystemExit\)"),
        listening(counting(house, free_port())),
    ):
        assert house.stopping.wait(20)


def test_P1_no_answer_names_anybody(house: House, asked: Callable[[str], httpx.Response]) -> None:
    said = "".join(asked(address).text for address in ("/healthz", "/readyz", "/metrics")).lower()
    with house.store.reading() as tx:
        people = tx.people.all()
    assert not [one.id for one in people if one.id.lower() in said or one.email in said]
    assert not [word for word in ("ada", "ben", "mara", "otto", "acme") if word in said]
