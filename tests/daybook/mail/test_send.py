"""A mail is handed over once, to a server that is who it says it is, and its answer is understood."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from config.schema import Mail
from daybook.mail import compose
from daybook.mail.send import PATIENCE, Carrier, NotTaken, reach
from daybook.sandbox.post_office import PostOffice
from tests.daybook.mail import said

ADA, BEN, MARA = (f"{name}@northwind.example" for name in ("ada", "ben", "mara"))
SENDER = "Daybook <daybook@northwind.example>"


def one() -> bytes:
    return compose.digest(said.digest())


class Desk:
    """A mail server's answers, as a test wants them."""

    def __init__(self, rcpt: str = "250 OK", data: str = "250 OK", sender: str = "250 OK") -> None:
        self.rcpt, self.data, self.sender = rcpt, data, sender
        self.taken: list[tuple[str, list[str], bytes]] = []

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.mail_from = address
        return self.sender

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.data.startswith("250"):
            self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return self.data


@contextmanager
def listening(desk: Desk, **how: Any) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(desk, hostname="127.0.0.1", port=port, **how)
    controller.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        controller.stop()


def send(settings: Mail) -> None:
    """One mail, on a connection of its own."""
    carrier = Carrier(settings)
    carrier.send(one(), ADA)
    carrier.rest()


def plainly(smtp: str) -> Mail:
    return Mail(sender=SENDER, smtp=smtp, tls="none")


def test_the_server_gets_the_bytes_that_were_composed_for_one_recipient() -> None:
    desk = Desk()
    with listening(desk) as smtp:
        send(plainly(smtp))
    ((sender, recipients, content),) = desk.taken
    assert (sender, recipients) == ("daybook@northwind.example", [ADA])
    assert content.rstrip() == one().rstrip()


@pytest.mark.parametrize(
    ("desk", "permanent"),
    [
        (Desk(rcpt="550 5.1.1 no such person ada@northwind.example"), True),
        (Desk(rcpt="450 4.2.0 greylisted"), False),
        (Desk(data="554 5.7.1 looks like spam"), True),
        (Desk(data="451 4.3.0 later"), False),
        # wrong for everybody: somebody repairs the configuration, and nobody's mail is given up meanwhile
        (Desk(sender="550 5.7.1 not your address"), False),
    ],
)
def test_E08_a_server_that_says_no_means_never_or_later(desk: Desk, permanent: bool) -> None:
    with listening(desk) as smtp, pytest.raises(NotTaken) as refused:
        send(plainly(smtp))
    assert refused.value.permanent is permanent
    assert "@" not in refused.value.reason and "ada" not in refused.value.reason


@pytest.mark.parametrize("fault", ["503", "drop-before", "drop-after"])
def test_E08_what_broke_on_the_way_is_tried_again(post_office: PostOffice, mail: Mail, fault: str) -> None:
    post_office.smtp_faults.script("SMTP DATA", fault)
    with pytest.raises(NotTaken) as refused:
        send(mail)
    assert not refused.value.permanent


def test_a_server_that_hangs_up_once_it_said_yes_has_the_mail() -> None:
    class Rude(Desk):
        async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:
            server.transport.abort()
            return "221 Bye"

    desk = Rude()
    with listening(desk) as smtp:
        send(plainly(smtp))
    assert len(desk.taken) == 1


def test_a_server_can_be_tried_without_sending_anything() -> None:
    desk = Desk()
    with listening(desk) as smtp:
        reach(plainly(smtp))
    assert desk.taken == []
    with pytest.raises(NotTaken, match="did not answer"):
        reach(plainly("127.0.0.1:9"))


def test_P14_a_server_that_is_not_there_is_said_in_words() -> None:
    with pytest.raises(NotTaken, match="did not answer") as refused:
        send(plainly("127.0.0.1:9"))
    assert not refused.value.permanent


