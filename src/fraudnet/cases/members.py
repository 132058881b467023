"""The tables of all cases: who is in them, and the links among them over the last 90 days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from fraudnet.cases.ledger import CASH, OUTSIDE, Ledger

DAYS, NEAR_SECONDS = 90, 86_400
SCORED = ("account", "sim", "identity")
THINGS = ("owner", "registered_phone", "uses")
LEAST_TO_EXIT = 1_000_000  # what a member must have sent out by one exit for it to be told
LINKED = ("n", "amount", "first_at", "last_at", "valid_from", "valid_to")


@dataclass(frozen=True)
class Known:
    """What cases are made from: the run's tables, and the ledger of everything before the cut-off.

    scores: contract Score of all kinds. nodes, links: contracts Node and Link. seeds: contract Seed. hits: entity_id,
    typology, strength. reports: entity, amount, event_at, at, transfer_id, source, row_id. names: entity_id, name,
    organisation. provinces: node, province.
    """

    as_of: datetime
    scores: pl.DataFrame
    nodes: pl.DataFrame
    links: pl.DataFrame
    seeds: pl.DataFrame
    hits: pl.DataFrame
    reports: pl.DataFrame
    names: pl.DataFrame
    provinces: pl.DataFrame
    book: Ledger


def complaints(known: Known, members: pl.DataFrame) -> pl.DataFrame:
    """What victims paid to members: case, account, payer, at, amount, number (the move, null where none fits).

    Reports of the last 90 days. A report is matched to the move of its own transfer id's row, else to the move of that
    amount into the account at the moment it names, within a day.
    """
    since = known.as_of - timedelta(days=DAYS)
    mine = members.select("case", entity="entity_id")
    told = known.reports.filter(pl.col("at") >= since).join(mine, on="entity").drop_nulls("amount")
    when = pl.coalesce("event_at", "at")
    wanted = told.select("case", "entity", "amount", "at", "source", "row_id", when=when).filter(pl.col("amount") > 0)
    who = known.book.accounts.select("code", "account")
    ordered = wanted.sort("case", "entity", "amount", "when", "source", "row_id").with_row_index("report")
    coded = ordered.join(who, left_on="entity", right_on="account", how="left")
    moved = known.book.moves.filter(pl.col("payer") != OUTSIDE).select("number", "payer", "payee", "amount", moved="at")
    near = coded.join(moved, left_on=["code", "amount"], right_on=["payee", "amount"], how="left")
    gap = (pl.col("moved") - pl.col("when")).dt.total_seconds().abs()
    far = (gap > NEAR_SECONDS).fill_null(False)
    fits = near.with_columns(gap=gap).with_columns(
        pl.when(far).then(None).otherwise(pl.col(name)).alias(name) for name in ("gap", "number", "payer", "moved")
    )
    nearest = fits.sort("report", "gap", "number", nulls_last=True)
    best = nearest.unique("report", keep="first", maintain_order=True)
    payer = best.join(who.rename({"account": "from", "code": "payer"}), on="payer", how="left", maintain_order="left")
    number = pl.col("number")
    once = payer.filter(number.is_null() | number.is_first_distinct())
    moment = pl.coalesce("moved", "when")
    return once.select("case", "amount", "number", "source", "row_id", account="entity", payer="from", at=moment)


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
    mine = members.select("case", "node", "entity_id").drop_nulls("node")
    chosen = known.links.filter(lasting | spoken).join(
        mine.rename({"node": "source", "entity_id": "from"}), on="source"
    )
    both = chosen.join(mine.rename({"node": "target", "entity_id": "to"}), on=["case", "target"])
    return both.select("case", kind.alias("kind"), *LINKED, source="from", target="to")


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
        "case", "table", "row_id", "at", "amount", "delivery",
        source_entity="source", target_entity="account", what=pl.lit("payment"),
    )  # fmt: skip
    told = said.select(
        "case", "row_id", "at", "amount", table=pl.lit("reports"), delivery="source",
        source_entity="account", target_entity="payer", what=pl.lit("complaint"),
    )  # fmt: skip
    return pl.concat([paid, told.select(paid.columns)], how="vertical_relaxed")
