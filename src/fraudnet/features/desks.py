"""Who opened an account, and where: keys of branches and of members of staff."""

from __future__ import annotations

import polars as pl

from fraudnet.contracts.drop import Records


def opened_by(records: Records, nodes: pl.DataFrame) -> pl.LazyFrame:
    """Who opened each account, where known: node, desk (institution and member of staff), branch, opened."""
    accounts = records.table("accounts").filter(pl.col("staff").is_not_null())
    desk, branch = (pl.concat_str("institution", key, separator=":") for key in ("staff", "branch"))
    first = accounts.group_by(node="entity").agg(desk=desk.min(), branch=branch.min())
    dated = nodes.lazy().filter(pl.col("kind") == "account").select("node", opened="valid_from")
    return first.join(dated, on="node", how="inner")
