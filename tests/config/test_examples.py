"""Every example has the comment that an editor completes and checks by, and is what it then says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from ruamel.yaml import YAML

from config.example import text
from daybook import schemas
from daybook.installed import connector_types

ROOT = Path(__file__).parents[2]
FOR_EDITORS = "# yaml-language-server: $schema=./"
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.yaml"))
SCHEMA: dict[str, Any] = schemas.configuration(connector_types())


def strictly(shape: Any, file: str) -> list[str]:
    """What a validator of the dialect finds, which takes no word that the schema does not name."""
    Draft202012Validator.check_schema(shape)
    value = json.loads(json.dumps(YAML(typ="safe", pure=True).load(file), default=str))
    validator = Draft202012Validator(shape, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def objects(shape: Any) -> Iterator[dict[str, Any]]:
    if isinstance(shape, dict):
        if "properties" in shape and "if" not in shape:
            yield shape
        shape = [part for name, part in shape.items() if name not in ("if", "default", "examples")]
    if isinstance(shape, list):
        for part in shape:
            yield from objects(part)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda file: file.name)
def test_an_example_in_the_documents_names_its_schema_first_and_holds_by_it(example: Path) -> None:
    first, _, _ = (said := example.read_text("utf-8")).partition("\n")
    assert first.startswith(FOR_EDITORS)
    shape = json.loads((example.parent / first.removeprefix(FOR_EDITORS)).read_text("utf-8"))
    assert strictly(shape, said) == []
    assert strictly(shape, f"{said}\norganisatoin: Northwind\n")


def test_what_init_writes_names_its_schema_first_and_holds_by_it() -> None:
    said = text(Path("/srv/daybook"), "2026-12-01")
    assert said.startswith(f"{FOR_EDITORS}daybook.schema.json\n")
    assert strictly(SCHEMA, said) == []


def test_P14_the_schema_refuses_every_word_it_does_not_name() -> None:
    open_to_all = [shape for shape in objects(SCHEMA) if shape.get("additionalProperties", True) is not False]
    assert [shape.get("description") for shape in open_to_all] == [
        SCHEMA["$defs"]["Connection"]["description"]
    ]
    assert all(
        shape["additionalProperties"] is False
        for name, shape in SCHEMA["$defs"].items()
        if name.startswith("connection_")
    )


def test_every_word_explains_itself_in_a_sentence() -> None:
    """The field's text is the reference, in an editor as in docs/configuration.md."""
    silent = [
        f"{shape.get('title')}.{name}"
        for shape in objects(SCHEMA)
        for name, field in shape["properties"].items()
        if "description" not in (field | SCHEMA["$defs"].get(str(field.get("$ref"))[8:], {}))
        and name != "type"
    ]
    assert silent == []
