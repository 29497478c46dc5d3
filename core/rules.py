"""What administrators write about projects and rules, and what can be wrong with it.

These models are the reference of `projects:` and `rules:` in the YAML: the sentence under each field is the
one the schema shows. Where a list is allowed, one value may stand alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from string import Formatter
from typing import Annotated, Any, Literal, Self, TypeVar

import re2
from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue, SkipJsonSchema
from rapidfuzz import process

from core.durations import Minutes, Percent
from core.model import Confidence, Kind, Name, Noun, Response, Text
from core.wording import words

LONGEST_PATTERN = 1_000
"""Characters of one word, pattern or exact text in a rule."""
MOST_RULES = 10_000
"""Rules in one configuration; real ones have tens, large ones thousands."""
MOST_PATTERNS = 5_000
"""Regular expressions in all rules together: each may cost memory that words do not."""
TEMPLATE_WORDS = ("title", "task", "container", "project", "client")
"""What a text template may name in braces."""

Problem = tuple[tuple[str | int, ...], str]
"""Where in the configuration, and the sentence about it."""

T = TypeVar("T")


def _listed(value: object) -> object:
    # Not min_length: beside a bad item pydantic would complain that the list is empty, too.
    if value in ([], (), None):
        raise ValueError("is empty; name at least one, or leave the line out")
    return value if isinstance(value, list | tuple) else (value,)


class _OneOrList:
    """Tells the schema that one value may stand without its list."""

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        many = handler(schema)
        return {"anyOf": [many["items"], many | {"minItems": 1}]}


AnyOf = Annotated[tuple[T, ...], Field(max_length=1_000), BeforeValidator(_listed), _OneOrList()]


def _compiles(pattern: str) -> str:
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(f"(?i){pattern}", options)  # as it will be searched
    except re2.error as refusal:
        (why,) = refusal.args
        raise ValueError(
            f"RE2 refuses this pattern: {why.decode(errors='replace')}. "
            "Look-around and back-references are not available."
        ) from None
    return pattern


_Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_PATTERN)]
_Verbatim = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PATTERN)]


class Phrase(Noun):
    """What a text must say, in one of three forms; a bare word is `words`."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    words: _Word | None = None
    """In a title: these whole words in this order, without regard to case or punctuation. Elsewhere: the
    whole value, without regard to case."""
    regex: Annotated[_Verbatim, AfterValidator(_compiles)] | None = None
    """An RE2 pattern found anywhere in the text, without regard to case unless it begins with `(?-i)`.
    `\\b`, `\\w` and `\\d` know ASCII only; `\\pL` is any letter."""
    exact: _Verbatim | None = None
    """The whole text, character by character."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if len([form for form in (self.words, self.regex, self.exact) if form is not None]) != 1:
            raise ValueError("takes one of words, regex and exact")
        return self


def _phrase(value: object) -> object:
    if isinstance(value, int | float):
        raise ValueError(f"{value} is not text; put it in quotes")
    return {"words": value} if isinstance(value, str) else value


Said = Annotated[Phrase, BeforeValidator(_phrase, json_schema_input_type=_Word | Phrase)]


def _has_words(phrases: tuple[Phrase, ...]) -> tuple[Phrase, ...]:
    for phrase in phrases:
        if phrase.words is not None and not words(phrase.words):
            raise ValueError(f"'{phrase.words}' has no letter or digit to look for; use regex or exact")
    return phrases


class Between(Noun):
    """A number with its limits, both included; a bare number is exactly that many."""

    min: Annotated[int, Field(ge=0)] | None = None
    """At least this many."""
    max: Annotated[int, Field(ge=0)] | None = None
    """At most this many."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("takes min, max or both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("has a min above its max")
        return self


def _between(value: object) -> object:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return {"min": value, "max": value} if is_number else value


Count = Annotated[Between, BeforeValidator(_between, json_schema_input_type=int | Between)]


class When(Noun):
    """The conditions of a rule: all that are stated must hold; `{}` holds for all but private events."""

    source: AnyOf[Said] = ()
    """The kind of tool: google_calendar, jira, asana."""
    kind: AnyOf[Kind] = ()
    """What the evidence is: meeting, focus, away, presence, touch, logged."""
    container: AnyOf[Said] = ()
    """Project key, board or calendar."""
    task: AnyOf[Said] = ()
    """Issue key or task id, the one a title names included."""
    labels: AnyOf[Said] = ()
    """One of its labels, components or sections, its calendar's label, or the title of an all-day entry."""
    title: Annotated[AnyOf[Said], AfterValidator(_has_words)] = ()
    """Whole words of its title: *Food* never matches "FoodTruck"."""
    domains: AnyOf[Said] = ()
    """The mail domain of one of its guests, only where the policy tracks guests."""
    series: AnyOf[Said] = ()
    """The recurring series it belongs to."""
    all_day: bool | None = None
    """Whether it is a date without a time of day."""
    response: AnyOf[Response] = ()
    """What the contributor answered: organizer, accepted, tentative, needs_action, declined."""
    audience: AnyOf[Count] = ()
    """How many were invited: `2`, or `{min: 10}`, or `{min: 3, max: 8}`."""
    who: AnyOf[Said] = ()
    """The contributor's e-mail."""
    team: AnyOf[Said] = ()
    """The contributor's team."""
    all: AnyOf[When] = ()
    """Further conditions that must all hold."""
    any: AnyOf[When] = ()
    """Conditions of which at least one must hold."""
    none: AnyOf[When] = ()
    """Conditions of which not one may hold."""


