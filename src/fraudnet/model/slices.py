"""How a list does for each institution, province, month and typology."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from fraudnet.model.intervals import bootstrap
from fraudnet.model.metrics import Ranked, places

FEWEST = 10
UNKNOWN, NONE = "unknown", "no typology"


def flagged(rows: pl.DataFrame, capacity: float) -> pl.DataFrame:
    """The rows with `flagged`: the first places of the list, as many as reviewers can look at."""
    return rows.with_row_index("place").with_columns(
        flagged=pl.col("place") < places(capacity, rows.height)
    )  # best first


def by(rows: pl.DataFrame, column: str, resamples: int, seed: int) -> list[dict[str, Any]]:
    """One row per value of a column, most positives first: entities, positives, flagged, hits, precision, recall.

    rows: y, cluster, flagged and the column, which may be a list: a row then counts for each of its values. recall_low
    and recall_high: 95 % over resamples of clusters. too_few: under 10 positives, recall is none; precision is none
    under 10 flagged.
    """
    part = rows.select("y", "cluster", "flagged", column)
    if part.schema[column] == pl.List(pl.String):
        part = part.explode(column, empty_as_null=True).with_columns(pl.col(column).fill_null(NONE))
    named = part.with_columns(pl.col(column).cast(pl.String).fill_null(UNKNOWN))
    groups = named.partition_by(column, as_dict=True, maintain_order=True)
    told = [_told(str(key[0]), group, resamples, seed) for key, group in groups.items()]
    return sorted(told, key=lambda row: (-row["positives"], -row["entities"], row["name"]))


def _told(name: str, group: pl.DataFrame, resamples: int, seed: int) -> dict[str, Any]:
    positives, on = int(group["y"].sum()), int(group["flagged"].sum())
    hits = int((group["y"] * group["flagged"]).sum())
    few = positives < FEWEST
    low, high = (None, None) if few else _ends(group, resamples, seed)
    return {
        "name": name,
        "entities": group.height,
        "positives": positives,
        "flagged": on,
        "hits": hits,
        "precision": hits / on if on >= FEWEST else None,
        "recall": None if few else hits / positives,
        "recall_low": low,
        "recall_high": high,
        "too_few": few,
    }


def _ends(group: pl.DataFrame, resamples: int, seed: int) -> tuple[float, float]:
    positives = group.filter(pl.col("y") == 1)
    hit = positives["flagged"].to_numpy().astype(np.float64)
    ones = np.ones(len(hit))
    rows = Ranked(hit, hit, hit, ones, ones.astype(bool))
    clusters = positives["cluster"].rank("dense").to_numpy().astype(np.float64) - 1
    ends = bootstrap(rows, clusters, {"recall": _share}, resamples, seed)["recall"]
    return ends


def _share(rows: Ranked) -> float:
    return float(rows.weight @ rows.y / rows.weight.sum()) if rows.weight.sum() else float("nan")
