"""An address that no mail could be written to is refused where the administrator sees it (P14)."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from config.schema import Mail, Person


@pytest.mark.parametrize(
    "email", ["ada@northwind.example", " Ada+x@North-Wind.example", "o'neil_a.b@x.co.uk"]
)
def test_an_address_is_kept_in_lower_case(email: str) -> None:
    assert Person(name="Ada", email=email).email == email.strip().lower()


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "ada@here",
        "ada@x.example, ben@x.example",
        "jörg@x.example",
        "a(b@x.example",
        "a..b@x.example",
        "a\x00b@x.example",
    ],
)
def test_P14_what_cannot_be_mailed_is_no_address(email: str) -> None:
    with pytest.raises(ValidationError, match="address"):
        Person(name="Ada", email=email)


@pytest.mark.parametrize("sender", ["Daybook <daybook@northwind.example>", "daybook@northwind.example"])
def test_a_sender_is_an_address_with_or_without_a_name(sender: str) -> None:
    assert Mail(sender=sender, smtp="localhost:25").sender == sender


@pytest.mark.parametrize("sender", ["", "Daybook", "Daybook <daybook>", "Daybook <däybook@x.example>"])
def test_P14_a_sender_without_an_address_is_refused(sender: str) -> None:
    with pytest.raises(ValidationError, match="write it like Daybook <daybook@"):
        Mail(sender=sender, smtp="localhost:25")
