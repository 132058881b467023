"""Features and typology hits of one kind, side by side, as the model reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.contracts.columns import INSTANT
from fraudnet.contracts.features import Column
from fraudnet.errors import ModelMismatchError
from fraudnet.typologies import by_name, counts_alone

KEYS = ("entity_id", "at")
ENDINGS = {
    "strength": "how clearly the pattern {name} shows, 0 to 1",
    "alike": "how clearly the honest look-alike of {name} shows, 0 to 1",
}


TILE = 16  # columns that are read at a time
BLOCK = 1 << 17  # rows that are looked at at a time
NEAR = 1 << 13  # of these, rows that are laid side by side at a time: they fit into the cache


class Rows(Protocol):
    """What a model scores: rows of one kind, held in memory (Matrix) or on disk (`model.stored`)."""

    @property
    def names(self) -> tuple[str, ...]:
        """The feature names, in order."""
        ...

    @property
    def keys(self) -> pl.DataFrame:
        """entity_id and at of every row."""
        ...

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        """All features of some rows after the others, as float32, unknown as NaN; each is overwritten by the next."""
        ...

    def column(self, name: str) -> pl.Series:
        """One feature as Float64."""
        ...

    def of(self, people: pl.DataFrame) -> Matrix:
        """The rows of these entities alone (a frame with entity_id), in the order of the rows."""
        ...


@dataclass(frozen=True)
class Matrix:
    """Rows of one kind: entity_id, at, then one Float64 column per feature, in the order of `columns`."""

    frame: pl.DataFrame
    columns: tuple[Column, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The feature names, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def keys(self) -> pl.DataFrame:
        """entity_id and at of every row."""
        return self.frame.select(KEYS)

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        """All features of some rows after the others, as float32, unknown as NaN; each is overwritten by the next."""
        return beside((part.lazy() for part in self.frame.iter_slices(BLOCK)), self.names)

    def column(self, name: str) -> pl.Series:
        """One feature as Float64."""
        return self.frame[name].cast(pl.Float64)

    def of(self, people: pl.DataFrame) -> Matrix:
        """The rows of these entities alone (a frame with entity_id), in the order of the matrix."""
        wanted = people.select("entity_id").unique()
        return replace(self, frame=self.frame.join(wanted, on="entity_id", how="semi", maintain_order="left"))


def numbers(frame: pl.DataFrame, names: tuple[str, ...]) -> NDArray[np.float32]:
    """Feature columns as float32, unknown as NaN."""
    values = np.empty((frame.height, len(names)), dtype=np.float32)
    for first in range(0, len(names), TILE):
        tile = frame.lazy().select(names[first : first + TILE])
        lay(as_numbers(tile), values[:, first : first + TILE])
    return values


def beside(parts: Iterable[pl.LazyFrame], names: tuple[str, ...]) -> Iterator[NDArray[np.float32]]:
    """The numbers of some rows after the others, at most BLOCK at a time; each is overwritten by the next."""
    room = np.empty((0, len(names)), np.float32)
    for part in parts:
        found = as_numbers(part.select(names))
        if found.height > len(room):
            room = np.empty((found.height, len(names)), np.float32)
        lay(found, room[: found.height])
        yield room[: found.height]


def as_numbers(rows: pl.LazyFrame) -> pl.DataFrame:
    """Columns as Float32, unknown as NaN."""
    narrow = [
        (pl.col(name) if dtype == pl.Float32 else pl.col(name).cast(pl.Float64).cast(pl.Float32))
        for name, dtype in rows.collect_schema().items()
    ]
    return rows.select(column.fill_null(float("nan")) for column in narrow).collect(engine="streaming")


def lay(numbers_of: pl.DataFrame, into: NDArray[np.float32]) -> None:
    """Lay the numbers of some columns side by side."""
    columns = [column.to_numpy() for column in numbers_of]
    for first in range(0, len(into), NEAR):
        for number, column in enumerate(columns):
            into[first : first + NEAR, number] = column[first : first + NEAR]


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
    wide = with_hits(features.select("node", *(pl.col(c.name).cast(pl.Float64) for c in columns)), hits, typologies)
    keyed = wide.join(nodes.select("node", "entity_id"), on="node", maintain_order="left")
    frame = keyed.with_columns(at=pl.lit(at).cast(INSTANT)).select(*KEYS, pl.exclude("node", *KEYS))
    return Matrix(frame.sort("entity_id"), columns + hit_columns(typologies))


def with_hits(wide: pl.DataFrame, hits: pl.DataFrame, typologies: tuple[str, ...]) -> pl.DataFrame:
    """A table by node with the two columns of each typology; 0 where it was not seen."""
    rows = wide.select("node").with_row_index("place")
    seen = hits.select("node", pl.col("typology").cast(pl.String), "strength", "alike_strength")
    seen = seen.join(rows, on="node", how="inner", maintain_order="left")
    told = {}
    for name in typologies:
        mine = seen.filter(pl.col("typology") == name)
        for ending, column in zip(ENDINGS, ("strength", "alike_strength"), strict=True):
            values = np.zeros(wide.height)
            values[mine["place"].to_numpy()] = mine[column].to_numpy()
            told[f"{name}_{ending}"] = pl.Series(values)
    return wide.with_columns(**told)


def hit_columns(typologies: tuple[str, ...]) -> tuple[Column, ...]:
    """What the columns of the typologies mean, in order."""
    return tuple(
        _hit_column(name, ending, said.format(name=name)) for name in typologies for ending, said in ENDINGS.items()
    )


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
                "snapshots differ in {count} features: {differing}; expected the same features in the same "
                "order in each; run with the same families over the same drops",
                count=len(differing),
                differing=", ".join(differing[:5]),
            )
    return Matrix(pl.concat([part.frame for part in parts]), first.columns)


def blank(matrix: Matrix, names: tuple[str, ...]) -> Matrix:
    """The same rows with some columns unknown: how a view without a source looks, or a score without its seeds."""
    unknown = [pl.lit(None, pl.Float64).alias(name) for name in matrix.names if name in names]
    return replace(matrix, frame=matrix.frame.with_columns(unknown))
