"""Feature family `holder_state`: what an account did after its holder was known to have died or gone abroad."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import DAY_US, ratio
from fraudnet.features.family import Family
from fraudnet.features.legs import packed, unpacked
from fraudnet.features.lookups import Lookups
from fraudnet.features.shape import complete, flag, owned, real, schema, share, whole

GONE = ("deceased", "abroad")

SCHEMA = schema(
    "HolderState",
    {
        "gone_days": real("days since its holder died or went abroad, as far as known", growing=True),
        "gone_is_final": flag("its holder has died, not only gone abroad"),
        "gone_out_count_all": whole("payments out since its holder died or went abroad", growing=True, zero=False),
        "gone_new_payees_all": whole("payees first paid since its holder was gone", growing=True, zero=False),
        "gone_new_payers_all": whole("payers who first paid in since its holder was gone", growing=True, zero=False),
        "gone_new_payee_share_all": share("share of the money out since its holder was gone that went to new payees"),
        "gone_new_devices_count": whole("devices first seen on it since its holder was gone", growing=True, zero=False),
        "gone_is_authorised": flag("somebody else is authorised on the account of a holder who is gone"),
    },
)  # fmt: skip


def holder_state(
    records: Records, nodes: pl.DataFrame, lookups: Lookups, as_of: datetime, keep: pl.Expr | None
) -> pl.LazyFrame:
    """Payments, partners and devices since the day on which the holder died or left, as known before the snapshot.

    The latest state that any source gives counts. Everything is null for a holder of whom no such state is known:
    unknown is not alive. Money columns need transfers, devices uses, authorisations holdings. One row per account node.
    """
    if not records.has("identities"):
        return complete(nodes, "account", SCHEMA, keep, None)
    mine = owned(_gone(records, nodes, as_of), keep).cache()
    days = (pl.lit(as_of) - pl.col("since")).dt.total_microseconds() / DAY_US
    parts = [mine.select("node", gone_days=days, gone_is_final=(pl.col("state") == GONE[0]).cast(pl.Int64))]
    if records.has("transfers"):
        transfers = records.table("transfers").select("payer", "payee", "at", "amount")
        parts += [_paid_out(transfers, mine), _paid_in(transfers, mine)]
    if records.has("uses"):
        used = mine.join(lookups.account_devices.select("node", "device", "first_at"), on="node", how="left")
        new = used.group_by("node").agg(gone_new_devices_count=(pl.col("first_at") > pl.col("since")).sum())
        parts.append(new)
    if records.has("holdings"):
        parts.append(_authorised(records, mine, as_of))
    return complete(nodes, "account", SCHEMA, keep, *parts)


def _gone(records: Records, nodes: pl.DataFrame, as_of: datetime) -> pl.LazyFrame:
    """Accounts whose holder's latest dated state is gone: node, holder, since, state."""
    state = pl.col("status").cast(pl.String)
    told = records.table("identities").filter(
        pl.col("entity").is_not_null() & pl.col("status").is_not_null() & (pl.col("status_at") < as_of)
    )
    last = (
        told.select("known_at", "row_id", holder="entity", since="status_at", state=state)
        .sort("since", "known_at", "row_id").unique("holder", keep="last", maintain_order=True)
        .filter(pl.col("state").is_in(list(GONE))).select("holder", "since", "state")
    )  # fmt: skip
    held = nodes.lazy().filter(pl.col("kind") == "account").select("node", "holder")
    return held.join(last, on="holder", how="inner")


def _paid_out(transfers: pl.LazyFrame, mine: pl.LazyFrame) -> pl.LazyFrame:
    out = transfers.join(mine.select(payer="node", since="since"), on="payer", how="inner")
    after = pl.col("at") > pl.col("since")
    met = out.group_by(pair=packed("payer", "payee")).agg(
        first=pl.col("at").min(),
        since=pl.col("since").first(),
        n=after.sum(),
        sent=pl.col("amount").filter(after).sum(),
    )
    new = pl.col("first") > pl.col("since")
    told = (
        met.with_columns(**unpacked("pair", "node", "payee"))
        .group_by("node")
        .agg(n=pl.col("n").sum(), new=new.sum(), sent=pl.col("sent").sum(), sent_new=pl.col("sent").filter(new).sum())
    )
    return mine.select("node").join(told, on="node", how="left").select(
        "node",
        gone_out_count_all=pl.col("n").fill_null(0),
        gone_new_payees_all=pl.col("new").fill_null(0),
        gone_new_payee_share_all=ratio(pl.col("sent_new"), pl.col("sent")),
    )  # fmt: skip


def _paid_in(transfers: pl.LazyFrame, mine: pl.LazyFrame) -> pl.LazyFrame:
    got = transfers.join(mine.select(payee="node", since="since"), on="payee", how="inner")
    met = got.group_by(pair=packed("payer", "payee")).agg(first=pl.col("at").min(), since=pl.col("since").first())
    told = (
        met.with_columns(**unpacked("pair", "payer", "node"))
        .group_by("node")
        .agg(new=(pl.col("first") > pl.col("since")).sum())
    )
    return (
        mine.select("node")
        .join(told, on="node", how="left")
        .select("node", gone_new_payers_all=pl.col("new").fill_null(0))
    )


def _authorised(records: Records, mine: pl.LazyFrame, as_of: datetime) -> pl.LazyFrame:
    valid = pl.col("valid_to").is_null() | (pl.col("valid_to") >= as_of)
    role, sure = pl.col("role").cast(pl.String), pl.col("asserted").cast(pl.String) == "yes"
    shared = records.table("holdings").filter(role.is_in(["authorised", "co_owner"]) & sure & valid)
    named = shared.select(node="thing", one=pl.lit(1, pl.Int64)).unique()
    return (
        mine.select("node")
        .join(named, on="node", how="left")
        .select("node", gone_is_authorised=pl.col("one").fill_null(0))
    )


FAMILY = Family("holder_state", "account", holder_state, SCHEMA)
