"""Columns of `calling` beside plain loops over the calls of each SIM."""

from __future__ import annotations

import statistics
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from keyed import AS_OF, keyed, linked
from pytest import MonkeyPatch

from fraudnet.contracts.drop import Records
from fraudnet.contracts.graph import Seed
from fraudnet.features import calling
from fraudnet.features.compute import feature_table

DAYS = {"1d": 1, "7d": 7, "30d": 30, "90d": 90, "all": 10_000}
SIMS = 4
calls = st.lists(
    st.fixed_dictionaries(
        {
            "caller": st.integers(0, SIMS - 1),
            "callee": st.one_of(st.none(), st.integers(0, SIMS - 1)),
            "kind": st.sampled_from(["voice", "sms", "otp"]),
            "at": st.integers(0, 200 * 24).map(lambda hours: AS_OF - timedelta(minutes=30, hours=hours)),
            "duration_s": st.one_of(st.none(), st.integers(0, 500)),
            "answered": st.sampled_from([True, False, None]),
            "cell": st.sampled_from(["a", "b", None]),
        }
    ),
    max_size=25,
)


def late(rows: list[dict[str, Any]], days: float) -> list[dict[str, Any]]:
    return [row for row in rows if row["at"] >= AS_OF - timedelta(days=days)]


def peak(rows: list[dict[str, Any]]) -> int:
    """Most rows in any (t - one day, t] that ends with a row."""
    day = timedelta(days=1)
    return max((sum(last["at"] - day < r["at"] <= last["at"] for r in rows) for last in rows), default=0)


def night(row: dict[str, Any]) -> bool:
    hour = (row["at"] + timedelta(hours=7)).hour
    return hour >= 23 or hour < 5


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def of_window(name: str, made: list[dict[str, Any]], got: list[dict[str, Any]]) -> dict[str, Any]:
    def kind(rows: list[dict[str, Any]], *kinds: str) -> list[dict[str, Any]]:
        return [row for row in rows if row["kind"] in kinds]

    others = {
        "callees": {row["callee"] for row in kind(made, "voice", "sms")},
        "callers": {row["caller"] for row in kind(got, "voice", "sms")},
    }
    counts = {
        "out_calls": len(kind(made, "voice")), "in_calls": len(kind(got, "voice")), "out_sms": len(kind(made, "sms")),
        "in_sms": len(kind(got, "sms")), "otp_in": len(kind(got, "otp")),
        "out_seconds": sum(row["duration_s"] or 0 for row in kind(made, "voice")),
        **{stem: len(met - {None}) for stem, met in others.items()},
    }  # fmt: skip
    return {f"{stem}_{name}": n for stem, n in counts.items()}


def oracle(rows: list[dict[str, Any]], sim: int) -> dict[str, Any]:
    made, got = ([row for row in rows if row[end] == sim] for end in ("caller", "callee"))
    found = {k: v for name, days in DAYS.items() for k, v in of_window(name, late(made, days), late(got, days)).items()}
    voice = [row for row in made if row["kind"] == "voice"]
    told = [row for row in voice if row["answered"] is not None]
    spoken = [row["duration_s"] for row in voice if row["answered"] is not False and row["duration_s"] is not None]
    before = {row["callee"] for row in made if row["kind"] != "otp"} - {None}
    before -= {r["callee"] for r in made if r["kind"] != "otp" and r not in late(made, 30)}
    return found | {
        "answered_share_30d": share(sum(r["answered"] for r in late(told, 30)), len(late(told, 30))),
        "answered_share_all": share(sum(r["answered"] for r in told), len(told)),
        "out_night_share_all": share(sum(map(night, voice)), len(voice)),
        "seconds_median_all": statistics.median(spoken) if spoken else None,
        "cells_count_all": len({row["cell"] for row in made} - {None}),
        "peak_out_calls_1d": peak(voice),
        "peak_otp_in_1d": peak([row for row in got if row["kind"] == "otp"]),
        "in_out_ratio_all": share(found["in_calls_all"], found["out_calls_all"]),
        "first_callees_30d": len(before),
    }


@settings(max_examples=15, deadline=None)
@given(calls, st.integers(1, 30))
def test_every_column_is_what_loops_over_the_calls_give(rows, part):
    told = Records({"calls": keyed("calls", rows)})
    with MonkeyPatch.context() as patch:
        patch.setattr(calling, "PART", part)
        frame = feature_table(linked([{"kind": "sim"}] * SIMS, told), "sim", Seed.create_empty(), ("calling",)).frame
    for found in frame.rows(named=True):
        wanted = oracle(rows, found["node"])
        assert {name: found[name] for name in wanted} == wanted
        assert set(found) == {"node", *wanted}
