"""The whole loop with the store on a server, and what becomes of it when the answer to a COMMIT is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from config.schema import Configuration, Mail
from connectors.memory import Tool
from core import rounds
from daybook import deeds, jobs, restored, state
from daybook.house import House, Member
from daybook.sandbox.post_office import PostOffice
from daybook.store import Store, StoreUnavailable
from tests.daybook.conftest import KEY, YESTERDAY, Clock, draft, drafted
from tests.daybook.test_jobs import LOOP, connected, do_all, drafts_of, drained, meeting, posting_of
from tests.postgres import Cluster, Cut, database_of

__all__ = ["connected"]


@pytest.fixture
def store_url(made_on_postgresql: str) -> str:
    return made_on_postgresql


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    office = PostOffice()
    office.start()
    yield office
    office.stop()


@pytest.fixture
def configuration(configuration: Configuration, post_office: PostOffice) -> Configuration:
    mail = Mail(sender="Daybook <daybook@northwind.example>", smtp=post_office.smtp, tls="none")
    return configuration.model_copy(update={"mail": mail})


def test_P8_from_the_meeting_to_the_record_at_the_tool(
    connected: House, ada: Member, tool: Tool, clock: Clock, post_office: PostOffice
) -> None:
    with connected.store.hold():
        assert not restored.begin(connected).older
        tool.put("ada@tool", meeting("m1", "10:00", "10:45"))
        do_all(connected, *LOOP)
        do_all(connected, rounds.Digest)
        (mail,) = post_office.to("ada@northwind.example")
        assert "ACME call" in mail.text
        assert drafts_of(connected, "Ada") == {"ACME call": "open"}
        with connected.store.reading() as tx:
            (held,) = tx.drafts.of(ada.id, YESTERDAY)
        assert deeds.edit(connected, ada, held.draft.key, project="acme-web", target="memory:WEB-12")
        assert deeds.confirm(connected, ada, YESTERDAY).done
        clock.wait(minutes=16)
        do_all(connected, rounds.Post)
        assert [(one.author, one.minutes) for one in tool.records.values()] == [("ada@tool", 45)]
        assert connected.store.forget({"evidence": 1, "drafts": 1}, clock()).clean


@pytest.fixture
def far(connected: House, cluster: Cluster, store_url: str) -> Iterator[tuple[House, Cut]]:
    """The same house, behind a line that can be cut."""
    cut = Cut(cluster.port)
    store = Store.open(cluster.url(database_of(store_url), cut.port), KEY)
    yield replace(connected, store=store), cut
    store.close()
    cut.close()


@pytest.mark.parametrize("arrives", [True, False])
@pytest.mark.parametrize("after", range(3))
def test_P8_whichever_commit_of_a_posting_gets_no_answer_it_is_posted_once(
    far: tuple[House, Cut], ada: Member, tool: Tool, clock: Clock, after: int, arrives: bool
) -> None:
    house, cut = far
    drafted(house, ada, draft("k1", "10:00", 45))
    assert deeds.confirm(house, ada, YESTERDAY).done
    clock.wait(minutes=16)
    cut.lose(after, arrives=arrives)
    for work in rounds.due(state.snapshot(house, clock()), clock()):
        if isinstance(work, rounds.Post):
            with suppress(StoreUnavailable):  # not where it was that of a look whether the line stands
                jobs.perform(house, work)
    assert cut.has_lost
    drained(house, tool, clock)
    assert [one.minutes for one in tool.records.values()] == [45]
    assert posting_of(house, ada).state == "posted"
