"""Accounts and the phone numbers they are registered on."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from fraudnet.contracts.drop import Records


def current_sims(nodes: pl.DataFrame, as_of: datetime) -> pl.LazyFrame:
    """Who holds each number at the snapshot: number, sim, sim_holder; the latest holding that has not ended."""
    running = pl.col("valid_to").is_null() | (pl.col("valid_to") >= as_of)
    sims = nodes.lazy().filter((pl.col("kind") == "sim") & pl.col("number").is_not_null() & running)
    latest = pl.col("node", "holder").sort_by("valid_from", "node", nulls_last=[False, False]).last()
    return sims.group_by("number").agg(latest).rename({"node": "sim", "holder": "sim_holder"})


def registrations(records: Records, nodes: pl.DataFrame) -> pl.LazyFrame:
    """The number that each account is registered on, where it is known: node, number, holder of the account."""
    accounts = records.table("accounts").rename({"entity": "node"})
    phones = accounts.filter(pl.col("phone").is_not_null()).group_by("node").agg(number=pl.col("phone").max())
    return phones.join(nodes.lazy().select("node", "holder"), on="node", how="inner")
