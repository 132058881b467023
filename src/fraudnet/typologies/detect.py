"""Every typology of a kind over one feature table."""

from __future__ import annotations

import polars as pl

from fraudnet.contracts.results import Hit
from fraudnet.typologies import typologies


def detect(features: pl.DataFrame | pl.LazyFrame, kind: str) -> pl.DataFrame:
    """Say which named patterns of fraud an entity shows, and how far honest life explains each.

    `features`: `node` and the features of one kind, one row a node; features that are missing or null make no hit.
    Returns contract Hit sorted by node, typology; empty for a kind without typologies.
    """
    table = features.lazy()
    found = [
        known.hits(table).with_columns(pl.lit(known.name).alias("typology")).select(Hit.column_names())
        for known in typologies()
        if known.kind == kind
    ]
    if not found:
        return Hit.create_empty()
    hits = pl.concat(found).sort("node", "typology").collect(engine="streaming")
    return Hit.validate(hits, cast=True)


def hit_columns(features: pl.DataFrame | pl.LazyFrame, kind: str) -> pl.DataFrame:
    """The hits as columns for a model: `<name>_strength` and `<name>_alike` of every typology of the kind.

    Returns one row for every row of `features`, sorted by node, Float64 in [0, 1], 0.0 where there is no hit.
    """
    table = features.lazy()
    wide = table.select("node")
    for known in typologies():
        if known.kind == kind:
            hits = known.hits(table).rename(
                {"strength": f"{known.name}_strength", "alike_strength": f"{known.name}_alike"}
            )
            wide = wide.join(hits, on="node", how="left")
    return wide.with_columns(pl.exclude("node").fill_null(0.0)).sort("node").collect(engine="streaming")
