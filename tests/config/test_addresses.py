"""An address that no mail could be written to is refused where the administrator sees it (P14)."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from config.schema import Mail, PageSettings, Person


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


@pytest.mark.parametrize("where", ["smtp.northwind.example:587", "127.0.0.1:25", "::1:25", "[::1]:25"])
def test_a_server_is_a_host_with_its_port(where: str) -> None:
    assert Mail(sender="daybook@x.example", smtp=where).smtp == where
    assert PageSettings(url="https://daybook.x.example", listen=where).listen == where


def test_a_mail_server_is_reached_without_the_brackets_of_its_address() -> None:
    assert Mail(sender="daybook@x.example", smtp="[::1]:25").host == "::1"


@pytest.mark.parametrize(
    "where",
    [
        "smtp.northwind.example",
        "smtp://mail:587",
        "mail:25:25",
        "8787",
        ":25",
        "mail:0",
        "mail:65536",
        "mail:²",
    ],
)
def test_P14_what_is_no_host_with_a_port_is_refused_before_anything_starts(where: str) -> None:
    with pytest.raises(ValidationError, match=r"write it like smtp\.northwind\.example:587"):
        Mail(sender="daybook@x.example", smtp=where)
    with pytest.raises(ValidationError, match=r"write it like 127\.0\.0\.1:8787"):
        PageSettings(url="https://daybook.x.example", listen=where)


@pytest.mark.parametrize("url", ["https://büro.example", "https://x.example/a b", "https://x.example/>, <a"])
def test_P14_an_address_that_no_header_of_a_mail_can_hold_as_it_stands_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match=r"as xn--bro-hoa\.example"):
        PageSettings(url=url)
    assert PageSettings(url="https://xn--bro-hoa.example/").url == "https://xn--bro-hoa.example"
