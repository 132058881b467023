"""Who can be scored at a snapshot."""

from __future__ import annotations

from datetime import datetime

import dataframely as dy
import polars as pl

from fraudnet.contracts.graph import Linked
from fraudnet.contracts.labels import Excluded, Population
from fraudnet.labels.derived import guilty_holders
from fraudnet.labels.tally import tally
from fraudnet.labels.verdicts import FRAUD, UNSURE, standing, verdicts


def population(linked: Linked, kind: str) -> tuple[dy.DataFrame[Population], dy.DataFrame[Excluded]]:
    """Everybody of a kind whom a review could be asked about at `linked.as_of`, and whom it leaves out, by reason.

    Listed by its own institution, opened before the snapshot, not ended, and not confirmed before it; the cleared stay
    in. A set declared undated has one snapshot whose population is every listed entity with a decided answer.
    """
    members = linked.nodes.filter(pl.col("kind").cast(pl.String) == kind)
    why = _reason(members, linked) if linked.records.dated else _undated_reason(members, linked)
    known = why.sort("entity_id").collect(engine="streaming")
    kept = known.filter(pl.col("reason").is_null())
    people = kept.select("node", "entity_id", pl.lit(kind).alias("kind"), "institution")
    return Population.validate(people, cast=True), tally(kind, known["reason"])


def _reason(members: pl.LazyFrame, linked: Linked) -> pl.LazyFrame:
    as_of: datetime = linked.as_of
    own = verdicts(linked, echoes=True).filter(pl.col("verdict") == FRAUD).select("node").unique()
    derived = guilty_holders(standing(verdicts(linked)), linked.nodes).select("node")
    return (
        members.join(own.with_columns(_own=pl.lit(value=True)), on="node", how="left")
        .join(derived.with_columns(_derived=pl.lit(value=True)), on="node", how="left")
        .with_columns(
            reason=pl.when(~pl.col("listed"))
            .then(pl.lit("not_listed"))
            .when(pl.col("valid_from") >= as_of)
            .then(pl.lit("not_yet_open"))
            .when(pl.col("valid_to") <= as_of)
            .then(pl.lit("ended"))
            .when(pl.col("_own"))
            .then(pl.lit("confirmed"))
            .when(pl.col("_derived"))
            .then(pl.lit("confirmed_by_holdings"))
        )
    )


def _undated_reason(members: pl.LazyFrame, linked: Linked) -> pl.LazyFrame:
    answered = standing(verdicts(linked)).filter(pl.col("verdict") != UNSURE).select("node", "verdict")
    return members.join(answered, on="node", how="left").with_columns(
        reason=pl.when(~pl.col("listed"))
        .then(pl.lit("not_listed"))
        .when(pl.col("verdict").is_null())
        .then(pl.lit("no_label"))
    )
