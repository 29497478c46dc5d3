"""What an administrator says about Google Calendar, under `connections`."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, SecretStr, StringConstraints, field_validator, model_validator

from connectors.address import origin
from connectors.connecting import Connecting
from connectors.contract import Refused

ENDPOINT = "https://www.googleapis.com/calendar/v3"
LISTING = "https://www.googleapis.com/auth/calendar.calendarlist.readonly"
"""The right to see which calendars a person has; used for that alone."""
LABELS = "https://www.googleapis.com/auth/calendar.calendars.readonly"
"""The right to see what a calendar's labels are called; used for that alone, and where labels are tracked."""
OWN = "primary"
"""Google's word for the calendar that is the person."""

CalendarId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=256)]
Address = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)
]


class Settings(Connecting):
    """The calendars of people at Google, who each let Daybook read their own, or whose organisation does."""

    key: SecretStr | None = None
    """A service account's key file, its JSON text: "${credential:google-key}". With it the organisation lets
    Daybook read everybody's calendar (domain-wide delegation); left out, each contributor allows it for
    themselves on their page, and `oauth` is needed."""
    calendars: Annotated[tuple[CalendarId, ...], Field(min_length=1, max_length=20)] = (OWN,)
    """Which calendars are read, by id. `primary` is each person's own; every other one all must see."""
    own_calendars: bool = False
    """Whether people may choose further calendars that they own to be read, each for themselves on their
    page. To list them the delegation must grant calendar.calendarlist.readonly too."""
    draft_calendars: bool = False
    """Whether people may have their drafts shown in a calendar of their own, each for themselves on their
    page. Each allows it at Google with their own account, so `oauth` is needed; the right asked for is
    calendar.app.created, which reaches no other calendar of theirs."""
    check_as: Address | None = None
    """As whom `daybook check` knocks, reading no event. Left out, the delegation stays unproven."""
    rate: Annotated[int, Field(ge=1, le=160)] = 100
    """Requests a second; Google lets all programs of the key's project make 10,000 a minute together."""
    endpoint: str = ENDPOINT
    """Where the API stands. Anything but Google's own is for tests."""
    consent: str = "https://accounts.google.com/o/oauth2/v2/auth"
    """Where contributors are asked. Anything but Google's own is for tests."""
    tokens: str = "https://oauth2.googleapis.com"
    """Where what they allowed is fetched and given back. Anything but Google's own is for tests."""

    @field_validator("calendars")
    @classmethod
    def _each_once(cls, calendars: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(calendars)) < len(calendars):
            raise ValueError("names a calendar twice")
        return calendars

    @field_validator("own_tokens")
    @classmethod
    def _pastes_nothing(cls, own_tokens: bool | None) -> None:
        """To forbid them is to say nothing: with `key` nobody has to connect, and without it `oauth` is asked
        for below."""
        if own_tokens:
            raise ValueError("leave it out: Google Calendar has no token that people could paste")

    @model_validator(mode="after")
    def _somebody_allows_it(self) -> Self:
        if self.key is None and self.oauth is None:
            raise ValueError(
                "nobody allows it: state `oauth`, for contributors to allow it each for themselves, or `key`"
            )
        if self.draft_calendars and self.oauth is None:
            raise ValueError("draft_calendars needs `oauth`: each person allows it with their own account")
        return self

    @field_validator("endpoint", "consent", "tokens")
    @classmethod
    def _may_be_spoken_to(cls, endpoint: str) -> str:
        try:
            origin(endpoint)
        except Refused as refused:
            raise ValueError(str(refused)) from None
        return endpoint.rstrip("/")

    @property
    def scope(self) -> str:
        """The one right the delegation must grant: the tightest that reaches these calendars."""
        right = "calendar.events.owned.readonly" if self.calendars == (OWN,) else "calendar.events.readonly"
        return f"https://www.googleapis.com/auth/{right}"
