"""The page's addresses, each with what it shows and what acts; GET shows, only POST acts (S-01)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from core.visibility import LENT, Matter
from daybook import health
from daybook.front import ASKER
from daybook.house import House
from daybook.links import Purpose
from daybook.page import (
    answers,
    ask,
    confirm,
    cut,
    day,
    delegates,
    invite,
    learnt,
    less,
    mine,
    reading,
    reports,
    rollout,
    seen,
    sign_in,
    week,
    words,
)
from daybook.page.door import Door, To
from daybook.page.guard import Guard
from daybook.page.lend import AGAIN, Lending, again
from daybook.page.render import ICON, STYLE, asset, plain
from daybook.page.speaking import Browsers, theirs

A_FEW = 4
"""Questions of load balancers that wait for an answer at once."""
A_DAY = LENT
JOINING: tuple[Matter, ...] = ("policy", "enrolment", "connection")
ALL_OF_IT: tuple[Matter, ...] = ("everything", "connection", "enrolment", "access_log")

SMALL = 1_000
"""Bytes; less is not worth packing."""
PACKING = 6
"""Of 9, with which a page is 3 % shorter and takes half as long again to pack."""


def create(house: House) -> Starlette:
    """The page as an application of its own."""
    to, lending = theirs(Door(house).to), Lending(house)
    settings = house.configuration.page
    app = Starlette(
        routes=[
            *_signing_in(house),
            Route("/", home),
            Route("/healthz", healthz),
            Route("/readyz", partial(readyz, health.in_time(house), CapacityLimiter(A_FEW))),
            Route(ASKER, asker),
            Route(STYLE[0], style),
            Route(ICON[0], icon),
            *_days(to),
            *(Route(f"/less/{{token}}{at}", to("less", less.show, "enrolment")) for at in less.ENDING),
            *(
                Route(f"/less/{{token}}{at}", to("less", act, "enrolment", "mail"), methods=["POST"])
                for at, act in less.ENDING.items()
            ),
            Route(f"/own/{{token}}{less.HERE}", to("own", less.show, "enrolment")),
            Route(f"/own/{{token}}{less.HERE}", to("own", less.act, "enrolment", "mail"), methods=["POST"]),
            *_answering("day", to),
            *_answering("own", to),
            *_speaking("day", to),
            *_speaking("invite", to),
            *_speaking("own", to),
            *_joining("invite", to, lending),
            *_joining("own", to, lending),
            *_held("own", to),
            *_granted(to),
            *_reporting("/own/{token}" + reports.HERE, "own", to),
            *_reporting("/report/{token}", "report", to),
            *_speaking("report", to),
            Route("/rollout/{token}", to("rollout", rollout.show, "rollout", "remark")),
            *_speaking("rollout", to),
            Route(AGAIN, again),
            Route("/connect/{connection}/back", lending.back, methods=["GET"]),
        ],
        middleware=[
            Middleware(ProxyHeadersMiddleware, trusted_hosts=[*settings.proxies] if settings else []),
            Middleware(Browsers, otherwise=house.configuration.language),
            Middleware(Guard, url=settings.url if settings else ""),
            Middleware(GZipMiddleware, minimum_size=SMALL, compresslevel=PACKING),
        ],
        exception_handlers={HTTPException: refused},
    )
    app.router.redirect_slashes = False  # it leads to a whole address, without TLS as far as it knows
    return app


def _signing_in(house: House) -> list[Route]:
    """In and out where there is a provider; who is in, is `me` in all the addresses here."""
    if house.provider is None:
        return []
    way = sign_in.SigningIn(house, house.provider)
    return [
        Route("/", way.show),
        Route(sign_in.HERE, way.show),
        Route(sign_in.HERE, way.out, methods=["POST"]),
        Route(sign_in.BACK, way.back, methods=["GET"]),
        Route(sign_in.OUT, way.end, methods=["POST"]),
    ]


def _days(to: To) -> list[Route]:
    """A day of theirs, and the mail's one button for all of it."""
    return [
        Route("/day/{token}", to("day", day.show, *A_DAY)),
        Route("/day/{token}/policy", to("day", day.policy, "policy")),
        Route("/day/{token}/believe", to("day", day.believe, *A_DAY, "edit"), methods=["POST"]),
        Route("/day/{token}/unrule", to("day", day.unrule, "memory", "teach"), methods=["POST"]),
        Route("/day/{token}/learnt", to("day", learnt.show, "memory")),
        Route("/day/{token}/forget", to("day", learnt.forget, "memory", "teach"), methods=["POST"]),
        Route("/day/{token}/forget-all", to("day", learnt.forget_all, "memory", "teach"), methods=["POST"]),
        Route(f"/day/{{token}}{ask.HERE}", to("day", ask.show, "enrolment")),
        Route(f"/day/{{token}}{ask.HERE}", to("day", ask.send, "enrolment", "mail"), methods=["POST"]),
        Route("/day/{token}/edit", to("day", day.editing, *A_DAY)),
        Route("/day/{token}/edit", to("day", day.edit, *A_DAY, "edit"), methods=["POST"]),
        Route("/day/{token}/add", to("day", day.adding, *A_DAY)),
        Route("/day/{token}/add", to("day", day.add, *A_DAY, "edit"), methods=["POST"]),
        Route(f"/day/{{token}}{cut.HERE}", to("day", cut.show, *A_DAY)),
        Route(f"/day/{{token}}{cut.HERE}", to("day", cut.cut, *A_DAY, "edit"), methods=["POST"]),
        Route("/day/{token}/join", to("day", cut.join, *A_DAY, "edit"), methods=["POST"]),
        Route("/day/{token}/move", to("day", cut.move, *A_DAY, "edit"), methods=["POST"]),
        Route(f"/day/{{token}}{week.HERE}", to("day", week.show, *A_DAY)),
        Route(f"/day/{{token}}{week.HERE}", to("day", week.act, *A_DAY, "confirm"), methods=["POST"]),
        Route("/day/{token}/answer", to("day", day.answer, *A_DAY, "edit"), methods=["POST"]),
        *(
            Route(
                f"/day/{{token}}/{name}",
                to("day", day.act(button), *A_DAY, button.matter),
                methods=["POST"],
            )
            for name, button in day.BUTTONS.items()
        ),
        Route("/confirm/{token}", to("confirm", confirm.show, *A_DAY)),
        Route("/confirm/{token}", to("confirm", confirm.act, *A_DAY, "confirm"), methods=["POST"]),
    ]


