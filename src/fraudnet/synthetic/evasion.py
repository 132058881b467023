"""What rings do to hide, as a changed history: smaller sums, more SIM cards, older accounts.

After OWASP ML01 (input manipulation): the history changes, not the features, so that whatever else the change touches,
the graph included, changes with it. A model that learned from the unchanged history is asked about the changed one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import polars as pl

from fraudnet.contracts.drop import Records

JUST_UNDER = 9_900_000  # below the sum from which a face is asked for (decision 2345/QD-NHNN)
PAUSE = timedelta(minutes=4)
AGE = timedelta(days=400)
CARDS = 3


def structured(records: Records, who: pl.Series) -> Records:
    """Every payment of some accounts above 9.9 million đồng in parts of at most that, four minutes apart."""
    paid = _texts(records.table("transfers"), "payer", "payee")
    large = pl.col("payer").is_in(who.implode()) & (pl.col("amount") > JUST_UNDER)
    parts = paid.filter(large).with_columns(part=pl.int_ranges(0, -(-pl.col("amount") // JUST_UNDER))).explode("part")
    rest = pl.col("amount") - pl.col("part") * JUST_UNDER
    later = pl.col("part") * pl.lit(PAUSE)
    named = [pl.concat_str(pl.col(name), pl.lit("."), "part").alias(name) for name in ("row_id", "transfer_id")]
    split = parts.with_columns(
        *named, pl.col("at") + later, pl.col("known_at") + later, amount=pl.min_horizontal(rest, JUST_UNDER)
    )
    return _with(records, transfers=pl.concat([paid.filter(~large), split.drop("part")]))


def spread(records: Records, who: pl.Series) -> Records:
    """The calls and messages of some SIMs in turns over three cards of the same holder, each in a phone of its own."""
    numbers = who.str.extract(r"^sim:([^@]*)")
    calls = _texts(records.table("calls"), "caller", "callee").with_row_index("turn")
    moved = pl.col("caller").is_in(numbers.implode()) & (pl.col("turn") % CARDS > 0)
    own = pl.when(moved).then(_card(pl.col("caller"), pl.col("turn") % CARDS)).otherwise("caller")
    sims = records.table("sims")
    mine = sims.filter(pl.col("number").is_in(numbers.implode()))
    more = [mine.with_columns(number=_card(pl.col("number"), pl.lit(k)), iccid=pl.lit(None, pl.String),
                              row_id=pl.concat_str("row_id", pl.lit(f".{k}"))) for k in range(1, CARDS)]  # fmt: skip
    return _with(records, calls=calls.with_columns(caller=own).drop("turn"), sims=pl.concat([sims, *more]))


def aged(records: Records, who: pl.Series) -> Records:
    """Some accounts as if they had been bought from people who opened them 400 days earlier."""
    accounts = records.table("accounts")
    entity = pl.concat_str(pl.lit("account:"), "institution", pl.lit(":"), "account_number")
    opened = pl.when(entity.is_in(who.implode())).then(pl.col("opened_at") - AGE).otherwise("opened_at")
    return _with(records, accounts=accounts.with_columns(opened_at=opened))


# What is done, and by which kind of entity.
TACTICS: Mapping[str, tuple[str, Callable[[Records, pl.Series], Records]]] = {
    "structured": ("account", structured),
    "aged": ("account", aged),
    "spread": ("sim", spread),
}


def _card(number: pl.Expr, k: pl.Expr) -> pl.Expr:
    """The number of another card: as long as the first, from a range that no operator gives."""
    return pl.concat_str(pl.lit("849"), k.cast(pl.String), number.str.slice(4))


def _texts(rows: pl.LazyFrame, *ends: str) -> pl.LazyFrame:
    """A table whose ends are texts alone: changed rows have no place in the books of numbers."""
    return rows.drop([f"{end}_code" for end in ends], strict=False)


def _with(records: Records, **tables: pl.LazyFrame) -> Records:
    books = {name: book for name, book in records.books.items() if name not in tables}
    return replace(records.with_tables(**tables), books=books)
