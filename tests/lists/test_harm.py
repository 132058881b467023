"""What lists did to the innocent, with exact intervals; too many cleared is told by an exact chance."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest
from scipy.stats import binom, binomtest

from fraudnet.lists.harm import interval, ledger, wrong_share
from fraudnet.lists.honesty import chance_of_so_many

T0 = datetime(2026, 8, 1, tzinfo=UTC)


def people() -> pl.DataFrame:
    rows = [
        ("wrong", "model", "person", "01", "under_25", 4, 1_000_000, 2),
        ("wrong", "victim", "person", "01", "60_and_over", 10, None, None),
        ("right", "model", "organisation", "79", None, 3, 5_000_000, 2),
        (None, "model", "person", None, "under_25", None, None, None),
    ]
    names = ["verdict", "source", "holder_kind", "province", "age_band", "judged", "amount", "held"]
    table = pl.DataFrame(rows, schema=names, orient="row").with_columns(listed_on=pl.lit(date(2026, 8, 1)))
    later = pl.lit(T0).cast(pl.Datetime("us", "UTC"))
    return table.with_columns(
        judged_at=later + pl.duration(days="judged"),
        held_from=pl.when(pl.col("amount").is_not_null()).then(later),
        held_until=later + pl.duration(days="held"),
    )


@pytest.mark.parametrize(("hits", "trials"), [(0, 0), (0, 5), (3, 7), (7, 7), (62, 100)])
def test_the_interval_is_clopper_pearsons(hits, trials):
    low, high = interval(hits, trials)
    if not trials:
        assert (low, high) == (0.0, 1.0)
        return
    known = binomtest(hits, trials).proportion_ci(0.95, "exact")
    assert (low, high) == pytest.approx((known.low, known.high))


def test_the_ledger_counts_people_days_and_money():
    whole, groups = ledger(people())
    assert {k: whole[k] for k in ("listed", "judged", "wrong", "days_to_clear", "held_people", "held_amount", "days_held")} == {
        "listed": 4, "judged": 3, "wrong": 2, "days_to_clear": 7.0, "held_people": 1, "held_amount": 1_000_000, "days_held": 2.0,
    }  # fmt: skip
    told = {(row["column"], row["value"]): (row["listed"], row["wrong"]) for row in groups.to_dicts()}
    assert told[("age_band", "under_25")] == (2, 1)
    assert told[("age_band", "unknown")] == (1, 0)
    assert told[("province", "01")] == (2, 2)
    assert sum(listed for (column, _), (listed, _) in told.items() if column == "source") == 4
    assert wrong_share(people().head(0))["high"] == 1.0


def test_the_chance_of_so_many_is_the_binomial_where_all_scores_are_equal():
    for cleared in range(8):
        assert chance_of_so_many(cleared, [0.7] * 7) == pytest.approx(binom.sf(cleared - 1, 7, 0.3))
    assert chance_of_so_many(5, [0.95] * 5) < 1e-5
    assert chance_of_so_many(1, [0.5, 0.1, 0.9]) == pytest.approx(1 - 0.5 * 0.1 * 0.9)
