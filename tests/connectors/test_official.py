"""The judge of our stand-ins goes red where it should."""

import json
from pathlib import Path

import pytest

from tests.connectors.official import validate

PET = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "nullable": True},
        "age": {"type": "integer"},
        "owner": {"allOf": [{"type": "object"}, {"nullable": True}]},
    },
}


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}
    document = {
        "openapi": "3.0.0",
        "paths": {"/pets/{id}": {"get": {"responses": {"200": {"$ref": "#/components/responses/One"}}}}},
        "components": {"schemas": {"Pet": PET}, "responses": {"One": answer}},
    }
    path = tmp_path / "pets.json"
    path.write_text(json.dumps(document))
    return path


def test_a_described_answer_passes_null_included(spec: Path) -> None:
    validate(spec, "GET", "/pets/{id}", 200, {"name": None, "age": 3, "owner": None})


@pytest.mark.parametrize(
    ("path", "status", "body", "said"),
    [
        ("/pets/{id}", 200, {"name": 5, "age": None}, r"age: None is not of type 'integer'\n.*name: 5"),
        ("/pets/{id}", 200, {"owner": 5}, r"owner: 5 is not valid"),
        ("/pets/{id}", 418, {}, "never answers 418"),
        ("/cats/{id}", 200, {}, "does not know GET /cats"),
    ],
)
def test_anything_else_fails_and_says_where(
    spec: Path, path: str, status: int, body: object, said: str
) -> None:
    with pytest.raises(AssertionError, match=said):
        validate(spec, "GET", path, status, body)
