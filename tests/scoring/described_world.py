"""The random world of the features with a second kind of generic links, one that has a direction."""

from __future__ import annotations

import polars as pl
from random_world import AS_OF, random_records

from fraudnet.contracts.drop import Records

__all__ = ["AS_OF", "drop_records"]


def drop_records() -> Records:
    records = random_records(1)
    links = records.table("links")
    kind = pl.lit("lends_to").cast(links.collect_schema()["kind"])
    lent = links.with_columns(kind=kind, directed=pl.lit(value=True), row_id=pl.format("{}:lent", "row_id"))
    return records.with_tables(links=pl.concat([links, lent]))
