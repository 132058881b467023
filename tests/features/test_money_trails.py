"""What follows money onward, to desks, to shops: against plain Python and by hand."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from statistics import median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keyed import AS_OF, ago, row, rows

N = 5
DAY = timedelta(days=1)
PEOPLE = [{"valid_from": ago(60 * 24 * 300)} for _ in range(N)]
MINUTES = st.one_of(st.integers(1, 300), st.integers(1, 8).map(lambda d: d * 720), st.integers(1, 100 * 1440))
AMOUNTS = st.sampled_from([3_000, 10_000, 20_000, 1_000_000, 1_020_000, 2_000_000, 60_000_000])
TRANSFERS = st.lists(
    st.tuples(st.integers(0, N - 1), st.integers(1, N - 1), MINUTES, AMOUNTS), min_size=1, max_size=40
).map(lambda many: [paid(i, p, (p + step) % N, m, a) for i, (p, step, m, a) in enumerate(many)])
few = settings(max_examples=40, deadline=None)


def paid(i: int, payer: int, payee: int, minutes: float, amount: int, **more: Any) -> dict[str, Any]:
    return {"transfer_id": f"t{i}", "payer": payer, "payee": payee, "at": ago(minutes), "amount": amount, **more}


def recent(moves: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [m for m in moves if m["at"] >= AS_OF - 90 * DAY]


def passed_on(moves: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each debit with the credits at the last moment its payer was paid, at most two days before."""
    found = []
    for debit in moves:
        before = [c for c in moves if c["payee"] == debit["payer"] and c["at"] <= debit["at"]]
        last = max((c["at"] for c in before), default=None)
        if last is None or debit["at"] - last > 2 * DAY:
            continue
        credits = [c for c in before if c["at"] == last]
        payers = {c["payer"] for c in credits}
        found.append(
            {
                "source": payers.pop() if len(payers) == 1 else None,
                "node": debit["payer"],
                "target": debit["payee"],
                "came": sum(c["amount"] for c in credits),
                "went": debit["amount"],
                "minutes": (debit["at"] - last).total_seconds() / 60,
            }
        )
    return found


@few
@given(TRANSFERS)
def test_rejoined_money(moves: list[dict[str, Any]]) -> None:
    ways: dict[Any, dict[int, float]] = defaultdict(dict)
    for p in passed_on(recent(moves)):
        if p["source"] is not None and p["source"] != p["target"] and 0.5 <= p["went"] / p["came"] <= 1.05:
            middles = ways[p["source"], p["target"]]
            middles[p["node"]] = min(p["minutes"], middles.get(p["node"], p["minutes"]))
    for found in rows("onward", PEOPLE, transfers=moves):
        mine = [
            (len(middles), median(middles.values()))
            for ends, middles in ways.items()
            if len(middles) > 1 and (found["node"] in ends or found["node"] in middles)
        ]
        width = max((n for n, _ in mine), default=0)
        assert found["rejoined_width_90d"] == width
        if width:
            assert found["rejoined_minutes_90d"] == pytest.approx(min(m for n, m in mine if n == width))
        else:
            assert found["rejoined_minutes_90d"] is None


