"""What an administrator says about calendar files and feeds, under `connections`."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from connectors.address import origin
from connectors.contract import Refused
from core.model import Noun


def _place(said: SecretStr) -> SecretStr:
    """The same with https for webcal. A wrong one is not quoted: its address may be its only guard."""
    place = said.get_secret_value().strip()
    if place.startswith("/"):
        return SecretStr(place)
    if place.startswith("webcal://"):
        place = "https" + place.removeprefix("webcal")
    try:
        origin(place)
    except Refused as refused:
        raise ValueError(f"is neither the whole path of a file nor a feed. {refused}") from None
    return SecretStr(place)


Place = Annotated[SecretStr, AfterValidator(_place)]
Address = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, pattern=r"^[^@\s]+@[^@\s]+$", max_length=254),
]


class Settings(Noun):
    """Calendars that are files on this machine or feeds, each of one person."""

    calendars: dict[Address, Annotated[tuple[Place, ...], Field(max_length=20)]]
    """By a person's mail address: their calendars, each `/path/to/file.ics` or `https://…`. Private feeds are
    guarded by their address alone, so give it as a secret: "${credential:ada-feed}"."""
