"""Does an answer of a stand-in fit the tool's official OpenAPI 3 description?

The documents are large (asana.yaml takes a third of a second to read), so each
is read once a session and each answer's validator is built once. Formats are
not checked: Jira's own `+0100` is no RFC 3339 offset.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft4Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

HOME = "urn:official"
"""Where references point: a validator takes a bare `#/...` for a place in its own little schema."""
YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster where libyaml is there


def validate(spec: Path, method: str, path_template: str, status: int, body: Any) -> None:
    """Fail unless `body` is what the description promises for this answer.

    Takes    the path as the document writes it, e.g. "/rest/api/3/issue/{issueIdOrKey}"
    Raises   AssertionError: not described, or every place where the body differs
    """
    validator = _validator(spec, method.lower(), path_template, str(status))
    faults = {f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(body)}
    assert not faults, "\n".join([f"{method} {path_template} {status}", *sorted(faults)])


@cache
def _document(spec: Path) -> Any:
    text = spec.read_text("utf-8")
    return _as_json_schema(json.loads(text) if spec.suffix == ".json" else yaml.load(text, YAML_LOADER))


def _as_json_schema(node: Any) -> Any:
    """`nullable: true` is OpenAPI's own word; JSON Schema says it with a union."""
    match node:
        case {"nullable": True, **rest}:
            return {"anyOf": [_as_json_schema(rest), {"type": "null"}]}
        case {"allOf": [*parts]} if any(part.get("nullable") for part in parts):
            # Asana hangs it on one part of an allOf and means the whole
            bare = [{name: value for name, value in part.items() if name != "nullable"} for part in parts]
            return {"anyOf": [_as_json_schema({**node, "allOf": bare}), {"type": "null"}]}
        case {"$ref": str(target)}:
            return {"$ref": HOME + target}
        case dict():
            return {str(name): _as_json_schema(value) for name, value in node.items()}
        case list():
            return [_as_json_schema(value) for value in node]
    return node


@cache
def _registry(spec: Path) -> Registry[Any]:
    registry: Registry[Any] = Registry()
    return registry.with_resource(HOME, DRAFT4.create_resource(_document(spec)))


@cache
def _validator(spec: Path, method: str, path_template: str, status: str) -> Draft4Validator:
    document = _document(spec)
    operation = document["paths"].get(path_template, {}).get(method)
    assert operation, f"{spec.name} does not know {method.upper()} {path_template}"
    answers = operation["responses"]
    answer = answers.get(status, answers.get("default"))
    assert answer is not None, f"{method.upper()} {path_template} never answers {status}: {sorted(answers)}"
    if "$ref" in answer:
        answer = _registry(spec).resolver().lookup(answer["$ref"]).contents
    schema: Any = next((kind.get("schema", {}) for kind in answer.get("content", {}).values()), {})
    return Draft4Validator(schema, registry=_registry(spec))
