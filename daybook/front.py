"""What meets whoever follows a link of ours, before Daybook answers: address, certificate, proxy.

Asked from this machine, which may reach its own name otherwise than others do.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from connectors.limits import dated
from connectors.oauth import our_clock
from daybook.words import full_date

TIMEOUT = 5.0
"""Seconds until an answer must begin."""
TLS, PLAIN = 443, 80
SOON = timedelta(days=14)
"""Renewed by itself, a certificate is new long before this."""
HSTS = "Strict-Transport-Security"
ASKER = "/asker"
"""Where the page says who asks: an address that proxies pass on, as they need not /healthz."""
NOBODY = (502, 503, 504)
UNKNOWN_SIGNER = (18, 19, 20, 21)
"""What OpenSSL says of a certificate whose signer it does not know, or was not shown the way to."""
_ASKER = re.compile(rb'\{"address":"(?P<address>[^"]*)","named":(?P<named>true|false)\}')


class Seen(NamedTuple):
    """One thing that was looked at."""

    well: bool
    sentence: str


def look(url: str, listen: str, now: datetime) -> Iterator[Seen]:
    """How the page's address answers.

    Takes    url: page.url
             listen: where the proxy reaches the page, for what to do
    """
    there = urlsplit(url)
    if there.scheme != "https":
        yield Seen(True, f"{url} is for this machine alone. Others need https:// and a proxy for TLS.")
        return
    secure = HTTPSConnection(
        there.hostname or "", there.port or TLS, timeout=TIMEOUT, context=ssl.create_default_context()
    )
    try:
        secure.connect()
        yield from _certificate(secure, there, now)
        secure.request("GET", ASKER)
        yield from _answer(secure.getresponse(), there, listen, now)
    except ssl.SSLCertVerificationError as error:
        yield Seen(False, _untrusted(there, error))
        return
    except ssl.SSLError as error:
        yield Seen(
            False,
            f"{there.netloc} answers, and not with TLS ({error.reason}): the proxy has no certificate of "
            "this name yet, or another program listens there. See the proxy's log.",
        )
        return
    except (OSError, HTTPException) as error:
        reason = (error.strerror if isinstance(error, OSError) else "") or type(error).__name__
        yield Seen(False, f"{url} cannot be reached from here ({reason}). See its name, proxy and firewall.")
        return
    finally:
        secure.close()
    if there.port in (None, TLS):
        yield from _without_encryption(there)


def _untrusted(there: SplitResult, error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in UNKNOWN_SIGNER:
        does = (
            "Let the proxy show the whole chain. A CA of your own has to be known here too: its certificate "
            "into /usr/local/share/ca-certificates, as NAME.crt, then update-ca-certificates."
        )
    else:
        does = "Give the proxy one of this name that is in force."
    reason = error.verify_message.rstrip(".")
    return f"This machine does not trust the certificate of {there.netloc}: {reason}. {does}"


def _certificate(secure: HTTPSConnection, there: SplitResult, now: datetime) -> Iterator[Seen]:
    assert isinstance(secure.sock, ssl.SSLSocket), "connected by https"
    held = secure.sock.getpeercert() or {}
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(held["notAfter"])), now.tzinfo)
    said = f"The certificate of {there.netloc} ends on {full_date(ends.date())}"
    if ends - now < SOON:
        yield Seen(False, f"{said}. Renew it, and see why that does not happen by itself.")
    else:
        yield Seen(True, f"{said}.")


def _answer(answer: HTTPResponse, there: SplitResult, listen: str, now: datetime) -> Iterator[Seen]:
    body, status, to = answer.read(1_000), answer.status, answer.getheader("Location", "")
    asker = _ASKER.fullmatch(body) if status == 200 else None
    if status in NOBODY:
        yield Seen(
            True, f"{there.netloc} answers, and nobody behind it ({status}): daybook run is not there."
        )
    elif 300 <= status < 400:
        yield Seen(
            False, f"{there.netloc} sends people elsewhere ({urlsplit(to).netloc or to}): links end there."
        )
    elif asker is None:
        yield Seen(
            False, f"Another program than Daybook answers there ({status}). Pass {there.netloc} to {listen}."
        )
    elif asker["named"] == b"true":
        yield Seen(True, f"{there.netloc} passes what it is asked to Daybook, and says who asks.")
    else:
        yield Seen(False, _nobody_named(there, asker["address"].decode()))
    if not answer.getheader(HSTS):
        said = f"{there.netloc} does not say {HSTS}: a first visit can be led astray."
        yield Seen(False, f"{said} Let the proxy say: {HSTS}: max-age=31536000; includeSubDomains")
    told_at = dated({"Date": answer.getheader("Date", "")})
    if told_at is not None and (off := our_clock(told_at - now)):
        yield Seen(False, f"By the clock of {there.netloc} {off}: set it right.")


def _nobody_named(there: SplitResult, address: str) -> str:
    """Of a proxy that says nothing, or of one that the page does not believe."""
    return (
        f"{there.netloc} passes what it is asked to Daybook, and not who asks: all count as {address}, and "
        "twenty wrong links from anybody close the page to everybody. Let the proxy say X-Forwarded-For; one "
        f"on another machine is believed once {address} stands in page.proxies."
    )


def _without_encryption(there: SplitResult) -> Iterator[Seen]:
    """An address typed without https:// leads to the one with it, or nowhere."""
    plain = HTTPConnection(there.hostname or "", PLAIN, timeout=TIMEOUT)
    try:
        plain.request("GET", "/")
        answer = plain.getresponse()
    except (OSError, HTTPException):
        return  # nobody listens there, which is as good
    finally:
        plain.close()
    if not answer.getheader("Location", "").startswith("https://"):
        yield Seen(
            False, f"http://{there.hostname} answers without encryption. Let the proxy lead to https://."
        )
