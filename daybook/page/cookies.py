"""What a browser keeps for us, out of reach of scripts and of other hosts; and that the rest of it goes."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit

from starlette.responses import Response

from daybook.house import House


class Cookies:
    """The cookies of one house.

    Over http, which the configuration takes for this same machine alone, browsers differ in whether they
    accept `Secure` (Chromium does); so there it is left out, and with it the prefix that demands it.
    """

    def __init__(self, house: House) -> None:
        page = house.configuration.page
        self._secure = page is not None and urlsplit(page.url).scheme == "https"

    def name(self, what: str) -> str:
        return f"{'__Host-' if self._secure else ''}daybook-{what}"

    def give(
        self,
        response: Response,
        what: str,
        value: str,
        lasts: timedelta,
        same_site: Literal["strict", "lax"] = "strict",
    ) -> None:
        """Takes    same_site: lax for what must come along when another site sends the browser back"""
        response.set_cookie(
            self.name(what),
            value,
            max_age=int(lasts.total_seconds()),
            secure=self._secure,
            httponly=True,
            samesite=same_site,
        )

    def drop(self, response: Response, what: str) -> None:
        response.delete_cookie(self.name(what), secure=self._secure, httponly=True, samesite="strict")


def emptied(response: Response) -> Response:
    """With this answer goes what our script keeps in that browser, in all of its tabs: words not saved yet.

    Source   W3C, Clear Site Data
    """
    response.headers["Clear-Site-Data"] = '"storage"'
    return response
