"""The two column types of ours: an instant that is always UTC, and content that is only ever sealed."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import BigInteger, Column, DateTime, Dialect, ForeignKey, LargeBinary
from sqlalchemy.types import TypeDecorator


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
