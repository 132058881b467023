"""The champion's word on everybody who can be scored."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from fraudnet.contracts.results import Score
from fraudnet.model.booster import Floats
from fraudnet.model.matrix import Rows, blank
from fraudnet.model.metrics import places
from fraudnet.model.trained import Model
from fraudnet.scoring.grades import band_of, graded, nobody

ORDER = ["raw", "at_risk", "entity_id"]
DESCENDING = [True, True, False]


def score(
    model: Model, matrix: Rows, nodes: pl.DataFrame, at_risk: pl.DataFrame, capacity: float, model_name: str
) -> dy.DataFrame[Score]:
    """Score every row of a matrix (one kind, one snapshot, the population alone), best first.

    The order is the raw score, then the money at risk, then the entity id. Flagged are the first ceil(capacity x rows),
    of these only those from the line on where the model promises a precision. Graded as if nobody but the model named
    them. nodes: contract Node (node, entity_id, kind, institution, number); at_risk: node, at_risk (money in over 30
    days; none is 0); model_name: name and version. Raises ModelMismatchError.
    """
    return scores_of(model, (matrix.keys, model.raw_of(matrix)), nodes, at_risk, capacity, model_name)


def scores_of(
    model: Model,
    judged: tuple[pl.DataFrame, Floats],
    nodes: pl.DataFrame,
    at_risk: pl.DataFrame,
    capacity: float,
    model_name: str,
) -> dy.DataFrame[Score]:
    """As `score`, where the model has seen the rows already; judged: their keys and raw scores."""
    keys, raw = judged
    money = nodes.select("node", "entity_id", "kind", "institution", "number").join(
        at_risk.select("node", "at_risk"), on="node", how="left"
    )
    scored = (
        keys.select("entity_id", as_of="at")
        .with_columns(raw=pl.Series(raw, dtype=pl.Float64))
        .with_columns(probability=pl.Series(model.probability(raw), dtype=pl.Float64))
        .join(money, on="entity_id")
        .with_columns(pl.col("at_risk").fill_null(0).clip(lower_bound=0), model=pl.lit(model_name))
        .sort(ORDER, descending=DESCENDING)
        .with_row_index("position", offset=1)
        .with_columns(flagged=_flagged(model, places(capacity, len(raw))), band=band_of(pl.col("raw"), model.promises))
    )
    return Score.validate(graded(scored, nobody()).select(Score.column_names()), cast=True)


def _flagged(model: Model, most: int) -> pl.Expr:
    within, line = pl.col("position") <= most, model.promises.line
    return within if line is None else within & (pl.col("raw") >= line)


def stands_alone(model: Model, matrix: Rows, scores: pl.DataFrame) -> pl.DataFrame:
    """Which flagged entities would be flagged without known fraud near them: entity_id, stands_alone.

    They are predicted again with every column that rests on known fraud unknown; still at or above the lowest flagged
    raw score means that the flag stands by itself.
    """
    flagged = scores.filter("flagged").select("entity_id", "raw")
    seed_built = tuple(part.name for part in model.inputs if part.column.seed_built)
    again = blank(matrix.of(flagged), seed_built)
    without = again.frame.select("entity_id").with_columns(without=pl.Series(model.raw(again.frame), dtype=pl.Float64))
    lowest = flagged["raw"].min()
    return flagged.join(without, on="entity_id", maintain_order="left").select(
        "entity_id", stands_alone=pl.col("without") >= lowest
    )
