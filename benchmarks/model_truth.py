"""The truth of a world beside the labels of a test."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl

from fraudnet.contracts.judgements import FRAUD_ROLES
from fraudnet.settings import Settings


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
