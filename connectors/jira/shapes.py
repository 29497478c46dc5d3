"""Jira's JSON, as far as we read it; what does not fit is refused here, what we do not need is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from operator import methodcaller
from typing import Annotated, Any, NamedTuple, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
)
from pydantic.dataclasses import dataclass

EPOCH, NEVER = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

Moment = Annotated[AwareDatetime, Field(ge=EPOCH, lt=NEVER), AfterValidator(methodcaller("astimezone", UTC))]
"""All in one zone: then two are compared without asking either for its offset, which takes far longer."""


def milliseconds(at: datetime) -> int:
    """As Jira's feeds and searches count time."""
    return (at - EPOCH) // MILLISECOND


class Value(NamedTuple):
    """What a status or assignee was: `id` is for us, `name` for people, and either may be missing."""

    id: str | None
    name: str | None

    def same(self, other: Value) -> bool:
        return self.id == other.id if self.id and other.id else self.name == other.name


LENIENT = ConfigDict(coerce_numbers_to_str=True, hide_input_in_errors=True)
"""Times may be ISO text or epoch milliseconds, ids text or numbers: Jira writes both."""


class Shape(BaseModel):
    """One of these has seven times the memory of a dataclass: they are for what there are few of."""

    model_config = ConfigDict(**LENIENT, frozen=True)


S = TypeVar("S")
Perhaps = Annotated[S | Annotated[None, BeforeValidator(lambda _: None)], Field(union_mode="left_to_right")]
"""One of these; None where it has not their shape, so that one odd object does not spoil a list."""


@dataclass(frozen=True, slots=True, kw_only=True, config=LENIENT)
class User:
    """Jira Cloud knows people by `accountId`, Data Center by `key`, and servers older than 8.4 by `name`."""

    accountId: str | None = None
    key: str | None = None
    name: str | None = None
    accountType: str | None = None
    displayName: str | None = None

    @property
    def id(self) -> str | None:
        """None for those who are gone."""
        return self.accountId or self.key or self.name or None

    @property
    def value(self) -> Value:
        return Value(self.id, self.displayName)


@dataclass(frozen=True, slots=True, kw_only=True, config=LENIENT)
class Named:
    id: str | None = None
    name: str


@dataclass(frozen=True, slots=True, kw_only=True, config=LENIENT)
class Category:
    key: str


@dataclass(frozen=True, slots=True, kw_only=True, config=LENIENT)
class Status(Named):
    statusCategory: Category | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=LENIENT)
class Parent:
    """The epic, or the task that this one is a part of."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True, config=LENIENT)
class Comment:
    id: str
    author: User | None = None
    created: Moment


@dataclass(frozen=True, slots=True, kw_only=True, config=LENIENT)
class Comments:
    """As far as a search shows them, and without what was written: that is not ours to know."""

    comments: list[Perhaps[Comment]] = Field(default_factory=list)
    total: int | None = None

    @property
    def cut(self) -> bool:
        return self.total is not None and self.total > len(self.comments)


class Fields(Shape):
    """With whatever custom fields were asked for."""

    model_config = ConfigDict(extra="allow")

    updated: Moment
    created: Moment | None = None
    status: Status | None = None
    assignee: User | None = None
    summary: str | None = None
    labels: list[str] | None = None
    components: list[Named] | None = None
    parent: Parent | None = None
    comment: Comments | None = None

    def custom(self, field: str) -> Any:
        return (self.model_extra or {}).get(field)


@dataclass(frozen=True, slots=True, kw_only=True, config=LENIENT)
class Changelog:
    """The history of an issue where it comes inside of it."""

    histories: list[Any] = Field(default_factory=list)
    total: int | None = None

    @property
    def cut(self) -> bool:
        return self.total is not None and self.total > len(self.histories)


@dataclass(frozen=True, slots=True, kw_only=True, config=LENIENT)
class Issue:
    id: str
    key: str
    fields: Fields
    changelog: Changelog | None = None

    @property
    def changed(self) -> int:
        return milliseconds(self.fields.updated)

    @property
    def project(self) -> str:
        return self.key.rpartition("-")[0]

    @property
    def status(self) -> Value:
        status = self.fields.status
        return Value(status.id, status.name) if status else Value(None, None)

    @property
    def assignee(self) -> Value:
        return self.fields.assignee.value if self.fields.assignee else Value(None, None)


@dataclass(frozen=True, slots=True, kw_only=True, config=LENIENT)
class Item:
    """One field of a change. Display texts may be translated and renamed; ids may be missing."""

    field: str = ""
    fieldId: str | None = None
    before_id: str | None = Field(None, alias="from")
    before_name: str | None = Field(None, alias="fromString")
    after_id: str | None = Field(None, alias="to")
    after_name: str | None = Field(None, alias="toString")

    @property
    def name(self) -> str:
        return (self.fieldId or self.field).lower()

    @property
    def before(self) -> Value:
        return Value(self.before_id or None, self.before_name or None)

    @property
    def after(self) -> Value:
        return Value(self.after_id or None, self.after_name or None)


@dataclass(frozen=True, slots=True, kw_only=True, config=LENIENT)
class History:
    """One change: what one person did to an issue at one moment."""

    id: int
    author: User | None = None
    created: Moment
    items: list[Item] = Field(default_factory=list)


class Worklog(Shape):
    id: str
    issueId: str
    author: User | None = None
    started: Moment
    updated: Moment | None = None
    timeSpentSeconds: int = Field(ge=0)


class ChangedWorklog(Shape):
    """One line of the feeds of changed and deleted worklogs."""

    worklogId: str = Field(pattern="^[0-9]{1,19}$")
    """A number, or nobody could ask for it."""
    updatedTime: int


def read(shape: type[S], raws: Iterable[Any], skipped: Counter[str], reason: str) -> list[S]:
    """Those that have the shape; the others are counted, their words not repeated: they may be private."""
    return legible(perhaps(shape, raws), skipped, reason)


def perhaps(shape: type[S], raws: Iterable[Any]) -> list[S | None]:
    return _several(shape).validate_python(list(raws))  # type: ignore[arg-type]  # a class is hashable


def legible(found: Sequence[S | None], skipped: Counter[str], reason: str) -> list[S]:
    """Those that could be read; the others are counted."""
    sound = [one for one in found if one is not None]
    if odd := len(found) - len(sound):
        skipped[reason] += odd
    return sound


@cache
def _several(shape: type[S]) -> TypeAdapter[list[S | None]]:
    return TypeAdapter(list[Perhaps[shape]])  # type: ignore[valid-type]
