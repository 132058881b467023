"""Measure what scoring and the graph kernels cost, and how that grows; write speed.json and docs/performance.md."""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import long_page
import speed_kernels as kernels
from run import RESULTS, ROOT, commit, machine
from speed_stages import REST, STAGES, Clock

PAGE = ROOT / "docs" / "performance.md"
DAYS, EACH_DAY, CALLS_EACH_DAY = 90, 0.25, 0.123
MODEL_SETTINGS = {"bootstrap": 20, "snapshots": 2, "min_positives": 5, "maturity_days": 60, "outside_refuse": 1.0}
MODEL_WORLD = {"people": 700, "months": 10, "share": 0.07}
LIMITS = {"seconds": 240.0, "cores": 2, "memory_mb": 8192.0, "exponent": 1.15}  # at 10 million transfers


def models(home: Path) -> list[Path]:
    """Models trained on a small world: how good they are does not matter, only that they read every feature."""
    from fraudnet.contracts.progress import silent
    from fraudnet.pipeline import run_demo
    from fraudnet.settings import Settings

    told = run_demo(home / "small", MODEL_WORLD, Settings(home=home / "models", threads=1, **MODEL_SETTINGS), silent)
    return [Path(one["folder"]) for one in told["training"]["models"]]


def world(place: Path, transfers: int) -> dict[str, Any]:
    """Write a world of so many transfers and half as many calls; what that cost."""
    from fraudnet.synthetic.world import WorldPlan, write_planned

    shutil.rmtree(place, ignore_errors=True)
    clock, people = Clock(), round(transfers / DAYS / EACH_DAY)
    plan = WorldPlan(people=people, days=DAYS, share=0.005, calls=CALLS_EACH_DAY)
    summary = clock.timed("world", lambda: write_planned(place, plan))
    return {"parts": clock.parts, "rows": dict(summary.rows)}


def score(place: Path, home: Path, exported: list[Path], clock: Clock) -> dict[str, Any]:
    """Score a drop as the command does; what each stage cost."""
    clock.timed(REST, lambda: _scored(clock, place, home, exported))
    rows = clock.parts.values()
    whole = {key: sum(row[key] for row in rows) for key in ("cpu_seconds", "seconds")}
    return {"parts": {**clock.parts, "score": whole}}


def _scored(clock: Clock, place: Path, home: Path, exported: list[Path]) -> None:
    """One scoring, from the imports to the published run."""
    clock.timed("imports", clock.watch)
    from fraudnet.contracts.progress import silent
    from fraudnet.pipeline import score_drops
    from fraudnet.pipeline.request import Request
    from fraudnet.pipeline.training.model_keys import sign_trained
    from fraudnet.settings import Settings

    settings = Settings(home=home, outside_refuse=1.0)
    for folder in exported:
        sign_trained(folder, settings)
    score_drops(Request((place / "drop",), allow_gap=True), settings, home / "runs", tuple(exported), silent)


def child(*words: object, script: str = __file__) -> dict[str, Any]:
    """One measurement in a process of its own, so that its peak of memory is its own."""
    import fraudnet.cli  # noqa: F401  # sets what libraries read of the environment before they are loaded

    command = [sys.executable, script, "--child", *map(str, words)]
    # As installed: modules are compiled once, not by every process.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env.setdefault("PYTHONPYCACHEPREFIX", str(Path(tempfile.gettempdir()) / "fraudnet-bytecode"))
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True, cwd=Path(__file__).parent, env=env)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def asked_of_child(words: list[str]) -> dict[str, Any]:
    """What a child was asked to measure, with its allocators as the command line sets them."""
    import fraudnet.cli  # noqa: F401

    what, place = words[0], Path(words[1])
    if what == "models":
        return {"models": [str(folder) for folder in models(place)]}
    if what == "world":
        found = world(place, int(words[2]))
    elif what == "score":
        found = score(place, Path(words[2]), [Path(folder) for folder in words[3:]], Clock())
    elif what == "beside":
        found = {"rows": kernels.compare(int(words[2]))}
    else:
        found = kernels.alone(int(words[2]))
    return {**found, "memory_mb": peak()}


