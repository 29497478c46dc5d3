"""The house of all tests, beside a post office that takes its mail over real SMTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config.schema import Configuration, Mail
from daybook.sandbox.post_office import PostOffice


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    office = PostOffice()
    office.start()
    yield office
    office.stop()


@pytest.fixture
def mail(post_office: PostOffice) -> Mail:
    return Mail(sender="Daybook <daybook@northwind.example>", smtp=post_office.smtp, tls="none")


@pytest.fixture
def configuration(configuration: Configuration, mail: Mail) -> Configuration:
    return configuration.model_copy(update={"mail": mail})
