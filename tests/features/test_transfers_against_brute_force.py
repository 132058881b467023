"""Features of transfers and cash against plain Python over the same rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keyed import AS_OF, ago, row, rows

N = 4
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PEOPLE = [{"valid_from": ago(60 * 24 * 300)} for _ in range(N)]
# Moments crowd together, so that windows, ties and edges of windows are met.
MINUTES = st.one_of(st.integers(1, 200), st.integers(1, 10).map(lambda d: d * 1440), st.integers(1, 130 * 1440))
AMOUNTS = st.sampled_from([5_000, 10_000, 100_000, 250_000, 9_000_000, 9_999_999, 10_000_000, 18_000_000])
TRANSFERS = st.lists(
    st.tuples(st.integers(0, N - 1), st.integers(1, N - 1), MINUTES, AMOUNTS), min_size=1, max_size=25
).map(lambda many: [_transfer(i, *t) for i, t in enumerate(many)])
CASH = st.lists(
    st.tuples(st.integers(0, N - 1), MINUTES, st.sampled_from([-300_000, -50_000, 200_000])), max_size=10
).map(
    lambda many: [
        {"cash_id": f"{i}", "entity": who, "at": ago(m), "amount": a, "place": "m1", "place_kind": "atm"}
        for i, (who, m, a) in enumerate(many)
    ]
)
WINDOWS = {"1d": 1, "7d": 7, "30d": 30, "90d": 90, "all": 10_000}
few = settings(max_examples=25, deadline=None)


def _transfer(i: int, payer: int, step: int, minutes: int, amount: int) -> dict[str, Any]:
    return {"transfer_id": f"t{i}", "payer": payer, "payee": (payer + step) % N, "at": ago(minutes), "amount": amount}


def recent(moves: list[dict[str, Any]], days: float) -> list[dict[str, Any]]:
    return [m for m in moves if m["at"] >= AS_OF - timedelta(days=days)]


@few
@given(TRANSFERS)
def test_money(transfers: list[dict[str, Any]]) -> None:
    for me, found in enumerate(rows("money", PEOPLE, transfers=transfers)):
        came = [t for t in transfers if t["payee"] == me]
        went = [t for t in transfers if t["payer"] == me]
        for name, days in WINDOWS.items():
            into, out = recent(came, days), recent(went, days)
            assert found[f"in_count_{name}"] == len(into)
            assert found[f"out_amount_{name}"] == sum(t["amount"] for t in out)
            assert found[f"in_max_amount_{name}"] == max((t["amount"] for t in into), default=0)
            assert found[f"in_payers_{name}"] == len({t["payer"] for t in into})
            assert found[f"out_payees_{name}"] == len({t["payee"] for t in out})
        into, out = (sum(t["amount"] for t in recent(side, 30)) for side in (came, went))
        assert found["out_in_ratio_30d"] == (pytest.approx(out / into) if into else None)
        spent: dict[object, int] = {}
        for t in went:
            spent[local(t["at"]).date()] = spent.get(local(t["at"]).date(), 0) + t["amount"]
        assert found["under_20m_days_all"] == sum(18_000_000 <= v < 20_000_000 for v in spent.values())
        assert found["under_10m_out_count_all"] == sum(9_000_000 <= t["amount"] < 10_000_000 for t in went)
        assert found["small_in_count_30d"] == sum(t["amount"] <= 10_000 for t in recent(came, 30))
        dark = [t for t in came if local(t["at"]).hour >= 23 or local(t["at"]).hour < 5]
        assert found["in_night_share_all"] == (pytest.approx(len(dark) / len(came)) if came else None)


def local(moment: datetime) -> datetime:
    return moment + timedelta(hours=7)


@few
@given(TRANSFERS)
def test_partners(transfers: list[dict[str, Any]]) -> None:
    for me, found in enumerate(rows("partners", PEOPLE, transfers=transfers)):
        first: dict[int, datetime] = {}
        times: dict[int, int] = {}
        paid_in: dict[int, int] = {}
        for t in (t for t in transfers if t["payee"] == me):
            first[t["payer"]] = min(first.get(t["payer"], AS_OF), t["at"])
            times[t["payer"]] = times.get(t["payer"], 0) + 1
            paid_in[t["payer"]] = paid_in.get(t["payer"], 0) + t["amount"]
        payees = {t["payee"] for t in transfers if t["payer"] == me}
        for name, days in {"1d": 1, "7d": 7, "30d": 30}.items():
            fresh = sum(at >= AS_OF - timedelta(days=days) for at in first.values())
            assert found[f"first_payers_{name}"] == fresh
        either, both = set(first) | payees, set(first) & payees
        assert found["reciprocal_share_all"] == (pytest.approx(len(both) / len(either)) if either else None)
        if first:
            assert found["top_payer_share_all"] == pytest.approx(max(paid_in.values()) / sum(paid_in.values()))
            assert found["repeat_payer_share_all"] == pytest.approx(sum(n > 1 for n in times.values()) / len(times))


@few
@given(TRANSFERS)
def test_bursts(transfers: list[dict[str, Any]]) -> None:
    for me, found in enumerate(rows("bursts", PEOPLE, transfers=transfers)):
        came = [t for t in transfers if t["payee"] == me]
        windows = [[t for t in came if last["at"] - DAY < t["at"] <= last["at"]] for last in came]
        weeks = [[t for t in came if last["at"] - 7 * DAY < t["at"] <= last["at"]] for last in came]
        assert found["peak_in_count_1d"] == max(map(len, windows), default=0)
        assert found["peak_in_count_7d"] == max(map(len, weeks), default=0)
        assert found["peak_in_amount_1d"] == max((sum(t["amount"] for t in w) for w in windows), default=0)
        days = {local(t["at"]).date() for t in came}
        payers = [len({t["payer"] for t in came if local(t["at"]).date() == day}) for day in days]
        assert found["peak_in_payers_1d"] == max(payers, default=0)


@few
@given(TRANSFERS, CASH)
def test_tempo(transfers: list[dict[str, Any]], cash: list[dict[str, Any]]) -> None:
    for me, found in enumerate(rows("tempo", PEOPLE, transfers=transfers, cash=cash)):
        credits = [(t["at"], t["amount"]) for t in transfers if t["payee"] == me]
        debits = [(t["at"], t["amount"]) for t in transfers if t["payer"] == me]
        credits += [(c["at"], c["amount"]) for c in cash if c["entity"] == me and c["amount"] > 0]
        debits += [(c["at"], -c["amount"]) for c in cash if c["entity"] == me and c["amount"] < 0]
        waits = [min(d - at for d, _ in debits if d >= at) for at, _ in credits if any(d >= at for d, _ in debits)]
        usual = median(w.total_seconds() / 60 for w in waits) if waits else None
        assert found["dwell_minutes_median_all"] == (pytest.approx(usual) if waits else None)
        assert found["passed_1h_share_all"] == _passed(credits, debits)
        assert found["passed_1h_share_30d"] == _passed(credits, debits, AS_OF - 30 * DAY)
        moments = sorted({at for at, _ in credits + debits} | {PEOPLE[me]["valid_from"]})
        gaps = [(b - a) / DAY for a, b in pairwise(moments)]
        assert found["gap_days_max_all"] == (pytest.approx(max(gaps)) if gaps else None)
        active = [local(at).date() for at, _ in credits + debits]
        assert found["active_days_all"] == len(set(active))
        if active:
            busiest = min(set(active), key=lambda day: (-active.count(day), day))
            start = min(at for at, _ in credits + debits if local(at).date() == busiest)
            before = max(m for m in moments if m < start)
            assert found["gap_before_burst_days"] == pytest.approx((start - before) / DAY)


def _passed(
    credits: list[tuple[datetime, int]], debits: list[tuple[datetime, int]], since: datetime | None = None
) -> object:
    """As the family's docstring defines it."""
    start = since or ago(10**7)
    left = sum(min(a, sum(d for t, d in debits if at <= t <= at + HOUR)) for at, a in credits if at >= start)
    came = sum(min(d, sum(a for t, a in credits if at - HOUR <= t <= at)) for at, d in debits if at >= start)
    whole = sum(a for at, a in credits if at >= start)
    return pytest.approx(min(left, came) / whole) if whole else None


