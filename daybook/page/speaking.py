"""In which language a page is: that of who looks at it; before anybody is known, that of their browser."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from core.visibility import Matter
from daybook.languages import speaking, wished
from daybook.links import Purpose
from daybook.page.door import Answer, Endpoint, To, Visit


class Browsers:
    """Around the whole page: what is said to nobody in particular is in their browser's language."""

    def __init__(self, app: ASGIApp, otherwise: str) -> None:
        self._app = app
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        header = Headers(scope=scope).get("accept-language", "")
        with speaking(wished(header, self._otherwise)):
            await self._app(scope, receive, send)


def theirs(to: To) -> To:
    """A door behind which it is the language of who came in: a delegate's own, where one did."""

    def spoken(purpose: Purpose, answer: Answer, *matters: Matter, afar: bool = False) -> Endpoint:
        def said(visit: Visit) -> Response:
            who = visit.by.delegate if visit.by else visit.who
            with speaking(visit.house.language(who).name):
                return answer(visit)

        return to(purpose, said, *matters, afar=afar)

    return spoken