def _joining(purpose: Purpose, to: To, lending: Lending) -> list[Route]:
    """The page of their connections, with all it has a button for."""
    address = f"/{purpose}/{{token}}"
    return [
        Route(address, to(purpose, invite.show, *JOINING)),
        Route(address, to(purpose, invite.acknowledge, *JOINING, "acknowledge"), methods=["POST"]),
        Route(f"{address}/connect", to(purpose, invite.connect, *JOINING, "connect"), methods=["POST"]),
        Route(
            f"{address}/lend", to(purpose, invite.agreed(lending.out), *JOINING, "connect"), methods=["POST"]
        ),
        Route(f"{address}/disconnect", to(purpose, invite.disconnect, *JOINING, "connect"), methods=["POST"]),
        Route(f"{address}/unshow", to(purpose, invite.unshow, *JOINING, "connect"), methods=["POST"]),
        Route(f"{address}/look", to(purpose, invite.look, *JOINING, *A_DAY, "edit"), methods=["POST"]),
        Route(f"{address}/leave", to(purpose, invite.leave, *JOINING, "erase"), methods=["POST"]),
        Route(f"{address}{reading.HERE}", to(purpose, reading.show, "connection", afar=True)),
        Route(
            f"{address}{reading.HERE}", to(purpose, reading.choose, "connection", "connect"), methods=["POST"]
        ),
    ]


def _granted(to: To) -> list[Route]:
    """What contributors grant delegates, and all that these come to by it."""
    own, days = f"/own/{{token}}{delegates.HERE}", "/prepare/{token}"
    return [
        Route(own, to("own", delegates.show, "grant")),
        Route(own, to("own", delegates.let, "grant"), methods=["POST"]),
        Route(f"{own}/end", to("own", delegates.end, "grant"), methods=["POST"]),
        Route("/delegate/{token}", to("delegate", delegates.knock, "policy")),
        Route("/delegate/{token}", to("delegate", delegates.enter, *A_DAY, "edit"), methods=["POST"]),
        Route(days, to("prepare", day.show, *A_DAY)),
        Route(f"{days}/policy", to("prepare", day.policy, "policy")),
        Route(f"{days}/edit", to("prepare", day.editing, *A_DAY)),
        Route(f"{days}/edit", to("prepare", day.edit, *A_DAY, "edit"), methods=["POST"]),
        Route(f"{days}/add", to("prepare", day.adding, *A_DAY)),
        Route(f"{days}/add", to("prepare", day.add, *A_DAY, "edit"), methods=["POST"]),
        Route(f"{days}{cut.HERE}", to("prepare", cut.show, *A_DAY)),
        Route(f"{days}{cut.HERE}", to("prepare", cut.cut, *A_DAY, "edit"), methods=["POST"]),
        Route(f"{days}/join", to("prepare", cut.join, *A_DAY, "edit"), methods=["POST"]),
        Route(f"{days}/move", to("prepare", cut.move, *A_DAY, "edit"), methods=["POST"]),
        Route(
            f"{days}/dismiss",
            to("prepare", day.act(day.BUTTONS["dismiss"]), *A_DAY, "edit"),
            methods=["POST"],
        ),
    ]


