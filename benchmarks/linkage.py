"""Measure who-is-who on people whose truth is known, at several levels of dirt, and beside splink in the same run."""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("POLARS_MAX_THREADS", "2")

import numpy as np
import polars as pl
from linkage_records import DIRT, Linkage, generate
from run import RESULTS, ROOT, commit, machine

from fraudnet.contracts.graph import MERGED_FOR
from fraudnet.graph.persons import person_records
from fraudnet.graph.resolve import resolution

SEED, BUCKETS, RESAMPLES = 7, 200, 1000
PAGE = ROOT / "docs" / "linkage.md"
SIZES = ((1, 1), (2, 2), (3, 3), (4, 6), (7, 12), (13, 10**9))
TIMES = (
    ("cpu_minutes", "CPU minutes per million records", "cpu_seconds"),
    ("minutes", "minutes by the clock per million records", "wall_seconds"),
)
FLOOR = {"precision": 0.995, "recall": 0.95}  # what the yardstick asks at whole dirt


def pairs(size: pl.Expr) -> pl.Expr:
    """How many pairs a group of this size has."""
    return size.cast(pl.Int64) * (size.cast(pl.Int64) - 1) // 2


def agreement(found: pl.DataFrame) -> dict[str, dict[str, float]]:
    """Pairwise precision and recall of `entity_id` against `person`, with 95 % intervals by resampling groups."""
    both = found.group_by("entity_id", "person").agg(together=pairs(pl.len()))
    return {
        "precision": share(both, found.group_by("entity_id").agg(whole=pairs(pl.len())), "entity_id"),
        "recall": share(both, found.group_by("person").agg(whole=pairs(pl.len())), "person"),
    }


def share(both: pl.DataFrame, whole: pl.DataFrame, by: str) -> dict[str, float]:
    """Pairs right in both, of the pairs of one side; groups fall into buckets, and buckets are drawn again."""
    bucket = (pl.col(by).rank("dense").cast(pl.Int64) * 2_654_435_761 % 2**32 % BUCKETS).alias("bucket")
    table = whole.with_columns(bucket).join(both.group_by(by).agg(pl.col("together").sum()), on=by)
    sums = table.group_by("bucket").agg(pl.col("together", "whole").sum()).sort("bucket")
    top, bottom = sums["together"].to_numpy(), sums["whole"].to_numpy()
    drawn = np.random.default_rng(SEED).integers(0, len(top), (RESAMPLES, len(top)))
    spread = np.quantile(top[drawn].sum(axis=1) / bottom[drawn].sum(axis=1), [0.025, 0.975])
    return {"value": float(top.sum() / bottom.sum()), "low": float(spread[0]), "high": float(spread[1])}


def clocks() -> tuple[float, float]:
    """CPU seconds of this process, and the wall clock."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime, time.monotonic()


def cost(begun: tuple[float, float]) -> dict[str, float]:
    """What has been spent since."""
    cpu, wall = clocks()
    return {"cpu_seconds": round(cpu - begun[0], 1), "wall_seconds": round(wall - begun[1], 1)}


def figure(key: str, value: dict[str, float], **where: Any) -> dict[str, Any]:
    """One measure in the form of the other benchmarks."""
    return {"key": key, "name": f"pairwise {key}", **value, "unit": "1", **where}


def ours(people: int, dirt: float) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Our figures at one size and one level of dirt, with sizes of groups, reasons and cost."""
    world = generate(people, SEED, dirt)
    begun = clocks()
    resolved = resolution(world.records)
    spent = cost(begun)
    found = resolved.identities.join(world.truth, on=["source", "source_id"])
    where = {"method": "fraudnet", "people": people, "records": found.height, "dirt": dirt}
    figures = [figure(key, value, **where) for key, value in agreement(found).items()]
    for key, name, seconds in TIMES:
        figures.append(
            {"key": key, "name": name, "value": per_million(spent[seconds], found.height), "unit": "min", **where}
        )
    extra = {**where, **spent, "sizes": sizes(found), "reasons": reasons(resolved.evidence, world)}
    return figures, {**extra, "largest": found["entity_id"].value_counts()["count"].max()}


def per_million(seconds: float, records: int) -> float:
    """Minutes for a million records."""
    return round(seconds / 60 / records * 1e6, 3)


def sizes(found: pl.DataFrame) -> dict[str, int]:
    """How many groups there are of each size."""
    counts = found.group_by("entity_id").len()["len"]
    label = {
        (low, high): f"{low}" if low == high else f"{low}-{high}" if high < 10**9 else f">{low - 1}"
        for low, high in SIZES
    }
    return {label[span]: int(counts.is_between(*span).sum()) for span in SIZES}


def reasons(evidence: pl.LazyFrame, world: Linkage) -> list[dict[str, Any]]:
    """How often each reason was given, and how often the two records were one person."""
    told = evidence.select(
        "source_a", "source_id_a", "source_b", "source_id_b", pl.col("reason").cast(pl.String)
    ).collect()
    for side in ("a", "b"):
        names = {"source": f"source_{side}", "source_id": f"source_id_{side}", "person": f"person_{side}"}
        told = told.join(world.truth.rename(names), on=[f"source_{side}", f"source_id_{side}"])
    one = (pl.col("person_a") == pl.col("person_b")).mean().round(5)
    table = (
        told.group_by("reason").agg(pairs=pl.len(), one_person=one).sort("pairs", "reason", descending=[True, False])
    )
    return table.to_dicts()


