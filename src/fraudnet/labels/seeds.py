"""Known fraud that closeness is measured from, and how undated sets keep it out of their own target."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from fraudnet.contracts.graph import Linked, Seed
from fraudnet.contracts.judgements import INDEPENDENT_BASES
from fraudnet.labels.draws import order_of
from fraudnet.labels.verdicts import CLEARED, FRAUD, SPARED, keyed, standing, verdicts

CONFIRMED_WEIGHT, REPORT_WEIGHT = 1.0, 0.5
REPORTERS = ("victim", "police")


def seeds(linked: Linked) -> dy.DataFrame[Seed]:
    """Entities that independent evidence known before the snapshot calls fraudulent.

    Confirmations on an independent basis weigh 1, reports by victims or the police 0.5; never a decision that rests on
    a list or on another decision. Whoever a standing decision clears or spares is no seed. One row a node.
    """
    stands = standing(verdicts(linked))
    confirmed = stands.filter((pl.col("verdict") == FRAUD) & pl.col("basis").is_in(INDEPENDENT_BASES)).select(
        "node", weight=pl.lit(CONFIRMED_WEIGHT), basis="basis", known_at="known_at"
    )
    reported = (
        keyed(linked, "reports", "entity")
        .filter(pl.col("entity").is_not_null() & pl.col("reporter").cast(pl.String).is_in(REPORTERS))
        .select(
            node="entity",
            weight=pl.lit(REPORT_WEIGHT),
            basis=pl.concat_str(pl.col("reporter").cast(pl.String), pl.lit("_report")),
            known_at="known_at",
        )
    )
    acquitted = stands.filter(pl.col("verdict").is_in((CLEARED, SPARED))).select("node")
    found = (
        pl.concat([confirmed, reported])
        .join(acquitted, on="node", how="anti")
        .sort("node", "weight", "known_at", "basis", descending=[False, True, False, False])
        .unique("node", keep="first", maintain_order=True)
        .collect(engine="streaming")
    )
    return Seed.validate(found, cast=True)


def without(found: pl.DataFrame, nodes: pl.DataFrame, hidden: pl.DataFrame) -> pl.DataFrame:
    """The seeds that remain when the answers of some entities must not be seen.

    found: contract Seed; nodes: node, entity_id; hidden: column entity_id (a test part, or one fold of training).
    """
    unseen = nodes.join(hidden.select("entity_id").unique(), on="entity_id", how="semi")
    return found.join(unseen.select("node"), on="node", how="anti", maintain_order="left")


def seed_folds(answers: pl.DataFrame, k: int = 5, seed: int = 0) -> pl.DataFrame:
    """Cut the training rows of an undated set into k parts, so that no row sees seeds of its own part.

    answers: entity_id, y. Returns entity_id and part (0 to k - 1), every part with its share of both answers; equal
    for every order of the rows.
    """
    rows = answers.select("entity_id", "y").unique().sort("entity_id")
    return (
        rows.with_columns(draw=order_of(rows["entity_id"], f"seed-fold:{seed}"))
        .sort("y", "draw", "entity_id")
        .with_columns(part=pl.int_range(pl.len()).over("y") % k)
        .select("entity_id", part=pl.col("part").cast(pl.Int64))
        .sort("entity_id")
    )
