"""Our own mailbox over IMAP: what is new in it, the beginning of each mail, and away with what is done.

Nothing is fetched twice and nothing whole: an attachment of fifty megabytes stays where it is.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from config.schema import Mailbox

PATIENCE = 20.0
"""Seconds that any one answer of the server may take."""
BEGINNING = 256 * 1024
"""Bytes of a mail that are fetched: more than anybody writes above what they attach."""


class Away(Exception):
    """The mailbox cannot be read now. Names no address and nothing of a mail."""


class Box:
    """One folder that is open."""

    def __init__(self, server: imaplib.IMAP4, validity: int, removes_by_number: bool) -> None:
        self._server = server
        self.validity = validity
        """Of the numbers of its mails: while it stays, these do."""
        self._removes_by_number = removes_by_number

    def after(self, last: int) -> list[int]:
        """The numbers of mails that came since this one, in order."""
        found = [line for line in self._asked("SEARCH", f"UID {last + 1}:*") if isinstance(line, bytes)]
        # `*` is the highest there is, be it new or not
        return sorted(number for number in map(int, b" ".join(found).split()) if number > last)

    def beginning(self, number: int) -> bytes | None:
        """None where somebody else has taken it away."""
        parts = self._asked("FETCH", str(number), f"(BODY.PEEK[]<0.{BEGINNING}>)")
        return next((part[1] for part in parts if isinstance(part, tuple)), None)

    def remove(self, number: int) -> None:
        """For good: no copy of what people write to us stays on another machine (P12)."""
        self._asked("STORE", str(number), "+FLAGS.SILENT", r"(\Deleted)")
        if self._removes_by_number:
            self._asked("EXPUNGE", str(number))
        else:
            self._server.expunge()

    def _asked(self, command: str, *words: str) -> list[bytes | tuple[bytes, bytes]]:
        status, answer = self._server.uid(command, *words)
        if status != "OK":
            raise Away(f"The mailbox server turned {command} down.")
        return answer


@contextmanager
def opened(settings: Mailbox) -> Iterator[Box]:
    """The folder, open for as long as it is needed. Raises Away."""
    with _in_words(), _connected(settings) as server:
        status, _ = server.select(f'"{settings.folder}"')
        if status != "OK":
            raise Away(f"The mailbox has no folder {settings.folder}, or we may not open it.")
        _, validity = server.response("UIDVALIDITY")
        _, abilities = server.capability()
        yield Box(
            server, int((validity[0] if validity else None) or 0), b"UIDPLUS" in b" ".join(abilities).split()
        )


@contextmanager
def _in_words() -> Iterator[None]:
    """Turns what can go wrong with a mailbox into what it means."""
    try:
        yield
    except ssl.SSLError as error:
        raise Away(f"The mailbox server's certificate or TLS is not good ({error.reason}).") from None
    except imaplib.IMAP4.abort:
        raise Away("The mailbox server ended the connection.") from None
    except imaplib.IMAP4.error as error:
        said = re.match(r"\S*\[([A-Z]+)\]", str(error).lstrip("b'\""))
        code = f" ({said[1]})" if said else ""
        raise Away(f"The mailbox server refused our login, or what it offers is not enough{code}.") from None
    except (OSError, UnicodeError) as error:
        raise Away(f"The mailbox server did not answer ({type(error).__name__}).") from None


@contextmanager
def _connected(settings: Mailbox) -> Iterator[imaplib.IMAP4]:
    """A connection that is who it says it is, encrypted as configured, and logged in."""
    server: imaplib.IMAP4 = (
        imaplib.IMAP4_SSL(
            settings.host, settings.port, ssl_context=ssl.create_default_context(), timeout=PATIENCE
        )
        if settings.tls == "implicit"
        else imaplib.IMAP4(settings.host, settings.port, timeout=PATIENCE)
    )
    try:
        if settings.tls == "starttls":
            server.starttls(ssl.create_default_context())
        server.login(settings.user, settings.password.get_secret_value())
        yield server
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            server.logout()
