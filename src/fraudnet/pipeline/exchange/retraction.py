"""Who was cleared, by whom, and what falls with it: at once for acting, after a lead's word for others' lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from fraudnet.contracts.columns import INSTANT
from fraudnet.labels.verdicts import CLEARED, FRAUD, SPARED, judged
from fraudnet.labels.verdicts import standing as standing_decision
from fraudnet.lists.changes import Verdicts
from fraudnet.lists.standing import standing
from fraudnet.store.dispositions import dispositions, standing_decisions
from fraudnet.store.event import Event
from fraudnet.store.repository import Store

RULED = "retraction_ruled"
RULINGS = ("confirmed", "denied")
OVERDUE = timedelta(hours=24)
CLEARINGS = pl.Schema({
    "entity_id": pl.String(), "since": INSTANT, "institution": pl.String(), "number": pl.Int64(), "ruling": pl.String(),
})  # fmt: skip


@dataclass(frozen=True)
class Judgements:
    """What decisions mean for lists: who is cleared (CLEARINGS), and whose confirmation rests on others.

    rests: entity, on. fresh: entity_id, known_at of the newest independent confirmation.
    """

    cleared: pl.DataFrame
    rests: pl.DataFrame
    fresh: pl.DataFrame


def judgements(store: Store, now: datetime) -> Judgements:
    """What the recorded decisions known before `now` mean for lists; an echo means nothing."""
    events = {f"event:{e.number:012d}": e for e in standing_decisions(store, now)}
    answered = [row for row, event in events.items() if "contest" in event.body["references"]]
    # The answer to a contest weighs as much as what a bank found in its documents: the later of the two stands.
    rank = pl.when(pl.col("row_id").is_in(answered)).then(pl.min_horizontal("rank", 1)).otherwise("rank")
    table = judged(dispositions(store, now).lazy()).rename({"entity": "node"}).with_columns(rank)
    stands = standing_decision(table).collect()
    rulings = {e.body["decision"]: e.body["ruling"] for e in store.events(RULED) if e.at < now}
    free = stands.filter(pl.col("verdict").is_in((CLEARED, SPARED)))
    rows = [_clearing(events[row["row_id"]], rulings) for row in free.sort("node").to_dicts()]
    guilty = stands.filter(pl.col("verdict") == FRAUD)
    resting = guilty.select("row_id", entity="node", on="rests_on").explode("on").drop_nulls()
    return Judgements(
        pl.DataFrame(rows, schema=CLEARINGS, orient="row").filter(pl.col("ruling") != "denied"),
        resting.select("entity", pl.col("on").cast(pl.String)).unique().sort("entity", "on"),
        guilty.select(entity_id="node", known_at="known_at").sort("entity_id"),
    )


def _clearing(event: Event, rulings: dict[int, str]) -> tuple[str, datetime, str | None, int, str]:
    """Who was cleared, since when, by which institution; the police need nobody's word."""
    institution = event.body["references"].get("institution")
    ours = "confirmed" if event.body["source"] in ("police", "analyst") else "open"
    return event.body["entity"], event.at, institution, event.number, rulings.get(event.number, ours)


def verdicts(live: pl.DataFrame, support: pl.DataFrame, said: Judgements, closed: pl.DataFrame) -> Verdicts:
    """Which entries go and which rest, by the rule over what their flags rest on.

    live: contract LiveEntry. support: contract Support of their flags. closed: institution, entity_id of what an
    institution no longer has. An entry goes when its flag falls by what the police or its own institution cleared; one
    that falls only by what another institution cleared rests until a lead has ruled.
    """
    flags = live.select("flag_id", "entity_id", "as_of", "source").unique("flag_id")
    bases = support.join(flags, on="flag_id", how="semi")
    sure = said.cleared.filter(pl.col("ruling") == "confirmed")
    keys = ["institution", "entity_id"]

    def fallen(entries: pl.DataFrame, down: pl.DataFrame) -> pl.DataFrame:
        up = standing(
            flags.join(entries, on="flag_id", how="semi"), bases, down.select("entity_id", "since"), said.rests
        )
        return entries.join(up, on="flag_id", how="anti")

    parts = [fallen(live, sure).select(*keys)]
    for institution in said.cleared.filter(pl.col("ruling") == "open")["institution"].drop_nulls().unique().sort():
        own = live.filter(pl.col("institution") == institution)
        down = pl.concat([sure, said.cleared.filter(pl.col("institution") == institution)])
        parts.append(fallen(own, down).select(*keys))
    itself = said.cleared.select("entity_id")
    gone = pl.concat(parts).unique().join(closed, on=keys, how="anti")
    told = gone.join(itself.with_columns(reason=pl.lit("cleared")), on="entity_id", how="left")
    left = pl.concat([
        told.select(*keys, pl.col("reason").fill_null("retracted")),
        closed.join(live, on=keys, how="semi").select(*keys, reason=pl.lit("closed")),
    ]).unique(keys, keep="first", maintain_order=True).sort(keys)  # fmt: skip
    resting = fallen(live, said.cleared).select(*keys).join(left, on=keys, how="anti").sort(keys)
    return Verdicts(left, resting.with_columns(reason=pl.lit("ruled")))


def waiting(live: pl.DataFrame, support: pl.DataFrame, said: Judgements, now: datetime) -> list[dict[str, Any]]:
    """The clearings by institutions that a lead has not ruled on, with the entries of others that rest meanwhile.

    One is overdue 24 hours after it became known.
    """
    found = []
    nobody = pl.DataFrame(schema={"institution": pl.String, "entity_id": pl.String})
    sure = said.cleared.filter(pl.col("ruling") == "confirmed")
    for row in said.cleared.filter(pl.col("ruling") == "open").sort("number").to_dicts():
        alone = Judgements(
            pl.concat([sure, said.cleared.filter(pl.col("number") == row["number"])]), said.rests, said.fresh
        )
        rest = verdicts(live, support, alone, nobody).suspended
        late = now - row["since"] > OVERDUE
        told = {"decision": row["number"], "institution": row["institution"], "since": row["since"].isoformat()}
        others = rest["institution"].n_unique()
        found.append({**told, "resting": rest.height, "institutions": others, "overdue": late})
    return found
