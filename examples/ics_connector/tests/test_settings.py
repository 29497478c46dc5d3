"""What an administrator may write, and what a wrong line gives away."""

from __future__ import annotations

import pytest
from daybook_ics.settings import Settings
from pydantic import ValidationError


def places(*said: str) -> list[str]:
    settings = Settings.model_validate({"calendars": {" Ada@Northwind.example": said}})
    ((owner, kept),) = settings.calendars.items()
    assert owner == "ada@northwind.example"
    return [place.get_secret_value() for place in kept]


def test_a_calendar_is_a_file_or_a_feed() -> None:
    assert places("/srv/ada.ics", " https://cal.example/ada.ics", "webcal://cal.example/ada.ics") == [
        "/srv/ada.ics",
        "https://cal.example/ada.ics",
        "https://cal.example/ada.ics",
    ]


@pytest.mark.parametrize(
    "place",
    [
        "ada.ics",
        "",
        "http://cal.example/s3cret",
        "ftp://cal.example/s3cret",
        "https://169.254.169.254/s3cret",
    ],
)
def test_S10_anything_else_is_refused_without_being_quoted(place: str) -> None:
    with pytest.raises(ValidationError) as caught:
        places(place)
    (error,) = caught.value.errors(include_input=False, include_url=False)
    assert "neither the whole path of a file nor a feed" in error["msg"]
    assert "s3cret" not in error["msg"]


def test_an_address_is_not_shown_where_the_settings_are() -> None:
    assert "s3cret" not in repr(
        Settings.model_validate({"calendars": {"a@b.example": ["https://c.example/s3cret"]}})
    )
