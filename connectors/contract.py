"""What a connector is: the one door between Daybook and an outside tool.

A connector translates. It asks a tool what changed, turns each answer into
Activities, and writes confirmed entries back as the contributor they belong
to. It decides nothing and keeps nothing: all it must remember between two
calls travels in the cursor.

Errors are named by what happens next:

    Fault
      Unavailable      not now: the layers try again
        Paced          not now, and the tool said when
      Refused          never, until a person acts: they are told once
      CursorExpired    the bookmark is too old: pull the whole window
      Unclear          a write whose answer was lost: look before doing anything
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2s
from typing import ClassVar, Literal, Protocol

from pydantic import AwareDatetime, BaseModel, SecretStr, SkipValidation

from core.draft_calendar import Block, Seen
from core.matching import Candidate
from core.model import Activity, Entry, Noun
from core.said import Sentence

MOST_PAGES = 10_000
"""A walk longer than this is a tool that never ends."""


class Fault(Exception):
    """Something between us and a tool; the message is fit for a person and holds no secret."""

    @property
    def said(self) -> str:
        """The message as it was given: a Said, where str() gives its English."""
        return self.args[0] if self.args and isinstance(self.args[0], str) else str(self)


class Unavailable(Fault):
    """Not now. Nothing changed; the same call may be made again."""


Rests = Literal["connection", "reading", "account", "call"]
"""What of a connection must wait. connection: all of it; reading: all that the organisation's credential
reads; account: what one contributor's name is on; call: that call, and those like it."""


class Paced(Unavailable):
    """Not now, and the tool said how long to wait."""

    def __init__(self, message: str, wait: timedelta, rests: Rests = "connection") -> None:
        super().__init__(message)
        self.wait = wait
        self.rests = rests


class Refused(Fault):
    """Never, until a person acts. `whose` says which person."""

    def __init__(self, message: str, whose: Literal["connection", "account", "entry"] = "entry") -> None:
        super().__init__(message)
        self.whose = whose
        """connection: the administrator; account: its contributor, everywhere; entry: there alone."""


class CursorExpired(Fault):
    """The bookmark is too old; pull again with none."""


class Unclear(Fault):
    """A write was sent and its answer lost: it may or may not have happened."""


class Terms(Noun):
    """What the policy lets a connector ask for and keep (P11)."""

    tracked: frozenset[str] = frozenset()
    """Words of the policy's `tracked` list for this tool; what is not named is not asked for."""
    private: Literal["ignore", "busy"] = "busy"
    """What becomes of activities marked private at the source."""
    in_progress: tuple[str, ...] = ()
    """Names of statuses or sections that mean work; empty: the tool's own notion."""
    containers: tuple[str, ...] = ()
    """Projects, boards and calendars that rules name, as they write them: where work is expected."""


class Credential(Noun):
    """What one call is made with in a contributor's name; good for now, not to be kept."""

    kind: Literal["token", "oauth"] = "token"
    """token: pasted by its owner; oauth: the access token of the moment."""
    secret: SecretStr


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One contributor as one tool knows them. Exists only for people who acknowledged the policy (P3)."""

    contributor: str
    """Our opaque id."""
    external: str
    """The tool's own id: an account id, a gid, a mail address."""
    email: str = ""
    """Their address, where a tool's personal tokens are signed with one; never shown or logged."""
    zone: str = "UTC"
    """IANA name; turns a tool's dates into local midnights."""
    containers: tuple[str, ...] = ()
    """Further ones, by id, that its contributor chose to have read (`Offering`)."""
    tracked: frozenset[str] | None = None
    """Words of `Terms.tracked` that hold for them, where their role is read less than others."""
    credential: Credential | None = None
    """Their own, for this call alone, where `abilities.lent` says that it is they who let us read."""


class Identity(Noun):
    """Whose a credential is."""

    external: str
    """As `Account.external`."""
    shown: str = ""
    """What the tool calls them, in one clean line for them alone; "" where it does not say."""


