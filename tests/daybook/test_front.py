"""What meets whoever follows a link of ours: certificate, proxy, clock (W-04; issue: base URL and TLS)."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from daybook import front
from daybook.front import HSTS, Seen, look
from tests.daybook.mail.test_send import certificate, tls, trust

__all__ = ["certificate", "tls", "trust"]

NOW = datetime.now(UTC)
"""Certificates are of today, whatever a test says."""
ASKED = b'{"address":"203.0.113.9","named":true}'
OURS = {HSTS: "max-age=31536000"}


class Proxy:
    """Answers like one, as it is told to."""

    status, headers, body = 200, OURS, ASKED


@contextmanager
def answering(told: Proxy, tls: ssl.SSLContext | None = None) -> Iterator[int]:

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, *_: object) -> None:
            """Nothing: a test is quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def proxy(tls: ssl.SSLContext) -> Iterator[tuple[Proxy, str]]:
    told = Proxy()
    with answering(told, tls) as port:
        yield told, f"https://127.0.0.1:{port}"


def seen(url: str, now: datetime = NOW) -> list[Seen]:
    return list(look(url, "127.0.0.1:8787", now))


def wrong(url: str, now: datetime = NOW) -> list[str]:
    return [one.sentence for one in seen(url, now) if not one.well]


def test_a_proxy_that_is_well_is_said_to_be_with_its_certificates_end(
    proxy: tuple[Proxy, str], trust: Callable[[], None]
) -> None:
    told, url = proxy
    trust()
    told.headers = OURS | {"Date": format_datetime(NOW, usegmt=True)}
    certificate, passes = seen(url, NOW - timedelta(days=20))[:2]
    assert certificate.well and " ends on " in certificate.sentence
    assert passes == Seen(
        True, f"{url.removeprefix('https://')} passes what it is asked to Daybook, and says who asks."
    )


@pytest.mark.parametrize(
    ("status", "body", "headers", "says"),
    [
        (200, ASKED, {}, f"does not say {HSTS}: a first visit can be led astray. Let the proxy say"),
        (200, b"<h1>Welcome to nginx</h1>", OURS, "Another program than Daybook answers there (200). Pass "),
        (200, b'{"address":"10.0.4.7","named":false}', OURS,
         "not who asks: all count as 10.0.4.7, and twenty wrong links from anybody close the page to everyb"),
        (404, ASKED, OURS, "Another program than Daybook answers there (404)."),
        (302, b"", OURS | {"Location": "https://login.example/in"}, "sends people elsewhere (login.example)"),
        (200, ASKED, OURS | {"Date": format_datetime(NOW + timedelta(hours=3), usegmt=True)},
         "this server's clock is 180 minutes behind: set it right."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_proxy_is_said_with_what_to_do(
    proxy: tuple[Proxy, str],
    trust: Callable[[], None],
    status: int,
    body: bytes,
    headers: dict[str, str],
    says: str,
) -> None:
    told, url = proxy
    trust()
    told.status, told.body, told.headers = status, body, headers
    soon, *others = wrong(url)
    assert "Renew it, and see why that does not happen by itself." in soon, "it ends tomorrow"
    (said,) = others
    assert says in said


def test_a_daybook_that_does_not_run_yet_is_no_fault(
    proxy: tuple[Proxy, str], trust: Callable[[], None]
) -> None:
    told, url = proxy
    trust()
    told.status = 502
    assert any(
        "nobody behind it (502): daybook run is not there." in one.sentence for one in seen(url) if one.well
    )


def test_a_certificate_nobody_trusts_and_an_address_nobody_answers_at(proxy: tuple[Proxy, str]) -> None:
    (said,) = wrong(proxy[1])
    assert "This machine does not trust the certificate of 127.0.0.1:" in said
    assert "whole chain" in said and "update-ca-certificates" in said
    (said,) = wrong("https://127.0.0.1:1")
    assert "cannot be reached from here (Connection refused). See its name, proxy and firewall." in said


def test_a_certificate_of_another_name_is_not_made_good_by_trusting_it(
    proxy: tuple[Proxy, str], trust: Callable[[], None]
) -> None:
    trust()
    (said,) = wrong(proxy[1].replace("127.0.0.1", "localhost"))
    assert said.endswith("is not valid for 'localhost'. Give the proxy one of this name that is in force.")


def test_a_proxy_that_has_no_certificate_yet_is_not_taken_for_one_that_is_away() -> None:
    with answering(Proxy()) as port:
        (said,) = wrong(f"https://127.0.0.1:{port}")
    assert said == (
        f"127.0.0.1:{port} answers, and not with TLS (WRONG_VERSION_NUMBER): the proxy has no certificate of "
        "this name yet, or another program listens there. See the proxy's log."
    )


def test_an_address_of_this_machine_alone_is_asked_nothing() -> None:
    (only,) = seen("http://127.0.0.1:8787")
    assert only.well and "for this machine alone" in only.sentence


@pytest.mark.parametrize(
    ("status", "headers", "says"),
    [
        (301, {"Location": "https://127.0.0.1/"}, []),
        (301, {"Location": "http://127.0.0.1/in"}, ["http://127.0.0.1 answers without encryption."]),
        (200, {}, ["http://127.0.0.1 answers without encryption. Let the proxy lead to https://."]),
    ],
)
def test_an_address_typed_without_https_leads_to_the_one_with_it(
    proxy: tuple[Proxy, str],
    trust: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    headers: dict[str, str],
    says: list[str],
) -> None:
    plain = Proxy()
    plain.status, plain.headers = status, headers
    trust()
    monkeypatch.setattr(front, "TLS", urlsplit(proxy[1]).port)
    with answering(plain) as port:
        monkeypatch.setattr(front, "PLAIN", port)
        _, *others = wrong("https://127.0.0.1")
        assert [said[: len(one)] for said, one in zip(others, says, strict=True)] == says
    assert wrong("https://127.0.0.1")[1:] == [], "nobody listens there, which is as good"
