"""The victims' money on one account in a sentence: what came, where it went, what is still there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from fraudnet.console import words
from fraudnet.console.house import House
from fraudnet.messages import text

MOST = 2  # places that are named
LEAST = 50_000  # đồng; smaller sums are rounding


def trail_of(house: House, found: dict[str, Any], place: Callable[[str], str], language: str) -> str | None:
    """The sentence, by first in, first out; None for what is no account or in no case. place: what an end is called."""
    flows, holds = house.board.cases.get("case_flows"), house.board.cases.get("case_holds")
    if found["kind"] != "account" or not found["case"] or flows is None or holds is None:
        return None
    entity, mine = found["entity_id"], flows.filter(pl.col("case_id") == found["case"])
    came = int(mine.filter(pl.col("target") == entity)["amount"].sum())
    if came < LEAST:
        return text("console.item.trail.none", language)
    out = mine.filter(pl.col("source") == entity).sort("amount", "target", descending=[True, False])
    held = holds.filter((pl.col("case_id") == found["case"]) & (pl.col("entity_id") == entity))
    left, hold = (int(held[name].sum()) for name in ("fifo", "hold"))
    ends = ", ".join(f"{place(target)} {words.short_money(amount)}"
                     for target, amount in out.head(MOST).select("target", "amount").iter_rows())  # fmt: skip
    parts = [text("console.item.trail.came", language, sum=words.money(came))]
    if ends:
        parts.append(text("console.item.trail.went", language, sum=words.money(int(out["amount"].sum())), ends=ends))
    parts.append(text("console.item.trail.left", language, sum=words.money(left)))
    if hold:
        parts.append(text("console.item.trail.hold", language, sum=words.money(hold)))
    return " ".join(parts)
