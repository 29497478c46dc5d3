"""The configuration's words: one model for each part of the YAML.

The sentence under a field is its reference: it goes into the JSON Schema, into
an editor's completion and into the documents. Rules, projects, policy and the
reconciler's numbers are nouns of core and stand there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time
from email.utils import parseaddr
from functools import cache
from ipaddress import ip_network
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    field_validator,
    model_validator,
)

from config.calendar import days_off, holidays
from core.addresses import Address, address
from core.closing import Closing
from core.day import Numbers
from core.durations import Minutes, Seconds
from core.exits import Exit, Stop
from core.model import Noun
from core.policy import Policy
from core.rollout import Stage
from core.rules import Project, Rule
from core.schedule import USUAL, Schedule

# a name or address of version 4, or one of version 6 with or without its brackets
_HOST = r"[\w.-]+|[\da-fA-F:]+|\[[\da-fA-F:]+\]"


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())  # walks a folder: 2 ms, for every person


def _zone(name: str) -> str:
    if name not in _zones():
        raise ValueError(f"{name!r} is not a time zone; write it like Europe/Berlin")
    return name


def _sender(text: str) -> str:
    try:
        address(parseaddr(text)[1])
    except ValueError:
        raise ValueError(
            "is not a name and an address; write it like Daybook <daybook@northwind.example>"
        ) from None
    return text


def _day_off(text: str) -> str:
    days_off(text)
    return text


def _host_and_port(example: str) -> AfterValidator:
    def check(text: str) -> str:
        host, _, port = text.rpartition(":")
        if not re.fullmatch(_HOST, host, re.ASCII):
            raise ValueError(f"is not host:port; write it like {example}")
        if not re.fullmatch(r"\d{1,5}", port, re.ASCII) or not 0 < int(port) < 65536:
            raise ValueError(f"has no port from 1 to 65535; write it like {example}")
        return text

    return AfterValidator(check)


def _host_of(place: str) -> str:
    return place.rpartition(":")[0].strip("[]")


def _port_of(place: str) -> int:
    return int(place.rpartition(":")[2])


_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def _https_outside(value: str) -> str:
    if re.search(r"[^!-~]|[<>\"]", value):  # it stands in headers of mails, raw
        raise ValueError(
            "has a space or a sign beyond ASCII; write a host like büro.example as xn--bro-hoa.example"
        )
    if found := re.search("[@?#]", value):
        raise ValueError(f"has a {found[0]}, and what stands beside it; write the address without")
    parts = urlsplit(value)
    if parts.port == 0:  # where it is no port, asking for it raises a ValueError
        raise ValueError("has no port from 1 to 65535")
    inside = parts.scheme == "http" and parts.hostname in _THIS_MACHINE
    if inside or (parts.scheme == "https" and parts.hostname):
        return value
    raise ValueError("must begin with https:// (http:// only for this same machine)")


def _network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError:
        raise ValueError(
            "is no address and no network of addresses; write it like 10.0.4.7 or 10.0.4.0/24"
        ) from None
    return text


def _clock(text: Any) -> Any:
    try:
        return time.fromisoformat(text) if isinstance(text, str) else text
    except ValueError:
        raise ValueError(f'{text!r} is not a time of day; write it like "09:00"') from None


Zone = Annotated[str, AfterValidator(_zone)]
Sender = Annotated[str, AfterValidator(_sender)]
DayOff = Annotated[str, AfterValidator(_day_off), Field(pattern=r"^\d{4}-\d\d-\d\d(\.\.\d{4}-\d\d-\d\d)?$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z][A-Za-z]{1,3})?$")]
Clock = Annotated[
    time,
    # not the schema's format `time`, which wants seconds and an offset: editors would mark "08:30"
    BeforeValidator(_clock, json_schema_input_type=Annotated[str, Field(pattern=r"^\d\d:\d\d(:\d\d)?$")]),
]


class Part(Noun):
    """A part of the configuration: YAML gives numbers where people mean names, so both are taken as text."""

    model_config = ConfigDict(coerce_numbers_to_str=True, hide_input_in_errors=True)


class Connection(Part):
    """One outside tool. The other words depend on its type, and its connector's Settings hold them."""

    model_config = ConfigDict(extra="ignore")

    type: str
    """Which connector: google_calendar, jira, asana or one you installed."""


class Before(Part):
    """How it was until a day: what is left out was as it is now."""

    until: date
    """The last day of it."""
    schedule: str | None = None
    """A name under `schedules`."""
    timezone: Zone | None = None
    """Where they lived."""
    holidays: str | None = None
    """The country or region whose public holidays they had."""


