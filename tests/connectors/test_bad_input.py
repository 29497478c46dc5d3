"""Whatever a tool sends in the place of one object, the others are read, and nothing but a Fault comes out.

Sound answers of the stand-ins are spoilt on their way, one value at a time. A
run tries a few of each endpoint; SPOIL=all tries every one, which takes long.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from connectors.budget import Budget
from connectors.contract import Fault, Page, walk
from connectors.stand_in import Answer, Request
from core.model import Activity
from daybook.testing import Said, said, spoilt
from tests.connectors.matrix import DEEDS, Attempt, Scene
from tests.connectors.test_complete_or_loud import RECORDS
from tests.connectors.test_fault_matrix import SCENES, small

__all__ = ["small"]

A_FEW = 12
"""Spoilt objects of each endpoint in a usual run."""
FIVE_MEGABYTES = "ACME " * 1_000_000
LISTS = {
    "GET /rest/api/2/search/jql": "issue/",
    "GET /rest/api/2/search": "issue/",
    "POST /rest/api/2/worklog/list": "worklog/",
    "GET /api/1.0/tasks": "task/",
    "GET /api/1.0/time_tracking_entries": "entry/",
    "GET /calendar/v3/calendars/{calendarId}/events": "event/",
}
"""By endpoint: what the origins of its objects begin with."""
TITLES = {
    "Jira Cloud": ("GET /rest/api/2/search/jql", ("fields", "summary")),
    "Jira Data Center": ("GET /rest/api/2/search", ("fields", "summary")),
    "Asana by people": ("GET /api/1.0/tasks", ("name",)),
    "Asana by projects": ("GET /api/1.0/tasks", ("name",)),
    "Google Calendar": ("GET /calendar/v3/calendars/{calendarId}/events", ("summary",)),
}
Change = Callable[[Any], Any]


@contextmanager
def changed(scene: Scene, endpoint: str, change: Change) -> Iterator[None]:
    """Every good answer of one endpoint is another one; `change` gets its body."""
    site = scene.site
    genuine = site.answer

    def answer(request: Request) -> tuple[Answer, str]:
        said, fault = genuine(request)
        if said.status >= 400 or site.find(request.method, request.path)[0] != endpoint:
            return said, fault
        body = json.dumps(change(json.loads(json.dumps(said.body))))
        return replace(said, body=body.encode()), fault

    site.answer = answer  # type: ignore[method-assign]
    try:
        yield
    finally:
        site.answer = genuine  # type: ignore[method-assign]


@contextmanager
def answering(scene: Scene, endpoint: str, instead: Answer) -> Iterator[None]:
    """This answer, whenever one endpoint is asked."""
    site = scene.site
    genuine = site.answer

    def answer(request: Request) -> tuple[Answer, str]:
        asked, _, _ = site.find(request.method, request.path)
        return (instead, "") if asked == endpoint else genuine(request)

    site.answer = answer  # type: ignore[method-assign]
    try:
        yield
    finally:
        site.answer = genuine  # type: ignore[method-assign]


def instead_of(sound: Any, *others: Any) -> Change:
    """Puts these in the place of one object, wherever it is listed."""

    def change(body: Any) -> Any:
        if isinstance(body, list):
            return [shown for one in body for shown in (others if one == sound else (one,))]
        return {**body, **{name: change(body[name]) for name in RECORDS if isinstance(body.get(name), list)}}

    return change


def first_of(scene: Scene, endpoint: str) -> Any:
    """The first object that this endpoint shows in a walk."""
    met: list[Any] = []

    def notice(body: Any) -> Any:
        pages = [body] if isinstance(body, list) else [body.get(name) for name in RECORDS]
        met.extend(page[0] for page in pages if isinstance(page, list) and page)
        return body

    with changed(scene, endpoint, notice):
        walked(scene)
    return met[0]


def walked(scene: Scene) -> tuple[Said, list[Page]]:
    connector = scene.connector(Budget(10_000, 10_000))
    (partition,) = connector.partitions([scene.world.ada])
    pages = list(walk(connector, partition, scene.world.window, None))
    return said(pages), pages


def some(payload: Any, few: int = A_FEW) -> list[Any]:
    """Spoilt ones: a few, always the same, or all."""
    found = list(spoilt(payload))
    if os.environ.get("SPOIL") == "all":
        return found
    return random.Random(7).sample(found, min(few, len(found)))


@pytest.fixture
def scene(small: None, name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setattr("connectors.deadline.PAUSES", 10**6)
    scene = SCENES[name]()
    yield scene
    scene.site.stop()


@pytest.mark.parametrize("name", SCENES)
def test_S12_a_spoilt_object_costs_no_other_and_is_counted(scene: Scene, name: str) -> None:
    whole, _ = walked(scene)
    for endpoint in scene.site.reset_counts().keys() & LISTS.keys():
        kind = LISTS[endpoint]
        first = first_of(scene, endpoint)
        with changed(scene, endpoint, instead_of(first)):
            others = {origin: held for origin, held in walked(scene)[0].items() if origin.startswith(kind)}
        assert others and others.items() < whole.items()
        for odd in some(first):
            with changed(scene, endpoint, instead_of(first, odd)):
                shown, pages = walked(scene)
            assert others.items() <= shown.items(), odd
            _plain(shown, pages)
            reasons = [reason for page in pages for reason in page.skipped]
            known = {origin for origin in shown if origin.startswith(kind)}
            assert len(known) > len(others) or reasons or _says_nothing(odd), odd


def _says_nothing(odd: Any) -> bool:
    """Cancelled, deleted or somebody else's: left out without a loss, as if it were sound."""
    return isinstance(odd, dict)