def _is_a_step(minutes: int) -> int:
    if not 1 <= minutes <= 8 * 60:
        raise ValueError("is no step to round to; take 1m to 8h")
    return minutes


class Rounding(Noun):
    """The step the minutes of a project are rounded to."""

    to: Annotated[Minutes, AfterValidator(_is_a_step)]
    """The step: `6m` is usual for lawyers, `15m` for agencies, `1m` is none."""
    mode: Literal["nearest", "up", "down"] = "nearest"
    """Which way; the total of a day stays the rounded total of what was attended."""


def _step(value: object) -> object:
    return {"to": value} if isinstance(value, int | str) else value


Step = Annotated[Rounding, BeforeValidator(_step, json_schema_input_type=Minutes | Rounding)]


def _named(target: object) -> object:
    for connection, task in target.items() if isinstance(target, dict) else ():
        if isinstance(task, int | float):
            raise ValueError(f"names {task} at {connection!r}, which is not text; put it in quotes")
    return target


Target = Annotated[
    dict[Name, Name],
    Field(min_length=1, max_length=1),
    BeforeValidator(_named, json_schema_input_type=dict[Name, Name]),
]
"""`{connection: task}`, `{connection: <catch-all task>}` or `{none: "why"}`."""


def _adds_up(share: dict[str, int]) -> dict[str, int]:
    percents = list(share.values())
    if sum(percents) != 100 and set(percents) != {100}:
        raise ValueError(
            f"adds up to {sum(percents)} %, not 100 %; write 100 for each where all are billed in full"
        )
    if 0 in percents:
        raise ValueError("has a project with 0 %; leave it out")
    return share


Share = Annotated[dict[Name, Percent], Field(min_length=1, max_length=100), AfterValidator(_adds_up)]
"""Percent by project: adding up to 100, or 100 each where the time belongs to all in full."""


class Project(Noun):
    """What time is booked on."""

    name: Name
    """As people read it."""
    client: Name | None = None
    """Whom it is done for."""
    category: Name | None = None
    """What kind of work it is, unless the rule says otherwise."""
    billable: bool = False
    """Whether its time is billed, unless the rule says otherwise."""
    rounding: Step | None = None
    """`15m`, or `{to: 15m, mode: up}`; left out, the increment of `reconcile`."""
    share: Share | None = None
    """Percent by project, where its time belongs to several, unless the rule says otherwise."""
    target: Target | None = None
    """Where its time is posted: `{jira: task}` on the task itself, `{jira: WEB-1}` always on that one,
    `{none: why}` nowhere but Daybook; left out, the contributor picks."""


def _fills_in(template: str) -> str:
    try:
        fields = [
            field
            for _, field, spec, conversion in Formatter().parse(template)
            if _odd(field, spec, conversion)
        ]
    except ValueError:
        raise ValueError("has a brace without its partner; write {{ or }} for a brace itself") from None
    if fields:
        known = ", ".join(f"{{{word}}}" for word in TEMPLATE_WORDS)
        raise ValueError(f"'{{{fields[0]}}}' cannot be filled in; a text may name {known}")
    return template


def _odd(field: str | None, spec: str | None, conversion: str | None) -> bool:
    return field is not None and (field not in TEMPLATE_WORDS or bool(spec) or conversion is not None)


class Then(Noun):
    """What a rule says about the evidence it matches."""

    project: Name | None = None
    """The project, by the name it has under `projects`."""
    category: Name | None = None
    """Instead of the project's own."""
    billable: bool | None = None
    """Instead of the project's own."""
    target: Target | None = None
    """Instead of the project's own."""
    text: Annotated[Text, AfterValidator(_fills_in)] | None = None
    """What the target will show; may name {title}, {task}, {container}, {project} and {client}. Left out:
    the title."""
    rounding: Step | None = None
    """Instead of the project's own."""
    share: Share | None = None
    """Percent by project, where one hour belongs to several; the largest is the project of the draft. Left
    out: the project's own."""
    confidence: Confidence | None = None
    """How sure the suggestion is; left out, as sure as the evidence."""
    ignore: bool = False
    """Never suggest it; its owner sees it as ignored, with this rule."""

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        stated = self.model_fields_set - {"ignore"}
        if self.ignore and stated:
            raise ValueError(f"says both ignore and {min(stated)}; an ignored activity has no draft")
        if not self.ignore and not stated:
            raise ValueError("says nothing; name a project, or ignore: true")
        return self

    @property
    def booked_on(self) -> str | None:
        """The project of the draft: the one named, else the first of the largest shares."""
        if self.project is None and self.share:
            return max(self.share, key=self.share.__getitem__)
        return self.project