def peak() -> int:
    """Megabytes that this process held at most."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def measured(scratch: Path, sizes: list[int], worlds: Path | None) -> list[dict[str, Any]]:
    """Every stage at every size; worlds that lie in a folder of their own are taken from there and stay."""
    exported, rows = child("models", scratch)["models"], []
    for size in sizes:
        place = (worlds or scratch) / str(size)
        there = worlds is not None and (place / "drop").is_dir()
        made = {"parts": {}, "memory_mb": None} if there else child("world", place, size)
        home = scratch / f"home-{size}"
        scored = child("score", place, home, *exported)
        for stage, row in {**made["parts"], **scored["parts"]}.items():
            peak = made["memory_mb"] if stage == "world" else scored["memory_mb"] if stage == "score" else None
            rows.append({"transfers": size, "stage": stage, **row, "memory_mb": peak})
        shutil.rmtree(home)
        if worlds is None:
            shutil.rmtree(place)
    return rows


def exponent(rows: list[dict[str, Any]], stage: str, sizes: tuple[int, int]) -> float | None:
    """How CPU-seconds grow from one size to another, as a power of the transfers."""
    at = {row["transfers"]: row["cpu_seconds"] for row in rows if row["stage"] == stage}
    if not all(at.get(size, 0) > 0 for size in sizes):
        return None
    return math.log(at[sizes[1]] / at[sizes[0]]) / math.log(sizes[1] / sizes[0])


def page(result: dict[str, Any]) -> list[str]:
    """docs/performance.md from the result file."""
    lines = (Path(__file__).parent / "speed_page.md").read_text(encoding="utf-8").rstrip("\n").split("\n")
    return [*lines, "", *scoring_table(result["scoring"]), "", *kernel_table(result), "", told(result)]


def scoring_table(rows: list[dict[str, Any]]) -> list[str]:
    """Stages down, sizes across."""
    sizes = sorted({row["transfers"] for row in rows})
    if not sizes:
        return ["Scoring was not measured in this run."]
    head = "".join(f" {size:,} |" for size in sizes)
    lines = ["## Scoring, by transfers", "", f"| CPU-seconds |{head} exponent | bound by |"]
    lines.append("|---|" + "---|" * (len(sizes) + 2))
    bound = {stage: limit for stage, limit, _ in STAGES}
    for stage in ("world", "imports", *bound, REST, "score"):
        at = {row["transfers"]: row for row in rows if row["stage"] == stage}
        grown = exponent(rows, stage, (sizes[-2], sizes[-1])) if len(sizes) > 1 else None
        cells = "".join(f" {at[size]['cpu_seconds']:.1f} |" if size in at else " |" for size in sizes)
        name = {"world": "(writing the world)", "score": "**whole command**"}.get(stage, stage)
        lines.append(f"| {name} |{cells} {'' if grown is None else f'{grown:.2f}'} | {bound.get(stage, '')} |")
    whole = {row["transfers"]: row for row in rows if row["stage"] == "score"}
    for name, key in (("seconds by the clock", "seconds"), ("peak of memory, MB", "memory_mb")):
        lines.append(f"| {name} |" + "".join(f" {whole[size][key]:,.0f} |" for size in sizes) + " | |")
    return [*lines, *verdict(whole)]


def verdict(whole: dict[int, dict[str, Any]]) -> list[str]:
    """How the largest size compares with what was asked of it."""
    largest = max(whole)
    row = whole[largest]
    ideal = row["cpu_seconds"] / LIMITS["cores"]
    asked = f"{LIMITS['seconds']:.0f} s on {LIMITS['cores']} cores and {LIMITS['memory_mb']:,.0f} MB at 10,000,000"
    return ["", f"Asked for: {asked}. At {largest:,}: {row['seconds']:.0f} s by the clock, {ideal:.0f} s if both cores "
            f"were always busy, {row['memory_mb']:,} MB."]  # fmt: skip


def kernel_table(result: dict[str, Any]) -> list[str]:
    """Our kernels and how many times longer the others take."""
    if not result["kernels"]:
        return ["The kernels were not measured in this run."]
    at = {(row["library"], row["stage"]): row["cpu_seconds"] for row in result["kernels"]}
    others = ("scipy", "igraph", "networkx")
    lines = [f"## Graph kernels, {result['edges']:,} edges", "", "| | CPU-seconds | " + " | ".join(others) + " |",
             "|---|---|---|---|---|"]  # fmt: skip
    for stage in kernels.STAGES:
        mine = at["fraudnet", stage]
        cells = [f"{at[o, stage] / mine:.1f}x" if (o, stage) in at else "-" for o in others]
        lines.append(f"| {stage.replace('_', '-')} | {mine:.3f} | {' | '.join(cells)} |")
    sums = {o: sum(at.get((o, s), math.nan) for s in kernels.STAGES) for o in ("fraudnet", *others)}
    cells = ["-" if math.isnan(sums[o]) else f"**{sums[o] / sums['fraudnet']:.1f}x**" for o in others]
    lines.append(f"| **together** | **{sums['fraudnet']:.2f}** | {' | '.join(cells)} |")
    for large in result["alone"]:
        spent = sum(large["seconds"].values())
        lines += ["", f"{large['edges']:,} edges: {spent:.1f} CPU-seconds, {large['memory_mb']:,} MB at most, of which "
                  f"{large['before_mb']:,} MB before the graph is built."]  # fmt: skip
    return lines


def joined(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """What was measured now, and of an earlier run what was not."""
    sizes = {row["transfers"] for row in now["scoring"]}
    kept = [row for row in before["scoring"] if row["transfers"] not in sizes]
    others = {} if now["kernels"] else {"kernels": before["kernels"], "edges": before["edges"]}
    alone = now["alone"] or before["alone"]
    return {**now, **others, "alone": alone, "scoring": [*kept, *now["scoring"]]}


def told(result: dict[str, Any]) -> str:
    """How to measure it again."""
    load = f"load of the machine when it began {result['load']:.1f}"
    return f"`{result['command']}`, commit {result['commit']}, {result['machine']}; {load}."


def main() -> None:
    """Write the result file and the page."""
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(asked_of_child(sys.argv[2:])))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--transfers", type=int, nargs="*", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--edges", type=int, default=1_000_000, help="size beside the other libraries; 0: not")
    parser.add_argument("--alone", type=int, nargs="*", default=[10_000_000], help="sizes of our kernels alone")
    parser.add_argument("--worlds", type=Path, help="folder with a world per size, kept between runs")
    parser.add_argument("--add", action="store_true", help="keep what an earlier run measured at other sizes")
    asked = parser.parse_args()
    sizes, large = (" ".join(map(str, part)) for part in (asked.transfers, asked.alone))
    words = f"--transfers {sizes} --edges {asked.edges} --alone {large}"
    result: dict[str, Any] = {"name": "speed", "load": os.getloadavg()[0], "edges": asked.edges, "limits": LIMITS,
                              "command": f'make bench-speed SPEED_SIZE="{words}"', "commit": commit(),
                              "machine": machine()}  # fmt: skip
    with tempfile.TemporaryDirectory() as scratch:
        result["kernels"] = child("beside", scratch, asked.edges)["rows"] if asked.edges else []
        result["alone"] = [child("alone", scratch, size) for size in asked.alone]
        result["scoring"] = measured(Path(scratch), asked.transfers, asked.worlds) if asked.transfers else []
    if asked.add:
        result = joined(json.loads((RESULTS / "speed.json").read_text(encoding="utf-8")), result)
    (RESULTS / "speed.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    write_page()


def write_page() -> None:
    """docs/performance.md from the result files."""
    lines = page(json.loads((RESULTS / "speed.json").read_text(encoding="utf-8")))
    if long_page.RESULT.exists():
        lines += ["", *long_page.section(json.loads(long_page.RESULT.read_text(encoding="utf-8")))]
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