class Partition(Noun):
    """A piece of a tool with its own cursor, lock and pace."""

    key: str
    """Stable and opaque: goes into logs. Where it is about one contributor alone, their id."""
    accounts: tuple[Account, ...]
    asked: str = ""
    """Another print for everything else that is asked for: what vanishes with a change of it is no doubt."""


class Window(Noun):
    """The time we may look at: the policy's back-fill up to now."""

    start: AwareDatetime
    end: AwareDatetime


class Container(Noun):
    """A calendar, a project, a board: something a tool keeps things in."""

    id: str
    """What an Activity says as its `container`."""
    name: str
    """As its owner calls it."""


class Sighting(Noun):
    """All that one outside object (an event, an issue, a worklog) now says; nothing, once it is gone."""

    origin: str
    """The object's identity at its tool."""
    activities: SkipValidation[tuple[tuple[str, Activity], ...]] = ()
    """(contributor, activity), each checked when it was made: replaces whatever this origin said before."""


class Authorization(Noun):
    """What a tool's OAuth 2.0 needs to let contributors connect their own accounts."""

    authorize: str
    """The address a contributor's browser is sent to."""
    token: str
    """Where codes and refresh tokens are exchanged."""
    revoke: str | None = None
    """Where a grant is given back; None where the tool has no such address."""
    client: str
    """The id the tool gave us when the administrator registered Daybook there."""
    secret: SecretStr | None = None
    """What proves that it is us; None for a public client."""
    scopes: tuple[str, ...]
    """The least that `identify` and `writer` need."""
    meaning: dict[str, Sentence] = {}
    """What a scope lets us do, for who is asked: "see your address"."""
    sweeping: str = ""
    """Where the tool asks them for more than we need: what Daybook makes of it, in words for them."""
    further: tuple[str, ...] = ()
    """What `draft_calendar` needs besides; asked of who wants one, and of nobody else."""
    extras: dict[str, str] = {}
    """Further parameters of the authorize request: audience, access_type, prompt."""
    rotates: bool = False
    """True where every refresh brings a new refresh token and kills the former one."""
    lasts: timedelta | None = None
    """How long a consent lasts at most, however often it is used; None where no end is known."""
    takes_all_back: bool = False
    """True where one token given back ends all that its account allowed this client."""

    def widened(self) -> Authorization:
        """The same, asking for all of it at once."""
        return self.model_copy(update={"scopes": (*self.scopes, *self.further), "further": ()})


class Page(Noun):
    """One answer of a walk through what changed."""

    sightings: tuple[Sighting, ...] = ()
    skipped: dict[str, int] = {}
    """Reason -> how many objects were left out on purpose, so that nothing goes missing silently."""
    cursor: str
    """Hand it back to go on: to the next page while there is `more`, else next time. Stored, never read."""
    lacking: str = ""
    """What was not to be read until an administrator acts, in a sentence for them; all else was read."""
    more: bool = False
    """True while the walk goes on. Only the cursor of a finished walk is kept."""
    whole: bool = False
    """This walk shows the whole window: what it did not show is gone."""


class Receipt(Noun):
    """Where an entry stands at its target."""

    id: str
    """The target's id of the record."""
    task: str
    """The issue or task it hangs on."""
    stamp: str = ""
    """What the record said when we last wrote it, to notice a human edit (I6)."""


def uid_of_record(record: str) -> str:
    """The uid of a record as `logged` evidence: so we know our own when it comes back."""
    return f"logged/{record}"


def record_of(uid: str) -> str | None:
    """The id of the record that a `logged` activity speaks of; None where it speaks of none."""
    kind, slash, record = uid.partition("/")
    return record if slash and kind == "logged" else None


class Standing(Noun):
    """What `check` found out."""

    account: str
    """As whom we are known there."""
    missing: tuple[str, ...] = ()
    """Rights we need and lack."""
    excess: tuple[str, ...] = ()
    """Rights we hold and do not need."""
    told_at: AwareDatetime | None = None
    """What time it is there; None where the tool does not say."""