class Person(Part):
    """One contributor."""

    name: str
    """As mails and pages greet them."""
    email: Address
    """Where their digest goes, and how tools that know addresses know them."""
    team: str | None = None
    """Rules can ask for it; reports are by team."""
    role: str | None = None
    """Rules of the policy are by role: client_billed, salaried."""
    manages: tuple[str, ...] = ()
    """Teams whose work they answer for; who manages any gets the reports, unless the policy names its
    `managers`."""
    schedule: str | None = None
    """A name under `schedules`; left out: Monday to Friday, 09:00 to 17:00."""
    timezone: Zone | None = None
    """Left out: the organisation's."""
    language: Language | None = None
    """What they are spoken to in. Left out: the organisation's."""
    holidays: str | None = None
    """Public holidays of a country or region: DE, DE-BE, GB-SCT."""
    days_off: tuple[DayOff, ...] = ()
    """Days of their own without work, like 2026-12-24 or 2026-12-24..2027-01-02. Leave that stands in their
    calendar counts by itself."""
    before: tuple[Before, ...] = ()
    """When somebody moves or changes their hours: how it was, so that days gone by stay as they were."""
    accounts: dict[str, str] = {}
    """The person's account id at a connection, where an address is not enough."""

    def on(self, day: date) -> Person:
        """As they lived and worked on a day."""
        then = min((one for one in self.before if day <= one.until), key=lambda one: one.until, default=None)
        if then is None:
            return self
        return self.model_copy(update=then.model_dump(exclude={"until"}, exclude_none=True))


class Cohorts(Part):
    """Who takes part from which stage on."""

    pilot: tuple[Address, ...] = ()
    """Four to eight people who volunteered."""
    expand: tuple[Address, ...] = ()
    """Added at the next stage."""


class Rollout(Part):
    """Who is asked to take part, and when the next people are."""

    stage: Stage = "pilot"
    """pilot and shadow: the pilot cohort; expand: both cohorts; normal: everybody under `people`. An earlier
    stage is taken at once, the next one once its exit numbers are reached, another one not at all."""
    cohorts: Cohorts = Cohorts()
    """The people of each stage; nobody is in two."""
    exit: Exit = Exit()
    """What must be reached first. A change counts from the next stage on; nothing advances by itself."""
    stop: Stop = Stop()
    """What stops it by itself. A change counts from the next stage on."""
    skip_pilot_because: Annotated[str, StringConstraints(strip_whitespace=True)] = ""
    """Why there is no pilot, in a sentence, if the first start is to be a later stage: contributors read it
    beside the policy."""


def _without_defaults(schema: dict[str, Any]) -> None:
    for said in schema["properties"].values():
        said.pop("default", None)


