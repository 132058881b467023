"""Pickers of rows about money: each takes linked records and hits and returns node, table, row_id, also, at, what."""

from __future__ import annotations

from typing import Literal

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import day_number, is_night
from fraudnet.typologies.rows import before, rows_of

Side = Literal["in", "out"]
ENDS: dict[str, tuple[str, str]] = {"in": ("payee", "payer"), "out": ("payer", "payee")}
LINE, NEAR_LINE = 10_000_000, 9_000_000
PROBE, PROBED, PROBE_DAYS = 10_000, 1_000_000, 3
CHANGE_HOURS = 72
SMALL_CUT = 0.12
TOGETHER_MINUTES = 10
LARGEST = 10


def moves(records: Records, hits: pl.LazyFrame, side: Side) -> pl.LazyFrame:
    """Transfers of the hits' nodes, from their own side: node, other, first_at (of the pair), as_of and the row."""
    node, other = ENDS[side]
    rows = records.table("transfers").filter(pl.col("payer") != pl.col("payee"))
    named = rows.rename({node: "node", other: "other"}).join(hits.select("node", "as_of"), on="node", how="inner")
    return named.with_columns(first_at=pl.col("at").min().over("node", "other"))


def new_partners(records: Records, hits: pl.LazyFrame, side: Side, days: int = 30) -> pl.LazyFrame:
    """The first transfers from payers (to payees) never met before."""
    mine = moves(records, hits, side).filter(pl.col("at") == pl.col("first_at"), before(days))
    return rows_of(mine, "transfers", "new_payer" if side == "in" else "new_payee")


def busy_day(records: Records, hits: pl.LazyFrame, side: Side) -> pl.LazyFrame:
    """The transfers of the day with the most different payers (payees), the latest such day."""
    mine = moves(records, hits, side).with_columns(day=day_number("at"))
    days = mine.group_by("node", "day").agg(n=pl.col("other").n_unique())
    best = days.sort("n", "day").group_by("node").agg(pl.col("day").last())
    return rows_of(mine.join(best, on=["node", "day"], how="semi"), "transfers", f"busy_day_{side}")


def large_credits(records: Records, hits: pl.LazyFrame, days: int = 30, most: int = 3) -> pl.LazyFrame:
    """The largest credits."""
    mine = moves(records, hits, "in").filter(before(days))
    place = pl.struct(-pl.col("amount"), "at", "row_id").rank("ordinal").over("node")
    return rows_of(mine.filter(place <= most), "transfers", "large_credit")


def passed_on(motifs: pl.LazyFrame, hits: pl.LazyFrame, minutes: int = 60) -> pl.LazyFrame:
    """Credits that were gone within so many minutes, and the payments that took them on."""
    mine = motifs.join(hits.select("node", "as_of"), on="node", how="inner")
    quick = mine.filter(pl.col("at") - pl.col("came_at") <= pl.duration(minutes=minutes))
    came = quick.select("node", row_id="credit", at="came_at", other_row_id="credit_also")
    went = quick.select("node", "at", row_id="debit", other_row_id="debit_also")
    return pl.concat([rows_of(came, "transfers", "passed_on_in"), rows_of(went, "transfers", "passed_on_out")])


def main_partner(records: Records, hits: pl.LazyFrame, side: Side) -> pl.LazyFrame:
    """The transfers of a month from the payer (to the payee) with the largest sum of all time."""
    mine = moves(records, hits, side)
    sums = mine.group_by("node", "other").agg(total=pl.col("amount").sum())
    best = sums.sort("total", "other", descending=[False, True]).group_by("node").agg(pl.col("other").last())
    lately = mine.join(best, on=["node", "other"], how="semi").filter(before(30))
    return rows_of(lately, "transfers", "main_payer" if side == "in" else "main_payee")


