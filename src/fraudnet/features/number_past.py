"""Feature family `number_past`: who had a number before its present holder, and what is still tied to it."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import DAY_US
from fraudnet.features.family import Family
from fraudnet.features.lookups import Lookups
from fraudnet.features.registered import registered_at
from fraudnet.features.shape import complete, owned, real, schema, whole

SCHEMA = schema(
    "NumberPast",
    {
        "number_holders_before_count": whole("holders that its number had before", growing=True),
        "number_rest_days": real("days its number rested between the holder before and this one"),
        "number_old_accounts_count": whole(
            "accounts of others registered on its number before its holder had it", growing=True
        ),
    },
)


def number_past(
    records: Records, nodes: pl.DataFrame, lookups: Lookups, as_of: datetime, keep: pl.Expr | None
) -> pl.LazyFrame:
    """Earlier holdings of a SIM's number by other people, and bank accounts that still point at those days.

    Only the present holding of a number has old accounts, and only such as are still open. Accounts need the accounts
    table; whose they are must be known. One row per SIM node.
    """
    sims = nodes.lazy().filter((pl.col("kind") == "sim") & pl.col("number").is_not_null())
    held = sims.select("node", "number", "holder", "valid_from", "valid_to")
    parts = [_before(held)]
    if records.has("accounts"):
        parts.append(_old_accounts(records, nodes, lookups, as_of))
    return complete(nodes, "sim", SCHEMA, keep, *(owned(part, keep) for part in parts))


def _before(held: pl.LazyFrame) -> pl.LazyFrame:
    """Holdings of the same number that began earlier in another name, and the rest since the last of them ended."""
    past = held.select("number", had="holder", began="valid_from", ended="valid_to")
    pairs = held.join(past, on="number", how="inner").filter(
        (pl.col("began") < pl.col("valid_from")) & (pl.col("had") != pl.col("holder"))
    )
    told = pairs.group_by("node", "valid_from").agg(
        number_holders_before_count=pl.col("had").n_unique(), ended=pl.col("ended").sort_by("began", "had").last()
    )
    rest = (pl.col("valid_from") - pl.col("ended")).dt.total_microseconds() / DAY_US
    return told.select("node", "number_holders_before_count", number_rest_days=pl.when(rest >= 0).then(rest))


def _old_accounts(records: Records, nodes: pl.DataFrame, lookups: Lookups, as_of: datetime) -> pl.LazyFrame:
    present = lookups.current_sims.drop_nulls("sim_holder")
    begun = nodes.lazy().select(sim="node", begun="valid_from")
    closed = nodes.lazy().filter((pl.col("kind") == "account") & (pl.col("valid_to") < as_of)).select("node")
    open_ones = lookups.registrations.join(closed, on="node", how="anti")
    linked = open_ones.join(present, on="number", how="inner").join(begun, on="sim", how="inner")
    dated = linked.join(registered_at(records, nodes), on="node", how="inner")
    passed_on = nodes.lazy().filter(pl.col("kind") == "sim").select("number", had="holder", began="valid_from")
    had = dated.join(passed_on, on="number", how="inner").filter(
        (pl.col("began") < pl.col("begun")) & (pl.col("had") != pl.col("sim_holder"))
    )
    old = had.filter((pl.col("registered") < pl.col("begun")) & (pl.col("holder") != pl.col("sim_holder")))
    return old.group_by("sim").agg(number_old_accounts_count=pl.col("node").n_unique()).rename({"sim": "node"})


FAMILY = Family("number_past", "sim", number_past, SCHEMA)
