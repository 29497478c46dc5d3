"""The column types of ours: an instant that is always UTC, content that is only ever sealed, a sentence."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import BigInteger, Column, DateTime, Dialect, ForeignKey, LargeBinary, Text
from sqlalchemy.types import TypeDecorator

from core.said import read, written


class Sentence(TypeDecorator[str]):
    """What is said to people: text as it is, a Said so that it can be said in any language."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(written(value), ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else cast(str, read(json.loads(value)))


class Moment(TypeDecorator[datetime]):
    """An instant, kept in UTC. SQLite drops the zone of a timestamp, so a naive value is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} names no zone; the store keeps instants only")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def sealed(*, optional: bool = False) -> tuple[Column[int], Column[bytes]]:
    """The pair every sealed row has. With its key gone the row is noise, so it goes along."""
    key = ForeignKey("keys.id", ondelete="CASCADE")
    # Indexed, because destroying a key looks for its rows.
    return (
        Column("key", BigInteger, key, index=True, nullable=optional),
        Column("sealed", LargeBinary, nullable=optional),
    )
