"""What training and measuring one kind gives back, and how it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from fraudnet.model.evaluate import Evaluation
from fraudnet.model.trained import Model
from fraudnet.model.trial import Proof

NAMES: Mapping[str, str] = {
    "auc": "AUC",
    "average_precision": "average precision",
    "precision_at_capacity": "precision at capacity",
    "recall_at_capacity": "recall at capacity",
    "recall_at_1_percent_false": "recall at 1 % false positives",
    "recall_at_100": "recall at 100",
    "macro_f1": "macro F1",
    "brier": "Brier score",
    "observed_expected": "observed / expected",
    "observed_expected_top_0_5": "observed / expected, top 0.5 %",
    "observed_expected_top_2": "observed / expected, top 2 %",
    "ece_top_5": "calibration error, top 5 %",
}
TABLES = {"all": "all rows", "unseen_clusters": "without clusters seen in training"}
# 97.5 % points of Student's t with n - 1 degrees of freedom, for means over a few splits.
T_975 = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306, 10: 2.262}


@dataclass(frozen=True)
class Outcome:
    """One kind: the model to keep (None when only measured), its measures, and what a reader must know beside them.

    proof: the rows of the test, on which the model meets the champion.
    """

    kind: str
    model: Model | None
    evaluations: tuple[Evaluation, ...] = ()
    title: str = ""
    notes: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    proof: Proof | None = None

    def told(self) -> list[dict[str, Any]]:
        """The measures as plain values, one part per table of rows."""
        if not self.evaluations:
            return []
        return [self._part(rows) for rows in TABLES if self._has(rows)]

    def flat(self) -> dict[str, float]:
        """The measures over all rows by name, those that are defined."""
        measures = self._part("all")["measures"] if self.evaluations else []
        return {row["key"]: row["value"] for row in measures if row["value"] is not None}

    def _has(self, rows: str) -> bool:
        """Whether a table has positives and is not the first one over again."""
        return any(self._worth_telling(e.counts, rows) for e in self.evaluations)

    @staticmethod
    def _worth_telling(counts: pl.DataFrame, rows: str) -> bool:
        sizes = dict(counts.select("rows", "entities").iter_rows())
        positives = counts.filter(pl.col("rows") == rows)["positives"].sum()
        return positives > 0 and (rows == "all" or sizes[rows] < sizes["all"])

    def _part(self, rows: str) -> dict[str, Any]:
        counts = self.evaluations[0].counts.filter(pl.col("rows") == rows).to_dicts()[0]
        said = ", ".join(f"{counts[k]:,} {k.replace('_', ' ')}" for k in counts if k != "rows")
        notes = [said, *self.notes] if rows == "all" else [said]
        if any(e.figures.filter(pl.col("rows") == rows)["too_few"].any() for e in self.evaluations):
            notes.append("too few positives (under 10): these figures are noise")
        measures = [self._measure(rows, key) for key in NAMES]
        title = f"{self.title}: {TABLES[rows]}"
        return {"title": title, "kind": self.kind, "rows": rows, "measures": measures, "counts": counts, "notes": notes}

    def _measure(self, rows: str, key: str) -> dict[str, Any]:
        chosen = (pl.col("rows") == rows) & (pl.col("metric") == key)
        found = [e.figures.filter(chosen).select("value", "low", "high").row(0) for e in self.evaluations]
        value, low, high = found[0] if len(found) == 1 else over_splits([row[0] for row in found])
        return {"key": key, "name": NAMES[key], "value": _plain(value), "low": _plain(low), "high": _plain(high)}


def over_splits(values: Sequence[float]) -> tuple[float, float, float]:
    """Mean over splits with the 95 % interval of that mean by Student's t."""
    mean = float(np.mean(values))
    half = T_975.get(len(values), 1.96) * float(np.std(values, ddof=1)) / len(values) ** 0.5
    return mean, mean - half, mean + half


def _plain(value: float | None) -> float | None:
    return None if value is None or np.isnan(value) else float(value)
