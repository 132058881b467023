"""Measure the model on a figures world: four tests forward in time, pooled; write model.json and docs/model.md.

A large world takes hours. With --work everything is kept: the world, the drop as read, each snapshot, what was measured
of each kind; with --minutes the command stops after so long at the next such piece, with code 75, and the same command
goes on from there.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
from model_evasion import evaded
from model_page import page
from model_pieces import Pieces
from model_rivals import RIVALS, scores
from model_trust import trusted
from model_truth import described, truth_of
from run import PAGE, RESULTS, commit, machine

from fraudnet.contracts.progress import silent
from fraudnet.errors import TooFewLabelsError
from fraudnet.expressions import local_day, start_of_day
from fraudnet.model.metrics import average_precision, places, precision_at
from fraudnet.model.paired import paired
from fraudnet.model.promise import promises
from fraudnet.model.selection import selection
from fraudnet.model.slices import by, flagged
from fraudnet.pipeline.reading.source import open_drops
from fraudnet.pipeline.request import Request
from fraudnet.pipeline.training.examples import Teacher, teacher
from fraudnet.pipeline.training.folding import Folds, folds, moments, needed
from fraudnet.pipeline.training.promising import sentence
from fraudnet.runs.version import code_digest
from fraudnet.settings import Settings, load_settings
from fraudnet.synthetic.world import WorldPlan, write_planned

KINDS = ("account", "sim")
MEASURES = ("precision_at_capacity", "recall_at_capacity", "average_precision", "auc", "recall_at_1_percent_false")


def world(folder: Path, plan: WorldPlan) -> Path:
    """The world, written once."""
    if not (folder / "truth").is_dir():
        write_planned(folder, plan)
    return folder


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


def _measured(guide: Teacher, kind: str, tested: tuple[Any, ...], truth: pl.DataFrame) -> dict[str, Any]:
    try:
        return measured(guide, kind, tested, truth)
    except TooFewLabelsError as error:  # a world this small says nothing about the kind; the page says so
        return {"kind": kind, "not_measured": str(error)}


def run(plan: WorldPlan, windows: int, settings: Settings, work: Pieces) -> dict[str, Any]:
    """All figures, and what they cost."""
    drop = work.folder / work.piece("world", lambda: world(work.folder / "world", plan).name, [vars(plan)])
    source = open_drops(Request((drop / "drop",)), settings, silent)
    work.spent("drop read, events told once")
    guide = teacher(source, start_of_day(plan.end), KINDS, False, (settings, silent))
    tested = moments(guide, start_of_day(plan.end), windows)
    for moment in needed(guide, tested):
        work.piece(f"snapshot {local_day(moment)}", partial(_snapshot, guide, moment), [source.digest, code_digest()])
    truth = truth_of(drop)
    about = [source.digest, code_digest(), settings.digestible(), [str(moment) for moment in tested]]
    kinds = [work.piece(f"measured {kind}", partial(_measured, guide, kind, tested, truth), about) for kind in KINDS]
    return {
        "name": "model", "kinds": kinds, "rivals": RIVALS, "capacity": settings.capacity,
        "maturity_days": settings.maturity_days,
        "plan": {"people": plan.people, "months": plan.months, "share": plan.share, "windows": len(tested)},
        "evasion": work.piece("evasion", partial(evaded, work.folder / "evasion"), [code_digest()]),
        "trust": work.piece("trust", partial(trusted, work.folder), [code_digest()]),
        **work.cost(), "commit": commit(), "machine": machine(),
    }  # fmt: skip


def _snapshot(guide: Teacher, moment: Any) -> str:
    guide.make([moment])
    return str(moment)


def main() -> None:
    """Write the result file and the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--share", type=float, default=0.005)
    parser.add_argument("--windows", type=int, default=4)
    parser.add_argument("--capacity", type=float, default=0.005)
    parser.add_argument("--work", type=Path, help="keep every piece here; a second call goes on with them")
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop at the first piece after so long")
    parser.add_argument("--page", action="store_true", help="measure nothing: write the page anew from model.json")
    asked = parser.parse_args()
    if asked.page:
        write_page(json.loads((RESULTS / "model.json").read_text(encoding="utf-8")))
        return
    plan = WorldPlan(asked.people, asked.months, share=asked.share)
    with tempfile.TemporaryDirectory() as place:
        scratch = asked.work or Path(place)
        told: Mapping[str, Any] = {
            "home": scratch / "home", "capacity": asked.capacity, "snapshots_at_once": 1, "min_positives": 20,
        }  # fmt: skip
        result = run(plan, asked.windows, load_settings(None, **told), Pieces(scratch, asked.minutes))
    size = f"--people {plan.people} --months {plan.months} --share {plan.share} --windows {asked.windows}"
    result["command"] = f'make bench-model MODEL_SIZE="{size} --capacity {asked.capacity}"'
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "model.json").write_text(json.dumps(result, indent=2, default=str) + "\n", encoding="utf-8")
    write_page(result)


def write_page(result: Mapping[str, Any]) -> None:
    """docs/model.md from what was measured."""
    (PAGE.parent / "model.md").write_text("\n".join(page(dict(result))) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
