"""A mail server that keeps what it is sent, and a mailbox to read it in a browser.

Mail comes in by real SMTP and never leaves. Like real ones it can answer 451,
or take a mail and die before it said so. The mailbox shows each mail as its
receiver would see it, HTML in a frame without script, and its text beside it.
"""

from __future__ import annotations

import email
import html
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP as POLICY
from functools import cached_property
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from connectors.stand_in import Answer, Faults, Request, StandIn, route
from daybook.sandbox.html import page

OK = "250 Message accepted for delivery"
LATER = "451 4.3.0 Try again later"


@dataclass(frozen=True)
class Delivery:
    to: str
    at: datetime
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.raw, policy=POLICY)

    @cached_property
    def id(self) -> str:
        return str(BytesHeaderParser(policy=POLICY).parsebytes(self.raw)["Message-ID"])

    @cached_property
    def text(self) -> str:
        """What a reader without HTML sees."""
        return self.part("plain")

    def part(self, kind: str) -> str:
        """The text/plain or text/html part; empty where there is none."""
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part is not None else ""


class PostOffice(StandIn):
    """SMTP on one port, the mailbox on another."""

    name = "mail"

    def __init__(self, faults: Faults | None = None) -> None:
        super().__init__()
        self.smtp_faults = faults or Faults()
        self.deliveries: list[Delivery] = []
        self._smtp: _Listener | None = None

    def start(self, port: int = 0) -> str:
        url = super().start(port)
        self._smtp = _Listener(_Desk(self))
        self._smtp.start()
        return url

    def stop(self) -> None:
        if self._smtp is not None:
            self._smtp.stop()
            self._smtp = None
        super().stop()

    @property
    def smtp(self) -> str:
        """host:port for the configuration."""
        assert self._smtp is not None, "not started"
        return "{}:{}".format(*self._smtp.address)

    def to(self, address: str) -> list[Delivery]:
        with self.lock:
            return [delivery for delivery in self.deliveries if delivery.to == address]

    def receive(self, envelope: Envelope) -> str:
        """Keep a mail, or not; gives the SMTP reply, or "" to die without one."""
        with self.lock:
            self.counts["SMTP DATA"] += 1
            fault = self.smtp_faults.next("SMTP DATA", self.counts["SMTP DATA"])
            if fault == "drop-before":
                return ""
            if fault not in ("", "drop-after", "slow"):
                return LATER
            content = envelope.content or b""
            raw = content if isinstance(content, bytes) else content.encode()
            for address in envelope.rcpt_tos:
                self._deliver(Delivery(address.lower(), datetime.now(UTC), raw))
        return "" if fault == "drop-after" else OK

    def _deliver(self, mail: Delivery) -> None:
        """Like a mailbox that folds a mail it has already (E-05)."""
        same = [old for old in self.deliveries if old.to == mail.to and old.id == mail.id]
        if not same:
            self.deliveries.append(mail)

    @route("GET", "/")
    def inbox(self, request: Request) -> Answer:
        rows = "".join(
            f'<li><a href="/mail/{number}"><b>{html.escape(mail.to)}</b> '
            f"{html.escape(str(mail.message['subject']))}</a> <time>{mail.at:%H:%M:%S}</time></li>"
            for number, mail in reversed(list(enumerate(self.deliveries)))
        )
        return Answer(
            200, page("Mailbox", f"<h1>Mailbox</h1><p>{len(self.deliveries)} mails.</p><ol>{rows}</ol>")
        )

    @route("GET", "/mail/{number}")
    def mail(self, request: Request) -> Answer:
        mail = self._numbered(request)
        if mail is None:
            return Answer(404, page("No such mail", "<h1>No such mail</h1>"))
        heads = "".join(
            f"<dt>{html.escape(name)}</dt><dd>{html.escape(str(mail.message[name]))}</dd>"
            for name in ("From", "To", "Subject", "Date")
        )
        body = (
            f'<p><a href="/">Mailbox</a></p><dl>{heads}</dl>'
            f'<iframe title="The mail" sandbox="allow-popups allow-popups-to-escape-sandbox" '
            f'srcdoc="{html.escape(mail.part("html"))}"></iframe>'
            f"<h2>As text</h2><pre>{html.escape(mail.part('plain'))}</pre>"
        )
        return Answer(200, page(str(mail.message["subject"]), body))

    @route("GET", "/mail/{number}/raw")
    def raw(self, request: Request) -> Answer:
        mail = self._numbered(request)
        return Answer(404) if mail is None else Answer(200, mail.raw, {"Content-Type": "message/rfc822"})

    def _numbered(self, request: Request) -> Delivery | None:
        number = request.args["number"]
        known = number.isdigit() and int(number) < len(self.deliveries)
        return self.deliveries[int(number)] if known else None


class _Listener(Controller):
    """aiosmtpd on a port of the system's choosing."""

    def __init__(self, desk: _Desk) -> None:
        super().__init__(desk, hostname="127.0.0.1", port=0, ready_timeout=10)

    @property
    def address(self) -> tuple[str, int]:
        sockets: Any = getattr(self.server, "sockets", ())
        host, port = sockets[0].getsockname()
        return host, port

    def _trigger_server(self) -> None:
        # aiosmtpd knocks at its own port to see that it stands, and knows only the 0 it asked for
        socket.create_connection(self.address, timeout=5).close()


class _Desk:
    def __init__(self, office: PostOffice) -> None:
        self.office = office

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        reply = self.office.receive(envelope)
        if not reply:
            cast(Any, server).transport.abort()
        return reply or LATER
