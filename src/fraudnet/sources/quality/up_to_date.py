"""Up to date (sống): how old the newest row is at the cut-off, and on how many days there was any.

Measures, per table with a time, over the rows before the cut-off (n of them on the D days since the first one):
`freshness` of 30 days, those not used up by the days without a row before the cut-off, beyond what the table's own
pace explains (3 D / n days: of randomly spaced rows 95 % come sooner); `days_with_rows` days with a row among the days
that n randomly spread rows would fill, D (1 - exp(-n / D)), so that a small bank is not blamed for being small. Only
tables of movements are expected to fill days, and only from 7 days on.
"""

from __future__ import annotations

import polars as pl

from fraudnet.sources.quality.material import MOVEMENTS, Material
from fraudnet.sources.quality.part import Criterion, nothing, part

PATIENCE_DAYS = 30
PACE = 3
SHORTEST_DAYS = 7


def _compared(material: Material) -> list[pl.DataFrame]:
    past = material.days.filter(pl.col("day") < material.as_of_day)
    several = past.group_by("source").agg(pl.col("institution").n_unique().alias("n")).filter(pl.col("n") > 1)
    one_by_one = past.filter(pl.col("institution").is_not_null()).join(several, on="source", how="semi")
    found = []
    for rows in (past.with_columns(institution=pl.lit(None, dtype=pl.String)), one_by_one):
        spans = _spans(rows, material.as_of_day)
        fresh = (PATIENCE_DAYS - pl.col("stale")).clip(lower_bound=0)
        found.append(part(spans, None, "freshness", fresh, pl.lit(PATIENCE_DAYS)))
        moving = spans.filter(pl.col("table").is_in(MOVEMENTS) & (pl.col("span") >= SHORTEST_DAYS))
        filled = pl.min_horizontal("filled", "expected")
        found.append(part(moving, None, "days_with_rows", filled, pl.col("expected")))
    return found


def _spans(rows: pl.DataFrame, as_of_day: int) -> pl.DataFrame:
    """Per owner and table: days since the first row, days with a row, days to expect, days too old at the cut-off."""
    sums = rows.group_by("source", "institution", "table").agg(
        n=pl.col("rows").sum(), filled=pl.col("day").n_unique(), first=pl.col("day").min(), last=pl.col("day").max()
    )  # fmt: skip
    span = sums.with_columns(span=as_of_day - pl.col("first"))
    age, gap = as_of_day - 1 - pl.col("last"), PACE * pl.col("span") / pl.col("n")
    expected = (pl.col("span") * (1 - (-pl.col("n") / pl.col("span")).exp())).floor().clip(lower_bound=1)
    return span.with_columns(
        stale=(age - gap).ceil().clip(lower_bound=0).cast(pl.Int64), expected=expected.cast(pl.Int64)
    )


CRITERION = Criterion("up_to_date", nothing, _compared, "undated", additive=False)
