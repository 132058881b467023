"""The money trail against the rules told plainly, and what must hold of it whatever the ledger."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import timedelta
from itertools import combinations
from types import SimpleNamespace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import START, name, records, slowly

from fraudnet.cases import kernels
from fraudnet.cases.hold import flow, outward, smallest_hold
from fraudnet.cases.ledger import Ledger, ledger
from fraudnet.cases.requests import asks, letter, listing
from fraudnet.cases.trail import Paid, Trail, follow
from fraudnet.contracts.cases import RULES
from fraudnet.contracts.parties import Institution
from fraudnet.errors import InputError
from fraudnet.pipeline.casework.tracing import Report, for_file, found

Move = tuple[int, int, int, int]
MOVES = st.lists(
    st.tuples(st.integers(1, 40), st.integers(0, 4), st.integers(-1, 4), st.integers(1, 30)).filter(
        lambda m: m[1] != m[2]
    ),
    min_size=2,
    max_size=14,
)


def traced(moves: list[Move], *, opened: bool = True) -> tuple[Trail, Ledger]:
    """A trail of 20 that a stranger (9) paid into account 0 in minute 0."""
    book = ledger(records([(0, 9, 0, 20), *moves], opened))
    row = book.moves.filter(pl.col("payer") == book.code(name(9)))
    return follow(book, [Paid(name(0), START, 20, row["number"][0])]), book


def least_openings(moves: list[Move]) -> dict[int, int]:
    """The smallest opening balances under which nobody ever pays what is not there."""
    level, lowest = {}, {}
    order = sorted(moves, key=lambda m: (m[0], m[1] >= 0 and m[2] >= 0, moves.index(m)))
    for _, payer, payee, amount in order:
        for account, change in ((payer, -amount), (payee, amount)):
            level[account] = level.get(account, 0) + change
            lowest[account] = min(lowest.get(account, 0), level[account])
    return {account: -low for account, low in lowest.items()}


def left(trail: Trail, column: str) -> dict[str, int]:
    return dict(trail.accounts.filter(pl.col(column) > 0).select("account", column).iter_rows())


@settings(max_examples=25)
@given(MOVES)
def test_every_rule_is_as_it_is_told(moves: list[Move]) -> None:
    moves = sorted(moves)
    trail, _ = traced(moves)
    every = [(0, 9, 0, 20), *moves]
    base = least_openings(every)
    for rule in RULES:
        plain = slowly(rule, every, {0: 20}, base)
        assert left(trail, rule) == {name(a): part for a, part in plain.items() if part}, rule


@settings(max_examples=25)
@given(MOVES)
def test_nothing_is_lost_and_bounds_hold(moves: list[Move]) -> None:
    for opened in (True, False):
        trail, _ = traced(sorted(moves), opened=opened)
        for rule in RULES:
            assert trail.accounts[rule].sum() == trail.total == 20
            inside = trail.accounts.filter(
                (pl.col(f"{rule}_least") <= pl.col(rule)) & (pl.col(rule) <= pl.col(f"{rule}_most"))
            )
            assert inside.height == trail.accounts.height
        assert (trail.accounts["floor"] <= trail.accounts.select(pl.min_horizontal(*RULES)).to_series()).all()


@settings(max_examples=20)
@given(MOVES, st.dictionaries(st.integers(0, 4), st.integers(0, 40)))
def test_bounds_cover_every_opening_balance(moves: list[Move], more: dict[int, int]) -> None:
    trail, _ = traced(sorted(moves), opened=False)
    every = [(0, 9, 0, 20), *sorted(moves)]
    base = {a: low + more.get(a, 0) for a, low in least_openings(every).items()}
    told = {row["account"]: row for row in trail.accounts.iter_rows(named=True)}
    for rule in RULES:
        for account, part in slowly(rule, every, {0: 20}, base).items():
            row = told.get(name(account))
            # Each credit rounds down once: a bound may be off by one đồng per move.
            assert part <= (row[f"{rule}_most"] if row else 0) + len(every)
            assert part >= (row[f"{rule}_least"] if row else 0) - len(every)


def test_rows_may_come_in_any_order() -> None:
    moves = [(1, 0, 1, 12), (2, 1, 2, 9), (3, 0, 3, 5), (4, 2, -1, 4), (5, 3, 1, 2)]
    first, book = traced(moves)
    told = records([(0, 9, 0, 20), *moves], True)
    mixed = told.with_tables(**{k: v.collect().reverse().lazy() for k, v in told.tables.items()})
    again = ledger(mixed)
    row = again.moves.filter(pl.col("payer") == again.code(name(9)))["number"][0]
    assert follow(again, [Paid(name(0), START, 20, row)]).accounts.equals(first.accounts)
    assert book.moves.height == 8


def test_a_report_without_a_move_is_followed_too() -> None:
    book = ledger(records([(5, 0, 1, 20), (6, 1, -1, 20)], True))
    trail = follow(book, [Paid(name(0), START + timedelta(minutes=4), 20)])
    assert left(trail, "fifo") == {"exit:cash": 20}


def test_accounts_nobody_tells_about_are_named() -> None:
    told = records([(1, 0, 1, 9), (2, 0, 2, 8), (3, 5, 0, 30)], False, whole=False)
    statement = told.tables["transfers"].with_columns(payee=pl.col("payee").str.replace("970436:2", "970407:2"))
    book = ledger(told.with_tables(transfers=statement))
    trail = follow(book, [Paid(name(0), START, 17)])
    assert dict(trail.accounts.select("account", "state").iter_rows()) == {
        name(0): "held", "account:970436:1": "beyond", "account:970407:2": "beyond",
    }  # fmt: skip
    first, second = asks(trail)
    assert (first.institution, first.sum, second.institution, second.sum) == ("970436", 9, "970407", 8)
    said = letter(first, "Ngân hàng Sao Mai").decode()
    assert "Ngân hàng Sao Mai (mã 970436)" in said
    assert "Tài khoản 1, lúc 07:01 01/09/2026: nhận 9\u00a0đ" in said
    rows = listing(first).decode("utf-8-sig").splitlines()
    assert rows[0].startswith("institution,account,arrived,amount,victims_money")
    assert "970436,account:970436:1,2026-09-01T00:01:00+00:00,9,9" in rows[1]


@pytest.mark.parametrize("amount", [0, -5, 1 << 46])
def test_sums_that_cannot_be(amount: int) -> None:
    book = ledger(records([(1, 0, 1, 9)], True))
    with pytest.raises(InputError):
        follow(book, [Paid(name(0), START, amount)])


WAYS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 6), st.integers(1, 30)), max_size=10, unique_by=lambda w: w[:2]
)


@settings(max_examples=20)
@given(st.dictionaries(st.integers(0, 4), st.integers(0, 25), max_size=5), WAYS)
def test_the_hold_is_the_smallest_cut(floors: dict[int, int], listed: list[tuple[int, int, int]]) -> None:
    outs = {5: "cash", 6: "crypto"}
    rows = [(name(a), outs.get(b, name(b)), most) for a, b, most in listed if a != b]
    ways = pl.DataFrame(rows, schema={"payer": pl.String, "payee": pl.String, "most": pl.Int64}, orient="row")
    caps = {name(a): floor for a, floor in floors.items()}
    held = smallest_hold(caps, ways)
    total = brute_cut(caps, rows)
    assert sum(amount for _, amount, _ in held) == total
    assert all(0 < amount <= caps[account] for account, amount, _ in held)
    fewest = min(
        size for size in range(len(caps) + 1) for some in combinations(sorted(caps), size)
        if brute_cut({a: caps[a] for a in some}, rows) == total
    )  # fmt: skip
    assert len(held) == fewest
    assert flow(caps, outward(ways)) == total


def brute_cut(caps: dict[str, int], rows: list[tuple[str, str, int]]) -> int:
    """The cheapest way to part the sources from the outs, over every division of the accounts."""
    inner = sorted({n for row in rows for n in row[:2] if ":" in n} | set(caps))
    best = sum(caps.values())
    for size in range(len(inner) + 1):
        for near in map(set, combinations(inner, size)):
            cost = sum(cap for account, cap in caps.items() if account not in near)
            cost += sum(most for payer, payee, most in rows if payer in near and payee not in near)
            best = min(best, cost)
    return best


@given(st.integers(0, kernels.LIMIT - 1), st.integers(1, kernels.LIMIT - 1), st.data())
def test_shares_are_exact_for_large_sums(whole: int, of: int, data: st.DataObject) -> None:
    take = data.draw(st.integers(0, of))
    assert kernels.part_of(whole % (of + 1), take, of) == whole % (of + 1) * take // of


def test_the_loop_is_right_without_compilation() -> None:
    moves = [(1, 0, 1, 12), (2, 1, 2, 9), (3, 0, 3, 5), (4, 2, -1, 4)]
    program = (
        "import sys; sys.path.insert(0, 'tests/cases'); from test_trail import traced; "
        f"print(traced({moves})[0].accounts.rows())"
    )
    plain = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "NUMBA_DISABLE_JIT": "1"}, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert plain.stdout.strip() == str(traced(moves)[0].accounts.rows())


def test_where_money_ends() -> None:
    told = records([(1, 0, 1, 9), (2, 0, 2, 5), (3, 0, 3, 3)], True)
    abroad = told.tables["transfers"].with_columns(payee=pl.col("payee").str.replace("970436:1", "BKKBTHBK:1"))
    kinds = told.tables["accounts"].with_columns(
        kind=pl.when(pl.col("account_number") == "2").then(pl.lit("exchange")).when(pl.col("account_number") == "3")
        .then(pl.lit("merchant")).cast(told.tables["accounts"].collect_schema()["kind"])
    )  # fmt: skip
    trail = follow(ledger(told.with_tables(transfers=abroad, accounts=kinds)), [Paid(name(0), START, 17)])
    assert dict(trail.accounts.filter(pl.col("fifo") > 0).select("account", "state").iter_rows()) == {
        "account:BKKBTHBK:1": "abroad", name(2): "crypto", name(3): "seller",
    }  # fmt: skip


def test_an_answer_continues_the_trail() -> None:
    told = records([(0, 9, 0, 20), (1, 0, 1, 20), (2, 1, 2, 15), (3, 2, -1, 6)], False)
    other = (
        pl.col("payer").str.replace("970436:([12])$", "970407:$1"),
        pl.col("payee").str.replace("970436:([12])$", "970407:$1"),
    )
    both = told.tables["transfers"].with_columns(*other)
    theirs = pl.col("payer").str.contains("970407")
    asked = both.filter(~theirs)
    strangers = both.head(1).with_columns(payer=pl.lit("account:970407:8"), payee=pl.lit("account:970407:9"))
    answer = pl.concat([asked, both.filter(theirs).with_columns(source=pl.lit("970407")),
                        strangers.with_columns(source=pl.lit("970407"), row_id=pl.lit("b.csv#9"))])  # fmt: skip
    cash = told.tables["cash"].with_columns(entity=pl.lit("account:970407:2"), source=pl.lit("970407"))
    before = follow(ledger(told.with_tables(transfers=asked, cash=cash.head(0))), [Paid(name(0), START, 20)])
    after = follow(ledger(told.with_tables(transfers=answer, cash=cash)), [Paid(name(0), START, 20)])
    assert [(ask.institution, ask.sum) for ask in asks(before)] == [("970407", 20)]
    assert asks(after) == []
    assert left(after, "fifo") == {"account:970407:1": 5, "account:970407:2": 9, "exit:cash": 6}


def test_one_of_our_banks_is_not_abroad_whatever_its_key_looks_like() -> None:
    told = records([(1, 0, 1, 9)], True)
    renamed = told.tables["transfers"].with_columns(payee=pl.col("payee").str.replace("970436:1", "AGRIBANK:1"))
    columns = Institution.columns().items()
    listed = pl.DataFrame([{"institution": "AGRIBANK", "kind": "bank"}], {n: c.dtype for n, c in columns}, strict=False)
    stranger = follow(ledger(told.with_tables(transfers=renamed)), [Paid(name(0), START, 9)])
    ours = follow(ledger(told.with_tables(transfers=renamed, institutions=listed.lazy())), [Paid(name(0), START, 9)])
    states = [
        dict(one.accounts.select("account", "state").iter_rows())["account:AGRIBANK:1"] for one in (stranger, ours)
    ]
    assert states == ["abroad", "beyond"]


@pytest.mark.parametrize(("moves", "numbers"), [([(0, 9, 0, 20)], 1), ([(0, 9, 0, 20), (3, 8, 0, 20)], 2)])
def test_a_payment_that_is_reported_twice_counts_once(moves: list[Move], numbers: int) -> None:
    reports = [Report(name(0), START, 20)] * 2
    book, paid = found(SimpleNamespace(records=records(moves, True)), reports)  # type: ignore[arg-type]
    assert len({one.number for one in paid}) == len(paid) == numbers
    trail = follow(book, paid)
    assert trail.total == 20 * numbers == sum(left(trail, "fifo").values())


@pytest.mark.parametrize("key", ["../../home", "a/b", "..", "a b", ""])
def test_no_key_of_an_institution_names_another_folder(key: str) -> None:
    assert for_file("970436") == "970436" and for_file("AGRI-1_b") == "AGRI-1_b"
    assert re.fullmatch("[0-9a-f]{8}", for_file(key))
