"""The way of a mail through real servers: Postfix takes and delivers it, Dovecot lets its answer be read."""

from __future__ import annotations

import re
import smtplib
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.utils import parseaddr

import pytest
import structlog
from pydantic import SecretStr

from config.schema import Configuration, Mail, Mailbox, Person
from core import rounds
from daybook import check, jobs, state, status
from daybook.house import House, Member
from daybook.mail import letters, mailbox
from daybook.store.mails import Mail as Sent
from tests.daybook.conftest import TODAY, YESTERDAY, Clock, draft, drafted, member
from tests.postbox import DOMAIN, GONE, LATER, PASSWORD, Postbox

DIGEST = rounds.Digest(contributor="", day=TODAY)


@pytest.fixture
def box(postbox: Postbox, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    """Ours, empty, over TLS whose certificate is trusted here."""
    monkeypatch.setenv("SSL_CERT_FILE", str(postbox.certificate))
    postbox.empty()
    return Mailbox(
        address=f"daybook@{DOMAIN}", imap=postbox.imap, user="daybook", password=SecretStr(PASSWORD)
    )


@pytest.fixture
def mail(postbox: Postbox, box: Mailbox) -> Mail:
    return Mail(sender=f"Daybook <daybook@{DOMAIN}>", smtp=postbox.smtp, tls="none", mailbox=box)


@pytest.fixture
def configuration(configuration: Configuration) -> Configuration:
    """Three more people, whose mailboxes are not as they should be."""
    more = [Person(name=name.title(), email=f"{name}@{DOMAIN}") for name in (GONE, LATER, "bounces")]
    return configuration.model_copy(update={"people": (*configuration.people, *more)})


def digest(house: House, name: str = "ada") -> Member:
    """Their day is drafted, and the round that mails it is over."""
    who = member(house, name)
    drafted(house, who, draft(f"{name}-a", "10:00"), draft(f"{name}-b", "11:00"))
    jobs.perform(house, DIGEST.model_copy(update={"contributor": who.id}))
    return who


def arrived_at(postbox: Postbox, name: str) -> Message:
    (mail,) = postbox.mailbox(name)
    return mail


def answers(postbox: Postbox, mail: Message, text: str, **headers: str) -> None:
    """Somebody presses reply in their mail program."""
    reply = EmailMessage()
    reply["From"], reply["To"] = str(mail["To"]), str(mail["Reply-To"])
    reply["Subject"], reply["In-Reply-To"] = f"Re: {mail['Subject']}", str(mail["Message-ID"])
    for name, value in headers.items():
        reply[name.replace("_", "-")] = value
    reply.set_content(text)
    host, _, port = postbox.smtp.partition(":")
    with smtplib.SMTP(host, int(port)) as server:
        server.send_message(reply)


def ours(postbox: Postbox) -> int:
    """Mails in our own mailbox, once all have arrived."""
    return len(postbox.mailbox("daybook"))


def listen(house: House, postbox: Postbox) -> None:
    ours(postbox)
    jobs.perform(house, rounds.Listen())


def confirmed(house: House, who: Member) -> int:
    with house.store.reading() as tx:
        return sum(one.draft.decision == "confirmed" for one in tx.drafts.of(who.id, YESTERDAY))


def last(house: House, who: Member) -> Sent:
    with house.store.reading() as tx:
        mail = tx.mails.last(who.id, "digest")
    assert mail
    return mail


def state_of(house: House, who: Member) -> str:
    return last(house, who).state


def rests(house: House, who: Member) -> bool:
    return letters.rests(last(house, who), house.clock())


def test_sent_delivered_answered_confirmed(house: House, postbox: Postbox) -> None:
    ada = digest(house)
    arrived = arrived_at(postbox, "ada")
    assert parseaddr(str(arrived["To"]))[1] == f"ada@{DOMAIN}"
    assert re.fullmatch(rf"<daybook\+[0-9a-z-]+@{DOMAIN}>", str(arrived["Return-Path"]))
    answers(postbox, arrived, "bestätigt\n\n-- \nAda Example\n")
    listen(house, postbox)
    assert confirmed(house, ada) == 2
    assert ours(postbox) == 0


def test_P12_what_is_read_is_gone_from_the_mailbox_and_what_is_not_ours_stays(
    house: House, postbox: Postbox
) -> None:
    ada = digest(house)
    arrived = arrived_at(postbox, "ada")
    answers(postbox, arrived, "The first one was shorter.")
    answers(postbox, arrived, "ok", Auto_Submitted="auto-replied")
    del arrived["Reply-To"]
    arrived["Reply-To"] = f"daybook@{DOMAIN}"
    answers(postbox, arrived, "Who are you?")
    listen(house, postbox)
    assert ours(postbox) == 1 and not confirmed(house, ada)
    with house.store.reading() as tx:
        assert [one.words for one in tx.replies.of(ada.id)] == ["The first one was shorter."]
    with structlog.testing.capture_logs() as logged:
        listen(house, postbox)
    assert not logged, "what is not ours is looked at once"


def test_a_mail_of_many_megabytes_is_not_fetched_whole(
    house: House, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = digest(house)
    answers(postbox, arrived_at(postbox, "ada"), "ok\n\n" + f"{'x' * 70}\n" * 100_000)
    read: list[int] = []
    monkeypatch.setattr(
        "daybook.mail.incoming.message_from_bytes",
        lambda raw: (read.append(len(raw)), message_from_bytes(raw))[1],
    )
    listen(house, postbox)
    assert confirmed(house, ada) == 2 and read == [mailbox.BEGINNING]


def test_E08_an_address_that_is_refused_at_once_is_left_in_peace_and_said_once(
    house: House, postbox: Postbox, clock: Clock
) -> None:
    with structlog.testing.capture_logs() as logged:
        who = digest(house, GONE)
        jobs.perform(house, DIGEST.model_copy(update={"contributor": who.id}))
    assert [line["event"] for line in logged] == ["mail.refused"]
    assert state_of(house, who) == "given_up" and rests(house, who)


def test_E08_a_mailbox_that_is_full_gets_its_mail_later(house: House, postbox: Postbox, clock: Clock) -> None:
    who = digest(house, LATER)
    assert state_of(house, who) == "failed" and rests(house, who)
    clock.wait(minutes=5)
    assert not rests(house, who)


def test_E08_a_mail_that_comes_back_stops_its_address(house: House, postbox: Postbox) -> None:
    who = digest(house, "bounces")
    assert state_of(house, who) == "sent"
    with structlog.testing.capture_logs() as logged:
        listen(house, postbox)
    assert [line["event"] for line in logged] == ["mail.refused", "mailbox.read"]
    assert state_of(house, who) == "given_up" and rests(house, who)
    assert ours(postbox) == 0 and DOMAIN not in str(logged)


def test_the_mailbox_is_looked_into_as_often_as_configured(
    house: House, postbox: Postbox, clock: Clock
) -> None:
    def is_due() -> bool:
        return rounds.Listen() in rounds.due(state.snapshot(house, clock()), clock())

    assert is_due()
    listen(house, postbox)
    assert not is_due()
    clock.wait(minutes=5)
    assert is_due()


def test_a_mailbox_that_is_away_is_said_once_and_what_came_meanwhile_is_read(
    house: House, postbox: Postbox, clock: Clock
) -> None:
    ada = digest(house)
    answers(postbox, arrived_at(postbox, "ada"), "ok")
    listen_away(house, postbox, clock)
    with structlog.testing.capture_logs() as logged:
        listen(house, postbox)
    assert [line["event"] for line in logged] == ["mailbox.back", "mailbox.read"]
    assert confirmed(house, ada) == 2 and status.look(house).mailbox == ""


def listen_away(house: House, postbox: Postbox, clock: Clock) -> None:
    postbox.shut()
    try:
        with structlog.testing.capture_logs() as logged:
            for _ in range(3):
                listen(house, postbox)
                clock.wait(minutes=5)
    finally:
        postbox.open()
    assert [line["event"] for line in logged] == ["mailbox.away"]
    assert "Answers and bounces wait, since 2026-11-20 07:30 UTC." in status.look(house).mailbox


def test_check_says_whether_the_mailbox_can_be_read(
    box: Mailbox, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    well = check._mailbox(box)
    assert well.well and "lets us read INBOX, which holds 0 mails" in well.sentence
    wrong = check._mailbox(box.model_copy(update={"password": SecretStr("wrong")}))
    assert not wrong.well and "refused our login" in wrong.sentence and "wrong" not in wrong.sentence
    nowhere = check._mailbox(box.model_copy(update={"folder": "Nowhere"}))
    assert not nowhere.well and "no folder Nowhere" in nowhere.sentence
    monkeypatch.delenv("SSL_CERT_FILE")
    untrusted = check._mailbox(box)
    assert not untrusted.well and "certificate" in untrusted.sentence


def test_a_mailbox_begun_anew_is_read_from_its_beginning(
    house: House, postbox: Postbox, box: Mailbox
) -> None:
    """Another validity says that the numbers are others: what we know of them counts for nothing."""
    ada = digest(house)
    with house.store.writing() as tx:
        tx.mailbox.reached(box.place, 1, 10**9, house.clock())
    answers(postbox, arrived_at(postbox, "ada"), "ok")
    listen(house, postbox)
    assert confirmed(house, ada) == 2


def test_without_a_mailbox_there_is_nothing_to_look_into(house: House) -> None:
    said = house.configuration
    assert said.mail
    without = said.model_copy(update={"mail": said.mail.model_copy(update={"mailbox": None})})
    bare = replace(house, configuration=without)
    assert rounds.Listen() not in rounds.due(state.snapshot(bare, house.clock()), house.clock())
