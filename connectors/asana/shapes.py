"""What we read of Asana's records: anything else in them, and anything missing, is no error.

Every field but the gid may be absent, because the mask did not name it, or
null. An object that fits none of this is malformed and left out, alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

LONGEST_GID = 64
Gid = Annotated[str, StringConstraints(pattern=f"^[0-9A-Za-z_-]{{1,{LONGEST_GID}}}$")]
"""It becomes part of addresses, where anything else would ask for something else."""
FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
Moment = Annotated[AwareDatetime, Field(ge=FIRST, le=LAST)]
Day = Annotated[date, Field(ge=FIRST.date(), le=LAST.date())]
"""No other year was meant, and the first and last ones have no neighbours to reckon with."""
LONGEST_ENTRY = 100_000
"""Minutes of one time entry: ten weeks day and night."""


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Named(Shape):
    gid: Gid | Literal[""] = ""
    name: str | None = None


class Membership(Shape):
    """Where a task stands in one project."""

    project: Named | None = None
    section: Named | None = None


class CustomField(Named):
    enum_value: Named | None = None


class Modified(Shape):
    modified_at: Moment


class Task(Modified):
    gid: Gid
    resource_type: Literal["task"] = "task"
    resource_subtype: str | None = None
    """An open set: default_task, milestone, approval, custom, and section for old separators."""
    is_rendered_as_separator: bool | None = None
    name: str | None = None
    created_at: Moment | None = None
    completed: bool | None = None
    completed_at: Moment | None = None
    assignee: Named | None = None
    memberships: tuple[Membership, ...] | None = None
    parent: Named | None = None
    tags: tuple[Named, ...] | None = None
    custom_fields: tuple[CustomField, ...] | None = None
    actual_time_minutes: float | None = None
    """The sum of all time entries on it, everybody's."""


class Story(Shape):
    """One line of a task's history. Its text is localised and reworded at will: it is not even asked for."""

    gid: Gid
    resource_type: Literal["story"] = "story"
    resource_subtype: str | None = None
    created_at: Moment
    created_by: Named | None = None
    source: str | None = None
    """web, email, mobile, api or unknown."""
    assignee: Named | None = None
    project: Named | None = None
    old_section: Named | None = None
    new_section: Named | None = None
    custom_field: Named | None = None
    old_enum_value: Named | None = None
    new_enum_value: Named | None = None


class TimeEntry(Shape):
    gid: Gid
    resource_type: Literal["time_tracking_entry"] = "time_tracking_entry"
    created_by: Named | None = None
    duration_minutes: Annotated[int, Field(ge=0, le=LONGEST_ENTRY)]
    entered_on: Day
    attributable_to: Named | None = None
    task: Named | None = None
    """Only an entry asked for by its gid is said to tell."""


class WrittenEntry(TimeEntry):
    """A time entry asked for by its gid: only so does Asana show all of it."""

    description: str | None = None
    approval_status: str | None = None
    billable_status: str | None = None
    categories: tuple[Named, ...] | None = None


class Timesheet(Shape):
    """The state of one person's week."""

    gid: Gid
    user: Named | None = None
    start_date: date
    end_date: date
    approval_status: str | None = None


S = TypeVar("S", bound=Shape)


def read(shape: type[S], records: Iterable[Any]) -> tuple[list[S], int]:
    """The records of this shape, and how many were not."""
    fitting = [found for record in records if (found := read_one(shape, record)) is not None]
    return fitting, sum(1 for _ in records) - len(fitting)


def read_one(shape: type[S], record: Any) -> S | None:
    try:
        return shape.model_validate(record)
    except ValidationError:
        return None
