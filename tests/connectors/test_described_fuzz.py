"""Whatever an official description lets a tool say, and a share of what it does not: complete or loud.

Each endpoint that a deed reads answers with what hypothesis draws from its
schema, then as the stand-in does. A usual run tries a few answers, always the
same ones; SPOIL=all tries many, others each time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from connectors.budget import Budget
from connectors.contract import Connector, CursorExpired, Fault, Page, Terms
from connectors.layers import PolicyFiltered
from connectors.stand_in import Answer, Request
from tests.connectors.described import PLACE, Description, Learnt
from tests.connectors.matrix import DEEDS, Attempt, Scene
from tests.connectors.test_bad_input import LISTS
from tests.connectors.test_complete_or_loud import RECORDS
from tests.connectors.test_fault_matrix import SCENES, small

__all__ = ["small"]

MANY = os.environ.get("SPOIL") == "all"
MOST_PULLS = 60
"""The answers drawn are few and the stand-in's lists short: whoever asks more often never ends."""

TEXT = {"type": "string"}
ISSUE = {
    "fields": {
        "type": "object",
        "required": ["updated"],
        "properties": {
            "updated": {"type": "string", "format": "date-time"},
            "created": {"type": "string", "format": "date-time"},
            "status": {"$ref": "#/components/schemas/StatusDetails"},
            "assignee": {"$ref": "#/components/schemas/UserDetails"},
            "summary": TEXT,
            "description": TEXT,
            "labels": {"type": "array", "items": TEXT},
            "components": {"type": "array", "items": {"$ref": "#/components/schemas/ProjectComponent"}},
            "parent": {"type": "object", "properties": {"id": TEXT, "key": TEXT}},
            "comment": {"$ref": "#/components/schemas/PageOfComments"},
        },
    }
}
"""The description of Jira leaves open what the fields of an issue are."""


@dataclass(frozen=True)
class Tool:
    """One tool's description, and what of its answers may be kept, by the last names of its place there."""

    spec: str
    root: str
    words: Mapping[str, tuple[str, ...]]
    """By word of `tracked`."""
    always: tuple[str, ...]
    """Ids, and what a bookmark keeps without reading it."""
    said: Mapping[str, Any]


JIRA = Tool(
    "jira-cloud-v3.json",
    "",
    {"title": ("fields.summary",), "labels": ("fields.labels", "components.name", "parent.key")},
    ("id", "key", "nextPageToken", "worklogId", "issueId", "accountId"),
    {"IssueBean": ISSUE},
)
ASANA = Tool(
    "asana.yaml",
    "/api/1.0",
    {
        "title": ("data.name",),
        "section history": (
            "project.name", "section.name", "tags.name", "enum_value.name", "attributable_to.name",
        ),
    },
    ("gid", "offset"),
    {},
)  # fmt: skip
GOOGLE = Tool(
    "google-calendar-v3.openapi.json",
    "/calendar/v3",
    {
        "title": ("items.summary",),
        "series": ("items.recurringEventId",),
        "labels": ("items.eventLabelId", "items.colorId", "eventLabels.name", "eventLabels.id"),
        "guests domains": (),
    },
    ("items.id", "updated", "nextPageToken"),
    {},
)
TOOLS = {name: {"J": JIRA, "A": ASANA, "G": GOOGLE}[name[0]] for name in SCENES}


def described(tool: Tool, counted: str) -> str:
    """Jira's version 2 is described as version 3; servers, which nobody describes, as the old ways of it."""
    return counted.replace("/rest/api/2/", "/rest/api/3/") if tool is JIRA else counted


