"""What the next packages hold: a run's entries against what stands, what was cleared, what has gone, what rests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl

from fraudnet.contracts.results import ListEntry, Support
from fraudnet.expressions import LOCAL_ZONE, local_day
from fraudnet.labels.verdicts import ECHOES
from fraudnet.lists import held
from fraudnet.lists.changes import Verdicts, changes, review_days
from fraudnet.lists.exchange.pseudonyms import pseudonyms
from fraudnet.lists.live import KEY, Change, LiveEntry, completed, empty
from fraudnet.lists.standing import standing
from fraudnet.pipeline.exchange.outbox import PEOPLE_COLUMNS, State
from fraudnet.pipeline.exchange.retraction import Judgements, verdicts

KEYS = list(KEY)
STATEMENT_EVERY = timedelta(days=7)
LOCAL_DAY = pl.col("since").dt.convert_time_zone(LOCAL_ZONE).dt.date()
RESTORED_BY = ("cleared", "retracted", "closed")


@dataclass(frozen=True)
class Offer:
    """What a run would put on lists: entries as LiveEntry, what their flags rest on, who holds them."""

    entries: pl.DataFrame
    support: pl.DataFrame
    people: pl.DataFrame


@dataclass(frozen=True)
class Plan:
    """The changes to send (contract Change), what their flags rest on, who holds them, and what is held back."""

    changes: pl.DataFrame
    support: pl.DataFrame
    people: pl.DataFrame
    held: pl.DataFrame


@dataclass(frozen=True)
class Told:
    """What institutions and holders said: accounts that are gone (institution, entity_id, since), entries contested."""

    closed: pl.DataFrame
    contested: pl.DataFrame


@dataclass(frozen=True)
class Bounds:
    """When, how many new entries an institution gets in a day, and who can be sent anything."""

    now: datetime
    most: int
    reachable: frozenset[str]


def offer(run: Path, secret: bytes) -> Offer:
    """The entries of a run with their flags, pseudonyms, evidence and day of review."""
    entries = completed(pl.read_parquet(run / "list_entries.parquet"), ListEntry)
    support = pl.concat([pl.read_parquet(path) for path in sorted(run.glob("support-*.parquet"))] or [empty(Support)])
    flag = pl.concat_str("entity_id", pl.col("as_of").dt.strftime("%Y-%m-%dT%H:%MZ"), separator="|")
    evidence = _evidence(support)
    told = entries.with_columns(flag_id=flag).join(evidence, on="flag_id", how="left")
    day = pl.col("as_of").dt.convert_time_zone(LOCAL_ZONE).dt.date()
    named = told.with_columns(
        evidence=pl.concat_list(
            pl.col("evidence").fill_null([]), pl.concat_str(pl.lit("own:"), pl.col("band"))
        ).list.sort(),
        entry_id=named_for(told, secret),
        state=pl.lit("live"),
        listed_on=day,
        review_on=day + pl.duration(days=review_days()),
    )
    types = {name: column.dtype for name, column in LiveEntry.columns().items()}
    shaped = named.select(LiveEntry.column_names()).cast(types)  # type: ignore[arg-type]
    own = support.join(shaped.select("flag_id"), on="flag_id", how="semi")
    return Offer(shaped.sort(KEYS), own, _people(run, shaped))


def no_offer() -> Offer:
    """What there is without a run."""
    return Offer(empty(LiveEntry), empty(Support), pl.DataFrame(schema=PEOPLE_COLUMNS))


def _people(run: Path, entries: pl.DataFrame) -> pl.DataFrame:
    """entity_id, province, age_band of who holds the entries; empty where the run does not tell."""
    if not (run / "nodes.parquet").is_file():
        return pl.DataFrame(schema=PEOPLE_COLUMNS)
    holders = pl.scan_parquet(run / "nodes.parquet").select("entity_id", node="holder").collect()
    told = entries.select("entity_id").unique().join(holders, on="entity_id")
    for table, column in (("provinces", "province"), ("ages", "age_band")):
        known = run / f"{table}.parquet"
        found = (
            pl.read_parquet(known) if known.is_file() else pl.DataFrame(schema={"node": pl.Int64, column: pl.String})
        )
        told = told.join(found.select("node", column), on="node", how="left")
    return told.select(list(PEOPLE_COLUMNS)).sort("entity_id")


def named_for(entries: pl.DataFrame, secret: bytes) -> pl.Series:
    """The key of each entry: a pseudonym for its institution alone."""
    parts = [
        part.select("index", entry_id=pl.Series(pseudonyms(part["entity_id"], secret, str(institution))))
        for (institution,), part in entries.with_row_index().group_by("institution")
    ]
    nobody = pl.DataFrame(schema={"index": pl.UInt32, "entry_id": pl.String})
    return pl.concat([nobody, *parts]).sort("index")["entry_id"]


def _evidence(support: pl.DataFrame) -> pl.DataFrame:
    """flag_id and what it rests on beside the model's own word: kind and reference."""
    other = support.filter(pl.col("kind").cast(pl.String) != "own")
    said = pl.concat_str(pl.col("kind").cast(pl.String), pl.lit(":"), pl.col("ref_id"))
    return other.group_by("flag_id").agg(evidence=said.unique().sort())


