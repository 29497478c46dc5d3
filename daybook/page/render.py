"""Templates into answers: everything is escaped, and nothing is marked as safe but our own script."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from daybook.languages import language, spoken
from daybook.languages.templates import Speaking
from daybook.page.shown import readers
from daybook.page.words import Notice, duration, vanished
from daybook.words import (
    capital,
    clock,
    drafts,
    full_date,
    long_day,
    often,
    period,
    short_day,
)

if TYPE_CHECKING:
    from daybook.papers import Paper
    from daybook.policy_text import Text

STATIC = files("daybook.page") / "static"
PROOF = "proof"
WRITTEN = ("text", "sentence", "length", "task", "category", "address")
"""Fields that people write into."""
_FORM = re.compile(r'<form method="post"[^>]*>')
CONTENT_TYPES = {"css": "text/css", "svg": "image/svg+xml; charset=utf-8"}
UNCHANGING = "public, max-age=31536000, immutable"
"""A file whose name says what is in it never changes."""


def _named(name: str) -> tuple[str, bytes]:
    content = (STATIC / name).read_bytes()
    stem, _, suffix = name.partition(".")
    return f"/{stem}.{sha256(content).hexdigest()[:12]}.{suffix}", content


STYLE, ICON = _named("style.css"), _named("icon.svg")
"""(address, content) of the only two files a page may need beside itself."""
SCRIPT = (STATIC / "quick.js").read_text("utf-8")
"""Stands in the page: a phone would open another connection for it, and paint later."""


@cache
def _environment(name: str) -> Environment:
    environment = Speaking(
        language(name),
        loader=PackageLoader("daybook.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    script = Markup(SCRIPT)  # noqa: S704 # nosec B704 - a file of ours
    environment.globals.update(style=STYLE[0], icon=ICON[0], script=script)
    environment.filters.update(
        duration=duration,
        readers=readers,
        drafts=drafts,
        often=often,
        long_day=long_day,
        short_day=short_day,
        full_date=full_date,
        period=period,
        capital=capital,
        clock=clock,
        vanished=vanished,
    )
    return environment


def _template(name: str) -> Template:
    """In the language that is being spoken."""
    return _environment(spoken().name).get_template(name)


def page(template: str, status: int = 200, *, proof: str = "", **shown: Any) -> HTMLResponse:
    """Takes    proof: what every form on it brings back; no template can forget it"""
    text = _template(template).render(**shown)
    if proof:
        # what people typed is escaped, so whatever looks like a form here is one
        text = _FORM.sub(rf'\g<0><input type="hidden" name="{PROOF}" value="{proof}">', text)
    return HTMLResponse(text, status)


def on_one_sheet(text: Text) -> str:
    """The policy as a file of its own, that prints on one page."""
    return _template("policy_sheet.html").render(text=text)


def on_paper(paper: Paper) -> str:
    """A file of its own, to print or to send."""
    return _template("paper.html").render(paper=paper)


def asset(path: str, content: bytes) -> Response:
    kind = CONTENT_TYPES[path.rpartition(".")[2]]
    return Response(content, media_type=kind, headers={"Cache-Control": UNCHANGING})


def plain(
    status: int,
    notice: Notice,
    *,
    there: str | None = None,
    name: str = "",
    form: Mapping[str, object] | None = None,
) -> HTMLResponse:
    """A page that only says something.

    Takes    there: where the provider of this name signs out who signed out here
             form: one that was not taken; what somebody wrote into it is given back (W-06)
    """
    title, *sentences = notice
    shown: dict[str, Any] = {"title": title, "sentences": sentences, "there": there, "name": name}
    return page("plain.html", status, written=written(form or {}), **shown)


def written(form: Mapping[str, object]) -> list[str]:
    """What somebody wrote into a form, in words of their own."""
    return [said for field in WRITTEN if isinstance(said := form.get(field), str) and said.strip()]
