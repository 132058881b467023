"""Measure the model on a figures world: four tests forward in time, pooled; write model.json and docs/model.md."""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
from model_page import page
from model_rivals import RIVALS, scores
from run import PAGE, RESULTS, commit, machine

from fraudnet.contracts.judgements import FRAUD_ROLES
from fraudnet.contracts.progress import silent
from fraudnet.errors import TooFewLabelsError
from fraudnet.expressions import local_day, start_of_day
from fraudnet.model.metrics import average_precision, places, precision_at
from fraudnet.model.paired import paired
from fraudnet.model.promise import promises
from fraudnet.model.selection import selection
from fraudnet.model.slices import by, flagged
from fraudnet.pipeline.examples import Teacher, teacher
from fraudnet.pipeline.folding import Folds, folds, moments, needed
from fraudnet.pipeline.promising import sentence
from fraudnet.pipeline.request import Request
from fraudnet.pipeline.source import open_drops
from fraudnet.settings import Settings, load_settings
from fraudnet.synthetic.world import WorldPlan, write_planned

KINDS = ("account", "sim")
MEASURES = ("precision_at_capacity", "recall_at_capacity", "average_precision", "auc", "recall_at_1_percent_false")


def world(folder: Path, plan: WorldPlan) -> Path:
    """The world, written once."""
    if not (folder / "truth").is_dir():
        write_planned(folder, plan)
    return folder


def truth_of(folder: Path) -> pl.DataFrame:
    """entity_id, typology, ring and the span of every entity that worked for a ring."""
    found = pl.read_parquet(folder / "truth" / "truth.parquet").filter(pl.col("role").is_in(FRAUD_ROLES))
    spans = found.select("entity_id", "typology", "ring", begins=pl.col("from"), ends=pl.col("to"))
    return spans.unique("entity_id", keep="first", maintain_order=True)