def planned(state: State, made: Offer, said: Judgements, told_us: Told, bounds: Bounds) -> Plan:
    """The changes of one day, from what stands, what a run offers, what was decided and what institutions said."""
    closed = told_us.closed
    day = local_day(bounds.now)
    fresh = _fresh(pl.concat([state.support, made.support]), said)
    said = _overtaken(said, fresh)
    newer = _newer(made.entries, state.live)
    wanted = pl.concat([newer, _restorable(state, closed)]).unique(KEYS, keep="first", maintain_order=True)
    resting = held.rested(wanted, _resting(state, said, closed), fresh, day)
    wanted = _carried(wanted.join(resting, on=KEYS, how="anti"), state, made, said).filter(pl.col("expires_on") > day)
    reach = pl.col("institution").is_in(sorted(bounds.reachable))
    unsent = wanted.filter(~reach).join(state.live, on=KEYS, how="anti")
    wanted = wanted.filter(reach)
    new = wanted.join(state.live, on=KEYS, how="anti")
    over = held.beyond(new, state.sent_on(day), bounds.most)
    wanted = wanted.join(over, on=KEYS, how="anti").sort(KEYS)
    told = _paused(_verdicts(state, wanted, said, closed), state, told_us.contested)
    every = changes(state.live, wanted, told, day).with_columns(turn=pl.lit(state.packed, pl.Int64))
    found = every.filter(reach).select(Change.column_names())
    parts = [
        ("resting", resting.join(made.entries, on=KEYS, how="semi")),
        ("over the daily cap", over),
        ("no trusted keys", unsent),
        ("recall not told: no trusted keys", every.filter(~reach)),
    ]
    return Plan(
        found,
        made.support.join(found.select("flag_id"), on="flag_id", how="semi"),
        made.people.join(found.select("entity_id"), on="entity_id", how="semi"),
        pl.concat([held.counted(rows, why) for why, rows in parts]),
    )


def _newer(offered: pl.DataFrame, live: pl.DataFrame) -> pl.DataFrame:
    """The offered entries without those of a run that is older than what stands: an old flag updates nothing."""
    before = live.select(*KEYS, standing_of="as_of")
    both = offered.join(before, on=KEYS, how="left", maintain_order="left")
    return both.filter((pl.col("as_of") >= pl.col("standing_of")).fill_null(value=True)).drop("standing_of")


