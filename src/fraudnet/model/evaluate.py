"""How good a model is on a snapshot it has not seen."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from fraudnet.model.intervals import bootstrap
from fraudnet.model.metrics import all_metrics, places, rank
from fraudnet.model.rows import Part
from fraudnet.model.trained import Model
from fraudnet.settings import Settings

ALL, UNSEEN = "all", "unseen_clusters"
TOO_FEW = 10


@dataclass(frozen=True)
class Evaluation:
    """What a test showed.

    figures: rows (all, unseen_clusters), metric, value, low, high, too_few. counts: rows, entities, positives,
    reviewed, spared, flagged, spared_flagged. scored: y, raw, probability of the whole test, best first, without ids.
    rows: the same with entity_id, reviewed, spared, cluster, and whether the cluster is `unseen` in training.
    """

    figures: pl.DataFrame
    counts: pl.DataFrame
    scored: pl.DataFrame
    rows: pl.DataFrame = field(default_factory=pl.DataFrame)

    def flat(self, rows: str = ALL) -> dict[str, float]:
        """The values of one table by metric, those that are defined."""
        kept = self.figures.filter((pl.col("rows") == rows) & pl.col("value").is_not_nan())
        return dict(zip(kept["metric"].to_list(), kept["value"].to_list(), strict=True))


def evaluate(model: Model, test: Part, settings: Settings, trained_on: pl.DataFrame | None = None) -> Evaluation:
    """Measure a model on a test part, each figure with a 95 % interval that resamples clusters.

    Two tables: all rows (what production sees), and those whose strong cluster is not among the answers `trained_on`.
    Victims and those in good faith stand in the list as y = 0, and how many of them were flagged is counted by
    itself. Figures on fewer than 10 positives are marked `too_few`.
    """
    rows = test.rows()
    raw = model.raw(rows.select(test.matrix.names), threads=settings.threads)
    scored = rows.select("entity_id", "y", "reviewed", "spared", "cluster").with_columns(
        raw=pl.Series(raw), probability=pl.Series(model.probability(raw))
    )
    known = [] if trained_on is None else trained_on["cluster"].unique().to_list()
    marked = scored.with_columns(unseen=~pl.col("cluster").is_in(known))
    return measured(marked.sort("raw", "entity_id", descending=[True, False]), model.threshold, settings)


def measured(rows: pl.DataFrame, threshold: float, settings: Settings) -> Evaluation:
    """Measure rows that are scored already, best first.

    rows: entity_id, y, reviewed, spared, cluster, unseen (its cluster is not in training), raw, probability.
    """
    tables = {ALL: rows, UNSEEN: rows.filter("unseen")}
    figures = {ALL: _figures(ALL, rows, threshold, settings)}
    same = tables[UNSEEN].height == rows.height  # the intervals cost most of the time: never twice for the same rows
    figures[UNSEEN] = (
        figures[ALL].with_columns(rows=pl.lit(UNSEEN))
        if same
        else _figures(UNSEEN, tables[UNSEEN], threshold, settings)
    )
    return Evaluation(
        pl.concat(figures.values()),
        pl.concat([_counts(name, table, settings.capacity) for name, table in tables.items()]),
        rows.select("y", "raw", "probability"),
        rows,
    )


def _figures(name: str, table: pl.DataFrame, threshold: float, settings: Settings) -> pl.DataFrame:
    ordered = table.sort("raw", "entity_id", descending=[True, False])
    y, raw, p = (ordered[part].to_numpy().astype(np.float64) for part in ("y", "raw", "probability"))
    ranked = rank(y, raw, p)
    metrics = all_metrics(settings.capacity, threshold)
    clusters = ordered["cluster"].rank("dense").to_numpy().astype(np.float64) - 1
    ends = bootstrap(ranked, clusters, metrics, settings.bootstrap, settings.seed)
    values = {metric: compute(ranked) if len(y) else float("nan") for metric, compute in metrics.items()}
    return pl.DataFrame(
        {
            "rows": [name] * len(metrics),
            "metric": list(metrics),
            "value": [values[metric] for metric in metrics],
            "low": [ends[metric][0] for metric in metrics],
            "high": [ends[metric][1] for metric in metrics],
            "too_few": [bool(y.sum() < TOO_FEW)] * len(metrics),
        },
        schema_overrides={"value": pl.Float64, "low": pl.Float64, "high": pl.Float64},
    )


def _counts(name: str, table: pl.DataFrame, capacity: float) -> pl.DataFrame:
    flagged = table.sort("raw", "entity_id", descending=[True, False]).head(places(capacity, table.height))
    return pl.DataFrame(
        {
            "rows": [name],
            "entities": [table.height],
            "positives": [int(table["y"].sum())],
            "reviewed": [int(table["reviewed"].sum())],
            "spared": [int(table["spared"].sum())],
            "flagged": [flagged.height],
            "spared_flagged": [int(flagged["spared"].sum())],
        }
    )
