"""A mail is handed over once, to a server that is who it says it is, and its answer is understood."""

from __future__ import annotations

import socket
import ssl
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
from daybook.mail.send import NotTaken, reach, send
from daybook.sandbox.post_office import PostOffice
from tests.daybook.mail import said

ADA = "ada@northwind.example"
SENDER = "Daybook <daybook@northwind.example>"


def one() -> Any:
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


def plainly(smtp: str) -> Mail:
    return Mail(sender=SENDER, smtp=smtp, tls="none")


def test_the_server_gets_the_bytes_that_were_composed_for_one_recipient() -> None:
    desk = Desk()
    with listening(desk) as smtp:
        send(plainly(smtp), one())
    ((sender, recipients, content),) = desk.taken
    assert (sender, recipients) == ("daybook@northwind.example", [ADA])
    assert content.rstrip() == one().as_bytes().rstrip()


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
        send(plainly(smtp), one())
    assert refused.value.permanent is permanent
    assert "@" not in refused.value.reason and "ada" not in refused.value.reason


@pytest.mark.parametrize("fault", ["503", "drop-before", "drop-after"])
def test_E08_what_broke_on_the_way_is_tried_again(post_office: PostOffice, mail: Mail, fault: str) -> None:
    post_office.smtp_faults.script("SMTP DATA", fault)
    with pytest.raises(NotTaken) as refused:
        send(mail, one())
    assert not refused.value.permanent


def test_a_server_that_hangs_up_once_it_said_yes_has_the_mail() -> None:
    class Rude(Desk):
        async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:
            server.transport.abort()
            return "221 Bye"

    desk = Rude()
    with listening(desk) as smtp:
        send(plainly(smtp), one())
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
        send(plainly("127.0.0.1:9"), one())
    assert not refused.value.permanent


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
        send(settings, one())
        assert len(desk.taken) == 1
        wrong = settings.model_copy(update={"password": SecretStr("guess")})
        with pytest.raises(NotTaken, match="refused our login") as refused:
            send(wrong, one())
    assert not refused.value.permanent and "guess" not in refused.value.reason
    assert len(desk.taken) == 1


@pytest.mark.parametrize("kind", ["starttls", "implicit"])
def test_a_server_nobody_vouches_for_gets_nothing(kind: Any, tls: ssl.SSLContext) -> None:
    desk = Desk()
    with listening(desk, **encrypted(kind, tls)) as smtp, pytest.raises(NotTaken, match="TLS") as refused:
        send(Mail(sender=SENDER, smtp=smtp, tls=kind), one())
    assert not desk.taken and not refused.value.permanent


def test_a_server_that_does_not_encrypt_gets_nothing_when_told_to_encrypt() -> None:
    desk = Desk()
    with listening(desk) as smtp, pytest.raises(NotTaken, match="does not offer"):
        send(Mail(sender=SENDER, smtp=smtp, tls="starttls"), one())
    assert not desk.taken
