"""Run the third-party sets through the ordinary command line and write our figures beside the published ones."""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shlex
import subprocess
import sys
import tempfile
import time
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
RESULTS = HERE / "results"
PAGE = ROOT / "docs" / "benchmarks.md"
TOLERANCE = 1e-6
NAMES = {
    "auc": "AUC",
    "average_precision": "average precision",
    "macro_f1": "macro F1",
    "golden_rows_equal": "golden rows equal to 1e-6",
}


def fraudnet(home: Path, *words: str) -> Any:
    """Run one command of the product and return its JSON; its progress goes to stderr."""
    command = [str(Path(sys.executable).with_name("fraudnet")), *words, "--json", "--home", str(home)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False, text=True)
    if done.returncode:
        raise SystemExit(f"{shlex.join(['fraudnet', *words])}: ended with code {done.returncode}")
    return json.loads(done.stdout)


def measures(found: dict[str, Any], **extra: str) -> list[dict[str, Any]]:
    """The measures of an evaluation that have a place in the tables, with their intervals."""
    parts = [part for part in found["evaluations"] if part["rows"] == "all"]
    rows = [row for part in parts for row in part["measures"] if row["key"] in NAMES and row["value"] is not None]
    return [{**row, "unit": "1", **extra} for row in rows]


def evaluate(folder: Path, name: str, home: Path, *words: str) -> dict[str, Any]:
    """One evaluation through the ordinary command line."""
    found: dict[str, Any] = fraudnet(home, "evaluate", str(folder), "--mapping", str(HERE / f"{name}.toml"), *words)
    return found


def golden(folder: Path, facts: dict[str, Any], home: Path) -> list[dict[str, Any]]:
    """How many golden rows the window features of a run reproduce, over all golden columns at once."""
    import polars as pl

    mapping = str(HERE / "handbook.toml")
    words = ("score", str(folder), "--mapping", mapping, "--as-of", facts["as_of"], "--out", str(home / "runs"))
    run = fraudnet(home, *words)
    ours = pl.read_parquet(Path(run["folder"]) / "features-event.parquet")
    theirs = pl.read_parquet(folder / facts["golden"]).with_columns(pl.col(facts["golden_key"]).cast(pl.String))
    joined = theirs.join(ours, left_on=facts["golden_key"], right_on="transfer_id", how="left")
    equal = [
        ((pl.col(column) - pl.col(how["column"]) / how.get("divide", 1)).abs() <= TOLERANCE).fill_null(False)
        for column, how in facts["golden_columns"].items()
    ]
    rows = joined.select(pl.all_horizontal(equal).sum()).item()
    figure = {"key": "golden_rows_equal", "name": NAMES["golden_rows_equal"], "value": rows, "of": theirs.height}
    return [{**figure, "unit": "rows", "features": "all"}]


def bench(name: str, folder: Path, facts: dict[str, Any], home: Path) -> list[dict[str, Any]]:
    """All figures of one set."""
    if name == "handbook":
        fraudnet(home, "train", str(folder), "--mapping", str(HERE / f"{name}.toml"), "--as-of", facts["as_of"])
        return golden(folder, facts, home) + measures(evaluate(folder, name, home), features="all")
    figures = measures(evaluate(folder, name, home), features="with graph")
    return figures + measures(evaluate(folder, name, home, "--without", "graph"), features="without graph")


def machine() -> str:
    """What the figures were made on."""
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


@cache  # asked before the first result is written, which is itself a file that differs
def commit() -> str:
    """The commit that was measured, with a mark when files differ from it."""
    words = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude=*"]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


