"""The languages people are spoken to in: each whole, each true to the English, and a third is one file."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from html import escape, unescape
from itertools import chain
from pathlib import Path

import pytest
from babel.messages import Catalog
from starlette.routing import Route

from config.load import Unfit
from connectors.contract import Refused
from connectors.memory import Memory
from core.exits import Measured, Stop, stops
from core.mapping import Mappings
from core.model import Activity
from core.said import Said
from core.suggest import suggest
from daybook import deeds, languages, wiring
from daybook.billing import EXPORTED
from daybook.house import House, Member
from daybook.languages import FOLDER, Later, files, language, speaking
from daybook.links import GRANTED, PURPOSES, Purpose
from daybook.page import words
from daybook.page.app import create
from daybook.page.stating import minutes
from daybook.words import clock, drafts, duration, long_day, short_day
from docs.languages import missing, renewed, said, written
from tests.core.day_sheet import contributor_day
from tests.daybook.conftest import YESTERDAY, draft, drafted, member, minted
from tests.daybook.mail import said as facts
from tests.daybook.mail.said import every
from tests.daybook.page.browser import Browser

FILES = sorted(FOLDER.glob("*.po"))
TOKEN = re.compile(r"(<[^>]*>|\{\w*\}|%\(\w+\)s|%s|%d)")
"""What a translation leaves as it is: elements and the places that are filled in."""
BEGINS, ENDS = "⟦", "⟧"


@pytest.fixture(scope="module")
def english() -> Catalog:
    return said()


# --- the files ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_language_says_all_there_is_to_say_and_nothing_else(file: Path, english: Catalog) -> None:
    """Red? Run: python -m docs.languages, and translate what it names."""
    held, now = files.read(file), renewed(file, english)
    assert missing(now) == []
    assert {(one.context, str(one.id)) for one in held} == {(one.context, str(one.id)) for one in now}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_is_only_guessed(file: Path) -> None:
    assert [one.id for one in files.read(file) if one.id and one.fuzzy] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_is_filled_in_is_the_same_in_every_language(file: Path) -> None:
    translated = [one for one in files.read(file) if one.id and one.string]
    assert len(translated) > 500
    assert [one.id for one in translated if not files.fits(one.id, one.string)] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_elements_stand_in_every_language_as_they_stand_in_english(file: Path) -> None:
    """A translation is shown as it is written: it may bring along no element of its own."""
    for one in files.read(file):
        theirs = one.string if isinstance(one.string, list | tuple) else [one.string]
        ours = one.id if isinstance(one.id, list | tuple) else [one.id]
        for text in filter(None, theirs if one.id else ()):
            assert set(re.findall("<[^>]*>", text)) == set(re.findall("<[^>]*>", ours[-1])), text


def test_a_sentence_that_fills_in_something_else_is_said_in_english(third: Path) -> None:
    """A slip in a file costs one sentence, never a page."""
    catalog = Catalog(locale="fi")
    catalog.add("Booked on {project}", "Kirjattu: {projekti}")
    catalog.add("Dismissed.", "Hylätty.")
    written(third, catalog)
    with speaking("fi"):
        assert words.booked("ACME") == "Booked on ACME"
        assert str(words.SAID["dismissed"]) == "Hylätty."


# --- how a language writes ---------------------------------------------------------------------------------


def test_days_and_lengths_are_written_as_the_language_writes_them() -> None:
    monday = date(2026, 11, 2)
    assert (long_day(monday), short_day(monday), duration(75)) == (
        "Monday, 2 November",
        "Mon 2 Nov",
        "1 h 15 min",
    )
    with speaking("de"):
        assert (long_day(monday), short_day(monday)) == ("Montag, 2. November", "Mo. 2. Nov.")
        assert duration(75) == "1 h 15 min"


@pytest.mark.parametrize("spoken", ["en", "de"])
@pytest.mark.parametrize("typed", ["1,5 h", "1.5h", "1h 30m", "1:30", "90", "90 min"])
def test_a_length_is_read_with_comma_and_point_in_every_language(spoken: str, typed: str) -> None:
    with speaking(spoken):
        assert minutes(typed) == 90


@pytest.mark.parametrize("typed", ["1,5 Std.", "1 Std. 30 Min.", "90 Minuten"])
def test_a_length_is_read_in_the_units_of_its_language(typed: str) -> None:
    with speaking("de"):
        assert minutes(typed) == 90


@pytest.mark.parametrize("spoken", ["en", "de"])
def test_what_a_form_shows_of_a_length_it_reads_again(spoken: str) -> None:
    with speaking(spoken):
        assert [minutes(words.typed(length)) for length in range(1, 600)] == list(range(1, 600))


def test_a_sentence_of_a_module_is_said_in_the_language_of_the_moment() -> None:
    later = Later("Dismissed.")
    with speaking("de"):
        assert (str(later), f"{later}", later.format()) == ("Verworfen.",) * 3
    assert str(later) == later == "Dismissed."


# --- whose language ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "spoken"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("fr, en;q=0.4, de;q=0.6", "de"),
        ("EN-us", "en"),
        ("de;q=0, fr", "en"),
        ("", "en"),
        ("*" * 10_000, "en"),
    ],
)
def test_before_anybody_is_known_it_is_the_language_of_their_browser(
    header: str, spoken: str, house: House
) -> None:
    page = Browser(create(house), headers={"Accept-Language": header}).open("/")
    assert f'<html lang="{spoken}"' in page.answer.text


def test_what_was_kept_is_said_in_the_language_of_whoever_reads_it(house: House, ada: Member) -> None:
    """Why it stopped, who looked, why a tool refused: kept once, read by Ada in German and in English."""
    now = house.clock()
    refused = Refused(
        Said("The time on {task} was removed in Jira. Nothing was written; confirm it anew.", task="WEB-1")
    )
    drafted(house, ada, draft("a"))
    assert deeds.confirm(house, ada, YESTERDAY).done
    (why,) = stops(Stop(), Measured(opt_outs=3))
    with house.store.writing() as tx:
        tx.rollout.add(now, "stopped", "normal", why, "{}")
        tx.access.log(
            ada.id, now, "billing otto", "entry", Said(EXPORTED, client="ACME", month="2026-10", who="otto")
        )
        (filed,) = tx.postings.of(ada.id, YESTERDAY)
        told = {"state": "refused", "reason": refused.said}
        assert tx.postings.save(filed.posting.model_copy(update=told), filed.version)
    shown = {}
    for spoken in ("de", "en"):
        there = replace(house, configuration=house.configuration.model_copy(update={"language": spoken}))
        browser, day, own = Browser(create(there)), minted(there, ada), minted(there, ada, "own")
        read = browser.send(f"{own}/seen", [])
        shown[spoken] = " ".join([browser.open(f"{day}?on={YESTERDAY}").text, read.text])
    for german in (
        "Seit es begann, sind 3 Personen ausgestiegen.",
        "Stunden von ACME für 2026-10 wurden für Rechnungen ausgegeben, von otto.",
        "Die Zeit auf WEB-1 wurde in Jira entfernt.",
    ):
        assert german in shown["de"] and german not in shown["en"]
    assert "The time on WEB-1 was removed in Jira." in shown["en"] and "removed" not in shown["de"]


def test_a_language_without_a_file_is_refused_at_its_line(tmp_path: Path) -> None:
    file = tmp_path / "daybook.yaml"
    file.write_text("version: 1\nlanguage: dx\npeople:\n- {name: Ada, email: ada@x.example, language: fr}\n")
    with pytest.raises(Unfit) as unfit:
        wiring.read(file, secrets=False)
    assert "2:" in str(unfit.value) and "language  is 'dx'; there are en or de." in str(unfit.value)
    assert "4:" in str(unfit.value) and "people[0].language  is 'fr'" in str(unfit.value)


# --- a third language is one file --------------------------------------------------------------------------


@pytest.fixture
def third(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where somebody drops one more file."""
    for file in FILES:
        shutil.copy(file, tmp_path)
    monkeypatch.setattr(languages, "FOLDER", tmp_path)
    language.cache_clear()
    yield tmp_path / "fi.po"
    language.cache_clear()


