"""What must never be where it does not belong, looked for byte by byte after a whole run."""

from __future__ import annotations

import io

import pytest

from daybook import deeds, demo, logs
from daybook.house import House
from daybook.sandbox.plant import READER, token


class Seen:
    """A run of the whole loop, and what it left behind."""

    def __init__(self) -> None:
        log = io.StringIO()
        logs.configure(human=False, stream=log)
        run = demo._Run(3, 7, None, lambda _: None)
        with run.open():
            for phase in (run.invited, run.drafted, run.mailed):
                run.through(phase)
            self.ruled = one_rule_each(run.house)
            for phase in (run.confirmed, run.posted):
                run.through(phase)
            with run.house.store.reading() as tx:
                self.learnt = [told.shown for who in tx.people.all() for told in tx.memory.told(who.id)]
            files = run.folder.glob("daybook.db*")
            self.store = b"".join(file.read_bytes() for file in files)
            self.pages = run.outside.mail.deliveries
        self.log = log.getvalue()
        team = run.outside.team
        self.titles = {one.title for one in (*team.meetings, *team.tickets)} - {"Focus"}
        self.addresses = {member.email for member in team.members}
        self.names = {member.name for member in team.members}
        self.tokens = {
            token(tool, email) for tool in ("jira", "asana") for email in (*self.addresses, READER)
        }


def one_rule_each(house: House) -> list[str]:
    """Everybody says never to one of their drafts, by its title."""
    titles = []
    with house.store.reading() as tx:
        drafts = [(who, tx.drafts.of(who.id, max(tx.drafts.pending(who.id)))) for who in house.members(tx)]
    for who, (first, *_) in drafts:
        assert deeds.never(house, who, first.draft.key).done
        titles.append(first.draft.suggestion.text)
    return titles


@pytest.fixture(scope="module")
def seen() -> Seen:
    return Seen()


def test_S13_no_log_line_holds_a_title_an_address_a_name_or_a_token(seen):
    assert "posting.answered" in seen.log
    canaries = seen.titles | seen.addresses | seen.names | seen.tokens
    assert [canary for canary in canaries if canary in seen.log] == []


def test_S15_no_title_and_no_token_lies_readable_in_the_store(seen):
    assert any(address.encode() in seen.store for address in seen.addresses), "not the file it should be"
    assert seen.titles.issuperset(seen.ruled), "own rules hold titles"
    assert seen.titles.intersection(seen.learnt), "so do lessons"
    canaries = seen.titles | seen.tokens
    assert [canary for canary in canaries if canary.encode() in seen.store] == []


def test_P11_a_private_title_reaches_no_mail(seen):
    everything = "".join(mail.part("plain") + mail.part("html") for mail in seen.pages)
    assert "Dentist" not in everything


def test_P1_each_mail_goes_to_its_owner_alone(seen):
    for mail in seen.pages:
        others = {name for name in seen.names if name not in str(mail.message["To"])}
        text = mail.part("plain")
        assert not [name for name in others if name in text]