def described(rows: pl.DataFrame, truth: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """The pooled rows with the truth beside the labels: guilty in the span that a label looks at, typology, ring."""
    at = pl.col("fold").cast(pl.Datetime("us")).dt.replace_time_zone("Asia/Ho_Chi_Minh").dt.convert_time_zone("UTC")
    told = rows.join(truth, on="entity_id", how="left", maintain_order="left").with_columns(moment=at)
    overlaps = (pl.col("begins") < pl.col("moment") + timedelta(days=settings.ahead_days)) & (
        pl.col("ends") > pl.col("moment") - timedelta(days=settings.activity_days)
    )
    ring = pl.concat_str(pl.lit("ring "), pl.col("ring").cast(pl.String))
    return told.with_columns(guilty=overlaps.fill_null(value=False), group=pl.coalesce(ring, "cluster"))


def gain(rows: pl.DataFrame, rival: str, answer: str, settings: Settings) -> dict[str, Any]:
    """The full model against a rival on the same rows, paired over resamples of rings."""
    trial = rows.select(
        y=pl.col(answer).cast(pl.Int8), champion=rival, challenger="raw",
        cluster=pl.col("group").rank("dense").cast(pl.Int64) - 1,
    )  # fmt: skip
    k = places(settings.capacity, trial.height)
    told: dict[str, Any] = {"rival": rival, "against": answer}
    for name, measure in (("average_precision", average_precision), ("precision", lambda r: precision_at(r, k))):
        one = paired(trial, measure, settings.bootstrap, settings.seed)
        told[name] = {"rival": one.champion, "model": one.challenger, "low": one.low, "high": one.high}
    return told


def measured(guide: Teacher, kind: str, tested: tuple[Any, ...], truth: pl.DataFrame) -> dict[str, Any]:
    """Everything that is asked of one kind."""
    settings = guide.settings
    share = share_found(guide, kind, tested[0], truth)
    beside = partial(scores, settings=settings, found=share)
    found = folds(guide, kind, tested, beside)
    rows = described(found.rows, truth, settings)
    marked = flagged(rows, settings.capacity)
    trial = rows.select("y", "probability", challenger="raw", cluster=pl.col("group").rank("dense").cast(pl.Int64) - 1)
    guilty = marked.filter("guilty").with_columns(y=pl.lit(1, pl.Int8), cluster=pl.col("group"))
    confirmed = marked.filter(pl.col("y") == 1).with_columns(cluster=pl.col("group"))
    name = pl.col("typology").fill_null("wrongly confirmed")
    return {
        "kind": kind, "figures": figures(found), "folds": [_fold(test) for test in found.tests],
        "promised": sentence([test.seen for test in found.tests]),
        "calibration": [vars(one) for one in promises(trial, settings.bootstrap, settings.seed)],
        "typologies": by(confirmed.with_columns(name), "typology", settings.bootstrap, settings.seed),
        "typologies_of_truth": by(guilty, "typology", settings.bootstrap, settings.seed),
        "truth": of_truth(marked),
        "gains": [gain(rows, rival, answer, settings) for rival in RIVALS for answer in ("y", "guilty")],
        "selection": selection(marked), "share_found": share,
    }  # fmt: skip


def share_found(guide: Teacher, kind: str, first: Any, truth: pl.DataFrame) -> float:
    """Of the guilty at the first test, the share that reviews found: what the random audit would estimate with time."""
    part, _ = guide.part(kind, (first,))
    rows = described(part.answers.with_columns(fold=pl.lit(first).dt.convert_time_zone("Asia/Ho_Chi_Minh").dt.date()),
                     truth, guide.settings).filter("guilty")  # fmt: skip
    return max(float(rows["y"].cast(pl.Float64).mean() or 0.0), 0.05) if rows.height else 1.0


def figures(found: Folds) -> list[dict[str, Any]]:
    """The pooled figures of both tables with their intervals."""
    kept = found.pooled.figures.filter(pl.col("metric").is_in(MEASURES))
    counts = {row["rows"]: row for row in found.pooled.counts.to_dicts()}
    return [{**row, "positives": counts[row["rows"]]["positives"]} for row in kept.to_dicts()]


def of_truth(marked: pl.DataFrame) -> dict[str, Any]:
    """How many of the flagged are guilty, whether or not a review found it."""
    on = marked.filter("flagged")
    return {
        "flagged": on.height, "guilty": int(on["guilty"].sum()), "confirmed": int(on["y"].sum()),
        "all_guilty": int(marked["guilty"].sum()), "all_confirmed": int(marked["y"].sum()), "entities": marked.height,
    }  # fmt: skip


def _fold(test: Any) -> dict[str, Any]:
    counts = test.found.counts.row(0, named=True)
    told = {key: counts[key] for key in ("entities", "positives", "flagged", "spared_flagged")}
    return {"tested": str(local_day(test.at)), "rounds": test.model.params["rounds"], **told}


def _measured(guide: Teacher, kind: str, tested: tuple[Any, ...], truth: pl.DataFrame) -> dict[str, Any] | None:
    try:
        return measured(guide, kind, tested, truth)
    except TooFewLabelsError as error:  # a world this small says nothing about the kind
        print(f"{kind}: {error}")
        return None


def run(plan: WorldPlan, windows: int, settings: Settings, scratch: Path) -> dict[str, Any]:
    """All figures, and what they cost."""
    started = time.monotonic()
    drop = world(scratch / "world", plan)
    made = time.process_time()
    source = open_drops(Request((drop / "drop",)), settings, silent)
    as_of = start_of_day(plan.end)
    guide = teacher(source, as_of, KINDS, False, (settings, silent))
    tested = moments(guide, as_of, windows)
    for moment in needed(guide, tested):
        guide.snapshot(moment, KINDS[:1])
    snapshots = time.process_time() - made
    truth = truth_of(drop)
    found = [one for kind in KINDS if (one := _measured(guide, kind, tested, truth)) is not None]
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "name": "model", "kinds": found, "rivals": RIVALS, "capacity": settings.capacity,
        "maturity_days": settings.maturity_days,
        "plan": {"people": plan.people, "months": plan.months, "share": plan.share, "windows": len(tested)},
        "cpu_seconds": round(used.ru_utime + used.ru_stime), "wall_seconds": round(time.monotonic() - started),
        "world_cpu_seconds": round(made), "snapshots_cpu_seconds": round(snapshots),
        "memory_mb": round(used.ru_maxrss / 1024), "commit": commit(), "machine": machine(),
    }  # fmt: skip


def main() -> None:
    """Write the result file and the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--share", type=float, default=0.005)
    parser.add_argument("--windows", type=int, default=4)
    parser.add_argument("--capacity", type=float, default=0.005)
    parser.add_argument("--work", type=Path, help="keep world and snapshots here; a second call goes on with them")
    asked = parser.parse_args()
    plan = WorldPlan(asked.people, asked.months, share=asked.share)
    with tempfile.TemporaryDirectory() as place:
        scratch = asked.work or Path(place)
        told: Mapping[str, Any] = {"home": scratch / "home", "capacity": asked.capacity, "snapshots_at_once": 1}
        result = run(plan, asked.windows, load_settings(None, **told), scratch)
    size = f"--people {plan.people} --months {plan.months} --share {plan.share} --windows {asked.windows}"
    result["command"] = f'make bench-model MODEL_SIZE="{size} --capacity {asked.capacity}"'
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "model.json").write_text(json.dumps(result, indent=2, default=str) + "\n", encoding="utf-8")
    (PAGE.parent / "model.md").write_text("\n".join(page(result)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
