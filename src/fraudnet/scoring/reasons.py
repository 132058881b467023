"""Why an entity is flagged, in sentences an analyst can check."""

from __future__ import annotations

from typing import Any

import dataframely as dy
import numpy as np
import polars as pl

from fraudnet.contracts.features import Column
from fraudnet.contracts.results import Reason
from fraudnet.messages import catalogue, text
from fraudnet.model.booster import Floats
from fraudnet.model.matrix import ENDINGS, Matrix
from fraudnet.model.trained import Model
from fraudnet.scoring.description import described
from fraudnet.scoring.wording import said

STRONGEST = 5
FROM_MODEL, FROM_TYPOLOGY = "model", "typology"
# Within an entity: named patterns, then what raises the score, then what speaks for it.
PATTERN, RAISING, SPEAKING_FOR = 0, 1, 2


def reasons(
    model: Model, matrix: Matrix, scores: pl.DataFrame, hits: pl.DataFrame, language: str
) -> dy.DataFrame[Reason]:
    """The reasons of every flagged entity, in the order of the scores.

    First the typologies it shows, the clearest first, then the five features that raise its score most, then the one
    feature that speaks most for it. hits: entity_id, typology, strength. Contributions are log-odds from LightGBM's own
    decomposition, which sums to the raw score; a typology's is the sum over its two columns. Nobody else is explained.
    """
    flagged = scores.filter("flagged").select("entity_id", place="position")
    rows = flagged.join(matrix.frame, on="entity_id", how="inner", maintain_order="left")
    if not rows.height:
        return Reason.create_empty()
    parts = model.booster.contributions(model.values(rows.select(matrix.names)))[:, :-1]
    features = [place for place, part in enumerate(model.inputs) if part.column.family != "typologies"]
    found = [
        line
        for place in range(rows.height)
        for line in _lines(model, rows.row(place, named=True), parts[place], features)
    ]
    patterns = _pattern_lines(model, rows, parts, hits)
    return _table(model, found + patterns, language)


def _lines(model: Model, row: dict[str, Any], parts: Floats, features: list[int]) -> list[dict[str, Any]]:
    order = sorted(features, key=lambda i: (-parts[i], model.names[i]))
    chosen = [(RAISING, i) for i in order[:STRONGEST] if parts[i] > 0]
    if order and parts[order[-1]] < 0:
        chosen.append((SPEAKING_FOR, order[-1]))
    return [
        {
            "entity_id": row["entity_id"],
            "place": row["place"],
            "step": step,
            "source": FROM_MODEL,
            "name": model.names[i],
            "value": row[model.names[i]],
            "contribution": float(parts[i]),
        }
        for step, i in chosen
    ]


def _pattern_lines(model: Model, rows: pl.DataFrame, parts: Floats, hits: pl.DataFrame) -> list[dict[str, Any]]:
    at = {name: place for place, name in enumerate(model.names)}
    row_of = {entity: place for place, entity in enumerate(rows["entity_id"])}
    shown = hits.join(rows.select("entity_id", "place"), on="entity_id").sort("place", "typology")
    found = []
    for hit in shown.select("entity_id", "place", "typology", "strength").iter_rows(named=True):
        columns = [at[name] for ending in ENDINGS if (name := f"{hit['typology']}_{ending}") in at]
        found.append(
            {
                "entity_id": hit["entity_id"],
                "place": hit["place"],
                "step": PATTERN,
                "source": FROM_TYPOLOGY,
                "name": str(hit["typology"]),
                "value": hit["strength"],
                "contribution": float(np.sort(parts[row_of[hit["entity_id"]], columns]).sum()),
            }
        )
    return found


def _table(model: Model, lines: list[dict[str, Any]], language: str) -> dy.DataFrame[Reason]:
    columns = {part.name: part.column for part in model.inputs}

    def sentence(line: dict[str, Any]) -> str:
        if line["source"] == FROM_TYPOLOGY:
            return pattern_sentence(line["name"], language)
        frame = "reason.speaks_for" if line["step"] == SPEAKING_FOR else "reason.feature"
        return feature_sentence(columns[line["name"]], line["value"], language, frame)

    ordered = sorted(lines, key=_order)
    frame = pl.DataFrame(
        [{**line, "text": sentence(line)} for line in ordered],
        schema_overrides={"value": pl.Float64, "contribution": pl.Float64},
        infer_schema_length=None,
    )
    if not frame.height:
        return Reason.create_empty()
    numbered = frame.with_columns(position=pl.int_range(1, pl.len() + 1).over("place"))
    return Reason.validate(numbered.select(Reason.column_names()), cast=True)


def _order(line: dict[str, Any]) -> tuple[Any, ...]:
    clearness = -line["value"] if line["step"] == PATTERN else 0.0
    return line["place"], line["step"], clearness, -line["contribution"], line["name"]


def feature_sentence(column: Column, value: float | None, language: str, frame: str = "reason.feature") -> str:
    """What a feature says and its value, as one sentence from a capital to its full stop."""
    description = described(column, language)
    capital = description[:1].upper() + description[1:]
    return text(frame, language, description=capital, value=said(column, value, language))


def pattern_sentence(name: str, language: str) -> str:
    """The catalogue's sentence about a typology; its name where the catalogue has none."""
    known = f"typology.{name}"
    return text(known, language) if known in catalogue() else name.replace("_", " ")
