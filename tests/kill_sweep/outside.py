"""What is around the loop, in another process: Jira, Asana and a mail server, and the administrator's file.

After a kill it can be waited for: what was sent by the dead may still be on its way.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from connectors.asana.sandbox import AsanaSite
from connectors.jira.sandbox import JiraSite
from daybook.sandbox.post_office import PostOffice
from tests.kill_sweep.clock import MORNING, Clock

TEMPLATE = Path(__file__).with_name("daybook.yaml")
READER, ADA = "daybook@northwind.example", "ada@northwind.example"
TOKEN = "token-of-"
LONG = 60.0
"""Seconds on a busy machine."""
ESTABLISHED = "01"
"""As /proc/net/tcp says it."""


class Outside:
    """Two tools in which Ada worked yesterday, and her mailbox."""

    def __init__(self, clock: Clock) -> None:
        self.jira, self.asana, self.mail = JiraSite(clock=clock), AsanaSite(clock=clock), PostOffice()
        self.sites = (self.jira, self.asana, self.mail)
        world, yesterday = self.jira.world, MORNING - timedelta(days=1)
        world.add_user(READER, TOKEN + READER, "Daybook")
        ada = world.add_user(ADA, TOKEN + ADA, "Ada", "Europe/Berlin")
        world.add_project("WEB", "Website")
        for number, title in enumerate(("Address form", "Fold the map")):
            begin = yesterday + timedelta(hours=1 + 2 * number)
            key = world.add_issue("WEB", title, assignee=ada, created=yesterday)
            world.change(key, begin, ada, status="In Progress")
            world.change(key, begin + timedelta(hours=2), ada, status="Done")
        self.asana.add_user(READER, TOKEN + READER, "Daybook", service=True)
        ada = self.asana.add_user(ADA, TOKEN + ADA, "Ada")
        self.board = self.asana.add_project("Studio", members=[ada], at=yesterday)
        task = self.asana.add_task(self.board, "Press kit", ada, created=yesterday, by=ada)
        self.asana.move(task, "Doing", yesterday + timedelta(hours=5), ada)
        self.asana.move(task, "Done", yesterday + timedelta(hours=8), ada)

    @contextmanager
    def running(self) -> Iterator[None]:
        for site in self.sites:
            site.start()
        try:
            yield
        finally:
            for site in self.sites:
                site.stop()

    def configuration(self, folder: Path, store: str) -> Path:
        """Write what an administrator would write."""
        file = folder / "daybook.yaml"
        told = {"jira": self.jira.url, "asana": self.asana.url, "smtp": self.mail.smtp, "store": store}
        file.write_text(
            TEMPLATE.read_text().format(reader=READER, token=TOKEN + READER, board=self.board, **told)
        )
        return file

    def settles(self) -> None:
        """All that a dead process sent has arrived, or never will."""
        ports = [int(site.url.rpartition(":")[2]) for site in (self.jira, self.asana)]
        for port in ports:
            # connections are taken in their order, so once ours is answered the dead one's have their threads
            with socket.create_connection(("127.0.0.1", port)) as knock:
                knock.sendall(b"GET /knock HTTP/1.0\r\n\r\n")
                while knock.recv(4096):
                    pass
        deadline = time.monotonic() + LONG
        while sum("process_request" in thread.name for thread in threading.enumerate()) > _living(ports):
            assert time.monotonic() < deadline, "a connection of the dead is still open"
            time.sleep(0.001)

    def asked_to_write(self) -> int:
        """How many requests came that change a record."""
        counts = self.jira.counts + self.asana.counts
        return sum(
            count
            for endpoint, count in counts.items()
            if endpoint.startswith(("PUT", "DELETE"))
            or re.search("POST .*(worklog|time_tracking_entries)$", endpoint)
        )

    def stands(self) -> Counter[str]:
        """Every record at the tools and every mail, in words that are the same in every life."""
        people = self.jira.world.people
        logs = [
            f"{log.issue.key}: {log.seconds // 60} min of {people[log.author].name}, {log.started:%a %H:%M}"
            for log in self.jira.world.worklogs
        ]
        entries = [
            f"task {one.task}: {one.minutes} min of {one.user}, {one.day:%a}"
            for one in self.asana.time_entries
        ]
        mails = [f"mail to {one.to}: {one.message['subject']}" for one in self.mail.deliveries]
        return Counter([*logs, *entries, *mails])


def _living(ports: list[int]) -> int:
    """How many connections to these ports still have somebody at their other end."""
    ours = {f"0100007F:{port:04X}" for port in ports}
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(here in ours and state == ESTABLISHED for _, here, _, state, *_ in rows)
