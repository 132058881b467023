"""Feature family `calling`: how a SIM calls, is called, and receives one-time codes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.contracts.drop import Records
from fraudnet.expressions import ratio
from fraudnet.features import calling_kernels as kernels
from fraudnet.features.family import Family
from fraudnet.features.histories import nodes_of, table, window_start
from fraudnet.features.history_kernels import by_moment
from fraudnet.features.shape import WINDOWS, complete, owned, schema, share, whole, windowed
from fraudnet.features.shape import real as number
from fraudnet.graph.csr import Ints, Nodes
from fraudnet.graph.ordering import grouped

KINDS = pl.Enum(["voice", "sms", "otp"])  # in the order of the codes of kernels
OF_CALLS = {"seconds": pl.Int32(), "answered": pl.Int8(), "cell": pl.Int32()}
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
PART = 20_000_000  # calls for each part of the SIMs that are looked at by themselves


def calling(records: Records, nodes: pl.DataFrame, as_of: datetime, keep: pl.Expr | None) -> pl.LazyFrame:
    """Calls, messages and one-time codes of a SIM over 1, 7, 30, 90 days and all time.

    Lengths are whole seconds. A call of unknown outcome is no part of the answered share. Without a calls table
    every column is null. One row per SIM node.
    """
    if not records.has("calls"):
        return complete(nodes, "sim", SCHEMA, keep, None)
    calls = records.table("calls").with_columns(kind=pl.col("kind").cast(KINDS).to_physical().cast(pl.Int8))
    parts = 1 + calls.select(pl.len()).collect(engine="streaming").item() // PART
    outside, inside = (
        pl.concat([make(calls.filter(pl.col(end) % parts == part), as_of) for part in range(parts)])
        for make, end in ((_made, "caller"), (_received, "callee"))
    )
    ratios = _calls_of(inside, outside).select(
        "node", in_out_ratio_all=ratio(pl.col("in_calls_all"), pl.col("out_calls_all"))
    )
    return complete(nodes, "sim", SCHEMA, keep, *(owned(part, keep) for part in (outside, inside, ratios)))


def _made(calls: pl.LazyFrame, as_of: datetime) -> pl.LazyFrame:
    """What SIMs did: their calls, messages, contacts and habits."""
    cell = pl.col("cell").cast(pl.Categorical(pl.Categories.random())).to_physical()
    numbers = {"seconds": pl.col("duration_s"), "answered": pl.col("answered"), "cell": cell}
    rows = calls.select("at", "kind", node="caller", other="callee", **numbers).collect(engine="streaming")
    side, order = _side(rows)
    seconds, answered, cells = (_known(rows[name], dtype)[order] for name, dtype in OF_CALLS.items())
    del rows, order
    nodes, since, month = np.flatnonzero(np.diff(side[0])), _since(as_of), window_start(as_of, 30)
    found, met = kernels.counts(side, nodes, since)
    talked, usual = kernels.talk(side, nodes, since, seconds, answered)
    told = kernels.habits(side, nodes, month, answered, cells)
    columns = _by_window(out_calls=found[:, kernels.VOICE], out_sms=found[:, kernels.SMS], callees=met)
    columns |= {**_by_window(out_seconds=talked), "seconds_median_all": usual}
    columns |= {name: told[:, place] for place, name in enumerate(kernels.HABITS)}
    columns["peak_out_calls_1d"] = kernels.peak(side, nodes, kernels.VOICE)
    return table(nodes, columns).with_columns(
        answered_share_30d=ratio(pl.col("answered_30d"), pl.col("told_30d")),
        answered_share_all=ratio(pl.col("answered_all"), pl.col("told_all")),
        out_night_share_all=ratio(pl.col("night"), pl.col("out_calls_all")),
        cells_count_all="cells",
        first_callees_30d="first_30d",
    )


def _received(calls: pl.LazyFrame, as_of: datetime) -> pl.LazyFrame:
    """Who called SIMs or wrote to them, and the codes they were sent."""
    rows = calls.select("at", "kind", node="callee", other="caller").collect(engine="streaming")
    side, _ = _side(rows)
    nodes = np.flatnonzero(np.diff(side[0]))
    found, met = kernels.counts(side, nodes, _since(as_of))
    voice, sms, otp = (found[:, kind] for kind in (kernels.VOICE, kernels.SMS, kernels.OTP))
    columns = _by_window(in_calls=voice, in_sms=sms, otp_in=otp, callers=met)
    return table(nodes, {**columns, "peak_otp_in_1d": kernels.peak(side, nodes, kernels.OTP)})


def _side(rows: pl.DataFrame) -> tuple[kernels.Calls, Nodes]:
    """Rows (node, other, at, kind) put together by node, each node's in order of time; and where they were taken."""
    n = nodes_of(rows["node"], rows["other"])
    start, order = grouped(rows["node"].cast(pl.Int32).fill_null(n).to_numpy(), n)
    at = rows["at"].dt.epoch("us").to_numpy()
    by_moment(start, at, order)
    other = rows["other"].cast(pl.Int32).fill_null(-1).to_numpy()[order]
    return (start, other, at[order], rows["kind"].to_numpy()[order]), order


def _known(column: pl.Series, dtype: pl.DataType) -> NDArray[Any]:
    """A column as numbers, -1 where it says nothing."""
    return column.cast(dtype).fill_null(-1).to_numpy()


def _since(as_of: datetime) -> Ints:
    return np.array([window_start(as_of, days) for days in WINDOWS.values()])


def _by_window(**stems: Ints) -> dict[str, NDArray[Any]]:
    return {f"{stem}_{w}": values[:, place] for stem, values in stems.items() for place, w in enumerate(WINDOWS)}


def _calls_of(inside: pl.LazyFrame, outside: pl.LazyFrame) -> pl.LazyFrame:
    return outside.select("node", "out_calls_all").join(
        inside.select("node", "in_calls_all"), on="node", how="left"
    ).with_columns(pl.col("in_calls_all").fill_null(0))  # fmt: skip


FAMILY = Family("calling", "sim", calling, SCHEMA)
