"""The shapes that editors, third parties and experiments rely on, as JSON Schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.cases import Cases
from config.schema import Configuration
from core.day import Sheet
from core.model import Activity, Suggestion

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

UNSPOKEN = {"day", "about"}
"""Fields of a suggestion, or of what was ignored, that stand beside it once or are for ourselves."""
OF_KINDS = [
    {
        "if": {"properties": {"kind": {"enum": ["meeting", "focus", "away"]}}},
        "then": {"required": ["end"], "properties": {"end": {"type": "string"}}},
    },
    {"if": {"properties": {"kind": {"const": "touch"}}}, "then": {"properties": {"end": {"type": "null"}}}},
    {
        "if": {"properties": {"kind": {"const": "logged"}}},
        "then": {"required": ["minutes"], "properties": {"minutes": {"type": "integer"}}},
    },
]
"""What an activity needs beside its fields, as core/model.py refuses it otherwise."""


def configuration(types: Mapping[str, Any]) -> Schema:
    """Of daybook.yaml, with the words of every connector installed here.

    Takes    types: connectors by the type that stands in the file
    """
    whole = Configuration.model_json_schema()
    parts = whole["$defs"]
    plain = parts.pop("Connection")
    for name, connector in sorted(types.items()):
        settings = connector.Settings.model_json_schema()
        parts |= settings.pop("$defs", {})
        settings["properties"] = {"type": {"const": name}} | settings["properties"]
        settings["required"] = ["type", *settings.get("required", [])]
        parts[f"connection_{name}"] = settings
    parts["Connection"] = {
        "description": plain["description"],
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": sorted(types)}},
        "allOf": [_where_type_is(name) for name in sorted(types)],
    }
    return {"$schema": DIALECT, **whole}


def _where_type_is(name: str) -> Schema:
    # if/then and not anyOf: an editor then complains about the one connector that is meant
    return {
        "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
        "then": {"$ref": f"#/$defs/connection_{name}"},
    }


def activity() -> Schema:
    """Of a line that `daybook propose` reads."""
    shape = Activity.model_json_schema()
    shape["properties"] |= {"person": {"type": "string", "description": "Whose it is: their e-mail address."}}
    shape["required"] = ["person", *shape["required"]]
    return {"$schema": DIALECT, **shape, "allOf": OF_KINDS}


def draft() -> Schema:
    """Of one draft; its day stands beside it once."""
    return {"$schema": DIALECT, **_spoken(Suggestion.model_json_schema(mode="serialization"))}


def _spoken(shape: Schema) -> Schema:
    properties = {name: part for name, part in shape["properties"].items() if name not in UNSPOKEN}
    required = [name for name in shape["required"] if name not in UNSPOKEN]
    return shape | {"properties": properties, "required": required}


def day() -> Schema:
    """Of a line that `daybook propose` prints: one person's local day."""
    shape, one = Sheet.model_json_schema(mode="serialization"), draft()
    parts = shape.pop("$defs", {}) | one.pop("$defs", {}) | {"Draft": one}
    parts["Ignored"] = _spoken(parts["Ignored"])
    del one["$schema"]
    own = {
        "person": {"type": "string", "description": "Whose day it is: their e-mail address."},
        "day": {"type": "string", "format": "date", "description": "In the person's own time zone."},
        "drafts": {"type": "array", "items": {"$ref": "#/$defs/Draft"}},
    }
    shape["properties"] = own | shape["properties"]
    shape["required"] = [*own, *shape["required"]]
    return {"$schema": DIALECT, **shape, "$defs": parts}


def cases() -> Schema:
    """Of a file of golden cases."""
    return {"$schema": DIALECT, **Cases.model_json_schema()}