@few
@given(TRANSFERS)
def test_cuts(moves: list[dict[str, Any]]) -> None:
    cuts: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for p in passed_on(recent(moves)):
        permille = p["went"] * 1000 // p["came"]
        if 3 <= permille <= 120:
            cuts[p["target"]].append((p["node"], (permille + 2) // 5))
    for found in rows("onward", PEOPLE, transfers=moves):
        mine = cuts[found["node"]]
        steps = [s for _, s in mine]
        even = max((steps.count(s) for s in steps), default=0)
        credits = sum(m["payee"] == found["node"] for m in recent(moves))
        assert found["cut_payers_90d"] == len({p for p, _ in mine})
        assert found["even_cuts_90d"] == even
        assert found["even_cut_share_90d"] == (pytest.approx(even / credits) if even else None)


@few
@given(TRANSFERS)
def test_probes(moves: list[dict[str, Any]]) -> None:
    for found in rows("probes", PEOPLE, transfers=moves):
        mine = [m for m in moves if m["payee"] == found["node"]]
        tiny = [m for m in mine if m["amount"] <= 10_000]
        others, same = [], 0
        for large in (m for m in recent(mine) if m["amount"] >= 1_000_000):
            before = [t for t in tiny if t["at"] <= large["at"] <= t["at"] + 3 * DAY]
            if before:
                last = max(t["at"] for t in before)
                probers = {t["payer"] for t in before if t["at"] == last}
                same += probers == {large["payer"]}
                others += [large["amount"]] if probers != {large["payer"]} else []
        assert found["probe_payers_90d"] == len({t["payer"] for t in recent(tiny)})
        assert (found["probed_in_count_90d"], found["probed_in_amount_90d"]) == (len(others), sum(others))
        assert found["checked_in_count_90d"] == same


@few
@given(TRANSFERS)
def test_crowds_and_evenings(moves: list[dict[str, Any]]) -> None:
    cash = [
        {"cash_id": f"{i}", "entity": m["payer"], "at": m["at"], "amount": -50_000, "place": f"m{m['payee'] % 2}"}
        for i, m in enumerate(moves)
    ]
    for found in rows("cash_use", PEOPLE, cash=cash):
        days = set()
        for c in (c for c in recent(cash) if c["entity"] == found["node"]):
            near = [
                o["entity"] for o in cash
                if o["place"] == c["place"] and abs(o["at"] - c["at"]) <= timedelta(minutes=10)
            ]  # fmt: skip
            if len(set(near) - {found["node"]}) >= 2:
                days.add((c["at"] + timedelta(hours=7)).date())
        assert found["machine_crowd_days_90d"] == len(days)
    for found in rows("money", PEOPLE, transfers=moves):
        mine = [m for m in recent(moves) if m["payee"] == found["node"]]
        late = [m for m in mine if 18 <= (m["at"] + timedelta(hours=7)).hour < 23]
        assert found["in_evening_share_90d"] == (pytest.approx(len(late) / len(mine)) if mine else None)


ACCOUNTS = [{"entity": i, "kind": kind} for i, kind in enumerate(("personal", "exchange", "merchant", "corporate"))]
FOUR = PEOPLE[:4]


def test_desks_take_and_give() -> None:
    moves = [
        paid(0, 3, 0, 5_000, 800),  # comes
        paid(1, 0, 1, 4_990, 600),  # goes to the desk ten minutes later
        paid(2, 0, 2, 4_000, 200),
        paid(3, 1, 0, 3_000, 200),
        paid(4, 0, 1, 1440 * 95, 1_000),  # before the window
    ]
    found = row("exits", FOUR, accounts=ACCOUNTS, transfers=moves)
    assert found["exchange_out_count_90d"] == 1
    assert found["exchange_out_share_90d"] == pytest.approx(600 / 800)
    assert found["exchange_out_share_all"] == pytest.approx(1_600 / 1_800)
    assert found["exchange_in_share_90d"] == pytest.approx(200 / 1_000)
    assert found["exchange_dates_90d"] == 2
    assert found["exchange_wait_minutes_median_90d"] == pytest.approx(10)
    unknown = [{**account, "kind": None} for account in ACCOUNTS]
    assert {v for k, v in row("exits", FOUR, accounts=unknown, transfers=moves).items() if k != "node"} == {None}


def test_a_desk_by_its_institution() -> None:
    people = [{"valid_from": ago(9)}, {"valid_from": ago(9), "institution": "desk"}]
    houses = [{"institution": "desk", "kind": "exchange"}]
    accounts = [{"entity": 0, "kind": "personal"}]
    moves = [paid(0, 0, 1, 5, 10)]

    found = row("exits", people, accounts=accounts, institutions=houses, transfers=moves)
    assert found["exchange_out_share_all"] == 1.0


def test_trade_counts_refunds_and_purchases() -> None:
    sold = [paid(i, 0, 2, 900 + i, 100) for i in range(4)]
    back = paid(8, 2, 0, 500, 100, text_class="refund")
    bought = [paid(9, 2, 3, 400, 300)]
    found = row("trade", FOUR, 2, accounts=ACCOUNTS, transfers=[*sold, back, *bought])
    assert found["is_merchant"] == 1
    assert found["refund_share_90d"] == pytest.approx(1 / 4)
    assert found["business_out_share_90d"] == pytest.approx(300 / 400)
    silent = row("trade", FOUR, 2, accounts=ACCOUNTS, transfers=[*sold, *bought])
    assert silent["refund_share_90d"] is None, "a drop that names no refund says nothing about refunds"
    named = {**back, "text_class": None, "refund_of": "t0"}
    assert row("trade", FOUR, 2, accounts=ACCOUNTS, transfers=[*sold, named])["refund_share_90d"] == pytest.approx(
        1 / 4
    )


def test_firms_of_one_head() -> None:
    firm_a, firm_b, head = 3, 4, 5
    people = [{"holder": firm_a}, {"holder": firm_b}, {"holder": head}, *[{"kind": "identity"}] * 3]
    founded = AS_OF.date() - timedelta(days=40)
    files = [
        {"entity": head, "source_id": "p", "kind": "person", "birth_date": date(1980, 1, 1)},
        {"entity": firm_a, "source_id": "a", "kind": "organisation", "birth_date": founded, "capital": 900,
         "representative_id": "p"},
        {"entity": firm_a, "source_id": "a", "kind": "organisation", "capital": 700, "source": "t"},
        {"entity": firm_b, "source_id": "b", "kind": "organisation", "representative_id": "p"},
        {"entity": firm_b, "source_id": "b2", "kind": "organisation", "representative_id": "p", "source": "t"},
    ]  # fmt: skip
    found = rows("firms", people, identities=files)
    assert found[0]["firm_age_days"] == pytest.approx(40)
    assert (found[0]["firm_capital_amount"], found[0]["head_firms_count"]) == (700, 2)
    assert (found[1]["firm_age_days"], found[1]["head_firms_count"]) == (None, 2)
    assert {v for k, v in found[2].items() if k != "node"} == {None}


def test_gaps_of_two_days_and_more_are_not_followed() -> None:
    for minutes, seen in ((2 * 1440, True), (2 * 1440 + 1, False)):
        moves = [paid(0, 1, 0, 5_000, 1_000), paid(1, 0, 2, 5_000 - minutes, 50)]
        assert (row("onward", FOUR, 2, transfers=moves)["cut_payers_90d"] == 1) is seen