def theirs(people: int, dirt: float) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """splink's figures on the same records: the setting and threshold that serve it best, and all that were tried."""
    from linkage_splink import partitions, trained

    world = generate(people, SEED, dirt)
    persons = person_records(world.records)
    person = persons.select("source", "source_id").join(
        world.truth, on=["source", "source_id"], how="left", maintain_order="left"
    )["person"]
    tried = []
    for number_known in (True, False):
        begun = clocks()
        for threshold, group in partitions(trained(persons, number_known=number_known)):
            scored = agreement(pl.DataFrame({"entity_id": group, "person": person}))
            tried.append({"number_known": number_known, "threshold": threshold, **cost(begun), **scored})
    best = max(tried, key=better)
    where = {"method": "splink", "people": people, "records": persons.height, "dirt": dirt}
    figures = [figure(key, best[key], **where, threshold=best["threshold"]) for key in FLOOR]
    for key, name, seconds in TIMES:
        value = per_million(best[seconds], persons.height)
        figures.append({"key": key, "name": name, "value": value, "unit": "min", **where})
    return figures, tried


def better(run: dict[str, Any]) -> tuple[bool, float]:
    """Runs that reach the precision asked, by recall; the others by precision."""
    enough = run["precision"]["value"] >= FLOOR["precision"]
    return enough, run["recall"]["value"] if enough else run["precision"]["value"]


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """All figures of one run."""
    begun = clocks()
    figures, runs, tried = [], [], []
    for dirt in asked.dirt:
        more, run = ours(asked.people, dirt)
        figures += more
        runs.append(run)
        print(json.dumps(more), flush=True)
    if asked.beside:
        more, run = ours(asked.beside, 1.0)
        beside, tried = theirs(asked.beside, 1.0)
        figures += more + beside
        runs.append(run)
        print(json.dumps(beside), flush=True)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    told = {"runs": runs, "splink_tried": tried, "peak_memory_mib": memory, **cost(begun)}
    facts = {"command": "make bench-linkage", "commit": commit(), "machine": machine(), "load": os.getloadavg()[0]}
    return {"name": "linkage", "figures": figures, **told, **facts}


def page(result: dict[str, Any]) -> str:
    """docs/linkage.md of one result."""
    text = (Path(__file__).parent / "linkage.md").read_text(encoding="utf-8")
    dirt = ", ".join(f"{name.replace('_', ' ')} {value:.0%}" for name, value in DIRT.items())
    cells = {
        "dirt": dirt,
        "figures": figures_table(result),
        "reasons": reasons_table(result),
        "sizes": sizes_table(result),
    }
    made = f"`{result['command']}`, commit {result['commit']}, {result['machine']}, load {result['load']:.1f}"
    cells["made"] = f"{made}: {result['cpu_seconds']:.0f} s of CPU time, peak memory {result['peak_memory_mib']:,} MiB."
    for name, value in cells.items():
        text = text.replace(f"<!-- {name} -->", value)
    return text


def figures_table(result: dict[str, Any]) -> str:
    """Precision and recall by method, size and dirt."""
    lines = [
        "| method | records | dirt | precision | recall | CPU min per million | min by the clock |",
        "|---" * 7 + "|",
    ]
    for where in dict.fromkeys((f["method"], f["records"], f["dirt"]) for f in result["figures"]):
        mine = {f["key"]: f for f in result["figures"] if (f["method"], f["records"], f["dirt"]) == where}
        cells = [f"{m['value']:.5f} ({m['low']:.5f} to {m['high']:.5f})" for m in (mine[key] for key in FLOOR)]
        cells += [f"{mine[key]['value']:.2f}" for key, _, _ in TIMES]
        lines.append(f"| {where[0]} | {where[1]:,} | x {where[2]:g} | {' | '.join(cells)} |")
    return "\n".join(lines)


def reasons_table(result: dict[str, Any]) -> str:
    """How often each reason was given in the first run at whole dirt."""
    run = next(r for r in result["runs"] if r["dirt"] == 1.0)
    lines = ["| reason | decision | pairs | one person in truth |", "|---|---|---|---|"]
    for row in run["reasons"]:
        decision = "merged" if row["reason"] in MERGED_FOR else "refused"
        lines.append(f"| {row['reason']} | {decision} | {row['pairs']:,} | {row['one_person']:.3%} |")
    return "\n".join(lines)


def sizes_table(result: dict[str, Any]) -> str:
    """Groups by size of every run."""
    labels = list(result["runs"][0]["sizes"])
    lines = ["| records | dirt | " + " | ".join(labels) + " | largest |", "|---" * (len(labels) + 3) + "|"]
    for run in result["runs"]:
        cells = " | ".join(f"{run['sizes'][label]:,}" for label in labels)
        lines.append(f"| {run['records']:,} | x {run['dirt']:g} | {cells} | {run['largest']} |")
    return "\n".join(lines)


def main() -> None:
    """Run, then write the result file and the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000, help="people with three records each")
    parser.add_argument(
        "--dirt", type=float, nargs="+", default=[0.5, 1.0, 2.0], help="levels of dirt; 1 is the yardstick"
    )
    parser.add_argument("--beside", type=int, default=50_000, help="people for the run beside splink; 0 leaves it out")
    parser.add_argument("--page-only", action="store_true", help="write the page again from the result file")
    asked = parser.parse_args()
    file = RESULTS / "linkage.json"
    if not asked.page_only:
        file.write_text(json.dumps(measure(asked), indent=2) + "\n", encoding="utf-8")
    PAGE.write_text(page(json.loads(file.read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main()