def near_line(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Payments just under the sum above which a face is matched."""
    mine = moves(records, hits, "out").filter(before(30), pl.col("amount").is_between(NEAR_LINE, LINE, closed="left"))
    return rows_of(mine, "transfers", "near_line")


def probes(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Tiny credits that tried the account, and the large ones of others in the days after."""
    mine = moves(records, hits, "in").filter(before(90))
    tiny = mine.filter(pl.col("amount") <= PROBE)
    tried = tiny.select("node", prober="other", tried_at="at")
    soon = pl.col("at").is_between(pl.col("tried_at"), pl.col("tried_at") + pl.duration(days=PROBE_DAYS))
    large = mine.filter(pl.col("amount") >= PROBED).join(tried, on="node", how="inner")
    after = large.filter(soon, pl.col("other") != pl.col("prober"))
    return pl.concat([rows_of(tiny, "transfers", "probe"), rows_of(after, "transfers", "after_probe")])


def night_credits(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Credits between 23:00 and 05:00."""
    return rows_of(moves(records, hits, "in").filter(before(30), is_night("at")), "transfers", "night_credit")


def to_exchanges(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Payments to crypto exchange desks."""
    accounts = records.table("accounts")
    desks = accounts.filter(pl.col("kind").cast(pl.String) == "exchange").select(other="entity")
    houses = records.table("institutions").filter(pl.col("kind").cast(pl.String) == "exchange").select("institution")
    held = accounts.join(houses, on="institution", how="semi").select(other="entity")
    mine = moves(records, hits, "out").filter(before(90))
    return rows_of(mine.join(pl.concat([desks, held]), on="other", how="semi"), "transfers", "to_exchange")


def known_fraud(records: Records, hits: pl.LazyFrame, side: Side, days: int | None = 90) -> pl.LazyFrame:
    """Transfers from (to) accounts that are known as fraud, the largest ten."""
    mine = moves(records, hits, side).filter(pl.col("from_known" if side == "in" else "to_known"), before(days))
    place = pl.struct(-pl.col("amount"), "row_id").rank("ordinal").over("node")
    return rows_of(mine.filter(place <= LARGEST), "transfers", "from_known" if side == "in" else "to_known")


def small_cuts(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Credits from the few accounts that pay it most often: the cuts of a controller, the smaller ones of each."""
    mine = moves(records, hits, "in").filter(before(90))
    often = mine.filter(pl.len().over("node", "other") > 1)
    return rows_of(often, "transfers", "small_cut")


def cash_out(records: Records, hits: pl.LazyFrame) -> pl.LazyFrame:
    """Withdrawals, and those of others at the same machine within ten minutes of one."""
    cash = records.table("cash").filter(pl.col("amount") < 0)
    mine = cash.rename({"entity": "node"}).join(hits.select("node", "as_of"), on="node", how="inner").filter(before(90))
    here = mine.select("node", "place", taken_at="at").drop_nulls("place").unique()
    others = cash.join(here, on="place", how="inner").filter(
        pl.col("entity") != pl.col("node"),
        (pl.col("at") - pl.col("taken_at")).abs() <= pl.duration(minutes=TOGETHER_MINUTES),
    )
    return pl.concat([rows_of(mine, "cash", "cash_out"), rows_of(others, "cash", "at_machine")])


def after(records: Records, hits: pl.LazyFrame, changes: pl.LazyFrame) -> pl.LazyFrame:
    """Payments to payees first paid within 72 hours after a change (node, changed)."""
    mine = moves(records, hits, "out").filter(before(90)).join(changes, on="node", how="inner")
    wait = pl.col("first_at") - pl.col("changed")
    soon = wait.is_between(pl.duration(hours=0), pl.duration(hours=CHANGE_HOURS))
    return rows_of(mine.filter(soon), "transfers", "after_change")


def since(records: Records, hits: pl.LazyFrame, gone: pl.LazyFrame) -> pl.LazyFrame:
    """Transfers after the holder was gone (node, gone)."""
    sides: tuple[Side, Side] = ("in", "out")
    parts = [moves(records, hits, side).join(gone, on="node", how="inner") for side in sides]
    return pl.concat([rows_of(part.filter(pl.col("at") > pl.col("gone")), "transfers", "after_gone") for part in parts])