def _plain(shown: Said, pages: list[Page]) -> None:
    """What was kept is clean, and the reasons for what was not are words of ours."""
    for _, activity in (pair for held in shown.values() for pair in held):
        _clean(activity)
    for reason in (reason for page in pages for reason in page.skipped):
        assert reason.isascii() and reason.isprintable() and len(reason) < 80


def _clean(activity: Activity) -> None:
    for text in (activity.title or "", *activity.labels):
        assert text.isprintable() and len(text) <= 1024


@pytest.mark.parametrize("name", SCENES)
def test_S12_nothing_but_a_fault_comes_out_of_any_answer(scene: Scene, name: str) -> None:
    for deed in (DEEDS[word] for word in scene.deeds):
        scene.site.reset_counts()
        deed.do(_begun(scene, deed))
        for endpoint in scene.site.reset_counts():
            answers: list[Any] = []
            with changed(scene, endpoint, lambda body: answers.append(body) or body):  # noqa: B023
                deed.do(_begun(scene, deed))
            for odd in some(answers[0], few=4) if answers else ():
                attempt = _begun(scene, deed)
                with changed(scene, endpoint, lambda _: odd):  # noqa: B023
                    try:
                        deed.do(attempt)
                    except Fault as fault:
                        assert "@" not in str(fault)


def _begun(scene: Scene, deed: Any) -> Attempt:
    for record in scene.world.posted():
        scene.world.erase(record.id)
    attempt = Attempt(scene, scene.connector(Budget(10_000, 10_000)))
    if deed.after is not None:
        deed.after(attempt)
        attempt.cursor = attempt.pages[-1].cursor if attempt.pages else None
    return attempt


@pytest.mark.parametrize("name", TITLES)
def test_S12_five_megabytes_of_title_are_cut_and_the_rest_is_read(scene: Scene, name: str) -> None:
    whole, _ = walked(scene)
    endpoint, path = TITLES[name]

    def giant(body: Any) -> Any:
        for one in next(body[name] for name in RECORDS if name in body):
            for word in path[:-1]:
                one = one[word]
            one[path[-1]] = FIVE_MEGABYTES
        return body

    with changed(scene, endpoint, giant):
        shown, pages = walked(scene)
    assert shown.keys() == whole.keys()
    _plain(shown, pages)
    assert any(
        (activity.title or "").startswith("ACME ACME ") for held in shown.values() for _, activity in held
    )


HALF = "\ud83d"
"""Of a character; JSON can name it, and nothing else can hold it."""
WAYMARKS = {
    "Jira Cloud": ("GET /rest/api/2/search/jql", {"nextPageToken": HALF}),
    "Asana by people": ("GET /api/1.0/tasks", {"next_page": {"offset": HALF, "path": "/x", "uri": "/x"}}),
    "Google Calendar": (
        "GET /calendar/v3/calendars/{calendarId}/events",
        {"updated": HALF, "nextPageToken": HALF},
    ),
}
"""What our bookmark keeps of an answer, without reading it."""


@pytest.mark.parametrize("name", WAYMARKS)
def test_S12_half_a_character_in_what_a_bookmark_keeps_is_no_crash(scene: Scene, name: str) -> None:
    endpoint, odd = WAYMARKS[name]
    with changed(scene, endpoint, lambda body: {**body, **odd}), pytest.raises(Fault):
        walked(scene)


NOES = [
    Answer(status, body)
    for status in (400, 401, 403, 404, 410, 413)
    for body in (
        b"",
        b"\xff\xfe",
        b"[" * 5_000,
        b'"' + HALF.encode("utf-8", "surrogatepass") + b'"',
        {"error": {"message": 5, "errors": [{"reason": HALF}]}},
        {"error": None, "error_description": [], "errorMessages": {"x": 1}, "errors": [5], "message": 5},
    )
]


@pytest.mark.parametrize("name", SCENES)
def test_S12_a_no_is_a_no_whatever_it_says(scene: Scene, name: str) -> None:
    for deed in (DEEDS[word] for word in scene.deeds if word != "pull again"):
        scene.site.reset_counts()
        deed.do(_begun(scene, deed))
        for endpoint in scene.site.reset_counts():
            for no in NOES if os.environ.get("SPOIL") == "all" else random.Random(7).sample(NOES, 5):
                attempt = _begun(scene, deed)
                with answering(scene, endpoint, no):
                    try:
                        deed.do(attempt)
                    except Fault as fault:
                        assert "@" not in str(fault)
