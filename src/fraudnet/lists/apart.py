"""Who is kept apart from the suspected: accounts that show what was done to their holder, not what the holder did."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

CLEAR = 0.5


def victims(scores: pl.DataFrame, hits: pl.DataFrame, patterns: Collection[str]) -> pl.DataFrame:
    """The flagged whose clearest pattern is a victim's, so that no list of suspects may name them.

    scores: entity_id, flagged; hits: entity_id, typology, strength; patterns: the typologies that show victims. Only a
    pattern with a strength of 0.5 or more counts; of equally clear ones the suspect's stands. Returns entity_id.
    """
    rank = pl.col("typology").cast(pl.String).is_in(list(patterns))
    clear = hits.filter(pl.col("strength") >= CLEAR).with_columns(victim=rank)
    first = clear.sort("entity_id", "strength", "victim", descending=[False, True, False])
    clearest = first.unique("entity_id", keep="first", maintain_order=True)
    wronged = clearest.filter("victim").select("entity_id")
    return (
        scores.filter("flagged")
        .join(wronged, on="entity_id", how="semi")
        .select("entity_id")
        .unique()
        .sort("entity_id")
    )
