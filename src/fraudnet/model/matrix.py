"""Features and typology hits of one kind, side by side, as the model reads them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import polars as pl

from fraudnet.contracts.columns import INSTANT
from fraudnet.contracts.features import Column
from fraudnet.errors import ModelMismatchError
from fraudnet.typologies import by_name, counts_alone

KEYS = ("entity_id", "at")
ENDINGS = {
    "strength": "how clearly the pattern {name} shows, 0 to 1",
    "alike": "how clearly the honest look-alike of {name} shows, 0 to 1",
}


@dataclass(frozen=True)
class Matrix:
    """Rows of one kind: entity_id, at, then one Float64 column per feature, in the order of `columns`."""

    frame: pl.DataFrame
    columns: tuple[Column, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The feature names, in order."""
        return tuple(column.name for column in self.columns)

    def of(self, people: pl.DataFrame) -> Matrix:
        """The rows of these entities alone (a frame with entity_id), in the order of the matrix."""
        wanted = people.select("entity_id").unique()
        return replace(self, frame=self.frame.join(wanted, on="entity_id", how="semi", maintain_order="left"))


def build(
    features: pl.DataFrame,
    columns: tuple[Column, ...],
    hits: pl.DataFrame,
    nodes: pl.DataFrame,
    at: datetime,
    typologies: tuple[str, ...],
) -> Matrix:
    """Put the feature table of a kind beside what its typologies saw.

    features: node and the feature columns; columns: what they mean, in order; hits: contract Hit; nodes: node,
    entity_id; at: the snapshot; typologies: names of all typologies of the kind, so that each has its two columns
    `<name>_strength` and `<name>_alike` whether it was seen or not. No hit is 0, an unknown feature stays null.
    """
    wide = features.select("node", *(pl.col(c.name).cast(pl.Float64) for c in columns))
    for name in typologies:
        seen = hits.filter(pl.col("typology").cast(pl.String) == name).select(
            "node", pl.col("strength").alias(f"{name}_strength"), pl.col("alike_strength").alias(f"{name}_alike")
        )
        filled = pl.col(f"{name}_strength", f"{name}_alike").fill_null(0.0)
        wide = wide.join(seen, on="node", how="left", maintain_order="left").with_columns(filled)
    extra = tuple(
        _hit_column(name, ending, said.format(name=name)) for name in typologies for ending, said in ENDINGS.items()
    )
    keyed = wide.join(nodes.select("node", "entity_id"), on="node", maintain_order="left")
    frame = keyed.with_columns(at=pl.lit(at).cast(INSTANT)).select(*KEYS, pl.exclude("node", *KEYS))
    return Matrix(frame.sort("entity_id"), columns + extra)


def _hit_column(name: str, ending: str, said: str) -> Column:
    """One of the two columns of a typology; suspicion rises only with those from which something may follow."""
    known = by_name().get(name)
    return Column(
        f"{name}_{ending}", said, "typologies", 0.0, 1.0,
        rising=ending == "strength" and counts_alone(name),
        seed_built=known is not None and known.seeded,
    )  # fmt: skip


def stack(parts: list[Matrix]) -> Matrix:
    """Several snapshots under one another. Raises ModelMismatchError when their features differ."""
    first = parts[0]
    for part in parts[1:]:
        if part.names != first.names:
            differing = sorted(set(part.names) ^ set(first.names)) or ["the order of the columns"]
            raise ModelMismatchError(
                f"snapshots differ in {len(differing)} features: {', '.join(differing[:5])}; expected the same "
                "features in the same order in each; run with the same families over the same drops"
            )
    return Matrix(pl.concat([part.frame for part in parts]), first.columns)


def blank(matrix: Matrix, names: tuple[str, ...]) -> Matrix:
    """The same rows with some columns unknown: how a view without a source looks, or a score without its seeds."""
    unknown = [pl.lit(None, pl.Float64).alias(name) for name in matrix.names if name in names]
    return replace(matrix, frame=matrix.frame.with_columns(unknown))
