"""Who is who: records of one person or organisation from several sources become one identity."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.contracts.drop import Records
from fraudnet.contracts.graph import MERGE_REASONS, MERGED_FOR, GroupSize, MergeEvidence
from fraudnet.graph import contradiction
from fraudnet.graph.blocking import candidates
from fraudnet.graph.clustering import groups
from fraudnet.graph.comparing import FIELDS, Levels, compare
from fraudnet.graph.csr import Ints
from fraudnet.graph.deciding import CODE, decide
from fraudnet.graph.persons import person_records, to_reference
from fraudnet.graph.values import Values, values_of
from fraudnet.graph.weights import BIT, Weights, learn

CHUNK, HANDS = 1_000_000, 2  # pairs compared together, and how many such parts at a time: bounds memory


@dataclass(frozen=True)
class Resolution:
    """identities: source, source_id, entity_id, reason, by source and source_id. evidence: contract MergeEvidence."""

    identities: pl.DataFrame
    evidence: pl.LazyFrame


@dataclass(frozen=True)
class Verdicts:
    """Compared pairs (a, b), how far their fields agree, what that weighs in all, and what was made of it."""

    a: Ints
    b: Ints
    levels: Mapping[str, Levels]
    total: Ints
    would: NDArray[np.bool_]
    reason: Levels

    @property
    def merged(self) -> NDArray[np.bool_]:
        """Which pairs were taken for one person."""
        return np.asarray(self.reason < len(MERGED_FOR))


def resolve(records: Records) -> pl.DataFrame:
    """Which source records are one identity, and what joined them (contract IdentityMap without `node`).

    As `resolution`, the table alone.
    """
    return resolution(records).identities


def resolution(records: Records) -> Resolution:
    """Which source records are one identity, and the evidence for and against.

    Two records are one when they share a document number (one may name the other's as its former one) or a tax code;
    else when name and birth agree, phone, commune or a number with one digit wrong as well, and all fields together
    weigh 99 to 1 (Fellegi and Sunter 1969, rare values weighing more). Never a name alone, nor name and birth date. Two
    birth dates, both sexes or two document numbers forbid a merge, also through others; see `contradiction`. Holders
    whom only an account or a SIM row names are records too: their `source_id` is the row's holder_source_id, else the
    id of the account or SIM. `entity_id` is the first reference of the group, delivered records before inline ones.
    `records` are already cut off at the snapshot; the order of their rows does not matter.
    """
    persons = person_records(records)
    values = values_of(persons)
    pairs, weights = judged(values)
    group, undone = groups(values, (pairs.a[pairs.merged], pairs.b[pairs.merged], pairs.total[pairs.merged]))
    pairs.reason[np.flatnonzero(pairs.merged)[undone]] = CODE["contradiction_in_group"]
    return Resolution(_named(persons, group, pairs), evidence(persons, values, pairs, weights))


def judged(values: Values) -> tuple[Verdicts, Weights]:
    """All candidate pairs with their verdict, before groups are looked at, and the weights they were judged by."""
    a, b = candidates(values)
    parts = [slice(start, start + CHUNK) for start in range(0, max(len(a), 1), CHUNK)]
    with ThreadPoolExecutor(HANDS) as pool:
        compared = list(pool.map(lambda part: compare(values, a[part], b[part]), parts))
    levels = {field: np.concatenate([chunk[field] for chunk in compared]) for field in FIELDS}
    weights = learn(values, levels)
    total = np.concatenate([_total(weights, values, {f: levels[f][p] for f in FIELDS}, a[p]) for p in parts])
    would, reason = decide(levels, total, contradiction.of_pairs(values.facts, a, b))
    return Verdicts(a, b, levels, total, would, reason), weights


def _total(weights: Weights, values: Values, levels: Mapping[str, Levels], a: Ints) -> Ints:
    return np.asarray(weights.prior + sum(weights.of(values, levels, a).values()), dtype=np.int64)


def _named(persons: pl.DataFrame, group: Ints, pairs: Verdicts) -> pl.DataFrame:
    """Name each group after its first record; say what holds it together and whether something was kept out of it."""
    parted = np.zeros(persons.height, np.bool_)
    kept_out = pairs.would & ~pairs.merged
    parted[group[pairs.a[kept_out]]] = True
    parted[group[pairs.b[kept_out]]] = True
    held = np.zeros(persons.height, np.int64)  # a bit for each reason that holds a group together
    np.bitwise_or.at(held, group[pairs.a[pairs.merged]], 1 << pairs.reason[pairs.merged].astype(np.int64))
    said = _reasons().gather(pl.Series((2 * held + parted)[group]))
    references = persons.select(to_reference()).to_series()
    named = persons.select("source", "source_id").with_columns(entity_id=references.gather(group), reason=said)
    return named[in_order] if (in_order := _in_order(persons)) is not None else named


def _reasons() -> pl.Series:
    """What is said of a group for all sets of reasons (2 * bits, one more when something was kept out of it)."""
    sets = [
        [reason for code, reason in enumerate(MERGED_FOR) if bits >> code & 1] for bits in range(1 << len(MERGED_FOR))
    ]
    said = ["+".join(sorted(reasons)) or "single" for reasons in sets]
    return pl.Series("reason", [text for one in said for text in (one, f"parted:{one}")])


def _in_order(persons: pl.DataFrame) -> Ints | None:
    """Places of records by source and source_id; None where they stand so, as they do when all were delivered."""
    if not persons["inline"].any():
        return None
    return persons.select(pl.arg_sort_by("source", "source_id")).to_series().to_numpy().astype(np.int64)


def evidence(persons: pl.DataFrame, values: Values, pairs: Verdicts, weights: Weights) -> pl.LazyFrame:
    """The waterfall of every merge and of every refusal that came near one (contract MergeEvidence)."""
    kept = _of_two(pairs, _in_order(persons))
    a, b = pairs.a[kept], pairs.b[kept]
    parts = weights.of(values, {field: pairs.levels[field][kept] for field in FIELDS}, a)
    who = persons.select("source", "source_id")
    first, second = who[a].rename(lambda c: f"{c}_a"), who[b].rename(lambda c: f"{c}_b")
    reason = pl.Series(MERGE_REASONS, dtype=pl.Enum(MERGE_REASONS)).gather(pairs.reason[kept])
    told = pl.DataFrame({"merged": pairs.merged[kept], "reason": reason}).with_columns(
        prior=pl.lit(weights.prior / BIT), total=pl.Series(pairs.total[kept]) / BIT
    )
    fields = pl.DataFrame({field: weight / BIT for field, weight in parts.items()})
    whole = pl.concat([first, second, told, fields], how="horizontal")
    return MergeEvidence.cast(whole.select(MergeEvidence.column_names())).lazy()


def _of_two(pairs: Verdicts, in_order: Ints | None) -> Ints:
    """Which pairs are shown, by source and source_id of the first and then of the second record."""
    kept = np.flatnonzero(pairs.would | (pairs.total > 0))
    if in_order is None:
        return kept  # pairs stand in the order of records
    rank = np.empty(len(in_order), np.int64)
    rank[in_order] = np.arange(len(in_order))
    return np.asarray(kept[np.lexsort((rank[pairs.b[kept]], rank[pairs.a[kept]]))])


def group_sizes(identities: pl.DataFrame) -> pl.DataFrame:
    """How many identities have how many records (contract GroupSize), by size; identities: contract IdentityMap."""
    groups_ = identities.group_by("entity_id").agg(
        size=pl.len().cast(pl.Int64), parted=pl.col("reason").first().str.starts_with("parted:")
    )
    counted = groups_.group_by("size").agg(
        identities=pl.len().cast(pl.Int64), parted=pl.col("parted").sum().cast(pl.Int64)
    )
    return GroupSize.cast(counted.sort("size"))
