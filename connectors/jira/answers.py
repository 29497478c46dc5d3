"""What makes an answer of Jira's whole, and the words for one of which nobody can tell."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError

from connectors.contract import Endless, Unavailable

A = TypeVar("A", bound=BaseModel)
S = TypeVar("S")
Token = Annotated[str, Field(strict=True)] | None
"""Where the next page begins; nothing at the end."""


class Answer(BaseModel):
    """A page of a list; what it is about comes first among its fields."""

    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True, hide_input_in_errors=True)


class Listed(RootModel[list[S]]):
    """An answer that is a list and nothing around it."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


def shaped(answer: type[A], body: Any) -> A:
    """The body of an answer; Unavailable where a part of it is not there."""
    try:
        return answer.model_validate(body)
    except ValidationError as error:
        places = error.errors(include_url=False, include_context=False, include_input=False)[0]["loc"]
        named = [place for place in places if isinstance(place, str)]
        about = "list" if issubclass(answer, Listed) else next(iter(answer.model_fields))
        raise doubtful(named[-1] if named else about) from None


def listed(body: Any, name: str) -> list[Any]:
    """The list an answer is about; Unavailable where it is not there."""
    found = body.get(name) if isinstance(body, dict) else None
    if not isinstance(found, list):
        raise doubtful(name)
    return found


def twice(what: str) -> Endless:
    return Endless(f"Jira's {what} gave the same page twice. Nothing of this walk was kept.")


def doubtful(missing: str) -> Unavailable:
    return Unavailable(
        f"Jira's answer lacks its {missing}, so nobody can tell whether it is complete. Nothing of this walk "
        "was kept; the next round tries again."
    )
