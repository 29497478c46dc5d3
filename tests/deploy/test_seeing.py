"""The dashboard and the alerts ask for figures that there are, in words that Prometheus understands."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from daybook.__main__ import daybook
from daybook.metrics.figures import FIGURES

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy/prometheus/daybook.rules.yml"
DASHBOARD = ROOT / "deploy/grafana/daybook.json"
SERIES = {figure.name + "_total" * figure.counts: set(figure.labels) for figure in FIGURES}
THEIRS = {"up", "instance", "job"}
"""What Prometheus itself adds."""


def rules() -> list[dict[str, Any]]:
    said = YAML(typ="safe").load(RULES.read_text("utf-8"))
    return [rule for group in said["groups"] for rule in group["rules"]]


def queries() -> Iterator[str]:
    for panel in json.loads(DASHBOARD.read_text("utf-8"))["panels"]:
        for target in panel["targets"]:
            yield target["expr"]


@pytest.mark.parametrize("asked", [*queries(), *(rule["expr"] for rule in rules())])
def test_every_query_is_of_figures_and_labels_that_there_are(asked: str) -> None:
    names = set(re.findall(r"\bdaybook_\w+|\bup\b", re.sub(r'"[^"]*"', '""', asked)))
    assert names
    assert names <= SERIES.keys() | THEIRS
    labels = {name for group in re.findall(r"by \(([^)]*)\)", asked) for name in group.split(", ")}
    labels |= set(re.findall(r"[{,](\w+)=", asked))
    assert labels <= THEIRS.union(*(SERIES[name] for name in names & SERIES.keys()))


def test_the_dashboard_shows_every_figure() -> None:
    shown = set(re.findall(r"\bdaybook_\w+", " ".join(queries())))
    assert shown == SERIES.keys()


def test_all_of_the_dashboard_is_all_of_daybook_and_not_all_that_prometheus_watches() -> None:
    """Else `up` of somebody's printer says that Daybook does not answer."""
    (job,) = (
        one for one in json.loads(DASHBOARD.read_text("utf-8"))["templating"]["list"] if one["name"] == "job"
    )
    assert job["query"] == "label_values(daybook_build_info, job)"
    assert "allValue" not in job


def test_every_alert_says_what_happened_and_what_to_do() -> None:
    for rule in rules():
        assert rule["annotations"].keys() == {"summary", "do"}, rule["alert"]
        assert rule["labels"]["severity"] in ("page", "ticket")


def test_every_command_an_alert_names_is_one_of_ours() -> None:
    said = " | ".join(rule["annotations"]["do"] for rule in rules())
    ours = re.findall(r"\bdaybook ([a-z]+)", said)
    assert ours
    assert set(ours) - {"daybook"} <= set(daybook.commands)


promtool = pytest.mark.skipif(not shutil.which("promtool"), reason="comes with Debian's prometheus")


@promtool
def test_prometheus_understands_rules_and_queries(tmp_path: Path) -> None:
    text = [query.replace("$__rate_interval", "5m") for query in queries()]
    made = [{"record": f"query:{number}", "expr": query} for number, query in enumerate(text)]
    asked = tmp_path / "queries.yml"
    asked.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": made}]}))
    for file in (RULES, asked):
        done = subprocess.run(["promtool", "check", "rules", file], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


MACHINES = ("one", "two", "three")
SOUND = {
    "up": "1", "daybook_store_up": "1", "daybook_look_age_seconds": "5", "daybook_clock_believed": "1",
    "daybook_store_short": "0", "daybook_source_failing_seconds": "0", "daybook_source_doubted": "0",
    "daybook_source_lag_seconds": "0", "daybook_late_seconds": "0", "daybook_jobs_broken_total": "7",
    "daybook_postings{state='refused'}": "0", "daybook_mails{state='failed'}": "0",
    "daybook_mails{state='given_up'}": "0", "daybook_mailbox_up": "1", "daybook_reload_refused": "0",
    "daybook_credential_ends_seconds": "9e6", "daybook_processes_wrong_clock": "0",
    "daybook_rollout_stopped": "0", "daybook_access_logs_broken": "0", "daybook_backup_age_seconds": "90000",
}  # fmt: skip
ILL = {
    "DaybookDown": ("up", "0"),
    "DaybookStoreDown": ("daybook_store_up", "0"),
    "DaybookStandsStill": ("daybook_look_age_seconds", "601"),
    "DaybookClockDoubted": ("daybook_clock_believed", "0"),
    "DaybookDiskShort": ("daybook_store_short", "1"),
    "DaybookBackupOld": ("daybook_backup_age_seconds", "172801"),
    "DaybookSourceFails": ("daybook_source_failing_seconds", "7201"),
    "DaybookSourceDoubted": ("daybook_source_doubted", "1"),
    "DaybookSourceLags": ("daybook_source_lag_seconds", "3601"),
    "DaybookWorkLate": ("daybook_late_seconds", "3601"),
    "DaybookJobsBreak": ("daybook_jobs_broken_total", "0+1"),
    "DaybookPostingsNeedHelp": ("daybook_postings{state='refused'}", "1"),
    "DaybookMailsFail": ("daybook_mails{state='failed'}", "1"),
    "DaybookMailboxAway": ("daybook_mailbox_up", "0"),
    "DaybookCredentialEnds": ("daybook_credential_ends_seconds", "9e5"),
    "DaybookReloadRefused": ("daybook_reload_refused", "1"),
    "DaybookWorkerClockWrong": ("daybook_processes_wrong_clock", "1"),
    "DaybookRolloutStopped": ("daybook_rollout_stopped", "1"),
    "DaybookAccessLogBroken": ("daybook_access_logs_broken", "1"),
}
OF_A_MACHINE = {"DaybookDown", "DaybookStoreDown", "DaybookClockDoubted", "DaybookDiskShort"}
"""Each machine has its own of these; the others are said once, however many machines see the same."""


@promtool
def test_each_alert_comes_when_its_trouble_lasts_and_no_other_does(tmp_path: Path) -> None:
    assert ILL.keys() == {rule["alert"] for rule in rules()}
    days = [lasting({}, {})]
    for alert, (series, value) in ILL.items():
        days.append(lasting({series: value}, {alert: len(MACHINES) if alert in OF_A_MACHINE else 1}))
    tried = tmp_path / "tried.yml"
    tried.write_text(json.dumps({"rule_files": [str(RULES)], "evaluation_interval": "10m", "tests": days}))
    done = subprocess.run(["promtool", "test", "rules", tried], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def lasting(ill: dict[str, str], firing: dict[str, int]) -> dict[str, Any]:
    """A day and an hour on which three processes show this, as promtool takes it."""
    shown = SOUND | ill
    return {
        "interval": "5m",
        "input_series": [
            {"series": on(machine, name), "values": f"{value if '+' in value else value + '+0'}x300"}
            for machine in MACHINES
            for name, value in shown.items()
        ],
        "promql_expr_test": [
            {
                "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
                "eval_time": "25h",
                "exp_samples": [
                    {"labels": f'{{alertname="{name}"}}', "value": number} for name, number in firing.items()
                ],
            }
        ],
    }


def on(machine: str, name: str) -> str:
    """A figure with all the labels that any has, as Prometheus scraped it there."""
    figure, _, rest = name.replace("'", '"').partition("{")
    own = rest.rstrip("}")
    if not own:
        own = ", ".join(f'{label}="jira"' for label in sorted(SERIES.get(figure, ())))
    return f'{figure}{{job="daybook", instance="{machine}"{", " if own else ""}{own}}}'
