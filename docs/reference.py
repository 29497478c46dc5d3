"""The reference of the configuration, written from the sentences under the models' own fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from config.schema import Configuration
from connectors.asana.settings import Settings as Asana
from connectors.google_calendar.settings import Settings as GoogleCalendar
from connectors.jira.settings import Settings as Jira

Schema = dict[str, Any]

HEADINGS = {
    "App": "connections: oauth",
    "Between": "How many",
    "Narrower": "reconcile: some people",
    "Phrase": "What a text must say",
    "Report": "policy.reports",
    "Rounding": "rounding",
    "Rule": "rules",
    "Then": "rules: then",
    "When": "rules: when",
}
"""Where the path of the first use would mislead."""

REPEATED = ("Narrower",)
"""Whose words stand in a table already."""

TYPES: dict[str, type[BaseModel]] = {"google_calendar": GoogleCalendar, "jira": Jira, "asana": Asana}

UNITS: dict[str, tuple[tuple[int, str], ...]] = {
    "15m": ((60, "h"), (1, "m")),
    "30s": ((3600, "h"), (60, "m"), (1, "s")),
    "90 days": ((365, " years"), (1, " days")),
    "3 working days": ((1, " working days"),),
    "80 %": ((1, " %"),),
}
"""By the first example of a duration, how its whole numbers are written."""


def told(_: Path) -> str:
    """Every word of the YAML, section by section, in the order of the file."""
    whole = Configuration.model_json_schema()
    found = {name: path for path, name in _uses(whole, whole["$defs"], "")}
    headings = {name: HEADINGS.get(name, path) for name, path in found.items()}
    for said in whole["properties"].values():
        if "$ref" in said:  # pydantic leaves out the sentence where the part itself begins with the same
            said.setdefault("description", whole["$defs"][said["$ref"].rpartition("/")[2]]["description"])
    parts = [_table(whole, headings)]
    for name, heading in headings.items():
        parts += [f"### {heading}", *_section(whole["$defs"][name], headings)]
        if name == "Connection":
            parts += _connections(headings)
    return "\n\n".join(parts)


def _connections(headings: dict[str, str]) -> Iterator[str]:
    """What each type of connection takes, and after them the parts they share."""
    schemas = {type_: model.model_json_schema() for type_, model in TYPES.items()}
    shared = {name: part for schema in schemas.values() for name, part in schema.get("$defs", {}).items()}
    headings = headings | {name: HEADINGS.get(name, f"connections: {name}") for name in shared}
    for type_, schema in schemas.items():
        yield f"#### connections, type: {type_}"
        yield from _section(schema, headings)
    for name, part in shared.items():
        yield f"#### {headings[name]}"
        yield from _section(part, headings)


def _section(schema: Schema, headings: dict[str, str]) -> Iterator[str]:
    yield schema.get("description", "")
    if schema.get("properties") and schema["title"] not in REPEATED:
        yield _table(schema, headings)


def _uses(
    schema: Schema, parts: Schema, path: str, seen: set[str] | None = None
) -> Iterator[tuple[str, str]]:
    """(path of its first use, name) of every part, the outer before the inner."""
    seen = set() if seen is None else seen
    for word, said in schema.get("properties", {}).items():
        here = f"{path}.{word}".lstrip(".")
        for name in re.findall(r"'#/\$defs/(\w+)'", str(said)):
            if name not in seen:
                seen.add(name)
                yield here, name
                yield from _uses(parts[name], parts, here, seen)


def _table(schema: Schema, headings: dict[str, str]) -> str:
    needed = schema.get("required", ())
    rows = ["| word | takes | left out | meaning |", "| --- | --- | --- | --- |"]
    for word, said in schema["properties"].items():
        left_out = "**needed**" if word in needed else _written(said.get("default"), said)
        meaning = " ".join(said.get("description", "").split()).replace("<", "&lt;")
        cells = (f"`{word}`", _takes(said, headings) + _limits(said), left_out, meaning)
        rows.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(rows)


def _takes(said: Schema, headings: dict[str, str]) -> str:
    """What may stand there, in words."""
    match said:
        case {"$ref": name}:
            heading = headings[name.rpartition("/")[2]]
            return f"[{heading}](#{anchor(heading)})"
        case {"anyOf": choices}:
            return _either(choices, headings)
        case {"const": value}:
            return f"`{value}`"
        case {"enum": values}:
            return " or ".join(f"`{value}`" for value in values)
        case {"type": "array", "items": items}:
            return f"list of: {_takes(items, headings)}"
        case {"type": "object", "additionalProperties": dict(inner)}:
            return f"by name: {_takes(inner, headings)}"
        case {"examples": [first, *_]}:
            return f"like `{first}`"
        case {"format": "password"}:
            return "a secret, as a reference"
        case {"format": "date"}:
            return "a date"
        case {"pattern": pattern} if "\\d:" in pattern:
            return "a time of day"
    return {"string": "text", "integer": "a whole number", "boolean": "`true` or `false`"}[said["type"]]


def _either(choices: list[Schema], headings: dict[str, str]) -> str:
    """Without what goes without saying: nothing at all, and a duration as a bare number."""
    is_duration = any("examples" in choice for choice in choices)
    words = [
        "a list of them" if choice.get("type") == "array" else _takes(choice, headings)
        for choice in choices
        if choice.get("type") != "null" and not (is_duration and choice.get("type") == "integer")
    ]
    return " or ".join(dict.fromkeys(words))


def _limits(said: Schema) -> str:
    least, most = said.get("minimum", said.get("ge")), said.get("maximum", said.get("le"))
    bounds = [("at least", least), ("at most", most)]
    return "".join(f", {word} {_written(value, said)}" for word, value in bounds if value not in (None, 0))


def _written(value: Any, said: Schema) -> str:
    """A value as an administrator would write it."""
    match value:
        case dict() if value:
            return "as below"
        case None | dict() | [] | "":
            return "nothing"
        case bool():
            return f"`{str(value).lower()}`"
        case int():
            return f"`{_measured(value, str(said))}`"
        case list():
            return ", ".join(_written(one, said) for one in value)
    return f"`{value.removesuffix(':00')}`"  # of a time of day, its seconds


def _measured(value: int, said: str) -> str:
    for example, units in UNITS.items():
        if f"['{example}'" in said:
            size, unit = next(
                (size, unit) for size, unit in units if size == 1 or (value and value % size == 0)
            )
            number = value // size
            return f"{number}{unit.removesuffix('s') if number == 1 and len(unit) > 1 else unit}"
    return str(value)


def anchor(heading: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
