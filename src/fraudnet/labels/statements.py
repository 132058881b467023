"""What others said about an entity before the snapshot, row by row, and how strong each source is."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from fraudnet.contracts.columns import INSTANT
from fraudnet.contracts.graph import Linked
from fraudnet.contracts.results import Statement
from fraudnet.labels.complainants import ROW, complainant, independent, paid_in
from fraudnet.labels.seeds import CONFIRMED_WEIGHT, REPORT_WEIGHT
from fraudnet.labels.verdicts import CLEARED, FRAUD, SPARED, keyed, standing, verdicts

REPORT, DISPOSITION = "report", "disposition"
# A complaint alone proves nothing: it must name money that arrived, or a second person must say the same.
COMPLAINANTS = 2
SECOND = "%Y-%m-%dT%H:%M:%SZ"


def statements(linked: Linked) -> dy.DataFrame[Statement]:
    """Reports about each entity and the decision that stands on it, as known before `linked.as_of`.

    The source of a report is `police`, `institution` (a bank about an account, an operator about a SIM) or `victim`: a
    complaint by a victim or the hotline counts when a transfer it names reached the entity and was not a deal between
    people who dealt before, or when two independent complainants said the same of a SIM or a person; of those who share
    a person, device or household one counts. Else it adds nothing to the model (`model`). Reports that a clearing has
    answered add nothing either. Confirmations speak against the entity, clearings in its favour (`in_favour`).
    Empty for a set declared undated: its decisions are the answers themselves, and nobody knows what came before.
    """
    if not linked.records.dated:
        return Statement.create_empty()
    decided = standing(verdicts(linked))
    paid = paid_in(linked).join(keyed(linked, "reports", "entity").select(*ROW, "complainant_key"), on=ROW, how="left")
    both = pl.concat([_reports(linked, decided, paid.collect(engine="streaming")), _decisions(decided)])
    found = both.sort("node", "kind", "known_at", "ref_id").collect(engine="streaming")
    return Statement.validate(found.select(Statement.column_names()), cast=True)


def _told(linked: Linked, decided: pl.LazyFrame, paid: pl.DataFrame) -> pl.LazyFrame:
    """Reports about nodes, with who speaks, with whom they are one group, and when we answered."""
    kinds = linked.nodes.select("node", of=pl.col("kind").cast(pl.String))
    acquitted = decided.filter(pl.col("verdict").is_in((CLEARED, SPARED))).select("node", answered="known_at")
    return (
        keyed(linked, "reports", "entity")
        .filter(pl.col("entity").is_not_null())
        .rename({"entity": "node"})
        .join(kinds, on="node")
        .join(paid.lazy().drop("complainant_key"), on=ROW, how="left")
        .with_columns(complainant=complainant())
        .join(independent(linked, paid).lazy(), on="complainant", how="left")
        .with_columns(by_whom=pl.coalesce(pl.format("group {}", "group"), "complainant"))
        .join(acquitted, on="node", how="left")
    )


def _reports(linked: Linked, decided: pl.LazyFrame, paid: pl.DataFrame) -> pl.LazyFrame:
    by = pl.col("reporter").cast(pl.String)
    heard = pl.col("by_whom").drop_nulls().n_unique().over("node")
    counts = pl.col("dealt_before").eq_missing(pl.lit(value=False))
    order = ["known_at", "source", "row_id"]
    again = counts & pl.col("by_whom").is_not_null() & (counts.cum_sum().over("node", "by_whom", order_by=order) > 1)
    believed = (counts & ~again) | ((pl.col("of") != "account") & (heard >= COMPLAINANTS))
    own = ((by == "bank") & (pl.col("of") != "sim")) | ((by == "operator") & (pl.col("of") != "account"))
    source = (
        pl.when(pl.col("known_at") <= pl.col("answered"))
        .then(pl.lit("model"))
        .when(by == "police")
        .then(pl.lit("police"))
        .when(by.is_in(("victim", "hotline")) & believed)
        .then(pl.lit("victim"))
        .when(own)
        .then(pl.lit("institution"))
        .otherwise(pl.lit("model"))
    )
    return _told(linked, decided, paid).select(
        "node",
        kind=pl.lit(REPORT),
        ref_id=pl.concat_str("source", "report_id", separator=":"),
        source=source,
        basis=pl.concat_str(by.fill_null("unnamed"), pl.lit("_report")),
        weight=pl.lit(REPORT_WEIGHT),
        known_at="known_at",
        in_favour=pl.lit(value=False),
    )


def _decisions(decided: pl.LazyFrame) -> pl.LazyFrame:
    basis = pl.col("basis")
    source = (
        pl.when(pl.col("verdict") != FRAUD)
        .then(pl.lit("model"))
        .when((pl.col("rank") == 0) | (basis == "police_file"))
        .then(pl.lit("police"))
        .when(basis == "victim_report")
        .then(pl.lit("victim"))
        .otherwise(pl.lit("institution"))
    )
    return decided.filter(pl.col("verdict").is_in((FRAUD, CLEARED, SPARED))).select(
        "node",
        kind=pl.lit(DISPOSITION),
        # Decisions have no key of their own, and a row number would change with the order of the file.
        ref_id=pl.concat_str("source", pl.coalesce("decided_at", "known_at").dt.strftime(SECOND), separator=":"),
        source=source,
        basis=basis.fill_null("unnamed"),
        weight=pl.lit(CONFIRMED_WEIGHT),
        known_at=pl.col("known_at").cast(INSTANT),
        in_favour=pl.col("verdict") != FRAUD,
    )
