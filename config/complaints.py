"""What a model says is wrong, in the words of whoever wrote the file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from reprlib import Repr
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from rapidfuzz import fuzz, process

from config.text import Path_

Complaint = tuple[Path_, str]
"""Which setting, and the sentence about it."""

GIVEN = Repr()
"""Repeats what somebody wrote, but not a megabyte of it."""
GIVEN.maxstring = GIVEN.maxlong = 60

SETTINGS = "must hold names with their values"
LIMITS = {
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
}
IN_WORDS = {
    "date_from_datetime_parsing": "is not a date; write it like 2026-12-01",
    "date_parsing": "is not a date; write it like 2026-12-01",
    "int_type": "is not a whole number",
    "int_parsing": "is not a whole number",
    "bool_type": "is neither true nor false",
    "bool_parsing": "is neither true nor false",
    "string_type": "is not text",
    "dict_type": f"{SETTINGS}, like `name: value`",
    "model_type": f"{SETTINGS}, like `name: value`",
    "model_attributes_type": f"{SETTINGS}, like `name: value`",
    "tuple_type": "is not a list, like [one, two]",
    "url_parsing": "is not an address; write it like https://northwind.atlassian.net",
}


def complaints(model: type[BaseModel], value: Any, error: ValidationError) -> list[Complaint]:
    """Every fault of a value, once, by its path in the file; what is there misspelt is not missing too."""
    faults = [(_written(value, fault["loc"]), fault) for fault in error.errors(include_url=False)]
    misspelt = {
        (*path[:-1], _nearest(str(path[-1]), _words(model, path[:-1])))
        for path, fault in faults
        if fault["type"] == "extra_forbidden"
    }
    told = [(path, fault) for path, fault in faults if fault["type"] != "missing" or path not in misspelt]
    return list(dict.fromkeys((path, _sentence(model, fault, path)) for path, fault in told))


def nearest(word: str, known: Iterable[str]) -> str:
    """The question that follows an unknown name; nothing where no name is near."""
    found = _nearest(word, known)
    return f' Did you mean "{found}"?' if found else ""


def _nearest(word: str, known: Iterable[str]) -> str:
    found = process.extractOne(word[:60], list(known), scorer=fuzz.ratio, score_cutoff=60)
    return found[0] if found else ""


def either(words: Iterable[str]) -> str:
    *others, last = [*words] or ["nothing"]
    return f"{', '.join(others)} or {last}" if others else last


def _written(value: Any, location: Sequence[int | str]) -> Path_:
    """The part of a model's location that stands in the file: union branches and validators do not."""
    path: list[str | int] = []
    for part in location:
        if _holds(value, part):
            value = value[part]
            path.append(part)
    last = location[-1] if location else None
    missing = isinstance(value, dict) and isinstance(last, str) and last not in path and last.isidentifier()
    return (*path, last) if missing and last is not None else tuple(path)


def _holds(value: Any, part: int | str) -> bool:
    if isinstance(value, dict):
        return part in value
    return isinstance(value, list) and isinstance(part, int) and part < len(value)


def _sentence(model: type[BaseModel], fault: Any, path: Path_) -> str:
    given = fault["input"]
    match fault["type"]:
        case "extra_forbidden":
            return f"is not a word Daybook knows.{nearest(str(path[-1]), _words(model, path[:-1]))}"
        case "missing":
            return "is missing."
        case "value_error":
            return str(fault["ctx"]["error"]).rstrip(".") + "."
        case "literal_error":
            allowed = fault["ctx"]["expected"]
            words = [word.strip(" '") for word in allowed.replace(" or ", ",").split(",")]
            return f"is {GIVEN.repr(given)}; it may be {allowed}.{nearest(str(given), words)}"
        case kind if kind in LIMITS:
            return f"is {GIVEN.repr(given)}; it {LIMITS[kind].format(**fault['ctx'])}."
        case kind if kind in IN_WORDS:
            return f"{IN_WORDS[kind]}."
    shown = f"is {GIVEN.repr(given)}; " if isinstance(given, str | int | float | bool) else ""
    return f"{shown}{fault['msg'][:1].lower()}{fault['msg'][1:]}."


def _words(model: type[BaseModel], path: Path_) -> list[str]:
    """The words a part of the configuration knows, found by following the path through the models."""
    candidates: list[Any] = [model]
    for part in path:
        candidates = [inner for one in candidates for inner in _inside(one, part)]
    models = [one for one in candidates if isinstance(one, type) and issubclass(one, BaseModel)]
    set_by_us = ("file", "line")
    return [
        field.alias or name
        for one in models
        for name, field in one.model_fields.items()
        if name not in set_by_us
    ]


def _inside(annotation: Any, part: str | int) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = {field.alias or name: field for name, field in annotation.model_fields.items()}
        return _held(fields[part].annotation) if part in fields else []
    return _held(annotation)


def _held(annotation: Any) -> list[Any]:
    """The annotation itself and, for containers and unions, what they hold."""
    arguments = get_args(annotation)
    return [annotation, *(inner for argument in arguments for inner in _held(argument))]
