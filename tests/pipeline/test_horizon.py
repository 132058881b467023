"""A cut-off outside what the sources delivered is named, with the last day of each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
from small_world import inside

from fraudnet.contracts.drop import RECORDS, Records
from fraudnet.errors import InputError
from fraudnet.expressions import start_of_day
from fraudnet.pipeline.reading.horizon import check, default_as_of, reach

START = datetime(2026, 1, 1, 5, tzinfo=UTC)


def source_of(**days: list[int]) -> SimpleNamespace:
    """Transfers of some banks, each with one row on each of its days."""
    rows = [
        {"source": bank, "row_id": f"{bank}#{d}", "known_at": START + timedelta(days=d), "transfer_id": f"{bank}{d}",
         "at": START + timedelta(days=d), "payer": "account:a:1", "payee": "account:a:2", "amount": 1, "currency": "VND"}
        for bank, given in days.items() for d in given
    ]  # fmt: skip
    frame = RECORDS["transfers"].cast(pl.DataFrame(rows).with_columns(
        pl.lit(None).alias(name) for name in RECORDS["transfers"].column_names() if name not in rows[0]))  # fmt: skip
    return SimpleNamespace(records=Records({"transfers": frame.lazy()}))


def day(number: int) -> datetime:
    return start_of_day((START + timedelta(days=number)).date())


def test_a_bank_that_has_not_delivered_is_named_with_its_last_day():
    source = source_of(vcb=list(range(60)), bidv=list(range(50)))
    with pytest.raises(InputError, match=r"--as-of 2026-03-02: .* bidv \(transfers\) 2026-02-19; .*as of 2026-02-20"):
        check(source, day(60), allow_gap=False)
    check(source, day(60), allow_gap=True)
    check(source, day(53), allow_gap=False)
    with pytest.raises(InputError, match="bidv"):
        check(source, day(54), allow_gap=False)


def test_the_default_is_the_day_after_the_last_day_of_all_steady_sources():
    assert default_as_of(source_of(vcb=list(range(60)), bidv=list(range(50)))) == day(50)
    assert default_as_of(source_of(vcb=list(range(60)), rare=[3, 20, 41])) == day(60)
    assert default_as_of(source_of(vcb=list(range(60)), small=[*range(40, 50), *range(52, 59)])) == day(60)


def test_a_source_that_seldom_has_rows_is_not_held_against_it():
    source = source_of(vcb=list(range(60)), rare=[3, 20, 41])
    assert reach(source).rows() == [
        ("transfers", "rare", (START + timedelta(days=3)).date(), (START + timedelta(days=41)).date(), False, False),
        ("transfers", "vcb", START.date(), (START + timedelta(days=59)).date(), True, True),
    ]
    check(source, day(60), allow_gap=False)


def test_a_day_before_the_first_row_is_refused():
    with pytest.raises(InputError, match="the first row is of 2026-01-01"):
        check(source_of(vcb=list(range(60))), day(0), allow_gap=True)


def test_the_command_says_it(demo, tmp_path: Path):
    told = inside(demo.words("score", demo.drop, "--as-of", "2027-01-01", "--out", tmp_path))
    assert told.code == 65
    assert "lies more than 3 days after the last row of" in told.err
    assert not list(tmp_path.iterdir())
