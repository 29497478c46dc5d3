"""A file under the master key: whoever has the file alone reads nothing but its first lines.

    what it is, on a line      daybook backup 1
    what is in it, on a line   JSON, not secret; holds the key of this file, wrapped by the master key
    pieces                     AES-256-GCM; the number of each is its nonce, the last says that it is the last

A piece that was altered, moved, taken out or cut off does not open, nor does one under other first lines.

Source   Hoang, Reyhanitabar, Rogaway, Vizár: Online authenticated-encryption and its nonce-reuse
         misuse-resistance (2015), the construction STREAM
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.model import Noun
from daybook.store.errors import StoreRefused
from daybook.store.seal import Masters, Sealed

KIND = b"daybook backup 1\n"
LONGEST_HEAD = 1 << 16
PIECE = 1 << 20
TAG = 16
PLACE = "backup"


class Lock(Noun):
    """What opens a file to who has the master key."""

    master: str
    """Its id."""
    key: str
    """The key of this file alone, wrapped; hexadecimal."""


def locked(masters: Masters) -> tuple[Lock, AESGCM]:
    """A fresh key for one file."""
    key = secrets.token_bytes(32)
    return Lock(master=masters.first.id, key=masters.first.wrap(key, PLACE).hex()), AESGCM(key)


def write(file: BinaryIO, head: str, cipher: AESGCM, plain: BinaryIO) -> Iterator[int]:
    """Close all of `plain` into `file`; gives after each piece how many bytes it was."""
    first = KIND + head.encode() + b"\n"
    file.write(first)
    for number, (piece, is_last) in enumerate(_pieces(plain, PIECE)):
        file.write(cipher.encrypt(_nonce(number, is_last), piece, first))
        yield len(piece)


def head(file: BinaryIO, name: str) -> str:
    """What is said to be in it; the file then stands at its first piece. Raises StoreRefused."""
    said = file.readline(LONGEST_HEAD) if file.read(len(KIND)) == KIND else b""
    try:
        return said.decode().removesuffix("\n") if said.endswith(b"\n") else _foreign(name)
    except UnicodeDecodeError:
        return _foreign(name)


def read(file: BinaryIO, head: str, lock: Lock, masters: Masters, name: str) -> Iterator[bytes]:
    """Its pieces, opened. Raises StoreRefused where one is not what was closed into it."""
    cipher = _cipher(lock, masters, name)
    first = KIND + head.encode() + b"\n"
    for number, (piece, is_last) in enumerate(_pieces(file, PIECE + TAG)):
        try:
            yield cipher.decrypt(_nonce(number, is_last), piece, first)
        except InvalidTag:
            raise StoreRefused(
                f"{name} was cut off or altered: its piece {number + 1} does not open. Nothing was changed. "
                "Take another backup."
            ) from None


def _cipher(lock: Lock, masters: Masters, name: str) -> AESGCM:
    try:
        return AESGCM(masters.unwrap(lock.master, bytes.fromhex(lock.key), PLACE))
    except (ValueError, Sealed):
        raise StoreRefused(
            f"{name} does not open: its first lines were altered. Nothing was changed. Take another backup."
        ) from None


def _foreign(name: str) -> str:
    raise StoreRefused(f"{name} is no backup that this Daybook made. Nothing was changed.")


def _pieces(file: BinaryIO, size: int) -> Iterator[tuple[bytes, bool]]:
    """Each with whether it is the last."""
    piece = file.read(size)
    while after := file.read(size):
        yield piece, False
        piece = after
    yield piece, True


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])
