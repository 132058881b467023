"""Which entities share a device, seen from each of them."""

from __future__ import annotations

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.features.legs import packed, unpacked


def seen(records: Records, nodes: pl.DataFrame, kind: str) -> pl.LazyFrame:
    """Every entity of a kind with every device it was seen on: node, device, first_at, holder, valid_from.

    Randomised addresses prove nothing and are left out.
    """
    proven = pl.col("device").is_not_null() & ~pl.col("randomised").fill_null(False)
    used = records.table("uses").filter(proven).select(
        "device", node="entity", at=pl.coalesce("seen_at", "valid_from")
    )  # fmt: skip
    mine = nodes.lazy().filter(pl.col("kind") == kind).select("node", "holder", "valid_from")
    met = used.group_by(pair=packed("node", "device")).agg(first_at=pl.col("at").min())
    found = met.select(**unpacked("pair", "node", "device"), first_at="first_at")
    return found.join(mine, on="node", how="inner")


def company(used: pl.LazyFrame) -> pl.LazyFrame:
    """Per entity: devices, peers (most entities on one of them), holders (most known holders), newest_at."""
    crowd = used.group_by("device").agg(
        peers=pl.col("node").n_unique(), holders=pl.col("holder").drop_nulls().n_unique()
    )
    return used.join(crowd, on="device", how="inner").group_by("node").agg(
        devices=pl.col("device").n_unique(),
        peers=pl.col("peers").max(),
        holders=pl.col("holders").max(),
        newest_at=pl.col("first_at").max(),
    )  # fmt: skip


def group_size(nodes: pl.LazyFrame, key: str, name: str) -> pl.LazyFrame:
    """Per node with a known `key`: how many nodes share it, itself included, as column `name`."""
    known = nodes.filter(pl.col(key).is_not_null())
    sizes = known.group_by(key).agg(pl.col("node").n_unique().alias(name))
    return known.select("node", key).join(sizes, on=key, how="inner").select("node", name)