class Told:
    """A stand-in that answers with what was drawn, and once that is used up as at the end of a sound walk."""

    def __init__(self, scene: Scene, description: Description, tool: Tool) -> None:
        self.scene, self._description, self._tool = scene, description, tool
        self._genuine = scene.site.answer
        self.drawn: dict[str, list[Any]] = {}
        self.given: dict[str, tuple[str, Any]] = {}
        """By question: the endpoint and its last answer; whoever asks again has refused the one before."""
        self._last: dict[str, Answer] = {}
        self._learnt: dict[str, Learnt] = {}

    def strategy(self, deed: str) -> st.SearchStrategy[dict[str, list[Any]]]:
        """Answers of the endpoints that a sound deed asks, by endpoint: two each at most."""
        with self._at_work(self._notice):
            DEEDS[deed].do(begun(self.scene, deed))
        schemas = {
            endpoint: schema
            for endpoint in sorted(self._last)
            if (schema := self._description.schema(described(self._tool, endpoint))) is not None
        }
        drawn = {
            endpoint: st.lists(self._description.answers(schema, self._learnt[endpoint]), max_size=2)
            for endpoint, schema in schemas.items()
        }
        return st.fixed_dictionaries(drawn)

    @contextmanager
    def telling(self, drawn: Mapping[str, list[Any]]) -> Iterator[None]:
        self.drawn = {endpoint: list(answers) for endpoint, answers in drawn.items()}
        self.given = {}
        with self._at_work(self._tell):
            yield

    @contextmanager
    def _at_work(self, answer: Callable[[str, Request, Answer], Answer]) -> Iterator[None]:
        site = self.scene.site

        def answered(request: Request) -> tuple[Answer, str]:
            genuine, fault = self._genuine(request)
            return answer(site.find(request.method, request.path)[0], request, genuine), fault

        site.answer = answered  # type: ignore[method-assign]
        try:
            yield
        finally:
            site.answer = self._genuine  # type: ignore[method-assign]

    def _notice(self, endpoint: str, request: Request, answer: Answer) -> Answer:
        if answer.status < 300 and answer.body is not None:
            self._last[endpoint] = answer
            self._learnt.setdefault(endpoint, Learnt()).look_at(json.loads(json.dumps(answer.body)))
        return answer

    def _tell(self, endpoint: str, request: Request, genuine: Answer) -> Answer:
        if endpoint not in self.drawn:
            return genuine
        question = f"{request.method} {request.path} {sorted(request.params.items())} {request.body!r}"
        self.given.pop(question, None)
        if self.drawn[endpoint]:
            body = self.drawn[endpoint].pop(0)
            self.given[question] = endpoint, body
            return replace(self._last[endpoint], body=json.dumps(body).encode())
        return self._last[endpoint]


def begun(scene: Scene, deed: str) -> Attempt:
    attempt = Attempt(scene, scene.connector(Budget(100_000, 100_000)))
    if (after := DEEDS[deed].after) is not None:
        after(attempt)
        attempt.cursor = attempt.pages[-1].cursor if attempt.pages else None
    return attempt


