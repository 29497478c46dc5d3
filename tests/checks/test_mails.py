"""Every mail's HTML before judges that are not ours, and what the ten commonest clients make of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Route

from daybook.house import House, Member
from tests.checks import judges
from tests.checks.conftest import Judge
from tests.daybook.test_visibility import WAYS, configuration, house, occasion, planted, post

__all__ = ["configuration", "house", "occasion", "planted", "post"]

CLIENTS = [
    "gmail.desktop-webmail",
    "gmail.ios",
    "gmail.android",
    "apple-mail.macos",
    "apple-mail.ios",
    "outlook.windows",
    "outlook.macos",
    "outlook.ios",
    "yahoo.desktop-webmail",
    "samsung-email.android",
]
OF_THE_CLIENT = {"landmark-one-main", "region"}
"""Rules of axe: a mail is shown inside the page of a client, which has landmarks of its own."""
DONE_WITHOUT = {
    "@media": "dark colours are an extra; those beside them keep their contrast when a client inverts them",
    "<body> element": "its margin and colour; the sheet inside has its own",
    "border-radius": "corners are sharp",
    "border-spacing": "the sheet has no cells whose gaps could be seen",
    "height property": "of lines that are as tall as their words anyway",
    "overflow": "all of a long title is shown",
    "white-space": "a time or a sum may take two lines",
    "overflow-wrap": "the sheet scrolls under a single word that is wider than it",
}
"""What some of them do not support, and why nothing is lost where it is missing."""


@pytest.fixture(params=sorted(WAYS))
def html(
    request: pytest.FixtureRequest, house: House, planted: Member, post: list[EmailMessage], occasion: Any
) -> str:
    """Each kind of mail as Ada gets it, in the longer of its languages; a new kind is here by itself."""
    occasion(request.param)
    in_german = house.configuration.model_copy(update={"language": "de"})
    WAYS[request.param](replace(house, configuration=in_german), planted)
    (message,) = post
    body = message.get_body(("html",))
    assert body is not None
    assert 'lang="de"' in body.get_content()
    return str(body.get_content())


def test_E11_E12_a_mail_is_legible_in_light_and_dark_at_every_width_and_fetches_nothing(
    html: str, context: Callable[..., BrowserContext], modules: Path
) -> None:
    page = context(reduced_motion="reduce").new_page()
    watch = judges.Watch(page)

    def answer(route: Route) -> None:
        route.fulfill(body=html, content_type="text/html; charset=utf-8")

    page.route("**", answer)
    page.goto("https://mail.example/")
    found = [one for one in judges.axe(page, modules) if one.split()[1].rstrip(":") not in OF_THE_CLIENT]
    found += judges.laid_out(page)
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {said}" for said in judges.axe(page, modules, "color-contrast")]
    assert len(watch.asked) == 1
    assert "\n".join(found + watch.complaints) == ""


def test_no_client_of_the_ten_commonest_lacks_what_a_mail_needs(html: str, node: Judge) -> None:
    (found,) = node(mails=[html], clients=CLIENTS)["mails"]
    lacking = sorted(
        {f"{one['client']}: {one['title']}" for one in found if one["title"] not in DONE_WITHOUT}
    )
    assert "\n".join(lacking) == ""


def test_a_client_that_lacks_something_is_seen(node: Judge) -> None:
    planted = "<p style='display: grid'>A mail</p>"
    (found,) = node(mails=[planted], clients=CLIENTS)["mails"]
    assert {one["client"] for one in found if one["title"] == "display:grid"} >= {"outlook.windows"}
