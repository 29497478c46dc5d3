"""Answers to our mails: a yes confirms what its digest showed; nothing else does, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
import structlog
from pydantic import SecretStr

from config.schema import Configuration, Mail, Mailbox, SignIn
from core.model import Verdict
from daybook import deeds, joining, links, logs
from daybook.house import House, Member
from daybook.mail import incoming, letters, mailbox, replies
from daybook.sandbox.post_office import PostOffice
from daybook.store.replies import MOST, Reply
from tests.daybook.conftest import TODAY, YESTERDAY, Clock, draft, drafted

ADA, BEN = "ada@northwind.example", "ben@northwind.example"
BOX = Mailbox(
    address="daybook@northwind.example", imap="127.0.0.1:9", tls="none", user="d", password=SecretStr("p")
)


@pytest.fixture
def mail(mail: Mail) -> Mail:
    return mail.model_copy(update={"mailbox": BOX})


@pytest.fixture
def to(house: House, ada: Member, configuration: Configuration, post_office: PostOffice) -> str:
    """Ada's digest went out, with two drafts that are ready and one that is not; this is where answers go."""
    drafted(
        house, ada, draft("a", "10:00"), draft("b", "11:00"), draft("c", "12:00", project=None, target=None)
    )
    letters.send_digest(house, ada.id, TODAY)
    (digest,) = post_office.to(ADA)
    return parseaddr(str(digest.message["Reply-To"]))[1]


