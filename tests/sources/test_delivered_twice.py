"""A row that is delivered twice counts once, and a later state replaces an earlier one from when it was known."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from drop_builder import write_drop
from hypothesis import given
from hypothesis import strategies as st

from fraudnet.contracts.progress import silent
from fraudnet.expressions import known_before
from fraudnet.sources.drop import Delivery
from fraudnet.sources.read import read_drops
from fraudnet.sources.repeats import Copies

CALLS = """
version = 1
name = "telco"
[[tables]]
table = "calls"
file = "*.csv"
source = "viettel"
[tables.columns]
at = "at"
caller = "a"
callee = "b"
kind = { constant = "voice" }
duration_s = "s"
"""
ACCOUNTS = """
version = 1
name = "bank"
[[tables]]
table = "accounts"
file = "*.csv"
source = "vcb"
[tables.columns]
institution = { constant = "970436" }
account_number = "number"
phone = "phone"
kind = { constant = "personal" }
known_at = "told"
"""
HEAD = "at,a,b,s\n"
FIRST = "2025-01-01 08:00:00,0912345678,0987654321,30\n"
SECOND = "2025-01-02 09:00:00,0912345678,0987654321,45\n"
THIRD = "2025-01-03 09:00:00,0912345678,0987654321,50\n"


def read(tmp_path, *drops) -> Delivery:
    return read_drops(list(drops), None, tmp_path / "cache", silent)


def test_a_call_file_sent_again_in_pieces_changes_nothing(tmp_path):
    whole = write_drop(tmp_path / "whole", CALLS, m__csv=HEAD + FIRST + SECOND + THIRD)
    pieces = write_drop(tmp_path / "pieces", CALLS, p1__csv=HEAD + FIRST + SECOND, p2__csv=HEAD + SECOND + THIRD)
    once = read(tmp_path, whole).records.table("calls").collect()
    again = read(tmp_path, whole, pieces)
    assert again.records.table("calls").collect().drop("row_id").equals(once.drop("row_id"))
    assert again.counts["good"].to_list() == [3, 0, 0]
    assert again.counts["quarantined"].to_list() == [0, 2, 2]
    rules = again.quarantine.collect()["rules"].explode().unique().to_list()
    assert rules == ["brought by an earlier file"]


def test_two_equal_rows_of_one_file_are_two_calls(tmp_path):
    twice = write_drop(tmp_path / "twice", CALLS, m__csv=HEAD + FIRST + FIRST)
    more = write_drop(tmp_path / "more", CALLS, m__csv=HEAD + FIRST + FIRST + FIRST)
    assert read(tmp_path, twice).records.table("calls").collect().height == 2
    assert read(tmp_path, twice, more).records.table("calls").collect().height == 3


def test_a_later_state_replaces_the_earlier_one_once_it_is_known(tmp_path):
    old = write_drop(tmp_path / "old", ACCOUNTS, a__csv="number,phone,told\n001,0912345678,2025-01-05\n")
    new = write_drop(tmp_path / "new", ACCOUNTS, a__csv="number,phone,told\n001,0987654321,2025-03-05\n")
    for order in ((old, new), (new, old)):
        records = read(tmp_path, *order).records
        february = known_before(records, datetime(2025, 2, 1, tzinfo=UTC)).table("accounts").collect()
        april = known_before(records, datetime(2025, 4, 1, tzinfo=UTC)).table("accounts").collect()
        assert february["phone"].to_list() == ["84912345678"]
        assert april["phone"].to_list() == ["84987654321"]


@pytest.mark.parametrize("cut", [1, 3])
@given(files=st.lists(st.lists(st.integers(0, 4), max_size=12), min_size=1, max_size=4))
def test_what_is_left_is_the_most_that_one_file_has_of_each_row(cut, files):
    copies = Copies(["value"])
    kept: list[int] = []
    for number, rows in enumerate(files):
        for batch in (rows[:cut], rows[cut:]):
            frame = pl.DataFrame({"value": batch}, schema={"value": pl.Int64})
            again = copies.repeated(frame, f"file {number}")
            kept += frame.filter(~again)["value"].to_list()
    most = np.max([np.bincount(np.array(rows, dtype=np.int64), minlength=5) for rows in files], axis=0)
    assert np.bincount(np.array(kept, dtype=np.int64), minlength=5).tolist() == most.tolist()
