"""How titles are compared, and which issue keys in them are believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.wording import fold, issue_key, project_key, words

from .says import says


@pytest.mark.parametrize(
    ("sought", "title", "found"),
    [
        ("food", "Food with Ben", True),
        ("Food", "FoodTruck", False),
        ("food", "seafood", False),
        ("food", "food2go", False),
        ("food", "(FOOD)", True),
        ("food", "food_tasting", True),
        ("stand up", "Daily Stand-up!", True),
        ("stand-up", "stand up", True),
        ("stand up", "up, stand", False),
        ("stand up", "stand them up", False),
        ("acme call", "ACME: call about the ACME site", True),
        ("Café", "CAFÉ with Mara", True),
        ("Café", "Cafe\u0301 with Mara", True),
        ("Cafe", "Café with Mara", False),
        ("Caf", "Café with Mara", False),
        ("straße", "STRASSE", True),
        ("ΣΊΣΥΦΟΣ", "σίσυφος", True),
        ("планёрка", "ПЛАНЁРКА команды", True),
        ("план", "планёрка", False),
        ("हिन्दी", "हिन्दी पाठ", True),
        ("हिन्द", "हिन्दी पाठ", False),
        ("会議", "週次会議", True),
        ("会議", "議会", False),
        ("acme", "acme会議", True),
        ("ミーティング", "定例ミーティング", True),
        ("회의", "주간회의", True),
        ("acme", "\uff21\uff23\uff2d\uff25 web", True),
        ("𠮷野", "新𠮷野家", True),
        ("สวัสดี", "๏สวัสดี๚", True),
        ("acme", "🎉acme🎉", True),
        ("", "", True),
    ],
)
@says("text is matched as whole words without regard to case", "so that Food never swallows FoodTruck")
def test_whole_words_are_found_as_people_read_them(sought: str, title: str, found: bool) -> None:
    assert (words(sought) in words(title)) is found


@given(st.text())
def test_each_word_has_a_space_on_both_sides(text: str) -> None:
    row = words(text)
    assert row == "" or (row[0] == row[-1] == " " and "  " not in row)


@given(st.text(alphabet="abcXYZ äÖß-é会", max_size=8), st.text(alphabet="abcXYZ äÖß-é会", max_size=8))
def test_words_stay_found_whatever_stands_around_them(sought: str, other: str) -> None:
    assert words(sought) in words(f"{other} {sought}, {other}")


def test_folding_forgets_case_and_spelling_only() -> None:
    assert fold("Ada@Northwind.Example") == "ada@northwind.example"
    assert fold("Zu\u0308rich") == fold("ZÜRICH") != fold("Zurich")


@pytest.mark.parametrize(
    ("task", "container", "key"),
    [
        ("WEB-12", "WEB", "WEB"),
        ("ops-7", "Ops", "OPS"),
        ("1201", "Website", None),
        ("WEBSITE-1", "WEB", None),
        (None, "WEB", None),
        ("WEB-12", None, None),
        ("-12", "", None),
    ],
)
def test_a_container_names_its_tasks_where_their_names_begin_with_its_own(
    task: str | None, container: str | None, key: str | None
) -> None:
    """Whatever the tool: it need not be Jira."""
    assert project_key(task, container) == key


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("WEB-12 review", "WEB-12"),
        ("review of web-12", "WEB-12"),
        ("[WEB-12] review", "WEB-12"),
        ("review WEB-12.", "WEB-12"),
        ("review WEB-12, then WEB-13", "WEB-12"),
        ("WEB-12/WEB-13", "WEB-12"),
        ("WEB-12-login-form", "WEB-12"),
        ("https://northwind.example/browse/WEB-12", "WEB-12"),
        ("会議 WEB-12", "WEB-12"),
        ("COVID-19 rules, then WEB-12", "WEB-12"),
        ("A_B2-7", "A_B2-7"),
        ("COVID-19 rules", None),
        ("UTF-8 trouble", None),
        ("ISO-9001 audit", None),
        ("F-16, B-52, Q-3", None),
        ("WEB 12", None),
        ("WEB-", None),
        ("WEB-0", None),
        ("WEB-012", None),
        ("WEB-2026-11-20", None),
        ("WEB-12.5 release", None),
        ("web-12.northwind.example is down", None),
        ("see MY-WEB-12", None),
        ("XWEB-12", None),
        ("ÄWEB-12", None),
        ("WEB-12b", None),
        ("WEB-12_old", None),
        ("WEB-1234567890", None),
        ("WEB-\u0661\u0662", None),
        ("", None),
    ],
)
@says("Known issue keys inside a title (WEB-12) count as a task only if that project exists at the source")
def test_an_issue_key_is_believed_only_where_its_project_exists(title: str, key: str | None) -> None:
    assert issue_key(title, {"WEB", "A_B2"}) == key


def test_a_look_alike_is_an_issue_where_somebody_named_a_project_so() -> None:
    assert issue_key("UTF-8 trouble", {"UTF"}) == "UTF-8"
    assert issue_key("UTF-8 trouble", set()) is None