def answer(to: str, text: str = "ok\n", sender: str = f"Ada Example <{ADA}>", **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, f"Daybook <{to}>", "Re: 3 drafts"
    message["Message-ID"] = "<1@phone.example>"
    for name, value in headers.items():
        del message[name.replace("_", "-")]
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def take(house: House, message: EmailMessage | bytes) -> str:
    raw = message if isinstance(message, bytes) else message.as_bytes()
    return replies.take(house, BOX, incoming.read(raw))


def confirmed(house: House, who: Member) -> set[str]:
    with house.store.reading() as tx:
        held = tx.drafts.of(who.id, YESTERDAY)
    return {one.draft.key for one in held if one.draft.decision == "confirmed"}


def kept(house: House, who: Member) -> list[Reply]:
    with house.store.reading() as tx:
        return tx.replies.of(who.id)


# --- yes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["ok", "Bestätigt", "OK.\n\nAda Example\n-- \nNorthwind Studio"])
def test_a_yes_confirms_what_is_ready_and_holds_it_like_every_yes(
    house: House, ada: Member, to: str, word: str
) -> None:
    assert take(house, answer(to, word)) == "confirmed"
    assert confirmed(house, ada) == {"a", "b"} and not kept(house, ada)
    with house.store.reading() as tx:
        assert [one.state for one in (filed.posting for filed in tx.postings.all_of(ada.id))] == [
            "held",
            "held",
        ]
    assert deeds.undo(house, ada, "a").done


def test_the_digest_says_that_it_can_be_answered_and_both_parts_do(to: str, post_office: PostOffice) -> None:
    (digest,) = post_office.to(ADA)
    assert to.startswith("daybook+") and len(to.partition("@")[0]) <= 64
    for part in ("plain", "html"):
        assert "answer this mail with ok" in digest.part(part)
        assert to not in digest.part(part)


def test_S03_a_yes_counts_once_however_often_it_arrives(house: House, ada: Member, to: str) -> None:
    assert take(house, answer(to)) == "confirmed"
    assert deeds.undo(house, ada, "a").done
    assert take(house, answer(to)) == "ignored"
    assert take(house, answer(to, Message_ID="<2@phone.example>")) == "ignored"
    assert confirmed(house, ada) == {"b"}


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_P2_what_stands_under_a_yes_is_kept_for_her_the_second_time_too(
    house: House, ada: Member, to: str, gap: str
) -> None:
    assert take(house, answer(to)) == "confirmed"
    again = answer(to, f"ok{gap}but leave out the ACME call\n\nAda Example\nNorthwind Studio")
    assert [take(house, again) for _ in range(2)] == ["kept", "kept"]
    assert [(one.why, one.words) for one in kept(house, ada)] == [("beside", "but leave out the ACME call")]


def test_P2_a_yes_never_covers_what_its_mail_said_needs_her_first(
    house: House, ada: Member, post_office: PostOffice
) -> None:
    """Its project was closed when the mail was written, and there again when the yes came."""
    drafted(house, ada, draft("a", "10:00"), draft("z", "13:00", project="gone"))
    letters.send_digest(house, ada.id, TODAY)
    (digest,) = post_office.to(ADA)
    projects = house.configuration.projects
    reopened = projects | {"gone": next(iter(projects.values()))}
    later = replace(house, configuration=house.configuration.model_copy(update={"projects": reopened}))
    assert take(later, answer(parseaddr(str(digest.message["Reply-To"]))[1])) == "confirmed"
    assert confirmed(house, ada) == {"a"} and not kept(house, ada)


def test_P2_what_changed_since_the_mail_is_left_and_said(house: House, ada: Member, to: str) -> None:
    assert deeds.edit(house, ada, "a", minutes=15).done
    drafted(house, ada, draft("new", "15:00"))
    assert take(house, answer(to)) == "confirmed"
    assert confirmed(house, ada) == {"b"}
    (one,) = kept(house, ada)
    assert (one.why, one.left) == ("left", 1)


def test_what_was_confirmed_on_the_page_meanwhile_is_nothing_to_speak_of(
    house: House, ada: Member, to: str
) -> None:
    assert deeds.confirm(house, ada, YESTERDAY, {"a": 1}).done
    assert take(house, answer(to)) == "confirmed"
    assert confirmed(house, ada) == {"a", "b"} and not kept(house, ada)


def test_a_closed_day_takes_no_yes(
    house: House, ada: Member, to: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(House, "may_change", lambda *_: Verdict(allowed=False, reason="Closed."))
    take(house, answer(to))
    assert not confirmed(house, ada)
    assert [one.why for one in kept(house, ada)] == ["left"]


def test_a_digest_sent_twice_confirms_only_what_both_showed(
    house: House, ada: Member, to: str, clock: Clock, post_office: PostOffice
) -> None:
    """A daemon that dies after the mail server took it sends it once more (E-05)."""
    with house.store.writing() as tx:
        tx.mails.failed(ada.id, TODAY, "digest", "who knows", clock())
    assert deeds.edit(house, ada, "a", minutes=15).done
    letters.send_digest(house, ada.id, TODAY)
    assert post_office.counts["SMTP DATA"] == 2
    take(house, answer(to))
    assert confirmed(house, ada) == {"b"}


def test_a_digest_that_only_counts_takes_no_answer(
    house: House, ben: Member, post_office: PostOffice
) -> None:
    """Nobody can say yes to what they did not read."""
    drafted(house, ben, *(draft(f"d{n}", minutes=5) for n in range(70)))
    letters.send_digest(house, ben.id, TODAY)
    (digest,) = post_office.to(BEN)
    assert "Reply-To" not in digest.message and "answer this mail" not in digest.text


# --- no yes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ok for the first one", "ok for the first one"),
        ("Was the call not shorter?\n\n> 2 drafts", "Was the call not shorter?"),
        ("", ""),
    ],
)
def test_anything_else_is_kept_for_its_contributor_and_never_guessed(
    house: House, ada: Member, to: str, text: str, words: str
) -> None:
    assert take(house, answer(to, text)) == "kept"
    assert not confirmed(house, ada)
    assert [(one.why, one.words) for one in kept(house, ada)] == [("words", words)]


def test_a_reply_kept_twice_is_one(house: House, ada: Member, to: str) -> None:
    """Killed between keeping it and deleting it, the next look brings it again (P9)."""
    for _ in range(2):
        take(house, answer(to, "Hm."))
    assert len(kept(house, ada)) == 1


