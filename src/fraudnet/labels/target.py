"""The learning target: would an honest, complete review at t confirm this entity as used for fraud around t?"""

from __future__ import annotations

from datetime import datetime, timedelta

import dataframely as dy
import polars as pl

from fraudnet.contracts.graph import Linked
from fraudnet.contracts.judgements import ROLES
from fraudnet.contracts.labels import Excluded, Label
from fraudnet.labels.activity import overlaps, with_activity
from fraudnet.labels.clusters import clusters
from fraudnet.labels.derived import guilty_holders
from fraudnet.labels.rereading import teaching
from fraudnet.labels.tally import tally
from fraudnet.labels.verdicts import CLEARED, FRAUD, SPARED, UNSURE, keyed, standing, verdicts
from fraudnet.settings import Settings


def labels(
    linked: Linked,
    people: pl.DataFrame,
    kind: str,
    t: datetime,
    settings: Settings,
    groups: pl.DataFrame | None = None,
) -> tuple[dy.DataFrame[Label], dy.DataFrame[Excluded]]:
    """The answers for a population at snapshot t, as known at the later moment `linked.as_of`.

    people: contract Population at t, matched by entity_id (an identity also by the source record it is named after).
    y is 1 when a confirmation became known in [t, t + maturity) and its fraud overlaps [t - activity, t + ahead); 0
    when a review by own inquiry cleared it then (reviewed; an institution's only once the police re-read a part of its
    clearings) or nobody decided (not reviewed). Victims and those in good
    faith are `spared`. Everything else is left out and counted by reason. groups: node and cluster of `linked`, for
    callers that ask more than once.
    """
    now = _entities_now(linked, people)
    together = clusters(linked, settings).frame if groups is None else groups
    decided = _undated(linked) if not linked.records.dated else _dated(linked, t, settings)
    joined = (
        now.join(decided, on="node", how="left")
        .join(together.lazy().select("node", "cluster"), on="node", how="left")
        .join(_folds(linked), on="node", how="left")
        .with_columns(reason=_left_out(), cluster=pl.coalesce("cluster", "entity_id"))
        .sort("entity_id")
        .collect(engine="streaming")
    )
    kept = joined.filter(pl.col("reason").is_null()).with_columns(
        kind=pl.lit(kind),
        at=pl.lit(t).cast(pl.Datetime("us", "UTC")),
        y=(pl.col("verdict") == FRAUD).fill_null(value=False).cast(pl.Int8),
        reviewed=pl.col("verdict").is_not_null(),
        spared=(pl.col("verdict") == SPARED).fill_null(value=False),
    )
    return Label.validate(kept.select(*Label.columns()), cast=True), tally(kind, joined["reason"])


def _entities_now(linked: Linked, people: pl.DataFrame) -> pl.LazyFrame:
    """The population's entities with their node keys at the later moment; null where they are no longer there."""
    nodes = linked.nodes.select("node", "entity_id")
    renamed = linked.identities.select(
        entity_id=pl.concat_str(pl.lit("identity"), "source", "source_id", separator=":"), moved="node"
    ).unique("entity_id", keep="any")
    return (
        people.lazy()
        .select("entity_id")
        .join(nodes, on="entity_id", how="left")
        .join(renamed, on="entity_id", how="left")
        .select("entity_id", node=pl.coalesce("node", pl.col("moved").cast(pl.Int64)))
    )


def _undated(linked: Linked) -> pl.LazyFrame:
    return standing(verdicts(linked)).select("node", "verdict", "role", "own_inquiry", active=pl.lit(value=True))


def _dated(linked: Linked, t: datetime, settings: Settings) -> pl.LazyFrame:
    since = teaching(linked).filter(pl.col("known_at") >= t)
    in_span = standing(since.filter(pl.col("known_at") < t + timedelta(days=settings.maturity_days)))
    found = _overruled(in_span, standing(since))
    active = with_activity(found, keyed(linked, "reports", "entity"), settings.activity_days)
    own = active.with_columns(active=overlaps(t, settings)).select("node", "verdict", "role", "own_inquiry", "active")
    counted = own.filter(pl.col("active") | (pl.col("verdict") != FRAUD))
    inherited = guilty_holders(counted, linked.nodes).select(
        "node", "role", verdict=pl.lit(FRAUD), own_inquiry=pl.lit(value=False), active=pl.lit(value=True)
    )
    # An identity whose own decision does not count still has a decision of its own.
    inherited = inherited.join(own.select("node"), on="node", how="anti")
    return pl.concat([own, inherited.select("node", "verdict", "role", "own_inquiry", "active")])


def _overruled(in_span: pl.LazyFrame, latest: pl.LazyFrame) -> pl.LazyFrame:
    """Take back a confirmation that a later or better decision has overturned by now."""
    later = latest.select("node", _verdict="verdict", _role="role", _own="own_inquiry")
    fell = (pl.col("verdict") == FRAUD) & (pl.col("_verdict") != FRAUD)
    return in_span.join(later, on="node", how="left").with_columns(
        verdict=pl.when(fell).then("_verdict").otherwise("verdict"),
        role=pl.when(fell).then("_role").otherwise("role").cast(pl.Enum(ROLES)),
        own_inquiry=pl.when(fell).then("_own").otherwise("own_inquiry"),
    )


def _left_out() -> pl.Expr:
    verdict = pl.col("verdict")
    return (
        pl.when(pl.col("node").is_null())
        .then(pl.lit("not_found_later"))
        .when(verdict == UNSURE)
        .then(pl.lit("unsure"))
        .when((verdict == FRAUD) & ~pl.col("active"))
        .then(pl.lit("fraud_outside_the_span"))
        .when((verdict == CLEARED) & ~pl.col("own_inquiry"))
        .then(pl.lit("cleared_not_re_read"))
    )


def _folds(linked: Linked) -> pl.LazyFrame:
    return (
        keyed(linked, "splits", "entity")
        .select(node="entity", fold=pl.col("fold").cast(pl.String))
        .sort("node", "fold")
        .unique("node", keep="first", maintain_order=True)
    )
