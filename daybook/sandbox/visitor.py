"""A contributor without hands: opens the links of their mails and presses the page's own buttons.

Knows pages only as a browser without script does: links, forms, fields and
buttons of the HTML that came over HTTP.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests

TIMEOUT = (5, 60)


@dataclass
class Form:
    action: str
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)
    """What it would send; of several buttons the first."""


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

    def form(self, ending: str, **holding: str) -> Form | None:
        """The first form that posts to an address with this ending and already holds these values."""
        return next(
            (
                form
                for form in self.forms
                if urlsplit(form.action).path.endswith(ending)
                and all(form.fields.get(name) == value for name, value in holding.items())
            ),
            None,
        )


class Visitor:
    """One person's browser."""

    def __init__(self) -> None:
        self._http = requests.Session()
        self._http.trust_env = False  # a proxy of this machine does not lead to its own loopback

    def open(self, url: str) -> Page:
        return _page(self._http.get(url, timeout=TIMEOUT))

    def submit(self, page: Page, form: Form, **filled_in: str) -> Page:
        """Press the form's button with these fields filled in; follows to where the page leads."""
        address = urlsplit(page.url)
        answer = self._http.request(
            form.method,
            urljoin(page.url, form.action),
            data={**form.fields, **filled_in},
            headers={"Origin": f"{address.scheme}://{address.netloc}", "Sec-Fetch-Site": "same-origin"},
            timeout=TIMEOUT,
        )
        return _page(answer)


def links(text: str, purpose: str) -> list[str]:
    """The links of one purpose in a mail's text, in their order."""
    return re.findall(rf"https?://\S+/{purpose}/[\w.~-]+", text)


def _page(answer: requests.Response) -> Page:
    return Page(answer.url, answer.status_code, answer.text)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select: str | None = None
        self._textarea: str | None = None
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(said.get("action", ""), said.get("method", "get").lower()))
            self._inside = True
        if not self._inside or not self.forms:
            return
        form, name = self.forms[-1], said.get("name", "")
        match tag:
            case "input" if said.get("type") in ("checkbox", "radio"):
                if name and "checked" in said:
                    form.fields[name] = said.get("value", "on")
            case "input" if name:
                form.fields[name] = said.get("value", "")
            case "textarea":
                self._textarea = name
                form.fields[name] = ""
            case "select":
                self._select = name
            case "option" if self._select and ("selected" in said or self._select not in form.fields):
                form.fields[self._select] = said.get("value", "")
            case "button" if name:
                form.fields.setdefault(name, said.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "form":
                self._inside = False
            case "select":
                self._select = None
            case "textarea":
                self._textarea = None

    def handle_data(self, data: str) -> None:
        if self._textarea and self.forms:
            self.forms[-1].fields[self._textarea] += data
