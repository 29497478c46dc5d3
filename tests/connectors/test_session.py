"""One discipline for every call: what is sent, how often, where to, and what each way of failing means."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import requests
import responses
from pydantic import SecretStr

from connectors.budget import Budget
from connectors.contract import Fault, Paced, Refused, Unavailable, Unclear
from connectors.session import Session, basic, bearer
from connectors.stand_in import Answer, Request, StandIn, route

SITE = "https://tool.example"
READ_FAULTS = {
    "429-seconds": Paced,
    "429-float": Paced,
    "429-date": Paced,
    "429-absurd": Paced,
    "429-bare": Paced,
    "500": Unavailable,
    "502": Unavailable,
    "503": Unavailable,
    "drop-before": Unavailable,
    "drop-after": Unavailable,
}
"""By fault of the stand-in. `html` and `truncated` are a 200, judged when the answer is read."""


class Tool(StandIn):
    """Remembers what it was asked, and takes notes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.asked: list[Request] = []
        self.notes: list[str] = []

    def before(self, request: Request) -> Answer | None:
        self.asked.append(request)
        return None

    @route("GET", "/things")
    def things(self, request: Request) -> Answer:
        return Answer(200, {"things": [1, 2, 3]}, {"Set-Cookie": "who=ada; Path=/"})

    @route("GET", "/elsewhere")
    def elsewhere(self, request: Request) -> Answer:
        return Answer(302, None, {"Location": f"{self.url}/things"})

    @route("GET", "/moved/{status}")
    def moved(self, request: Request) -> Answer:
        return Answer(int(request.args["status"]), None, {"Location": f"{self.url}/secret-9f2c"})

    @route("GET", "/unchanged")
    def unchanged(self, request: Request) -> Answer:
        return Answer(304)

    @route("POST", "/notes")
    def note(self, request: Request) -> Answer:
        self.notes.append(str(request.json()))
        return Answer(201, {"id": len(self.notes)})


@pytest.fixture
def tool() -> Iterator[Tool]:
    tool = Tool()
    tool.start()
    yield tool
    tool.stop()


@pytest.fixture
def session(tool: Tool) -> Iterator[Session]:
    session = Session("Tool", tool.url, budget=Budget(1000, 1000))
    yield session
    session.close()


# --- what each failure means -----------------------------------------------------------------------------


@pytest.mark.parametrize(("fault", "expected"), READ_FAULTS.items())
def test_a_read_that_fails_is_asked_again_later(
    tool: Tool, session: Session, fault: str, expected: type[Fault]
) -> None:
    tool.faults.script("*", fault)
    with pytest.raises(expected) as caught:
        session.call("GET", "/things")
    assert type(caught.value) is expected
    assert tool.counts.total() == 1


@pytest.mark.parametrize("fault", READ_FAULTS)
def test_R06_a_write_that_fails_is_sent_once_and_unclear_unless_it_was_refused_for_speed(
    tool: Tool, session: Session, fault: str
) -> None:
    tool.faults.script("*", fault)
    with pytest.raises(Paced if fault.startswith("429") else Unclear):
        session.call("POST", "/notes", json={})
    assert tool.counts.total() == 1


@pytest.mark.parametrize("fault", ["html", "truncated"])
def test_an_answer_that_is_no_json_is_not_trusted(tool: Tool, session: Session, fault: str) -> None:
    tool.faults.script("*", fault, fault)
    with pytest.raises(Unavailable):
        session.json_of(session.call("GET", "/things"))
    with pytest.raises(Unclear):
        session.json_of(session.call("POST", "/notes", json={}), write=True)


def test_a_question_put_as_a_post_is_a_read(tool: Tool, session: Session) -> None:
    tool.faults.script("*", "502")
    with pytest.raises(Unavailable):
        session.call("POST", "/notes", json={}, write=False)


