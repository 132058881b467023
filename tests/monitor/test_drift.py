from __future__ import annotations

from datetime import date
from fnmatch import fnmatchcase

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact, poisson_binom

from fraudnet.features import families
from fraudnet.model.reference import bins_of
from fraudnet.monitor.drift import ALARM, EXPECTED, QUIET, WATCH, drift
from fraudnet.monitor.exact import population_stability, same_shares, unlikely_few
from fraudnet.monitor.regimes import regimes
from fraudnet.typologies import typologies


def values(n: int, shift: float = 0.0, seed: int = 1) -> np.ndarray:
    return np.random.default_rng([seed, n]).lognormal(size=n) + shift


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(-3, 9)), max_size=80))
def test_every_row_lies_in_one_bin_and_equal_values_in_the_same(rows: list[int | None]) -> None:
    column = np.array([np.nan if one is None else one for one in rows], dtype=float)
    found = bins_of(column)
    assert sum(found.counts) == len(rows)
    assert found.counts == found.count(column)
    assert found.counts[0] == sum(one is None for one in rows)
    assert len(found.counts) == len(found.edges) + 2
    assert list(found.edges) == sorted(set(found.edges))
    for one in {one for one in rows if one is not None}:
        assert sorted(found.count(np.full(3, float(one))))[-1] == 3


def test_bins_are_tenths_and_do_not_depend_on_the_order_of_rows() -> None:
    column = values(1_000)
    assert set(bins_of(column).counts[1:]) <= {99, 100, 101}
    assert bins_of(np.random.default_rng(2).permutation(column)) == bins_of(column)


def test_stability_is_the_sum_over_the_bins() -> None:
    assert population_stability((0, 50, 50), (0, 50, 50)) == 0
    p, q = np.array([0.5, 90.5, 10.5]), np.array([0.5, 60.5, 40.5])
    p, q = p / p.sum(), q / q.sum()
    assert population_stability((0, 90, 10), (0, 60, 40)) == pytest.approx(((q - p) * np.log(q / p)).sum())


def test_two_bins_are_fishers_test() -> None:
    before, now = (30, 70), (45, 55)
    one_sided = min(fisher_exact([before, now], alternative=side).pvalue for side in ("less", "greater"))
    assert same_shares(before, now) == pytest.approx(min(1.0, 2 * one_sided * 2))
    assert same_shares((10, 0), (12, 0)) == 1.0
    assert same_shares((0, 0), (12, 3)) == 1.0


def test_equal_populations_rarely_raise_anything() -> None:
    wrong = 0
    for seed in range(40):
        before = {f"c{k}": bins_of(values(400, seed=seed * 100 + k)) for k in range(20)}
        now = {
            name: one.count(values(500, seed=7_000 + seed * 100 + k)) for k, (name, one) in enumerate(before.items())
        }
        wrong += (drift(before, now, (), ())["level"] != QUIET).any()
    assert wrong <= 2


def test_a_moved_column_is_an_alarm_and_a_growing_or_ruled_one_is_expected() -> None:
    names = ("quiet", "moved", "age_days", "sim_swaps_90d", "gone")
    before = {name: bins_of(values(800, seed=k)) for k, name in enumerate(names)}
    now = {name: before[name].count(values(900, 1.0, seed=50 + k)) for k, name in enumerate(names)}
    now["quiet"] = before["quiet"].count(values(900, seed=90))
    now["gone"] = before["gone"].count(np.full(900, np.nan))
    rules = regimes(date(2026, 6, 1), date(2026, 7, 1))
    assert [one.on for one in rules] == [date(2026, 6, 15)]
    table = {row["name"]: row for row in drift(before, now, ("age_days",), rules).to_dicts()}
    assert {name: row["level"] for name, row in table.items()} == {
        "quiet": QUIET, "moved": ALARM, "age_days": EXPECTED, "sim_swaps_90d": EXPECTED, "gone": ALARM,
    }  # fmt: skip
    assert table["gone"]["unknown_now"] == 1.0
    assert "2026-06-15" in table["sim_swaps_90d"]["expected_by"]
    assert next(iter(table)) == "gone"
    hardly = {row["name"]: row["level"] for row in drift(before, now, (), (), {"moved": 0.001, "gone": 0.2}).to_dicts()}
    assert (hardly["moved"], hardly["gone"]) == (WATCH, ALARM)


def test_regimes_lie_after_one_day_and_until_another_and_name_their_source() -> None:
    everything = regimes(date(2000, 1, 1), date(2100, 1, 1))
    assert [one.on for one in everything] == sorted(one.on for one in everything)
    assert all(one.source and one.what and one.columns for one in everything)
    on = everything[0].on
    assert everything[0] not in regimes(on, date(2100, 1, 1))
    assert regimes(date(2000, 1, 1), on) == everything[:1]


def test_every_pattern_of_a_regime_names_a_column() -> None:
    schemas = [family.schema for family in families() if family.schema is not None]
    names = {name for schema in schemas for name in schema.column_names()}
    names |= {f"{one.name}_strength" for one in typologies()}
    for regime in regimes(date(2000, 1, 1), date(2100, 1, 1)):
        for pattern in regime.columns:
            assert any(fnmatchcase(name, pattern) for name in names), pattern


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=12), st.integers(0, 12))
def test_few_hits_have_the_chance_of_the_poisson_binomial(p: list[float], observed: int) -> None:
    seen = min(observed, len(p))
    assert unlikely_few(np.array(p), seen) == pytest.approx(poisson_binom.cdf(seen, p), abs=1e-9)
