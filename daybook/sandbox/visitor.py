"""A contributor without hands: opens the links of their mails and presses the page's own buttons.

Knows pages only as a browser without script does: links, forms, fields and
buttons of the HTML that came over HTTP.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests

TIMEOUT = (5, 60)


@dataclass
class Form:
    action: str
    """Where its first button leads."""
    method: str = "get"
    fields: list[tuple[str, str]] = field(default_factory=list)
    """What it would send; of several buttons the first."""

    def holds(self, name: str, value: str) -> bool:
        return (name, value) in self.fields

    def filled(self, filled_in: dict[str, str]) -> list[tuple[str, str]]:
        kept = [(name, value) for name, value in self.fields if name not in filled_in]
        return [*kept, *filled_in.items()]


@dataclass
class Page:
    url: str
    status: int
    html: str

    @property
    def forms(self) -> list[Form]:
        parser = _Forms()
        parser.feed(self.html)
        return parser.forms

    def links(self, path: str) -> list[str]:
        """Addresses on this page that lead to the same path with another query, each once."""
        found = re.findall(r'href="([^"]+)"', self.html)
        whole = (urljoin(self.url, unescape(address)) for address in found)
        return list(dict.fromkeys(one for one in whole if urlsplit(one).path == path and one != self.url))

    def form(self, ending: str, **holding: str) -> Form | None:
        """The first form that posts to an address with this ending and already holds these values."""
        return next(
            (
                form
                for form in self.forms
                if urlsplit(form.action).path.endswith(ending)
                and all(form.holds(name, value) for name, value in holding.items())
            ),
            None,
        )


class Visitor:
    """One person's browser."""

    def __init__(self) -> None:
        self._http = requests.Session()
        self._http.trust_env = False  # a proxy of this machine does not lead to its own loopback

    def open(self, url: str) -> Page:
        return self._shown(self._http.get(url, timeout=TIMEOUT))

    def submit(self, page: Page, form: Form, **filled_in: str) -> Page:
        """Press the form's button with these fields filled in; follows to where the page leads."""
        address = urlsplit(page.url)
        answer = self._http.request(
            form.method,
            urljoin(page.url, form.action),
            data=form.filled(filled_in),
            headers={"Origin": f"{address.scheme}://{address.netloc}", "Sec-Fetch-Site": "same-origin"},
            timeout=TIMEOUT,
        )
        return self._shown(answer)

    def _shown(self, answer: requests.Response) -> Page:
        """The page, or the one it sends on to."""
        page = Page(answer.url, answer.status_code, answer.text)
        onward = re.search(r'<meta http-equiv="refresh" content="0; url=([^"]+)">', page.html)
        return self.open(urljoin(page.url, unescape(onward[1]))) if onward else page


def links(text: str, purpose: str) -> list[str]:
    """The links of one purpose in a mail's text, in their order."""
    return re.findall(rf"https?://\S+/{purpose}/[\w.~-]+", text)


class _Forms(HTMLParser):
    """Collects what a browser without script would send."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = ""
        self._options: list[tuple[bool, str]] = []
        self._textarea = ""
        self._text = ""
        self._pressed = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(said.get("action", ""), said.get("method", "get").lower())
            self._pressed = False
            self.forms.append(self._form)
        if self._form is None:
            return
        name, value = said.get("name", ""), said.get("value", "")
        match tag:
            case "input" if name and (said.get("type") not in ("checkbox", "radio") or "checked" in said):
                self._form.fields.append((name, value))
            case "textarea":
                self._textarea, self._text = name, ""
            case "select":
                self._select, self._options = name, []
            case "option" if self._select:
                self._options.append(("selected" in said, value))
            case "button" if not self._pressed:
                self._pressed = True
                self._form.action = said.get("formaction", self._form.action)
                if name:
                    self._form.fields.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if self._form is None:
            return
        match tag:
            case "form":
                self._form = None
            case "select" if self._options:
                chosen = [value for selected, value in self._options if selected]
                self._form.fields.append((self._select, (chosen or [self._options[0][1]])[0]))
                self._select = ""
            case "textarea":
                self._form.fields.append((self._textarea, self._text.strip()))
                self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self._text += data
