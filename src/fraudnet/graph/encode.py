"""Entity ids and references as dense numbers: each text is looked up once for all tables, never joined row by row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from fraudnet.graph.csr import Ints, Nodes
from fraudnet.graph.hold import Schedule

Codes = Nodes
NOW = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Book:
    """What every reference means: `entities[code]` is the entity id of a code, -1 names nobody.

    The first codes are those of references, as of the snapshot; behind them come the schedule's. place, entries: where
    each reference stands in the schedule and with how many entries, one more at the end for nobody.
    """

    entities: pl.Series
    place: Ints
    entries: Ints
    holdings: Schedule

    def at(self, codes: Codes, moment: pl.Series | None) -> Codes:
        """Codes of numbers replaced by those of the holdings in force at each moment; none: as of the snapshot."""
        entries = self.entries[codes]
        if not entries.any():
            return codes
        when = np.full(len(codes), NOW) if moment is None else moment.dt.epoch("us").fill_null(NOW).to_numpy()
        found = self.holdings.at(self.place[codes], entries, when)
        return np.where(found >= 0, found + len(self.place) - 1, codes).astype(np.int32)


@dataclass(frozen=True)
class Meaning:
    """What a reference stands for: SIM holdings by time, and source records of people by resolution."""

    holdings: Schedule
    identities: pl.DataFrame  # reference, entity_id

    def of(self, columns: Sequence[pl.Series]) -> tuple[Book, list[Nodes]]:
        """The book of all references in these columns, and each column as codes of it."""
        every = pl.concat([pl.Series("reference", [], dtype=pl.String), *(c.alias("reference") for c in columns)])
        references, codes = _numbered(every)
        meant = self._meant(references.to_frame())
        place, entries = (np.r_[meant[name].to_numpy(), 0] for name in ("place", "entries"))
        entities = pl.concat([meant["text"], self.holdings.entity.alias("text")])
        ends = np.cumsum([len(c) for c in columns])
        return Book(entities, place, entries, self.holdings), np.split(codes, ends[:-1])

    def _meant(self, references: pl.DataFrame) -> pl.DataFrame:
        """Per reference the entity it means when time does not matter, and its place in the schedule."""
        number = pl.col("reference").str.starts_with("sim:") & ~pl.col("reference").str.contains("@", literal=True)
        return (
            references.join(self.identities, on="reference", how="left", maintain_order="left")
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


def _numbered(texts: pl.Series) -> tuple[pl.Series, Nodes]:
    """All different texts, and each row's place among them, -1 where it has none; each text is looked up once."""
    met = texts.cast(pl.Categorical(pl.Categories.random()))
    every = met.unique().drop_nulls()
    numbers, rows = every.to_physical().to_numpy(), met.to_physical()
    place = np.zeros(int(numbers.max(initial=0)) + 1, np.int32)
    place[numbers] = np.arange(len(every), dtype=np.int32)
    codes = place[rows.fill_null(0).to_numpy()]
    codes[rows.is_null().to_numpy()] = -1
    return every.cast(pl.String), codes


@dataclass(frozen=True)
class Names:
    """All entity ids in order with their dense number from 0 (entity_id, node), and the node of every code."""

    table: pl.DataFrame
    number: Ints

    def nodes(self, codes: Codes) -> pl.Series:
        """The node of each row; null where the row names nobody."""
        return self.narrow(codes).cast(pl.Int64)

    def narrow(self, codes: Codes) -> pl.Series:
        """As `nodes`, in half the memory: numbers of 32 bits."""
        found = self.number.astype(np.int32)[codes]
        nobody = found < 0
        return pl.Series(found).set(pl.Series(nobody), None) if nobody.any() else pl.Series(found)


def name_all(book: Book, columns: Iterable[Codes], listed: Iterable[pl.Series]) -> Names:
    """A number for every entity that at least one row names, and for those listed."""
    seen = np.zeros(len(book.entities) + 1, np.bool_)
    for codes in columns:
        seen[codes] = True
    used = pl.Series(seen[:-1])
    told = [book.entities.filter(used), *(s.drop_nulls() for s in listed)]
    every = pl.concat([s.alias("entity_id") for s in told]).unique().sort()
    table = pl.DataFrame({"entity_id": every}).select("entity_id", pl.int_range(pl.len(), dtype=pl.Int64).alias("node"))
    asked = book.entities.alias("entity_id").to_frame()
    known = asked.join(table, on="entity_id", how="left", maintain_order="left")
    return Names(table, np.r_[known["node"].fill_null(-1).to_numpy().astype(np.int64), -1])
