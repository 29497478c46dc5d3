"""What a request asks of the Google Calendar stand-in, read strictly, and Google's words for a refusal.

Google answers a bad request with `{"error": {"code", "message", "errors":
[{"domain", "reason", "message", "locationType", "location"}]}}`. Clients decide
by status and reason, so both are as the real service gives them.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.stand_in import Answer, Request

RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.IGNORECASE)


class Refusal(Exception):
    """A request the real service would turn down, with the answer it would give."""

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        domain: str = "global",
        parameter: str = "",
        header: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(reason)
        where = {"locationType": "parameter", "location": parameter} if parameter else {}
        if header:
            where = {"locationType": "header", "location": header}
        error = {"domain": domain, "reason": reason, "message": message, **where}
        body = {"error": {"errors": [error], "code": status, "message": message}}
        self.answer = Answer(status, body, headers or {})


def bad_request() -> Refusal:
    """What Google says of a time without an offset, and of much else."""
    return Refusal(400, "badRequest", "Bad Request")


def invalid(message: str, parameter: str = "") -> Refusal:
    return Refusal(400, "invalid", message, parameter=parameter)


def invalid_parameter(message: str, parameter: str) -> Refusal:
    return Refusal(400, "invalidParameter", message, parameter=parameter)


def required(name: str) -> Refusal:
    return Refusal(400, "required", f"Missing {name}.")


def not_found() -> Refusal:
    return Refusal(404, "notFound", "Not Found")


def time_range_empty() -> Refusal:
    return Refusal(
        400,
        "timeRangeEmpty",
        "The specified time range is empty.",
        domain="calendar",
        parameter="timeMax",
    )


@cache
def zone_named(name: str) -> tzinfo:
    """The IANA zone. Raises ValueError for a name there is none for."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"no time zone {name!r}") from None


def moment(text: str) -> datetime:
    """An RFC 3339 time with its mandatory offset, in UTC. Raises ValueError."""
    if not RFC3339.fullmatch(text):
        raise ValueError(f"not RFC 3339 with an offset: {text!r}")
    return datetime.fromisoformat(text.upper()).astimezone(UTC)


class Parameters:
    """The query of one request; a parameter Google does not know is ignored, as there."""

    def __init__(self, request: Request) -> None:
        self._given = request.params

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def text(self, name: str) -> str:
        return self._given.get(name, [""])[-1]

    def texts(self, name: str) -> list[str]:
        return list(self._given.get(name, ()))

    def choice(self, name: str, allowed: Collection[str]) -> str:
        """One of `allowed`, or "" where the parameter is absent."""
        return next(iter(self.choices(name, allowed)[-1:]), "")

    def choices(self, name: str, allowed: Collection[str]) -> list[str]:
        """All values of a repeatable parameter."""
        for text in self.texts(name):
            if text not in allowed:
                raise invalid_parameter(f"Invalid string value: '{text}'. Allowed values: {allowed}", name)
        return self.texts(name)

    def flag(self, name: str) -> bool | None:
        """None where the parameter is absent."""
        if name not in self:
            return None
        if self.text(name) not in ("true", "false"):
            raise invalid_parameter(f"Invalid boolean value: '{self.text(name)}'.", name)
        return self.text(name) == "true"

    def size(self, name: str, default: int, most: int) -> int:
        """A positive number; one above `most` counts as `most`."""
        if name not in self:
            return default
        if not re.fullmatch(r"[1-9]\d{0,8}", self.text(name)):
            raise invalid_parameter(f"Invalid value '{self.text(name)}'. Values must be positive.", name)
        return min(int(self.text(name)), most)

    def moment(self, name: str) -> datetime | None:
        """An RFC 3339 time; fractions of a second are ignored."""
        if name not in self:
            return None
        try:
            return moment(self.text(name)).replace(microsecond=0)
        except ValueError:
            raise bad_request() from None

    def zone(self, name: str, default: str) -> tzinfo:
        try:
            return zone_named(self.text(name) or default)
        except ValueError:
            raise invalid_parameter("Invalid time zone.", name) from None


def json_body(request: Request) -> dict[str, Any]:
    """The body of a write."""
    try:
        body = request.json()
    except ValueError:
        raise Refusal(400, "parseError", "Parse Error") from None
    if not isinstance(body, dict):
        raise Refusal(400, "parseError", "Parse Error")
    return body


def sealed(**facts: Any) -> str:
    """An opaque token holding `facts`."""
    return base64.urlsafe_b64encode(json.dumps(facts, sort_keys=True).encode()).decode().rstrip("=")


def unsealed(token: str, otherwise: Callable[[], Refusal]) -> dict[str, Any]:
    """The facts of a token; raises the refusal that `otherwise` makes where it is none of ours."""
    try:
        facts = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (binascii.Error, ValueError):
        raise otherwise() from None
    if not isinstance(facts, dict):
        raise otherwise()
    return facts
