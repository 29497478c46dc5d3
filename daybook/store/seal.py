"""Sealing: content is on disk only under a key that can be destroyed.

    master key     handed in by the caller; wraps all others, never stored
      root         one a store: seals what belongs to nobody, makes fingerprints and tokens
      data keys    one for each contributor, ISO week and retention class: seal what is theirs

Erasing is deleting a data key: every copy of what it sealed is noise from then on, in the
file, its journal and its backups. Each seal is bound to its table, its owner and its row,
so a sealed value moved to another row or person does not open.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr
from sqlalchemy import Connection, Table, delete, insert, select

from daybook.store import schema
from daybook.store.errors import StoreRefused

Row = Mapping[Any, Any]
"""Values by column name."""

ALWAYS = "always"
"""The week of what has none. Sorts after every week, so it is erased but never expires."""

MOST_CACHED = 4096
"""Unwrapped keys held in memory."""

_NONCE = 12


class Sealed(StoreRefused):
    """A sealed value did not open: it was altered, moved to another row, or is somebody else's."""


def week(day: date) -> str:
    """The ISO week of a day, so that sorting the text sorts the weeks: 2026-W47."""
    year, number, _ = day.isocalendar()
    return f"{year:04}-W{number:02}"


def _derive(secret: bytes, purpose: str, length: int = 32) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=f"daybook {purpose}".encode()).derive(secret)


def _encrypt(cipher: AESGCM, plain: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + cipher.encrypt(nonce, plain, bound)


def _decrypt(cipher: AESGCM, closed: bytes, bound: bytes) -> bytes:
    try:
        return cipher.decrypt(closed[:_NONCE], closed[_NONCE:], bound)
    except InvalidTag:
        raise Sealed(
            "A value in the store does not open with the key of its place: it was altered or moved. "
            "Nothing was changed. Restore the database from a backup."
        ) from None


class Master:
    """The key everything hangs on; wraps and unwraps other keys."""

    def __init__(self, text: SecretStr) -> None:
        try:
            secret = base64.b64decode(text.get_secret_value().strip(), validate=True)
        except ValueError:  # not base64, or not even ASCII
            secret = b""
        if len(secret) != 32:
            raise StoreRefused(
                "The master key is not 32 bytes in base64. The store was not opened. "
                "Make one with: head -c 32 /dev/urandom | base64"
            )
        self.id = _derive(secret, "master id", 4).hex()
        """Names the key without saying anything about it."""
        self._cipher = AESGCM(_derive(secret, "wrapping"))

    def wrap(self, key: bytes, place: str) -> bytes:
        return _encrypt(self._cipher, key, place.encode())

    def unwrap(self, wrapped: bytes, place: str) -> bytes:
        return _decrypt(self._cipher, wrapped, place.encode())


class Keyring:
    """The keys of one open store, in memory only."""

    def __init__(self, master: Master, root: bytes) -> None:
        self.master = master
        self.store_id = _derive(root, "store id", 2).hex()
        self.house = AESGCM(_derive(root, "house"))
        self._fingerprints = _derive(root, "fingerprints")
        self._tokens = _derive(root, "tokens")
        self._ciphers: dict[int, AESGCM] = {}

    @staticmethod
    def new_root() -> bytes:
        return secrets.token_bytes(32)

    def fingerprint(self, *parts: str) -> bytes:
        """Equal for equal parts, and says nothing to who lacks the key."""
        return hmac.digest(self._fingerprints, json.dumps(parts).encode(), "sha256")[:16]

    def token(self, *parts: str) -> bytes:
        """160 bits nobody can guess, the same for the same parts."""
        return hmac.digest(self._tokens, json.dumps(parts).encode(), "sha256")[:20]

    def cipher(self, key: int) -> AESGCM | None:
        return self._ciphers.get(key)

    def remember(self, key: int, secret: bytes) -> AESGCM:
        if len(self._ciphers) >= MOST_CACHED:
            self._ciphers.clear()
        cipher = self._ciphers[key] = AESGCM(secret)
        return cipher

    def forget(self) -> None:
        self._ciphers.clear()


class Vault:
    """Seals and opens rows inside one transaction."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring
        self._chosen: dict[tuple[str, str, str], int] = {}
        self.fingerprint = keyring.fingerprint
        self.token = keyring.token
        self.store_id = keyring.store_id

    def sealed(self, table: Table, row: Row, content: str, week: str = ALWAYS) -> dict[str, Any]:
        """`row` with its content sealed, under its owner's key of that week or the house's own."""
        bound = _place(table, row)
        if table.info["owner"] is None:
            return {**row, "sealed": _encrypt(self._keyring.house, content.encode(), bound)}
        key = self._key(row["contributor"], week, table.info["kept"])
        return {**row, "key": key, "sealed": _encrypt(self._cipher(key), content.encode(), bound)}

    def opened(self, table: Table, row: Row) -> str:
        """What was sealed into this row of `table`; raises Sealed where it is not its own."""
        cipher = self._keyring.house if table.info["owner"] is None else self._cipher(row["key"])
        return _decrypt(cipher, row["sealed"], _place(table, row)).decode()

    def erase(self, contributor: str, *kept: str) -> None:
        """Destroy a contributor's keys of these classes (all without any), and what they sealed."""
        chosen = [schema.keys.c.kept.in_(kept)] if kept else []
        self._destroy(schema.keys.c.contributor == contributor, *chosen)

    def expire(self, kept: str, before: str) -> int:
        """Destroy everybody's keys of one class and of all weeks before this one.

        Gives    how many keys there were
        """
        return self._destroy(schema.keys.c.kept == kept, schema.keys.c.week < before)

    def _destroy(self, *which: Any) -> int:
        destroyed = self._connection.execute(delete(schema.keys).where(*which)).rowcount
        self._chosen.clear()
        self._keyring.forget()
        return destroyed

    def _key(self, contributor: str, week: str, kept: str) -> int:
        wanted = (contributor, week, kept)
        if wanted in self._chosen:
            return self._chosen[wanted]
        keys = schema.keys.c
        where = (keys.contributor == contributor, keys.week == week, keys.kept == kept)
        found = self._connection.execute(select(keys.id).where(*where)).scalar()
        self._chosen[wanted] = self._new(*wanted) if found is None else found
        return self._chosen[wanted]

    def _new(self, contributor: str, week: str, kept: str) -> int:
        # Random, because a number taken back by a rollback would be given again and the
        # keyring would still hold the key that never came to be.
        number = secrets.randbits(62)
        secret = AESGCM.generate_key(256)
        master = self._keyring.master
        row = {"id": number, "contributor": contributor, "week": week, "kept": kept, "master": master.id}
        wrapped = master.wrap(secret, _key_place(row))
        self._connection.execute(insert(schema.keys).values(**row, wrapped=wrapped))
        self._keyring.remember(number, secret)
        return number

    def _cipher(self, key: int) -> AESGCM:
        if known := self._keyring.cipher(key):
            return known
        row = self._connection.execute(select(schema.keys).where(schema.keys.c.id == key)).mappings().one()
        return self._keyring.remember(key, self._keyring.master.unwrap(row["wrapped"], _key_place(row)))


def _key_place(row: Row) -> str:
    return json.dumps([row["id"], row["contributor"], row["week"], row["kept"]])


def _place(table: Table, row: Row) -> bytes:
    """Where a seal belongs: table, owner and row, so that it opens nowhere else."""
    identity = [row[column.name] for column in table.primary_key]
    owner = row["contributor"] if table.info["owner"] else None
    return json.dumps([table.name, owner, *map(_plain, identity)]).encode()


def _plain(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
