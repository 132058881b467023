"""Ends that are numbers already link to the very same graph, whether the tables are held or read from disk."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from graph_drops import day
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from test_link import small

from fraudnet.contracts.drop import Records
from fraudnet.contracts.graph import Linked
from fraudnet.graph import codes, interning
from fraudnet.graph.link import link

TABLES = ("transfers", "calls", "accounts", "sims", "sim_events", "uses", "holdings")


def coded(records: Records) -> Records:
    both = {name: codes.with_codes(records.table(name), name) for name in codes.ENDS if records.has(name)}
    tables = {name: rows for name, (rows, _) in both.items()}
    return replace(records.with_tables(**tables), books={name: book for name, (_, book) in both.items()})


def check_same(one: Linked, other: Linked) -> None:
    for name in ("nodes", "links", "identities", "evidence"):
        assert_frame_equal(getattr(one, name).collect(), getattr(other, name).collect())
    for name in TABLES:
        expected = other.records.table(name).collect()
        assert_frame_equal(one.records.table(name).collect().select(expected.columns), expected)


@pytest.mark.parametrize("moment", [10, 32, 60])
@pytest.mark.parametrize("held", [0, codes.HELD])
def test_numbers_link_as_texts_do(monkeypatch, moment, held):
    monkeypatch.setattr(codes, "HELD", held)
    check_same(link(coded(small()), day(moment)), link(small(), day(moment)))


def test_a_table_that_names_nobody():
    empty = small().with_tables(calls=small().table("calls").clear())
    check_same(link(coded(empty), day(60)), link(empty, day(60)))


def test_codes_follow_the_order_of_texts():
    rows = pl.LazyFrame({"payer": ["b", None, "a"], "payee": ["c", "a", "b"]})
    coded_rows, book = codes.with_codes(rows, "transfers")
    found = coded_rows.collect()
    assert book.to_list() == ["a", "b", "c"]
    assert found["payer_code"].to_list() == [1, None, 0]
    assert found["payee_code"].to_list() == [2, 0, 1]


def test_rows_of_some_ends_are_found_by_numbers_as_by_texts():
    rows, some = small().table("transfers").collect(), pl.Series(["account:z:9", "account:b:3", "nobody"])
    expected = rows.filter(pl.any_horizontal(pl.col("payer", "payee").is_in(some.implode())))
    assert 0 < expected.height < rows.height
    for records in (small(), coded(small())):
        found = codes.between(records, "transfers", some).select(rows.columns).collect()
        assert_frame_equal(found, expected)
        assert codes.between(records, "transfers", some.clear()).collect().is_empty()


def test_a_table_that_was_exchanged_later_is_read_by_its_texts():
    exchanged = coded(small()).with_tables(calls=small().table("calls"))
    check_same(link(exchanged, day(60)), link(small(), day(60)))
    without = {name: frame for name, frame in small().tables.items() if name != "calls"}
    check_same(link(replace(coded(small()), tables=without), day(60)), link(Records(without), day(60)))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(st.integers(0, 40), max_size=60), max_size=3))
def test_texts_are_numbered_as_a_dictionary_would(columns):
    known: dict[int, int] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(interning, "LEAST", 4)
        met = interning.Met()
    for column in columns:
        since = len(known)
        expected = [known.setdefault(value, len(known)) for value in column]
        # Half of the texts share their first hash with another one.
        found = met.numbers(np.array(column, np.uint64) // np.uint64(2), np.array(column, np.uint64))
        assert found.tolist() == expected
        assert met.rows(since).tolist() == [expected.index(number) for number in range(since, len(known))]
