"""What institutions say of accounts: the phone numbers they are registered on, and whether their kind is known."""

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
    """The number that each account is registered on, where it is known: node, number, holder of the account.

    A later registration that a source asserts by itself stands before the number in the account's own row.
    """
    accounts = records.table("accounts").rename({"entity": "node"})
    phones = accounts.filter(pl.col("phone").is_not_null()).group_by("node").agg(number=pl.col("phone").max())
    if records.has("holdings"):
        moved = _asserted(records, nodes).select("node", moved="number")
        both = phones.join(moved, on="node", how="full", coalesce=True)
        phones = both.select("node", number=pl.coalesce("moved", "number"))
    return phones.join(nodes.lazy().select("node", "holder"), on="node", how="inner")


def _asserted(records: Records, nodes: pl.DataFrame) -> pl.LazyFrame:
    """The last asserted registration of each account: node, number, since."""
    role, sure = pl.col("role").cast(pl.String), pl.col("asserted").cast(pl.String) == "yes"
    rows = records.table("holdings").filter((role == "registered_phone") & sure)
    sims = nodes.lazy().filter(pl.col("kind") == "sim").select("number", thing="node").drop_nulls()
    dated = rows.select("thing", node="holder", since="valid_from").join(sims, on="thing", how="inner")
    last = pl.col("number", "since").sort_by("since", "number", nulls_last=[False, False]).last()
    return dated.group_by("node").agg(last)


def registered_at(records: Records, nodes: pl.DataFrame) -> pl.LazyFrame:
    """Since when an account has its number: node, registered; its last change of number, else its opening."""
    dated = nodes.lazy().filter(pl.col("kind") == "account").select("node", "valid_from")
    later = []
    if records.has("account_events"):
        events = records.table("account_events").filter(pl.col("event").cast(pl.String) == "phone_changed")
        later.append(events.select("at", node="entity"))
    if records.has("holdings"):
        later.append(_asserted(records, nodes).select("node", at="since"))
    if not later:
        return dated.rename({"valid_from": "registered"})
    changed = pl.concat([part.select("node", "at") for part in later]).group_by("node").agg(pl.col("at").max())
    both = dated.join(changed, on="node", how="left")
    return both.select("node", registered=pl.coalesce("at", "valid_from"))


def kinds_told(records: Records) -> bool:
    """Whether the drop says of any account what kind of account it is."""
    if not records.has("accounts"):
        return False
    told = records.table("accounts").select(pl.col("kind").is_not_null().any())
    return bool(told.collect(engine="streaming").item())
