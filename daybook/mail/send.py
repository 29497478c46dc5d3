"""Handing one mail to the organisation's mail server, and what its answer means (E-08)."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage

from config.schema import Mail

PATIENCE = 20.0
"""Seconds that any one answer of the server may take."""


class NotTaken(Exception):
    """The mail server did not take a mail, or its word that it did was lost. Names no address."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        """The server will not take this mail for this address; anything else is worth another try."""


def send(settings: Mail, message: EmailMessage, bounces: str | None = None) -> None:
    """Hand over one mail. Raises NotTaken.

    Takes    bounces: the address to which it comes back where it cannot be delivered; None: to its sender
    """
    with _in_words(), _connected(settings) as server:
        server.send_message(message, from_addr=bounces)


def reach(settings: Mail) -> None:
    """Connect and log in, sending nothing. Raises NotTaken."""
    with _in_words(), _connected(settings):
        pass


@contextmanager
def _in_words() -> Iterator[None]:
    """Turns what can go wrong with a mail server into what it means for the mail."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        raise _answered("the address", *(code for code, _ in error.recipients.values())) from None
    except smtplib.SMTPDataError as error:
        raise _answered("the mail", error.smtp_code) from None
    except smtplib.SMTPAuthenticationError as error:
        raise _not_now(f"The mail server refused our login ({error.smtp_code}).") from None
    except smtplib.SMTPSenderRefused as error:
        raise _not_now(f"The mail server refused our sender address ({error.smtp_code}).") from None
    except smtplib.SMTPNotSupportedError:
        raise _not_now("The mail server does not offer what mail.tls or mail.user asks for.") from None
    except ssl.SSLError as error:
        raise _not_now(f"The mail server's certificate or TLS is not good ({error.reason}).") from None
    except smtplib.SMTPResponseException as error:
        raise _not_now(f"The mail server turned us away ({error.smtp_code}).") from None
    except (OSError, smtplib.SMTPException) as error:
        raise _not_now(f"The mail server did not answer ({type(error).__name__}).") from None


@contextmanager
def _connected(settings: Mail) -> Iterator[smtplib.SMTP]:
    """A connection that is who it says it is, encrypted as configured, logged in where there is a user."""
    # reading the machine's trusted certificates takes 20 ms, so only where one is checked
    server = (
        smtplib.SMTP_SSL(settings.host, settings.port, timeout=PATIENCE, context=ssl.create_default_context())
        if settings.tls == "implicit"
        else smtplib.SMTP(settings.host, settings.port, timeout=PATIENCE)
    )
    try:
        if settings.tls == "starttls":
            server.starttls(context=ssl.create_default_context())
        if settings.user and settings.password:
            server.login(settings.user, settings.password.get_secret_value())
        yield server
        with suppress(OSError, smtplib.SMTPException):  # the mail is taken; how we part changes nothing
            server.quit()
    finally:
        server.close()


def _answered(what: str, *codes: int) -> NotTaken:
    """The server's word about this one mail."""
    code = max(codes, default=0)
    if code >= 500:
        return NotTaken(f"The mail server will not take {what} ({code}).", permanent=True)
    return NotTaken(f"The mail server does not take {what} now ({code}).", permanent=False)


def _not_now(reason: str) -> NotTaken:
    """Something is wrong for everybody: a person may have to repair it, and then the mail goes out."""
    return NotTaken(reason, permanent=False)
