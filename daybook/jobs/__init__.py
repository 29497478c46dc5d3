"""The work itself: one function for each kind that `core.rounds` can name.

Every job may run twice, at any moment, and may die at any line. So each one
reads the state, does one thing, and writes down that it did, giving way where
the state moved meanwhile. A job that cannot go on says so in the state, and
the next round finds it due again.
"""

from __future__ import annotations

import structlog

from core.rounds import (
    Announce,
    Digest,
    Find,
    Forget,
    Freeze,
    Hand,
    Invite,
    Listen,
    LookBack,
    Post,
    Publish,
    Pull,
    Reconcile,
    Remind,
    Revoke,
    Show,
    Tend,
    Warn,
    Work,
)
from daybook import doubt, lending, pulse, reporting, returning
from daybook.house import House
from daybook.jobs.find import find
from daybook.jobs.post import post
from daybook.jobs.pull import fill, pull
from daybook.jobs.reconsider import Moved, reconsider
from daybook.jobs.show import show
from daybook.mail import letters
from daybook.store import leftovers

log = structlog.get_logger()


__all__ = ["Moved", "fill", "find", "perform", "post", "pull", "reconsider", "show"]


def perform(house: House, work: Work) -> None:
    """Do one piece of work; none that was planned before the clock leapt to where it is not believed."""
    if doubt.leapt_away(house):
        return
    match work:
        case Find():
            find(house, work.connection)
        case Pull():
            pull(house, work.connection, work.partition, whole=work.whole)
        case Reconcile():
            reconsider(house, work.contributor, work.days)
        case Show():
            show(house, work.contributor, work.connection)
        case Digest():
            letters.send_digest(house, work.contributor, work.day)
        case Remind():
            letters.send_reminder(house, work.contributor, work.day)
        case LookBack():
            letters.send_look_back(house, work.contributor, work.day)
        case Invite():
            letters.send_invitation(house, work.contributor)
        case Announce():
            letters.send_announcement(house, work.contributor)
        case Warn():
            letters.send_stop(house, work.contributor)
        case Listen():
            from daybook.mail import replies  # most houses have no mailbox

            replies.look(house)
        case Post():
            post(house, work.posting)
        case Forget():
            forget(house)
        case Tend():
            lending.tend(house)
        case Revoke():
            returning.tell(house, work.revocation)
        case Freeze():
            reporting.freeze(house, work.week)
        case Publish():
            reporting.publish(house, work.report, work.period)
        case Hand():
            letters.send_report(house, work.contributor, work.day)


def forget(house: House) -> None:
    """Count what may be counted, and remove what is past its retention, from the file too (P12)."""
    pulse.look(house)
    leftovers.tidied(house.store.path, house.clock())
    keep = house.policy.retention.model_dump()
    forgotten = house.store.forget(keep, house.clock())
    log.info("retention.kept", days=keep, status="clean" if forgotten.clean else "again")
