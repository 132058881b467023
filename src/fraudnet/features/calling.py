"""Feature family `calling`: how a SIM calls, is called, and receives one-time codes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.expressions import is_night, ratio, within
from fraudnet.features.family import Family
from fraudnet.features.legs import packed, per_window, unpacked
from fraudnet.features.shape import WINDOWS, complete, owned, schema, share, whole, windowed
from fraudnet.features.shape import real as number

SCHEMA = schema(
    "Calling",
    {
        **windowed("out_calls", "calls it made", whole, spread="all"),
        **windowed("in_calls", "calls it received", whole, spread="all"),
        **windowed("out_sms", "messages it sent", whole),
        **windowed("in_sms", "messages it received", whole),
        **windowed("otp_in", "one-time codes it received", whole, spread="30d,all"),
        **windowed("callees", "different numbers it called or wrote to", whole, spread="30d,all"),
        **windowed("callers", "different numbers that called or wrote to it", whole),
        **windowed("out_seconds", "seconds of the calls it made", whole),
        "answered_share_30d": share("share of its calls of the last 30 days that were answered"),
        "answered_share_all": share("share of all its calls that were answered", spread=True),
        "out_night_share_all": share("share of its calls made between 23:00 and 05:00"),
        "seconds_median_all": number("usual length in seconds of the calls it made", spread=True),
        "cells_count_all": whole("different cells it called or wrote from", growing=True),
        "peak_out_calls_1d": whole("most calls it ever made within one day", growing=True, spread=True),
        "peak_otp_in_1d": whole("most one-time codes it ever received within one day", growing=True),
        "in_out_ratio_all": number("calls received for each call made", spread=True),
        "first_callees_30d": whole("numbers it called or wrote to for the first time in the last 30 days"),
    },
)
VOICE, SMS, OTP = (pl.col("kind") == "voice"), (pl.col("kind") == "sms"), (pl.col("kind") == "otp")


def calling(records: Records, nodes: pl.DataFrame, as_of: datetime, keep: pl.Expr | None) -> pl.LazyFrame:
    """Calls, messages and one-time codes of a SIM over 1, 7, 30, 90 days and all time.

    Lengths are whole seconds. A call of unknown outcome is no part of the answered share. Without a calls table
    every column is null. One row per SIM node.
    """
    if not records.has("calls"):
        return complete(nodes, "sim", SCHEMA, keep, None)
    calls = records.table("calls").with_columns(pl.col("kind").cast(pl.String))
    made = owned(calls.rename({"caller": "node"}), keep)
    received = owned(calls.rename({"callee": "node"}), keep)
    outside = made.group_by("node").agg(**_made(as_of), **_habits(as_of))
    inside = received.group_by("node").agg(**_received(as_of))
    ratios = _calls_of(inside, outside).select(
        "node", in_out_ratio_all=ratio(pl.col("in_calls_all"), pl.col("out_calls_all"))
    )
    met = _contacts(calls.filter(~OTP))
    callees = (
        owned(met.rename({"caller": "node"}), keep)
        .group_by("node")
        .agg(**per_window("callees", "last_at", as_of), first_callees_30d=within("first_at", as_of, 30).sum())
    )
    callers = (
        owned(met.rename({"callee": "node"}), keep).group_by("node").agg(**per_window("callers", "last_at", as_of))
    )
    peaks = (_peak(made.filter(VOICE), "peak_out_calls_1d"), _peak(received.filter(OTP), "peak_otp_in_1d"))
    return complete(nodes, "sim", SCHEMA, keep, outside, inside, ratios, callees, callers, *peaks)


def _contacts(calls: pl.LazyFrame) -> pl.LazyFrame:
    """Every caller with everybody it called or wrote to: caller, callee, first_at, last_at."""
    met = calls.group_by(pair=packed("caller", "callee")).agg(first_at=pl.col("at").min(), last_at=pl.col("at").max())
    return met.with_columns(**unpacked("pair", "caller", "callee")).drop("pair")


def _windows(
    stem: str, rows: pl.Expr, as_of: datetime, windows: Mapping[str, float | None] = WINDOWS
) -> dict[str, pl.Expr]:
    return {f"{stem}_{w}": (rows & within("at", as_of, d)).sum() for w, d in windows.items()}


def _made(as_of: datetime) -> dict[str, pl.Expr]:
    talk = {
        f"out_seconds_{w}": pl.col("duration_s").filter(VOICE & within("at", as_of, d)).sum()
        for w, d in WINDOWS.items()
    }
    return {**_windows("out_calls", VOICE, as_of), **_windows("out_sms", SMS, as_of), **talk}


def _received(as_of: datetime) -> dict[str, pl.Expr]:
    counted = {"in_calls": VOICE, "in_sms": SMS, "otp_in": OTP}
    return {name: rows for stem, kind in counted.items() for name, rows in _windows(stem, kind, as_of).items()}


def _habits(as_of: datetime) -> dict[str, pl.Expr]:
    answered, month = pl.col("answered"), within("at", as_of, 30)
    return {
        "answered_share_30d": ratio((VOICE & answered & month).sum(), (VOICE & answered.is_not_null() & month).sum()),
        "answered_share_all": ratio((VOICE & answered).sum(), (VOICE & answered.is_not_null()).sum()),
        "out_night_share_all": ratio((VOICE & is_night("at")).sum(), VOICE.sum()),
        "seconds_median_all": pl.col("duration_s").filter(VOICE & answered.fill_null(True)).median(),
        "cells_count_all": pl.col("cell").cast(pl.Categorical).to_physical().drop_nulls().n_unique(),
    }


def _calls_of(inside: pl.LazyFrame, outside: pl.LazyFrame) -> pl.LazyFrame:
    return outside.select("node", "out_calls_all").join(
        inside.select("node", "in_calls_all"), on="node", how="left"
    ).with_columns(pl.col("in_calls_all").fill_null(0))  # fmt: skip


def _peak(rows: pl.LazyFrame, name: str) -> pl.LazyFrame:
    one = rows.select("node", "at", one=pl.lit(1, dtype=pl.Int64))
    return one.group_by("node").agg(pl.col("one").rolling_sum_by("at", "1d").max().alias(name))


FAMILY = Family("calling", "sim", calling, SCHEMA)
