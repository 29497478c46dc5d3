"""A cursor is our own writing, given back to us: read it again, or say that it is not one of ours."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from connectors.contract import CursorExpired

T = TypeVar("T")


def remembered(form: type[T] | TypeAdapter[T], cursor: str) -> T:
    """What a cursor says, in the form its connector gives it.

    Raises   CursorExpired
    """
    reader: TypeAdapter[Any] = form if isinstance(form, TypeAdapter) else TypeAdapter(form)
    try:
        said: T = reader.validate_json(cursor)
    except ValidationError:
        raise CursorExpired("This bookmark is not one of ours. The whole window is pulled again.") from None
    return said
