"""Which answers train the model, and how much each of them weighs."""

from __future__ import annotations

import polars as pl

from fraudnet.labels.draws import order_of

WHOLE = float(2**63)


def row_names(rows: pl.DataFrame) -> list[str]:
    """One text per row that names its entity and snapshot, for draws that follow from nothing else."""
    stamp = pl.col("at").dt.epoch("us").cast(pl.String).fill_null("-")
    return rows.select(pl.concat_str("entity_id", stamp, separator="|")).to_series().to_list()


def sample(answers: pl.DataFrame, negatives_per_positive: int) -> pl.DataFrame:
    """The answers to train on: every decided one, and of the never reviewed a fixed draw per positive.

    answers: contract Label. Victims and those in good faith are left out. Adds `rate`, the share of its likes that a
    row stands for (undone before calibration), and `weight`: an entity in k of the snapshots weighs 1/k in each. The
    draw is a digest of entity and snapshot, so it is the same for every row order, machine and thread count.
    """
    told = answers.filter(~pl.col("spared"))
    presumed = (pl.col("y") == 0) & ~pl.col("reviewed")
    have = told.select(presumed.sum()).item()
    rate = min(1.0, negatives_per_positive * int(told["y"].sum()) / have) if have else 1.0
    drawn = told.with_columns(draw=order_of(row_names(told), "negatives"))
    kept = drawn.filter(~presumed | (pl.col("draw") < rate * WHOLE) | (rate >= 1.0))
    return kept.with_columns(
        rate=pl.when(presumed).then(rate).otherwise(1.0),
        weight=1.0 / pl.len().over("entity_id"),
    ).drop("draw")
