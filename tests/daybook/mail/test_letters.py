"""Each mail goes to its own contributor, once, when it may; a crash in between loses and doubles nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import structlog
from pydantic import SecretStr

from config.schema import Person
from connectors.memory import Tool
from core import rounds
from core.exits import Measured, Stop, stops
from core.model import Draft
from core.policy import Policy
from core.roles import InRole
from daybook import deeds, lending, policies, state
from daybook.house import House, Member
from daybook.mail import compose, letters
from daybook.mail.facts import DigestFacts
from daybook.mail.letters import rests, send_announcement, send_digest, send_invitation, send_stop
from daybook.mail.send import Carrier, NotTaken
from daybook.sandbox.post_office import Delivery, PostOffice
from daybook.store.mails import Mail, Mails
from daybook.store.people import People
from tests.daybook.conftest import TODAY, YESTERDAY, Clock, draft, drafted, member

ADA = "ada@northwind.example"


def state_of(house: House, who: Member, kind: str = "digest") -> Mail | None:
    with house.store.reading() as tx:
        return tx.mails.last(who.id, kind)


def links_in(mail: Delivery, purpose: str) -> list[str]:
    return re.findall(rf"https://daybook\.northwind\.example/{purpose}/\S+", mail.part("plain"))


def changed(house: House, who: Member, one: Draft, **stands: Any) -> None:
    with house.store.writing() as tx:
        held = tx.drafts.get(who.id, one.key)
        assert held is not None
        after = held.draft.model_copy(update=stands)
        assert tx.drafts.save(who.id, one.suggestion.day, after, held.revision)


def policy_changes(house: House) -> House:
    """The administrator writes another policy: a new House."""
    return replace(house, policy=house.policy.model_copy(update={"contact": "people@northwind.example"}))


# --- the digest --------------------------------------------------------------------------------------------


def test_ada_reads_in_the_morning_what_was_drafted(
    house: House, ada: Member, post_office: PostOffice
) -> None:
    drafted(
        house, ada, draft("a", "10:00", 45), draft("b", "11:00", 75, project="internal"), gaps=15, logged=30
    )
    send_digest(house, ada.id, TODAY)
    (mail,) = post_office.deliveries
    assert mail.to == ADA and mail.message["Subject"] == "2 drafts, 2 h, nothing sent yet"
    plain = mail.part("plain").replace("\r\n", "\n")
    assert "THURSDAY, 19 NOVEMBER · 2 h" in plain
    assert "ACME call\n    45 min, 10:00-10:45\n    ACME website · goes to WEB-12 in Memory · sure" in plain
    assert "Besides: 30 min already logged, 15 min without evidence, left empty." in plain
    assert state_of(house, ada).state == "sent"  # type: ignore[union-attr]


def test_P4_a_tasks_share_is_a_length_and_no_span_across_the_meetings(
    house: House, ada: Member, post_office: PostOffice
) -> None:
    drafted(house, ada, draft("t", "09:00", 135, "Address form", pieces=()), draft("a", "10:30", 60))
    send_digest(house, ada.id, TODAY)
    (mail,) = post_office.deliveries
    plain = mail.part("plain").replace("\r\n", "\n")
    assert "Address form\n    2 h 15 min, from 09:00\n" in plain
    assert "ACME call\n    1 h, 10:30-11:30\n" in plain
    assert "11:15" not in plain + mail.part("html")


def test_P1_ben_mara_and_otto_get_nothing_of_adas_day(
    house: House, ada: Member, ben: Member, mara: Member, otto: Member, post_office: PostOffice
) -> None:
    drafted(house, ada, draft("a", "10:00", text="Talk with the works council", project="Secret"))
    drafted(house, ben, draft("b", "10:00", text="Garden fence"))
    with structlog.testing.capture_logs() as logged:
        for person in (ada, ben, mara, otto):
            send_digest(house, person.id, TODAY)
    (adas,) = post_office.to(ADA)
    assert "works council" in adas.part("plain") and "works council" in adas.part("html")
    assert {mail.to for mail in post_office.deliveries} == {ADA, "ben@northwind.example"}
    for mail in post_office.deliveries:
        if mail.to != ADA:
            assert b"works council" not in mail.raw and ada.id.encode() not in mail.raw
    assert "works council" not in str(logged)
    # a locked screen shows subject and sender to whoever walks by
    for seen in ("works council", "Secret"):
        assert seen not in str(adas.message["Subject"]) + str(adas.message["From"])


def test_only_what_waits_and_is_over_is_mailed(house: House, ada: Member, post_office: PostOffice) -> None:
    drafted(
        house,
        ada,
        draft("open", text="Open one"),
        draft("edited", text="Edited one", decision="edited"),
        draft("yes", text="Confirmed one", decision="confirmed"),
        draft("no", text="Dismissed one", decision="dismissed"),
        draft("today", text="Unfinished one", day=TODAY),
    )
    send_digest(house, ada.id, TODAY)
    plain = post_office.deliveries[0].part("plain")
    assert re.findall(r"(\w+) one", plain) == ["Edited", "Open"]


def test_what_one_yes_does_not_cover_is_marked(house: House, ada: Member, post_office: PostOffice) -> None:
    drafted(
        house,
        ada,
        draft("a", text="Good one"),
        draft("b", text="Nowhere to go", target=None, project=None),
        draft("c", text="Changed at its source", decision="edited", noticed=False),
    )
    send_digest(house, ada.id, TODAY)
    plain = post_office.deliveries[0].part("plain")
    assert "Confirm the 1 that is ready:" in plain
    assert plain.count("  ! ") == 2
    assert "  ! Choose where it is posted" in plain and "  ! Its source says otherwise" in plain


def test_a_digest_shows_the_last_week_that_waits_and_counts_what_is_older(
    house: House, ada: Member, post_office: PostOffice
) -> None:
    days = [YESTERDAY - timedelta(days=back) for back in (0, 3, 6, 7, 12)]
    drafted(house, ada, *(draft(f"d{day}", day=day, text=f"Work of {day:%d}") for day in days))
    send_digest(house, ada.id, TODAY)
    plain = post_office.deliveries[0].part("plain")
    assert re.findall(r"Work of (\d\d)", plain) == ["13", "16", "19"]
    assert "2 older drafts wait until these are answered." in plain


def test_the_links_of_a_digest_open_what_they_say(house: House, ada: Member, post_office: PostOffice) -> None:
    drafted(house, ada, draft("a"))
    send_digest(house, ada.id, TODAY)
    (mail,) = post_office.deliveries
    with house.store.reading() as tx:
        for purpose, day in (("day", YESTERDAY), ("confirm", YESTERDAY), ("less", TODAY)):
            url = min(links_in(mail, purpose))
            link = tx.links.find(url.rpartition("/")[2], house.clock())
            assert link is not None
            assert (link.contributor, link.purpose, link.day) == (ada.id, purpose, day)
    (less,) = links_in(mail, "less")
    assert f"List-Unsubscribe: <{less}>\r\n".encode() in mail.raw


def connects(mail: Delivery) -> bool:
    assert ("/connections" in mail.text) == ("Connect it" in mail.part("html"))
    return "Your Memory account is not connected, so confirmed time waits." in " ".join(
        mail.part("plain").split()
    )


def test_R08_a_digest_leads_back_to_an_account_that_is_not_connected(
    house: House, ada: Member, post_office: PostOffice, clock: Clock
) -> None:
    drafted(house, ada, draft("a"))
    clock.wait(days=40)  # the link of the invitation has ended
    send_digest(house, ada.id, TODAY)
    (mail,) = post_office.deliveries
    assert connects(mail)
    assert links_in(mail, "invite") == [], (
        "what connects her account is in no mail that comes every day (S-03)"
    )
    look, connect, wrong = sorted(links_in(mail, "day"))
    assert (connect, wrong) == (f"{look}/connections", f"{look}/wrong")


def test_R08_a_refused_account_is_named_and_a_working_one_is_not(
    house: House, ada: Member, ben: Member, post_office: PostOffice
) -> None:
    with house.store.writing() as tx:
        for who in (ada, ben):
            tx.grants.save(who.id, "memory", "there", SecretStr("t"), house.clock())
        tx.grants.refuse(ben.id, "memory", "The tool does not know this credential.")
    for who in (ada, ben):
        drafted(house, who, draft("a"))
        send_digest(house, who.id, TODAY)
    adas, bens = post_office.deliveries
    assert not connects(adas) and connects(bens)


def test_nobody_is_asked_for_an_account_that_nothing_of_theirs_goes_to(
    house: House, ada: Member, post_office: PostOffice, clock: Clock
) -> None:
    drafted(house, ada, draft("here", target="none"))
    send_digest(house, ada.id, TODAY)
    drafted(house, ada, draft("there"))
    deeds.confirm(house, ada, YESTERDAY, {"there": 1})
    with house.store.writing() as tx:
        (filed,) = tx.postings.of(ada.id, YESTERDAY)
        refused = filed.posting.model_copy(update={"state": "refused", "whose": "account"})
        assert tx.postings.save(refused, filed.version)
    clock.wait(days=1)
    send_digest(house, ada.id, TODAY + timedelta(days=1))
    before, after = post_office.deliveries
    assert not connects(before) and connects(after)


@pytest.mark.parametrize(
    "why", ["left", "unsubscribed", "policy changed", "shadow run", "nothing waits", "nobody"]
)
def test_E07_a_digest_is_not_sent_where_it_may_not_be(
    house: House, ada: Member, post_office: PostOffice, why: str
) -> None:
    one = draft("a")
    drafted(house, ada, one)
    who = ada.id
    with house.store.writing() as tx:
        if why == "left":
            tx.people.leave(ada.id, house.clock())
            tx.drafts.save(ada.id, YESTERDAY, one, 0)
        if why == "unsubscribed":
            tx.people.digest(ada.id, on=False)
    if why == "policy changed":
        house = policy_changes(house)
    if why == "shadow run":
        rollout = house.configuration.rollout
        rollout = rollout.model_copy(
            update={"stage": "shadow", "cohorts": rollout.cohorts.model_copy(update={"pilot": (ADA,)})}
        )
        house = replace(house, configuration=house.configuration.model_copy(update={"rollout": rollout}))
    if why == "nothing waits":
        changed(house, ada, one, decision="dismissed")
    if why == "nobody":
        who = "c-nobody"
    send_digest(house, who, TODAY)
    assert post_office.deliveries == []
    assert state_of(house, ada) is None


# --- once --------------------------------------------------------------------------------------------------


def test_a_digest_is_sent_once_a_day_however_often_it_is_asked_for(
    house: House, ada: Member, post_office: PostOffice, clock: Clock
) -> None:
    drafted(house, ada, draft("a"))
    for _ in range(3):
        send_digest(house, ada.id, TODAY)
        clock.wait(hours=3)
    assert post_office.counts["SMTP DATA"] == 1
    clock.wait(days=1)
    send_digest(house, ada.id, TODAY + timedelta(days=1))
    assert post_office.counts["SMTP DATA"] == 2


def test_E05_killed_before_the_server_heard_of_it_the_next_daemon_sends_it(
    house: House, ada: Member, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafted(house, ada, draft("a"))
    with monkeypatch.context() as dying:
        dying.setattr(Carrier, "send", killed)
        with pytest.raises(Killed):
            send_digest(house, ada.id, TODAY)
    send_digest(house, ada.id, TODAY)
    assert post_office.deliveries == []  # nobody knows yet that its daemon died
    with house.store.hold():
        send_digest(house, ada.id, TODAY)
    assert len(post_office.to(ADA)) == 1


def test_E05_killed_after_the_server_took_it_the_mailbox_still_holds_one(
    house: House, ada: Member, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafted(house, ada, draft("a"))
    with monkeypatch.context() as dying:
        dying.setattr(Mails, "sent", killed)
        with pytest.raises(Killed):
            send_digest(house, ada.id, TODAY)
    (first,) = post_office.deliveries
    post_office.deliveries.clear()
    with house.store.hold():
        send_digest(house, ada.id, TODAY)
    (second,) = post_office.deliveries
    assert second.raw == first.raw


def frozen(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], None]) -> None:
    """The digest's next sender stands still between its claim and the mail server."""
    written = compose.digest

    def late(facts: DigestFacts) -> bytes:
        monkeypatch.undo()
        meanwhile()
        return written(facts)

    monkeypatch.setattr(compose, "digest", late)


