"""Which earlier titles a new one is like (core/likeness.py)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.likeness import NEAREST, Titles

WEB, APP = "title:jira:WEB:", "title:jira:APP:"


def nearest(new: str, *earlier: str) -> list[str]:
    return [
        one.about.rpartition(":")[2] for one in Titles([WEB + title for title in earlier]).like(WEB + new)
    ]


def test_a_rare_word_says_more_than_a_common_one():
    common = [f"{thing} page" for thing in ("first", "later", "other", "start")]
    assert nearest("claim page", *common, "claim form")[0] == "claim form"


def test_the_same_title_is_the_nearest_of_all():
    (first, *rest) = Titles([WEB + "fix the login", WEB + "fix the login page"]).like(WEB + "fix the login")
    assert first.about == WEB + "fix the login"
    assert first.nearness > 0.99 > rest[0].nearness


def test_the_same_words_elsewhere_are_less_near():
    here, there = Titles([APP + "weekly call", WEB + "weekly call"]).like(WEB + "weekly call")
    assert (here.about, there.about) == (WEB + "weekly call", APP + "weekly call")
    assert here.nearness > there.nearness


def test_what_shares_no_word_is_found_by_its_letters():
    assert nearest("standup", "stand up", "stand alone", "upstairs") == ["stand up"]


def test_a_word_spelled_a_little_otherwise_is_nearer_than_another_word():
    assert nearest("load bordereaux", "load claims", "load bordereau")[0] == "load bordereau"


def test_sharing_a_place_alone_is_no_likeness():
    assert nearest("alpha", "omega", "lambda") == []
    assert Titles([]).like(WEB + "alpha") == []


titles = st.lists(st.text("ab cd", min_size=1).map(str.strip).filter(bool), unique=True, max_size=30)


@given(titles, st.text("ab cd", min_size=1).map(str.strip).filter(bool))
def test_likeness_is_a_part_of_one_and_does_not_depend_on_the_order(earlier, new):
    found = Titles([WEB + title for title in earlier]).like(WEB + new)
    assert len(found) <= NEAREST
    assert all(0 <= one.nearness <= 1 + 1e-9 for one in found)
    assert {one.about for one in found} == {
        one.about for one in Titles([WEB + title for title in reversed(earlier)]).like(WEB + new)
    }
