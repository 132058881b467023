from __future__ import annotations

from datetime import date

from scipy.stats import chi2_contingency

from fraudnet.labels.rates import rates

MONTHS = [(date(2026, 1, 1), 50, 10_000), (date(2026, 4, 1), 95, 10_000), (date(2026, 7, 1), 52, 9_000)]


def test_the_chance_is_pearsons_and_drift_is_said_aloud() -> None:
    found = rates(MONTHS)
    oracle = chi2_contingency([[c, n - c] for _, c, n in MONTHS], correction=False).pvalue
    assert found.p is not None and abs(found.p - oracle) < 1e-12
    assert found.drifts
    assert "DRIFTS" in found.sentence() and "2026-04" in found.sentence() and "0.95%" in found.sentence()


def test_steady_rates_and_rates_that_differ_little_are_not_shouted_about() -> None:
    assert rates([(day, 50, 10_000) for day, _, _ in MONTHS]).sentence() == ""
    large = [(day, n, 10_000_000) for (day, _, _), n in zip(MONTHS, (50_000, 51_500, 50_000), strict=True)]
    assert not rates(large).drifts  # certain, and too small to matter


def test_one_month_or_nobody_confirmed_has_no_test() -> None:
    assert rates(MONTHS[:1]).p is None
    assert rates([(day, 0, n) for day, _, n in MONTHS]).p is None
    assert rates([]).sentence() == ""


def test_the_order_of_the_months_does_not_matter() -> None:
    assert rates(MONTHS[::-1]) == rates(MONTHS)