class Rule(Noun):
    """A mapping from evidence to project and category; of all that hold, the first in the file wins."""

    name: Name
    """Unique; the contributor reads it beside each draft the rule made."""
    when: When
    """The conditions."""
    then: Then
    """What follows."""
    file: SkipJsonSchema[str | None] = None
    """The file it stands in, as messages name it; set by the loader."""
    line: SkipJsonSchema[int | None] = None
    """Where it stands in there; set by the loader."""


def problems(projects: Mapping[str, Project], rules: Sequence[Rule]) -> list[Problem]:
    """Everything about projects and rules that no single one of them can know, in the order of the file."""
    found: list[Problem] = [
        (("projects", name, "share", other), _unknown(other, projects))
        for name, project in projects.items()
        for other in project.share or ()
        if other not in projects
    ]
    if len(rules) > MOST_RULES:
        found.append((("rules",), f"are {len(rules)}; Daybook takes {MOST_RULES}"))
    patterns = sum(_patterns(rule.when) for rule in rules)
    if patterns > MOST_PATTERNS:
        found.append((("rules",), f"hold {patterns} regular expressions; Daybook takes {MOST_PATTERNS}"))
    first_named: dict[str, Rule] = {}
    first_asking: dict[When, Rule] = {}
    for number, rule in enumerate(rules):
        found += _of_one(number, rule, projects, first_named.get(rule.name), first_asking.get(rule.when))
        first_named.setdefault(rule.name, rule)
        first_asking.setdefault(rule.when, rule)
    found += [_shadows_the_rest(n, rules) for n, rule in enumerate(rules[:-1]) if rule.when == When()][:1]
    return found


def _patterns(when: When) -> int:
    """How many regular expressions a condition asks for."""
    asked = (getattr(when, name) for name in When.model_fields)
    phrases = [one for found in asked if isinstance(found, tuple) for one in found]
    own = sum(isinstance(one, Phrase) and one.regex is not None for one in phrases)
    return own + sum(_patterns(inner) for inner in (*when.all, *when.any, *when.none))


def _of_one(
    number: int, rule: Rule, projects: Mapping[str, Project], namesake: Rule | None, earlier: Rule | None
) -> Iterator[Problem]:
    here = ("rules", number)
    if namesake:
        yield (
            (*here, "name"),
            f"'{rule.name}' is the name of another rule{_where(namesake)}; each needs its own",
        )
    if earlier:
        yield (
            (*here, "when"),
            f"asks the same as '{earlier.name}'{_where(earlier)}, which always wins; delete one",
        )
    if rule.then.project is not None and rule.then.project not in projects:
        yield (*here, "then", "project"), _unknown(rule.then.project, projects)
    elif rule.then.share and rule.then.project is not None and rule.then.project not in rule.then.share:
        yield (*here, "then", "project"), f"is '{rule.then.project}', which has no part in its share"
    for project in rule.then.share or ():
        if project not in projects:
            yield (*here, "then", "share", project), _unknown(project, projects)


def _shadows_the_rest(number: int, rules: Sequence[Rule]) -> Problem:
    below = len(rules) - number - 1
    return (
        "rules",
        number,
        "when",
    ), f"holds for everything, so the {below} below it never match; move it to the end"


def _where(rule: Rule) -> str:
    if rule.line is None:
        return ""
    return f" (line {rule.line})" if rule.file is None else f" ({rule.file} line {rule.line})"


def _unknown(project: str, projects: Mapping[str, Project]) -> str:
    nearest = process.extractOne(project, projects.keys(), score_cutoff=60)
    hint = f" Did you mean '{nearest[0]}'?" if nearest else ""
    return f"'{project}' is not a project Daybook knows.{hint}"


def targets(
    projects: Mapping[str, Project], rules: Sequence[Rule]
) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Each connection something is posted to, with the task and where it stands."""
    stated = [
        *((("projects", name, "target"), project.target) for name, project in projects.items()),
        *((("rules", number, "then", "target"), rule.then.target) for number, rule in enumerate(rules)),
    ]
    for path, target in stated:
        for connection, task in (target or {}).items():
            if connection != "none":
                yield path, connection, task


def containers(rules: Sequence[Rule]) -> tuple[str, ...]:
    """The containers that rules name, each once; patterns name none."""
    said = (phrase.words or phrase.exact for rule in rules for phrase in _containers(rule.when))
    return tuple(dict.fromkeys(name for name in said if name))


def _containers(when: When) -> Iterator[Phrase]:
    yield from when.container
    for inner in (*when.all, *when.any):
        yield from _containers(inner)
