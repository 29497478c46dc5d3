"""What a tool's official description lets it say, drawn by hypothesis; and a share of what it does not.

An answer that is only random gets no further than its first id. So names and
values that sound answers have are drawn more often than others, and every text
that is not one of theirs says where in the answer it stands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from daybook.testing import ODD
from tests.connectors.official import YAML_LOADER

Draw = Any
DEEPEST = 7
"""Below, only what is required."""
PLACE = re.compile("⟦([^⟧]*)⟧")
"""Where in an answer a text stood."""
ENDINGS = ("", " ", "\u202e", "\x00", "\n\ud83d", "\N{GRINNING FACE}", "@elsewhere.example", "x" * 2_000)
TIMES = (
    "2026-11-20T08:00:00.000+0000",
    "2026-11-20T10:00:00Z",
    "2026-11-20T10:00:00",
    "2026-11-19",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "2026-02-30T25:61:00Z",
)
NUMBERS = (0, 1, 3, 60, -1, 0.5, 1_763_640_000_000, 2**53, 2**63, 10**30)
STRANGE = (*ODD, json.loads("[" * 60 + "]" * 60), {"__proto__": 1}, float("inf"))


class Learnt:
    """The names and values of sound answers."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.values: dict[str, list[Any]] = {}

    def look_at(self, said: Any, name: str = "") -> None:
        if isinstance(said, dict):
            self.names |= said.keys()
            for inner, value in said.items():
                self.look_at(value, inner)
        elif isinstance(said, list):
            for value in said:
                self.look_at(value, name)
        elif " " not in str(said) and said not in (known := self.values.setdefault(name, [])):
            known.append(said)  # what has a space in it is prose, and says nothing about where it stood


class Description:
    """One document.

    Takes    root: what its paths begin with; said: by name of a schema, properties it leaves open
    """

    def __init__(self, spec: Path, root: str, said: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self._document, self._root, self._said = _read(spec), root, said or {}

    def schema(self, endpoint: str) -> Any:
        """Of a good answer; None where the document does not know the endpoint, or it answers nothing.

        Takes    as a stand-in counts it: "METHOD /path/{name}"
        """
        method, _, path = endpoint.partition(" ")
        wanted = _nameless(path.removeprefix(self._root))
        for template, operations in self._document["paths"].items():
            if _nameless(template) == wanted and method.lower() in operations:
                told = {
                    str(status): answer for status, answer in operations[method.lower()]["responses"].items()
                }
                answer = self._meant(next((told[status] for status in ("200", "201") if status in told), {}))
                return next((kind.get("schema") for kind in answer.get("content", {}).values()), None)
        return None

    def answers(self, schema: Any, learnt: Learnt) -> st.SearchStrategy[Any]:
        """Most as described; some with a few values gone, doubled, strange or of another's making."""

        @st.composite
        def answer(draw: Draw) -> Any:
            said = self._value(draw, schema, learnt, ())
            for _ in range(draw(st.sampled_from((0, 0, 0, 1, 3)))):
                said = _spoilt(draw, said)
            return said

        return answer()

    def _value(self, draw: Draw, node: Any, learnt: Learnt, path: tuple[str, ...]) -> Any:
        node = self._meant(node)
        name = path[-1] if path else ""
        if node.get("nullable") and _seldom(draw):
            return None
        if "enum" in node:
            return draw(st.sampled_from(node["enum"]))
        for several in ("oneOf", "anyOf"):
            if several in node:
                return self._value(draw, draw(st.sampled_from(node[several])), learnt, path)
        if "properties" in node or node.get("type") == "object":
            return self._object(draw, node, learnt, path)
        match node.get("type"):
            case "array":
                most = 3 if len(path) < DEEPEST else 0
                size = draw(st.integers(0, most))
                return [self._value(draw, node.get("items", {}), learnt, path) for _ in range(size)]
            case "boolean":
                return draw(st.booleans())
            case "integer" | "number":
                return draw(st.sampled_from((*learnt.values.get(name, ()), *NUMBERS)))
        known = learnt.values.get(name)
        if known and not _seldom(draw):
            return draw(st.sampled_from(known))
        if node.get("format") in ("date-time", "date") or name in ("dateTime", "date"):
            return draw(st.sampled_from(TIMES))
        return f"⟦{'.'.join(path)}⟧{draw(st.sampled_from(ENDINGS))}"

    def _object(self, draw: Draw, node: Any, learnt: Learnt, path: tuple[str, ...]) -> dict[str, Any]:
        told = node.get("properties", {})
        always = told.keys() & set(node.get("required", ()))
        usual = told.keys() & learnt.names - always if len(path) < DEEPEST else set()
        rare = sorted(told.keys() - usual - always)
        missing = set(draw(st.lists(st.sampled_from(sorted(usual)), max_size=2)) if usual else ())
        further = draw(st.lists(st.sampled_from(rare), max_size=2)) if rare and len(path) < DEEPEST else ()
        names = sorted(always | usual - missing | set(further))
        return {name: self._value(draw, told[name], learnt, (*path, name)) for name in names}

    def _meant(self, node: Any) -> Any:
        """The schema without references and parts."""
        if "$ref" in node:
            name = node["$ref"].rpartition("/")[2]
            meant = self._document
            for step in node["$ref"].removeprefix("#/").split("/"):
                meant = meant[step]
            meant = self._meant(meant)
            return (
                {**meant, "properties": {**meant.get("properties", {}), **self._said.get(name, {})}}
                if (name in self._said)
                else meant
            )
        if "allOf" not in node:
            return node
        parts = [self._meant(part) for part in node["allOf"]]
        merged: dict[str, Any] = {}
        for part in (*parts, {key: value for key, value in node.items() if key != "allOf"}):
            properties = {**merged.get("properties", {}), **part.get("properties", {})}
            merged = {**merged, **part, **({"properties": properties} if properties else {})}
        return merged


@cache
def _read(spec: Path) -> Any:
    text = spec.read_text("utf-8")
    return json.loads(text) if spec.suffix == ".json" else yaml.load(text, YAML_LOADER)


def _nameless(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


def _seldom(draw: Draw) -> bool:
    return bool(draw(st.integers(0, 7)) == 7)


def places(said: Any) -> Iterator[tuple[Any, Any]]:
    """Every dict or list in an answer, with each of its keys or positions."""
    if isinstance(said, dict | list):
        for place, value in said.items() if isinstance(said, dict) else enumerate(said):
            yield said, place
            yield from places(value)


def _spoilt(draw: Draw, said: Any) -> Any:
    """One value changed against the description; a copy."""
    said = json.loads(json.dumps(said))
    found = list(places(said))
    if not found:
        return draw(st.sampled_from(STRANGE))
    inside, place = draw(st.sampled_from(found))
    match draw(st.sampled_from(("gone", "strange", "strange", "twice", "further"))):
        case "gone":
            del inside[place]
        case "twice" if isinstance(inside, list):
            inside.append(inside[place])
        case "further" if isinstance(inside, dict):
            inside["further"] = "⟦further⟧"
        case _:
            inside[place] = draw(st.sampled_from(STRANGE))
    return said
