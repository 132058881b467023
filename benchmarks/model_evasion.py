"""What a ring gains by hiding: the model of an unchanged history, asked about histories that were changed (T21)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from model_truth import described, truth_of

from fraudnet.contracts.drop import Records
from fraudnet.contracts.progress import silent
from fraudnet.errors import TooFewLabelsError
from fraudnet.expressions import start_of_day
from fraudnet.graph.link import link
from fraudnet.labels.draws import order_of
from fraudnet.model.metrics import places
from fraudnet.model.trained import Model
from fraudnet.pipeline.batch.snapshot import Cut, describe
from fraudnet.pipeline.reading.source import open_drops
from fraudnet.pipeline.request import Request
from fraudnet.pipeline.training.dated import test_at
from fraudnet.pipeline.training.examples import Teacher, matrix_of, teacher
from fraudnet.pipeline.training.folding import moments
from fraudnet.settings import load_settings
from fraudnet.synthetic.evasion import TACTICS
from fraudnet.synthetic.world import WorldPlan, write_planned

PLAN = WorldPlan(4_000, 14, share=0.04)
BUDGETS = (0.25, 0.5, 1.0)
KINDS = ("account", "sim")
CAPACITY = 0.02


def evaded(place: Path) -> dict[str, Any]:
    """Recall at capacity among the guilty of one test, by tactic and by the share of them who take it."""
    settings = load_settings(None, home=place / "home", capacity=CAPACITY, snapshots_at_once=1, min_positives=20)
    if not (place / "world" / "truth").is_dir():
        write_planned(place / "world", PLAN)
    source = open_drops(Request((place / "world" / "drop",)), settings, silent)
    as_of = start_of_day(PLAN.end)
    guide = teacher(source, as_of, KINDS, False, (settings, silent))
    moment = moments(guide, as_of, 1)[0]
    truth = truth_of(place / "world")
    found = [row for kind in KINDS for row in _of_kind(guide, kind, moment, truth)]
    return {"people": PLAN.people, "months": PLAN.months, "share": PLAN.share, "capacity": CAPACITY, "rows": found}


def _of_kind(guide: Teacher, kind: str, moment: datetime, truth: pl.DataFrame) -> list[dict[str, Any]]:
    try:
        test, _, part = test_at(guide, kind, moment)
    except TooFewLabelsError as error:
        print(f"{kind}: {error}")
        return []
    fold = pl.lit(moment).dt.convert_time_zone("Asia/Ho_Chi_Minh").dt.date()
    rows = described(part.answers.with_columns(fold=fold), truth, guide.settings)
    guilty = rows.filter("guilty")["entity_id"]
    ordered = guilty.gather(order_of(guilty, "evasion").arg_sort())
    records, people = guide.source.records, part.answers.select("entity_id")
    before = recall(test.model, _asked(records, guide, kind, moment), people, guilty)
    told = []
    for tactic, (who, change) in TACTICS.items():
        for budget in BUDGETS if who == kind else ():
            hiding = ordered.head(round(budget * len(ordered)))
            after = recall(test.model, _asked(change(records, hiding), guide, kind, moment), people, guilty)
            told.append({"tactic": tactic, "kind": kind, "budget": budget, "guilty": len(guilty),
                         "before": before, "after": after})  # fmt: skip
    return told


def _asked(records: Records, guide: Teacher, kind: str, moment: datetime) -> pl.DataFrame:
    """Everybody's features in a history."""
    return matrix_of(describe(link(records, moment), Cut(moment, (kind,))), kind).frame


def recall(model: Model, frame: pl.DataFrame, people: pl.DataFrame, guilty: pl.Series) -> float:
    """The share of the guilty among the first of those who are tested."""
    asked = frame.join(people, on="entity_id", how="semi", maintain_order="left")
    raw = model.raw(asked.select(model.names), threads=1)
    first = asked["entity_id"].gather(np.argsort(-raw, kind="stable")[: places(CAPACITY, len(raw))])
    return float(guilty.is_in(first.implode()).mean() or 0.0)
