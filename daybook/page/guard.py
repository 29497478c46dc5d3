"""What holds for every answer: its headers, who may send forms, and that nothing breaks without words."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import FormData, Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from daybook.errors import Outside, Wrong
from daybook.page import words
from daybook.page.render import SCRIPT, plain

log = structlog.get_logger()

LARGEST_FORM = 1 << 20
"""Bytes; a thousand drafts confirmed at once are a tenth of it."""


def allowed(script: str) -> str:
    """How a policy names a script that stands in a page: by what it says, to the letter."""
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'self'; script-src {allowed(SCRIPT)}; "
    "connect-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex",
}


class Guard:
    """Around the whole page: a form from another site changes nothing (S-05), an answer lacks no header."""

    def __init__(self, app: ASGIApp, url: str) -> None:
        self._app = app
        self._origin = _origin(url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            await (self._refusal(scope) or self._app)(scope, receive, guarded)
        except Exception as error:
            known = isinstance(error, Outside | Wrong)
            reason: dict[str, Any] = {"reason": str(error)} if known else {"exc_info": error}
            log.error("page.broke", kind=scope["method"], **reason)
            if begun:
                raise
            form = scope.get("state", {}).get("form")
            await _apology(error, form)(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return None
        headers = Headers(scope=scope)
        if not self._is_ours(headers):
            return plain(403, words.FOREIGN)
        if "transfer-encoding" in headers or _length(headers) > LARGEST_FORM:
            return plain(413, words.TOO_LARGE)
        return None

    def _is_ours(self, headers: Headers) -> bool:
        """Whether our own page sent this form, as far as the sender says where it comes from."""
        if site := headers.get("sec-fetch-site"):
            return site in ("same-origin", "none")
        # "null": a page that hides where it is from, as ours does with Referrer-Policy: no-referrer
        origin = headers.get("origin", "null")
        return origin in ("null", self._origin) or urlsplit(origin).netloc == headers.get("host")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _length(headers: Headers) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isdecimal() else LARGEST_FORM + 1


def _apology(error: Exception, form: FormData | None) -> ASGIApp:
    if isinstance(error, Outside | Wrong):
        return plain(503, words.NOT_NOW, form=form)
    return plain(500, words.BROKE, form=form)
