"""Why an entity is flagged, and what speaks for it, in sentences an analyst can check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import dataframely as dy
import numpy as np
import polars as pl

from fraudnet.contracts.features import Column
from fraudnet.contracts.results import Reason
from fraudnet.messages import catalogue, text
from fraudnet.model.booster import Floats
from fraudnet.model.matrix import ENDINGS, Rows
from fraudnet.model.trained import Model
from fraudnet.scoring.comparison import Peers, compared
from fraudnet.scoring.description import described
from fraudnet.scoring.wording import said
from fraudnet.typologies import counts_alone

STRONGEST, IN_FAVOUR = 5, 3
FROM_MODEL, FROM_TYPOLOGY, FROM_ALIKE = "model", "typology", "look_alike"
FROM_HISTORY, FROM_SALARY = "history", "salary"
# Within an entity: named patterns, what raises the score, patterns that prove nothing alone, what lowers the score,
# honest look-alikes, a long history, regular pay.
PATTERN, RAISING, HINT, SPEAKING_FOR, ALIKE, HISTORY, SALARY = range(7)
# An entity that is older than so many of 100 has a long history.
LONG_HISTORY = 75
# Who is paid by one organisation in so many of the last twelve months has regular pay.
PAY, REGULAR_MONTHS = "salary_months", 6
OWN_AGE = "its own age"  # beside the features of a row, whose names have no blanks
SHARE_OF_PATTERN = Column("fit_share", "", "typologies")


@dataclass(frozen=True)
class _Explained:
    """What is known about the flagged: their rows, what each feature adds to their scores, whom they compare with."""

    model: Model
    rows: pl.DataFrame
    parts: Floats
    peers: Peers

    @cached_property
    def at(self) -> dict[str, int]:
        """The place of each feature."""
        return {name: place for place, name in enumerate(self.model.names)}

    def age(self, row: dict[str, Any]) -> float | None:
        """How many days old an entity is, where its kind has an age."""
        return row[self.peers.age_column] if self.peers.age_column else None


def reasons(
    model: Model, matrix: Rows, scores: pl.DataFrame, hits: pl.DataFrame, language: str
) -> dy.DataFrame[Reason]:
    """The reasons of every flagged entity, in the order of the scores, and what speaks for it.

    First the typologies it shows, the clearest first, then the five features that raise its score most, then up to
    three that lower it most, then how far the honest look-alike of each typology fits, then a long history, then
    regular pay. Each value stands beside those of everybody who is scored. hits: entity_id, typology, strength,
    alike_strength. Contributions are log-odds from LightGBM's own decomposition, which sums to the raw score; a
    typology's is the sum over its two columns. Nobody else is explained.
    """
    flagged = scores.filter("flagged").select("entity_id", "kind", place="position")
    rows = flagged.join(matrix.of(flagged).frame, on="entity_id", how="inner", maintain_order="left")
    if not rows.height:
        return Reason.create_empty()
    parts = model.booster.contributions(model.values(rows.select(matrix.names)))[:, :-1]
    known = _Explained(model, rows, parts, Peers(matrix, str(rows["kind"][0])))
    return _table(known, _with_company([*_lines(known), *_pattern_lines(known, hits)]), language)


def _lines(known: _Explained) -> Iterator[dict[str, Any]]:
    inputs = known.model.inputs
    named = sorted((part.name, place) for place, part in enumerate(inputs) if part.column.family != "typologies")
    features = np.array([place for _, place in named], dtype=np.int64)
    for place in range(known.rows.height):
        row, parts = known.rows.row(place, named=True), known.parts[place]
        row[OWN_AGE] = known.age(row)
        order = features[np.argsort(-parts[features], kind="stable")].tolist()  # equal ones by name
        # What is unknown may raise a score; it is no evidence in anybody's favour.
        lowering = (i for i in reversed(order) if parts[i] < 0 and _is_known(row[inputs[i].name]))
        chosen = [(RAISING, i) for i in order[:STRONGEST] if parts[i] > 0]
        chosen += [(SPEAKING_FOR, i) for i in islice(lowering, IN_FAVOUR)]
        for step, i in chosen:
            yield _line(row, step, FROM_MODEL, inputs[i].name, float(parts[i]))
        told = {i for _, i in chosen}
        yield from _history(known, row, parts, told)
        yield from _pay(known, row, parts, told)


def _line(row: dict[str, Any], step: int, source: str, name: str, contribution: float) -> dict[str, Any]:
    return {
        "entity_id": row["entity_id"],
        "place": row["place"],
        "step": step,
        "source": source,
        "name": name,
        "value": row.get(name),
        "contribution": contribution,
        "in_favour": step >= SPEAKING_FOR,
        "age": row.get(OWN_AGE),
    }


def _history(known: _Explained, row: dict[str, Any], parts: Floats, told: set[int]) -> Iterator[dict[str, Any]]:
    name, age = known.peers.age_column, known.age(row)
    if name is None or age is None or known.at[name] in told:
        return
    if known.peers.older_than(age) >= LONG_HISTORY:
        yield _line(row, HISTORY, FROM_HISTORY, name, float(parts[known.at[name]]))


def _pay(known: _Explained, row: dict[str, Any], parts: Floats, told: set[int]) -> Iterator[dict[str, Any]]:
    place, months = known.at.get(PAY), row.get(PAY)
    if place is not None and place not in told and months is not None and months >= REGULAR_MONTHS:
        yield _line(row, SALARY, FROM_SALARY, PAY, float(parts[place]))


def _pattern_lines(known: _Explained, hits: pl.DataFrame) -> Iterator[dict[str, Any]]:
    row_of = {entity: place for place, entity in enumerate(known.rows["entity_id"])}
    shown = hits.join(known.rows.select("entity_id", "place"), on="entity_id").sort("place", "typology")
    for hit in shown.iter_rows(named=True):
        place, name = row_of[hit["entity_id"]], str(hit["typology"])
        parts = known.parts[place]
        columns = {end: known.at[f"{name}_{end}"] for end in ENDINGS if f"{name}_{end}" in known.at}
        whole = float(np.sort(parts[list(columns.values())]).sum())
        entity = {"entity_id": hit["entity_id"], "place": hit["place"]}
        step = PATTERN if counts_alone(name) else HINT
        yield _line({**entity, name: hit["strength"]}, step, FROM_TYPOLOGY, name, whole)
        if hit["alike_strength"] > 0:
            own = float(parts[columns["alike"]]) if "alike" in columns else 0.0
            yield _line({**entity, name: hit["alike_strength"]}, ALIKE, FROM_ALIKE, name, own)


def _with_company(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the patterns that prove nothing alone, where nothing else speaks against the entity."""
    suspected = {line["entity_id"] for line in lines if line["step"] in (PATTERN, RAISING)}
    return [line for line in lines if line["step"] != HINT or line["entity_id"] in suspected]


