"""Parts that accounts play in motifs, by hand, and the transfers cited for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from fraudnet.graph import motifs
from fraudnet.graph.motif_roles import cited, roles

START = datetime(2026, 1, 1, tzinfo=UTC)
Row = tuple[int, int, float, int]


def table(rows: list[Row]) -> pl.DataFrame:
    columns = list(zip(*rows, strict=True))
    at = [START + timedelta(hours=h) for h in columns[2]]
    ids = [f"t{i}" for i in range(len(rows))]
    frame = pl.DataFrame({"payer": columns[0], "payee": columns[1], "at": at, "amount": columns[3], "row_id": ids})
    return frame.with_columns(pl.col("at").cast(pl.Datetime("us", "UTC")))


def part(rows: list[Row], role: str) -> dict[int, float]:
    """What each account has of a role, those with none left out."""
    given = motifs.moves(table(rows))
    values = roles(given)[role]
    return {int(n): v for n, v in zip(given.nodes, values.tolist(), strict=True) if v and not np.isnan(v)}


CHAIN: list[Row] = [(1, 2, 0, 1000), (2, 3, 5, 950), (3, 4, 20, 900), (8, 3, 1, 100)]
CIRCLE: list[Row] = [(1, 2, 0, 1000), (2, 3, 30, 900), (3, 1, 60, 800), (3, 2, 61, 50)]
SPREAD: list[Row] = [(1, m, m / 10, 100) for m in (2, 3, 4)] + [(m, 9, 5 + m / 10, 90) for m in (2, 3, 4)]
RELAY: list[Row] = [(m, 9, m / 10, 100) for m in (2, 3, 4)] + [(9, m, 5 + m / 10, 10) for m in (5, 6, 7)]
BURST: list[Row] = [(m, c, m + c / 10, 100) for m in (1, 2, 3) for c in (8, 9)]


def test_chains():
    assert part(CHAIN, "chain_starts") == {1: 1}
    assert part(CHAIN, "chain_middles") == {2: 1, 3: 1}
    assert part(CHAIN, "chain_ends") == {4: 1}
    assert part(CHAIN, "chain_longest") == {1: 3, 2: 3, 3: 3, 4: 3}
    assert part(CHAIN, "passed_share") == {2: 0.95, 3: pytest.approx(900 / 1050)}


def test_circles():
    assert part(CIRCLE, "circles_3") == {1: 1, 2: 1, 3: 1}
    assert part(CIRCLE, "circles_2") == {2: 1, 3: 1}
    assert part(CIRCLE, "circle_share") == {1: 0.8, 2: 0.8, 3: 0.8}
    assert part([*CIRCLE[:2], (3, 1, 7 * 24.5, 800)], "circles_3") == {}


def test_scatter_gather():
    assert part(SPREAD, "scatters") == {1: 1}
    assert part(SPREAD, "betweens") == {2: 1, 3: 1, 4: 1}
    assert part(SPREAD, "gathers") == {9: 1}
    assert part(SPREAD[:-1], "gathers") == {}


def test_relays_bursts_and_fans():
    assert part(RELAY, "relays") == {9: 1}
    assert part(RELAY[:-1], "relays") == {}
    assert part(BURST, "burst_payees") == {8: 1, 9: 1}
    assert part(BURST[:-1], "burst_payees") == {}
    assert part(BURST, "payers_peak") == {8: 3, 9: 3}
    assert part(BURST, "payees_peak") == {1: 2, 2: 2, 3: 2}


def test_nobody_plays_a_part_in_nothing():
    assert all(len(values) == 0 for values in roles(motifs.moves(table(CHAIN).clear())).values())
    assert cited(motifs.moves(table(CHAIN).clear()), np.array([1])).height == 0


@pytest.mark.parametrize(
    ("rows", "motif", "account", "wanted"),
    [
        (CHAIN, "chain", 4, {0, 1, 2}),
        (CIRCLE, "circle", 1, {0, 1, 2}),
        (SPREAD, "scatter_gather", 3, set(range(6))),
        (RELAY, "gather_scatter", 9, set(range(6))),
        (BURST, "burst", 1, set(range(6))),
    ],
)
def test_the_transfers_of_a_motif_are_cited(rows: list[Row], motif: str, account: int, wanted: set[int]):
    frame = table(rows)
    found = cited(motifs.moves(frame), np.array([account])).filter(pl.col("motif") == motif)
    assert set(found["row"]) == wanted
    at = frame["at"].gather(found["row"])
    assert (found["at"] >= at).all()
    assert found["at"].max() == max(frame["at"].gather(sorted(wanted)))
    assert motif not in set(cited(motifs.moves(frame), np.array([99]))["motif"])
