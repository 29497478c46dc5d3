"""Golden cases: what administrators write down so that a change of their rules breaks no old promise.

cases:
  - name: The weekly call with ACME is billed
    activity: {title: Weekly ACME call, response: accepted}
    expect: {project: acme-web, billable: true}
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from config.complaints import nearest
from config.load import Unfit, checked, problem_at
from config.schema import Configuration
from config.text import Document, Place, Problem, read
from core.addresses import Address
from core.model import Activity, Kind, Name, Noun, Response, Text

ENDING = ".cases.yaml"
"""How a file beside the configuration is named to be found."""

_ONE_MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
_AN_HOUR = timedelta(hours=1)


class Sample(Noun):
    """One activity, as far as a rule can ask about it."""

    source: Name = "google_calendar"
    """The kind of tool: google_calendar, jira, asana."""
    kind: Kind = "meeting"
    """What the evidence is."""
    title: Text | None = None
    """Its title; an issue key in it is found as in a real one."""
    task: Name | None = None
    """Issue key or task id."""
    container: Name | None = None
    """Project key, board or calendar."""
    series: Name | None = None
    """The recurring series it belongs to."""
    labels: tuple[Name, ...] = ()
    """Labels, components, sections, the calendar's label."""
    domains: tuple[Name, ...] = ()
    """Mail domains of guests."""
    response: Response | None = None
    """What its contributor answered."""
    audience: Annotated[int, Field(ge=0)] | None = None
    """How many were invited."""
    all_day: bool = False
    """Whether it is a date without a time of day."""
    private: bool = False
    """Whether it is marked private; then no rule may speak."""

    def activity(self) -> Activity:
        """The same at some hour, for rules do not ask when."""
        has_end = self.kind in ("meeting", "focus", "away")
        return Activity(
            **self.model_dump(),
            uid="case",
            start=_ONE_MONDAY,
            end=_ONE_MONDAY + _AN_HOUR if has_end else None,
            minutes=60 if self.kind == "logged" else None,
        )


class Expected(Noun):
    """What must come of it; what is left out may be anything."""

    rule: Name | None = None
    """The name of the rule that wins; null: none does."""
    project: Name | None = None
    """By its name under `projects`; null: the contributor picks."""
    category: Name | None = None
    """What kind of work it is."""
    billable: bool = False
    """Whether it is billed."""
    target: Name | None = None
    """Where it is posted, as `jira:WEB-12`, or `none`; null: the contributor picks."""
    text: Text = ""
    """What the target will show."""
    ignore: bool = False
    """That it is never suggested."""

    @model_validator(mode="after")
    def _says_something(self) -> Expected:
        if not self.model_fields_set:
            raise ValueError("expects nothing; name a project, or ignore: true")
        return self

    def stated(self) -> dict[str, Any]:
        return {
            name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set
        }


class Case(Noun):
    """One promise about the rules."""

    name: Name
    """What is promised, in a sentence."""
    who: Address | None = None
    """Whose activity it is, for rules that ask; left out: nobody in particular."""
    activity: Sample
    """What a tool says."""
    expect: Expected
    """What the rules must make of it."""


def _some(cases: tuple[Case, ...]) -> tuple[Case, ...]:
    # Not min_length: beside a bad case pydantic would complain that there is none, too.
    if not cases:
        raise ValueError("is empty; write at least one case")
    return cases


class Cases(Noun):
    """A file of golden cases."""

    cases: Annotated[tuple[Case, ...], AfterValidator(_some), Field(json_schema_extra={"minItems": 1})]
    """The promises, in any order."""


def load_cases(file: Path, configuration: Configuration) -> list[tuple[Place, Case]]:
    """The cases of one file, each with the place where it stands.

    Raises   Unfit, with every problem by file, line and column; OSError
    """
    document = read(file)
    problems = list(document.problems)
    found = None if problems else checked(Cases, document.value, (), document, problems)
    if found is not None:
        problems += _unknown(found, configuration, document)
    if problems or found is None:
        raise Unfit(file, problems)
    return [(document.places[("cases", number)], case) for number, case in enumerate(found.cases)]


def _unknown(found: Cases, configuration: Configuration, document: Document) -> list[Problem]:
    """Names that the configuration does not know: such a case could never hold."""
    emails = [person.email for person in configuration.people]
    rules = [rule.name for rule in configuration.rules]
    problems = []
    for number, case in enumerate(found.cases):
        here = ("cases", number)
        for path, word, names, where in (
            ((*here, "who"), case.who, emails, "people"),
            ((*here, "expect", "project"), case.expect.project, [*configuration.projects], "projects"),
            ((*here, "expect", "rule"), case.expect.rule, rules, "rules"),
        ):
            if word is not None and word not in names:
                sentence = f"is {word!r}, which is not under {where}.{nearest(word, names)}"
                problems.append(problem_at(document, path, sentence))
    return problems
