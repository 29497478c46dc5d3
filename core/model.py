"""The nouns of Daybook.

An Activity is what a source says one contributor did. A Suggestion is what we
think it was worth, and why. A Draft is a Suggestion in the contributor's
hands. An Entry is a Draft they confirmed. A Posting (posting.py) is one Entry
written to one outside system.

Everything left of Entry belongs to the contributor alone. Times are aware,
spans are half-open, durations are whole minutes. Nothing here does I/O.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from core.said import Sentence

Kind = Literal["meeting", "focus", "away", "presence", "touch", "logged"]
Response = Literal["organizer", "accepted", "tentative", "needs_action", "declined"]
Confidence = Literal["sure", "likely", "unsure"]
Decision = Literal["open", "edited", "confirmed", "dismissed"]

LONGEST = timedelta(days=400)
"""No evidence spans more: a 50-year event is a mistake, not a meeting."""


def _with_its_offset(instant: datetime) -> datetime:
    # Two times of one zone compare by the clock on the wall (PEP 495): where a clock change repeats an hour,
    # a meeting could end before it starts, or a moved one look unmoved. With plain offsets they cannot.
    if not isinstance(instant.tzinfo, ZoneInfo):
        return instant
    return instant.replace(tzinfo=timezone(instant.utcoffset() or timedelta()), fold=0)


def _written(text: object) -> datetime:
    # Not by pydantic, whose own kind of offset makes all that is asked of the time afterwards far slower.
    instant = datetime.fromisoformat(str(text))
    if instant.tzinfo is None:
        raise ValueError("has no offset")
    return instant


class _Offset:
    """Has the offset of a time stand in it as a plain number of minutes."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.json_or_python_schema(
            json_schema=core_schema.no_info_plain_validator_function(_written),
            python_schema=core_schema.no_info_after_validator_function(_with_its_offset, handler(source)),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(core_schema.datetime_schema())


Instant = Annotated[AwareDatetime, _Offset()]
"""An aware time that equals, and comes before, exactly what it should."""

LONGEST_NAME = 512
"""Characters of what something is called."""
LONGEST_TEXT = 1024
"""Characters of what somebody wrote: a title, the text of an entry."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME)]
Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]
About = Annotated[str, StringConstraints(min_length=1, max_length=2048)]
"""What something is remembered under; two names and a title fit into it."""


class Noun(BaseModel):
    """A frozen value that refuses words it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Activity(Noun):
    """One thing a source says one contributor did."""

    source: Name
    """The kind of tool that says so: google_calendar, jira, asana."""
    uid: Name
    """Unique within a person and source; the same thing keeps it for good."""
    kind: Kind
    """What it can mean: see docs/reconciler.md."""
    start: Instant
    """First instant."""
    end: Instant | None = None
    """First instant after it; None for a touch, a logged entry or a presence that still lasts."""
    minutes: Annotated[int, Field(ge=0)] | None = None
    """Only for `logged`: the time already accounted for."""
    title: Text | None = None
    """None when the policy masks it."""
    task: Name | None = None
    """Issue key or task id."""
    container: Name | None = None
    """Project key, board or calendar."""
    series: Name | None = None
    """The recurring series it is one instance of."""
    response: Response | None = None
    """What the contributor answered; None where nobody asked."""
    audience: Annotated[int, Field(ge=0)] | None = None
    """How many were invited."""
    all_day: bool = False
    """A date, not a time of day: `start` is local midnight."""
    private: bool = False
    """Marked private at the source; the title is masked or the activity left out."""
    labels: tuple[Name, ...] = ()
    """Labels, components, sections, the calendar's label."""
    domains: tuple[Name, ...] = ()
    """Mail domains of guests, only where the policy lists them."""
    updated: Instant | None = None
    """When the source last changed it."""

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.end is not None and self.end < self.start:
            raise ValueError("ends before it starts")
        if self.end is not None and self.end - self.start > LONGEST:
            raise ValueError(f"lasts more than {LONGEST.days} days")
        if self.kind in ("meeting", "focus", "away") and self.end is None:
            raise ValueError(f"a {self.kind} needs an end")
        if self.kind == "touch" and self.end is not None:
            raise ValueError("a touch is an instant and has no end")
        if self.kind == "logged" and self.minutes is None:
            raise ValueError("a logged activity needs minutes")
        return self


