"""One Jira site as one identity: no answer counts that was not given to us.

To a wrong or expired token Jira does not say no: it serves whoever asks as
nobody, with 200 and an empty list. So we ask once who we are, and every later
answer must say that it was given to the same account.
"""

from __future__ import annotations

import json as json_text
from collections.abc import Mapping
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

import requests
from pydantic import ValidationError

from connectors.contract import Refused, Unavailable
from connectors.jira.answers import A, shaped
from connectors.jira.shapes import User, perhaps
from connectors.session import ADVICE, READS, REFUSED, Session, Whose
from connectors.text import plain
from core.said import Said

if TYPE_CHECKING:
    from jira import JIRA

GIVEN_TO = "X-AAccountId"
LOGIN = "X-Seraph-LoginReason"
DENIED = "X-Authentication-Denied-Reason"
NO_SCOPE = "scope does not match"
"""What Atlassian's gateway says, with a 401, to a token that is good and narrow."""
ELSEWHERE = {
    404: Said(
        "The site does not open to this account: let the account into it, or, where it was allowed for "
        "another site, connect again and choose this one."
    )
}
LONGEST_SENTENCE = 200


class Gone(Refused):
    """It does not exist, or not for us: Jira says the same to both."""


class Misfit(Refused):
    """The question does not fit what is there, or what is closed, or what we may do: Jira's 400."""


