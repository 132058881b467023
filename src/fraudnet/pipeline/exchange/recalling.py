"""What was taken off lists and why, who was on them for how long, and what waits for a lead's word."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl

from fraudnet.contracts.judgements import SPARED_ROLES
from fraudnet.errors import ConfigurationError, InputError
from fraudnet.pipeline.exchange.ledger import actor, open_store
from fraudnet.pipeline.exchange.outbox import State, state
from fraudnet.pipeline.exchange.retraction import RULED, RULINGS, judgements, waiting
from fraudnet.settings import Settings
from fraudnet.store.dispositions import DECISION
from fraudnet.store.event import Entry

KEYS = ["institution", "entity_id"]


def recalls_told(settings: Settings, now: datetime) -> dict[str, Any]:
    """Per institution what was recalled and how long it had stood, and the clearings that a lead has not ruled on."""
    with open_store(settings) as store:
        before = state(store, settings)
        open_ones = waiting(before.live, before.support, judgements(store, now), now)
    return {
        "recalls": recalls(before).to_dicts(),
        "waiting": open_ones,
        "overdue": sum(r["overdue"] for r in open_ones),
    }


def recalls(before: State) -> pl.DataFrame:
    """institution, reason, entries, days_median, days_most: how long recalled entries had stood."""
    days = dict(_days(before))
    gone = before.changes.filter(pl.col("operation").cast(pl.String) == "withdraw")
    told = gone.with_columns(day=pl.col("turn").replace_strict(days, default=None, return_dtype=pl.Date))
    stood = (pl.col("day") - pl.col("listed_on")).dt.total_days()
    return (
        told.group_by("institution", reason=pl.col("reason").cast(pl.String))
        .agg(entries=pl.len().cast(pl.Int64), days_median=stood.median(), days_most=stood.max())
        .sort("institution", "reason")
    )


def _days(before: State) -> list[tuple[int, Any]]:
    facts = [one for rows in before.packages.values() for one in rows if "turn" in one]
    return sorted({(one["turn"], date.fromisoformat(one["day"])) for one in facts})


def rule_on(decision: int, ruling: str, document: str, settings: Settings, now: datetime) -> dict[str, Any]:
    """A lead's word on a clearing by an institution: confirmed, it holds for everybody's lists; denied, for nobody's.

    Raises ConfigurationError for another word, InputError when there is no such clearing or no document.
    """
    if ruling not in RULINGS:
        raise ConfigurationError("ruling: got another word, expected {known}", known=" or ".join(RULINGS))
    if not document.strip():
        raise InputError("--document: got nothing, expected the number of the paper that the ruling stands in")
    with open_store(settings) as store:
        found = next((e for e in store.events(DECISION, after=decision - 1) if e.number == decision), None)
        # Whom somebody confirms as a victim he clears too.
        if found is None or not (found.body["outcome"] == "cleared" or found.body["role"] in SPARED_ROLES):
            raise InputError(
                "decision {decision}: is no clearing; `fraudnet recalls` shows what waits", decision=decision
            )
        body = {"decision": decision, "ruling": ruling, "document": document}
        receipt = store.append(Entry(RULED, actor(settings), body, f"{RULED}:{decision}:{ruling}:{document}"), now)
        last = [event.body["ruling"] for event in store.events(RULED) if event.body["decision"] == decision][-1]
        if last != ruling:
            raise InputError(
                "decision {decision}: was ruled otherwise since this document; name a newer one", decision=decision
            )
    return {"decision": decision, "ruling": ruling, "receipt": receipt.number}
