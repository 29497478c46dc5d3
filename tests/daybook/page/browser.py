"""A browser without script: it opens addresses, follows links, fills in forms and presses buttons."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import httpx
from starlette.applications import Starlette

from daybook.page.proofs import KEPT
from daybook.page.render import PROOF

with warnings.catch_warnings():
    # Starlette would like another client; httpx is the one we have
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

TOKEN = re.compile(r"[a-z0-9]+-[a-z0-9]+")
FROM_OUR_PAGE = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
"""What browsers send with a form of a page whose Referrer-Policy is no-referrer."""


@dataclass
class Button:
    label: str = ""
    name: str = ""
    value: str = ""
    action: str = ""


@dataclass
class Form:
    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)


class Page(HTMLParser):
    """One answer, as far as a reader and their keyboard get it."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.answer, self.status, self.url = answer, answer.status_code, str(answer.url)
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self.tags: list[str] = []
        self.styles: list[str] = []
        self._words: list[str] = []
        self._form: Form | None = None
        self._select = ""
        self._textarea = ""
        self._open: Button | None = None
        self._link: str | None = None
        self.feed(answer.text)
        self.text = " ".join(" ".join(self._words).split())

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attributes}
        self.tags.append(tag)
        self.styles += [name for name in said if name == "style" or name.startswith("on")]
        match tag:
            case "form":
                self._form = Form(said["action"], said["method"])
                self.forms.append(self._form)
            case "input" if said.get("type") == "checkbox":
                if "checked" in said and "name" in said:
                    self._field(said["name"], said.get("value", "on"))
            case "input":
                self._field(said["name"], said.get("value", ""))
            case "textarea":
                self._textarea = said["name"]
                self._field(said["name"], "")
            case "select":
                self._select = said["name"]
            case "option" if self._select and "selected" in said:
                self._field(self._select, said["value"])
            case "button":
                self._open = Button(name=said.get("name", ""), value=said.get("value", ""))
                assert self._form is not None
                self._open.action = said.get("formaction", self._form.action)
                self._form.buttons.append(self._open)
            case "a":
                self._link = said["href"]
                self.links.append(("", said["href"]))

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "form":
                self._form = None
            case "select":
                self._select = ""
            case "textarea":
                self._textarea = ""
            case "button":
                self._open = None
            case "a":
                self._link = None

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script":
            return  # nobody reads it
        self._words.append(data)
        if self._open is not None:
            self._open.label = " ".join(f"{self._open.label}{data}".split(" "))
        if self._link is not None:
            self.links[-1] = (self.links[-1][0] + data, self._link)
        if self._textarea and self._form:
            self._form.fields[-1] = (self._textarea, data.removeprefix("\n"))

    def _field(self, name: str, value: str) -> None:
        if self._form is not None:
            self._form.fields.append((name, value))

    @property
    def buttons(self) -> list[str]:
        return [" ".join(button.label.split()) for form in self.forms for button in form.buttons]

    def button(self, label: str) -> tuple[Form, Button]:
        found = [
            (form, button)
            for form in self.forms
            for button in form.buttons
            if " ".join(button.label.split()).startswith(label)
        ]
        assert found, f"no button {label!r} among {self.buttons}"
        return found[0]


class Browser:
    """Keeps nothing between two pages but what is on them, and its cookies."""

    def __init__(self, app: Starlette, **more: Any) -> None:
        self.client = TestClient(app, base_url="https://localhost", follow_redirects=False, **more)

    def open(self, address: str) -> Page:
        parts = urlsplit(address)
        return Page(self.client.get(f"{parts.path}?{parts.query}" if parts.query else parts.path))

    def follow(self, page: Page, label: str) -> Page:
        href = next(href for said, href in page.links if " ".join(said.split()).startswith(label))
        return self.open(urljoin(page.url, href))

    def press(self, page: Page, label: str, **typed: str | None) -> Page:
        """Press a button after filling in its form. A field given as None is left out, as an unticked box."""
        form, button = page.button(label)
        assert form.method == "post"
        fields = [(name, value) for name, value in form.fields if name not in typed]
        fields += [(name, value) for name, value in typed.items() if value is not None]
        if button.name:
            fields.append((button.name, button.value))
        return self.send(urljoin(page.url, button.action), fields)

    def send(self, address: str, fields: list[tuple[str, str]], **headers: str) -> Page:
        """Send a form, and go where the answer points."""
        answer = self.sent(address, fields, **headers)
        if answer.status_code == 303:
            return self.open(urljoin(address, answer.headers["location"]))
        return Page(answer)

    def sent(self, address: str, fields: list[tuple[str, str]], **headers: str) -> httpx.Response:
        """What comes of a form; one that is sent to a token's address is of a page that was opened by it."""
        _, purpose, token, *_ = [*urlsplit(address).path.split("/"), "", ""]
        if PROOF not in dict(fields) and purpose in KEPT and TOKEN.fullmatch(token):
            fields = [*fields, (PROOF, token)]
        answer = self.client.post(
            urlsplit(address).path,
            content=urlencode(fields),
            headers={"Content-Type": "application/x-www-form-urlencoded"} | FROM_OUR_PAGE | headers,
        )
        if answer.status_code == 307:
            return self.sent(urljoin(address, answer.headers["location"]), fields, **headers)
        return answer


def bare(form: Form) -> list[tuple[str, str]]:
    """Its fields without the proof of whose page it is: whoever writes forms by hand has their own."""
    return [(name, value) for name, value in form.fields if name != PROOF]
