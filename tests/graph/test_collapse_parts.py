from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl
import pytest
from graph_drops import T0, table
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from test_collapse import frame, transfer

from fraudnet.expressions import FILE, NUMBER, row_id
from fraudnet.graph import collapse, collapse_parts

# Few moments, so that many rows tie and have to be looked up by what else they say.
alike = transfer.map(lambda row: {**row, "at": row["at"] // 100 * 50})


def in_parts(once, rows: pl.LazyFrame) -> pl.DataFrame:
    """The answer of the way that holds four rows at a time."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(collapse, "HELD", 0)
        patch.setattr(collapse_parts, "PART", 4)
        return once(rows, Path(folder) / "parts").collect()


@settings(max_examples=8, deadline=None)
@given(st.lists(alike, min_size=1, max_size=18))
def test_transfers_told_in_parts_are_those_told_at_once(rows):
    rows = frame(rows)
    assert_frame_equal(in_parts(collapse.one_transfer_each, rows), collapse.one_transfer_each(rows).collect())


def test_three_reports_of_one_reference_and_untold_rows_far_apart_keep_their_places():
    row = {"payer": "a", "amount": 5, "rail_ref": "R", "at": 100, "known_at": 900}
    alone = [{**row, "payer": "b", "amount": n, "rail_ref": None, "source": "s1"} for n in range(9)]
    rows = frame([{**row, "source": "s3"}, *alone, {**row, "source": "s1"}, {**row, "source": "s2"}])
    found = in_parts(collapse.one_transfer_each, rows)
    assert found.filter(pl.col("other_row_id").is_not_null()).select("row_id", "other_row_id").rows() == [
        ("r10", "r11 r00")
    ]
    assert found["row_id"].to_list() == [f"r{n:02}" for n in range(1, 11)]


def test_calls_told_in_parts_are_those_told_at_once():
    rows = [
        {
            "caller": "1",
            "callee": "2",
            "kind": "voice",
            "at": T0,
            "known_at": T0,
            "source": f"s{n % 2}",
            "row_id": f"r{n}",
        }
        for n in range(10)
    ]
    calls = table("calls", rows)
    assert_frame_equal(in_parts(collapse.one_call_each, calls), collapse.one_call_each(calls).collect())


@settings(max_examples=12, deadline=None)
@given(st.lists(alike, min_size=1, max_size=18))
def test_rows_named_by_file_and_number_are_told_as_those_named_by_text(rows):
    files = ["b.csv", "a/9.csv"]
    numbered = (
        frame(rows)
        .with_row_index("n")
        .with_columns(
            row_file=pl.when(pl.col("n") % 3 == 0)
            .then(pl.lit(files[0]))
            .otherwise(pl.lit(files[1]))
            .cast(pl.Enum(files)),
            row_number=pl.col("n") * 7 % 19,
        )
    )
    by_text = collapse.one_transfer_each(numbered.with_columns(row_id=row_id()).drop("n", FILE, NUMBER)).collect()
    for told in (collapse.one_transfer_each, lambda given: in_parts(collapse.one_transfer_each, given).lazy()):
        found = told(numbered.drop("n", "row_id")).with_columns(
            row_id=row_id(), other_row_id=pl.coalesce("other_row_id", row_id("other_"))
        )
        assert_frame_equal(found.select(by_text.columns).collect(), by_text)
