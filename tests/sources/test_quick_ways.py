"""The quick ways through reading give what the slow and plain ones give, and no rule of a contract is left out."""

from __future__ import annotations

from datetime import UTC, datetime

import dataframely as dy
import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal, assert_series_equal

from fraudnet.contracts.drop import RECORDS
from fraudnet.expressions import LOCAL_ZONE
from fraudnet.identifiers import phone
from fraudnet.sorting import by_hash
from fraudnet.sources import moments
from fraudnet.sources.check import judge
from fraudnet.sources.formats.raw import ROW
from fraudnet.sources.mapping import Defaults, Value
from fraudnet.sources.texts import texts_of
from fraudnet.sources.tidy import tidied
from fraudnet.sources.values import mapped, text_of

MOMENT = datetime(2025, 5, 1, tzinfo=UTC)
PLAIN = {pl.String: "a", pl.Int8: 1, pl.Int32: 1, pl.Int64: 1, pl.Float64: 0.5, pl.Boolean: True, pl.List: ["a"]}
WRONG = {pl.Enum: "no word of it", pl.Int8: 1000, pl.Int32: 2**40}
STAMPS = st.builds(
    "{:04d}-{:02d}-{:02d}{}{:02d}:{:02d}:{:02d}{}".format,
    *(st.integers(*ends) for ends in ((1899, 2110), (0, 13), (0, 32))),
    st.sampled_from([" ", " ", " ", "T", "  ", "x"]),
    *(st.integers(*ends) for ends in ((0, 24), (0, 60), (0, 61))),
    st.sampled_from(["", "", "", ".5", "Z", "0"]),
)


@given(st.lists(st.one_of(STAMPS, st.none(), st.text(max_size=20)), max_size=30))
@example(["2024-02-29 00:00:00", "2023-02-29 00:00:00", "1900-02-29 10:00:00", "2000-02-29 23:59:59", None])
@settings(max_examples=40, deadline=None)
def test_printed_moments_are_read_as_any_others(texts):
    said = pl.Series("at", [text and text.strip() for text in texts], dtype=pl.String)
    quick = moments._read_printed(said, moments.PRINTED, LOCAL_ZONE)
    assert_series_equal(quick, moments._read_usual(said, moments.PRINTED, LOCAL_ZONE), check_names=False)


@given(st.lists(st.one_of(st.none(), st.from_regex(r"\A[+0 84]{0,4}[0-9]{0,11}\Z"), st.text(max_size=6)), max_size=30))
@example(["0912345678", "+123456789", "0012345678", "84912345678", "09 12345678", "0９12345678"])
@settings(max_examples=40, deadline=None)
def test_phone_numbers_are_tidied_as_the_normaliser_does(texts):
    said = pl.Series("number", texts, dtype=pl.String).to_frame().select(text_of(pl.col("number"), pl.String()))
    expected = said.select(phone.normalise(pl.col("number"))).to_series()
    assert_series_equal(tidied(said.to_series(), "phone"), expected, check_names=False)


@given(st.lists(st.one_of(st.none(), st.text(alphabet="a+:đ \u3000\xa0\t", max_size=4)), max_size=20))
@example(["", "a"])
@example([None, "a :+"])
@settings(max_examples=40, deadline=None)
def test_texts_lose_their_outer_blanks(said):
    rows = pl.DataFrame({"text": said}, schema={"text": pl.String})
    texts = texts_of(rows, {"text": pl.String()})
    assert_frame_equal(texts.rows.select(text=texts.bare("text")), rows.select(text_of(pl.col("text"), pl.String())))
    for sign in ":+":
        assert texts.holds("text", sign) == any(sign in (text or "") for text in said)


@pytest.mark.parametrize("other", [{}, {"*": "voice"}])
def test_words_go_through_the_mapping_once_each(other):
    to = RECORDS["calls"].columns()["kind"]
    words = pl.DataFrame({"w": ["T", "O", None, "?", "X"]})
    said = Value(column="w", map={"T": "voice", "O": "otp", "X": "no kind of call", **other})
    found = words.select(mapped(pl.col("w"), pl.String(), to, said, Defaults())).to_series()
    assert found.to_list() == ["voice", "otp", None, other.get("*"), "no kind of call"]


def whole(table: str) -> pl.DataFrame:
    """Six rows that keep every rule."""
    values = {}
    for name, column in RECORDS[table].columns().items():
        kind = column.dtype.base_type()
        plain = {pl.Datetime: MOMENT, pl.Date: MOMENT.date(), pl.Enum: getattr(column, "categories", [None])[0]}
        value = {**PLAIN, **plain}[kind]
        values[name] = pl.Series([value] * 6, dtype=pl.String if kind == pl.Enum else wide(column))
    ids = [f"f.csv#{row}" for row in range(1, 7)]
    return pl.DataFrame({ROW: pl.Series(range(1, 7), dtype=pl.UInt32), **values}).with_columns(row_id=pl.Series(ids))


def wide(column: dy.Column) -> pl.DataType:
    return pl.Int64() if column.dtype.is_integer() else column.dtype


def breaches(table: str) -> list[tuple[str, object]]:
    """A value that breaks each rule of each column."""
    found: list[tuple[str, object]] = []
    for name, column in RECORDS[table].columns().items():
        rules = column.validation_rules(pl.col(name))
        if name != "row_id" and "nullability" in rules:
            found.append((name, None))
        if column.dtype.base_type() in WRONG:
            found.append((name, WRONG[column.dtype.base_type()]))
        found += [(name, getattr(column, end) + step) for end, step in (("min", -1), ("max", 1)) if end in rules]
        found += [(name, float(end)) for end in ("inf", "nan") if end in rules]
        if "inner_nullability" in rules:
            found.append((name, [None]))
        assert set(rules) <= {"nullability", "min", "max", "inf", "nan", "inner_nullability"}
    return found


@pytest.mark.parametrize("table", sorted(RECORDS))
def test_every_rule_of_a_contract_is_held_in_every_row(table):
    schema, rows = RECORDS[table], whole(table)
    assert not schema._schema_validation_rules()  # rules over several columns would need a way of their own
    good, broken = judge(rows, table, [])
    assert not broken.height
    assert_frame_equal(good.drop(ROW), schema.cast(rows.drop(ROW)).drop("row_id"))
    for name, value in breaches(table):
        wrong = pl.Series(name, [rows[name][0]] * 3 + [value] + [rows[name][0]] * 2, dtype=rows.schema[name])
        good, broken = judge(rows.with_columns(wrong), table, [])
        assert good[ROW].to_list() == [1, 2, 3, 5, 6], name
        assert broken.select(ROW, "column").rows() == [(4, name)]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 9), max_size=80))
def test_hashes_are_put_in_order_and_equal_ones_keep_theirs(hashes):
    numbers = np.array(hashes, np.uint64)
    rows, found = by_hash(numbers)
    assert rows.tolist() == np.argsort(numbers, kind="stable").tolist()
    assert found.tolist() == sorted(hashes)
