"""Everything outside Daybook, on loopback: three tools, their accounts, a mail server, with one team in them.

Each listens on a port of its own and speaks HTTP or SMTP like the real one.
`configuration` writes what an administrator would write to use them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.asana.sandbox import AsanaSite
from connectors.google_calendar.sandbox import CalendarSite
from connectors.jira.sandbox import JiraSite
from connectors.jira.sandbox_auth import OFFLINE, SCOPES, Atlassian
from connectors.stand_in import Faults, StandIn
from daybook.init import new_master_key
from daybook.sandbox.plant import READER, Planted, plant, token
from daybook.sandbox.post_office import PostOffice
from daybook.sandbox.targets import Targets
from daybook.sandbox.team import Member, Team, last_finished_day, make

TEMPLATE = Path(__file__).with_name("daybook.yaml")

APP = "daybook-of-northwind"
"""As what Daybook is registered at the tools."""
PROPOSED_DAYS = 2
"""How many working days of evidence a demonstration looks back over."""


class Outside:
    """The stand-ins and the team that works in them."""

    def __init__(
        self, contributors: int, seed: int, now: datetime, faults: int | None = None, *, limits: bool = True
    ) -> None:
        """Takes    limits: whether they take no more requests in a time than the real ones"""
        self.team: Team = make(contributors, seed, last_finished_day(now))
        self._passed = timedelta()
        self.jira = JiraSite(clock=self._clock, faults=_faults(faults, "jira"), burst=None if limits else 0)
        self.atlassian = Atlassian(self.jira, clock=self._clock, faults=_faults(faults, "atlassian"))
        self.asana = AsanaSite(clock=self._clock, faults=_faults(faults, "asana"))
        self.calendar = CalendarSite(clock=self._clock, faults=_faults(faults, "calendar"))
        if not limits:
            self.asana.requests_per_minute = None
            self.calendar.limit(0, project=0)
        self.mail = PostOffice(_faults(faults, "mail"))
        self.planted: Planted = plant(self.team, self.jira, self.asana, self.calendar)
        self.targets = Targets(self.jira, self.asana, self._names())
        self.back_fill = (now.date() - self.team.days[-PROPOSED_DAYS]).days + 2

    def let_pass(self, time: timedelta) -> None:
        """The tools' clocks go on by so much at once; ours do not."""
        self._passed += time

    def _clock(self) -> datetime:
        return datetime.now(UTC) + self._passed

    def _names(self) -> dict[str, str]:
        """Who is who at the targets."""
        name = {member.email: member.name for member in self.team.members}
        accounts = [*self.planted.jira.items(), *self.planted.asana.items()]
        return {account: name[email] for email, account in accounts}

    @property
    def sites(self) -> dict[str, StandIn]:
        """By the name of their connection, and the one where people let others into Jira."""
        return {
            "jira": self.jira,
            "asana": self.asana,
            "calendar": self.calendar,
            "atlassian": self.atlassian,
        }

    @contextmanager
    def running(self) -> Iterator[None]:
        everything = [*self.sites.values(), self.mail, self.targets]
        for one in everything:
            one.start()
        try:
            yield
        finally:
            for one in everything:
                one.stop()

    def counts(self) -> dict[str, dict[str, int]]:
        """Requests by service and endpoint since they were last asked; counting starts anew."""
        return {name: dict(sorted(site.reset_counts().items())) for name, site in self.sites.items()}

    def credentials(self, page: str) -> dict[str, str]:
        """What an administrator would keep under these names, having registered a page as Daybook's."""
        jira = self.atlassian.desk.register(APP, [f"{page}/connect/jira/back"], [*SCOPES, OFFLINE])
        asana = self.asana.register(APP, [f"{page}/connect/asana/back"])
        return {
            "jira-app": jira.secret,
            "asana-app": asana.secret,
            "google-key": json.dumps(self.calendar.service_account_key()),
            "jira-token": token("jira", READER),
            "asana-token": token("asana", READER),
            "master-key": new_master_key(),
        }


def _faults(seed: int | None, tool: str) -> Faults:
    return Faults() if seed is None else Faults(seed * 1000 + sum(tool.encode()))


USUAL = {"hold": "10s", "patience": "10s", "timeout": "30s", "longest_rest": "1h", "look_after": "90s"}
QUICK = {"hold": "1s", "patience": "2s", "timeout": "2s", "longest_rest": "1s", "look_after": "5s"}
"""For a run without a person: everything waits, but not for long."""


def configuration(outside: Outside, folder: Path, page: str, *, quick: bool) -> Path:
    """Write daybook.yaml, the files it includes and the credentials into a folder.

    Takes    page: host:port the page listens on; quick: wait for seconds where one would wait for minutes
    """
    (folder / "credentials").mkdir(mode=0o700)
    for name, secret in outside.credentials(f"http://{page}").items():
        (folder / "credentials" / name).write_text(secret)
        (folder / "credentials" / name).chmod(0o600)
    (folder / "people.yaml").write_text("people:\n" + "".join(map(_person, outside.team.members)))
    rules = (_rules_of_meetings(lead.team, outside.planted) for lead in outside.team.leads)
    (folder / "meetings.yaml").write_text("rules:\n" + "".join(rules))
    file = folder / "daybook.yaml"
    text = TEMPLATE.read_text("utf-8").format(
        effective=outside.team.days[0] - timedelta(days=30),
        back_fill=outside.back_fill,
        reader=READER,
        smtp=outside.mail.smtp,
        page=page,
        folder=folder,
        app=APP,
        boards=", ".join(f'"{gid}"' for gid in outside.planted.asana_projects.values()),
        pauses="1s, 2s, 3s" if quick else "10s, 1m, 5m",
        **{name: site.url for name, site in outside.sites.items()},
        **(QUICK if quick else USUAL),
    )
    file.write_text(text)
    return file


def _person(member: Member) -> str:
    return (
        f"  - {{name: {member.name}, email: {member.email}, team: {member.team}, role: {member.role}, "
        f"schedule: {member.hours}, timezone: {member.zone}}}\n"
    )


def _rules_of_meetings(team: str, planted: Planted) -> str:
    """Where one team books what has no issue or task of its own."""
    return f"""\
  - name: ACME calls of {team}
    when: {{source: google_calendar, title: acme, team: {team}}}
    then: {{project: acme-web, category: meeting, target: {{jira: {planted.calls[team]}}}}}
  - name: Company meetings of {team}
    when:
      kind: meeting
      team: {team}
      any: [{{title: {{regex: "^(all.hands|stand.?up)"}}}}, {{title: internal}}]
    then: {{project: studio, category: meeting, target: {{asana: "{planted.meetings[team]}"}}}}
"""
