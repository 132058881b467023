"""Features that stay on disk: a few columns at a time are read, as the model and its reasons ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.contracts.features import Column
from fraudnet.model.matrix import KEYS, TILE, Matrix, filled

HELD = 48  # columns that are kept once they were read


@dataclass(frozen=True)
class Stored:
    """The rows of a kind as `Matrix` has them, its features in a Parquet file sorted by node.

    places: the rows of the file that count, in the order of `keys` (entity_id, at). hits: the columns of the
    typologies for these rows. columns: what all columns mean, in order.
    """

    path: Path
    places: pl.Series
    keys: pl.DataFrame
    hits: pl.DataFrame
    columns: tuple[Column, ...]
    _held: dict[str, pl.Series] = field(default_factory=dict, compare=False)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The feature names, in order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def numbers(self) -> NDArray[np.float32]:
        """All features as float32, unknown as NaN."""
        return filled(self._tiles(), (self.keys.height, len(self.names)))

    def column(self, name: str) -> pl.Series:
        """One feature as Float64."""
        if name in self.hits.columns:
            return self.hits[name]
        if name not in self._held:
            if len(self._held) >= HELD:
                self._held.pop(next(iter(self._held)))
            self._held[name] = self._read([name]).to_series()
        return self._held[name]

    def of(self, people: pl.DataFrame) -> Matrix:
        """The rows of these entities alone (a frame with entity_id), in the order of the rows."""
        mine = self.keys.with_row_index("place").join(people.select("entity_id"), on="entity_id", how="semi")["place"]
        mine = mine.sort()
        wide = [tile[mine] for tile in self._tiles()]
        return Matrix(pl.concat([self.keys[mine].select(KEYS), *wide], how="horizontal"), self.columns)

    def _tiles(self) -> Iterator[pl.DataFrame]:
        mine = [name for name in self.names if name not in self.hits.columns]
        for first in range(0, len(mine), TILE):
            yield self._read(mine[first : first + TILE])
        if self.hits.width:
            yield self.hits

    def _read(self, names: list[str]) -> pl.DataFrame:
        found = pl.read_parquet(self.path, columns=names).select(pl.col(names).cast(pl.Float64))
        return found if len(self.places) == found.height else found[self.places]
