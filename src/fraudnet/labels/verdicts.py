"""What reviews decided about each entity, and which decision wins where they disagree."""

from __future__ import annotations

import polars as pl

from fraudnet.contracts.graph import Linked
from fraudnet.contracts.judgements import FRAUD_ROLES, ROLES, SPARED_ROLES

# Repeating a list, or a rule that follows from another decision, is no evidence of its own.
ECHOES = ("list_only", "derived")
OWN_INQUIRY = ("own_documents", "own_review", "police_file")
FRAUD, SPARED, CLEARED, UNSURE = "fraud", "spared", "cleared", "unsure"


def keyed(linked: Linked, table: str, column: str) -> pl.LazyFrame:
    """A table of the linked records whose entity column is a node key, also where the drop did not bring it."""
    return linked.records.table(table).with_columns(pl.col(column).cast(pl.Int64))


def verdicts(linked: Linked, *, echoes: bool = False) -> pl.LazyFrame:
    """Every decision known in this snapshot with its plain verdict and its rank in a conflict.

    Returns node, entity_id, kind, verdict (fraud, spared, cleared, unsure), role, rank (0 wins), own_inquiry,
    the times of the decision and of the fraud, and basis. A confirmation without a role counts as fraud. Decisions
    that rest on a list or on another decision alone are left out unless `echoes` asks for them.
    """
    nodes = linked.nodes.select("node", "entity_id", pl.col("kind").cast(pl.String))
    decided = keyed(linked, "dispositions", "entity").rename({"entity": "node"})
    if not echoes:
        decided = decided.filter(~pl.col("basis").cast(pl.String).is_in(ECHOES).fill_null(value=False))
    return decided.join(nodes, on="node").select(
        "node",
        "entity_id",
        "kind",
        _verdict().alias("verdict"),
        pl.col("role").cast(pl.Enum(ROLES)),
        _rank().alias("rank"),
        _own_inquiry().alias("own_inquiry"),
        pl.col("basis").cast(pl.String),
        "decided_at",
        "known_at",
        "activity_from",
        "activity_to",
        "source",
        "row_id",
    )


def judged(decisions: pl.LazyFrame) -> pl.LazyFrame:
    """Decisions (contract Disposition) with their plain verdict and their rank in a conflict; echoes are left out."""
    independent = decisions.filter(~pl.col("basis").cast(pl.String).is_in(ECHOES).fill_null(value=False))
    return independent.with_columns(verdict=_verdict(), rank=_rank())


def standing(decisions: pl.LazyFrame) -> pl.LazyFrame:
    """The one decision per entity that stands: police, then a bank on its own documents, then an analyst, then an
    operator, then anybody else; among equals the latest.
    """
    order = ["node", "rank", "_when", "known_at", "source", "row_id"]
    return (
        decisions.with_columns(pl.coalesce("decided_at", "known_at").alias("_when"))
        .sort(order, descending=[False, False, True, True, False, True], nulls_last=True)
        .unique("node", keep="first", maintain_order=True)
        .drop("_when")
    )


def _verdict() -> pl.Expr:
    role, outcome = pl.col("role").cast(pl.String), pl.col("outcome").cast(pl.String)
    return (
        pl.when(outcome == "unsure")
        .then(pl.lit(UNSURE))
        .when(role.is_in(SPARED_ROLES).fill_null(value=False))
        .then(pl.lit(SPARED))
        .when((outcome == "confirmed") & (role.is_in(FRAUD_ROLES) | role.is_null()))
        .then(pl.lit(FRAUD))
        .otherwise(pl.lit(CLEARED))
    )


def _rank() -> pl.Expr:
    by, basis = pl.col("decided_by").cast(pl.String), pl.col("basis").cast(pl.String)
    return (
        pl.when(by == "police")
        .then(0)
        .when((by == "bank") & (basis == "own_documents"))
        .then(1)
        .when(by == "analyst")
        .then(2)
        .when(by == "operator")
        .then(3)
        .otherwise(4)
    )


def _own_inquiry() -> pl.Expr:
    # A clearing trains only when somebody looked for himself; a customer's word that nobody re-read does not.
    by, basis = pl.col("decided_by").cast(pl.String), pl.col("basis").cast(pl.String)
    said_nothing = by.is_null() & basis.is_null()
    return (by.is_in(("police", "analyst")) | basis.is_in(OWN_INQUIRY) | said_nothing).fill_null(value=False)
