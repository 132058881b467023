"""Entity ids and references as dense numbers: each text is looked up once per column, never joined row by row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from fraudnet.graph.csr import Ints, Nodes
from fraudnet.graph.hold import Schedule

Codes = Ints | Nodes
NOW = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Encoded:
    """One column of references: `texts[codes[i]]` is the entity id of row i; code -1 where the row names nobody."""

    texts: pl.Series
    codes: Codes

    def used(self) -> pl.Series:
        """The entity ids that at least one row means."""
        seen = np.zeros(len(self.texts) + 1, np.bool_)
        seen[self.codes] = True
        return self.texts.filter(pl.Series(seen[:-1]))

    def nodes(self, names: pl.DataFrame) -> pl.Series:
        """The node of each row, given the table of all entity ids (entity_id, node)."""
        known = pl.DataFrame({"entity_id": self.texts}).join(names, on="entity_id", how="left", maintain_order="left")
        number = np.r_[known["node"].fill_null(-1).to_numpy().astype(np.int64), -1]
        found = pl.Series(number[self.codes])
        return found.set(found < 0, None)


@dataclass(frozen=True)
class Meaning:
    """What a reference stands for: SIM holdings by time, and source records of people by resolution."""

    holdings: Schedule
    identities: pl.DataFrame  # reference, entity_id

    def encode(self, column: pl.Series, moment: pl.Series | None, prefix: str = "") -> Encoded:
        """Encode a text column; `prefix` makes references of bare numbers; no moment means as of the snapshot."""
        unique = column.drop_nulls().unique().sort()
        codes = column.cast(pl.Enum(unique)).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
        return self.read(unique, codes, moment, prefix)

    def read(self, book: pl.Series, codes: Codes, moment: pl.Series | None, prefix: str = "") -> Encoded:
        """As `encode`, of texts that are places in a book already; -1 names nobody."""
        meant = self._texts(pl.DataFrame({"reference": prefix + book if prefix else book}))
        entries = np.r_[meant["entries"].to_numpy(), 0]
        if not entries.any():
            return Encoded(meant["text"], codes)
        at = np.full(len(codes), NOW) if moment is None else moment.dt.epoch("us").fill_null(NOW).to_numpy()
        found = self.holdings.at(np.r_[meant["place"].to_numpy(), 0][codes], entries[codes], at)
        texts = pl.concat([meant["text"], self.holdings.entity.alias("text")])
        places = np.where(found >= 0, found + len(book), codes)
        return Encoded(texts, places.astype(np.int32) if codes.dtype == np.int32 else places.astype(np.int64))

    def _texts(self, unique: pl.DataFrame) -> pl.DataFrame:
        """Per reference the entity it means when time does not matter, and its place in the schedule."""
        number = pl.col("reference").str.starts_with("sim:") & ~pl.col("reference").str.contains("@", literal=True)
        return (
            unique.join(self.identities, on="reference", how="left", maintain_order="left")
            .join(self.holdings.first(), on="reference", how="left", maintain_order="left")
            .select(
                pl.when(number)
                .then(pl.col("reference") + "@?")
                .otherwise(pl.coalesce("entity_id", "reference"))
                .alias("text"),
                pl.col("place").fill_null(0),
                pl.col("entries").fill_null(0),
            )
        )


def name_all(columns: Iterable[Encoded], listed: Iterable[pl.Series]) -> pl.DataFrame:
    """All entity ids in order, with their dense number from 0 (entity_id, node)."""
    texts = [c.used().alias("entity_id") for c in columns] + [s.drop_nulls().alias("entity_id") for s in listed]
    every = pl.concat([pl.Series("entity_id", [], dtype=pl.String), *texts]).unique().sort()
    return pl.DataFrame({"entity_id": every}).select("entity_id", pl.int_range(pl.len(), dtype=pl.Int64).alias("node"))