@pytest.fixture
def told(small: None, shared: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    monkeypatch.setattr("connectors.deadline.PAUSES", 10**6)
    tool, scene = TOOLS[name], SCENES[name]()
    yield Told(scene, Description(shared / "specs" / tool.spec, tool.root, tool.said), tool)
    scene.site.stop()


def tried(strategy: st.SearchStrategy[Any], examples: int) -> Callable[[Callable[..., None]], None]:
    """Runs a test on what was drawn."""

    def run(test: Callable[..., None]) -> None:
        checks = list(HealthCheck)
        many = settings(
            max_examples=60 * examples,
            database=None,
            suppress_health_check=checks,
            phases=[Phase.generate],
        )
        few = settings(max_examples=examples, derandomize=True, database=None, suppress_health_check=checks)
        (many if MANY else few)(given(strategy)(test))()

    return run


@pytest.mark.parametrize("name", SCENES)
def test_S12_P11_whatever_a_description_allows_is_read_whole_or_refused(told: Told, name: str) -> None:
    scene, tool = told.scene, TOOLS[name]
    (partition,) = (connector := scene.connector(Budget(10_000, 10_000))).partitions([scene.world.ada])
    _, after = walked(connector, partition, scene, None)
    policies = st.sets(st.sampled_from(sorted(connector.tracks)), min_size=1)

    always = {"time"} & connector.tracks.keys()  # without it no calendar is read at all

    @tried(st.tuples(told.strategy("pull"), policies, st.booleans()), examples=30)
    def test(drawn: tuple[Mapping[str, list[Any]], set[str], bool]) -> None:
        answers, words, again = drawn
        tracked = frozenset(connector.tracks if again else words | always)
        reading = connecting(scene, tracked)
        partition = next(iter(reading.partitions([scene.world.ada])), None)
        if partition is None:
            return
        with told.telling(answers):
            pages, cursor = walked(reading, partition, scene, after if again else None)
        for page in pages:
            kept_to(tool, tracked, page)
        if again and cursor:
            assert len(lost(told, pages, after)) <= sum(sum(page.skipped.values()) for page in pages)
        if cursor:
            walked(reading, partition, scene, cursor, ours=True)


def connecting(scene: Scene, tracked: frozenset[str]) -> Connector:
    """As the product does: with a policy, and behind the layer that does not trust the connector with it."""
    genuine = scene.world.connector
    scene.world.connector = partial(genuine, tracked=tracked)
    try:
        return PolicyFiltered(scene.connector(Budget(100_000, 100_000)), Terms(tracked=tracked))
    finally:
        scene.world.connector = genuine


def walked(
    connector: Connector, partition: Any, scene: Scene, cursor: str | None, *, ours: bool = False
) -> tuple[list[Page], str]:
    """A walk until its end or a Fault.

    Takes    ours: the bookmark must be one that can be read
    Gives    its pages, and where the next one begins; "" where there is none, because the old one holds
    """
    pages: list[Page] = []
    for _ in range(MOST_PULLS):
        try:
            pages.append(connector.pull(partition, scene.world.window, cursor))
        except CursorExpired as expired:
            assert not ours or "not one of ours" not in str(expired)
            return pages, ""
        except Fault as fault:
            assert "@" not in str(fault) and "⟦" not in str(fault)
            return pages, ""
        cursor = pages[-1].cursor
        if not pages[-1].more:
            return pages, cursor
    raise AssertionError("it never ends")


def kept_to(tool: Tool, tracked: frozenset[str], page: Page) -> None:
    """Nothing is kept of a place that the policy does not name (P11)."""
    allowed = [*tool.always, *(name for word in tracked for name in tool.words.get(word, ()))]
    for place in PLACE.findall(page.model_dump_json()):
        assert any(place == name or place.endswith(f".{name}") for name in allowed), place


def lost(told: Told, pages: list[Page], before: str) -> list[Any]:
    """What was listed of Ada, is told of by nothing, and was not read before as it is."""
    ada = told.scene.world.ada.external
    shown = {sighting.origin for page in pages for sighting in page.sightings}
    gone = []
    for endpoint, body in told.given.values():
        for record in records(body) if endpoint in LISTS else ():
            name = record.get("id", record.get("gid")) if isinstance(record, dict) else None
            known = f"{LISTS[endpoint]}{name}" in shown or f'"{name}"' in before
            if whose(record, LISTS[endpoint]) in ("", ada) and not known and record not in gone:
                gone.append(record)
    return gone


AUTHOR = {"entry/": ("created_by", "gid"), "worklog/": ("author", "accountId")}
"""Where a record says whose it is; the others are hers by the list they are on."""


def whose(record: Any, kind: str) -> str:
    """The account of a record's author; "" where it needs none."""
    if kind not in AUTHOR:
        return ""
    who, account = AUTHOR[kind]
    author = record.get(who) if isinstance(record, dict) else None
    return str(author.get(account)) if isinstance(author, dict) else "nobody"


def records(body: Any) -> list[Any]:
    if isinstance(body, list):
        return body
    lists = (body.get(name) for name in RECORDS) if isinstance(body, dict) else ()
    return next((listed for listed in lists if isinstance(listed, list)), [])


@pytest.mark.parametrize(
    ("name", "deed"),
    [
        (name, deed)
        for name, scene in SCENES.items()
        for deed in ("check", "accounts", "containers", "identify", "baseline", "find")
        if deed in scene.deeds
    ],
)
def test_S12_whatever_a_description_allows_ends_in_an_answer_or_a_fault(
    told: Told, name: str, deed: str
) -> None:
    @tried(told.strategy(deed), examples=8)
    def test(drawn: Mapping[str, list[Any]]) -> None:
        attempt = begun(told.scene, deed)
        with told.telling(drawn):
            try:
                DEEDS[deed].do(attempt)
            except Fault as fault:
                assert "@" not in str(fault) and "⟦" not in str(fault)
