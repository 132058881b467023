"""Feature family `probes`: payments of a few thousand đồng that try an account, and what came in after them."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import DAY_US, within
from fraudnet.features.family import Family
from fraudnet.features.shape import complete, owned, schema, whole

SMALL = 10_000
LARGE = 1_000_000
DAYS, AFTER_DAYS = 90, 3

SCHEMA = schema(
    "Probes",
    {
        "probe_payers_90d": whole("accounts that sent it a payment of at most 10,000 đồng during the last 90 days"),
        "probed_in_count_90d": whole(
            "credits of 1,000,000 đồng and more within 3 days of a tiny one from another payer, last 90 days"
        ),
        "probed_in_amount_90d": whole("money of those credits that followed a tiny one from another payer"),
        "checked_in_count_90d": whole(
            "credits of 1,000,000 đồng and more within 3 days of a tiny one from the same payer, last 90 days"
        ),
    },
)


def probes(records: Records, nodes: pl.DataFrame, as_of: datetime, keep: pl.Expr | None) -> pl.LazyFrame:
    """Large credits of the last 90 days by who had tried the account with at most 10,000 đồng in the 3 days before.

    The last such payment counts. Amounts are whole minor units. Without a transfers table every column is null. One
    row per account node.
    """
    if not records.has("transfers"):
        return complete(nodes, "account", SCHEMA, keep, None)
    credits = owned(
        records.table("transfers")
        .filter(within("at", as_of, DAYS + AFTER_DAYS))
        .select("at", "amount", node="payee", other="payer"),
        keep,
    )
    tiny = credits.filter(pl.col("amount") <= SMALL)
    tried = tiny.filter(within("at", as_of, DAYS)).group_by("node").agg(probe_payers_90d=pl.col("other").n_unique())
    last = tiny.group_by("node", "at").agg(
        prober=pl.when(pl.col("other").min() == pl.col("other").max()).then(pl.col("other").max())
    )
    large = credits.filter((pl.col("amount") >= LARGE) & within("at", as_of, DAYS)).sort("at")
    met = large.join_asof(
        last.with_columns(tried_at="at").sort("at"), on="at", by="node", strategy="backward",
        tolerance=f"{AFTER_DAYS * DAY_US}us", check_sortedness=False,
    )  # fmt: skip
    after = met.filter(pl.col("tried_at").is_not_null()).with_columns(same=pl.col("prober").eq_missing(pl.col("other")))
    followed = after.group_by("node").agg(
        probed_in_count_90d=(~pl.col("same")).sum(),
        probed_in_amount_90d=pl.col("amount").filter(~pl.col("same")).sum(),
        checked_in_count_90d=pl.col("same").sum(),
    )
    return complete(nodes, "account", SCHEMA, keep, tried, followed)


FAMILY = Family("probes", "account", probes, SCHEMA)
