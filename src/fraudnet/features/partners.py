"""Feature family `partners`: who an account deals with, how new they are and how much hangs on one of them."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import ratio
from fraudnet.features import history_kernels as kernels
from fraudnet.features.family import Family
from fraudnet.features.histories import MISSING, History, table, window_start
from fraudnet.features.shape import complete, owned, schema, share, whole, windowed
from fraudnet.graph.csr import Ints

FRESH = {"1d": 1.0, "7d": 7.0, "30d": 30.0}
COUNTED = ("all", "recent", "repeated", "mutual", "top")  # what the loop counts of partners, in its order
ALWAYS = np.array([MISSING])

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


def partners(
    records: Records, nodes: pl.DataFrame, history: History, as_of: datetime, keep: pl.Expr | None
) -> pl.LazyFrame:
    """Partners met for the first time inside 1, 7 and 30 days, and how concentrated and mutual its dealings are.

    A payer is new inside a window when its first transfer to the account lies in it. Without a transfers table every
    column is null. One row per account node.
    """
    if not records.has("transfers"):
        return complete(nodes, "account", SCHEMA, keep, None)
    since = np.array([window_start(as_of, days) for days in FRESH.values()])
    accounts, got, paid = history.accounts, history.received.columns, history.made.columns
    columns: dict[str, Ints] = {}
    for stem, one, other in (("payers", got, paid), ("payees", paid, got)):
        first, whole_side = kernels.partners(one, other, accounts, since)
        columns |= {f"first_{stem}_{window}": first[:, w] for w, window in enumerate(FRESH)}
        columns |= {f"{name}_{stem}": whole_side[:, i] for i, name in enumerate(COUNTED)}
        columns[f"sum_{stem}"] = kernels.window_sums(one, accounts, ALWAYS)[1][:, 0]
    return complete(nodes, "account", SCHEMA, keep, owned(table(accounts, columns).with_columns(**_shares()), keep))


def _shares() -> dict[str, pl.Expr]:
    payers, payees, mutual = pl.col("all_payers"), pl.col("all_payees"), pl.col("mutual_payers")
    return {
        "new_payer_share_30d": ratio(pl.col("first_payers_30d"), pl.col("recent_payers")),
        "reciprocal_share_all": ratio(mutual, payers + payees - mutual),
        "top_payer_share_all": ratio(pl.col("top_payers"), pl.col("sum_payers")),
        "top_payee_share_all": ratio(pl.col("top_payees"), pl.col("sum_payees")),
        "repeat_payer_share_all": ratio(pl.col("repeated_payers"), payers),
    }


FAMILY = Family("partners", "account", partners, SCHEMA)
