"""Feature family `after_changes`: what left an account right after its card, its device or its limit was changed."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import HOUR_US, ratio, within
from fraudnet.features.family import Family
from fraudnet.features.histories import History, moved
from fraudnet.features.legs import packed, unpacked
from fraudnet.features.lookups import Lookups
from fraudnet.features.shape import complete, owned, real, schema, share, whole

SOON = timedelta(hours=72)
DAYS = 90
EVENTS = {"device": "device_bound", "limit": "limit_raised"}
WORDS = {
    "swap": "the card of its number was exchanged",
    "device": "a device was bound to it",
    "limit": "its limit was raised",
}

SCHEMA = schema(
    "AfterChanges",
    {
        "swap_top_out_hours": real(
            "hours from the last exchange of its number's card to the largest payment of 90 days"
        ),
        **{
            f"{change}_new_payee_share_90d": share(
                f"share of the money of the last 90 days that went to new payees within 72 hours after {words}"
            )
            for change, words in WORDS.items()
        },
        **{
            f"{change}_new_payees_90d": whole(
                f"payees of the last 90 days first paid within 72 hours after {words}", zero=False
            )
            for change, words in WORDS.items()
        },
    },
)  # fmt: skip


def after_changes(
    records: Records, nodes: pl.DataFrame, lookups: Lookups, history: History, as_of: datetime, keep: pl.Expr | None
) -> pl.LazyFrame:
    """What accounts paid to new payees within 72 hours after a change, over the last 90 days.

    A payee is new when the first transfer ever to it lies in those hours. Shares are of all money transferred out in 90
    days, null where there is none. Columns of a change are null without its table, those of the card also where the
    account's number is not known. One row per account node.
    """
    if not records.has("transfers"):
        return complete(nodes, "account", SCHEMA, keep, None)
    paid = records.table("transfers").select("payer", "payee", "at", "amount")
    total = moved(history.made, as_of, lately=DAYS).select("node", total="sum_lately")
    found = _changes(records, nodes, lookups)
    changed = [changes.select(payer="node") for _, changes in found.values()]
    touched = paid.join(pl.concat(changed).unique(), on="payer", how="semi").cache() if changed else paid
    parts = []
    for name, (known, changes) in found.items():
        new = _new_payees(touched, changes, as_of)
        parts.append(
            known.join(new, on="node", how="left").join(total, on="node", how="left").select(
                "node",
                pl.col("payees").fill_null(0).alias(f"{name}_new_payees_90d"),
                ratio(pl.col("sent").fill_null(0), pl.col("total")).alias(f"{name}_new_payee_share_90d"),
            )
        )  # fmt: skip
        if name == "swap":
            parts.append(_hours_to_top(touched.filter(within("at", as_of, DAYS)), changes))
    return complete(nodes, "account", SCHEMA, keep, *(owned(p, keep) for p in parts))


def _changes(records: Records, nodes: pl.DataFrame, lookups: Lookups) -> dict[str, tuple[pl.LazyFrame, pl.LazyFrame]]:
    """Per kind of change: the accounts of which it would be known (node), and when it happened (node, changed)."""
    found = {}
    accounts = nodes.lazy().filter(pl.col("kind") == "account").select("node")
    if records.has("sim_events") and records.has("accounts") and records.has("sims"):
        numbers = lookups.registrations.select("node", "number")
        cards = nodes.lazy().filter((pl.col("kind") == "sim") & pl.col("number").is_not_null())
        swaps = _of_event(records, "sim_events", "swap").rename({"node": "card"})
        dated = cards.select("number", card="node").join(swaps, on="card", how="inner").select("number", "changed")
        numbered = numbers.join(cards.select("number").unique(), on="number", how="semi")
        found["swap"] = (numbered.select("node"), numbers.join(dated, on="number", how="inner").drop("number"))
    if records.has("account_events"):
        for name, event in EVENTS.items():
            found[name] = (accounts, _of_event(records, "account_events", event))
    return found


def _of_event(records: Records, table: str, event: str) -> pl.LazyFrame:
    rows = records.table(table).filter((pl.col("event").cast(pl.String) == event) & pl.col("entity").is_not_null())
    return rows.select(node="entity", changed="at")


def _new_payees(paid: pl.LazyFrame, changes: pl.LazyFrame, as_of: datetime) -> pl.LazyFrame:
    """Per account: payees first paid soon after a change, and the money they got by then (node, payees, sent)."""
    lately = changes.filter(within("changed", as_of, DAYS + SOON.days))
    touched = paid.join(lately.select(payer="node").unique(), on="payer", how="semi")
    met = touched.group_by(pair=packed("payer", "payee")).agg(first=pl.col("at").min())
    recent = met.filter(within("first", as_of, DAYS)).with_columns(**unpacked("pair", "payer", "payee"))
    near = (pl.col("first") >= pl.col("changed")) & (pl.col("first") <= pl.col("changed") + SOON)
    new = (
        recent.join(lately, left_on="payer", right_on="node", how="inner")
        .filter(near).group_by("pair").agg(pl.col("changed").max())
    )  # fmt: skip
    sent = touched.with_columns(pair=packed("payer", "payee")).join(new, on="pair", how="inner")
    soon = sent.filter(pl.col("at") <= pl.col("changed") + SOON)
    return soon.group_by(node="payer").agg(payees=pl.col("payee").n_unique(), sent=pl.col("amount").sum())


def _hours_to_top(recent: pl.LazyFrame, swaps: pl.LazyFrame) -> pl.LazyFrame:
    """Hours from the last exchange of the card to the account's largest payment, the earliest of several."""
    mine = recent.join(swaps.select(payer="node").unique(), on="payer", how="semi")
    top = mine.group_by(node="payer").agg(top=pl.col("at").filter(pl.col("amount") == pl.col("amount").max()).min())
    before = top.join(swaps, on="node", how="inner").filter(pl.col("changed") <= pl.col("top"))
    waited = (pl.col("top") - pl.col("changed")).dt.total_microseconds() / HOUR_US
    return before.group_by("node").agg(swap_top_out_hours=waited.min())


FAMILY = Family("after_changes", "account", after_changes, SCHEMA)