class Site:
    """The calls of one identity.

    Takes    whose: who must act when its credential fails
    """

    def __init__(self, session: Session, whose: Literal["connection", "account"]) -> None:
        self.session = session
        self._whose = whose
        self._account = ""
        self._answers_say_to_whom = True
        self.called = ""
        """What Jira calls whoever this is; "" until it said who we are."""
        self.zone: ZoneInfo | None = None
        """In which this account's dates are told; None while it is not known."""

    @cached_property
    def _client(self) -> JIRA:
        from connectors.jira.http import client  # 0.2 s: not before the first call

        return client(self.session)

    def account(self) -> str:
        """The account the credential belongs to; asked for once."""
        return self._account or self.prove()

    def begin(self) -> None:
        """To be called before a walk: asks who we are, unless every answer says so anyway."""
        if not self._account or not self._answers_say_to_whom:
            self.prove()

    def prove(self) -> str:
        """Ask who we are. Raises Refused where the credential is nobody's."""
        response = self._call("GET", "myself", None, None, False)
        if response.status_code >= 400:
            raise self.refused(response, Said("to say who we are"), self._whose, {**ADVICE, **ELSEWHERE})
        body = self.session.json_of(response)
        user = perhaps(User, [body])[0]
        account = user.id if user else None
        if not user or not account:
            raise Unavailable(
                Said("Jira did not say who we are. Nothing was read; the next round tries again.")
            )
        self._answers_say_to_whom = GIVEN_TO in response.headers
        self._account, self.zone = account, _zone(body)
        self.called = plain(user.displayName or "")
        return account

    def ask(
        self, method: str, path: str, *, params: Any = None, json: Any = None, write: bool | None = None
    ) -> requests.Response:
        """One answer, given to who we are.

        Takes    a path below the API's root; write: may it change something, by method if not told
        Raises   Refused where it was given to nobody or somebody else; what a write did stays done
        """
        account = self.account()
        write = method not in READS if write is None else write
        response = self._call(method, path, params, json, write)
        if not (write and response.ok) and not self._was_given_to(account, response):
            self.session.json_of(response)  # a login page or half an answer says nothing about our token
            raise Refused(
                Said(
                    "Jira did not take us for who we are ({status}): the token is wrong, expired or revoked. "
                    "Nothing of this answer counts and nothing was changed. Give a new token.",
                    status=response.status_code,
                ),
                whose=self._whose,
            )
        return response

    def read(
        self,
        method: str,
        path: str,
        what: str,
        *,
        params: Any = None,
        json: Any = None,
        whose: Whose = "connection",
    ) -> Any:
        """What one question is answered with.

        Takes    what: the thing read, as in "the changed issues"; whose: who must act where Jira says no
        Raises   Gone, Refused, Unavailable where the answer is no JSON
        """
        return self.session.json_of(self._told(method, path, what, params, json, whose))

    def answer(
        self, method: str, path: str, what: str, shape: type[A], *, params: Any = None, json: Any = None
    ) -> A:
        """As `read`, in the shape it must have; what is not of that shape is never made, and that is most.

        Raises   Unavailable too where a part of it is not there
        """
        response = self._told(method, path, what, params, json, "connection")
        try:
            return shape.model_validate_json(response.content)
        except ValidationError:  # or halves of characters, which this parser does not take
            return shaped(shape, self.session.json_of(response))

    def _told(
        self, method: str, path: str, what: str, params: Any, json: Any, whose: Whose
    ) -> requests.Response:
        response = self.ask(method, path, params=params, json=json, write=False)
        if response.status_code >= 400:
            raise self.refused(response, what, whose)
        return response

    def refused(
        self, response: requests.Response, what: str, whose: Whose, advice: Mapping[int, str] = ADVICE
    ) -> Refused:
        """A no in our words, and where they would not tell why, in Jira's own too.

        Takes    advice: what to do, by status
        """
        status = response.status_code
        if DENIED in response.headers:
            return Refused(
                Said(
                    "Jira refused {what} ({status}): too many sign-ins failed. Nothing was changed there. "
                    "Sign in with a browser as this account, solve the riddle there, and give a working "
                    "token.",
                    what=what,
                    status=status,
                ),
                self._whose,
            )
        sentence = said(response) if status == HTTPStatus.BAD_REQUEST else ""
        does: str = advice.get(status, Said("The same again gets the same answer."))
        if sentence:
            does = Said('Jira says: "{sentence}" {does}', sentence=sentence, does=does)
        words = Said(REFUSED, tool="Jira", what=what, status=status, does=does)
        match status:
            case HTTPStatus.BAD_REQUEST:
                return Misfit(words, whose)
            case HTTPStatus.NOT_FOUND:
                return Gone(words, whose)
            case HTTPStatus.UNAUTHORIZED:
                return Refused(words, self._whose)
        return Refused(words, whose)

    def _call(self, method: str, path: str, params: Any, json: Any, write: bool) -> requests.Response:
        """Raises Refused where the credential may not ask this at all."""
        from connectors.jira.http import call

        response = call(self._client, method, path, params=params, json=json, write=write)
        if response.status_code == HTTPStatus.UNAUTHORIZED and NO_SCOPE in said(response):
            wanted = "write:jira-work" if write else "read:jira-work, read:jira-user"
            raise Refused(
                Said(
                    "Jira wants a token with more scopes for this (401). Nothing was changed there. "
                    "Give one with {wanted}, or connect again and allow all that is asked.",
                    wanted=wanted,
                ),
                self._whose,
            )
        return response

    def _was_given_to(self, account: str, response: requests.Response) -> bool:
        if "AUTHENTICATED_FAILED" in response.headers.get(LOGIN, ""):
            return False
        return not self._answers_say_to_whom or response.headers.get(GIVEN_TO) == account


def _zone(body: dict[str, Any]) -> ZoneInfo | None:
    try:
        return ZoneInfo(body["timeZone"])
    except (KeyError, TypeError, ValueError, OSError):  # left out, hidden, or unknown here
        return None


def said(response: requests.Response) -> str:
    """Jira's own sentence in an error, as one plain line without addresses; "" where there is none.

    Source   either part of the body may be empty, null or absent; a gateway says {"message": ...}, or HTML
    """
    try:
        body = json_text.loads(response.content)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(body, dict):
        return ""
    listed, fields = body.get("errorMessages"), body.get("errors")
    parts = [
        *(listed if isinstance(listed, list) else []),
        *(fields.values() if isinstance(fields, dict) else []),
    ]
    parts = parts or [body.get("message")]
    words = " ".join(part for part in parts if isinstance(part, str)).split()
    return plain(" ".join(word for word in words if "@" not in word), LONGEST_SENTENCE)
