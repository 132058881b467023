"""Feature family `event_windows`: each transfer as of its own moment, itself included.

Windows as in the Fraud Detection Handbook (Le Borgne et al., ULB and Worldline, chapter 3): count and mean amount of
the payer, count and share of reported transfers of the payee, the latter two as late as reports become known.
"""

from __future__ import annotations

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import DAY_US, local, trailing
from fraudnet.features.family import Family
from fraudnet.features.shape import WORDS, flag, real, schema, share, whole

WINDOWS = {"1d": 1, "7d": 7, "30d": 30}
USUAL_DELAY_DAYS = 7.0
LAST_NIGHT_HOUR = 6
SATURDAY = 6

SCHEMA = schema(
    "EventWindows",
    {
        "amount": whole("amount of this transfer"),
        "is_weekend": flag("made on a Saturday or Sunday"),
        "is_night": flag("made from midnight to before 7 in the morning"),
        **{f"payer_count_{w}": whole(f"transfers by this payer {WORDS[w]}, this one included") for w in WINDOWS},
        **{
            f"payer_mean_amount_{w}": real(f"mean transfer by this payer {WORDS[w]}, this one included")
            for w in WINDOWS
        },
        **{f"payee_count_{w}": whole(f"transfers to this payee {WORDS[w]} for which reports are in") for w in WINDOWS},
        **{
            f"payee_reported_share_{w}": share(
                f"share reported of the transfers to this payee {WORDS[w]} for which reports are in"
            )
            for w in WINDOWS
        },
    },
)


def events(records: Records) -> pl.LazyFrame:
    """The transfers as units of scoring: node, transfer_id, at, payer, payee, amount.

    Nodes are dense from 0, in order of time, source and id.
    """
    columns = ("source", "transfer_id", "at", "payer", "payee", "amount")
    ordered = records.table("transfers").select(columns).sort("at", "source", "transfer_id")
    return ordered.with_row_index("node").with_columns(pl.col("node").cast(pl.Int64)).drop("source")


def event_windows(records: Records, keep: pl.Expr | None) -> pl.LazyFrame:
    """Windows of 1, 7 and 30 days of the payer up to the transfer itself, and of the payee up to the known reports.

    Windows are (t - days, t]. Those of the payee end earlier by the time that reports take to become known: the
    longest one in the drop, counted from the transfer, 7 days without reports. Mean amounts are minor units; the
    share is 0 for a payee without a transfer in its window, as in the handbook, and null without a reports table.
    """
    delay = _delay_days(records)
    windows = {**_payer_windows(), **_payee_windows(delay)}
    rows = _with_reports(records).with_columns(one=pl.lit(1, dtype=pl.Int64)).with_columns(**windows)
    table = rows.with_columns(**_calendar(), **_shares()).select(SCHEMA.column_names())
    if not records.has("reports"):
        unknown = pl.lit(None, dtype=pl.Float64)
        table = table.with_columns(**{f"payee_reported_share_{w}": unknown for w in WINDOWS})
    return table if keep is None else table.filter(keep)


def _with_reports(records: Records) -> pl.LazyFrame:
    named = records.table("reports").select("transfer_id").drop_nulls().unique()
    reported = named.with_columns(reported=pl.lit(1, dtype=pl.Int64))
    return events(records).join(reported, on="transfer_id", how="left").with_columns(pl.col("reported").fill_null(0))


def _delay_days(records: Records) -> float:
    """How long after a transfer its report is known, at most; never 0, so that no row sees a report about itself."""
    paid = records.table("transfers").select("transfer_id", paid_at="at")
    told = records.table("reports").select("transfer_id", "known_at").join(paid, on="transfer_id", how="inner")
    waits = told.select((pl.col("known_at") - pl.col("paid_at")).dt.total_microseconds().max())
    longest: int | None = waits.collect(engine="streaming").item()
    return USUAL_DELAY_DAYS if longest is None else max(longest, 1) / DAY_US


def _payer_windows() -> dict[str, pl.Expr]:
    found = {}
    for name, days in WINDOWS.items():
        found[f"payer_count_{name}"] = trailing(pl.col("one"), "payer", "at", days)
        found[f"payer_sum_{name}"] = trailing(pl.col("amount"), "payer", "at", days)
    return found


def _payee_windows(delay: float) -> dict[str, pl.Expr]:
    found = {}
    for name, days in WINDOWS.items():
        found[f"payee_count_{name}"] = trailing(pl.col("one"), "payee", "at", days, delay)
        found[f"payee_reported_{name}"] = trailing(pl.col("reported"), "payee", "at", days, delay)
    return found


def _shares() -> dict[str, pl.Expr]:
    found = {}
    for name in WINDOWS:
        found[f"payer_mean_amount_{name}"] = pl.col(f"payer_sum_{name}") / pl.col(f"payer_count_{name}")
        count = pl.col(f"payee_count_{name}")
        found[f"payee_reported_share_{name}"] = (
            pl.when(count > 0).then(pl.col(f"payee_reported_{name}") / count).otherwise(0.0)
        )
    return found


def _calendar() -> dict[str, pl.Expr]:
    return {
        "is_weekend": (local("at").dt.weekday() >= SATURDAY).cast(pl.Int64),
        "is_night": (local("at").dt.hour() <= LAST_NIGHT_HOUR).cast(pl.Int64),
    }


FAMILY = Family("event_windows", "event", event_windows, SCHEMA)
