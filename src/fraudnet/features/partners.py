"""Feature family `partners`: who an account deals with, how new they are and how much hangs on one of them."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import ratio, within
from fraudnet.features.family import Family
from fraudnet.features.legs import pairs, per_window
from fraudnet.features.shape import complete, owned, schema, share, whole, windowed

FRESH = {"1d": 1.0, "7d": 7.0, "30d": 30.0}

SCHEMA = schema(
    "Partners",
    {
        **windowed("first_payers", "accounts that paid in for the first time", whole, tuple(FRESH)),
        **windowed("first_payees", "accounts that were paid for the first time", whole, tuple(FRESH)),
        "new_payer_share_30d": share("share of the payers of the last 30 days who had never paid in before"),
        "reciprocal_share_all": share("share of its partners that both paid it and were paid by it", spread=True),
        "top_payer_share_all": share("share of all money in that came from its largest payer", spread=True),
        "top_payee_share_all": share("share of all money out that went to its largest payee"),
        "repeat_payer_share_all": share("share of its payers who paid in more than once"),
    },
)


def partners(records: Records, nodes: pl.DataFrame, as_of: datetime, keep: pl.Expr | None) -> pl.LazyFrame:
    """Partners met for the first time inside 1, 7 and 30 days, and how concentrated and mutual its dealings are.

    A payer is new inside a window when its first transfer to the account lies in it. Without a transfers table every
    column is null. One row per account node.
    """
    if not records.has("transfers"):
        return complete(nodes, "account", SCHEMA, keep, None)
    met = pairs(records.table("transfers"))
    back = met.select(payer="payee", payee="payer", mutual=pl.lit(True))
    both = met.join(back, on=["payer", "payee"], how="left")
    payers = owned(both.rename({"payee": "node"}), keep).group_by("node").agg(**_payers(as_of))
    payees = owned(both.rename({"payer": "node"}), keep).group_by("node").agg(**_payees(as_of))
    whole_view = payers.join(payees, on="node", how="full", coalesce=True).with_columns(
        reciprocal_share_all=_mutual_share()
    )
    return complete(nodes, "account", SCHEMA, keep, whole_view)


def _payers(as_of: datetime) -> dict[str, pl.Expr]:
    recent = within("last_at", as_of, 30).sum()
    return {
        **per_window("first_payers", "first_at", as_of, FRESH),
        "new_payer_share_30d": ratio(within("first_at", as_of, 30).sum(), recent),
        "top_payer_share_all": ratio(pl.col("amount").max(), pl.col("amount").sum()),
        "repeat_payer_share_all": ratio((pl.col("n") > 1).sum(), pl.len()),
        "payers": pl.len(),
        "mutual": pl.col("mutual").count(),
    }


def _payees(as_of: datetime) -> dict[str, pl.Expr]:
    return {
        **per_window("first_payees", "first_at", as_of, FRESH),
        "top_payee_share_all": ratio(pl.col("amount").max(), pl.col("amount").sum()),
        "payees": pl.len(),
    }


def _mutual_share() -> pl.Expr:
    mutual = pl.col("mutual").fill_null(0).cast(pl.Int64)
    known = pl.col("payers").fill_null(0).cast(pl.Int64) + pl.col("payees").fill_null(0).cast(pl.Int64)
    return ratio(mutual, known - mutual)


FAMILY = Family("partners", "account", partners, SCHEMA)