def _answering(purpose: Purpose, to: To) -> list[Route]:
    """What they answered to mails of ours."""
    address = f"/{purpose}/{{token}}{answers.HERE}"
    return [
        Route(address, to(purpose, answers.show, "answer")),
        Route(address, to(purpose, answers.put_away, "answer", "mail"), methods=["POST"]),
    ]


def _speaking(purpose: Purpose, to: To) -> list[Route]:
    """How the rollout goes, and what its people say to that."""
    address = f"/{purpose}/{{token}}"
    return [
        Route(f"{address}{rollout.HERE}", to(purpose, rollout.show, "rollout", "remark")),
        Route(f"{address}{rollout.HERE}", to(purpose, rollout.judge, "rollout", "remark"), methods=["POST"]),
        Route(f"{address}{rollout.HERE}/review", to(purpose, rollout.review, "rollout")),
        Route(f"{address}{rollout.WRONG}", to(purpose, rollout.wrong, "remark")),
        Route(f"{address}{rollout.WRONG}", to(purpose, rollout.say, "remark"), methods=["POST"]),
    ]


def _reporting(address: str, purpose: Purpose, to: To) -> list[Route]:
    """Reports about groups, to read and to take along."""
    return [
        Route(address, to(purpose, reports.show, "report")),
        Route(f"{address}/csv", to(purpose, reports.taken, "report")),
    ]


def _held(purpose: Purpose, to: To) -> list[Route]:
    """All that is held about them, what was learnt, and who looked."""
    address = f"/{purpose}/{{token}}"
    return [
        Route(f"{address}{mine.HERE}", to(purpose, mine.show, *ALL_OF_IT, afar=True)),
        Route(f"{address}{mine.HERE}", to(purpose, mine.opened, *ALL_OF_IT), methods=["POST"]),
        *(
            Route(
                f"{address}{mine.HERE}/{kind}",
                to(purpose, mine.taken(kind), *ALL_OF_IT, "export"),
                methods=["POST"],
            )
            for kind in mine.FILES
        ),
        Route(f"{address}{mine.HERE}/erase", to(purpose, mine.erase, *ALL_OF_IT, "erase"), methods=["POST"]),
        Route(f"{address}{seen.HERE}", to(purpose, seen.show, "access_log")),
        Route(f"{address}{seen.HERE}", to(purpose, seen.read, "access_log"), methods=["POST"]),
        Route(f"{address}{learnt.HERE}", to(purpose, learnt.show, "memory")),
        Route(f"{address}/forget", to(purpose, learnt.forget, "memory", "teach"), methods=["POST"]),
        Route(f"{address}/forget-all", to(purpose, learnt.forget_all, "memory", "teach"), methods=["POST"]),
    ]


def home(_: Request) -> Response:
    return plain(200, words.HOME)


async def healthz(_: Request) -> Response:
    """Takes no thread: pages that wait for a store that froze may have them all."""
    return PlainTextResponse(health.ALIVE.word)


async def readyz(ready: Callable[[], health.Answer], turns: CapacityLimiter, _: Request) -> Response:
    """Takes a thread of its own few, for the same reason."""
    status, word = await run_sync(ready, limiter=turns)
    return PlainTextResponse(word, status)


def asker(request: Request) -> Response:
    """Whom we take who asks for, and whether a proxy that we believe named them: for who checks that."""
    address, port = request.client or ("", 0)
    # a name without a port comes with port 0, which nobody has who asks without a proxy
    named = port == 0 or f":{port}" in request.headers.get("x-forwarded-for", "")
    return JSONResponse({"address": address, "named": named})


def style(_: Request) -> Response:
    return asset(*STYLE)


def icon(_: Request) -> Response:
    return asset(*ICON)


async def refused(request: Request, error: Exception) -> Response:
    """What Starlette itself turns down: no such address, or not in this way."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 404:
        return plain(404, words.NOWHERE)
    if status == 405 and request.method == "GET" and "token" in request.path_params:
        # a tab that was left after a form is opened anew by the address of its button
        return RedirectResponse("/".join(request.url.path.split("/")[:3]), 303)
    response = plain(status, words.NOT_THIS_WAY)
    response.headers.update((error.headers or {}) if isinstance(error, HTTPException) else {})
    return response
