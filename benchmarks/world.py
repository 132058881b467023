"""Measure how hard the synthetic world is and how near to the published facts; write world.json and docs/world.md."""

from __future__ import annotations

import argparse
import json
import math
import resource
import shutil
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from run import PAGE, RESULTS, commit, machine

from fraudnet.model.intervals import bootstrap
from fraudnet.model.metrics import average_precision, rank
from fraudnet.synthetic import facts, hardness, house_styles, institutions, names
from fraudnet.synthetic.examine import Examined, examine, quarters
from fraudnet.synthetic.world import WorldPlan, write_planned

# Two worlds of habits a, each a test of its own, and one of habits b that both models meet.
WORLDS = {"a": ("a", 20261001), "again": ("a", 20261003), "b": ("b", 20261002)}
RESAMPLES = 200
ASKED = {"best_column": "best single column", "shallow_tree": "tree of depth 3", "rules": "detectors, tuned",
         "model": "full model", "on_b": "full model of a, on b", "share_on_b": "share of it on b"}  # fmt: skip
TOP_COLUMNS = 8
KINDS, TESTED = ("account", "sim"), ("a", "again")


def interval(rows: Examined, score: np.ndarray) -> tuple[float, float]:
    """95 % of the average precision over resamples of rings and entities."""
    ranked = rank(rows.y, score, score, hardness.weights(rows.y))
    clusters = np.unique(rows.group, return_inverse=True)[1][np.argsort(-score, kind="stable")]
    return bootstrap(ranked, clusters.astype(np.float64), {"ap": average_precision}, RESAMPLES, 1)["ap"]


def figure(key: str, kind: str, value: float, ends: tuple[float, float] | None = None, **more: Any) -> dict[str, Any]:
    """One figure as the result files hold it."""
    low, high = ends or (None, None)
    said = {"key": key, "name": ASKED.get(key, key), "kind": kind, "value": value}
    return {**said, "low": low, "high": high, "unit": "1", **more}


def measured(kind: str, first: Examined, other: Examined) -> list[dict[str, Any]]:
    """Every figure of hardness of one kind: within one world of habits a, and of its model on b."""
    columns = hardness.best_columns(first)
    made = [figure("best_column", kind, columns[0][1], column=columns[0][0])]
    made += [figure("column", kind, value, column=name) for name, value in columns[:TOP_COLUMNS]]
    model = hardness.held_out(first, hardness.full_model)
    for key, found in (("shallow_tree", hardness.held_out(first, hardness.shallow_tree)),
                       ("rules", hardness.rules(first)), ("model", model)):  # fmt: skip
        made.append(figure(key, kind, found.value, interval(first, found.score)))
    on_b = hardness.full_model(first.values, first.y, other.values)
    reached = hardness.precision_of(other.y, on_b)
    made += [figure("on_b", kind, reached, interval(other, on_b)), figure("share_on_b", kind, reached / model.value)]
    for habits, rows, score in (("a", first, model.score), ("b", other, on_b)):
        made.append(figure("precision_at_capacity", kind, hardness.precision_at(rows, score), habits=habits))
        of_rings = hardness.rings(rows)
        made += [figure("recall", kind, share, habits=habits, typology=name, of=n, rings=of_rings[name])
                 for name, (n, share) in hardness.recalls(rows, score).items()]  # fmt: skip
    size = {
        "rows": len(first),
        "guilty": int(first.y.sum()),
        "alike": int(((first.typology != "") & (first.y == 0)).sum()),
    }
    return [*made, figure("size", kind, 0.0, **size)]


def distributions(drop: Path) -> list[dict[str, Any]]:
    """What the world shows beside what is published."""
    paid = pl.scan_parquet(drop / "transfers" / "*.parquet").filter(pl.col("MA_GD").str.starts_with("FT"))
    between = paid.filter(pl.col("BIN_GUI") != pl.col("BIN_NHAN")).select(
        pl.col("SO_TIEN").cast(pl.Int64, strict=False)
    )
    big = between.select((pl.col("SO_TIEN") > 10_000_000).mean()).collect().item()
    register = pl.read_csv(drop / "population.csv", infer_schema=False)
    surname = register.select((pl.col("HO_TEN").str.split(" ").list.first() == "Nguyễn").mean()).item()
    accounts = house_styles.everybodys(drop, "accounts")
    largest = max(institutions.BANKS, key=lambda b: b.share)
    share = accounts.select((pl.col("BIN") == largest.bin).mean()).item()
    return [
        {"what": "interbank transfers above 10 M đồng", "world": big, "published": facts.BIG_SHARE},
        {"what": "people named Nguyễn", "world": surname, "published": names.NORTH[0] / 100},
        {"what": f"accounts at {largest.name}", "world": share, "published": largest.share, "plausible": True},
        *_sims(drop, register),
    ]