class Abilities(Noun):
    """What a tool can do; data, so that layers and the page can ask."""

    posts: bool = False
    step: timedelta = timedelta(minutes=1)
    """Smallest time it can record."""
    start_times: bool = True
    """False where a record has a day but no time of day."""
    marker: bool = True
    """True where a record can carry our key."""
    own_tokens: bool = True
    """False where a contributor connects by `authorization` alone and may paste no token of their own."""
    how_to_join: str = ""
    """Where they get such a token, in a sentence for them."""
    lent: bool = False
    """True where each contributor lets us read with a credential of their own: nobody else is read."""
    knows_addresses: bool = False
    """True where a mail address is an account: nobody's account id need be configured."""
    finds_accounts: bool = False
    """True where it can say by mail address whose account is whose."""
    offers: bool = False
    """True where contributors may choose further containers to be read (`Offering`)."""
    shows_drafts: bool = False
    """True where contributors may have their drafts shown in a calendar of their own (`Showing`)."""
    rereads: bool = False
    """True where its cursor brings the whole window again now and then; else it is dropped once a day."""
    shows_records: bool = False
    """True where what stands there comes back as `logged` evidence, under the policy in force."""
    like: dict[str, str] = {}
    """Words of `tracks` of its own, each with the common one that lets the same through."""
    readers: str = ""
    """Who can read a posted entry there, in words for the contributor (P-04)."""
    asks: tuple[str, ...] = ()
    """The fields it asks the tool for under these `Terms`, in the tool's own words, for people to read."""
    speaks_to: tuple[str, ...] = ()
    """The addresses it asks, beside those of `authorization`."""


class Writer(Protocol):
    """A tool as one contributor may write to it: with their own credential, under their own name."""

    def baseline(self, entry: Entry) -> str:
        """What to remember before the first attempt, so that a look tells ours from theirs (R-04)."""

    def find(self, key: str, entry: Entry, baseline: str, later: Sequence[str] = ()) -> Receipt | None:
        """The record of an earlier `post` under `key`, if there is one.

        Takes    later: keys of what the entry may have become meanwhile, where nobody remembers: then its
                 record is sought under each of them, on any task, and where no mark can tell, nobody guesses
        Raises   Unclear when several could be it and none says so, Unavailable, Refused
        """

    def post(self, key: str, entry: Entry) -> Receipt:
        """Write one confirmed entry, sending the request at most once.

        Raises   Unavailable if it certainly did not happen, Unclear if it may have, Refused
        """

    def amend(self, receipt: Receipt, key: str, entry: Entry) -> Receipt:
        """Make the record say what `entry` says; refuses where a person changed it meanwhile (I6)."""

    def withdraw(self, receipt: Receipt) -> None:
        """Remove the record if it is still as we left it; already gone is fine."""


class Connector(Protocol):
    """A tool as the organisation reads it, and a Writer for each contributor."""

    source: ClassVar[str]
    """The Activity.source it speaks of; also its `type` in the configuration."""
    called: ClassVar[str]
    """What people call the tool: in mails, on the page, in the policy."""
    Settings: ClassVar[type[BaseModel]]
    """The model of its part of the configuration."""
    tracks: ClassVar[Mapping[str, str]]
    """What a policy may list under `tracked` for it, each with a sentence on what that means."""
    name: str
    """The name of its connection in the configuration."""
    abilities: Abilities
    authorization: Authorization | None
    """How contributors connect by OAuth; None where they paste a token, or have nothing to connect."""

    def partitions(self, accounts: Sequence[Account]) -> list[Partition]:
        """The pieces to pull for these people; none for nobody (P3)."""

    def pull(self, partition: Partition, window: Window, cursor: str | None) -> Page:
        """The next page of what changed since `cursor`, or of all of `window` without one.

        Gives    activities of `partition.accounts` only; never a cursor from an answer it cannot trust
        Raises   CursorExpired, Unavailable, Refused
        """

    def check(self) -> Standing:
        """Prove that the credentials reach what will be read, reading nobody's data."""

    def accounts(self, addresses: Iterable[str]) -> Mapping[str, Sequence[Candidate]]:
        """Who could be whom, by address; asked only where abilities.finds_accounts, for who agreed (P3).

        Takes    addresses to be taken one by one as they are asked about: who leaves meanwhile drops out
        Gives    every address it was asked for, with no candidate where there is nobody
        Raises   Unavailable, Refused
        """

    def identify(self, credential: Credential, email: str) -> Identity:
        """The account this contributor's own credential belongs to; Refused where it is nobody's."""

    def writer(self, account: Account, credential: Credential) -> Writer:
        """Writes as `account`, with their own credential."""


