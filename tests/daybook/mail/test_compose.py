"""A mail says the same in text and HTML, in few bytes, with headers no title can break."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, date, datetime, timedelta
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import daybook.mail
from daybook.languages import installed
from daybook.mail import compose
from daybook.mail.facts import OwnFacts, Target, WaitingDay
from tests.daybook.mail import said
from tests.daybook.mail.said import BASE, SEVERAL, TODAY, TOKEN, YESTERDAY, Shown, envelope, line, parsed

WRONG = f"{BASE}/day/{TOKEN}/wrong"


def header(raw: bytes, name: str) -> bytes:
    """One header as it stands in the bytes, unfolded by nobody."""
    head = raw.partition(b"\r\n\r\n")[0]
    (found,) = re.findall(rb"(?m)^" + name.encode() + rb": ([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)", head)
    return bytes(found)


# --- the same facts twice ----------------------------------------------------------------------------------


def test_E01_text_and_html_say_the_same() -> None:
    days = (
        WaitingDay(day=date(2026, 11, 18), lines=SEVERAL[:2], logged=30, away=240, gaps=45),
        WaitingDay(day=YESTERDAY, lines=SEVERAL[2:]),
    )
    connect = {"unconnected": ("Jira", "Asana"), "connect": f"{BASE}/invite/{TOKEN}"}
    message = compose.digest(said.digest(days=days, older=3, **connect))
    text, html = said.facts_of_text(message), said.facts_of_html(message)
    # the HTML has a heading of its own, which is the subject's first words
    assert sorted([*text[0], "4", "drafts", "for", "you"]) == html[0]
    assert text[1:] == html[1:]
    assert text[2] == {f"{BASE}/{purpose}/{TOKEN}" for purpose in ("day", "confirm", "less", "invite")} | {
        WRONG
    }
    assert "Your Jira and Asana accounts are not connected, so confirmed time waits." in said.text(message)
    for expected in ("15 min", "2 h 45 min", "1 h 30 min", "45 min", "3 h", "2 h 15 min", "4 h"):
        assert expected in text[1]


def test_E01_the_invitation_says_the_same_in_both_parts() -> None:
    message = compose.invitation(said.invitation())
    text, html = said.facts_of_text(message), said.facts_of_html(message)
    assert sorted([*text[0], "your", "day", "drafted", "for", "you"]) == html[0]
    assert text[2] == html[2] == {f"{BASE}/invite/{TOKEN}", WRONG}


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"later": (), "coming": None, "day": None},
        {"already": (), "later": (), "coming": None, "day": None},
        {
            **dict.fromkeys(("already", "later"), ()),
            **dict.fromkeys(("coming", "day")),
            "role": "client_billed",
            "besides": ("In Asana, this is read besides: title.",),
            "besides_day": date(2026, 12, 5),
        },
        {"besides": ("In Asana, this is read besides: title.",), "besides_day": date(2026, 12, 9)},
    ],
)
def test_E01_the_announcement_says_the_same_in_both_parts(parts: dict[str, Any]) -> None:
    message = compose.announcement(said.announcement(**parts))
    text, html = said.facts_of_text(message), said.facts_of_html(message)
    subject = re.findall(r"[\w'<>&-]+", str(parsed(message)["Subject"]).casefold())
    assert sorted([*text[0], *subject]) == html[0]
    assert text[2] == html[2] == {f"{BASE}/invite/{TOKEN}", WRONG}


def test_P08_an_announcement_says_what_from_when_and_what_becomes_of_who_says_nothing() -> None:
    message = compose.announcement(said.announcement())
    plain = " ".join(said.text(message).split())
    assert parsed(message)["Subject"] == "The policy allows more from 5 December on"
    for expected in (
        "It begins on 5 December 2026; before that day nothing of it holds for you.",
        "FROM 5 DECEMBER 2026 ON What calendars and tools said is kept for 90 days, not for 45 days.",
        "IN FORCE SINCE 20 NOVEMBER 2026 A figure may be about 12 people; it was 8.",
        "Whoever has not acknowledged it by then is no longer read.",
        "You acknowledged version 3f2a9c01d4be. Version 88bb9c01d4be would follow.",
        "keeps to version 77aa9c01d4be of the policy, in force since 20 November 2026.",
    ):
        assert expected in plain


@pytest.mark.parametrize("manages", [True, False])
def test_E01_the_news_of_a_report_says_the_same_in_both_parts(manages: bool) -> None:
    message = compose.report(said.report(manages=manages))
    text, html = said.facts_of_text(message), said.facts_of_html(message)
    assert sorted([*text[0], "a", "report", "was", "published"]) == html[0]
    assert text[2] == html[2] == {f"{BASE}/report/{TOKEN}", WRONG}


def test_E01_the_link_somebody_asked_for_says_the_same_in_both_parts() -> None:
    envelope = said.envelope(kind="own", less=None)
    until = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
    message = compose.own(OwnFacts(envelope=envelope, link=f"{BASE}/own/{TOKEN}", until=until))
    text, html = said.facts_of_text(message), said.facts_of_html(message)
    assert sorted([*text[0], "your", "link", "to", "your", "connections"]) == html[0]
    assert text[2] == html[2] == {f"{BASE}/own/{TOKEN}", WRONG}


EVERY = {name: said.every(name) for name in installed()}
KINDS = sorted(EVERY["en"])


def words(text: str) -> list[str]:
    return re.findall(r"[\w'<>&-]+", text.casefold())


def numbers(message: bytes) -> list[str]:
    return sorted(re.findall(r"\d+", said.text(message)))


@pytest.mark.parametrize("language", EVERY)
@pytest.mark.parametrize("kind", KINDS)
def test_E01_every_mail_says_the_same_in_both_parts_in_every_language(kind: str, language: str) -> None:
    message = EVERY[language][kind]
    text, html = said.facts_of_text(message), said.facts_of_html(message)
    heading = re.findall(r"<h1[^>]*>(.*?)</h1>", said.html(message))
    assert sorted([*text[0], *words(" ".join(heading))]) == html[0]
    assert text[2] == html[2]


@pytest.mark.parametrize("kind", KINDS)
def test_E01_every_language_states_the_same_facts(kind: str) -> None:
    """The same numbers, times and links; only the words around them are others."""
    ours = EVERY["en"][kind]
    for name, mails in EVERY.items():
        theirs = mails[kind]
        assert sorted(re.findall(r"\d+", said.text(theirs))) == sorted(re.findall(r"\d+", said.text(ours))), (
            name
        )
        assert said.facts_of_html(theirs)[2] == said.facts_of_html(ours)[2]
        assert parsed(theirs)["Content-Language"] == name and f'<html lang="{name}"' in said.html(theirs)
        assert parsed(theirs)["Message-ID"] == parsed(ours)["Message-ID"]


def test_every_mail_is_said_in_german_to_whom_speaks_it() -> None:
    for kind, message in EVERY["de"].items():
        assert "Guten Tag Ada Example," in said.text(message), kind
        assert parsed(message)["Subject"] != parsed(EVERY["en"][kind])["Subject"], kind
    digest = " ".join(said.text(EVERY["de"]["digest"]).split())
    assert "mit dem einen Wort bestätigt in der ersten Zeile" in digest


@pytest.mark.parametrize("language", EVERY)
@pytest.mark.parametrize("kind", ["digest", "reminder"])
def test_E06_the_state_stands_in_the_first_forty_characters_in_every_language(
    kind: str, language: str
) -> None:
    many = [line(minutes=99, text=f"Client {n}") for n in range(58)]
    facts = said.digest(*many, envelope=envelope(kind=kind, language=language))
    subject = str(parsed(compose.digest(facts))["Subject"])
    assert re.findall(r"\d+", subject[:40]) == ["58", "95", "42"]
    assert "Client" not in subject and "ACME" not in subject


def test_a_reminder_and_a_look_back_have_ids_and_an_unsubscribe_of_their_own() -> None:
    for kind, ends in (("reminder", "/reminder"), ("lookback", "/look-back")):
        raw = EVERY["en"][kind]
        assert header(raw, "Message-ID").startswith(f"<{kind}.2026-11-20.c-23456789abcd@".encode())
        assert header(raw, "List-Unsubscribe") == f"<{BASE}/less/{TOKEN}{ends}>".encode()
        assert header(raw, "List-Unsubscribe-Post") == b"List-Unsubscribe=One-Click"
        assert "Reply-To" not in parsed(EVERY["en"][kind])


def test_a_look_back_sums_and_judges_nothing() -> None:
    plain = " ".join(said.text(EVERY["en"]["lookback"]).split())
    for expected in (
        "From 9 November to 15 November you confirmed 23 h 15 min.",
        "24 h 15 min are attributed, as an hour can count for two projects.",
        "ACME website 18 h 30 min attended, 19 h 30 min attributed",
        "You corrected 2 entries after confirming.",
        "Thursday, 12 November: 1 draft, 45 min, closed without a yes and not sent.",
        "This goes to you alone.",
    ):
        assert expected in plain
    assert parsed(EVERY["en"]["lookback"])["Subject"] == "Your week: 23 h 15 min confirmed"


def test_a_number_of_a_task_is_never_shown_to_a_person() -> None:
    there = Target(tool="Asana", task="1201000000000777", own=True)
    plain = said.text(compose.digest(said.digest(line(text="Press kit", target=there))))
    assert "goes to this task in Asana" in plain and "1201000000000777" not in plain


def test_in_the_text_a_number_stays_with_what_it_counts() -> None:
    for lead in range(60, 78):
        facts = said.lookback(envelope=envelope(kind="lookback", organisation="x" * (lead - 40)))
        rows = said.text(compose.lookback(facts)).splitlines()
        assert not [row for row in rows if re.search(r"\d$", row) and not row.endswith("2026")]


def test_E01_the_text_fits_into_78_columns() -> None:
    message = compose.digest(said.digest(*SEVERAL, line(text="word " * 40), line(text="x" * 200)))
    assert max(len(row) for row in said.text(message).splitlines() if "://" not in row) <= 78


def test_P6_each_draft_comes_with_its_because_and_where_it_goes() -> None:
    plain = said.text(compose.digest(said.digest(*SEVERAL)))
    assert plain.count("In your calendar; you accepted.") == 4
    assert "Internal · stays in Daybook · sure" in plain
    assert "ACME website · goes to WEB-12 in Jira · likely" in plain
    assert "ACME website · goes to Asana · sure" in plain
    assert "No title\n    45 min, 16:00-16:45\n    unsure, please look\n" in plain
    assert "  ! Choose a project." in plain
    assert "Confirm the 3 that are ready:" in plain


def test_where_nothing_is_ready_there_is_no_button_that_does_nothing() -> None:
    message = compose.digest(said.digest(SEVERAL[3]))
    assert "/confirm/" not in said.text(message) + said.html(message)


# --- size --------------------------------------------------------------------------------------------------


def test_E02_sixty_drafts_are_listed_and_stay_small() -> None:
    message = compose.digest(said.digest(*(line(text=f"Task {n}") for n in range(60))))
    assert "Task 59" in said.text(message)
    assert len(said.html(message).encode()) <= 60_000
    assert len(message) <= 100_000


def test_E02_more_than_sixty_are_counted() -> None:
    message = compose.digest(said.digest(*(line(text=f"Task {n}") for n in range(61))))
    assert "Task" not in said.text(message) + said.html(message)
    assert "61 drafts, too many to list here." in said.text(message)
    assert said.facts_of_text(message)[1:] == said.facts_of_html(message)[1:]


def test_E02_sixty_of_the_longest_titles_are_counted_too() -> None:
    longest = (line(text="😀&<" * 400, because="'\"<" * 400, project="<>" * 300) for _ in range(60))
    message = compose.digest(said.digest(*longest))
    assert len(said.html(message).encode()) <= 60_000
    assert len(message) <= 100_000
    assert "60 drafts, too many to list here." in said.text(message)


# --- headers, on the bytes ---------------------------------------------------------------------------------


def test_E03_the_headers_stand_in_the_bytes_as_they_must() -> None:
    raw = compose.digest(said.digest())
    expected = {
        "From": b"Daybook <daybook@northwind.example>",
        "To": b"Ada Example <ada@northwind.example>",
        "Date": b"Fri, 20 Nov 2026 07:30:00 +0000",
        "Message-ID": b"<digest.2026-11-20.c-23456789abcd@daybook.northwind.example>",
        "References": b"<digest.2026-W47.c-23456789abcd@daybook.northwind.example>",
        "Auto-Submitted": b"auto-generated",
        "X-Auto-Response-Suppress": b"All",
        "Content-Language": b"en",
        "List-Id": b"<digest.daybook.northwind.example>",
        "List-Unsubscribe": f"<{BASE}/less/{TOKEN}>".encode(),
        "List-Unsubscribe-Post": b"List-Unsubscribe=One-Click",
    }
    assert {name: header(raw, name) for name in expected} == expected
    assert b"Reply-To" not in raw


def test_E03_the_longest_address_of_a_page_is_still_raw_and_in_one_piece() -> None:
    host = ".".join(["a-rather-long-name-of-a-host"] * 7) + ".example"
    less = f"https://{host}/less/{TOKEN}"
    raw = compose.digest(said.digest(envelope=envelope(host=host, less=less)))
    assert header(raw, "List-Unsubscribe") == f"<{less}>".encode()
    assert header(raw, "Message-ID") == f"<digest.2026-11-20.c-23456789abcd@{host}>".encode()


def test_E03_a_name_in_any_letters_is_encoded_in_words_of_legal_length() -> None:
    facts = said.digest(envelope=envelope(name="Александра Константинопольская-Преображенская"))
    raw = compose.digest(facts)
    encoded = re.findall(rb"=\?utf-8\?[bq]\?[^?]*\?=", header(raw, "To"))
    assert len(encoded) > 1 and max(map(len, encoded)) <= 75
    whole = str(make_header(decode_header(header(raw, "To").decode())))
    assert whole == "Александра Константинопольская-Преображенская <ada@northwind.example>"


def test_every_line_is_seven_bit_and_short_enough_for_any_relay() -> None:
    raw = compose.digest(said.digest(*SEVERAL, line(text="Ünïcödé " * 9)))
    assert raw.isascii()
    body = raw.partition(b"\r\n\r\n")[2]
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_E06_the_subject_tells_the_state_and_no_name() -> None:
    def subject(*lines: Any) -> str:
        return str(parsed(compose.digest(said.digest(*lines)))["Subject"])

    assert subject(*SEVERAL) == "4 drafts, 5 h 15 min, nothing sent yet"
    assert subject(line(minutes=30)) == "1 draft, 30 min, nothing sent yet"
    assert len(subject(*[line(minutes=99)] * 99)) <= 40
    assert len(subject(*[line(minutes=10)] * 999)) <= 40


def test_E05_the_same_facts_give_the_same_bytes() -> None:
    assert compose.digest(said.digest(*SEVERAL)) == compose.digest(said.digest(*SEVERAL))
    assert compose.invitation(said.invitation()) == compose.invitation(said.invitation())


def test_E05_another_day_person_or_kind_is_another_mail() -> None:
    ids = {
        compose.message_id(kind, day, who, "daybook.northwind.example")
        for kind, day, who in itertools.product(("digest", "invitation"), (TODAY, YESTERDAY), ("c-2", "c-3"))
    }
    assert len(ids) == 8


def test_E05_the_digests_of_one_week_hang_together() -> None:
    def thread(day: date) -> str:
        return str(parsed(compose.digest(said.digest(envelope=envelope(day=day))))["References"])

    assert thread(TODAY) == thread(YESTERDAY) != thread(TODAY + timedelta(days=3))


anything = st.text(
    st.characters(exclude_categories=()) | st.sampled_from("\r\n\x00\x0b\x85\u2028\u2029\u202e,;:<>@\"'()=?"),
    max_size=120,
)


@settings(max_examples=150, deadline=None)
@given(name=anything, organisation=anything, text=anything, project=anything, because=anything)
def test_S07_whatever_people_are_called_and_write_it_is_one_mail_to_one_person(
    name: str, organisation: str, text: str, project: str, because: str
) -> None:
    facts = said.digest(
        line(text=text, project=project, because=because, target=Target(tool="Jira", task=text)),
        envelope=envelope(name=name, organisation=organisation),
    )
    raw = compose.digest(facts)
    plain = compose.digest(said.digest())
    names = [re.findall(rb"(?m)^([A-Za-z-]+):", one.partition(b"\r\n\r\n")[0]) for one in (raw, plain)]
    assert names[0] == names[1]
    message = parsed(raw)
    assert not message.defects
    assert [address.addr_spec for address in message["To"].addresses] == ["ada@northwind.example"]
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


def test_S07_a_title_cannot_break_its_line_nor_turn_the_text_around() -> None:
    title = "\u202enim 09\u2028ada@evil.example\r\nBcc: ben@northwind.example\x00\x07"
    message = compose.digest(said.digest(line(text=title)))
    assert "nim 09 ada@evil.example Bcc: ben@northwind.example\n" in said.text(message)
    for part in (said.text(message), said.html(message)):
        assert not re.search("[\u202e\u2028\x00\x07]", part)


def test_what_is_too_long_for_a_mail_is_cut_between_words_and_says_so() -> None:
    assert line(text="word " * 16).text == ("word " * 16).strip()
    assert line(text="word " * 17).text == ("word " * 15).strip() + "…"
    assert line(text="x" * 81).text == "x" * 79 + "…"


@pytest.mark.parametrize(
    "address", ["", "ada", "ada@", "ada@x.example, ben@x.example", "jörg@x.example", "a\n@b"]
)
def test_S07_what_is_no_single_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="mailed"):
        compose.digest(said.digest(envelope=envelope(address=address)))


# --- what a reader meets -----------------------------------------------------------------------------------


MAILS = [mail for mails in EVERY.values() for mail in mails.values()]


@pytest.mark.parametrize("message", MAILS)
def test_E11_nothing_is_fetched_and_every_link_leads_to_the_page(message: Any) -> None:
    source = said.html(message)
    shown = Shown(source)
    assert {tag for tag, _ in shown.tags} <= set(
        "html head meta title style body table tbody tr td h1 h2 p a b br span".split()
    )
    assert not re.search(r"url\(|@import|src=|http-equiv", source)
    for words, href in shown.links:
        assert href.startswith(BASE)
        assert "://" not in words and ".example" not in words


@pytest.mark.parametrize("message", MAILS)
def test_E12_the_html_says_its_language_title_and_one_heading(message: Any) -> None:
    shown = Shown(said.html(message))
    tags = [tag for tag, _ in shown.tags]
    assert ("html", {"lang": parsed(message)["Content-Language"], "dir": "ltr"}) in shown.tags
    assert tags.count("h1") == tags.count("title") == tags.count("table") == 1
    assert all(has["role"] == "presentation" for tag, has in shown.tags if tag == "table")


@pytest.mark.parametrize("message", MAILS)
def test_E12_every_text_can_be_read_also_when_a_mailbox_inverts_it(message: Any) -> None:
    for _, has in Shown(said.html(message)).tags:
        style = dict(part.split(":", 1) for part in (has.get("style") or "").split(";") if ":" in part)
        if colour := style.get("color"):
            ground = style.get("background", " #fcfbf8").strip()
            assert contrast(colour.strip(), ground) >= 4.5
            assert contrast(inverted(colour.strip()), inverted(ground)) >= 4.5


def test_E12_every_text_can_be_read_in_the_dark() -> None:
    sheet = (Path(daybook.mail.__file__).parent / "templates" / "dark.css").read_text()
    for rule in re.findall(r"\{([^{}]*)\}", sheet):
        style = dict(part.split(":", 1) for part in rule.replace("!important", "").split(";") if ":" in part)
        style = {name.strip(): value.strip() for name, value in style.items()}
        if "color" in style:
            assert contrast(style["color"], style.get("background", "#222624")) >= 4.5


def test_E12_styles_stand_on_the_elements_where_no_mailbox_drops_them() -> None:
    for tag, has in Shown(said.html(MAILS[0])).tags:
        assert has.get("style") or tag not in ("body", "table", "td", "h1", "h2", "a")


def inverted(colour: str) -> str:
    return "#" + "".join(f"{255 - int(colour[at : at + 2], 16):02x}" for at in (1, 3, 5))


def contrast(one: str, other: str) -> float:
    """WCAG 2's ratio of two colours."""

    def light(colour: str) -> float:
        parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


