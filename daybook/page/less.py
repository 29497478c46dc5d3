"""The daily mail, off and on again: one click, no login, at once (RFC 8058, E-04)."""

from __future__ import annotations

from starlette.responses import Response

from daybook import joining
from daybook.page import words
from daybook.page.door import Visit


def show(visit: Visit) -> Response:
    return visit.show("less.html", title=words.MAIL, said="", on=visit.who.contributor.digest_on)


def act(visit: Visit) -> Response:
    """Off, whatever the form says (a mail program sends its own), unless it asks for the mail again."""
    on = visit.stated("mail") == "on"
    joining.digest(visit.house, visit.who, on)
    return visit.show("less.html", title=words.MAIL, said="", on=on)