def clocks() -> tuple[float, float]:
    """CPU seconds of the commands so far, and the wall clock."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime, time.monotonic()


def measured(name: str, folder: Path, facts: dict[str, Any]) -> dict[str, Any]:
    """All figures of one set with what they cost and where they were made."""
    cpu, wall = clocks()
    with tempfile.TemporaryDirectory() as home:
        figures = bench(name, folder, facts, Path(home))
    cost = {"cpu_seconds": round(clocks()[0] - cpu), "wall_seconds": round(clocks()[1] - wall)}
    return {"name": name, "figures": figures, **cost, "command": "make bench", "commit": commit(), "machine": machine()}


def write_page(published: dict[str, Any]) -> None:
    """docs/benchmarks.md from the result files and the published figures."""
    lines = [
        "# Benchmarks on third-party data",
        "",
        "Made by `make bench DATA=<folder>` through the ordinary command line and mapping files; no code knows them.",
        "They are not part of this repository; each is published at the address given. Intervals are 95 %.",
    ]
    for name, facts in published.items():
        file = RESULTS / f"{name}.json"
        if file.exists():
            lines += section(facts, json.loads(file.read_text(encoding="utf-8")))
    PAGE.write_text("\n".join([*lines, *motif_lines()]) + "\n", encoding="utf-8")


def motif_lines() -> list[str]:
    """What `make bench-motifs` found, where it was run."""
    file = RESULTS / "motifs.json"
    if not file.exists():
        return []
    found = json.loads(file.read_text(encoding="utf-8"))
    over = f"paired over {len(found['splits'])} random splits {found['gain']:+.3f}"
    interval = f"[{found['low']:+.3f}, {found['high']:+.3f}] (Student's t, 95 %)"
    return [
        "", "## What the motifs add", "",
        "AMLSim, average precision on the test part of the same splits, with every feature and without the motifs: "
        f"{found['with']:.3f} against {found['without']:.3f}, {over} {interval}. "
        f"`{found['command']}`, commit {found['commit']}, {found['machine']}.",
    ]  # fmt: skip


def section(facts: dict[str, Any], result: dict[str, Any]) -> list[str]:
    """One set's table: ours first, then the published ones."""
    keys = list(dict.fromkeys(row["key"] for row in result["figures"]))
    lines = ["", f"## {facts['title']}", "", f"Published at <{facts['where']}>.", ""]
    lines += ["| | " + " | ".join(NAMES[k] for k in keys) + " |", "|---" * (len(keys) + 1) + "|"]
    for label in dict.fromkeys(row.get("features", "all") for row in result["figures"]):
        rows = {row["key"]: row for row in result["figures"] if row.get("features", "all") == label}
        lines.append(f"| **fraudnet, {label}** | " + " | ".join(shown(rows.get(k)) for k in keys) + " |")
    for other in facts["others"]:
        lines.append(f"| {other['name']} | " + " | ".join(str(other.get(k, "")) for k in keys) + " |")
    lines += lift(result["figures"])
    cost = f"{result['cpu_seconds']} s of CPU time, {result['wall_seconds']} s by the clock"
    lines += ["", f"`{result['command']}`, commit {result['commit']}, {result['machine']}: {cost}."]
    return lines


def lift(figures: list[dict[str, Any]]) -> list[str]:
    """What the graph adds to each measure, where a set was run with and without it."""
    runs = {
        label: {row["key"]: row["value"] for row in figures if row.get("features") == label}
        for label in ("with graph", "without graph")
    }
    with_graph, without = runs["with graph"], runs["without graph"]
    if not without:
        return []
    added = (f"{NAMES[key]} {with_graph[key] - without[key]:+.3f}" for key in with_graph if key in without)
    return ["", f"With the graph against without: {', '.join(added)}."]


def shown(row: dict[str, Any] | None) -> str:
    """A figure and its interval."""
    if row is None:
        return ""
    value = f"{row['value']:,} of {row['of']:,}" if "of" in row else f"{row['value']:.3f}"
    return value if row.get("low") is None else f"{value} ({row['low']:.3f} to {row['high']:.3f})"


def main() -> None:
    """Run every set that is there; say which is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder that holds sichuan/, amlsim/ and handbook/")
    parser.add_argument("--only", nargs="*", help="names of sets")
    asked = parser.parse_args()
    published = tomllib.loads((HERE / "published.toml").read_text(encoding="utf-8"))
    for name, facts in published.items():
        folder = asked.data / name
        if asked.only and name not in asked.only:
            continue
        if not folder.is_dir():
            print(f"{name}: not there ({folder}); left out")
            continue
        result = measured(name, folder, facts)
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
        for row in result["figures"]:
            print(f"{name}: {row.get('features', '')} {row['name']}: {shown(row)}")
    write_page(published)


if __name__ == "__main__":
    main()
