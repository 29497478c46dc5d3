"""The pictures of docs/images/every leave no page out."""

from __future__ import annotations

import re

from starlette.routing import Route

from daybook.house import House
from daybook.page.app import create
from docs.every import PAGES

NO_PAGE = r"/asker|/healthz|/readyz|/(style|icon|quick)\.\w+\.\w+|/connect/.+"
"""What answers with something else, or leads on at once."""
ELSEWHERE = r"/(prepare|delegate)/.+"
"""The policy of the demonstration lets nobody prepare another's day; tests/checks looks at these."""
ALIKE = r".+/(csv|look-back|reminder)"
"""A file, and links of a mail to a page that is there by another."""


def test_every_page_has_its_picture(house: House) -> None:
    there = {
        route.path
        for route in create(house).routes
        if isinstance(route, Route) and "GET" in (route.methods or ())
    }
    pictured = {(purpose or "", rest.partition("?")[0]) for purpose, rest in PAGES.values()}
    rests = {rest for _, rest in pictured if rest}
    left = []
    for path in there:
        purpose, _, rest = path.removeprefix("/").partition("/{token}")
        shown = rest in rests or (purpose, rest) in pictured or path in rests
        if not (shown or re.fullmatch(f"{NO_PAGE}|{ELSEWHERE}|{ALIKE}", path)):
            left.append(path)
    assert left == []