@pytest.mark.parametrize(
    "sender",
    [BEN, f"{ADA}, {BEN}", "", f'"{ADA}" <eve@elsewhere.example>', "ada@northwind.example.evil.example"],
)
def test_S02_a_yes_from_another_address_confirms_nothing(
    house: House, ada: Member, to: str, sender: str
) -> None:
    assert take(house, answer(to, sender=sender)) == "kept"
    assert not confirmed(house, ada)
    assert [one.why for one in kept(house, ada)] == ["elsewhere"]


def test_S02_a_forged_sender_is_nothing_without_the_address_of_that_digest(
    house: House, ada: Member, ben: Member, to: str
) -> None:
    guessed = f"{to.partition('-')[0]}-{'a' * 32}@northwind.example"
    assert take(house, answer(guessed)) == "ignored"
    assert take(house, answer("daybook@northwind.example")) == "not_ours"
    with house.store.writing() as tx:
        for purpose in ("confirm", "day", "less"):
            token = links.mint(tx, house, ada, purpose, YESTERDAY, house.clock()).rpartition("/")[2]
            assert take(house, answer(f"daybook+{token}@northwind.example")) == "ignored"
        bens = links.mailed(tx, house, ben, "answer", TODAY, house.clock())
    assert bens
    take(house, answer(bens))
    assert not confirmed(house, ada) and not kept(house, ada)


def test_S02_a_mail_whose_domain_did_not_send_it_confirms_nothing(house: House, ada: Member, to: str) -> None:
    said = "mx.northwind.example; spf=fail smtp.mailfrom=x; dmarc=fail (p=none) header.from=northwind.example"
    assert take(house, answer(to, Authentication_Results=said)) == "kept"
    assert not confirmed(house, ada)


def strict(house: House) -> House:
    """The same where links open nothing to whoever did not sign in."""
    page = house.configuration.page
    assert page
    asks = {"links": "sign-in-required", "sign_in": SignIn(issuer="https://id.example", client_id="daybook")}
    page = page.model_copy(update=asks)
    return replace(house, configuration=house.configuration.model_copy(update={"page": page}))


def test_S02_where_people_must_sign_in_no_mail_can_be_answered(
    house: House, ada: Member, to: str, post_office: PostOffice
) -> None:
    """Whoever can read her mail and write in her name has no more by it than by a link."""
    assert take(strict(house), answer(to)) == "kept"
    assert not confirmed(house, ada)
    assert [one.why for one in kept(house, ada)] == ["elsewhere"]
    letters.send_digest(strict(house), ada.id, TODAY + timedelta(days=1))
    _, digest = post_office.to(ADA)
    assert "Reply-To" not in digest.message and "answer this mail" not in digest.text


@pytest.mark.parametrize(
    "sign",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; type=vacation"},
        {"Precedence": "bulk"},
        {"Precedence": "auto_reply"},
        {"X_Autoreply": "yes"},
        {"X_Auto_Response_Suppress": "All"},
        {"List_Id": "<all.northwind.example>"},
        {"Return_Path": "<>"},
    ],
)
def test_E09_a_machines_answer_is_ignored_even_if_it_says_ok(
    house: House, ada: Member, to: str, sign: dict[str, str]
) -> None:
    assert take(house, answer(to, "ok", **sign)) == "ignored"
    assert take(house, answer(to, "I am on leave until Monday.", **sign)) == "ignored"
    assert not confirmed(house, ada) and not kept(house, ada)


def test_a_yes_to_a_mail_that_is_too_old_is_told_so(house: House, ada: Member, to: str, clock: Clock) -> None:
    clock.wait(days=8)
    assert take(house, answer(to)) == "kept"
    assert not confirmed(house, ada)
    assert [one.why for one in kept(house, ada)] == ["old"]


def test_P3_who_left_is_not_heard_any_more(house: House, ada: Member, to: str) -> None:
    joining.leave(house, ada)
    assert take(house, answer(to)) == "ignored"
    assert not kept(house, ada)


