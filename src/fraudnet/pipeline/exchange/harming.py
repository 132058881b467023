"""What lists did to honest people: how many, how long, how much money; and the bound that stops the next list."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

from fraudnet.contracts.columns import INSTANT
from fraudnet.errors import HarmError
from fraudnet.labels.verdicts import CLEARED, FRAUD, SPARED, judged, standing
from fraudnet.lists.harm import ledger, wrong_share
from fraudnet.pipeline.exchange.answers import effective
from fraudnet.pipeline.exchange.ledger import open_store
from fraudnet.pipeline.exchange.outbox import State, state
from fraudnet.settings import Settings
from fraudnet.store.dispositions import dispositions
from fraudnet.store.repository import Store

HELD = pl.Schema(
    {
        "institution": pl.String(),
        "entity_id": pl.String(),
        "amount": pl.Int64(),
        "held_from": INSTANT,
        "held_until": INSTANT,
    }
)


def harm_told(settings: Settings, now: datetime) -> dict[str, Any]:
    """The harm ledger: overall and by age band, province, kind of holder and source, each share with its interval."""
    with open_store(settings) as store:
        listed = listed_people(store, state(store, settings), now)
    whole, parts = ledger(listed)
    return {"overall": whole, "groups": parts.to_dicts(), "bound": settings.harm_bound}


def refuse_harm(store: Store, before: State, now: datetime, settings: Settings) -> None:
    """Raise HarmError when the share of wrong flags may lie above the bound of the settings."""
    listed = listed_people(store, before, now)
    share = wrong_share(listed)
    if share["judged"] >= settings.harm_answers and share["high"] > settings.harm_bound:
        raise HarmError(
            "wrong flags: {wrong} of {judged} judged entries, up to {high:.0%} with 95 % confidence, "
            "expected at most {bound:.0%} (harm_bound); nothing was published",
            wrong=share["wrong"],
            judged=share["judged"],
            high=share["high"],
            bound=settings.harm_bound,
        )


def listed_people(store: Store, before: State, now: datetime) -> pl.DataFrame:
    """Everybody ever listed, with what became of it: one row per institution and entity.

    Columns: institution, entity_id, source, holder_kind, province, age_band, listed_on, verdict (wrong, right, null),
    judged_at, amount (đồng held), held_from, held_until.
    """
    first = before.changes.filter(pl.col("operation").cast(pl.String) == "add").sort("turn")
    listed = first.unique(["institution", "entity_id"], keep="first", maintain_order=True).select(
        "institution", "entity_id", "listed_on", "holder_kind", source=pl.col("source").cast(pl.String)
    )
    said = standing(judged(dispositions(store, now).lazy()).rename({"entity": "node"})).collect()
    wrong = pl.when(pl.col("verdict").is_in((CLEARED, SPARED))).then(pl.lit("wrong"))
    verdict = wrong.when(pl.col("verdict") == FRAUD).then(pl.lit("right"))
    known = said.select(entity_id="node", verdict=verdict, judged_at="known_at")
    people = before.people.unique("entity_id", keep="last", maintain_order=True)
    told = listed.join(known, on="entity_id", how="left").join(people, on="entity_id", how="left")
    return told.join(_held(store, now), on=["institution", "entity_id"], how="left").sort("institution", "entity_id")


def _moment(said: str) -> datetime:
    return datetime.fromisoformat(said)


def _held(store: Store, now: datetime) -> pl.DataFrame:
    """The money that institutions said they hold, the newest word of each about each entity."""
    rows = [
        (
            event.body["institution"],
            a["entity"],
            a["amount"],
            *map(datetime.fromisoformat, (a["decided_at"], a["until"])),
        )
        for event, _ in effective(store, now)
        for a in event.body["answers"]
        if a["outcome"] == "held_in_part"
    ]
    table = pl.DataFrame(rows, schema=HELD, orient="row")
    return table.unique(["institution", "entity_id"], keep="last", maintain_order=True)
