"""Sealing: content is on disk only under a key that can be destroyed.

    master keys    handed in by the caller; the first wraps all others, each opens its own; never stored
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
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from hashlib import blake2b
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr
from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select, tuple_, update

from daybook.store import schema
from daybook.store.errors import StoreRefused

Row = Mapping[Any, Any]
"""Values by column name."""

Use = tuple[str, str, str]
"""What a data key is for: contributor, week and retention class."""

ALWAYS = "always"
"""The week of what has none. Sorts after every week, so it is erased but never expires."""

GIVES_WAY = "former"
"""The week of a key whose place another one takes in the same step."""

MOST_CACHED = 4096
"""Unwrapped keys held in memory."""

ROOT = "root"
"""Where the root is wrapped."""

_NONCE = 12
_AT_ONCE = 200
"""Keys asked for in one query."""
_WHICH = (schema.keys.c.contributor, schema.keys.c.week, schema.keys.c.kept)
_NUMBERS = select(*_WHICH, schema.keys.c.id).where(tuple_(*_WHICH).in_(bindparam("which", expanding=True)))
_NUMBER = select(schema.keys.c.id).where(
    schema.keys.c.contributor == bindparam("contributor"),
    schema.keys.c.week == bindparam("week"),
    schema.keys.c.kept == bindparam("kept"),
)
_ONE = select(schema.keys).where(schema.keys.c.id == bindparam("key"))
_SOME = select(schema.keys).where(schema.keys.c.id.in_(bindparam("which", expanding=True)))
_NEW = insert(schema.keys)


class Sealed(StoreRefused):
    """A sealed value did not open: it was altered, moved to another row, or is somebody else's."""


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
                "Give it the one of this store, from the copy you keep; for a new store, make one with: "
                "head -c 32 /dev/urandom | base64"
            )
        self.id = _derive(secret, "master id", 4).hex()
        """Names the key without saying anything about it."""
        self._cipher = AESGCM(_derive(secret, "wrapping"))

    def wrap(self, key: bytes, place: str) -> bytes:
        return _encrypt(self._cipher, key, place.encode())

    def unwrap(self, wrapped: bytes, place: str) -> bytes:
        return _decrypt(self._cipher, wrapped, place.encode())


class Masters:
    """The master keys of a store: the first wraps, and each opens what it wrapped."""

    def __init__(self, texts: SecretStr | Sequence[SecretStr]) -> None:
        masters = [Master(text) for text in ((texts,) if isinstance(texts, SecretStr) else texts)]
        if not masters:
            raise StoreRefused("There is no master key. The store was not opened. Name one in store.key.")
        self.first = masters[0]
        self._by_id = {master.id: master for master in masters}

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._by_id)

    def unwrap(self, master: str, wrapped: bytes, place: str) -> bytes:
        """Raises Sealed where none of them is the one that wrapped it."""
        if master not in self._by_id:
            raise Sealed(
                f"A key in the store is sealed with a master key (id {master}) that store.key does not name. "
                "Nothing was changed. Put it back into the list."
            )
        return self._by_id[master].unwrap(wrapped, place)


class Keyring:
    """The keys of one open store, in memory only."""

    def __init__(self, masters: Masters, root: bytes) -> None:
        self.masters = masters
        self.store_id = _derive(root, "store id", 2).hex()
        self.house = AESGCM(_derive(root, "house"))
        self._fingerprints = _derive(root, "fingerprints")
        self._tokens = _derive(root, "tokens")
        self._secrets: dict[int, tuple[bytes, Use]] = {}

    @staticmethod
    def new_root() -> bytes:
        return secrets.token_bytes(32)

    def fingerprint(self, *parts: str) -> bytes:
        """Equal for equal parts, and says nothing to who lacks the key."""
        return blake2b(_joined(parts), key=self._fingerprints, digest_size=16).digest()

    def token(self, *parts: str) -> bytes:
        """160 bits nobody can guess, the same for the same parts."""
        return hmac.digest(self._tokens, _joined(parts), "sha256")[:20]

    def secret(self, key: int) -> tuple[bytes, Use] | None:
        """A data key that was unwrapped before, and what it is for."""
        return self._secrets.get(key)

    def remember(self, key: int, secret: bytes, use: Use) -> None:
        if len(self._secrets) >= MOST_CACHED:
            self._secrets.clear()
        self._secrets[key] = secret, use

    def forget(self) -> None:
        self._secrets.clear()