class Narrower(Numbers):
    """The same numbers, for some people only; what is left out stays as it is for the wider group."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)


class Reconcile(Numbers):
    """How evidence becomes suggestions."""

    teams: dict[str, Narrower] = {}
    """Numbers of one team, by the `team` of its people."""
    roles: dict[str, Narrower] = {}
    """Numbers of one role, by the `role` of its people; they stand before their team's."""
    people: dict[Address, Narrower] = {}
    """Numbers of one person, by e-mail; they stand before their role's."""
    in_progress: dict[str, tuple[str, ...]] = {}
    """Names of statuses or sections that mean work, by connector; left out: the tool's own notion."""

    @field_validator("in_progress", mode="before")
    @classmethod
    def _one_or_list(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        own = "status category"  # the words of the example for Jira's own notion
        return {
            tool: () if names == own else (names,) if isinstance(names, str) else names
            for tool, names in value.items()
        }


class Mailbox(Part):
    """Daybook's own mailbox, where answers to its mails and what could not be delivered come back."""

    address: Address
    """Mail to it with a plus and more after its name (daybook+...@) must arrive in it too."""
    imap: Annotated[str, _host_and_port("imap.northwind.example:993")]
    """host:port of your mailbox server."""
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    """none is for a server on this same machine."""
    user: str
    """The login there."""
    password: SecretStr
    """Its password, as a reference: "${credential:imap}"."""
    folder: str = "INBOX"
    """What arrives here and is for Daybook is deleted once it is read; all else stays."""
    every: Annotated[Minutes, Field(ge=1)] = 5
    """How often it is looked into."""

    @property
    def host(self) -> str:
        return _host_of(self.imap)

    @property
    def port(self) -> int:
        return _port_of(self.imap)

    @property
    def place(self) -> str:
        """What it is known by: its mails are numbered anew in another one."""
        return f"{self.imap} {self.user} {self.folder}"

    @model_validator(mode="after")
    def _no_password_in_the_clear(self) -> Self:
        if self.tls == "none" and self.host not in _THIS_MACHINE:
            raise ValueError("would send the password unencrypted; use tls: implicit or tls: starttls")
        return self


class Mail(Part):
    """How digests leave."""

    model_config = ConfigDict(populate_by_name=True)

    sender: Sender = Field(alias="from")
    """Name and address: Daybook <daybook@northwind.example>."""
    smtp: Annotated[str, _host_and_port("smtp.northwind.example:587")]
    """host:port of your mail server."""
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    """none is for a mail server on this same machine."""
    user: str | None = None
    """The login at the mail server; left out: none."""
    password: SecretStr | None = None
    """Its password, as a reference: "${credential:smtp}"."""
    digest_at: Clock = time(8, 30)
    """In each contributor's own zone, on their working days."""
    digest_until: Clock = time(20)
    """Later in their day none is sent; the next morning's says it all."""
    every_day: bool = False
    """Also on days their schedule leaves free."""
    reminder: Minutes | Literal["off"] = 60
    """So long before their working hours end, who said nothing to the day's digest is reminded, once; off:
    nobody is."""
    look_back: bool = True
    """Whether everybody gets, once a week and for themselves alone, what their last week came to."""
    mailbox: Mailbox | None = None
    """Where people may answer; left out: nowhere, and nobody is told that they could."""

    @property
    def host(self) -> str:
        return _host_of(self.smtp)

    @property
    def port(self) -> int:
        return _port_of(self.smtp)

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.digest_until <= self.digest_at:
            raise ValueError(f"digest_until ({self.digest_until:%H:%M}) is not after digest_at")
        return self

    @model_validator(mode="after")
    def _no_password_in_the_clear(self) -> Self:
        if self.tls == "none" and self.password and self.host not in _THIS_MACHINE:
            raise ValueError("would send the password unencrypted; use tls: starttls or tls: implicit")
        return self


class SignIn(Part):
    """Signing in at a provider of yours that speaks OpenID Connect, beside the links in mails."""

    issuer: str
    """As the provider names itself, letter by letter: https://accounts.google.com"""
    client_id: str
    """What it calls Daybook; it must send people back to `url` with /sign-in/back after it."""
    client_secret: SecretStr | None = None
    """As a reference: "${credential:sign-in}". Left out where the registration has none."""
    name: str = "your organisation"
    """As people call the provider: the button says *Sign in with* and this."""
    addresses_are_verified: bool = False
    """true for a provider of your organisation alone that does not say of each address whether it was
    verified, as Entra does not. Else an address counts only where the provider says so of it."""

    @field_validator("issuer")
    @classmethod
    def _https(cls, value: str) -> str:
        return _https_outside(value)


class PageSettings(Part):
    """Where contributors look at their day."""

    url: str
    """The address in mails, as contributors reach it."""
    listen: Annotated[str, _host_and_port("127.0.0.1:8787")] = "127.0.0.1:8787"
    """host:port the program itself listens on, behind your TLS proxy."""
    proxies: tuple[Annotated[str, AfterValidator(_network)], ...] = ("127.0.0.1", "::1")
    """Whom the page believes who asks, by X-Forwarded-For: your TLS proxies, by address or network
    (10.0.4.0/24)."""
    link_days: Annotated[int, Field(ge=1, le=7)] = 7
    """How long a link in a mail works."""
    links: Literal["open", "sign-in-required"] = "open"
    """Whether a link opens its page by itself, or only to whom it is for once they signed in. The one that
    ends the daily mail always works by itself."""
    sign_in: SignIn | None = None
    """Where contributors can sign in; left out: links in mails are the only way in."""

    @field_validator("url")
    @classmethod
    def _https(cls, value: str) -> str:
        address = _https_outside(value).rstrip("/")
        if urlsplit(address).path:
            raise ValueError("has a path; the page needs a name of its own, like https://daybook.example")
        return address

    @model_validator(mode="after")
    def _signing_in_somewhere(self) -> Self:
        if self.links == "sign-in-required" and self.sign_in is None:
            raise ValueError("links: sign-in-required needs sign_in: say where people sign in")
        return self


class MetricsSettings(Part):
    """Figures for Prometheus, with /healthz and /readyz, on an address of their own, never on the page's."""

    listen: Annotated[str, _host_and_port("127.0.0.1:9787")] = "127.0.0.1:9787"
    """host:port; whoever reaches it can read the figures."""


class PostingSettings(Part):
    """How confirmed entries reach their targets."""

    hold: Seconds = 15 * 60
    """How long a confirmation can be undone before it is posted."""
    pauses: Annotated[tuple[Seconds, ...], Field(min_length=1)] = (60, 120, 300, 900, 1800, 3600)
    """The pause after the first, second ... setback in a row; the last one repeats."""
    look_after: Seconds = 120
    """After a lost answer, how long before we look whether the entry arrived: longer than a request may take
    and a tool needs to show what it was given."""
    notify_watchers: bool = False
    """Whether Jira mails an issue's watchers."""
    estimate: Literal["leave", "auto"] = "leave"
    """What becomes of Jira's remaining estimate."""


class StoreSettings(Part):
    """Where Daybook keeps what it must remember."""

    url: str = "sqlite:////var/lib/daybook/daybook.db"
    """The database: a file, after `sqlite:///`, whose folder must be there; or on a server,
    `postgresql://role:password@host/database`, with the password as `${file:...}` or in `~/.pgpass`."""
    key: SecretStr | tuple[SecretStr, ...] | None = None
    """The master key that seals all content, as 32 bytes in base64; `daybook init` makes one. A list while it
    is changed: the first seals, all open, until `daybook keys --renew` is through."""
    backups: Literal["nightly", "elsewhere"] = "nightly"
    """Who makes them: `daybook backup` every night, and `daybook status` complains once the last is older
    than two days; or something else, of which Daybook knows nothing and says nothing."""

    @property
    def keys(self) -> SecretStr | tuple[SecretStr, ...]:
        """The master key, for who opens the store."""
        assert self.key is not None, "said by wiring.incomplete()"
        return self.key


class Pulling(Part):
    """How often tools are asked, and how patiently."""

    every: Annotated[Minutes, Field(ge=1)] = 15
    """The time between two looks at the same calendar, site or task list."""
    rate: Annotated[int, Field(ge=1, le=100)] = 10
    """Requests a second to a connection that has no `rate` of its own; for a moment twice as many."""
    workers: Annotated[int, Field(ge=1, le=64)] = 12
    """Jobs at the same time."""
    patience: Seconds = 10
    """The longest a job waits for a tool that says *later*; beyond, the next round asks again."""
    timeout: Seconds = 30
    """The longest a tool may take to answer one request."""
    longest_rest: Seconds = 3600
    """The longest a tool may send us away, whatever it says."""


class Configuration(Part):
    """One organisation's Daybook."""

    version: Literal[1]
    """Which edition of these words the file is written in."""
    organisation: str = "Your organisation"
    """As mails and pages name it."""
    timezone: Zone = "UTC"
    """For people without one of their own."""
    language: Language = "en"
    """Of mails and pages, for people without one of their own: en, de, or one whose file was added."""
    include: tuple[str, ...] = ()
    """Further files, beside this one, whose people, projects, rules and schedules are added to these;
    the policy may stand in one of them."""
    policy: Policy | None = None
    """What is tracked, why and for how long. Without it nothing runs."""
    connections: dict[str, Connection] = {}
    """The outside tools, each under a name of yours."""
    schedules: dict[str, Schedule] = {}
    """Working weeks, each under a name of yours."""
    people: tuple[Person, ...] = ()
    """Everybody who may take part."""
    rollout: Rollout = Rollout()
    """Who of them takes part now."""
    projects: dict[str, Project] = {}
    """What time is booked on, each under a name of yours."""
    rules: tuple[Rule, ...] = ()
    """The first that matches wins."""
    reconcile: Reconcile = Reconcile()
    """How evidence becomes suggestions."""
    closing: Closing = Closing()
    """When weeks and months are closed for changes."""
    pulling: Pulling = Pulling()
    """How often tools are asked, and how patiently."""
    mail: Mail | None = None
    """How digests leave. Without it nothing runs."""
    page: PageSettings | None = None
    """Where contributors look at their day. Without it nothing runs."""
    metrics: MetricsSettings | None = None
    """Where Prometheus reads figures. Left out: nowhere."""
    posting: PostingSettings = PostingSettings()
    """How confirmed entries reach their targets."""
    store: StoreSettings = StoreSettings()
    """Where Daybook keeps what it must remember."""

    def numbers_of(self, person: Person) -> Numbers:
        """The numbers of one person's days: number by number, the narrowest that is stated."""
        said = self.reconcile
        narrower = (
            said.teams.get(person.team or ""),
            said.roles.get(person.role or ""),
            said.people.get(person.email),
        )
        stated = {
            name: getattr(group, name)
            for group in (said, *filter(None, narrower))
            for name in Numbers.model_fields.keys() & group.model_fields_set
        }
        return Numbers.model_validate(stated)

    def schedule_of(self, person: Person, years: Iterable[int]) -> Schedule:
        """Their working week, less the public holidays and days off of these years."""
        week = self.schedules[person.schedule] if person.schedule else USUAL
        free = holidays(person.holidays, years) if person.holidays else frozenset()
        return week.observing(free.union(*map(days_off, person.days_off)))

    def zone_of(self, person: Person) -> str:
        return person.timezone or self.timezone

    def person(self, email: str) -> Person | None:
        return next((person for person in self.people if person.email == email.lower()), None)