# --- one connection for mails that follow each other -------------------------------------------------------


class Line(Desk):
    """Counts the connections it is asked for, and may end one in the middle."""

    def __init__(self, **answers: str) -> None:
        super().__init__(**answers)
        self.opened = 0
        self.left = threading.Event()
        self.begun = 0

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.opened += 1
        session.host_name = hostname
        return responses

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:
        self.left.set()
        return "221 Bye"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.begun += 1
        return await super().handle_DATA(server, session, envelope)

    @property
    def people(self) -> list[str]:
        return [to for _, recipients, _ in self.taken for to in recipients]


@contextmanager
def carrying(desk: Desk) -> Iterator[Carrier]:
    with listening(desk) as smtp:
        carrier = Carrier(plainly(smtp))
        try:
            yield carrier
        finally:
            carrier.rest()


def test_mails_that_follow_each_other_go_over_one_connection() -> None:
    desk = Line()
    with carrying(desk) as carrier:
        for to in (ADA, BEN, MARA):
            carrier.send(one(), to)
    assert (desk.people, desk.opened) == ([ADA, BEN, MARA], 1)


def test_a_connection_that_died_between_two_mails_is_opened_anew() -> None:
    class Curt(Line):
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            asyncio.get_running_loop().call_soon(server.transport.close)  # once it said yes
            return await super().handle_DATA(server, session, envelope)

    desk = Curt()
    with carrying(desk) as carrier:
        carrier.send(one(), ADA)
        carrier.send(one(), BEN)
    assert (desk.people, desk.opened) == ([ADA, BEN], 2)


@pytest.mark.parametrize("answer", ["421 4.7.0 Too many messages", "452 4.5.3 Too many messages"])
@pytest.mark.parametrize("verb", ["MAIL", "RCPT"])
def test_a_server_that_wants_no_more_mails_on_a_connection_gets_them_on_the_next(
    verb: str, answer: str
) -> None:
    class Limited(Line):
        def said(self, session: Any, otherwise: str) -> str:
            session.asked = getattr(session, "asked", 0) + 1
            return answer if session.asked == 2 else otherwise

        async def handle_MAIL(
            self, server: Any, session: Any, envelope: Any, address: str, options: Any
        ) -> str:
            said = await super().handle_MAIL(server, session, envelope, address, options)
            return self.said(session, said) if verb == "MAIL" else said

        async def handle_RCPT(
            self, server: Any, session: Any, envelope: Any, address: str, options: Any
        ) -> str:
            said = await super().handle_RCPT(server, session, envelope, address, options)
            return self.said(session, said) if verb == "RCPT" else said

    desk = Limited()
    with carrying(desk) as carrier:
        for to in (ADA, BEN, MARA):
            carrier.send(one(), to)
    assert (desk.people, desk.opened) == ([ADA, BEN, MARA], 3)


def test_E08_one_address_that_is_refused_leaves_the_others_alone() -> None:
    class Choosy(Line):
        async def handle_RCPT(
            self, server: Any, session: Any, envelope: Any, address: str, options: Any
        ) -> str:
            if address == BEN:
                return "550 5.1.1 no such person"
            return await super().handle_RCPT(server, session, envelope, address, options)

    desk = Choosy()
    with carrying(desk) as carrier:
        carrier.send(one(), ADA)
        with pytest.raises(NotTaken) as refused:
            carrier.send(one(), BEN)
        carrier.send(one(), MARA)
    assert refused.value.permanent
    assert desk.people == [ADA, MARA]


def test_E08_one_mail_that_is_refused_leaves_the_others_alone() -> None:
    desk = Line()
    with carrying(desk) as carrier:
        carrier.send(one(), ADA)
        desk.data = "554 5.7.1 looks like spam"
        with pytest.raises(NotTaken) as refused:
            carrier.send(one(), BEN)
        desk.data = "250 OK"
        carrier.send(one(), MARA)
    assert refused.value.permanent
    assert (desk.people, desk.begun) == ([ADA, MARA], 3)