class Vault:
    """Seals and opens rows inside one transaction."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring
        self._chosen: dict[Use, int] = {}
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

    def sealed_all(self, table: Table, said: Iterable[tuple[Row, str, str]]) -> list[dict[str, Any]]:
        """Many rows of contributors, as `sealed` does one.

        Takes    (row, content, week)
        """
        said = list(said)
        self._prepare({(row["contributor"], week, table.info["kept"]) for row, _, week in said})
        return [self.sealed(table, row, content, week) for row, content, week in said]

    def opened(self, table: Table, row: Row) -> str:
        """What was sealed into this row of `table`; raises Sealed where it is not its own."""
        cipher = self._keyring.house if table.info["owner"] is None else self._cipher(row["key"])
        return _decrypt(cipher, row["sealed"], _place(table, row)).decode()

    def opened_all(self, table: Table, rows: Sequence[Row]) -> Iterator[str]:
        """What was sealed into many rows of contributors, as `opened` does one."""
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            unknown = {row["key"] for row in some if self._keyring.secret(row["key"]) is None}
            if unknown:
                for key in self._connection.execute(_SOME, {"which": sorted(unknown)}).mappings().all():
                    self._remember(key)
            for row in some:
                yield self.opened(table, row)

    def erase(self, contributor: str, *kept: str) -> None:
        """Destroy a contributor's keys of these classes (all without any), and what they sealed."""
        chosen = [schema.keys.c.kept.in_(kept)] if kept else []
        self._destroy(schema.keys.c.contributor == contributor, *chosen)

    def expire(self, kept: str, before: str) -> int:
        """Destroy everybody's keys of one class and of all weeks before this one.

        Gives    how many keys there were
        """
        return self._destroy(schema.keys.c.kept == kept, schema.keys.c.week < before)

    def rewrap(self, most: int) -> int:
        """Seal up to so many more data keys with the first master key; gives how many are still to do.

        One that does not end with its week is made anew, and what it sealed is sealed again: credentials
        are safe from then on even from who copied the former data key.
        """
        first, keys = self._keyring.masters.first, schema.keys
        others = keys.c.master != first.id
        for row in self._connection.execute(select(keys).where(others).limit(most)).mappings().all():
            secret = self._unwrapped(row)
            if row["week"] == ALWAYS:
                self._renewed(row, AESGCM(secret))
                continue
            wrapped = {"master": first.id, "wrapped": first.wrap(secret, _key_place(row))}
            self._connection.execute(update(keys).where(keys.c.id == row["id"]).values(wrapped))
        self._keyring.forget()
        return int(
            self._connection.execute(select(func.count()).select_from(keys).where(others)).scalar_one()
        )

    def _renewed(self, former: Row, cipher: AESGCM) -> None:
        """A new data key for one of before, and all that it sealed under the new one.

        It has a number of its own: another process that remembers the former seals nothing with it any more.
        """
        keys, number = schema.keys, former["id"]
        self._connection.execute(update(keys).where(keys.c.id == number).values(week=GIVES_WAY))
        new = self._new(former["contributor"], former["week"], former["kept"])
        self._connection.execute(insert(keys), new)
        for table in schema.metadata.sorted_tables:
            if "key" not in table.c or "sealed" not in table.c:
                continue
            for row in self._connection.execute(select(table).where(table.c.key == number)).mappings().all():
                place = _place(table, row)
                sealed = _encrypt(self._cipher(new["id"]), _decrypt(cipher, row["sealed"], place), place)
                this = [column == row[column.name] for column in table.primary_key]
                values = {"key": new["id"], "sealed": sealed}
                self._connection.execute(update(table).where(*this).values(values))
        self._connection.execute(delete(keys).where(keys.c.id == number))

    def rewrap_root(self) -> None:
        """Seal the root with the first master key; what is derived from it stays the same."""
        masters, table = self._keyring.masters, schema.daybook
        row = self._connection.execute(select(table)).one()
        root = masters.unwrap(row.master, row.root, ROOT)
        new = {"master": masters.first.id, "root": masters.first.wrap(root, ROOT)}
        self._connection.execute(update(table).values(new))

    def wrapped_by(self) -> dict[str, int]:
        """By the id of a master key, how many keys it wraps; the root counts as one."""
        keys, table = schema.keys, schema.daybook
        counted = select(keys.c.master, func.count()).group_by(keys.c.master)
        found: dict[str, int] = dict(self._connection.execute(counted).all())
        root = self._connection.execute(select(table.c.master)).scalar_one()
        return found | {root: found.get(root, 0) + 1}

    def _destroy(self, *which: Any) -> int:
        destroyed = self._connection.execute(delete(schema.keys).where(*which)).rowcount
        self._chosen.clear()
        self._keyring.forget()
        return destroyed

    def _key(self, contributor: str, week: str, kept: str) -> int:
        wanted: Use = (contributor, week, kept)
        if wanted in self._chosen:
            return self._chosen[wanted]
        asked = {"contributor": contributor, "week": week, "kept": kept}
        if (number := self._connection.execute(_NUMBER, asked).scalar()) is not None:
            self._chosen[wanted] = number
        else:
            self._prepare({wanted})
        return self._chosen[wanted]

    def _prepare(self, wanted: Collection[Use]) -> None:
        """Have the keys of these contributors, weeks and classes, making those that are not there."""
        missing = sorted(wanted - self._chosen.keys())
        for start in range(0, len(missing), _AT_ONCE):
            some = missing[start : start + _AT_ONCE]
            found = self._connection.execute(_NUMBERS, {"which": some})
            self._chosen |= {(who, week, kept): key for who, week, kept, key in found}
        if new := [one for one in missing if one not in self._chosen]:
            self._connection.execute(_NEW, [self._new(*one) for one in new])

    def _new(self, contributor: str, week: str, kept: str) -> dict[str, Any]:
        # Random, because a number taken back by a rollback would be given again and the
        # keyring would still hold the key that never came to be.
        number = secrets.randbits(62)
        secret = AESGCM.generate_key(256)
        master = self._keyring.masters.first
        row = {"id": number, "contributor": contributor, "week": week, "kept": kept, "master": master.id}
        self._keyring.remember(number, secret, (contributor, week, kept))
        self._chosen[contributor, week, kept] = number
        return {**row, "wrapped": master.wrap(secret, _key_place(row))}

    def _cipher(self, key: int) -> AESGCM:
        """Of a key that is there. Made anew each time: that takes no microsecond, and one holds 2.5 KB."""
        if (known := self._keyring.secret(key)) is None:
            known = self._remember(self._connection.execute(_ONE, {"key": key}).mappings().one())
        secret, use = known
        self._chosen[use] = key  # who opens a row often seals it again
        return AESGCM(secret)

    def _remember(self, row: Row) -> tuple[bytes, Use]:
        known = self._unwrapped(row), (row["contributor"], row["week"], row["kept"])
        self._keyring.remember(row["id"], *known)
        return known

    def _unwrapped(self, row: Row) -> bytes:
        return self._keyring.masters.unwrap(row["master"], row["wrapped"], _key_place(row))


def _key_place(row: Row) -> str:
    return json.dumps([row["id"], row["contributor"], row["week"], row["kept"]])


def _place(table: Table, row: Row) -> bytes:
    """Where a seal belongs: table, owner and row, so that it opens nowhere else."""
    owner = row["contributor"] if table.info["owner"] else ""
    return _joined([table.name, owner, *[_plain(row[name]) for name in _identity(table)]])


@cache
def _identity(table: Table) -> tuple[str, ...]:
    return tuple(table.primary_key.columns.keys())


def _joined(parts: Iterable[str]) -> bytes:
    """All parts as one, so that no other parts make the same: each says first how long it is."""
    return "".join([f"{len(part)}:{part}" for part in parts]).encode(errors="surrogatepass")


def _plain(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
