"""A world as an evaluation of it may see it: what the product computes at some moments, beside what is true."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.contracts.drop import Records
from fraudnet.contracts.graph import Linked
from fraudnet.contracts.judgements import FRAUD_ROLES
from fraudnet.contracts.progress import Progress, silent
from fraudnet.features.compute import feature_tables
from fraudnet.graph.collapse import one_call_each, one_transfer_each
from fraudnet.graph.link import link
from fraudnet.labels.seeds import seeds
from fraudnet.model.matrix import Matrix, build, stack
from fraudnet.sources.read import read_drops
from fraudnet.typologies import typologies
from fraudnet.typologies.detect import detect

ACTIVE_DAYS = 90
TOLD = "reports_90d"  # complaints about the entity itself: known fraud as well
KINDS = ("account", "sim")
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Examined:
    """Rows of one kind over some moments: columns, answers on truth, typologies, and what belongs together.

    values: rows x names, unknown is NaN. seed_built: which columns rest on known fraud. y: 1 where the entity was at
    work for a ring in the 90 days before the moment. typology: of the marked, fraud or look-alike, else empty. group:
    rows of one ring or entity share a number.
    """

    kind: str
    names: tuple[str, ...]
    seed_built: NDArray[np.bool_]
    values: Floats
    y: Floats
    typology: NDArray[np.str_]
    group: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.y)

    def plain(self) -> Examined:
        """The same rows without the columns that rest on known fraud."""
        keep = ~self.seed_built
        names = tuple(np.array(self.names)[keep].tolist())
        return Examined(
            self.kind, names, self.seed_built[keep], self.values[:, keep], self.y, self.typology, self.group
        )


def examine(
    world: Path,
    moments: tuple[datetime, ...],
    cache: Path,
    progress: Progress = silent,
    kinds: tuple[str, ...] = KINDS,
) -> dict[str, Examined]:
    """Features and hits of everybody who can be scored at each moment (UTC), per kind, beside the truth of `world`."""
    delivery = read_drops([world / "drop"], None, cache, progress)
    records = delivery.records
    once = {"transfers": one_transfer_each(records.table("transfers")), "calls": one_call_each(records.table("calls"))}
    held = {name: rows.collect(engine="streaming").lazy() for name, rows in once.items()}  # read for every moment
    records = records.with_tables(**held)
    truth = pl.read_parquet(world / "truth" / "truth.parquet")
    taken = [_at(records, moment, kinds) for moment in moments]
    return {kind: _joined(kind, [one[kind] for one in taken], truth) for kind in kinds}


def _at(records: Records, moment: datetime, kinds: tuple[str, ...]) -> dict[str, Matrix]:
    linked = link(records, moment)
    tables = feature_tables(linked, kinds, seeds(linked))
    nodes = linked.nodes.select("node", "entity_id", "kind").collect()
    made = {}
    for kind in kinds:
        names = tuple(t.name for t in typologies() if t.kind == kind)
        hits = detect(tables[kind].frame, kind)
        matrix = build(tables[kind].frame, tables[kind].columns, hits, nodes, moment, names)
        made[kind] = matrix.of(_open(linked, kind))
    return made


def _open(linked: Linked, kind: str) -> pl.DataFrame:
    """Everybody whom their own institution lists as open, whatever has been decided about them."""
    begun = pl.col("valid_from").is_null() | (pl.col("valid_from") < linked.as_of)
    ended = pl.col("valid_to").is_not_null() & (pl.col("valid_to") <= linked.as_of)
    mine = (pl.col("kind").cast(pl.String) == kind) & pl.col("listed")
    return linked.nodes.filter(mine & begun & ~ended).select("entity_id").collect()


def _joined(kind: str, parts: list[Matrix], truth: pl.DataFrame) -> Examined:
    matrix = stack(parts)
    since = pl.col("at") - pl.duration(days=ACTIVE_DAYS)
    active = pl.col("role").is_in(FRAUD_ROLES) & (pl.col("from") < pl.col("at")) & (pl.col("to") > since)
    near = (pl.col("from") < pl.col("at")) & (pl.col("to") > since)
    rows = matrix.frame.join(truth, on="entity_id", how="left", maintain_order="left").with_columns(
        y=active.fill_null(False).cast(pl.Float64),
        said=pl.when(near).then("typology").fill_null(""),
        group=pl.coalesce(pl.col("ring"), 10**9 + pl.col("entity_id").rank("dense").cast(pl.Int64)),
    )
    # A ring's rows at moments when it was at rest are neither fraud nor ordinary.
    rows = rows.filter((pl.col("y") == 1) | ~pl.col("role").is_in(FRAUD_ROLES).fill_null(False))
    return Examined(
        kind, matrix.names, np.array([c.seed_built or TOLD in c.name for c in matrix.columns]),
        rows.select(matrix.names).to_numpy().astype(np.float64), rows["y"].to_numpy(),
        rows["said"].to_numpy().astype(np.str_), rows["group"].to_numpy().astype(np.int64),
    )  # fmt: skip


def quarters(end: datetime, n: int) -> tuple[datetime, ...]:
    """The last n moments, each 90 days before the next, that end with `end`."""
    return tuple(end - timedelta(days=ACTIVE_DAYS * back) for back in reversed(range(n)))