def test_E05_R11_a_worker_that_wakes_after_another_took_over_its_mail_sends_nothing(
    house: House, ada: Member, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafted(house, ada, draft("a"))

    def another_sends_it() -> None:
        with house.store.hold():
            send_digest(house, ada.id, TODAY)

    frozen(monkeypatch, another_sends_it)
    send_digest(house, ada.id, TODAY)
    assert post_office.counts["SMTP DATA"] == 1
    stands = state_of(house, ada)
    assert stands is not None and (stands.state, stands.attempts) == ("sent", 2)


def test_E05_a_mail_in_the_hands_of_a_machine_that_slept_is_taken_anew_or_not_at_all(
    house: House, ada: Member, post_office: PostOffice, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafted(house, ada, draft("a"))
    frozen(monkeypatch, lambda: clock.wait(minutes=16))
    send_digest(house, ada.id, TODAY)
    assert not post_office.counts["SMTP DATA"]
    send_digest(house, ada.id, TODAY)
    assert len(post_office.to(ADA)) == 1


@pytest.mark.parametrize("fault", ["503", "drop-before", "drop-after"])
def test_E08_what_was_not_taken_goes_out_later_under_the_same_id(
    house: House, ada: Member, post_office: PostOffice, clock: Clock, fault: str
) -> None:
    drafted(house, ada, draft("a"))
    post_office.smtp_faults.script("SMTP DATA", fault, "503")
    send_digest(house, ada.id, TODAY)
    waits = state_of(house, ada)
    assert waits is not None and waits.state == "failed" and waits.reason
    for passed, attempts in ((59, 1), (1, 2), (119, 2), (1, 3), (600, 3)):
        clock.wait(seconds=passed)
        send_digest(house, ada.id, TODAY)
        assert post_office.counts["SMTP DATA"] == attempts
    (mail,) = post_office.to(ADA)
    assert mail.id == waits.message_id
    assert state_of(house, ada).state == "sent"  # type: ignore[union-attr]


def test_E08_an_address_that_refuses_is_left_in_peace_and_named_by_its_id_only(
    house: House, ada: Member, post_office: PostOffice, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafted(house, ada, draft("a"))
    with monkeypatch.context() as refusing, structlog.testing.capture_logs() as logged:
        refusing.setattr(Carrier, "send", refused)
        send_digest(house, ada.id, TODAY)
    (line,) = logged
    assert (line["event"], line["contributor"]) == ("mail.refused", ada.id)
    assert "ada@" not in str(logged) and "ACME" not in str(logged)
    for _ in range(6):
        clock.wait(days=1)
        send_digest(house, ada.id, member(house, "Ada").today(clock()))
    assert post_office.deliveries == []
    clock.wait(days=1)
    send_digest(house, ada.id, member(house, "Ada").today(clock()))
    assert len(post_office.to(ADA)) == 1


def test_P14_one_mail_that_is_delayed_is_one_line_in_the_log(
    house: House, ada: Member, post_office: PostOffice, clock: Clock
) -> None:
    drafted(house, ada, draft("a"))
    post_office.smtp_faults.script("SMTP DATA", "503", "503", "503")
    with structlog.testing.capture_logs() as logged:
        for _ in range(4):
            send_digest(house, ada.id, TODAY)
            clock.wait(hours=1)
    assert [line["event"] for line in logged] == ["mail.delayed"]


class Killed(BaseException):
    """The daemon is no more."""


def killed(*_: Any, **__: Any) -> None:
    raise Killed


def refused(*_: Any) -> None:
    raise NotTaken("The mail server will not take the address (550).", permanent=True)


# --- the invitation ----------------------------------------------------------------------------------------


def with_nina(house: House) -> tuple[House, Member]:
    """Nina was named this morning and knows nothing yet."""
    nina = Person(name="Nina Example", email="nina@northwind.example")
    people = (*house.configuration.people, nina)
    house = replace(house, configuration=house.configuration.model_copy(update={"people": people}))
    with house.store.writing() as tx:
        tx.people.enrol(nina.email, house.clock())
    return house, member(house, "Nina")


def test_P3_a_newcomer_is_told_the_policy_and_nothing_of_them_was_asked_for(
    house: House, tool: Tool, post_office: PostOffice, clock: Clock
) -> None:
    house, nina = with_nina(house)
    send_invitation(house, nina.id)
    (mail,) = post_office.deliveries
    plain = " ".join(mail.part("plain").split())
    assert mail.to == "nina@northwind.example"
    assert mail.message["Subject"] == "Please read this before Daybook starts"
    assert "Nothing about you is read yet." in plain
    assert "WHAT IS READ IN MEMORY Title: What a thing is called. Time: When it was." in plain
    assert "In Memory it can then be read by everyone who can see the test." in plain
    assert tool.requests == 0
    told = member(house, "Nina").contributor
    assert (told.invited, told.invited_at, told.acknowledged) == (house.policy_version, clock(), None)
    url, wrong = sorted(links_in(mail, "invite"))
    assert wrong == f"{url}/wrong"
    with house.store.reading() as tx:
        link = tx.links.find(url.rpartition("/")[2], clock())
    assert link is not None and (link.contributor, link.purpose) == (nina.id, "invite")


def test_an_invitation_is_sent_once(house: House, post_office: PostOffice, clock: Clock) -> None:
    house, nina = with_nina(house)
    for _ in range(3):
        send_invitation(house, nina.id)
        clock.wait(days=1)
    assert post_office.counts["SMTP DATA"] == 1


def test_P10_an_invitation_is_out_and_its_receiver_invited_in_one_step(
    house: House, post_office: PostOffice, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In two, a death between them left somebody who had the mail, was not invited, and got no other."""
    house, nina = with_nina(house)

    def dies(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(People, "invited", dies)
        send_invitation(house, nina.id)
    with house.store.hold():
        send_invitation(house, nina.id)
    assert len(post_office.to("nina@northwind.example")) == 1
    assert member(house, "Nina").contributor.invited == house.policy_version


def test_a_policy_that_allows_more_by_now_is_sent_to_everybody_again(
    house: House, ada: Member, post_office: PostOffice
) -> None:
    send_invitation(house, ada.id)
    assert post_office.deliveries == []
    house = policy_changes(house)
    send_invitation(house, ada.id)
    (mail,) = post_office.to(ADA)
    assert mail.message["Subject"] == "Please read the new policy first"
    assert "people@northwind.example" in mail.part("plain")


def test_nobody_who_left_is_invited(house: House, ada: Member, post_office: PostOffice) -> None:
    with house.store.writing() as tx:
        tx.people.leave(ada.id, house.clock())
    send_invitation(policy_changes(house), ada.id)
    assert post_office.deliveries == []


def test_E05_an_invitation_that_may_be_out_stays_the_same_mail_past_midnight(
    house: House, post_office: PostOffice, clock: Clock
) -> None:
    house, nina = with_nina(house)
    post_office.smtp_faults.script("SMTP DATA", "drop-after")
    clock.wait(hours=15, minutes=29)
    send_invitation(house, nina.id)
    assert member(house, "Nina").contributor.invited is None
    clock.wait(minutes=2)
    send_invitation(house, nina.id)
    assert post_office.counts["SMTP DATA"] == 2
    assert len(post_office.deliveries) == 1
    assert member(house, "Nina").contributor.invited == house.policy_version


# --- what changes about the policy -------------------------------------------------------------------------


def under(house: House, **changes: Any) -> House:
    """The same house once its file says this; who runs it wrote it down."""
    asked = Policy.model_validate(house.policy.model_dump() | changes)
    ledger = policies.look(house.store, asked, house.clock())
    held = ledger.standing.in_force.policy
    later = replace(house, policy=held, ledger=ledger.standing, texts=ledger.texts)
    policies.keep(later)
    return later


@pytest.fixture
def kept(house: House) -> House:
    """The policy that everybody acknowledged is in the ledger."""
    return under(house)


LOOSER: dict[str, Any] = {"retention": {"evidence": 90}}


def told(house: House) -> list[str]:
    """Who is announced something in this round, and is then told."""
    due = rounds.due(state.snapshot(house, house.clock()), house.clock())
    asked = [one.contributor for one in due if isinstance(one, rounds.Announce | rounds.Invite)]
    for one in asked:
        send_announcement(house, one)
        send_invitation(house, one)
    return asked


def test_P08_everybody_is_told_once_what_changes_and_from_when(
    kept: House, ada: Member, post_office: PostOffice, clock: Clock
) -> None:
    assert told(kept) == []
    house = under(kept, **LOOSER)
    assert len(told(house)) == 4
    (mail,) = post_office.to(ADA)
    plain = " ".join(mail.part("plain").split())
    assert mail.message["Subject"] == "The policy allows more from 5 December on"
    assert "is kept for 90 days, not for 45 days." in plain
    assert house.policy_version in plain and policies.news(house) in plain
    for _ in range(3):
        clock.wait(days=1)
        assert told(under(house, **LOOSER)) == []
    assert member(house, "Ada").consent


def test_P08_what_is_tighter_is_told_and_asks_for_nothing(
    kept: House, ada: Member, post_office: PostOffice
) -> None:
    house = under(kept, groups={"minimum": 12})
    assert len(told(house)) == 4
    (mail,) = post_office.to(ADA)
    assert mail.message["Subject"] == "The policy has changed"
    assert "A figure may be about 12 people; it was 8." in mail.part("plain")
    assert told(house) == []


def test_P08_what_was_announced_and_taken_back_is_told_too(
    kept: House, ada: Member, post_office: PostOffice, clock: Clock
) -> None:
    told(under(kept, **LOOSER))
    clock.wait(days=1)
    back = under(kept)
    assert len(told(back)) == 4
    assert post_office.to(ADA)[-1].message["Subject"] == "The announced change does not come"
    assert told(back) == []


def test_P3_who_said_nothing_is_not_asked_twice_and_not_read(
    kept: House, ada: Member, post_office: PostOffice, clock: Clock
) -> None:
    told(under(kept, **LOOSER))
    clock.wait(days=15)
    house = under(kept, **LOOSER)
    assert house.policy.retention.evidence == 90
    assert told(house) == []
    assert not member(house, "Ada").consent
    assert [mail.to for mail in post_office.deliveries].count(ADA) == 1


def test_P08_who_left_or_never_agreed_gets_no_announcement(
    kept: House, ada: Member, post_office: PostOffice
) -> None:
    with kept.store.writing() as tx:
        tx.people.leave(ada.id, kept.clock())
    house = under(with_nina(kept)[0], **LOOSER)
    assert ada.id not in told(house)
    assert [mail.message["Subject"] for mail in post_office.to("nina@northwind.example")] == [
        "Please read this before Daybook starts"
    ]
    assert post_office.to(ADA) == []


def test_P08_who_gets_a_role_that_is_read_more_is_told_once_and_in_time(
    kept: House, ada: Member, post_office: PostOffice
) -> None:
    with kept.store.writing() as tx:
        tx.people.in_role(ada.id, InRole(role="salaried", coming=""))
    lighter = under(kept, roles={"salaried": {"tracked": {"memory": []}}})
    assert ada.id in told(lighter)
    (mail,) = post_office.to(ADA)
    plain = " ".join(mail.part("plain").split())
    assert mail.message["Subject"] == "More may be read of you from 5 December on"
    assert "In Memory, this is read besides: time." in plain
    assert "Nothing of that is read of you before you acknowledge it." in plain
    assert member(kept, "Ada").contributor.role_since == date(2026, 12, 5)
    assert told(lighter) == []


# --- rest --------------------------------------------------------------------------------------------------


def test_E08_a_mail_rests_until_its_server_may_be_asked_again(clock: Clock) -> None:
    def stands(**state: Any) -> Mail:
        return Mail(
            contributor="c-2",
            day=TODAY,
            kind="digest",
            message_id="<1@x>",
            attempts=1,
            claimed_at=clock(),
            **state,
        )

    now = clock()
    assert not rests(None, now)
    assert not rests(stands(state="sent"), now) and not rests(stands(state="unsure"), now)
    later = stands(state="failed", not_before=now + timedelta(minutes=1))
    assert rests(later, now) and not rests(later, now + timedelta(minutes=1))
    never = stands(state="given_up")
    assert rests(never, now + timedelta(days=6)) and not rests(never, now + timedelta(days=7))


def test_R08_that_an_account_was_stopped_is_mailed_once_and_after_a_mail_that_arrived(
    house: House, ada: Member, post_office: PostOffice, clock: Clock
) -> None:
    with house.store.writing() as tx:
        tx.grants.save(ada.id, "memory", "there", SecretStr("t"), house.clock())
        tx.grants.refuse(ada.id, "memory", "It was taken back there.")
    drafted(house, ada, draft("a"))
    with pytest.MonkeyPatch.context() as away:
        away.setattr(Carrier, "send", refused)
        send_digest(house, ada.id, TODAY)
    clock.wait(days=8)
    for day in range(10):
        send_digest(house, ada.id, TODAY + timedelta(days=day))
        clock.wait(days=1)
    assert [connects(mail) for mail in post_office.deliveries].count(True) == 1
    assert connects(post_office.deliveries[0])


def test_that_an_access_ends_soon_is_mailed_once_with_its_day(
    house: House, ada: Member, post_office: PostOffice, clock: Clock
) -> None:
    with house.store.writing() as tx:
        ends = clock() + timedelta(days=20)
        tx.grants.save(ada.id, "memory", "there", SecretStr("t"), house.clock(), ends)
    drafted(house, ada, draft("a"))
    lending.tend(house)
    for day in range(3):
        send_digest(house, ada.id, TODAY + timedelta(days=day))
        clock.wait(days=1)
    first, *others = [mail.text for mail in post_office.deliveries]
    assert "Your access to Memory ends on Thursday, 10 December." in first
    assert others and not [text for text in others if "ends on" in text]


def test_R08_a_tool_that_can_no_longer_be_read_is_mailed_once(
    house: House, ada: Member, post_office: PostOffice, clock: Clock
) -> None:
    connector = house.connectors["memory"]
    connector.abilities = connector.abilities.model_copy(update={"posts": False, "lent": True})
    with house.store.writing() as tx:
        tx.grants.save(ada.id, "memory", "there", SecretStr("t"), house.clock())
        tx.grants.refuse(ada.id, "memory", "It was taken back there.")
    drafted(house, ada, draft("a", target="none"))
    for day in range(3):
        send_digest(house, ada.id, TODAY + timedelta(days=day))
        clock.wait(days=1)
    said = ["Daybook can no longer read your Memory." in mail.text for mail in post_office.deliveries]
    assert said == [True, False, False]


# --- the reminder and the look back ------------------------------------------------------------------------


def test_E07_a_reminder_is_one_more_mail_of_the_same_drafts_and_no_second_one(
    house: House, ada: Member, post_office: PostOffice, clock: Clock
) -> None:
    drafted(house, ada, draft("a", "10:00", 45), draft("b", "11:00", 75, project="internal"))
    send_digest(house, ada.id, TODAY)
    clock.wait(hours=8)
    changed(house, ada, draft("a"), decision="dismissed")
    for _ in range(2):
        letters.send_reminder(house, ada.id, TODAY)
    digest, reminder = post_office.to(ADA)
    assert reminder.message["Subject"] == "Reminder: 1 draft, 1 h 15 min"
    assert reminder.message["Message-ID"] != digest.message["Message-ID"]
    assert links_in(reminder, "confirm") == links_in(digest, "confirm")
    assert links_in(reminder, "less") == [f"{min(links_in(digest, 'less'))}/reminder"]
    stands = state_of(house, ada, "reminder")
    assert stands is not None and stands.state == "sent"


@pytest.mark.parametrize("why", ["switched off", "unsubscribed", "nothing waits"])
def test_E07_a_reminder_is_not_sent_where_it_may_not_be(
    house: House, ada: Member, post_office: PostOffice, why: str
) -> None:
    if why != "nothing waits":
        drafted(house, ada, draft("a"))
    with house.store.writing() as tx:
        tx.people.reminded(ada.id, why != "switched off")
        tx.people.digest(ada.id, why != "unsubscribed")
    letters.send_reminder(house, ada.id, TODAY)
    assert post_office.deliveries == []


def test_P1_only_ada_gets_what_her_week_came_to(
    house: House, ada: Member, ben: Member, mara: Member, otto: Member, post_office: PostOffice
) -> None:
    before = TODAY - timedelta(days=8)
    drafted(
        house,
        ada,
        draft("a", "10:00", 45, day=before),
        draft("b", "11:00", day=before, project="internal", attributed={"internal": 30}),
    )
    drafted(house, ada, draft("c", "12:00", day=before))
    assert deeds.confirm(house, ada, before, {"a": 1, "b": 1}).done
    for who in (ada, ben, mara, otto):
        for _ in range(2):
            letters.send_look_back(house, who.id, TODAY)
    (mail,) = post_office.deliveries
    assert mail.to == ADA and mail.message["Subject"] == "Your week: 1 h 15 min confirmed"
    plain = " ".join(mail.part("plain").split())
    assert "ACME website 45 min, attended and attributed" in plain
    assert "Internal 30 min, attended and attributed" in plain
    assert "Thursday, 12 November: 1 draft, 30 min, can still be confirmed." in plain
    assert "From 9 November to 15 November you confirmed" in plain and ">From" not in mail.text
    assert "ACME call" not in plain, "what she did is on her page; here are its sums"
    assert links_in(mail, "day") == []


def test_nobody_is_sent_a_look_back_at_a_week_without_anything_confirmed(
    house: House, ada: Member, post_office: PostOffice
) -> None:
    drafted(house, ada, draft("a", day=TODAY - timedelta(days=8)))
    letters.send_look_back(house, ada.id, TODAY)
    assert post_office.deliveries == []


def test_who_speaks_german_is_written_to_in_german(
    house: House, ada: Member, post_office: PostOffice
) -> None:
    drafted(house, ada, draft("a"))
    german = house.configuration.model_copy(update={"language": "de"})
    send_digest(replace(house, configuration=german), ada.id, TODAY)
    (mail,) = post_office.deliveries
    assert mail.message["Content-Language"] == "de"
    assert "noch nichts gesendet" in str(mail.message["Subject"])
    assert "Guten Tag Ada Example," in mail.part("plain")


def test_a_gap_too_short_for_any_draft_is_not_spoken_of(
    house: House, ada: Member, post_office: PostOffice, clock: Clock
) -> None:
    for gaps, day in ((4, TODAY), (5, TODAY + timedelta(days=1))):
        drafted(house, ada, draft(f"d{gaps}", day=day - timedelta(days=1)), gaps=gaps)
        send_digest(house, ada.id, day)
        clock.wait(days=1)
    before, after = post_office.deliveries
    assert "4 min without evidence" not in before.part("plain")
    assert "5 min without evidence" in after.part("plain")


def test_why_it_stopped_is_told_in_the_language_of_whom_it_is_told(
    house: House, ada: Member, post_office: PostOffice
) -> None:
    (why,) = stops(Stop(), Measured(opt_outs=3))
    with house.store.writing() as tx:
        tx.rollout.add(house.clock(), "stopped", "normal", why, "{}")
    german = house.configuration.model_copy(update={"language": "de"})
    send_stop(replace(house, configuration=german), ada.id)
    (mail,) = post_office.deliveries
    for kind in ("plain", "html"):
        assert "Seit es begann, sind 3 Personen ausgestiegen." in " ".join(mail.part(kind).split())