def _sims(drop: Path, register: pl.DataFrame) -> list[dict[str, Any]]:
    sims = house_styles.everybodys(drop, "sims").filter(pl.col("SO_THUE_BAO") != "")
    named = house_styles.everybodys(drop, "identities").filter(pl.col("LOAI_KH").is_in(["CN", "1"]))
    number = named.select("TO_CHUC", "MA_KH", pl.col("SO_GIAY_TO").str.zfill(12)).unique(
        ["TO_CHUC", "MA_KH"], keep="any"
    )
    held = sims.join(number, left_on=["NHA_MANG", "MA_KH"], right_on=["TO_CHUC", "MA_KH"])
    held = held.drop_nulls("SO_GIAY_TO").with_columns(n=pl.len().over("SO_GIAY_TO"))
    many, some = held.select((pl.col("n") >= 10).mean(), pl.col("n").is_between(4, 9).mean().alias("some")).row(0)
    operator = sims.select((pl.col("NHA_MANG") == institutions.OPERATORS[0].code).mean()).item()
    return [
        {"what": "SIMs of people with 10 or more", "world": many, "published": facts.SIMS_IN_LARGE_GROUPS},
        {"what": "SIMs of people with 4 to 9", "world": some, "published": facts.SIMS_IN_MIDDLE_GROUPS},
        {"what": "SIMs at Viettel", "world": operator, "published": institutions.OPERATORS[0].share},
        {"what": "SIMs per person", "world": sims.height / register.height, "published": None},
    ]


def run(plan: Mapping[str, Any], moments: int, scratch: Path) -> dict[str, Any]:
    """Two worlds of different seeds and habits, examined over their last quarters."""
    started, examined, seconds = time.monotonic(), {}, {}
    for name, (habits, seed) in WORLDS.items():
        cpu = time.process_time()
        made = WorldPlan(**plan, seed=seed, habits=habits)
        world = write_planned(scratch / name, made).folder
        seconds[name] = round(time.process_time() - cpu, 1)
        end = datetime(made.end.year, made.end.month, made.end.day, tzinfo=UTC) - timedelta(hours=7)
        examined[name] = examine(world, quarters(end, moments), scratch / f"cache-{name}")
        shutil.rmtree(scratch / f"cache-{name}")
    usual = WorldPlan(**{**plan, "share": hardness.PREVALENCE}, seed=WORLDS["a"][1])
    facts_found = distributions(write_planned(scratch / "usual", usual).folder / "drop")
    figures = [
        {**found, "world": name, "seed": WORLDS[name][1]}
        for name in TESTED for kind in KINDS
        for found in measured(kind, examined[name][kind].plain(), examined["b"][kind].plain())
    ]  # fmt: skip
    size = " ".join(f"--{key} {value}" for key, value in {**plan, "moments": moments}.items())
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "name": "world", "figures": figures, "distributions": facts_found, "world_cpu_seconds": seconds,
        "cpu_seconds": round(used.ru_utime + used.ru_stime), "wall_seconds": round(time.monotonic() - started),
        "memory_mb": round(used.ru_maxrss / 1024), "plan": {**plan, "moments": moments},
        "command": f'make bench-world WORLD_SIZE="{size}"',

        "commit": commit(), "machine": machine(),
    }  # fmt: skip


def page(result: dict[str, Any]) -> list[str]:
    """docs/world.md from the result file."""
    plan, figures = result["plan"], result["figures"]
    tested = [name for name in TESTED if any(f["world"] == name for f in figures)]
    where = [(kind, name) for kind in KINDS for name in tested]
    lines = (Path(__file__).parent / "world_page.md").read_text(encoding="utf-8").rstrip("\n").split("\n")
    at = lines.index("## What is measured")
    lines = [*lines[: at - 1], *sizes(), "", *lines[at:]]
    lines += ["", "## How hard it is", "", f"{plan['people']:,} people, {plan['months']} months, {plan['share']:.1%} "
              f"of the accounts used for fraud at some time; {plan['moments']} moments 90 days apart. Intervals: "
              f"95 %. Worlds of habits a: {', '.join(f'seed {WORLDS[name][1]}' for name in tested)}.", "",
              "| | asked | " + " | ".join(f"{KIND[kind]}, {WORLDS[name][1]}" for kind, name in where) + " |",
              "|---" * (2 + len(where)) + "|"]  # fmt: skip
    bands = {**hardness.BANDS, "on_b": (0.0, 1.0), "share_on_b": (hardness.LEAST_SHARE_ON_OTHER_HABITS, math.inf)}
    for key, name in ASKED.items():
        told = [_told(next(f for f in figures if (f["key"], f["kind"], f["world"]) == (key, *place)), bands[key])
                for place in where]  # fmt: skip
        lines.append(f"| {name} | {_asked(bands[key])} | {' | '.join(told)} |")
    for kind in KINDS:
        lines += _by_typology(kind, {w: [f for f in figures if (f["kind"], f["world"]) == (kind, w)] for w in tested})
    lines += ["", "## Beside the published facts", ""]
    lines += ["The same people and months with 0.5 % of the accounts used for fraud."]
    lines += ["", "| | world | published |", "|---|---|---|"]
    lines += [f"| {d['what']} | {d['world']:.3f} | {_published(d)} |" for d in result["distributions"]]
    cost = f"{result['cpu_seconds']:,} s of CPU time, {result['wall_seconds']:,} s by the clock"
    cost += f", {result['memory_mb']:,} MB"
    made = ", ".join(f"{habits} {seconds} s" for habits, seconds in result["world_cpu_seconds"].items())
    run_by = f"`{result['command']}`, commit {result['commit']}, {result['machine']}"
    return [*lines, "", f"{run_by}: {cost}; writing the worlds took, of CPU time, {made}."]


