"""Scoring before anybody has decided anything: patterns on independent evidence in place of a model."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import polars as pl

from fraudnet.model.thresholds import Promises
from fraudnet.pipeline.batch.material import Material
from fraudnet.runs.folder import Workbench
from fraudnet.scoring.grades import strongest
from fraudnet.scoring.patterns import NO_MODEL, independent, pattern_reasons, ranked, sourced
from fraudnet.scoring.support import support
from fraudnet.settings import Settings


@dataclass(frozen=True)
class Shown:
    """One kind: its scores, their reasons, its hits by entity, what to note about it, what its lists promise."""

    scores: pl.DataFrame
    reasons: pl.DataFrame
    hits: pl.DataFrame
    notes: list[str] = field(default_factory=list)
    promises: Promises | None = None


def by_patterns(kind: str, material: Material, settings: Settings, bench: Workbench) -> Shown:
    """Rank one kind by its patterns; scores, reasons and what each flag rests on are kept on the bench."""
    who = material.nodes.select("node", "entity_id", "kind", "institution", "number")
    people = material.matrix.keys.select("entity_id", as_of="at").join(who, on="entity_id", maintain_order="left")
    hits = material.hits.join(who.select("node", "entity_id"), on="node", maintain_order="left")

    def scored() -> pl.DataFrame:
        found = ranked(people, hits, material.at_risk, settings.capacity)
        return sourced(found, strongest(material.statements, material.nodes))

    scores = bench.table(f"scores-{kind}", scored)
    why = bench.table(f"reasons-{kind}", partial(pattern_reasons, scores, hits, settings.language))
    bench.table(f"support-{kind}", partial(_rested, scores, hits, material))
    return Shown(scores, why, hits, [_note(kind, material, settings)])


def _rested(scores: pl.DataFrame, hits: pl.DataFrame, material: Material) -> pl.DataFrame:
    """What the flags rest on: their patterns and what was said about them, never known fraud nearby."""
    told = material.statements.join(material.nodes.select("node", "entity_id"), on="node", maintain_order="left")
    alone = scores.clear().select("entity_id", stands_alone=pl.lit(value=True))
    seeds = pl.DataFrame(
        schema={"entity_id": pl.String, "seed_id": pl.String, "share": pl.Float64, "basis": pl.String,
                "known_at": pl.Datetime("us", "UTC")}
    )  # fmt: skip
    return support(scores, alone, independent(hits), told, seeds)


def _note(kind: str, material: Material, settings: Settings) -> str:
    """What is known and what training asks for; how many more are missing only training can tell.

    A confirmation may make several positives, and makes none where it is not yet mature or came long after the fraud.
    """
    decided = material.statements.filter(~pl.col("in_favour"), pl.col("kind").cast(pl.String) == "disposition")
    of_kind = decided.join(material.nodes.filter(pl.col("kind").cast(pl.String) == kind), on="node", how="semi")
    known = of_kind["node"].n_unique()
    return (
        f"{kind}: {NO_MODEL}: ranked by patterns on independent evidence alone, without probabilities, lowest grade; "
        f"{known} confirmed are known; training needs {settings.min_positives} positives, one for each first of a "
        f"month that a confirmation followed within {settings.maturity_days} days: `fraudnet train` counts them"
    )
