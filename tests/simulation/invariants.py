"""What must hold after every step: a witness who saw every yes, every commit and every request.

    I1  nothing stands at a tool that its contributor did not confirm as it stands there, and take back since
    I2  at most one live record of an entry
    I3  once the faults stop, all of it drains
    I4  the minutes at the tool are the minutes that were confirmed
    I5  nothing unconfirmed leaves the house: what leaves it is posted, and I1 holds for that
    I6  what a person changed or removed at the tool stays as they left it
    I7  looked at again, nothing changes and nothing is sent
    I9  no token, title or address in the log

The rest is seen elsewhere: I8 by telling a seed's story twice (test_simulation.py), I10 to I12 by the tests
of the store and of erasing, which read every byte of the files.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from core.model import Entry, Suggestion
from daybook.store import drafts
from tests.simulation.ground import Kept
from tests.simulation.outside import IN_FLIGHT, Revision

if TYPE_CHECKING:
    from tests.simulation.world import World

SECRET = ("Otter", "token-", "@northwind")
"""In every title, credential and address there is."""


_ENTRIES = "SELECT id, revision, contributor, draft FROM entries"
_POSTINGS = "SELECT entry, contributor, lane, state, attempt FROM postings"


class Broken(AssertionError):
    """An invariant does not hold."""


class Yes(NamedTuple):
    """What a contributor read when they said yes."""

    minutes: int
    target: str | None
    text: str

    @classmethod
    def to(cls, said: Suggestion | Entry) -> Yes:
        return cls(said.minutes, said.target, said.text)


class Witness:
    """Keeps what was said and done, beside the program, and compares."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._said: defaultdict[bytes, set[Yes]] = defaultdict(set)
        """By draft, whatever its contributor ever said yes to."""
        self.entries: dict[Revision, Entry] = {}
        self.owners: dict[str, str] = {}
        """Entry -> whose it is."""
        self._of_draft: dict[bytes, str] = {}
        self._newest: dict[str, int] = {}
        self._undone: set[Revision] = set()
        self._doubted: set[bytes] = set()
        """Drafts that were confirmed, and may have been something else since."""
        self.left: set[str] = set()
        """Who ever left: their drafts went, and what they confirmed stayed."""
        self._sent: Counter[str] = Counter()
        """How often anything was sent about an entry."""
        self._sent_at: dict[str, datetime] = {}
        """When it was last sent anew."""
        self._attempts: dict[str, int] = {}
        self._stood: tuple[list[Any], list[Any]] = [], []
        """The entries and postings of the last look."""

    def trusts(self, kept: Iterable[Kept]) -> None:
        """What was confirmed before the world began was meant, and posted rightly."""
        for draft, who, entry, attempts, record in kept:
            self._said[draft].add(Yes.to(entry))
            self._confirmed(draft, who, entry)
            self._sent[entry.id] = attempts
            if record is not None:
                self._world.tool.made_for[record] = (entry.id, entry.revision)

    # --- what contributors say -------------------------------------------------------------------------

    def says_yes(self, who: str, key: str, seen: Suggestion) -> None:
        """They are about to confirm what they read; whether it is heard is another thing."""
        self._said[self._named(who, key)].add(Yes.to(seen))

    def was_thanked(self, who: str, key: str) -> None:
        """The program told them that their yes is kept."""
        draft = self._named(who, key)
        self._holds(draft in self._of_draft, "P10", "a yes that was thanked for is not kept")

    def stands_by(self, who: str, key: str) -> Revision | None:
        """What of it is confirmed now; they are about to say something else."""
        draft = self._named(who, key)
        self._doubted.add(draft)
        entry = self._of_draft.get(draft)
        return (entry, self._newest[entry]) if entry else None

    def entry_at(self, number: str) -> str:
        """The entry that we take a record for."""
        found = self._world.eyes.execute("SELECT entry FROM postings WHERE remote = ?", (number,))
        return str(found.fetchone()[0])

    def newest(self, entry: str) -> Entry:
        """What was confirmed last."""
        return self.entries[entry, self._newest[entry]]

    def took_back(self, revision: Revision | None) -> None:
        """The program told them that it is taken back."""
        if revision is not None:
            self._undone.add(revision)

    # --- what is committed -----------------------------------------------------------------------------

    def look(self) -> bool:
        """Look at what stands after a commit; gives whether an attempt is about to be made."""
        eyes = self._world.eyes
        stands = eyes.execute(_ENTRIES).fetchall(), eyes.execute(_POSTINGS).fetchall()
        if stands == self._stood:
            return False  # of all commits most are of something else
        self._stood = entries, postings = stands
        for entry, revision, who, draft in entries:
            if (entry, revision) not in self.entries:
                self._is_new(entry, revision, who, draft)
        unknown = set()
        attempts: Counter[str] = Counter()
        for entry, who, lane, state, attempt in postings:
            attempts[entry] += attempt
            if state == "sending":
                self._holds(
                    (who, lane) not in unknown, "R-04", "two of one contributor are under way to one task"
                )
                unknown.add((who, lane))
        for entry, attempt in attempts.items():
            self._holds(attempt >= self._attempts.get(entry, 0), "R-02", "an attempt is no longer counted")
        before, self._attempts = self._attempts, dict(attempts)
        return any(attempt > before.get(entry, 0) for entry, attempt in attempts.items())

    def _is_new(self, entry: str, revision: int, who: str, draft: bytes) -> None:
        with self._world.house.store.reading() as tx:
            kept = next(one for one in tx.entries.revisions(who, entry) if one.revision == revision)
        self._holds(
            Yes.to(kept) in self._said[draft], "I1", f"an entry of {Yes.to(kept)}, and nobody said yes to it"
        )
        self._confirmed(draft, who, kept)

    def _confirmed(self, draft: bytes, who: str, entry: Entry) -> None:
        self.entries[entry.id, entry.revision] = entry
        self.owners[entry.id] = who
        self._of_draft[draft] = entry.id
        self._newest[entry.id] = entry.revision

    # --- what happens at the tool ----------------------------------------------------------------------

    def sent(self, what: str, entry: str) -> None:
        """A request that writes is about to leave the house."""
        self._sent[entry] += 1
        counted = self._attempts.get(entry, 0)
        self._holds(self._sent[entry] <= counted, "R-02", "sent before the attempt was on disk")
        if what == "post":
            self._sent_at[entry] = self._world.now

    def looks(self, entry: Entry) -> None:
        """A request asks whether the record of an entry is there.

        Who stood still while others sent it anew looks for what was sent before, and is not believed.
        """
        sent, world = self._sent_at.get(entry.id), self._world
        early = sent is not None and sent <= world.began and world.now < sent + IN_FLIGHT + world.tool.lag
        self._holds(not early, "R-02", "looked before what was sent could show up")

    def landed(self, number: str, entry: Entry) -> None:
        """A record was made, or made to say something else."""
        tool, revision = self._world.tool, (entry.id, entry.revision)
        self._world.tell(f"  {number} stands at {entry.target}: {entry.minutes} min")
        self._holds(
            revision in self.entries and self.entries[revision] == entry, "I1", "posted what is not confirmed"
        )
        self._holds(revision not in self._undone, "I1", "posted what was taken back")
        self._holds(number not in tool.touched, "I6", "a person's change of a record is overwritten")
        tool.made_for[number] = revision
        self._holds(len(tool.ours(entry.id)) == 1, "I2", f"{len(tool.ours(entry.id))} records of one entry")

    def removed(self, number: str) -> None:
        """We took a record away."""
        self._holds(number not in self._world.tool.touched, "I6", "a record that a person changed is removed")

    # --- the end ---------------------------------------------------------------------------------------

    def drained(self) -> None:
        """All that was confirmed is where it belongs, of everybody who stayed."""
        tool, stands = self._world.tool, self._postings()
        decisions = dict(self._world.eyes.execute("SELECT draft, state FROM drafts"))
        for draft, entry in self._of_draft.items():
            revision, decision = self._newest[entry], decisions.get(draft, "gone")
            said = self.entries[entry, revision]
            if said.target == "none" or self.owners[entry] in self.left:
                continue
            confirmed = decision == "confirmed" and (entry, revision) not in self._undone
            by_hand = draft in self._doubted
            self._holds(confirmed or by_hand, "P10", f"a yes is {decision} by itself")
            ours = [number for number in tool.ours(entry) if number not in tool.touched]
            if not confirmed:
                self._holds(not ours, "I1", "what was taken back still stands at the tool")
                continue
            state, number = stands.get((entry, revision), ("nowhere", None))
            self._holds(state == "posted", "I3", f"an entry is {state} long after the faults stopped")
            made = {one for one, for_whom in tool.made_for.items() if for_whom[0] == entry}
            if tool.touched & (made | {number}):
                continue
            record = tool.records.get(number or (ours[0] if ours else ""))
            there = f"{record.minutes} min stand there" if record else "nothing stands there"
            kept = record is not None and record.says(said)
            self._holds(kept, "I4", f"{there}, {said.minutes} were confirmed")

    def rows(self) -> list[Any]:
        """All that a look without news must leave as it is."""
        eyes = self._world.eyes
        return [
            sorted(eyes.execute(f"SELECT {columns} FROM {table}"), key=repr)
            for table, columns in (
                ("drafts", "contributor, draft, revision, state"),
                ("entries", "id, revision"),
                ("postings", "id, state, attempt, version"),
                ("evidence", "contributor, origin, part, fingerprint"),
            )
        ]

    def receipts(self) -> dict[str, str]:
        """The records we know while nothing is under way to them, and where their postings stand."""
        known = "SELECT remote, state FROM postings WHERE state IN ('posted', 'held', 'refused')"
        return dict(self._world.eyes.execute(known))

    def heard(self, line: str) -> None:
        """Something was logged."""
        self._holds(not any(word in line for word in SECRET), "I9", f"the log says: {line}")

    def _postings(self) -> dict[Revision, tuple[str, str | None]]:
        found: dict[Revision, tuple[str, str | None]] = {}
        with self._world.house.store.reading() as tx:
            for who in sorted(set(self.owners.values())):
                for filed in tx.postings.all_of(who):
                    one = filed.posting
                    found[one.entry.id, one.entry.revision] = (
                        one.state,
                        one.remote.id if one.remote else None,
                    )
        return found

    def _named(self, who: str, key: str) -> bytes:
        return drafts.name(self._world.house.store._keyring, who, key)

    def _holds(self, true: bool, what: str, otherwise: str) -> None:
        if not true:
            self._world.tell(f"BROKEN {what}: {otherwise}")
            raise Broken(f"{what}: {otherwise}")
