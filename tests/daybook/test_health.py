"""/healthz and /readyz: yes or no in one word, on the page and beside the figures; nothing about anybody."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from config.schema import MetricsSettings
from daybook import health
from daybook.errors import Outside
from daybook.house import House
from daybook.metrics.listener import listening
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


def test_P1_no_answer_names_anybody(house: House, asked: Callable[[str], httpx.Response]) -> None:
    said = "".join(asked(address).text for address in ("/healthz", "/readyz", "/metrics")).lower()
    with house.store.reading() as tx:
        people = tx.people.all()
    assert not [one.id for one in people if one.id.lower() in said or one.email in said]
    assert not [word for word in ("ada", "ben", "mara", "otto", "acme") if word in said]
