"""Where an entity belongs, and whose decision about it stands: what a comparison of models is broken down by."""

from __future__ import annotations

import polars as pl

from fraudnet.contracts.graph import Linked
from fraudnet.labels.verdicts import keyed, standing, verdicts

# These decide for an institution; whoever else decides stands for himself.
FOR_AN_INSTITUTION = ("bank", "operator")


def witnesses(linked: Linked) -> pl.DataFrame:
    """entity_id, institution that lists it, province of the holder, and whose decision stands (any may be unknown).

    whose: the institution for a bank's or operator's decision, else police, analyst, victim or hotline, else the source
    that delivered it. Identities belong to no institution: a decision about them is told by who made it.
    """
    nodes = linked.nodes.select("node", "entity_id", "institution", owner=pl.coalesce("holder", "node"))
    by = keyed(linked, "dispositions", "entity").select(
        "source", "row_id", by=pl.col("decided_by").cast(pl.String), node=pl.col("entity")
    )
    stands = standing(verdicts(linked)).select("node", "source", "row_id")
    decided = stands.join(by, on=["node", "source", "row_id"], how="left").unique("node", keep="any")
    home = (
        keyed_identities(linked)
        .sort("node", "source", "row_id")
        .unique("node", keep="first", maintain_order=True)
        .select(owner="node", province="province")
    )
    own = pl.when(pl.col("by").is_in(FOR_AN_INSTITUTION)).then("institution")
    return (
        nodes.join(home, on="owner", how="left")
        .join(decided, on="node", how="left")
        .select("entity_id", "institution", "province", whose=pl.coalesce(own, "by", "source"))
        .sort("entity_id")
        .collect(engine="streaming")
    )


def keyed_identities(linked: Linked) -> pl.LazyFrame:
    """The identity records that name a province, with the node of their person."""
    if not linked.records.has("identities"):
        names = {"node": pl.Int64, "source": pl.String, "row_id": pl.String, "province": pl.String}
        return pl.LazyFrame(schema=names)
    told = keyed(linked, "identities", "entity").rename({"entity": "node"})
    return told.filter(pl.col("province").is_not_null()).select("node", "source", "row_id", "province")
