"""What the next packages change: new entries, renewed ones, those to leave alone for now, those to take off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from fraudnet.lists.live import KEY, Change, LiveEntry

# A later run that changes nothing else is no news to an institution.
TELLING = (
    "number", "holder_name", "holder_kind", "cif", "status", "code", "note", "grade", "action", "hold", "source",
    "band", "expires_on",
)  # fmt: skip
RENEWED_DAYS = {3: 30, 7: 30, 6: 45, 1: 60, 2: 60, 8: 60}  # until an entry is looked at again, by SIMO code
OTHER_DAYS = 60


@dataclass(frozen=True)
class Verdicts:
    """What is to happen to entries whatever the new run says: which go (with the reason), which rest for now."""

    gone: pl.DataFrame
    suspended: pl.DataFrame


def review_days() -> pl.Expr:
    """After how many days an entry is looked at again, by its reason code."""
    return pl.col("code").cast(pl.Int64).replace_strict(RENEWED_DAYS, default=OTHER_DAYS, return_dtype=pl.Int64)


def changes(live: pl.DataFrame, wanted: pl.DataFrame, verdicts: Verdicts, day: date) -> pl.DataFrame:
    """The changes from what stands to what should: contract Change without `turn`, sorted.

    live: contract LiveEntry. wanted: the same, of the new run, nothing held back among it; one row per institution and
    entity. verdicts.gone: institution, entity_id, reason; verdicts.suspended: the same. An entry that is
    listed again without new evidence keeps its day of expiry; one whose day has come goes.
    """
    keys = list(KEY)
    gone = live.join(verdicts.gone, on=keys, how="inner")
    rest = live.join(verdicts.gone, on=keys, how="anti")
    offered = wanted.join(verdicts.gone, on=keys, how="anti").join(verdicts.suspended, on=keys, how="anti")
    kept = _kept(rest, offered)
    over = rest.join(kept.select(*keys, still="expires_on"), on=keys, how="left").filter(
        pl.coalesce("still", "expires_on") <= day
    )
    rest = rest.join(over, on=keys, how="anti")
    resting = rest.join(verdicts.suspended, on=keys, how="semi")
    told = rest.join(kept, on=keys, how="semi")
    updated = kept.join(told, on=keys, how="semi").join(resting, on=keys, how="anti")
    suspended = pl.col("state").cast(pl.String) == "suspended"
    awake = rest.filter(suspended).join(resting, on=keys, how="anti").join(updated, on=keys, how="anti")
    parts = [
        _as(offered.join(live, on=keys, how="anti").with_columns(listed_on=pl.lit(day)), "add", "new"),
        _as(updated, "update", "renewed"),
        _as(resting.filter(~suspended), "suspend", None, state="suspended")
        .join(verdicts.suspended.select(*keys, why="reason"), on=keys, how="left")
        .with_columns(reason="why"),
        _as(awake, "resume", "ruled", state="live"),
        _as(gone.drop("reason"), "withdraw", None).with_columns(gone.select("reason")),
        _as(over.drop("still"), "withdraw", "expired"),
    ]
    names = [name for name in Change.column_names() if name != "turn"]
    types = {name: Change.columns()[name].dtype for name in names}
    return pl.concat([part.select(names).cast(types) for part in parts]).sort(keys)  # type: ignore[arg-type]


def _kept(rest: pl.DataFrame, offered: pl.DataFrame) -> pl.DataFrame:
    """The offered rows of entries that stand already and say something new; later expiry only for new evidence."""
    keys = list(KEY)
    before = rest.select(
        *keys, "listed_on", old_expiry="expires_on", old_evidence="evidence", **{f"old_{n}": n for n in TELLING[:-1]}
    )
    both = offered.drop("listed_on").join(before, on=keys)
    new = pl.col("evidence").list.set_difference("old_evidence").list.len() > 0
    renewed = both.with_columns(
        expires_on=pl.when(new).then(pl.max_horizontal("expires_on", "old_expiry")).otherwise("old_expiry"),
        evidence=pl.col("evidence").list.set_union("old_evidence").list.sort(),
    )
    differs = pl.any_horizontal(pl.col(n).ne_missing(pl.col(f"old_{n}")) for n in TELLING[:-1])
    longer = pl.col("expires_on") != pl.col("old_expiry")
    return renewed.filter(differs | longer).select(LiveEntry.column_names())


def _as(rows: pl.DataFrame, operation: str, reason: str | None, state: str | None = None) -> pl.DataFrame:
    told = rows.with_columns(operation=pl.lit(operation), reason=pl.lit(reason, pl.String))
    return told.with_columns(state=pl.lit(state)) if state else told