def test_P8_a_mail_whose_answer_was_lost_is_not_handed_over_again_by_the_way() -> None:
    class Dying(Line):
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            said = await super().handle_DATA(server, session, envelope)
            if self.begun == 2:
                server.transport.abort()
            return said

    desk = Dying()
    with carrying(desk) as carrier:
        carrier.send(one(), ADA)
        with pytest.raises(NotTaken, match="did not answer") as lost:
            carrier.send(one(), BEN)
        carrier.send(one(), MARA)
    assert not lost.value.permanent
    assert (desk.people, desk.begun) == ([ADA, BEN, MARA], 3)


def test_two_mails_at_once_have_a_connection_each() -> None:
    class Slow(Line):
        """Takes none of the last two mails before it has both."""

        waiting, both = 0, asyncio.Event()

        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            self.waiting += 1
            if self.waiting == 3:
                self.both.set()
            if self.waiting > 1:
                await self.both.wait()
            return await super().handle_DATA(server, session, envelope)

    desk = Slow()
    with carrying(desk) as carrier:
        carrier.send(one(), ADA)
        others = [threading.Thread(target=carrier.send, args=(one(), to)) for to in (BEN, MARA)]
        for other in others:
            other.start()
        for other in others:
            other.join(PATIENCE)
    assert (sorted(desk.people), desk.opened) == ([ADA, BEN, MARA], 2)


def test_a_connection_that_nobody_uses_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daybook.mail.send.IDLE", 0)
    desk = Line()
    with listening(desk) as smtp:
        Carrier(plainly(smtp)).send(one(), ADA)
        assert desk.left.wait(PATIENCE)


# --- encryption --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 and its key, signed by nobody but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    file.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return file


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trust(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Makes this machine trust the test's own certificate."""
    return lambda: monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


def encrypted(kind: str, context: ssl.SSLContext) -> dict[str, Any]:
    if kind == "implicit":
        return {"ssl_context": context}
    return {"tls_context": context, "require_starttls": True}


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # aiosmtpd does not see that implicit TLS is TLS
@pytest.mark.parametrize("kind", ["starttls", "implicit"])
def test_a_trusted_server_takes_mail_and_login_encrypted(
    kind: Any, tls: ssl.SSLContext, trust: Callable[[], None]
) -> None:
    trust()
    desk = Desk()

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        known = (given.login, given.password) == (b"daybook", b"secret")
        return AuthResult(success=known, handled=False)

    door = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": kind == "starttls"}
    with listening(desk, **encrypted(kind, tls), **door) as smtp:
        settings = Mail(sender=SENDER, smtp=smtp, tls=kind, user="daybook", password=SecretStr("secret"))
        send(settings)
        assert len(desk.taken) == 1
        wrong = settings.model_copy(update={"password": SecretStr("guess")})
        with pytest.raises(NotTaken, match="refused our login") as refused:
            send(wrong)
    assert not refused.value.permanent and "guess" not in refused.value.reason
    assert len(desk.taken) == 1


@pytest.mark.parametrize("kind", ["starttls", "implicit"])
def test_a_server_nobody_vouches_for_gets_nothing(kind: Any, tls: ssl.SSLContext) -> None:
    desk = Desk()
    with listening(desk, **encrypted(kind, tls)) as smtp, pytest.raises(NotTaken, match="TLS") as refused:
        send(Mail(sender=SENDER, smtp=smtp, tls=kind))
    assert not desk.taken and not refused.value.permanent


def test_a_server_that_does_not_encrypt_gets_nothing_when_told_to_encrypt() -> None:
    desk = Desk()
    with listening(desk) as smtp, pytest.raises(NotTaken, match="does not offer"):
        send(Mail(sender=SENDER, smtp=smtp, tls="starttls"))
    assert not desk.taken