def _carried(wanted: pl.DataFrame, state: State, made: Offer, said: Judgements) -> pl.DataFrame:
    """The wanted entries whose flags stand."""
    support = pl.concat([state.support, made.support]).unique(maintain_order=True)
    up = standing(wanted.select("flag_id", "entity_id", "as_of", "source"), support, said.cleared, said.rests)
    return wanted.join(up, on="flag_id", how="semi")


def _verdicts(state: State, wanted: pl.DataFrame, said: Judgements, closed: pl.DataFrame) -> Verdicts:
    """What falls among what stands, but for entries that a newer flag holds up again."""
    found = verdicts(state.live, state.support, said, closed.select(KEYS))
    again = wanted.join(state.live.select(*KEYS, old="flag_id"), on=KEYS).filter(pl.col("flag_id") != pl.col("old"))
    return Verdicts(found.gone.join(again, on=KEYS, how="anti"), found.suspended.join(again, on=KEYS, how="anti"))


def _paused(found: Verdicts, state: State, contested: pl.DataFrame) -> Verdicts:
    """Contested entries rest too, unless they go."""
    asked = contested.join(state.live, on=KEYS, how="semi").join(found.gone, on=KEYS, how="anti")
    new = asked.join(found.suspended, on=KEYS, how="anti").with_columns(reason=pl.lit("contested"))
    return Verdicts(found.gone, pl.concat([found.suspended, new.select(found.suspended.columns)]).sort(KEYS))


def _fresh(support: pl.DataFrame, said: Judgements) -> pl.DataFrame:
    """entity_id and since when the newest independent report or confirmation about it is known."""
    told = support.filter(
        pl.col("kind").cast(pl.String).is_in(["report", "disposition"]), ~pl.col("basis").is_in(list(ECHOES))
    ).select(pl.col("flag_id").str.split("|").list.first().alias("entity_id"), "known_at")
    return pl.concat([told, said.fresh]).drop_nulls().group_by("entity_id").agg(pl.col("known_at").max())


def _overtaken(said: Judgements, fresh: pl.DataFrame) -> Judgements:
    """The judgements without clearings that newer independent evidence has overtaken."""
    newer = said.cleared.join(fresh, on="entity_id").filter(pl.col("known_at") > pl.col("since"))
    return replace(said, cleared=said.cleared.join(newer.select("number"), on="number", how="anti"))


def _restorable(state: State, closed: pl.DataFrame) -> pl.DataFrame:
    """Entries withdrawn for a word of an institution: they come back when it is taken back, if their flags stand."""
    last = state.changes.sort(*KEYS, "turn").unique(KEYS, keep="last", maintain_order=True)
    gone = last.filter(
        pl.col("operation").cast(pl.String) == "withdraw", pl.col("reason").cast(pl.String).is_in(list(RESTORED_BY))
    )
    gone = gone.join(closed, on=KEYS, how="anti")
    return gone.with_columns(state=pl.lit("live").cast(gone.schema["state"])).select(LiveEntry.column_names())


def _resting(state: State, said: Judgements, closed: pl.DataFrame) -> pl.DataFrame:
    """Who is left alone for a while: institution, entity_id, since, after, evidence (see `held.rested`)."""
    none = pl.lit(None, pl.List(pl.String))
    cleared = said.cleared.select(
        "entity_id", since=LOCAL_DAY, after="since", evidence=none
    ).join(state.changes.select("institution", "entity_id").unique(), on="entity_id")  # fmt: skip
    gone = closed.select(*KEYS, since=LOCAL_DAY, after="since", evidence=none)
    over = state.changes.filter(pl.col("reason").cast(pl.String) == "expired").select(
        *KEYS,
        since="expires_on",
        after=pl.col("expires_on").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
        evidence="evidence",
    )
    return pl.concat([cleared.select(over.columns), gone.select(over.columns), over])


def statement_due(state: State, institution: str, day: date) -> bool:
    """Whether an institution gets all that stands with its next package: first, every week, and after a restore."""
    last = state.stated(institution)
    return last is None or not state.previous(institution) or day - last >= STATEMENT_EVERY
