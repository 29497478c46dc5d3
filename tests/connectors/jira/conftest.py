from collections.abc import Iterator

import pytest

from tests.connectors.jira.site import Caller, Town, town


@pytest.fixture
def there() -> Iterator[Town]:
    with town() as place:
        yield place


@pytest.fixture
def ada(there: Town) -> Caller:
    return there.caller("ada")


@pytest.fixture
def ben(there: Town) -> Caller:
    return there.caller("ben")
