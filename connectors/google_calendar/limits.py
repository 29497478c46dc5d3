"""What Google's limits mean: which of our calls rest when it says "too fast".

    userRateLimitExceeded     this person's minute is used up      what is asked for this person
    quotaExceeded             this person's account is guarded     the same, or their writes alone; an hour
    dailyLimitExceeded        the project's day is used up         all of the connection; an hour
    anything else             the project's minute is used up      all of the connection

A person is known by the `quotaUser` we send along.

Source   facts/google_calendar.md, section 8: 403 and 429 mean the same, the reason decides
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import requests

from connectors.google_calendar.refusals import reason
from connectors.limits import Limit, Limits, asked_rest
from connectors.session import READS

OF_THE_PERSON = frozenset({"userRateLimitExceeded", "quotaExceeded"})
SPENT = frozenset({"quotaExceeded", "dailyLimitExceeded"})
"""No more for now, whatever the pace."""
TOO_MUCH = OF_THE_PERSON | SPENT | {"rateLimitExceeded"}
"""What a 403 says that means 429."""
UNTIL_REFILLED = timedelta(hours=1)


class GoogleLimits(Limits):
    """Of all people of one project."""

    def places(self, method: str, url: str) -> tuple[str, ...]:
        person = parse_qs(urlsplit(url).query).get("quotaUser", [""])[0]
        if not person:
            return ()
        return (person,) if method in READS else (person, f"{person} writes")

    def reached(self, response: requests.Response) -> Limit:
        word, wait = reason(response.content), asked_rest(response.headers)
        if word in SPENT:
            wait = max(wait or UNTIL_REFILLED, UNTIL_REFILLED)
        places = self.places(response.request.method or "", response.request.url or "")
        if word not in OF_THE_PERSON or not places:
            return Limit(wait, "connection")
        return Limit(wait, "account", places[-1] if word == "quotaExceeded" else places[0])
