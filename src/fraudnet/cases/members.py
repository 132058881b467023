"""The tables of all cases: who is in them, and the links among them over the last 90 days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from fraudnet.cases.ledger import CASH, Ledger

DAYS = 90
SCORED = ("account", "sim", "identity")
THINGS = ("owner", "registered_phone", "uses")
LEAST_TO_EXIT = 1_000_000  # what a member must have sent out by one exit for it to be told
LINKED = ("n", "amount", "first_at", "last_at", "valid_from", "valid_to")


@dataclass(frozen=True)
class Known:
    """What cases are made from: the run's tables, and the ledger of everything before the cut-off.

    scores: contract Score of all kinds. nodes, links: contracts Node and Link. seeds: contract Seed. hits: entity_id,
    typology, strength. reports: contract Report with `named_source` and `named_row` of the transfers that they name.
    names: entity_id, name, organisation, as often as it was told; the first in order counts. provinces: node, province.
    ledger: gives the ledger, and waits for it where another thread still writes it.
    """

    as_of: datetime
    scores: pl.DataFrame
    nodes: pl.DataFrame
    links: pl.LazyFrame
    seeds: pl.DataFrame
    hits: pl.DataFrame
    reports: pl.DataFrame
    names: pl.LazyFrame
    provinces: pl.DataFrame
    ledger: Callable[[], Ledger]

    @property
    def book(self) -> Ledger:
        """The ledger."""
        return self.ledger()


def money_links(known: Known, members: pl.DataFrame) -> pl.DataFrame:
    """Money of the last 90 days between members of one case, and from members to exits, as CaseLink's columns."""
    since = known.as_of - timedelta(days=DAYS)
    who = known.book.accounts.select("code", "account", "why")
    inside = members.select("case", "entity_id").join(who.rename({"account": "entity_id"}), on="entity_id")
    recent = known.book.moves.filter((pl.col("at") >= since) & (pl.col("at") < known.as_of))
    out = recent.drop("source").join(inside.select("case", source="entity_id", payer="code"), on="payer")
    to = out.join(who.select(payee="code", target="account", why="why"), on="payee")
    gone = pl.when(pl.col("target") == CASH).then(pl.lit(CASH)).when(pl.col("why").str.starts_with("exit:")).then("why")
    named = to.with_columns(left=gone)
    among = named.join(inside.select("case", target="entity_id"), on=["case", "target"], how="semi")
    victims = members.filter(pl.col("part") == "victim").select("case", source="entity_id")
    own = named.drop_nulls("left").join(victims, on=["case", "source"], how="anti")  # what victims do is theirs
    left = own.with_columns(target="left")
    both = pl.concat([among.with_columns(kind=pl.lit("transfer")), left.with_columns(kind=pl.lit("exit"))])
    summed = both.group_by("case", "source", "target", "kind").agg(
        n=pl.len().cast(pl.Int64),
        amount=pl.col("amount").sum(),
        first_at=pl.col("at").min(),
        last_at=pl.col("at").max(),
    )
    return summed.filter((pl.col("kind") == "transfer") | (pl.col("amount") >= LEAST_TO_EXIT))


def other_links(known: Known, members: pl.DataFrame) -> pl.DataFrame:
    """Holdings, numbers, devices, calls and codes between members of one case."""
    since = known.as_of - timedelta(days=DAYS)
    kind = pl.col("kind").cast(pl.String)
    lasting = kind.is_in(THINGS)
    spoken = kind.is_in(["call", "otp"]) & (pl.col("last_at") >= since)
    mine = members.lazy().select("case", "node", "entity_id").drop_nulls("node")
    chosen = known.links.filter(lasting | spoken).join(
        mine.rename({"node": "source", "entity_id": "from"}), on="source"
    )
    both = chosen.join(mine.rename({"node": "target", "entity_id": "to"}), on=["case", "target"])
    return both.select("case", kind.alias("kind"), *LINKED, source="from", target="to").collect()


def rows_of(known: Known, links: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    """The records behind the money links and the complaints: contract CaseRow's columns, `case` in place of its id."""
    since = known.as_of - timedelta(days=DAYS)
    who = known.book.accounts.select("code", "account", "why")
    pairs = links.filter(pl.col("kind").is_in(["transfer", "exit"])).select("case", "source", "target")
    source = pairs.join(who.select(source="account", payer="code"), on="source")
    recent = known.book.moves.filter((pl.col("at") >= since) & (pl.col("at") < known.as_of))
    moves = recent.rename({"source": "delivery"})
    out = moves.join(source.select("case", "source", "payer").unique(), on="payer")
    to = out.join(who.select(payee="code", account="account", why="why"), on="payee")
    named = to.with_columns(target=pl.when(pl.col("why").str.starts_with("exit:")).then("why").otherwise("account"))
    kept = named.join(pairs, on=["case", "source", "target"], how="semi")
    paid = kept.select(
        "case", pl.col("table").cast(pl.String), "row_id", "at", "amount", pl.col("delivery").cast(pl.String),
        source_entity="source", target_entity="account", what=pl.lit("payment"),
    )  # fmt: skip
    told = said.select(
        "case", "row_id", "at", "amount", table=pl.lit("reports"), delivery="source",
        source_entity="account", target_entity="payer", what=pl.lit("complaint"),
    )  # fmt: skip
    return pl.concat([paid, told.select(paid.columns)], how="vertical_relaxed")