class Offering(Connector, Protocol):
    """A connector where `abilities.offers`: its contributors may choose more to be read than is by itself."""

    def containers(self, account: Account) -> tuple[Container, ...]:
        """All that this contributor may choose from, complete; nothing in them is read.

        Raises   Unavailable, Refused
        """


class Changes(Noun):
    """What changed in a calendar of drafts."""

    seen: tuple[Seen, ...]
    cursor: str
    """Hand it back for what changes from here on. Stored, never read."""


class DraftCalendar(Protocol):
    """A calendar of one contributor's own at their tool, that we made there and nobody else is shown.

    Its events are private and free, have no guests and remind nobody. Every call raises Unavailable and
    Refused; one that writes raises Unclear where it may have happened.
    """

    def make(self, name: str, zone: str) -> str:
        """Make one, sending the request at most once; gives its id."""

    def changed(self, calendar: str, cursor: str | None) -> Changes | None:
        """All that changed since, or all that stands there; None once there is no such calendar.

        Raises   CursorExpired
        """

    def look(self, calendar: str, event: str) -> Seen | None:
        """One event; None where there never was one."""

    def put(self, calendar: str, event: str, block: Block, stamp: str) -> Seen | None:
        """Write an event of this id if it is as `stamp` says; gives how it stands there then.

        Takes    stamp: "" for one that is not there
        Gives    None where nothing is known of it there: the whole calendar may be gone
        """

    def remove(self, calendar: str, event: str, stamp: str) -> Seen:
        """Take it away if it is as `stamp` says; gives how it stands there then."""

    def end(self, calendar: str) -> None:
        """Take the whole calendar away; already gone is fine."""


class Showing(Connector, Protocol):
    """A connector where `abilities.shows_drafts`."""

    def draft_calendar(self, account: Account, credential: Credential) -> DraftCalendar:
        """As `account`, with their own credential."""


class Endless(Unavailable):
    """The tool repeats itself or never ends; nothing of this walk is trusted."""


_TRUSTED = "Nothing of this walk was kept; the next round tries again."


def walk(connector: Connector, partition: Partition, window: Window, cursor: str | None) -> Iterator[Page]:
    """Every page of one pull, complete or loud: a walk that repeats itself or never ends raises."""
    seen = set() if cursor is None else {_brief(cursor)}
    for _ in range(MOST_PAGES):
        page = connector.pull(partition, window, cursor)
        brief = _brief(page.cursor)
        if page.more and brief in seen:
            raise Endless(f"{connector.source} gave the same page twice. {_TRUSTED}")
        yield page
        if not page.more:
            return
        cursor = page.cursor
        seen.add(brief)
        del page  # a page is large: none is held while the next is made
    raise Endless(f"{connector.source} went on for {MOST_PAGES} pages. {_TRUSTED}")


def _brief(cursor: str) -> bytes:
    """A cursor may be megabytes; sixteen bytes are enough to know it again."""
    return blake2s(cursor.encode(errors="surrogatepass"), digest_size=16).digest()
