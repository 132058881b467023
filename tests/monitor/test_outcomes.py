from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from scipy.stats import binomtest

from fraudnet.monitor.drift import ALARM, QUIET
from fraudnet.monitor.labels import confirmed_by_month, label_drift
from fraudnet.monitor.outcome import EARLY, Span, outcome

SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def flagged(n: int = 60, p: float = 0.5) -> pl.DataFrame:
    return pl.DataFrame({"entity_id": [f"account:{k}" for k in range(n)], "probability": [p] * n})


def known(n: int, days: int = 40) -> pl.DataFrame:
    return pl.DataFrame(
        {"entity_id": [f"account:{k}" for k in range(n)], "known_at": [SINCE + timedelta(days=days)] * n},
        schema={"entity_id": pl.String, "known_at": pl.Datetime("us", "UTC")},
    )


def test_an_outcome_as_promised_is_quiet_and_far_fewer_is_an_alarm() -> None:
    span = Span(SINCE, SINCE + timedelta(days=95), 90)
    good, bad = (outcome(flagged(), known(n), span, 0.5) for n in (29, 15))
    assert (good["level"], good["confirmed"], good["expected"]) == (QUIET, 29, pytest.approx(30.0))
    assert (bad["level"], bad["precision_at_least"]) == (ALARM, 0.25)
    assert bad["p"] == pytest.approx(binomtest(15, 60, 0.5, "less").pvalue)
    assert bad["by_month"] == [{"month": "2026-02-01", "confirmed": 15}]


def test_nothing_is_judged_before_labels_are_mature_and_nothing_after_counts() -> None:
    early = outcome(flagged(), known(0), Span(SINCE, SINCE + timedelta(days=89), 90), None)
    assert early["level"] == EARLY
    late = outcome(flagged(), known(30, 91), Span(SINCE, SINCE + timedelta(days=200), 90), None)
    assert (late["confirmed"], late["level"]) == (0, ALARM)
    others = known(30).with_columns(entity_id="x" + pl.col("entity_id"))
    assert outcome(flagged(), others, Span(SINCE, SINCE + timedelta(days=90), 90), None)["confirmed"] == 0
    before = outcome(flagged(), known(30, -1), Span(SINCE, SINCE + timedelta(days=90), 90), None)
    assert before["confirmed"] == 0


def seeds(counts: dict[tuple[str, int], int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Confirmations per kind and month, a report beside each."""
    rows = [(kind, month, n) for (kind, month), many in counts.items() for n in range(many)]
    told = pl.DataFrame(
        {
            "node": range(len(rows)),
            "weight": [1.0] * len(rows),
            "known_at": [datetime(2026, month, 10, tzinfo=UTC) for _, month, _ in rows],
        },
        schema_overrides={"known_at": pl.Datetime("us", "UTC")},
    )
    kinds = pl.DataFrame({"node": range(len(rows)), "kind": [kind for kind, _, _ in rows]})
    return pl.concat([told, told.with_columns(weight=pl.lit(0.5))]), kinds


def test_confirmations_are_counted_by_month_with_empty_months_and_without_the_cut_one() -> None:
    told = seeds({("account", 1): 4, ("account", 3): 2, ("account", 4): 9, ("sim", 2): 1})
    found = confirmed_by_month(*told, datetime(2026, 4, 20, tzinfo=UTC))
    assert found.filter(kind="account").select("month", "confirmed").rows() == [
        (date(2026, 1, 1), 4), (date(2026, 2, 1), 0), (date(2026, 3, 1), 2),
    ]  # fmt: skip
    assert found.filter(kind="sim")["confirmed"].to_list() == [0, 1, 0]
    nothing = confirmed_by_month(told[0].clear(), told[1], SINCE)
    assert label_drift(nothing).height == 0


def test_a_month_with_far_fewer_confirmations_is_an_alarm() -> None:
    steady = {("account", month): 20 for month in range(1, 7)} | {("sim", month): 8 for month in range(1, 7)}
    as_of = datetime(2026, 7, 1, tzinfo=UTC) - timedelta(hours=7)
    quiet = label_drift(confirmed_by_month(*seeds(steady), as_of))
    assert quiet["level"].to_list() == [QUIET, QUIET]
    fell = label_drift(confirmed_by_month(*seeds({**steady, ("account", 6): 2}), as_of))
    row = fell.row(0, named=True)
    assert (row["kind"], row["last"], row["before"], row["level"]) == ("account", 2, 20.0, ALARM)
    assert row["p"] == pytest.approx(min(1.0, 2 * binomtest(2, 102, 1 / 6).pvalue))
    short = label_drift(confirmed_by_month(*seeds({("account", 5): 20, ("account", 6): 1}), as_of))
    assert short["level"].to_list() == [QUIET]
