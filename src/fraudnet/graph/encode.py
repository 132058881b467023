"""Entity ids and references as dense numbers, and what each of them means at which moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numba import njit

from fraudnet.graph.csr import Ints, Nodes
from fraudnet.graph.hold import Schedule
from fraudnet.graph.numbers import Texts

Codes = Nodes
NOW = np.iinfo(np.int64).max
NO_MOMENTS = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Book:
    """What every reference means: numbers of texts, -1 is nobody.

    means: per reference (one more at the end for nobody) the entity that it means when time does not matter. place,
    entries: where each reference stands in the schedule and with how many entries. held: the entity of each entry.
    """

    texts: Texts
    means: Codes
    place: Codes
    entries: Codes
    held: Codes
    since: Ints

    def at(self, codes: Codes, moment: pl.Series | None) -> Codes:
        """Entities that references mean at each moment, numbers those of the holdings in force; none: as of now."""
        when = NO_MOMENTS if moment is None else moment.dt.epoch("us").fill_null(NOW).to_numpy()
        return in_force(codes, when, (self.means, self.place, self.entries), (self.held, self.since))

    def begins(self, codes: Codes) -> Ints:
        """From when on something is known of each number (microseconds); 0 where nothing ever is."""
        first = np.r_[self.since, 0][np.where(self.entries > 0, self.place, -1)]
        return np.asarray(first[codes], dtype=np.int64)


@njit(cache=True, nogil=True)
def in_force(codes: Codes, moments: Ints, meaning: tuple[Codes, Codes, Codes], schedule: tuple[Codes, Ints]) -> Codes:
    """The entity of each reference: of its entries the last that has begun at the moment, else what it means."""
    means, place, entries = meaning
    held, since = schedule
    found = np.empty(len(codes), np.int32)
    for row in range(len(codes)):
        code = codes[row]
        found[row] = means[code]
        moment = moments[row] if len(moments) else NOW
        for entry in range(place[code], place[code] + entries[code]):
            if since[entry] > moment:
                break
            found[row] = held[entry]
    return found


@dataclass(frozen=True)
class Meaning:
    """What a reference stands for: SIM holdings by time, and source records of people by resolution."""

    holdings: Schedule
    identities: pl.DataFrame  # reference, entity_id

    def of(self, texts: Texts) -> tuple[Book, Codes]:
        """The book of all references that were met, and the entity of each record of people."""
        references, people = (texts.numbers(self.identities[name]) for name in ("reference", "entity_id"))
        numbers, held = (texts.numbers(column) for column in (self.holdings.reference, self.holdings.entity))
        bare, unknown = _bare(texts)
        means = np.arange(len(texts) + 1, dtype=np.int32)
        means[references], means[bare], means[-1] = people, unknown, -1
        place, entries = np.zeros(len(means), np.int32), np.zeros(len(means), np.int32)
        starts = np.flatnonzero(np.diff(numbers, prepend=-1))
        place[numbers[starts]] = starts
        entries[numbers[starts]] = np.diff(starts, append=len(numbers))
        return Book(texts, means, place, entries, held, self.holdings.since), people


def _bare(texts: Texts) -> tuple[Codes, Codes]:
    """Numbers without the beginning of a holding, and the unknown holding of each."""
    every = texts.every()
    bare = every.str.starts_with("sim:") & ~every.str.contains("@", literal=True)
    return bare.arg_true().to_numpy().astype(np.int32), texts.numbers(every.filter(bare) + "@?")


@dataclass(frozen=True)
class Names:
    """All entity ids in order with their dense number from 0 (entity_id, node), and the node of every code."""

    table: pl.DataFrame
    number: Codes

    def nodes(self, codes: Codes) -> pl.Series:
        """The node of each row; null where the row names nobody."""
        return self.narrow(codes).cast(pl.Int64)

    def narrow(self, codes: Codes) -> pl.Series:
        """As `nodes`, in half the memory: numbers of 32 bits."""
        found = self.number[codes]
        nobody = found < 0
        return pl.Series(found).set(pl.Series(nobody), None) if nobody.any() else pl.Series(found)


def name_all(texts: Texts, columns: Iterable[Codes]) -> Names:
    """A number for every entity that at least one row names, by the order of their texts."""
    seen = np.zeros(len(texts) + 1, np.bool_)
    for codes in columns:
        seen[codes] = True
    every = texts.every().filter(pl.Series(seen[:-1])).sort()  # and looked up again: half of the time of arg_sort
    number = np.full(len(texts) + 1, -1, np.int32)
    number[texts.numbers(every)] = np.arange(len(every), dtype=np.int32)
    table = pl.DataFrame({"entity_id": every}).with_columns(node=pl.int_range(pl.len(), dtype=pl.Int64))
    return Names(table, number)