def sizes() -> list[str]:
    """What writing whole worlds of the named sizes took, from synth.json."""
    if not (RESULTS / "synth.json").exists():
        return []
    found = json.loads((RESULTS / "synth.json").read_text(encoding="utf-8"))
    lines = [
        "",
        "| size | rows of events | on disk | by the clock | CPU time | peak memory |",
        "|---|---|---|---|---|---|",
    ]
    for s in found["sizes"]:
        minutes, cpu = s["wall_seconds"] / 60, s["cpu_seconds"] / 60
        lines.append(f"| `{s['size']}` | {s['events'] / 1e6:,.1f} M | {s['disk_mb'] / 1024:.1f} GB | {minutes:.1f} min "
                     f"| {cpu:.1f} min | {s['memory_mb'] / 1024:.1f} GB |")  # fmt: skip
    where = ", ".join(
        f"`{s['size']}` at commit {s['commit']} under a load of {s['load']}, which left it "
        f"{s['cpu_seconds'] / s['wall_seconds']:.0%} of a core" for s in found["sizes"]
    )  # fmt: skip
    asked = f"asked of `size`: {found['most_minutes']} minutes and {found['most_mb'] // 1024} GB on two cores"
    return [*lines, "", f"`{found['command']}`, {found['sizes'][0]['machine']}: {where}; {asked}. Interbank transfers "
            "and calls between operators are two rows."]  # fmt: skip


def _asked(band: tuple[float, float]) -> str:
    low, high = band
    if (low, high) == (0.0, 1.0):
        return ""
    return (
        f"at most {high:.2f}" if low == 0 else f"at least {low:.2f}" if math.isinf(high) else f"{low:.2f} to {high:.2f}"
    )


def _told(row: dict[str, Any], band: tuple[float, float]) -> str:
    text = f"{row['value']:.3f}"
    if row["low"] is not None:
        text += f" ({row['low']:.3f} to {row['high']:.3f})"
    text += f" `{row['column']}`" if "column" in row else ""
    return text if band[0] <= row["value"] <= band[1] else f"**{text}, outside**"


def _published(row: dict[str, Any]) -> str:
    if row["published"] is None:
        return ""
    return f"{row['published']:.3f}" + (" (plausible, not published)" if row.get("plausible") else "")


def _by_typology(kind: str, of: dict[str, list[dict[str, Any]]]) -> list[str]:
    lines = ["", f"### {KIND[kind]}, by typology", ""]
    for world, figures in of.items():
        size = next(f for f in figures if f["key"] == "size")
        at = {f["habits"]: f["value"] for f in figures if f["key"] == "precision_at_capacity"}
        lines += [f"{NTH[world]} seed: {size['rows']:,} rows, {size['guilty']} guilty, {size['alike']:,} look-alikes. "
                  f"Of the first 0.5 % by score {at['a']:.0%} are guilty on a, {at['b']:.0%} on b."]  # fmt: skip
    found = {(f["typology"], w, f["habits"]): f for w in of for f in of[w] if f["key"] == "recall"}
    heads = " | ".join(f"{NTH[world]} seed: recall on a | on b" for world in of)
    lines += ["", f"| typology | {heads} |", "|---" * (1 + 2 * len(of)) + "|"]
    for name in sorted({typology for typology, _, _ in found}):
        told = (_recall(found.get((name, world, habits))) for world in of for habits in "ab")
        lines.append(f"| {name} | " + " | ".join(told) + " |")
    for world, figures in of.items():
        columns = ", ".join(f"`{f['column']}` {f['value']:.3f}" for f in figures if f["key"] == "column")
        lines += ["", f"Best columns alone, {NTH[world].lower()} seed: {columns}."]
    return lines


NTH = {"a": "First", "again": "Second"}
KIND = {"account": "Accounts", "sim": "SIMs"}


def _recall(row: dict[str, Any] | None) -> str:
    if row is None or row["of"] < hardness.FEWEST:
        return "too few"
    low, high = hardness.BANDS["recall"]
    text = f"{row['value']:.2f} of {row['of']} in {row['rings']} ring{'s' if row['rings'] > 1 else ''}"
    return text if low <= row["value"] <= high else f"**{text}, outside**"


def main() -> None:
    """Write the result file and the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--share", type=float, default=0.015)
    parser.add_argument("--moments", type=int, default=3)
    parser.add_argument("--page", action="store_true", help="only write the page anew from the result files")
    asked = parser.parse_args()
    if not asked.page:
        plan = {"people": asked.people, "months": asked.months, "share": asked.share}
        with tempfile.TemporaryDirectory() as scratch:
            found = run(plan, asked.moments, Path(scratch))
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "world.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    result = json.loads((RESULTS / "world.json").read_text(encoding="utf-8"))
    (PAGE.parent / "world.md").write_text("\n".join(page(result)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
