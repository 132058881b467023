"""Feature family `known_fraud`: what came from accounts known as fraud, and what went to them; never its own."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import DAY_US, ratio, within
from fraudnet.features.dust import LEFT_OUT, floor_of
from fraudnet.features.family import Family
from fraudnet.features.legs import after_credit, packed, unpacked
from fraudnet.features.shape import complete, owned, real, schema, share, whole

DAYS = 90
PART = 20_000_000  # transfers for each part of the accounts that are looked at by themselves

SCHEMA = schema(
    "KnownFraud",
    {
        "fraud_receipts_90d": whole(f"credits from accounts known as fraud during the last 90 days, {LEFT_OUT}"),
        "fraud_payers_90d": whole(f"accounts known as fraud that paid it during the last 90 days, {LEFT_OUT}"),
        "fraud_in_share_90d": share(
            f"share of the last 90 days' credits that came from accounts known as fraud, {LEFT_OUT}"
        ),
        "fraud_passed_count_90d": whole(
            f"credits out of what known fraud had received in the two days before, last 90 days, {LEFT_OUT}"
        ),
        "fraud_passed_max_amount_90d": whole(
            f"largest credit out of what known fraud had received in the two days before, last 90 days, {LEFT_OUT}"
        ),
        "fraud_passed_max_ratio_90d": real("that largest credit for each unit of its own usual credit"),
        "fraud_paid_amount_all": whole("money it paid to accounts known as fraud", growing=True),
        "fraud_paid_days": real("days since it first paid an account known as fraud", growing=True),
        "after_paid_in_amount_all": whole("money that came in after it had first paid known fraud", growing=True),
        "after_paid_new_payers_all": whole("new payers after it had first paid known fraud", growing=True),
        "after_paid_out_ratio_all": real("money out for each unit of money in since it first paid known fraud"),
    },
)


def known_fraud(
    records: Records, nodes: pl.DataFrame, seeds: pl.DataFrame, as_of: datetime, keep: pl.Expr | None
) -> pl.LazyFrame:
    """Receipts from other accounts known as fraud before the snapshot, and life since the first payment to one.

    Amounts are whole minor units; a transfer from an account to itself says nothing, and what one known
    account sent it says nothing up to 2,000,000 đồng in all (`features.dust`). Whether an account is known
    itself changes nothing in its own row. Without a transfers table every column is null. One row per account node.
    """
    if not records.has("transfers"):
        return complete(nodes, "account", SCHEMA, keep, None)
    known = seeds.lazy().filter(pl.col("weight") > 0).select("node").unique()
    others = records.table("transfers").filter(pl.col("payer") != pl.col("payee"))
    recent = others.filter(within("at", as_of, DAYS))
    floor = floor_of(records)
    parts = (_received(recent, known, floor), _passed(recent, known, floor), *_since_paid(others, known, as_of))
    return complete(nodes, "account", SCHEMA, keep, *(owned(p, keep) for p in parts))


def _received(recent: pl.LazyFrame, known: pl.LazyFrame, floor: int) -> pl.LazyFrame:
    got = recent.join(known, left_on="payer", right_on="node", how="semi")
    pairs = got.group_by("payer", "payee").agg(n=pl.len(), came=pl.col("amount").sum()).filter(pl.col("came") > floor)
    tainted = pairs.group_by(node="payee").agg(fraud_receipts_90d=pl.col("n").sum(), fraud_payers_90d=pl.len())
    credits = recent.group_by(node="payee").agg(credits=pl.len())
    return tainted.join(credits, on="node", how="inner").select(
        pl.exclude("credits"), fraud_in_share_90d=ratio(pl.col("fraud_receipts_90d"), pl.col("credits"))
    )


def _passed(recent: pl.LazyFrame, known: pl.LazyFrame, floor: int) -> pl.LazyFrame:
    """Credits from known fraud that were covered by what had just come to it: how many, the largest, times usual."""
    came = recent.join(known, left_on="payee", right_on="node", how="semi")
    went = recent.join(known, left_on="payer", right_on="node", how="semi")
    covered = after_credit(came, went).filter(pl.col("went") <= pl.col("came"))
    pairs = covered.group_by("node", "target").agg(n=pl.len(), most=pl.col("went").max(), all=pl.col("went").sum())
    largest = (
        pairs.filter(pl.col("all") > floor)
        .group_by(node="target")
        .agg(fraud_passed_count_90d=pl.col("n").sum(), fraud_passed_max_amount_90d=pl.col("most").max())
    )
    life = recent.join(largest.select("node"), left_on="payee", right_on="node", how="semi")
    usual = life.group_by(node="payee").agg(usual=pl.col("amount").median())
    return largest.join(usual, on="node", how="inner").select(
        pl.exclude("usual"), fraud_passed_max_ratio_90d=ratio(pl.col("fraud_passed_max_amount_90d"), pl.col("usual"))
    )


def _since_paid(others: pl.LazyFrame, known: pl.LazyFrame, as_of: datetime) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """When each account paid known fraud, and what happened to it since; of many transfers some accounts at a time."""
    paid = (
        others.join(known, left_on="payee", right_on="node", how="semi")
        .group_by(node="payer").agg(fraud_paid_amount_all=pl.col("amount").sum(), first=pl.col("at").min())
        .collect(engine="streaming")
    )  # fmt: skip
    # Rounded, because the last bit of a division depends on whether a column has one row or more.
    days = ((pl.lit(as_of) - pl.col("first")).dt.total_microseconds() / DAY_US).round(6)
    when = paid.lazy().select("node", "fraud_paid_amount_all", fraud_paid_days=days)
    parts = 1 + others.select(pl.len()).collect(engine="streaming").item() // PART
    some = (paid.filter(pl.col("node") % parts == part).lazy() for part in range(parts))
    since = pl.concat([_since(others, mine).collect(engine="streaming") for mine in some]).lazy()
    return when, since.select(
        pl.exclude("went"),
        after_paid_out_ratio_all=ratio(pl.col("went").fill_null(0), pl.col("after_paid_in_amount_all")),
    )


def _since(others: pl.LazyFrame, paid: pl.LazyFrame) -> pl.LazyFrame:
    """What came to accounts after they had first paid known fraud, from how many new payers, and what they paid."""
    came = others.join(paid, left_on="payee", right_on="node", how="inner")
    after = pl.col("at") > pl.col("first")
    met = came.group_by(pair=packed("payee", "payer")).agg(
        first=pl.col("first").min(), met=pl.col("at").min(), came=pl.col("amount").filter(after).sum()
    )
    got = met.group_by(node=unpacked("pair", "payee", "payer")["payee"]).agg(
        after_paid_in_amount_all=pl.col("came").sum(), after_paid_new_payers_all=(pl.col("met") > pl.col("first")).sum()
    )
    left = others.join(paid, left_on="payer", right_on="node", how="inner").filter(after)
    went = left.group_by(node="payer").agg(went=pl.col("amount").sum())
    return got.join(went, on="node", how="left")


FAMILY = Family("known_fraud", "account", known_fraud, SCHEMA, graph=True)
