"""An order without a model: who shows rare patterns of fraud by independent evidence, and never a probability."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from fraudnet.contracts.grades import BANDS, FLAG_SOURCES
from fraudnet.contracts.results import Reason, Score
from fraudnet.model.metrics import places
from fraudnet.scoring.grades import graded, nobody
from fraudnet.scoring.reasons import FROM_ALIKE, FROM_TYPOLOGY, alike_sentence, pattern_sentence
from fraudnet.scoring.score import DESCENDING, ORDER
from fraudnet.typologies import by_name

NO_MODEL = "no model"
ALIKE_TAKES = 0.5  # of a pattern that its honest look-alike explains wholly, so much is left out of account


def independent(hits: pl.DataFrame) -> pl.DataFrame:
    """The hits that may carry a flag by themselves and rest on nobody's earlier finding; victims are no suspects."""
    known = by_name()
    names = [n for n, one in known.items() if one.alone and not one.seeded and not one.victim]
    return hits.filter(pl.col("typology").cast(pl.String).is_in(names))


def surprise(hits: pl.DataFrame, rows: int) -> pl.DataFrame:
    """What each hit tells: entity_id, typology, strength, alike_strength, bits.

    bits: the strength, less up to half for the honest look-alike, times -log2 of the share of all `rows` entities that
    show the pattern: what every tenth shows tells a third of what every thousandth shows. hits: one population's.
    """
    share = pl.len().over("typology") / max(rows, 1)
    told = pl.col("strength") * (1 - ALIKE_TAKES * pl.col("alike_strength")) * -share.log(2).clip(upper_bound=0.0)
    return hits.with_columns(bits=told.round(9))


def ranked(people: pl.DataFrame, hits: pl.DataFrame, at_risk: pl.DataFrame, capacity: float) -> dy.DataFrame[Score]:
    """Everybody of one kind, by the sum of what their independent patterns tell, best first; contract Score.

    Without a probability, in the lowest band and, whoever else names an entity, with the lowest grade. Flagged are the
    first ceil(capacity x rows) of those who show any pattern. people: contract Node and as_of, one row per entity;
    hits: entity_id, typology, strength, alike_strength; at_risk: node, at_risk.
    """
    told = surprise(independent(hits).join(people.select("entity_id"), on="entity_id", how="semi"), people.height)
    # Sums of fractions in a fixed order: equal inputs give equal bytes.
    raw = told.group_by("entity_id").agg(raw=pl.col("bits").sort().implode().list.sum())
    scored = (
        people.select("node", "entity_id", "kind", "institution", "number", "as_of")
        .join(raw, on="entity_id", how="left")
        .join(at_risk.select("node", "at_risk"), on="node", how="left")
        .with_columns(pl.col("raw").fill_null(0.0), pl.col("at_risk").fill_null(0).clip(lower_bound=0))
        .sort(ORDER, descending=DESCENDING)
        .with_row_index("position", offset=1)
        .with_columns(
            probability=pl.lit(None, pl.Float64),
            flagged=(pl.col("position") <= places(capacity, people.height)) & (pl.col("raw") > 0),
            band=pl.lit(BANDS[0], pl.Enum(BANDS)),
            model=pl.lit(NO_MODEL),
        )
    )
    return Score.validate(graded(scored, nobody()).select(Score.column_names()), cast=True)


def sourced(scores: pl.DataFrame, sources: pl.DataFrame) -> dy.DataFrame[Score]:
    """The same scores naming the strongest source of each entity; the grade stays the lowest all the same."""
    named = scores.drop("source").join(sources, on="entity_id", how="left", maintain_order="left")
    filled = named.with_columns(pl.col("source").fill_null(pl.lit(FLAG_SOURCES[0], pl.Enum(FLAG_SOURCES))))
    return Score.validate(filled.select(Score.column_names()), cast=True)


def pattern_reasons(scores: pl.DataFrame, hits: pl.DataFrame, language: str) -> dy.DataFrame[Reason]:
    """The patterns of every flagged entity, what tells most first, then how far honest life explains each.

    hits: entity_id, typology, strength, alike_strength of the whole population. A contribution is in bits.
    """
    told = surprise(independent(hits).join(scores.select("entity_id"), on="entity_id", how="semi"), scores.height)
    flagged = scores.filter("flagged").select("entity_id", place="position")
    shown = told.join(flagged, on="entity_id").with_columns(pl.col("typology").cast(pl.String))
    ordered = shown.sort("place", "bits", "typology", descending=[False, True, False])
    against = [
        {**_line(hit, FROM_TYPOLOGY), "value": hit["strength"], "contribution": hit["bits"], "in_favour": False,
         "text": pattern_sentence(hit["typology"], language), "step": 0}
        for hit in ordered.iter_rows(named=True)
    ]  # fmt: skip
    alike = [
        {**_line(hit, FROM_ALIKE), "value": hit["alike_strength"], "contribution": 0.0, "in_favour": True,
         "text": alike_sentence(hit["typology"], hit["alike_strength"], language), "step": 1}
        for hit in ordered.filter(pl.col("alike_strength") > 0).iter_rows(named=True)
    ]  # fmt: skip
    if not against:
        return Reason.create_empty()
    both = pl.DataFrame([*against, *alike]).sort("place", "step", maintain_order=True)
    numbered = both.with_columns(position=pl.int_range(1, pl.len() + 1).over("place"))
    return Reason.validate(numbered.select(Reason.column_names()), cast=True)


def _line(hit: dict[str, object], source: str) -> dict[str, object]:
    return {"entity_id": hit["entity_id"], "place": hit["place"], "source": source, "name": hit["typology"]}
