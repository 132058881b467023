"""A small trained model and one snapshot to score with it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

import numpy as np
import polars as pl

from fraudnet.contracts.features import Column
from fraudnet.contracts.labels import Label
from fraudnet.model.matrix import Matrix, build
from fraudnet.model.train import fit
from fraudnet.model.trained import Model
from fraudnet.settings import Settings

AT = datetime(2026, 5, 1, tzinfo=UTC)
COLUMNS = (
    Column("in_amount_30d", "Money that came in over 30 days", "money"),
    Column("cash_out_share_all", "Share of what went out that was cash", "cash_use"),
    Column("devices_count", "Phones it was used on", "account_sharing"),
    Column("age_days", "Days since it was opened", "tempo", growing=True),
    Column("seed_share_all", "Share of its money that touched known fraud", "proximity", seed_built=True),
    Column("is_ekyc", "Opened without visiting a branch", "account_life"),
)
RING = ("pass_through",)


@cache
def world(n: int = 500) -> tuple[Matrix, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Matrix, labels, nodes and hits of n accounts; every tenth is fraud."""
    rng = np.random.default_rng(4)
    y = (np.arange(n) % 10 == 0).astype(np.int8)
    features = pl.DataFrame(
        {
            "node": np.arange(n),
            "in_amount_30d": np.where(rng.random(n) < 0.1, np.nan, rng.lognormal(15, 1, n) * (1 + 3 * y)),
            "cash_out_share_all": np.clip(rng.random(n) * 0.6 + 0.3 * y, 0, 1),
            "devices_count": rng.integers(1, 4, n) + 2.0 * y,
            "age_days": rng.integers(1, 900, n).astype(float),
            "seed_share_all": np.where(y == 1, rng.random(n), 0.1 * rng.random(n)),
            "is_ekyc": rng.integers(0, 2, n).astype(float),
        }
    ).with_columns(pl.col("in_amount_30d").fill_nan(None))
    ids = [f"account:bank:{number:05}" for number in range(n)]
    nodes = pl.DataFrame(
        {"node": np.arange(n), "entity_id": ids, "kind": "account", "institution": "bank"}
    ).with_columns(number=pl.col("entity_id").str.tail(5))
    hits = pl.DataFrame({"node": np.arange(0, n, 20), "strength": 0.8, "alike_strength": 0.1}).with_columns(
        typology=pl.lit(RING[0])
    )
    matrix = build(features, COLUMNS, hits, nodes, AT, RING)
    told = matrix.frame.select("entity_id", "at").with_columns(
        kind=pl.lit("account"),
        y=pl.Series(y),
        reviewed=pl.lit(value=True),
        spared=pl.lit(value=False),
        role=pl.lit(None, pl.String),
        cluster="entity_id",
        fold=pl.lit(None, pl.String),
    )
    return matrix, Label.validate(told.select(Label.column_names()), cast=True), nodes, hits


@cache
def model() -> Model:
    matrix, told, _, _ = world()
    return fit(matrix, told, Settings(threads=1)).with_facts(name="fraudnet-account-both")


def money(nodes: pl.DataFrame) -> pl.DataFrame:
    return nodes.select("node", at_risk=pl.col("node") * 1000).filter(pl.col("node") % 2 == 0)