def test_nobody_who_has_a_mail_of_hers_can_fill_the_store(house: House, ada: Member, to: str) -> None:
    for number in range(MOST + 5):
        take(house, answer(to, f"Hm {number}."))
    assert len(kept(house, ada)) == MOST


def test_P1_an_answer_is_its_contributors_and_in_no_log(
    house: House, ada: Member, ben: Member, to: str
) -> None:
    with structlog.testing.capture_logs() as logged:
        take(house, answer(to, "The works council met."))
    assert kept(house, ada) and not kept(house, ben)
    assert "works council" not in str(logged)
    assert b"works council" not in b"".join(
        path.read_bytes() for path in house.store.path.parent.glob("*.db*")
    )


# --- odd mails ---------------------------------------------------------------------------------------------


def html(to: str, body: str) -> EmailMessage:
    message = answer(to, "")
    message.set_content(body, subtype="html")
    return message


ODD: dict[str, tuple[Callable[[str], EmailMessage | bytes], bool]] = {
    "only HTML": (lambda to: html(to, "<html><head><title>x</title></head><p>ok</p><p>Ada</p>"), True),
    "only HTML that quotes": (lambda to: html(to, "<div>No.</div><blockquote>ok</blockquote>"), False),
    "UTF-16": (
        lambda to: b"From: %b\nTo: %b\nContent-Type: text/plain; charset=utf-16\n"
        b"Content-Transfer-Encoding: base64\n\n//5vAGsACgA=\n" % (ADA.encode(), to.encode()),
        True,
    ),
    "a charset nobody knows": (
        lambda to: b"From: %b\nTo: %b\nContent-Type: text/plain; charset=klingon\n\nok\n"
        % (ADA.encode(), to.encode()),
        True,
    ),
    "a charset that is none": (
        lambda to: b"From: %b\nTo: %b\nContent-Type: text/plain; charset=zlib\n\nok\n"
        % (ADA.encode(), to.encode()),
        True,
    ),
    "Latin-1 without saying so": (
        lambda to: b"From: %b\nTo: %b\n\nbest\xe4tigt\n" % (ADA.encode(), to.encode()),
        False,
    ),
    "nested beyond reason": (
        lambda to: b"From: %b\nTo: %b\n" % (ADA.encode(), to.encode())
        + b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(500)),
        False,
    ),
    "HTML that no parser takes": (lambda to: html(to, "ok<![x[hello]]>"), False),
    "nothing but bytes": (
        lambda to: b"From: %b\nTo: %b\n\n" % (ADA.encode(), to.encode()) + bytes(range(256)),
        False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", ODD)
def test_odd_mails_are_read_as_far_as_they_go(house: House, ada: Member, to: str, what: str) -> None:
    written, yes = ODD[what]
    assert take(house, written(to)) == ("confirmed" if yes else "kept")
    assert bool(confirmed(house, ada)) == yes


def test_a_file_that_is_attached_is_not_read(house: House, ada: Member, to: str) -> None:
    message = answer(to, "See the file.")
    message.add_attachment("ok", filename="yes.txt")
    message.add_attachment(bytes(300_000), maintype="image", subtype="png")
    assert take(house, message.as_bytes()[: 64 * 1024]) == "kept"
    assert [one.words for one in kept(house, ada)] == ["See the file."]
    forwarded = answer(to, "", Message_ID="<3@phone.example>")
    forwarded.clear_content()
    forwarded.add_attachment(answer(to, "ok"))
    assert take(house, forwarded) == "kept"
    assert not confirmed(house, ada)


def test_P12_a_mail_to_an_address_that_we_did_not_give_out_is_left_for_who_it_is_for(
    house: House, to: str
) -> None:
    """Colleagues write to an address beside ours, and another Daybook may read the same mailbox."""
    of_another = to.replace(to[len("daybook+") :].partition("-")[0], "0000")
    for address in ("daybook+support@northwind.example", of_another):
        assert take(house, answer(address, "Please call me back about the invoice.")) == "not_ours"


@pytest.mark.parametrize(
    "junk", [b"", b"\0", b"From: \xff\nTo: =?utf-8?b?//?= <>\n\n", b"To: " + b"<" * 5_000]
)
def test_junk_is_left_where_it_is(house: House, junk: bytes) -> None:
    assert take(house, junk) == "not_ours"


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> dict[int, bytes]:
    """Number -> mail, of a mailbox without its server."""
    mails: dict[int, bytes] = {}

    class Box:
        validity = 1

        def after(self, last: int) -> list[int]:
            return sorted(number for number in mails if number > last)

        def beginning(self, number: int) -> bytes | None:
            return mails.get(number)

        def remove(self, number: int) -> None:
            del mails[number]

    @contextmanager
    def opened(_: Mailbox) -> Iterator[Box]:
        yield Box()

    monkeypatch.setattr(mailbox, "opened", opened)
    return mails


def test_a_mail_that_stops_us_costs_nobody_else_their_answer(
    house: House, ada: Member, to: str, inbox: dict[int, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    poison = answer(to, "The works council met.").as_bytes()
    inbox |= {1: poison, 2: answer(to).as_bytes()}
    read = incoming.read

    def falls(raw: bytes) -> incoming.Incoming:
        if raw == poison:
            raise AssertionError(raw.decode())
        return read(raw)

    monkeypatch.setattr(incoming, "read", falls)
    with structlog.testing.capture_logs([logs.where_it_happened]) as logged:
        replies.look(house)
        replies.look(house)
    assert confirmed(house, ada) == {"a", "b"}
    assert set(inbox) == {1}
    assert [line["event"] for line in logged] == ["mailbox.unread", "mailbox.read"]
    assert "works council" not in str(logged)


# --- what could not be delivered ---------------------------------------------------------------------------


def report(to: str, action: str = "failed", status: str = "5.1.1") -> bytes:
    return (
        f"From: MAILER-DAEMON@mx.example\nTo: {to}\nReturn-Path: <>\nAuto-Submitted: auto-replied\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nok\n\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; {ADA}\nAction: {action}\nStatus: {status}\n\n--b--\n"
    ).encode()


@pytest.fixture
def back(house: House, ada: Member, to: str) -> str:
    """The address that her digest comes back to."""
    with house.store.writing() as tx:
        address = links.mailed(tx, house, ada, "bounce", TODAY, house.clock())
    assert address
    return address


def test_E08_what_comes_back_stops_that_address_and_is_said_once(
    house: House, ada: Member, back: str, clock: Clock
) -> None:
    with structlog.testing.capture_logs() as logged:
        assert [take(house, report(back)) for _ in range(2)] == ["refused", "refused"]
    assert [line["event"] for line in logged] == ["mail.refused"]
    with house.store.reading() as tx:
        mail = tx.mails.last(ada.id, "digest")
    assert mail and mail.state == "given_up"
    assert letters.rests(mail, clock()) and ADA not in str(logged)


@pytest.mark.parametrize("said", [("delayed", "4.4.1"), ("failed", "4.4.7"), ("delivered", "2.0.0")])
def test_E08_a_delay_is_no_refusal(house: House, ada: Member, back: str, said: tuple[str, str]) -> None:
    assert take(house, report(back, *said)) == "ignored"
    with house.store.reading() as tx:
        assert tx.mails.last(ada.id, "digest").state == "sent"  # type: ignore[union-attr]


def test_E08_a_report_that_somebody_forged_to_another_address_stops_nothing(
    house: House, ada: Member, to: str
) -> None:
    assert take(house, report(to)) == "ignored"
    assert take(house, report("daybook@northwind.example")) == "not_ours"
    with house.store.reading() as tx:
        assert tx.mails.last(ada.id, "digest").state == "sent"  # type: ignore[union-attr]


def test_the_digest_leaves_under_the_address_that_it_comes_back_to(
    back: str, post_office: PostOffice
) -> None:
    (digest,) = post_office.to(ADA)
    assert back.encode() not in digest.raw
