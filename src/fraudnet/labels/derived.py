"""What an identity inherits from its accounts and SIMs."""

from __future__ import annotations

import polars as pl

from fraudnet.contracts.judgements import ROLES
from fraudnet.labels.verdicts import FRAUD

# Gravest first; whoever was misled into lending an account is no fraudster as a person.
GUILTY = ("controller", "knowing_mule")


def guilty_holders(decisions: pl.LazyFrame, nodes: pl.LazyFrame) -> pl.LazyFrame:
    """Identities that hold an account or SIM confirmed as a controller's or a knowing mule's.

    decisions: one per thing, with verdict and role. Returns node (the identity), entity_id and the gravest role; an
    identity with a decision of its own among `decisions` keeps that one and is not returned.
    """
    keyed = nodes.select("node", "entity_id", "holder", pl.col("kind").cast(pl.String))
    own = decisions.select("node")
    things = keyed.filter(pl.col("holder").is_not_null() & pl.col("kind").is_in(("account", "sim")))
    found = decisions.filter((pl.col("verdict") == FRAUD) & pl.col("role").cast(pl.String).is_in(GUILTY))
    return (
        found.select("node", "role")
        .join(things.select("node", "holder"), on="node")
        .group_by("holder")
        .agg(grave=(pl.col("role").cast(pl.String) == GUILTY[0]).any())
        .select(
            node="holder",
            role=pl.when("grave").then(pl.lit(GUILTY[0])).otherwise(pl.lit(GUILTY[1])).cast(pl.Enum(ROLES)),
        )
        .join(own, on="node", how="anti")
        .join(keyed.select("node", "entity_id"), on="node")
        .select("node", "entity_id", "role")
    )