@pytest.fixture
def made_up(third: Path, english: Catalog) -> str:
    written(third, in_brackets("fi", english))
    return "fi"


def in_brackets(name: str, english: Catalog) -> Catalog:
    """Every text in brackets, and longer by two fifths: what is outside of them, nobody marked.

    Of what counts, each form but the first says which it is.
    """
    catalog = Catalog(locale=name)
    for one in english:
        if isinstance(one.id, str) and one.id:
            catalog.add(one.id, longer(one.id), context=one.context)
        elif one.id:
            forms = [f"{longer(one.id[bool(form)])}{form or ''}" for form in range(catalog.num_plurals)]
            catalog.add(one.id, forms, context=one.context)
    return catalog


def longer(text: str) -> str:
    return f"{BEGINS}{text}{'·' * (2 * len(text) // 5)}{ENDS}"


@pytest.fixture
def from_the_right(third: Path, english: Catalog) -> str:
    """A language that is written from right to left and counts in six forms."""
    catalog = in_brackets("ar", english)
    clock = catalog.get("HH:mm", "clock")
    assert clock is not None
    clock.string = "h:mm a"
    written(third.with_name("ar.po"), catalog)
    return "ar"


@pytest.fixture
def abroad(house: House, made_up: str) -> House:
    """The same people, all spoken to in the made-up language."""
    return replace(house, configuration=house.configuration.model_copy(update={"language": made_up}))