@pytest.mark.parametrize("write", [False, True])
def test_a_closed_port_certainly_took_nothing(write: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Unavailable, match="could not be reached"):
        Session("Tool", f"http://127.0.0.1:{port}").call("GET", "/", write=write)


def test_a_name_that_is_not_found_certainly_took_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Unavailable, match="not found by name"):
        Session("Tool", SITE).call("POST", "/notes", json={})


def test_a_server_that_says_nothing_is_left_after_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        session = Session("Tool", f"http://127.0.0.1:{server.getsockname()[1]}", timeout=(1, 0.05))
        with pytest.raises(Unavailable, match="in time"):
            session.call("GET", "/")
        with pytest.raises(Unclear, match="in time"):
            session.call("POST", "/", json={})
        session.close()


@pytest.mark.parametrize(("method", "fault"), [("GET", Unavailable), ("POST", Unclear)])
def test_an_answer_that_trickles_in_holds_nobody_for_ever(
    tool: Tool, monkeypatch: pytest.MonkeyPatch, method: str, fault: type[Fault]
) -> None:
    """No pause is long, but the answer would come whole in the end."""
    monkeypatch.setattr("connectors.deadline.PAUSES", 0.02)
    tool.slowness = 0.05
    path = {"GET": "things", "POST": "notes"}[method]
    tool.faults.script(f"{method} /{path}", "trickle")
    session = Session("Tool", tool.url, timeout=(1, 5))
    with pytest.raises(fault, match="in time"):
        session.call(method, path, json={} if method == "POST" else None)
    session.close()


