"""The figures of digests: the mails of both sides say the same, and the table says how they compare."""

from __future__ import annotations

from bench import digests
from bench.digests import alone
from daybook.mail import compose
from tests.daybook.mail import said


def test_what_is_built_alone_says_what_ours_says():
    ours = compose.digest(said.digest())
    headers, text, page = alone.said(ours)
    theirs = alone.built(headers, text, page).as_bytes()
    assert alone.said(theirs)[1:] == (text, page)
    for name in ("Subject", "To", "List-Unsubscribe", "Message-ID"):
        assert said.parsed(theirs)[name] == said.parsed(ours)[name]


def test_the_table_says_how_they_compare():
    rows = {
        digests.OURS: {"seconds": 25.0, "processor": 20.0},
        digests.MAIL: {"seconds": 15.0, "processor": 12.0},
        digests.ALONE: {"seconds": 12.5, "processor": 10.0},
    }
    table = digests.table({"machine": "2 cores", "digests": 5_000, "length": 17_000, "rows": rows})
    assert f"| {digests.OURS} | 25.0 | 20.0 | 200 | 2.00 |" in table
    assert f"| {digests.MAIL} | 15.0 | 12.0 | 333 | 1.20 |" in table
    assert f"| {digests.ALONE} | 12.5 | 10.0 | 400 | 1.00 |" in table