def _is_known(value: float | None) -> bool:
    return value is not None and not np.isnan(value)


def _table(known: _Explained, lines: list[dict[str, Any]], language: str) -> dy.DataFrame[Reason]:
    # What is usual is looked up column by column: each is read once, however many lines tell of it.
    told = [{**line, "text": _sentence(known, line, language)} for line in sorted(lines, key=lambda line: line["name"])]
    told.sort(key=_order)
    frame = pl.DataFrame(
        [{name: line[name] for name in (*Reason.column_names(), "place") if name != "position"} for line in told],
        schema_overrides={"value": pl.Float64, "contribution": pl.Float64},
        infer_schema_length=None,
    )
    if not frame.height:
        return Reason.create_empty()
    numbered = frame.with_columns(position=pl.int_range(1, pl.len() + 1).over("place"))
    return Reason.validate(numbered.select(Reason.column_names()), cast=True)


def _order(line: dict[str, Any]) -> tuple[Any, ...]:
    clearness = -line["value"] if line["step"] in (PATTERN, HINT, ALIKE) else 0.0
    strength = line["contribution"] if line["step"] == SPEAKING_FOR else -line["contribution"]
    return line["place"], line["step"], clearness, strength, line["name"]


def _sentence(known: _Explained, line: dict[str, Any], language: str) -> str:
    name, value = line["name"], line["value"]
    if line["step"] in (PATTERN, HINT):
        return pattern_sentence(name, language)
    if line["step"] == ALIKE:
        return alike_sentence(name, value, language)
    column = known.model.inputs[known.at[name]].column
    if line["step"] == SALARY:
        return text("reason.salary", language, value=said(column, value, language))
    if line["step"] == HISTORY:
        who = text(f"reason.peers.{known.peers.kind}", language)
        share = known.peers.older_than(value)
        return text("reason.history", language, value=said(column, value, language), share=share, who=who)
    comparison = compared(known.peers, column, value, line["age"], language)
    frame = "reason.speaks_for" if line["in_favour"] else "reason.feature"
    return feature_sentence(column, value, language, frame, comparison)


def feature_sentence(
    column: Column, value: float | None, language: str, frame: str = "reason.feature", comparison: str = ""
) -> str:
    """What a feature says, its value and how that compares, as one sentence from a capital to its full stop."""
    description = described(column, language)
    capital = description[:1].upper() + description[1:]
    own = said(column, value, language)
    if not comparison:
        return text(frame, language, description=capital, value=own)
    longer = {"reason.feature": "reason.compared", "reason.speaks_for": "reason.speaks_for_compared"}[frame]
    return text(longer, language, description=capital, value=own, comparison=comparison)


def pattern_sentence(name: str, language: str) -> str:
    """The catalogue's sentence about a typology; its name where the catalogue has none."""
    known = f"typology.{name}"
    return text(known, language) if known in catalogue() else name.replace("_", " ")


def alike_sentence(name: str, strength: float, language: str) -> str:
    """What honest life shows the same pattern, and how far it fits."""
    known = f"typology.{name}.alike"
    alike = text(known, language) if known in catalogue() else f"{name.replace('_', ' ')}."
    return text("reason.look_alike", language, alike=alike, value=said(SHARE_OF_PATTERN, strength, language))
