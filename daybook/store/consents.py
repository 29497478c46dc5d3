"""Questions we sent contributors' browsers to a tool with, until the answer comes back: one each."""

from __future__ import annotations

import json
from hmac import compare_digest

from pydantic import AwareDatetime, SecretStr
from sqlalchemy import delete, select, update

from core.model import Noun
from core.periods import week
from core.said import Kept, written
from daybook.store import engine
from daybook.store.part import Part
from daybook.store.schema import consents
from daybook.store.seal import Row


class Consent(Noun):
    """One question, and later what became of it."""

    contributor: str
    connection: str
    begun_at: AwareDatetime
    back: str = ""
    """The page of ours that asked."""
    browser: SecretStr = SecretStr("")
    """What the browser that asked must show again."""
    verifier: SecretStr = SecretStr("")
    """PKCE: what proves that who fetches the code is who asked."""
    drafts: bool = False
    """They want their drafts shown in a calendar of their own there."""
    problem: Kept = ""
    """Why it came to nothing, in words for the contributor."""


class Consents(Part):
    """By contributor and connection; a new question takes the place of the former."""

    def ask(self, consent: Consent, state: str) -> None:
        self._put(consent, self._vault.fingerprint("state", state))

    def answered(self, state: str, browser: str) -> Consent | None:
        """The question this state was sent with, once, and to the browser that asked alone.

        Whoever comes second, or with another browser, finds nothing; a stranger uses nothing up.
        """
        mark = self._vault.fingerprint("state", state)
        query = select(consents).where(consents.c.state == mark)
        row = self._connection.execute(query).mappings().one_or_none()
        consent = self._opened(row) if row else None
        if consent is None or not compare_digest(consent.browser.get_secret_value(), browser):
            return None
        self._connection.execute(update(consents).where(consents.c.state == mark).values(state=None))
        return consent

    def failed(self, consent: Consent, problem: str) -> None:
        """Remember what to say about it."""
        self._put(
            Consent(
                contributor=consent.contributor,
                connection=consent.connection,
                begun_at=consent.begun_at,
                drafts=consent.drafts,
                problem=problem,
            ),
            None,
        )

    def problems(self, contributor: str) -> dict[str, Consent]:
        """By connection, what came of this contributor's latest question."""
        query = select(consents).where(consents.c.contributor == contributor)
        found = [self._opened(row) for row in self._connection.execute(query).mappings().all()]
        return {one.connection: one for one in found if one.problem}

    def drop(self, contributor: str, connection: str) -> None:
        which = (consents.c.contributor == contributor, consents.c.connection == connection)
        self._connection.execute(delete(consents).where(*which))

    def _put(self, consent: Consent, mark: bytes | None) -> None:
        row = {
            "contributor": consent.contributor,
            "connection": consent.connection,
            "begun_at": consent.begun_at,
            "state": mark,
        }
        content = {
            "back": consent.back,
            "browser": consent.browser.get_secret_value(),
            "verifier": consent.verifier.get_secret_value(),
            "drafts": consent.drafts,
            "problem": written(consent.problem),
        }
        row = self._vault.sealed(consents, row, json.dumps(content), week(consent.begun_at.date()))
        self._connection.execute(
            engine.insert(consents)
            .values(row)
            .on_conflict_do_update(index_elements=consents.primary_key, set_=row)
        )

    def _opened(self, row: Row) -> Consent:
        kept = {name: row[name] for name in ("contributor", "connection", "begun_at")}
        return Consent(**kept, **json.loads(self._vault.opened(consents, row)))
