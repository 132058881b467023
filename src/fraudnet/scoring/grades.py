"""The grade of a flag: the strongest source that names the entity, and the precision its score promises."""

from __future__ import annotations

import math

import polars as pl

from fraudnet.contracts.grades import ACTIONS, BANDS, FLAG_SOURCES, GRADES, TABLE
from fraudnet.expressions import LOCAL_ZONE
from fraudnet.model.thresholds import Promises

STRENGTH = pl.Enum(FLAG_SOURCES)


def band_of(raw: pl.Expr, promises: Promises) -> pl.Expr:
    """The band of a raw score: the highest precision level whose list it is on.

    A list that shows a level shows the lower ones too, so lines never fall from one level to the next.
    """
    lines = [math.inf if line is None else line for line in promises.lines]
    reached = pl.sum_horizontal([(raw >= line).cast(pl.Int64) for line in lines])
    return reached.replace_strict(dict(enumerate(BANDS)), return_dtype=pl.Enum(BANDS))


def strongest(statements: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    """The strongest source that speaks against each entity: entity_id, source.

    statements: contract Statement; nodes: node, entity_id. Entities about whom nothing was said have no row.
    """
    against = statements.filter(~pl.col("in_favour")).join(nodes.select("node", "entity_id"), on="node")
    rank = pl.col("source").cast(STRENGTH).to_physical().max()
    best = against.group_by("entity_id").agg(rank.alias("rank"))
    named = pl.col("rank").cast(pl.Int64).replace_strict(dict(enumerate(FLAG_SOURCES)), return_dtype=STRENGTH)
    return best.select("entity_id", source=named).sort("entity_id")


def graded(scores: pl.DataFrame, sources: pl.DataFrame) -> pl.DataFrame:
    """Scores with source, grade, largest action and expiry; only flags have the last three.

    scores: entity_id, band, flagged, as_of. sources: entity_id, source; whoever is missing there is named by the model
    alone. The table is `fraudnet.contracts.grades.TABLE`.
    """
    lost = [name for name in ("source", "grade", "action", "expires_on") if name in scores.columns]
    joined = scores.drop(lost).join(sources, on="entity_id", how="left", maintain_order="left")
    named = joined.with_columns(pl.col("source").cast(STRENGTH).fill_null(FLAG_SOURCES[0]))
    found = named.join(table(), on=["source", "band"], how="left", maintain_order="left")
    flag = pl.col("flagged")
    return found.with_columns(
        grade=pl.when(flag).then("grade"), action=pl.when(flag).then("action"), expires_on=pl.when(flag).then(_expiry())
    ).drop("days")


def table() -> pl.DataFrame:
    """The table of grades as rows: source, band, grade, action, days."""
    rows = [(source, band, cell.grade, cell.action, cell.days) for (source, band), cell in TABLE.items()]
    kinds = {"source": STRENGTH, "band": pl.Enum(BANDS), "grade": pl.Enum(GRADES), "action": pl.Enum(ACTIONS)}
    return pl.DataFrame(rows, schema={**kinds, "days": pl.Int64}, orient="row")


def _expiry() -> pl.Expr:
    """The local day of the cut-off plus the days that the grade stands."""
    day = pl.col("as_of").dt.convert_time_zone(LOCAL_ZONE).dt.date()
    return day + pl.duration(days=pl.col("days"))


def nobody() -> pl.DataFrame:
    """No source but the model."""
    return pl.DataFrame(schema={"entity_id": pl.String, "source": STRENGTH})