DATA = re.compile(
    r"<(bdi|time|textarea|kbd|title|svg|datalist)\b.*?</\1>"
    r'|<span class="(?:mark|version)">.*?</span>|<option value="[^"]+"[^>]*>.*?</option>',
    re.DOTALL,
)
"""What stands on a page and was said by no sentence of ours: names, titles, times, the words of people."""
SHOWN_ATTRIBUTES = re.compile(r'(?:aria-label|placeholder|data-lost|data-find)="([^"]*)"')


def unmarked(html: str) -> list[str]:
    """The words of a page that are outside of every bracket."""
    body = html[html.index("<body") :]
    text = " ".join(
        [re.sub("<[^>]*>", " ", DATA.sub(" ", body)), *SHOWN_ATTRIBUTES.findall(DATA.sub(" ", body))]
    )
    depth, outside = 0, []
    for piece in re.split(f"([{BEGINS}{ENDS}])", text):
        if piece in (BEGINS, ENDS):
            depth += 1 if piece == BEGINS else -1
        elif not depth:
            outside += re.findall(r"[^\W\d_]{2,}", unescape(piece))
    return [word for word in outside if word not in ("WEB",)]


THEIRS = " ".join(["ACME call website", "acme web", *chain(*Memory.tracks.items())])
OURS_NOWHERE = set(re.findall(r"\w+", f"{THEIRS} {THEIRS.title()}"))
"""Words of the drafts and of a connector that is not ours, where no element says that they are theirs."""
OF_A_DAY = ("add", "week", "policy", "learnt", "connections", "answers", "rollout", "wrong")
OF_THEIR_OWN = ("", "mine", "seen", "learnt", "mail", "delegates", "reports", "rollout", "wrong")


FACTS = {
    word.lower()
    for node in ast.walk(ast.parse(Path(facts.__file__).read_text("utf-8")))
    if isinstance(node, ast.Constant) and isinstance(node.value, str)
    for word in re.findall(r"[^\W\d_]{2,}", node.value)
}
"""What the mails of the tests are about; whoever gathers it has it said, as on the page."""


def test_the_search_for_unmarked_words_finds_one() -> None:
    assert unmarked(f"<body>{BEGINS}a <b>word</b>{ENDS} of <bdi>Ada</bdi> <i>ours</i>") == ["of", "ours"]


def test_a_third_language_is_one_file_on_the_page(abroad: House) -> None:
    drafted(abroad, ada := member(abroad, "Ada"), draft("calendar:1"), draft("calendar:2", project=None))
    browser, link, own = Browser(create(abroad)), minted(abroad, ada), minted(abroad, ada, "own")
    drafted_there = re.findall(r'href="[^"]*/(edit[?]draft=[^"]*)"', browser.open(link).answer.text)
    of_a_day = ["", *drafted_there, drafted_there[0].replace("edit", "cut"), *OF_A_DAY]
    pages = [
        *(f"{link}/{below}" if below else link for below in of_a_day),
        *(f"{own}/{below}" if below else own for below in OF_THEIR_OWN),
        minted(abroad, ada, "confirm"),
        minted(abroad, ada, "less"),
        "/day/bbda-nothing",
        "/nowhere",
        "/",
    ]
    shown = [browser.open(address).answer.text for address in pages]
    assert all('<html lang="fi"' in page for page in shown)
    assert {word for page in shown for word in unmarked(page)} - OURS_NOWHERE == set()


