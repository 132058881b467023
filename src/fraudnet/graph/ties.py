"""All relations of one kind between two entities, summed into one link (contract Link)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import polars as pl

from fraudnet.contracts.graph import Link

ENDS = ("source", "target")
KEYS = 1 << 32  # nodes are dense: two of them fit into one number
PART = 20_000_000  # movements that are summed at a time, about
Tables = Mapping[str, pl.DataFrame]


def all_ties(tables: Tables, moved: Mapping[str, pl.LazyFrame]) -> Iterator[Callable[[], pl.DataFrame]]:
    """Links of the keyed tables, one per (source, target, kind), in order of kind, source and target, in parts to make.

    Nobody is linked to itself. moved: transfers and calls.
    """
    # Each part is sorted while it is narrow, and the kinds stand in the order of their names.
    return (partial(_shaped, make) for make in _parts(tables, moved))


def _shaped(make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    part = make()
    return part.select(_shape(part))


def _parts(tables: Tables, moved: Mapping[str, pl.LazyFrame]) -> Iterator[Callable[[], pl.DataFrame]]:
    told = moved["calls"].select("caller", "callee", "kind", "duration_s", "at")
    paid = moved["transfers"].select("payer", "payee", "amount", "at")
    yield from (partial(calls, some, "call") for some in by_source(told, "caller"))
    yield partial(generic, tables["links"])
    yield from (partial(calls, some, "otp") for some in by_source(told, "caller"))
    yield partial(owners, tables)
    yield partial(phones, tables)
    yield from (partial(money, some) for some in by_source(paid, "payer"))
    yield partial(devices, tables["uses"])


def by_source(rows: pl.LazyFrame, source: str) -> list[pl.LazyFrame]:
    """Rows of a long table divided by who they start from, the smallest nodes first; of a short one all at once."""
    told = rows.select(pl.len(), pl.col(source).max().alias("last")).collect(engine="streaming")
    height, last = told.row(0)
    if height <= PART or last is None:
        return [rows]
    step = 1 + last * PART // height
    return [rows.filter(pl.col(source).is_between(low, low + step - 1)) for low in range(0, last + 1, step)]


def _summed(ends: pl.LazyFrame, **aggregates: pl.Expr) -> pl.DataFrame:
    """One row per pair, in order; grouping and sorting by one number takes a third of the time of two columns."""
    pair = (pl.col("source") * KEYS + pl.col("target")).alias("pair")
    found = ends.group_by(pair).agg(**aggregates).collect(engine="streaming").sort("pair")
    return found.with_columns(source=pl.col("pair") // KEYS, target=pl.col("pair") % KEYS)


def _shape(part: pl.DataFrame) -> list[pl.Expr]:
    """Every column of the contract, with what a kind does not have left at 0 or unknown."""
    missing = {"amount": 0, "directed": True}
    return [
        (pl.col(name) if name in part.columns else pl.lit(missing.get(name))).cast(dtype).alias(name)
        for name, dtype in Link.create_empty().schema.items()
    ]


def _between(rows: pl.DataFrame | pl.LazyFrame, source: str, target: str) -> pl.LazyFrame:
    """Rows with both ends known and different, the ends called source and target."""
    ends = rows.lazy().with_columns(pl.col(source).alias("source"), pl.col(target).alias("target"))
    return ends.filter(pl.col("source") != pl.col("target"))


def money(transfers: pl.LazyFrame) -> pl.DataFrame:
    """From payer to payee: how often, how much."""
    summed = _summed(
        _between(transfers.select("payer", "payee", "amount", "at"), "payer", "payee"),
        n=pl.len(),
        amount=pl.col("amount").sum(),
        first_at=pl.col("at").min(),
        last_at=pl.col("at").max(),
    )
    return summed.with_columns(kind=pl.lit("transfer"), weight="amount")


def calls(rows: pl.LazyFrame, kind: str) -> pl.DataFrame:
    """From caller to callee: calls and messages (`call`), or one-time codes (`otp`), by their seconds + 1."""
    sent = pl.col("kind") == "otp"
    chosen = rows.filter(sent if kind == "otp" else ~sent)
    seconds = pl.col("duration_s").fill_null(0) + 1
    summed = _summed(
        _between(chosen.select("caller", "callee", "at", seconds=seconds), "caller", "callee"),
        n=pl.len(),
        weight=pl.col("seconds").sum(),
        first_at=pl.col("at").min(),
        last_at=pl.col("at").max(),
    )
    return summed.with_columns(kind=pl.lit(kind))


def devices(uses: pl.DataFrame) -> pl.DataFrame:
    """From account or SIM to device; randomised addresses prove nothing and are left out."""
    seen = pl.coalesce("seen_at", "valid_from")
    firm = uses.filter(~pl.col("randomised").fill_null(False)).with_columns(seen=seen, times=pl.col("n").fill_null(1))
    summed = _summed(
        _between(firm, "entity", "device"),
        n=pl.col("times").cast(pl.Int64).sum(),
        first_at=pl.col("seen").min(),
        last_at=pl.max_horizontal("seen", "valid_to").max(),
        **_validity(),
    )
    return summed.with_columns(kind=pl.lit("uses"), weight="n")


def owners(tables: Tables) -> pl.DataFrame:
    """From identity to the accounts and SIMs that are its own, by their own rows and by asserted holdings."""
    accounts = tables["accounts"].select("holder", thing="entity", valid_from="opened_at", valid_to="closed_at")
    sims = tables["sims"].select("holder", thing="entity", valid_from="valid_from", valid_to="ended_at")
    own = (pl.col("role") == "owner") & (pl.col("asserted") == "yes")
    held = tables["holdings"].filter(own).select("holder", "thing", "valid_from", "valid_to")
    return _dated(pl.concat([accounts, sims, held]), "holder", "thing").with_columns(kind=pl.lit("owner"))


def phones(tables: Tables) -> pl.DataFrame:
    """From account to the SIM whose number is registered for it."""
    started = pl.col("phone_at").alias("valid_from")
    named = tables["accounts"].select("entity", "phone_node", started, valid_to="closed_at")
    said = (pl.col("role") == "registered_phone") & (pl.col("asserted") == "yes")
    held = tables["holdings"].filter(said).select("valid_from", "valid_to", entity="holder", phone_node="thing")
    both = pl.concat([named, held.select(named.columns)])
    return _dated(both, "entity", "phone_node").with_columns(kind=pl.lit("registered_phone"))


def _validity() -> dict[str, pl.Expr]:
    """From the earliest start until the latest end; open where one of them is."""
    start, end = pl.col("valid_from"), pl.col("valid_to")
    return {
        "valid_from": pl.when(~start.is_null().any()).then(start.min()),
        "valid_to": pl.when(~end.is_null().any()).then(end.max()),
    }


def _dated(rows: pl.DataFrame, source: str, target: str) -> pl.DataFrame:
    return _summed(_between(rows, source, target), n=pl.len(), **_validity()).with_columns(weight="n")


def generic(links: pl.DataFrame) -> pl.DataFrame:
    """The drop's own relations, `link:<kind>`; where the direction means nothing the smaller node comes first."""
    swap = ~pl.col("directed") & (pl.col("source_entity") > pl.col("target_entity"))
    ends = links.with_columns(
        pl.when(swap).then("target_entity").otherwise("source_entity").alias("a"),
        pl.when(swap).then("source_entity").otherwise("target_entity").alias("b"),
        pl.format("link:{}", "kind").alias("kind"),
        pl.coalesce("at", "valid_from").alias("moment"),
    )
    # Fractions are added in order of size, and inside a list: a plain sort().sum() is optimised back into sum().
    strength = pl.col("weight").fill_null(1.0).sort().implode().list.sum()
    summed = _between(ends, "a", "b").group_by(*ENDS, "kind", "directed")
    found = summed.agg(
        n=pl.len(), weight=strength, first_at=pl.col("moment").min(), last_at=pl.col("moment").max(), **_validity()
    )
    return found.sort("kind", *ENDS, "directed").collect()