# --- the invitation ----------------------------------------------------------------------------------------


def test_P3_the_invitation_says_that_nothing_is_read_before_a_yes() -> None:
    plain = " ".join(said.text(compose.invitation(said.invitation())).split())
    assert (
        "Nothing about you is read yet. It begins only after you have read and acknowledged the policy."
        in plain
    )


def test_the_invitation_says_the_policy_in_plain_words() -> None:
    written = said.policy(
        private_events="ignore",
        reports=[
            {"who": "managers", "what": ["project", "category"], "cadence": "weekly", "roles": ["billed"]}
        ],
    )
    plain = " ".join(said.text(compose.invitation(said.invitation(policy=written))).split())
    for told in (
        "Two invoices were disputed this quarter.",
        "WHAT IS READ IN JIRA Title: The title of an issue. Weather.",
        "Screen and keyboard.",
        "Private events are left out.",
        "In Jira it can then be read by everyone who can see the issue.",
        "A weekly report about people in the role billed, by team, goes to managers on Wednesday: project "
        "and category. It counts confirmed time of groups, at least 8 people besides whoever reads it",
        "Evidence: What your calendar and tools said, for 45 days.",
        "Entries: What you confirmed, for 2 years.",
        "The policy holds from 1 November 2026. Once you acknowledge it, Daybook looks back 14 days",
        "WHOM TO ASK OR TO CONTRADICT ops@northwind.example",
    ):
        assert told in plain


def test_without_reports_the_invitation_says_so() -> None:
    assert "No reports are made of it." in said.text(compose.invitation(said.invitation()))


def test_who_agreed_before_is_told_that_the_policy_changed() -> None:
    message = compose.invitation(said.invitation(again=True))
    assert parsed(message)["Subject"] == "Please read the new policy first"
    assert "Reading has stopped" in said.text(message)


def test_the_invitation_is_no_list_to_unsubscribe_from() -> None:
    assert b"List-Unsubscribe" not in compose.invitation(said.invitation())
