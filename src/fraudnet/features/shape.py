"""What feature families share: how a column is declared, and how a table gets one row for every node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import new_class

import dataframely as dy
import numpy as np
import polars as pl

Days = float | None
WINDOWS: Mapping[str, Days] = {"1d": 1, "7d": 7, "30d": 30, "90d": 90, "all": None}
WORDS: Mapping[str, str] = {
    "1d": "during the last day",
    "7d": "during the last 7 days",
    "30d": "during the last 30 days",
    "90d": "during the last 90 days",
    "all": "since the first record",
}


def whole(description: str, *, growing: bool = False, spread: bool = False, zero: bool = True) -> dy.Int64:
    """A whole number from 0: a count, or money in minor units; nothing seen means 0 unless `zero` is off."""
    return dy.Int64(nullable=True, min=0, description=description, metadata=_meta(growing, spread, zero))


def real(description: str, *, growing: bool = False, spread: bool = False) -> dy.Float64:
    """A number from 0 (a ratio, minutes, days); nothing seen means unknown."""
    return dy.Float64(nullable=True, min=0.0, description=description, metadata=_meta(growing, spread, False))


def share(description: str, *, spread: bool = False) -> dy.Float64:
    """A part of a whole, 0 to 1; unknown where there is no whole."""
    return dy.Float64(nullable=True, min=0.0, max=1.0, description=description, metadata=_meta(False, spread, False))


def flag(description: str) -> dy.Int64:
    """1 where the description holds, else 0; unknown where the drop does not say."""
    return dy.Int64(nullable=True, min=0, max=1, description=description, metadata=_meta(False, False, False))


def _meta(growing: bool, spread: bool, zero: bool) -> dict[str, bool]:
    return {"growing": growing, "spread": spread, "zero": zero}


def windowed(
    stem: str, text: str, make: Callable[..., dy.Column], windows: tuple[str, ...] = tuple(WINDOWS), spread: str = ""
) -> dict[str, dy.Column]:
    """One column per window, `<stem>_<window>`; the one over all time grows; `spread` names windows, comma apart."""
    chosen = spread.split(",")
    return {
        f"{stem}_{w}": make(f"{text} {WORDS[w]}", spread=w in chosen, **({"growing": True} if w == "all" else {}))
        for w in windows
    }


def schema(name: str, columns: Mapping[str, dy.Column]) -> type[dy.Schema]:
    """The schema class of a family: `node` and its columns, in order."""
    made = {"node": dy.Int64(nullable=False, min=0, description="Entity"), **columns}
    return new_class(name, (dy.Schema,), exec_body=lambda body: body.update(made))


def owned(frame: pl.LazyFrame, keep: pl.Expr | None) -> pl.LazyFrame:
    """Only the rows of the nodes that this partition owns; all of them without a partition."""
    named = frame.filter(pl.col("node").is_not_null())
    return named if keep is None else named.filter(keep)


def complete(
    nodes: pl.DataFrame, kind: str, columns: type[dy.Schema], keep: pl.Expr | None, *parts: pl.LazyFrame | None
) -> pl.LazyFrame:
    """One row for every node of a kind, from parts that hold `node` and some columns (at most one row a node).

    A column of a part is 0 for a node that the part does not name, when 0 is what "nothing seen" means. A part that is
    None stands for a table that the drop did not bring: its columns are null, because unknown is not zero.
    """
    node = owned(nodes.lazy().filter(pl.col("kind") == kind).select("node"), keep).collect()["node"]
    found = pl.collect_all([part for part in parts if part is not None], engine="streaming")
    own = [node.to_frame()]
    present: set[str] = set()
    while found:
        present.update(found[0].columns)
        own.append(_beside(found.pop(0), node))
    return (
        pl.concat(own, how="horizontal")
        .lazy()
        .select("node", *(_column(name, c, name in present) for name, c in columns.columns().items() if name != "node"))
    )


def _beside(part: pl.DataFrame, node: pl.Series) -> pl.DataFrame:
    """The columns of a part for each of these nodes; keys are dense, so that no join is needed."""
    known = part.filter(pl.col("node").is_not_null())
    n = 1 + max((int(keys.max()) for keys in (known["node"], node) if len(keys)), default=-1)  # type: ignore[arg-type]
    place = np.full(n, known.height, np.uint32)
    place[known["node"].to_numpy()] = np.arange(known.height, dtype=np.uint32)
    where = pl.Series(place[node.to_numpy()])
    return known.drop("node").select(pl.all().gather(where.set(where == known.height, None)))


def _column(name: str, column: dy.Column, present: bool) -> pl.Expr:
    if not present:
        return pl.lit(None, dtype=column.dtype).alias(name)
    seen = pl.col(name).cast(column.dtype)
    return seen.fill_null(0) if (column.metadata or {}).get("zero") else seen


def side_by_side(node: pl.Series, tables: list[pl.DataFrame]) -> pl.DataFrame:
    """Tables of `node` and columns as one, a row for each of these nodes; the list is emptied while it is read.

    Each table is looked up once, and a column that has been taken over is let go before the next one is.
    """
    found = [node.alias("node")]
    while tables:
        table = tables.pop(0).clone()
        own = table.drop_in_place("node")
        place = None if own.equals(node) else _places(own, node)
        for name in table.columns:
            column = table.drop_in_place(name)
            found.append(column if place is None else column.gather(place))
    return pl.DataFrame(found)


def _places(own: pl.Series, node: pl.Series) -> pl.Series:
    """Where each node is among others; null where it is not."""
    there = own.to_frame("node").with_row_index("place")
    return node.to_frame("node").join(there, on="node", how="left", maintain_order="left")["place"]
