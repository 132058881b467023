"""What would fall if a decision went the other way: read off what every flag rests on, never by scoring again."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

INDEPENDENT = ("own", "report", "disposition", "hit")


@dataclass(frozen=True)
class Fall:
    """What becomes of one flag: it falls, or it stands on something else."""

    node: int
    falls: bool
    others: int


def falling(support: pl.DataFrame, items: pl.DataFrame, entity: str) -> list[Fall]:
    """The flags that rest on an entity, and whether they fall without it.

    support: contract BoardSupport; items: contract BoardItem. A flag stands while something else that is independent
    supports it: its own behaviour, a report, a decision, a pattern, or known fraud elsewhere.
    """
    resting = support.filter(pl.col("kind") == "seed", pl.col("ref_id") == entity).select("node").unique()
    flagged = items.filter("flagged").select("node")
    mine = support.join(resting, on="node", how="semi").join(flagged, on="node", how="semi")
    others = ~((pl.col("kind") == "seed") & (pl.col("ref_id") == entity))
    counted = mine.group_by("node").agg(others=others.sum()).sort("node")
    return [Fall(int(node), int(n) == 0, int(n)) for node, n in counted.iter_rows()]
