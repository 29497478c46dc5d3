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


def test_every_alert_says_what_happened_and_what_to_do() -> None:
    for rule in rules():
        assert rule["annotations"].keys() == {"summary", "do"}, rule["alert"]
        assert rule["labels"]["severity"] in ("page", "ticket")


def test_every_command_an_alert_names_is_one_of_ours() -> None:
    said = " | ".join(rule["annotations"]["do"] for rule in rules())
    ours = re.findall(r"\bdaybook ([a-z]+)", said)
    assert ours
    assert set(ours) - {"daybook"} <= set(daybook.commands)


def test_prometheus_understands_rules_and_queries(tmp_path: Path) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool comes with Debian's prometheus")
    text = [query.replace("$__rate_interval", "5m") for query in queries()]
    made = [{"record": f"query:{number}", "expr": query} for number, query in enumerate(text)]
    asked = tmp_path / "queries.yml"
    asked.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": made}]}))
    for file in (RULES, asked):
        done = subprocess.run([promtool, "check", "rules", file], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