def test_a_body_that_trickles_in_after_its_head_is_left_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.deadline.PAUSES", 0.02)

    def serve(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            for _ in range(1000):
                connection.sendall(b" ")
                time.sleep(0.01)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        session = Session("Tool", f"http://127.0.0.1:{server.getsockname()[1]}", timeout=(1, 5))
        with pytest.raises(Unavailable, match="in time"):
            session.call("GET", "/")
        session.close()


def test_a_server_without_tls_is_told_apart_from_silence(monkeypatch: pytest.MonkeyPatch, tool: Tool) -> None:
    secure = tool.url.replace("http://", "https://")
    with pytest.raises(Unavailable, match="encrypted"):
        Session("Tool", secure).call("GET", "/things")


def test_R06_a_kept_connection_that_died_meanwhile_is_not_used_twice_for_one_write() -> None:
    """The server answers once, then takes the next request on the same connection and hangs up."""
    bodies: list[bytes] = []

    def serve(server: socket.socket) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                for answer in (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", None):
                    if not (request := connection.recv(65536)):
                        break
                    bodies.append(request)
                    if answer is None:
                        break
                    connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        session = Session("Tool", f"http://127.0.0.1:{server.getsockname()[1]}", timeout=(1, 60))
        session.call("GET", "/")
        with pytest.raises(Unclear):
            session.call("POST", "/notes", data=b"x")
        server.shutdown(socket.SHUT_RDWR)
        session.close()
    assert len([request for request in bodies if request.startswith(b"POST")]) == 1


def test_R06_an_answer_no_library_can_read_leaves_a_write_unclear() -> None:
    def serve(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 2, 3\r\n\r\n{}")

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        session = Session("Tool", f"http://127.0.0.1:{server.getsockname()[1]}", timeout=(1, 60))
        with pytest.raises(Unclear):
            session.call("POST", "/notes", json={})
        session.close()


@responses.activate
@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 410, 412, 413])
def test_what_only_a_connector_can_name_is_handed_to_it(status: int) -> None:
    responses.get(f"{SITE}/things", status=status, json={})
    session = Session("Tool", SITE)
    answer = session.call("GET", "/things")
    assert answer.status_code == status
    assert f"({status})" in str(session.refused(answer, "the time on ACME-12"))


@responses.activate
@pytest.mark.parametrize(
    "error", [requests.ConnectionError("GET /calendars/ada@northwind.example s3cret"), requests.Timeout()]
)
def test_I9_no_fault_quotes_the_address_or_the_credential(error: Exception) -> None:
    responses.get(f"{SITE}/calendars/ada@northwind.example", body=error)
    with pytest.raises(Fault) as caught:
        Session("Tool", SITE, auth=bearer(SecretStr("s3cret"))).call(
            "GET", "/calendars/ada@northwind.example"
        )
    assert "ada@" not in str(caught.value) and "s3cret" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("token", ["s3cret\n", "s3cret\r\nX-Admin: yes", "s3cret✓"])
def test_a_credential_no_header_can_carry_is_refused_unsent_and_unquoted(
    tool: Tool, session: Session, token: str
) -> None:
    with pytest.raises(Refused, match="line breaks") as caught:
        session.acting(bearer(SecretStr(token))).call("POST", "/notes", json={})
    assert caught.value.whose == "account"
    assert "s3cret" not in str(caught.value)
    assert tool.asked == []


# --- who asks, and where ---------------------------------------------------------------------------------


def test_two_contributors_share_connections_and_nothing_else(tool: Tool, session: Session) -> None:
    ada, ben = (session.acting(bearer(SecretStr(name))) for name in ("ada", "ben"))
    for _ in range(2):
        ada.call("GET", "/things")
        ben.call("GET", "/things")
    assert [request.headers["authorization"] for request in tool.asked] == ["Bearer ada", "Bearer ben"] * 2
    assert not [request for request in tool.asked if "cookie" in request.headers]
    assert session.budget.requests == 4


def test_a_login_in_the_home_folder_is_not_used(
    tool: Tool, session: Session, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login otto password hunter2\n")
    monkeypatch.setenv("NETRC", str(netrc))
    session._http.trust_env = True
    session.call("GET", "/things")
    session.acting(bearer(SecretStr("ada"))).call("GET", "/things")
    assert [request.headers.get("authorization") for request in tool.asked] == [None, "Bearer ada"]


def test_a_proxy_for_the_world_is_not_asked_for_this_machine(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert Session("Tool", tool.url).call("GET", "/things").ok


def test_who_we_are_is_said_and_names_may_be_foreign(tool: Tool, session: Session) -> None:
    session.acting(basic("zoë@northwind.example", SecretStr("tökén"))).call("GET", "/things")
    assert tool.asked[0].headers["user-agent"].startswith("daybook/")
    assert tool.asked[0].headers["authorization"].startswith("Basic ")
    assert "gzip" in tool.asked[0].headers["accept-encoding"]


@pytest.mark.parametrize("header", ["If-None-Match", "If-Modified-Since"])
def test_not_modified_is_an_answer_to_who_asked_whether_it_was(session: Session, header: str) -> None:
    assert session.call("GET", "/unchanged", headers={header: "before"}).status_code == 304
    with pytest.raises(Unavailable):
        session.call("GET", "/unchanged")


@pytest.mark.parametrize("write", [False, True])
def test_S10_no_redirect_is_followed(tool: Tool, session: Session, write: bool) -> None:
    with pytest.raises(Unclear if write else Unavailable, match=r"answered 302, which points elsewhere\. "):
        session.call("GET", "/elsewhere", write=write)
    assert [request.path for request in tool.asked] == ["/elsewhere"]


@pytest.mark.parametrize("status", [301, 308])
def test_an_address_that_changed_for_good_is_the_administrators(
    tool: Tool, session: Session, status: int
) -> None:
    with pytest.raises(Refused, match="Correct it in the configuration") as caught:
        session.call("GET", f"/moved/{status}")
    assert caught.value.whose == "connection" and "secret" not in str(caught.value)
    with pytest.raises(Unclear):
        session.call("GET", f"/moved/{status}", write=True)
    assert len(tool.asked) == 2, "not followed"


@pytest.mark.parametrize(
    "url",
    [
        "http://tool.example",
        "ftp://tool.example",
        "tool.example",
        "https://",
        "https://ada:pw@tool.example",
        "https://tool.example:port",
        "http://169.254.169.254",
        "https://169.254.169.254",
        "https://[fe80::1]",
        "https://[fd00:ec2::254]",
        "https://[::ffff:169.254.169.254]",
        "https://100.100.100.200",
        "https://0.0.0.0",
        "https://224.0.0.1",
    ],
)
def test_S10_an_address_we_must_not_speak_to_is_refused_by_its_face(url: str) -> None:
    with pytest.raises(Refused) as caught:
        Session("Tool", url)
    assert caught.value.whose == "connection"
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1.example", "https://10.0.0.5", "http://localhost:1", "http://[::1]:1"]
)
def test_S10_an_office_address_and_this_machine_by_its_own_name_are_fine(url: str) -> None:
    Session("Tool", url)


@pytest.mark.parametrize("inner", ["127.0.0.1", "169.254.169.254"])
def test_S10_a_name_that_turns_out_to_be_inside_gets_no_byte(
    inner: str, monkeypatch: pytest.MonkeyPatch, tool: Tool
) -> None:
    """DNS rebinding: the name is harmless, what it resolves to is not."""
    port = int(tool.url.rpartition(":")[2])

    def resolver(host: str, *_: Any, **__: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    monkeypatch.setattr(socket.socket, "getpeername", lambda self: (inner, port))
    with pytest.raises(Refused, match="inner address"):
        Session("Tool", f"https://tool.example:{port}", auth=bearer(SecretStr("ada"))).call("GET", "/things")
    assert tool.asked == []


def test_S10_a_call_to_another_host_takes_no_credential_there(tool: Tool, session: Session) -> None:
    with pytest.raises(Refused, match="another host"):
        session.call("GET", f"{SITE}/things")
    with pytest.raises(Refused, match="another host"):
        session.call("GET", "http://127.0.0.1:1/things")
    also = Session("Tool", SITE, also=[tool.url])
    assert also.call("GET", f"{tool.url}/things").ok


# --- how fast --------------------------------------------------------------------------------------------


@responses.activate
def test_R07_after_a_429_the_whole_connection_rests() -> None:
    responses.get(f"{SITE}/things", status=429, headers={"Retry-After": "60"})
    session = Session("Tool", SITE)
    with pytest.raises(Paced) as first:
        session.call("GET", "/things")
    with pytest.raises(Paced) as second:
        session.acting(bearer(SecretStr("ben"))).call("GET", "/things")
    assert first.value.wait == timedelta(seconds=60)
    assert timedelta(seconds=59) < second.value.wait <= timedelta(seconds=60 * 1.3)
    assert len(responses.calls) == 1


@responses.activate
def test_R07_a_503_that_names_a_time_is_paced_for_reads_and_rests_the_connection_for_writes_too() -> None:
    responses.add("GET", f"{SITE}/things", status=503, headers={"Retry-After": "60"})
    responses.add("POST", f"{SITE}/things", status=503, headers={"Retry-After": "60"})
    with pytest.raises(Paced):
        Session("Tool", SITE).call("GET", "/things")
    session = Session("Tool", SITE)
    with pytest.raises(Unclear):
        session.call("POST", "/things", json={})
    with pytest.raises(Paced):
        session.call("GET", "/things")


@responses.activate
def test_R07_a_429_without_a_time_means_half_a_minute_or_the_longest_rest_if_that_is_less() -> None:
    responses.get(f"{SITE}/things", status=429)
    with pytest.raises(Paced) as caught:
        Session("Tool", SITE).call("GET", "/things")
    assert caught.value.wait == timedelta(seconds=30)
    with pytest.raises(Paced) as brief:
        Session("Tool", SITE, longest_rest=timedelta(seconds=2)).call("GET", "/things")
    assert brief.value.wait == timedelta(seconds=2)
