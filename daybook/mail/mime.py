"""One mail as the bytes that go out: headers, and two texts that say the same.

Written here and not by `email`, which takes every header apart and writes a line at a time: that took longer
than to word the mail. Only the words beyond ASCII in what people are called and in subjects go through it.
"""

from __future__ import annotations

import re
from binascii import b2a_qp
from dataclasses import dataclass
from email.header import Header
from email.headerregistry import Address
from hashlib import sha256

LONGEST_LINE = 1_000
"""Bytes with the line end; a server may cut or refuse what is longer (RFC 5321)."""
_BEGINS_A_MAIL = re.compile(rb"^F(?=rom )", re.MULTILINE)


@dataclass(frozen=True)
class Letter:
    """What a mail says; the same letter gives the same bytes."""

    headers: dict[str, str | Address]
    text: str
    html: str

    def written(self) -> bytes:
        """Raises ValueError for a header that holds a line break."""
        # no text holds "=_" once it is encoded
        mark = "=_" + sha256(str(self.headers["Message-ID"]).encode()).hexdigest()[:32]
        kind = {"MIME-Version": "1.0", "Content-Type": f'multipart/alternative; boundary="{mark}"'}
        head = b"".join(_header(name, value) for name, value in (self.headers | kind).items())
        parts = (_part("plain", self.text), _part("html", self.html))
        between = f"\r\n--{mark}".encode()
        return head + b"".join(between + b"\r\n" + part for part in parts) + between + b"--\r\n"


def _header(name: str, value: str | Address) -> bytes:
    words, at = (value, "") if isinstance(value, str) else (value.display_name, f"\r\n <{value.addr_spec}>")
    line = f"{name}: {value}\r\n"
    if words.isascii() and words.isprintable() and "=?" not in words and len(line) <= LONGEST_LINE:
        return line.encode()  # as mailboxes read some of them raw (RFC 8058)
    if "\r" in words or "\n" in words:
        raise ValueError(f"{name} would hold a linefeed.")
    # words of at most 75 columns (RFC 2047), to which the policies of `email` do not keep
    encoded = Header(words, "utf-8", maxlinelen=76, header_name=name).encode(linesep="\r\n")
    return f"{name}: {encoded}{at}\r\n".encode()


def _part(kind: str, text: str) -> bytes:
    head = (
        f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    )
    return head.encode() + _encoded(text)


def _encoded(text: str) -> bytes:
    """In lines of 7 bits and at most 76 columns, so that no relay on the way needs to change it."""
    lines = b"".join(line + b"\r\n" for line in text.encode().splitlines())
    # what begins a line in a mailbox file is a mail: whoever passes it on would write >From (RFC 4155)
    return _BEGINS_A_MAIL.sub(b"=46=\r\n", b2a_qp(lines))