@few
@given(CASH)
def test_cash(cash: list[dict[str, Any]]) -> None:
    for me, found in enumerate(rows("cash_use", PEOPLE, cash=cash, transfers=[])):
        taken = [c for c in cash if c["entity"] == me and c["amount"] < 0]
        assert found["cash_out_count_all"] == len(taken)
        assert found["cash_out_amount_30d"] == -sum(c["amount"] for c in recent(taken, 30))
        assert found["cash_out_share_all"] == (1.0 if taken else None)
        mine = [c["at"] for c in cash if c["entity"] == me]
        near = [{c["entity"] for c in cash if abs(c["at"] - at) <= HOUR / 6} - {me} for at in mine]
        assert found["machine_cards_max"] == max(map(len, near), default=0)


def test_no_debit_counts_for_more_than_its_amount() -> None:
    credits = [_transfer(i, 1, 3, 50 - i, 100_000) for i in range(5)]
    debit = _transfer(9, 0, 2, 30, 100_000)
    assert row("tempo", PEOPLE, transfers=[*credits, debit])["passed_1h_share_all"] == pytest.approx(0.2)
    assert row("tempo", PEOPLE, transfers=[credits[0], debit])["passed_1h_share_all"] == 1.0


def test_an_hour_ends_after_sixty_minutes() -> None:
    credit, late, on_time = (
        _transfer(0, 1, 3, 100, 100_000),
        _transfer(1, 0, 1, 39, 100_000),
        _transfer(2, 0, 1, 40, 60_000),
    )
    assert row("tempo", PEOPLE, transfers=[credit, late])["passed_1h_share_all"] == 0.0
    assert row("tempo", PEOPLE, transfers=[credit, on_time])["passed_1h_share_all"] == pytest.approx(0.6)