class Reason(Noun):
    """One line of a suggestion's because."""

    kind: Kind | Literal["rule", "memory", "decision", "rounding"]
    """What kind of evidence, or which step of ours."""
    uid: str | None = None
    """The activity it cites."""
    rule: str | None = None
    """The name of the rule it cites."""
    minutes: int = 0
    """What it adds to the draft; the lines of a because sum to the draft's minutes."""
    sentence: str
    """For the contributor, in plain words."""


class Suggestion(Noun):
    """What evidence is worth on one local day, and why we think so."""

    key: Name
    """Made from its evidence and day, so that a changed meeting revises and does not replace."""
    day: date
    """The contributor's local day."""
    start: Instant | None = None
    """First minute; None where only the sum of the day is known."""
    pieces: tuple[tuple[Instant, Instant], ...] = ()
    """When a meeting was, less what others have of it; empty for a share of free time, which has no place."""
    minutes: Annotated[int, Field(ge=0)]
    """Attended time: never counted twice."""
    attributed: dict[str, int] = {}
    """Minutes by project: to whom they are billed."""
    project: str | None = None
    """None while unmapped: the contributor picks."""
    category: str | None = None
    billable: bool = False
    target: str | None = None
    """`connection:task`, `none` to keep it in Daybook only, None where the contributor must pick."""
    task: str | None = None
    """The issue or task it is about, wherever it will be posted."""
    about: tuple[About, ...] = ()
    """What a choice made for it is remembered under: its series, its task, its title."""
    text: Text = ""
    """What the target will show."""
    confidence: Confidence = "unsure"
    because: tuple[Reason, ...] = ()
    otherwise: Text = ""
    """The one change that would alter it; empty where its contributor wrote it by hand."""


Why = Literal["no_work", "not_held", "elsewhere", "not_mine"]
"""no_work    nothing to record        not_held  it did not take place
elsewhere  recorded already         not_mine  somebody else's, or wrongly found
"""


class Draft(Noun):
    """A suggestion in the contributor's hands."""

    suggestion: Suggestion
    """As it stands: ours until touched, theirs after."""
    seen: Suggestion | None
    """What the evidence last said; None once it is gone."""
    decision: Decision = "open"
    """Anything but `open` is the contributor's word."""
    noticed: bool = True
    """False while the source says something its contributor has not looked at yet."""
    prepared_by: str | None = None
    """The delegate who edited, added or dismissed it last; None: no hand but its contributor's."""
    why: Why | None = None
    """Of a dismissed one: what they said to that."""
    tied: Name | None = None
    """The draft it was cut from, or that has its minutes, or that it has them from: undone with it."""
    before: Suggestion | None = None
    """As it stood before it was cut in two, or others were put into it."""

    @property
    def key(self) -> str:
        return self.suggestion.key

    @property
    def touched(self) -> bool:
        return self.decision != "open"


class Entry(Noun):
    """A draft its contributor confirmed; what may leave the house."""

    id: Name
    """Opaque; says nothing about the person or the day."""
    revision: Annotated[int, Field(ge=1)] = 1
    """Grows with every correction after confirming."""
    day: date
    """The contributor's local day."""
    start: Instant
    """In the contributor's own offset, for targets that record a time of day."""
    minutes: Annotated[int, Field(gt=0)]
    attributed: dict[str, int] = {}
    project: str | None = None
    category: str | None = None
    billable: bool = False
    target: Name
    """`connection:task`, or `none`."""
    text: Text = ""
    meeting: bool = False
    """It came of a meeting."""


class Verdict(Noun):
    """Yes or no, with the sentence that says why."""

    allowed: bool
    reason: Sentence

    def __bool__(self) -> bool:
        return self.allowed


class Parked(Noun):
    """Evidence set aside because it cannot be trusted; the rest of the day stands."""

    uid: str | None = None
    why: str
