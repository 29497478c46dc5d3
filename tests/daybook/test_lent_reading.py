"""Where contributors let us read, each with a credential of their own: nobody else, nothing after its end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.contract import Partition
from connectors.memory import Memory, Tool
from connectors.memory_consent import MemoryAuthority
from daybook import jobs, state
from daybook.house import House, Member
from tests.daybook import test_lending as lendings
from tests.daybook.conftest import member
from tests.daybook.test_lending import Time, granted

authority, time, house = lendings.authority, lendings.time, lendings.house


class Lent(Memory):
    """Read by the token that comes with the account."""

    def partitions(self, accounts):  # type: ignore[no-untyped-def]
        return [Partition(key=account.contributor, accounts=(account,)) for account in accounts]

    def pull(self, partition, window, cursor):  # type: ignore[no-untyped-def]
        (account,) = partition.accounts
        assert account.credential is not None and account.credential.kind == "oauth"
        self.identify(account.credential, "")
        return super().pull(partition, window, cursor)


@pytest.fixture
def calendars(house: House, tool: Tool) -> House:
    """Ada and Ben lent their calendars; Mara and Otto did not."""
    memory = Lent(tool, authorization=house.authorities["memory"].authorization)
    memory.abilities = memory.abilities.model_copy(
        update={"posts": False, "lent": True, "finds_accounts": False}
    )
    return replace(house, connectors={"memory": memory})


def pulled(house: House, who: Member) -> jobs.Tally | None:
    return jobs.pull(house, "memory", who.id)


def keys(house: House) -> set[str]:
    with house.store.reading() as tx:
        return {key for _, key in state.partitions(house, tx)}


def test_S17_only_those_are_read_who_allowed_it(calendars: House) -> None:
    assert keys(calendars) == {member(calendars, "Ada").id, member(calendars, "Ben").id}


def test_each_is_read_with_their_own_token_renewed_when_it_is_due(
    calendars: House, ada: Member, tool: Tool, authority: MemoryAuthority, time: Time
) -> None:
    assert pulled(calendars, ada) is not None
    time.pass_by(hours=2)
    assert pulled(calendars, ada) is not None
    assert authority.refreshed == 1


def test_R08_what_was_taken_back_stops_that_account_alone(
    calendars: House, ada: Member, ben: Member, tool: Tool, authority: MemoryAuthority, time: Time
) -> None:
    time.pass_by(hours=2)
    authority.take_back("ada@tool")
    assert pulled(calendars, ada) is None
    assert granted(calendars, ada).refused
    asked = tool.requests
    assert pulled(calendars, ada) is None and tool.requests == asked
    assert pulled(calendars, ben) is not None


def test_a_token_that_dies_before_its_time_is_renewed_before_it_is_believed(
    calendars: House, ada: Member, tool: Tool, time: Time
) -> None:
    time.pass_by(minutes=10)
    tool.tokens.clear()
    assert pulled(calendars, ada) is None
    assert not granted(calendars, ada).refused
    assert pulled(calendars, ada) is not None
