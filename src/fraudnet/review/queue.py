"""In which order items are reviewed: by what a look is expected to bring, with an audit nobody can tell apart."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

import polars as pl

LOOK_COSTS = 100_000  # đồng: half an hour of an analyst
AUDIT_SHARE = 0.02
Z90 = 1.645


@dataclass(frozen=True)
class Honest:
    """How many of some items are expected to be honest, with a 90 % interval."""

    items: int
    expected: int
    low: int
    high: int

    @property
    def squares(self) -> tuple[int, int, int]:
        """At fault, could be either, honest."""
        return self.items - self.high, self.high - self.low, self.low


def valued(scores: pl.DataFrame) -> pl.DataFrame:
    """Scores with `value`: probability times the money that a look may save, less what the look costs.

    scores: probability, at_risk, flagged. Where no money is seen (SIMs, people), the median stands in. Without a model
    the place in the order stands for the value.
    """
    seen = scores.filter(pl.col("flagged"), pl.col("at_risk") > 0)["at_risk"].median()
    usual = float(seen) if isinstance(seen, int | float) else 0.0
    money = pl.when(pl.col("at_risk") > 0).then(pl.col("at_risk").cast(pl.Float64)).otherwise(usual)
    value = pl.col("probability") * money - LOOK_COSTS
    if scores["probability"].null_count():  # ranked without a model: there is no chance to weigh money with
        value = pl.coalesce(value, -pl.col("position").cast(pl.Float64))
    return scores.with_columns(value=value)


def queued(items: pl.DataFrame, seed: str) -> pl.DataFrame:
    """Items with `place`, `blind` and `selected_by`.

    items: entity_id, flagged, value, probability. Flagged items stand by value; a draw over the unflagged (2 % of the
    flagged, at least one) is mixed in at drawn places. All of these and as many drawn ranked ones are blind, so that
    hiding tells nothing. `seed` is the run: the same run gives the same queue.
    """
    drawn = pl.col("entity_id").map_elements(lambda name: _draw(seed, name), return_dtype=pl.Float64)
    rows = items.with_columns(drawn=drawn)
    ranked = rows.filter("flagged").sort("value", "probability", "entity_id", descending=[True, True, False])
    n_audit = min(math.ceil(AUDIT_SHARE * ranked.height), rows.height - ranked.height)
    audit = rows.filter(~pl.col("flagged")).sort("drawn", "entity_id").head(n_audit)
    blind = set(audit["entity_id"]) | set(ranked.sort("drawn", "entity_id").head(n_audit)["entity_id"])
    ranked = ranked.with_columns(at=pl.int_range(1, pl.len() + 1).cast(pl.Float64))
    spread = audit.with_columns(at=_spread(audit, seed) * ranked.height)
    both = pl.concat([ranked, spread]).sort("at", "entity_id")
    placed = both.select("entity_id", place=pl.int_range(1, pl.len() + 1))
    random = set(audit["entity_id"])
    return items.join(placed, on="entity_id", how="left", maintain_order="left").with_columns(
        blind=pl.col("entity_id").is_in(list(blind)),
        selected_by=pl.when(pl.col("entity_id").is_in(list(random))).then(pl.lit("random")).otherwise(pl.lit("queue")),
    )


def _draw(seed: str, name: str) -> float:
    """A number in [0, 1) that belongs to the run and the entity."""
    return int.from_bytes(hashlib.sha256(f"{seed}|{name}".encode()).digest()[:8], "big") / 2**64


def _spread(audit: pl.DataFrame, seed: str) -> pl.Series:
    return pl.Series([_draw(f"{seed}|place", name) for name in audit["entity_id"]], dtype=pl.Float64)


def honest(probabilities: pl.Series) -> Honest:
    """How many of these items are expected to be honest: sum of chances, normal 90 % interval, whole people."""
    n, unknown = len(probabilities), probabilities.null_count()  # without a model anybody could be either
    chance = 1 - probabilities
    expected = float(chance.sum())
    wide = Z90 * math.sqrt(float((chance * probabilities).sum()))
    low, high = max(0, math.floor(expected - wide)), min(n, math.ceil(expected + wide) + unknown)
    return Honest(n, round(expected), low, high)
