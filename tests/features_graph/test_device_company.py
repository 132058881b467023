"""Who counts as company on a device: those who used it at about the same time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from fraudnet.contracts.drop import RECORDS, Records
from fraudnet.contracts.graph import Link, Node
from fraudnet.features.views import HANDED_ON, HUB, views
from fraudnet.graph.flows import Flows

T0 = datetime(2026, 1, 1, tzinfo=UTC)
DEVICE = 1_000


def use(node: int, begin: float | None, end: float | None, still: bool = False) -> dict:
    first, last = (None if day is None else T0 + timedelta(days=day) for day in (begin, end))
    return {"source": node, "target": DEVICE, "kind": "uses", "directed": True, "n": 1, "amount": 0, "weight": 1.0,
            "first_at": first, "last_at": last, "valid_from": first if still else None, "valid_to": None}  # fmt: skip


def met(*uses: dict) -> set[tuple[int, int]]:
    links = pl.LazyFrame(list(uses), schema=Link.create_empty().schema)
    ids = sorted({row["source"] for row in uses})
    known = {"node": ids, "entity_id": [f"account:b:{i}" for i in ids], "kind": ["account"] * len(ids)}
    nodes = pl.DataFrame({**known, "listed": [True] * len(ids)}).with_columns(
        pl.lit(None).alias(c) for c in Node.column_names() if c not in (*known, "listed")
    )
    records = Records({name: RECORDS[name].create_empty().lazy() for name in ("accounts", "uses")})
    view = next(v for v in views(Flows(links), records, "account") if v.name == "device")
    one, other = view.ends(links, nodes)
    return set(zip(one.to_list(), other.to_list(), strict=True))


@pytest.mark.parametrize(("gap", "together"), [(-5, True), (HANDED_ON.days, True), (HANDED_ON.days + 1, False)])
def test_a_device_that_was_handed_on_long_ago_makes_no_company(gap, together):
    found = met(use(1, 0, 10), use(2, 10 + gap, 200))
    assert found == ({(1, 2), (2, 1)} if together else set())


def test_who_still_uses_it_meets_everybody_who_comes_later():
    assert met(use(1, 0, 0, still=True), use(2, 300, 310)) == {(1, 2), (2, 1)}


def test_unknown_times_are_no_reason_to_keep_two_apart():
    assert met(use(1, None, None), use(2, 300, 310)) == {(1, 2), (2, 1)}


def test_a_device_of_a_crowd_links_nobody():
    assert met(*(use(i, 0, 10) for i in range(HUB + 1))) == set()
