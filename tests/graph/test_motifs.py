"""Every motif against a search of all combinations, on small random multigraphs; nothing later than its close counts."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudnet.graph import circles as circle_search
from fraudnet.graph import motifs
from fraudnet.graph.circles import circles, rounds
from fraudnet.graph.motifs import Moves

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = 3_600_000_000
WINDOW = 6 * HOUR
check = settings(max_examples=60, deadline=None)
transfers = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 24), st.sampled_from([80, 90, 95, 100])),
    max_size=26,
)
Row = tuple[int, int, int, int]


def table(rows: list[Row]) -> pl.DataFrame:
    """Transfers as the linked table has them; the third number counts hours."""
    return pl.DataFrame(
        {
            "payer": [r[0] for r in rows],
            "payee": [r[1] for r in rows],
            "at": [START + timedelta(hours=r[2]) for r in rows],
            "amount": [r[3] for r in rows],
            "row_id": [f"t{i:03}" for i in range(len(rows))],
        },
        schema={
            "payer": pl.Int64,
            "payee": pl.Int64,
            "at": pl.Datetime("us", "UTC"),
            "amount": pl.Int64,
            "row_id": pl.String,
        },
    )


def made(rows: list[Row]) -> Moves:
    return motifs.moves(table(rows))


def listed(moves: Moves) -> list[tuple[int, int, int, int]]:
    """Payer, payee, moment, amount per transfer, in order."""
    columns = (moves.nodes[moves.payer], moves.nodes[moves.payee], moves.at, moves.amount)
    return list(zip(*(c.tolist() for c in columns), strict=True))


@check
@given(transfers)
def test_transfers_are_in_order_of_time_and_name_their_rows(rows):
    moves = made(rows)
    assert (np.diff(moves.at) >= 0).all()
    frame = table(rows)
    there = frame.with_columns(pl.col("at").dt.epoch("us"))[moves.row.tolist()]
    assert listed(moves) == list(there.select("payer", "payee", "at", "amount").iter_rows())
    assert len(moves.row) == sum(a != b for a, b, _, _ in rows)


@check
@given(transfers, st.randoms())
def test_the_order_of_rows_does_not_matter(rows, random):
    frame = table(rows)
    order = list(range(len(rows)))
    random.shuffle(order)
    one, two = motifs.moves(frame), motifs.moves(frame[order])
    assert one.row.tolist() == [order[i] for i in two.row]
    assert motifs.chains(one, WINDOW).source.tolist() == motifs.chains(two, WINDOW).source.tolist()


@check
@given(transfers)
def test_fans_count_different_others(rows):
    moves = made(rows)
    all_of = listed(moves)
    for found, mine, other in ((motifs.fan_in(moves, WINDOW), 1, 0), (motifs.fan_out(moves, WINDOW), 0, 1)):
        for j, row in enumerate(all_of):
            near = [r for r in all_of[: j + 1] if r[mine] == row[mine] and row[2] - WINDOW < r[2] <= row[2]]
            assert found[j] == len({r[other] for r in near})


@check
@given(transfers)
def test_each_credit_is_passed_on_once_by_the_first_that_fits(rows):
    moves = made(rows)
    all_of = listed(moves)
    found = motifs.chains(moves, WINDOW, kept=100)
    source, depth = [-1] * len(all_of), [0] * len(all_of)
    for j, (payer, payee, at, amount) in enumerate(all_of):
        for i in reversed(range(j)):
            a, b, before, whole = all_of[i]
            near = before < at <= before + WINDOW
            if b == payer and a != payee and near and i not in source and 0.9 * whole <= amount <= whole:
                source[j], depth[j] = i, depth[i] + 1
                break
    assert found.source.tolist() == source
    assert found.depth.tolist() == depth
    assert all(found.source[j] == i for i, j in enumerate(found.follower) if j >= 0)
    assert not found.capped.any()


def every_circle(all_of: list[tuple[int, int, int, int]], longest: int) -> set[tuple[int, ...]]:
    """Circles by trying every way on from every transfer."""
    found: set[tuple[int, ...]] = set()

    def go(path: tuple[int, ...]) -> None:
        last = all_of[path[-1]]
        if last[1] == all_of[path[0]][0]:
            found.add(path)
        elif len(path) < longest and last[1] not in {all_of[i][0] for i in path}:
            for k, row in enumerate(all_of):
                if row[0] == last[1] and last[2] < row[2] <= all_of[path[0]][2] + WINDOW:
                    go((*path, k))

    for i in range(len(all_of)):
        go((i,))
    return found


@check
@given(transfers, st.integers(2, 6))
def test_circles(rows, longest):
    moves = made(rows)
    found = circles(moves, WINDOW, longest, cap=10_000, steps=10**9)
    as_rows = [tuple(i for i in row if i >= 0) for row in found.rows.tolist()]
    assert len(set(as_rows)) == len(as_rows)
    assert set(as_rows) == every_circle(listed(moves), longest)
    assert found.length.tolist() == [len(r) for r in as_rows]
    assert found.closing.tolist() == [r[-1] for r in as_rows]
    assert not found.capped.any()


@check
@given(transfers)
def test_circles_that_a_limit_cuts_off_are_reported_and_the_rest_is_right(rows):
    moves = made(rows)
    whole = {tuple(r) for r in circles(moves, WINDOW, 4, cap=10_000, steps=10**9).rows.tolist()}
    cut = circles(moves, WINDOW, 4, cap=1, steps=3)
    some = {tuple(r) for r in cut.rows.tolist()}
    assert some <= whole
    assert some == whole or cut.capped.any()


def counted_circles(all_of: list[Row], longest: int, cap: int, most: int) -> tuple[set[tuple[int, ...]], set[int]]:
    """Circles and cut accounts by looking back from each transfer, every credit on the way counted as it is met."""
    found: set[tuple[int, ...]] = set()
    cut: set[int] = set()

    def back(path: tuple[int, ...], met: list[int]) -> None:
        head, goal = all_of[path[0]], all_of[path[-1]][1]
        near = [i for i in range(path[0]) if all_of[i][1] == head[0] and all_of[i][2] >= all_of[path[-1]][2] - WINDOW]
        for place, i in enumerate(reversed(near)):
            if place >= cap or len(met) >= most:
                cut.add(head[0])
                return
            met.append(i)
            if all_of[i][2] >= head[2] or all_of[i][0] in {all_of[k][0] for k in path}:
                continue
            if all_of[i][0] == goal:
                found.add((i, *path))
            elif len(path) + 1 < longest:
                back((i, *path), met)

    for j, (_, payee, at, _) in enumerate(all_of):
        if any(row[0] == payee and row[2] >= at - WINDOW for row in all_of[:j]):
            back((j,), [])
    return found, cut


@check
@given(rows=transfers, piece=st.integers(1, 9), room=st.sampled_from([0, 1, 4]), hands=st.integers(1, 3))
def test_rounds_are_the_circles_counted_however_the_search_is_divided(
    rows: list[Row], piece: int, room: int, hands: int
) -> None:
    moves = made(rows)
    found = circles(moves)
    times, share = np.zeros((circle_search.LONGEST - 1, moves.n), np.int64), np.zeros(moves.n)
    for row in found.rows:
        there = row[row >= 0]
        first, last = moves.amount[there[0]], moves.amount[there[-1]]
        for account in moves.payer[there]:
            times[len(there) - 2, account] += 1
            share[account] = max(share[account], min(first, last) / first)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("PIECE", piece), ("ROOM", room), ("HANDS", hands)):
            patch.setattr(circle_search, name, value)
        counted, again = rounds(moves), circles(moves)
    assert np.array_equal(counted.times, times)
    assert np.array_equal(counted.share, share)
    assert np.array_equal(counted.capped, found.capped)
    assert np.array_equal(again.rows, found.rows)


@check
@given(transfers, st.integers(2, 5), st.integers(1, 4), st.integers(1, 12))
def test_limits_count_every_credit_that_a_look_back_meets(rows, longest, cap, most):
    moves = made(rows)
    found = circles(moves, WINDOW, longest, cap, most)
    expected, cut = counted_circles(listed(moves), longest, cap, most)
    assert {tuple(i for i in row if i >= 0) for row in found.rows.tolist()} == expected
    assert set(moves.nodes[found.capped].tolist()) == cut


def met(all_of: list[tuple[int, int, int, int]], kind: str) -> list[tuple[tuple[int, int], int, int, int]]:
    """Every pair of transfers that may be part of a motif: group, middle, first, second; the latest first one each."""
    pairs = []
    for j, (payer, payee, at, _) in enumerate(all_of):
        taken = set()
        for i in reversed(range(j)):
            a, b, before, _ = all_of[i]
            mine, far = (b, a) if kind == "scatter" else (a, b)
            if mine == payer and at - WINDOW <= before < at and far != payee and far not in taken:
                taken.add(far)
                group = (far, payee) if kind == "scatter" else (min(far, payee), max(far, payee))
                pairs.append((group, payer, i, j))
    return pairs


@check
@given(transfers)
@pytest.mark.parametrize("kind", ["scatter", "burst"])
def test_pairs_that_come_together(kind, rows):
    moves = made(rows)
    all_of = listed(moves)
    pairs = met(all_of, kind)
    wanted, closing = set(), {}
    for group in {p[0] for p in pairs}:
        mine = [p for p in pairs if p[0] == group]
        for _, _, _, j in sorted(mine, key=lambda p: p[3]):
            near = [p for p in mine if all_of[j][2] - WINDOW < all_of[p[3]][2] and p[3] <= j]
            if len({p[1] for p in near}) >= 3:
                for p in near:
                    wanted.add(p[2:])
                    closing.setdefault(p[2:], j)
    found = (motifs.scatter_gather if kind == "scatter" else motifs.bursts)(moves, WINDOW, least=3)
    as_pairs = list(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert set(as_pairs) == wanted
    assert len(as_pairs) == len(wanted)
    assert dict(zip(as_pairs, found.closing.tolist(), strict=True)) == closing


@check
@given(transfers)
def test_gather_scatter(rows):
    moves = made(rows)
    all_of = listed(moves)
    found = motifs.gather_scatter(moves, WINDOW, least=2)

    def scatters(j: int) -> bool:
        payer, _, at, _ = all_of[j]
        return len({r[0] for r in all_of if r[1] == payer and at - WINDOW <= r[2] < at}) >= 2

    def full(j: int, upto: int) -> bool:
        payer, _, at, _ = all_of[j]
        mine = [i for i in range(upto) if all_of[i][0] == payer and all_of[i][2] > at - WINDOW and scatters(i)]
        return len({all_of[i][1] for i in mine}) >= 2

    closes, open_before = [], {}
    for j, row in enumerate(all_of):
        before = open_before.get(row[0], False) and full(j, j)
        closes.append(full(j, j + 1) and not before)
        open_before[row[0]] = full(j, j + 1)
    assert found.tolist() == closes


def summary(moves: Moves, until: int) -> dict[str, set[tuple[int, ...]]]:
    """Everything that closed before a moment, by the rows of the table that make it up."""
    row = moves.row
    named = {"circles": circles(moves, WINDOW)}
    found = {
        "circles": {tuple(row[i] for i in r if i >= 0) for r in named["circles"].rows if moves.at[r.max()] < until}
    }
    for name, motif in (("scatter", motifs.scatter_gather), ("burst", motifs.bursts)):
        g = motif(moves, WINDOW, least=2)
        parts = zip(g.first, g.second, g.closing, strict=True)
        found[name] = {(row[a], row[b], row[c]) for a, b, c in parts if moves.at[c] < until}
    chained = motifs.chains(moves, WINDOW)
    found["chains"] = {
        (row[i], row[j], chained.depth[j]) for j, i in enumerate(chained.source) if i >= 0 and moves.at[j] < until
    }
    closes = motifs.gather_scatter(moves, WINDOW, least=2)
    found["relays"] = {(row[j],) for j in np.flatnonzero(closes) if moves.at[j] < until}
    fans = (motifs.fan_in(moves, WINDOW), motifs.fan_out(moves, WINDOW))
    found["fans"] = {(row[j], fans[0][j], fans[1][j]) for j in range(len(row)) if moves.at[j] < until}
    return found


@check
@given(transfers, st.integers(0, 24))
def test_what_comes_later_changes_nothing(rows, hour):
    """A replay that stops at any hour finds exactly what the whole history finds to be closed by then."""
    frame = table(rows)
    until = START + timedelta(hours=hour)
    stop = int(until.timestamp() * 1_000_000)
    replayed = motifs.moves(frame.with_columns(payer=pl.when(pl.col("at") < until).then("payer")))
    assert summary(replayed, stop) == summary(motifs.moves(frame), stop)


def test_a_hub_is_reported():
    rows = [(i + 1, 0, 0, 100) for i in range(80)] + [(0, 90, 2, 100)]
    moves = made(rows)
    assert moves.nodes[motifs.scatter_gather(moves).capped].tolist() == [0]
    assert moves.nodes[circles(moves, cap=10).capped].tolist() == []
    back = made([*rows, (90, 5, 3, 100)])  # the circle 5 > 0 > 90 > 5 closes through the hub
    assert back.nodes[circles(back, cap=10).capped].tolist() == [0]
    assert len(circles(back).rows) == 0
    assert len(circles(back, cap=100).rows) == 1


def test_nothing_in_nothing_out():
    moves = made([])
    assert moves.n == 0
    assert len(circles(moves).rows) == len(motifs.scatter_gather(moves).first) == len(motifs.fan_in(moves)) == 0


def test_kernels_are_right_without_compilation():
    code = (
        "import numpy as np, polars as pl\n"
        "from datetime import datetime, timedelta\n"
        "from fraudnet.graph import motif_roles, motif_ties, motifs\n"
        "from fraudnet.graph.csr import build\n"
        "from fraudnet.graph.centrality import betweenness\n"
        "n = 600\n"
        "a, b, h = np.arange(n) * 7 % 11, np.arange(n) * 5 % 13, np.arange(n) * 31 % 97\n"
        "at = [datetime(2026, 1, 1) + timedelta(hours=int(x)) for x in h]\n"
        "ids = [str(i) for i in range(n)]\n"
        "t = pl.DataFrame({'payer': a, 'payee': b, 'at': at, 'amount': 100 - h % 20, 'row_id': ids})\n"
        "given = motifs.moves(t)\n"
        "print({k: v.tolist() for k, v in motif_roles.roles(given).items()})\n"
        "g = build(a, b, np.ones(n), 13)\n"
        "x = motif_ties.ties(g, g.both_ways())\n"
        "print(x.near.toarray().tolist(), x.back.tolist(), x.along.tolist(), x.circles.tolist())\n"
        "print(betweenness(g, 5).tolist())\n"
    )
    outputs = []
    for disabled in ("0", "1"):
        environment = {**os.environ, "NUMBA_DISABLE_JIT": disabled}
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
        outputs.append(run.stdout)
    assert outputs[0] == outputs[1]
    assert "circles_6" in outputs[0]
