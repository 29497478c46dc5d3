"""Handing mails to the organisation's mail server, and what its answers mean (E-08).

A connection that took a mail is kept for the next one. What the server does not let us begin on it is asked
once more on a new one: the old one may be closed by now, or full. Once the mail itself is on its way nothing
is asked again, as nobody knows what becomes of it.
"""

from __future__ import annotations

import smtplib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.utils import parseaddr

from config.schema import Mail

PATIENCE = 20.0
"""Seconds that any one answer of the server may take."""
IDLE = 5.0
"""Seconds until connections that nobody uses are given back."""


class NotTaken(Exception):
    """The mail server did not take a mail, or its word that it did was lost. Names no address."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        """The server will not take this mail for this address; anything else is worth another try."""


class Carrier:
    """Carries mails to one mail server; threads may share it."""

    def __init__(self, settings: Mail) -> None:
        self._settings = settings
        self._sender = parseaddr(settings.sender)[1]
        self._lock = threading.Lock()
        self._idle: list[smtplib.SMTP] = []
        self._timer: threading.Timer | None = None
        """Runs while any are idle."""

    def send(self, mail: bytes, to: str, bounces: str | None = None) -> None:
        """Hand over one mail. Raises NotTaken.

        Takes    bounces: the address to which it comes back where it cannot be delivered; None: to its sender
        """
        with _in_words():
            server = self._waiting_for(bounces or self._sender, to)
            with _closed_if_it_breaks(server):
                code, _ = server.data(mail)
                if code != 250:
                    raise _answered("the mail", code)
            self._keep(server)

    def rest(self) -> None:
        """Give back the connections that are idle."""
        with self._lock:
            idle, self._idle, self._timer = self._idle, [], None
        for server in idle:
            _leave(server)

    def _waiting_for(self, sender: str, to: str) -> smtplib.SMTP:
        """A connection on which the server waits for a mail from and to these."""
        with self._lock:
            kept = self._idle.pop() if self._idle else None
        if kept is not None:
            with suppress(NotTaken, OSError, smtplib.SMTPException):
                return _announced(kept, sender, to)
        return _announced(_connected(self._settings), sender, to)

    def _keep(self, server: smtplib.SMTP) -> None:
        with self._lock:
            self._idle.append(server)
            if self._timer is None:
                self._timer = threading.Timer(IDLE, self.rest)
                self._timer.daemon = True
                self._timer.start()


def reach(settings: Mail) -> None:
    """Connect and log in, sending nothing. Raises NotTaken."""
    with _in_words():
        _leave(_connected(settings))


@contextmanager
def _in_words() -> Iterator[None]:
    """Turns what can go wrong with a mail server into what it means for the mail."""
    try:
        yield
    except smtplib.SMTPDataError as error:
        raise _answered("the mail", error.smtp_code) from None
    except smtplib.SMTPAuthenticationError as error:
        raise _not_now(f"The mail server refused our login ({error.smtp_code}).") from None
    except smtplib.SMTPNotSupportedError:
        raise _not_now("The mail server does not offer what mail.tls or mail.user asks for.") from None
    except ssl.SSLError as error:
        raise _not_now(f"The mail server's certificate or TLS is not good ({error.reason}).") from None
    except smtplib.SMTPResponseException as error:
        raise _not_now(f"The mail server turned us away ({error.smtp_code}).") from None
    except (OSError, smtplib.SMTPException) as error:
        raise _not_now(f"The mail server did not answer ({type(error).__name__}).") from None


def _connected(settings: Mail) -> smtplib.SMTP:
    """A connection that is who it says it is, encrypted as configured, logged in where there is a user."""
    # reading the machine's trusted certificates takes 20 ms, so only where one is checked
    server = (
        smtplib.SMTP_SSL(settings.host, settings.port, timeout=PATIENCE, context=ssl.create_default_context())
        if settings.tls == "implicit"
        else smtplib.SMTP(settings.host, settings.port, timeout=PATIENCE)
    )
    with _closed_if_it_breaks(server):
        if settings.tls == "starttls":
            server.starttls(context=ssl.create_default_context())
        if settings.user and settings.password:
            server.login(settings.user, settings.password.get_secret_value())
        server.ehlo_or_helo_if_needed()
    return server


def _announced(server: smtplib.SMTP, sender: str, to: str) -> smtplib.SMTP:
    """The same one, which now waits for a mail from and to these."""
    with _closed_if_it_breaks(server):
        code, _ = server.mail(sender)
        if code != 250:
            raise _not_now(f"The mail server refused our sender address ({code}).")
        code, _ = server.rcpt(to)
        if code not in (250, 251):
            raise _answered("the address", code)
    return server


@contextmanager
def _closed_if_it_breaks(server: smtplib.SMTP) -> Iterator[None]:
    try:
        yield
    except BaseException:
        server.close()
        raise


def _leave(server: smtplib.SMTP) -> None:
    with suppress(OSError, smtplib.SMTPException):  # how we part changes nothing
        server.quit()
    server.close()


def _answered(what: str, code: int) -> NotTaken:
    """The server's word about this one mail."""
    if code >= 500:
        return NotTaken(f"The mail server will not take {what} ({code}).", permanent=True)
    return NotTaken(f"The mail server does not take {what} now ({code}).", permanent=False)


def _not_now(reason: str) -> NotTaken:
    """Something is wrong for everybody: a person may have to repair it, and then the mail goes out."""
    return NotTaken(reason, permanent=False)