def test_a_third_language_is_one_file_in_every_refusal_and_before_a_delegate(abroad: House) -> None:
    """Each address that acts is sent forms it cannot take; each that a delegate opens is opened."""
    drafted(abroad, ada := member(abroad, "Ada"), draft("calendar:1"))
    browser, answered = Browser(create(abroad)), []
    for path, purpose, method in sorted(opened_by_a_link(abroad)):
        address = re.sub(r"/\w+/{token}", lambda _: minted(abroad, ada, purpose), path, count=1)  # noqa: B023
        if method == "POST":
            answered.append((path, browser.send(address, UNFIT).answer))
        elif purpose in GRANTED:
            answered.append((path, browser.open(address).answer))
    shown = [(path, one) for path, one in answered if "html" in one.headers.get("content-type", "")]
    assert len(shown) > 40 and {422, 409, 404} <= {one.status_code for _, one in shown}
    unsaid = {(path, word) for path, one in shown for word in unmarked(one.text)}
    assert {one for one in unsaid if one[1] not in OURS_NOWHERE} == set()


UNFIT = [
    ("on", f"{YESTERDAY}"),
    ("draft", "gone"),
    ("revision", "1"),
    ("length", "?"),
    ("until", "2027-12-31"),
]


def opened_by_a_link(house: House) -> Iterator[tuple[str, Purpose, str]]:
    """Path, what its token is for, and method."""
    for route in create(house).routes:
        assert isinstance(route, Route) and route.methods is not None
        _, purpose, token, *_rest = [*route.path.split("/"), ""]
        if token == "{token}" and purpose in PURPOSES and not re.search("{(?!token)", route.path):
            yield from ((route.path, purpose, method) for method in route.methods - {"HEAD"})


def test_a_third_language_is_one_file_in_the_because(abroad: House) -> None:
    day = contributor_day(say=abroad.language(member(abroad, "Ada")).sentences)
    at = {"start": "2026-11-19T09:00:00+01:00", "end": "2026-11-19T10:00:00+01:00"}
    told = {"source": "google", "uid": "call", "kind": "meeting", "title": "call", "response": "accepted"}
    suggestions, _ = suggest(day, [Activity.model_validate(told | at)], Mappings({}, ()))
    said = [reason.sentence for one in suggestions for reason in one.because]
    assert said and all(sentence.startswith(BEGINS) for sentence in said)


def test_a_third_language_is_one_file_in_every_mail(made_up: str) -> None:
    for message in every(made_up).values():
        headers = facts.parsed(message)
        assert headers["Content-Language"] == made_up
        assert headers["Subject"].startswith(BEGINS), "no name, and no word of English"
        text = re.sub(r"https?://\S+", "", facts.text(message))
        assert text.startswith(BEGINS)
        for part in (facts.html(message), f"<body>{escape(text)}"):
            assert {word.lower() for word in unmarked(part)} - FACTS == set(), headers["List-Id"]


# --- from right to left, in six forms, by the clock of twelve ----------------------------------------------


def test_W07_a_page_and_a_mail_run_as_their_language_is_written(house: House, from_the_right: str) -> None:
    browser = Browser(create(house), headers={"Accept-Language": from_the_right})
    assert '<html lang="ar" dir="rtl"' in browser.open("/").answer.text
    assert '<html lang="en" dir="ltr"' in Browser(create(house)).open("/").answer.text
    mails, ours = every(from_the_right), every("en")
    for kind, message in mails.items():
        assert facts.html(message).count('dir="rtl"') == 2, (
            "clients take the html element away, never the sheet"
        )
        assert "text-align: right" in facts.html(message) and "text-align: left" not in facts.html(message)
        assert facts.html(ours[kind]).count('dir="ltr"') == 2


def test_W07_a_language_counts_in_as_many_forms_as_it_has(from_the_right: str) -> None:
    with speaking(from_the_right):
        said = [drafts(number) for number in (0, 1, 2, 5, 100, 50)]
    assert [text.rpartition(ENDS)[2] for text in said] == ["", "1", "2", "3", "4", "5"]


def test_W07_a_language_says_whether_its_clock_has_twelve_hours(from_the_right: str) -> None:
    afternoon = datetime(2026, 11, 2, 13, 30, tzinfo=UTC)
    assert clock(afternoon) == "13:30"
    with speaking(from_the_right):
        assert clock(afternoon).startswith("1:30 ")


def test_W07_one_entry_makes_an_english_of_its_own(third: Path) -> None:
    catalog = Catalog(locale="en_US")
    catalog.add("HH:mm", "h:mm a", context="clock")
    written(third.with_name("en-US.po"), catalog)
    with speaking("en-US"):
        said = clock(datetime(2026, 11, 2, 13, 30, tzinfo=UTC)), drafts(3)
    assert said == ("1:30 PM", "3 drafts")
