"""Draw how the time for each deed grows: with people, and with the history of one team.

python bench/history/plot.py FILE.svg < figures.json: runs where matplotlib is, which is not Daybook's place
"""

import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot, ticker

INK = "#010203"
"""Stands for the reader's own ink, which is light on a dark page."""
STYLE = """<style>
:root { --ink: #24292f }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3 } }
</style>"""
COLOURS = ("#3b82f6", "#d97706", "#10b981", "#ec4899", "#8b5cf6", "#64748b")
MARKS = "osD^vP"

pyplot.rcParams.update({
    "svg.hashsalt": "daybook", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 11,
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK),
    "axes.spines.top": False, "axes.spines.right": False,
})  # fmt: skip

figures = json.load(sys.stdin)
both, (people, history) = pyplot.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
for axes, part, of, title in (
    (people, "people", "people, with two weeks each", "With people: times the time of the smallest"),
    (history, "history", "working days behind them", "With history: times the time of two weeks"),
):
    rows = figures[part]
    counts = [int(count) for count in rows]
    for deed, colour, mark in zip(next(iter(rows.values())), COLOURS, MARKS, strict=False):
        first = rows[str(counts[0])][deed]
        grown = [rows[str(count)][deed] / first for count in counts]
        axes.plot(counts, grown, color=colour, marker=mark, markersize=5, label=deed)
    axes.set(xlabel=of, title=title)
    axes.set_xticks(counts)
people.set(xscale="log", yscale="log")
smallest, largest = (
    int(count) for count in (min(figures["people"], key=int), max(figures["people"], key=int))
)
people.plot([smallest, largest], [1, largest / smallest], color=INK, linestyle=":", label="in step")
history.axhspan(0.9, 1.1, color=INK, alpha=0.12, linewidth=0)
history.set_ylim(0, max(1.5, history.get_ylim()[1]))
for axis in (people.xaxis, people.yaxis, history.xaxis):
    axis.set_major_formatter(ticker.FuncFormatter(lambda number, _: f"{number:g}"))
    axis.set_minor_locator(ticker.NullLocator())
people.legend(frameon=False, fontsize=9)

file = Path(sys.argv[1])
both.savefig(file, transparent=True, metadata={"Date": None})
drawn = file.read_text("utf-8").replace(INK, "var(--ink)")
head, mark, rest = drawn.partition("<defs>")
file.write_text(
    "\n".join(line.rstrip() for line in f"{head}{STYLE}\n {mark}{rest}".splitlines()) + "\n", "utf-8"
)
