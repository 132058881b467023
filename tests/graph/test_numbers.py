from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from fraudnet.expressions import one_of_each
from fraudnet.graph import numbers
from fraudnet.graph.numbers import Texts
from fraudnet.graph.once import DOCUMENT, but_easy, each_once
from fraudnet.graph.persons import phone_number, with_document
from fraudnet.identifiers import cccd, cmnd, phone

some = st.lists(st.one_of(st.none(), st.text(max_size=30)), max_size=40)


@settings(max_examples=40, deadline=None)
@given(st.lists(some, max_size=4), st.integers(1, 7))
def test_texts_have_one_number_each_in_the_order_in_which_they_were_met(columns, piece):
    texts, book = Texts(), {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbers, "PIECE", piece)
        for column in columns:
            found = texts.numbers(pl.Series(column, dtype=pl.String)).tolist()
            assert found == [-1 if text is None else book.setdefault(text, len(book)) for text in column]
    assert texts.every().to_list() == list(book)
    assert len(texts) == len(book)


def test_a_book_grows_far_beyond_its_first_size():
    told = pl.Series([f"account:bank:{i}" for i in range(5000)])
    texts = Texts()
    assert texts.numbers(told).tolist() == list(range(5000))
    assert texts.numbers(told.reverse()).tolist() == list(range(5000))[::-1]
    assert texts.every().equals(told.alias("text"))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.booleans()), max_size=20))
def test_what_is_made_once_of_a_text_and_a_flag_stands_in_every_row(rows):
    frame = pl.DataFrame(rows, schema={"text": pl.String, "flag": pl.Boolean}, orient="row")
    asked: list[int] = []

    def make(said: pl.DataFrame) -> pl.DataFrame:
        asked.append(said.height)
        return said.select(made=pl.format("{}-{}", pl.col("text").fill_null("?"), "flag"))

    found = each_once(frame, ("text", "flag"), make)
    assert found["made"].to_list() == [f"{'?' if text is None else text}-{str(flag).lower()}" for text, flag in rows]
    assert asked == [len(set(rows))]


digits_ = st.text("0123456789", min_size=7, max_size=13)
written = st.one_of(st.none(), digits_, st.sampled_from(["84912345678", "0912345678", "841201234567", " 0 12-3", "x"]))


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(written, st.booleans()), max_size=12))
def test_numbers_in_their_usual_form_are_what_the_normalisers_make_of_them(rows):
    frame = pl.DataFrame(rows, schema={"said": pl.String, "person": pl.Boolean}, orient="row")
    easy = frame.filter(pl.col("said").str.contains(DOCUMENT))
    assert easy.select(cmnd.normalise(cccd.normalise(pl.col("said")))).to_series().equals(easy["said"])
    plain = phone.normalise(pl.col("said"))
    wanted = frame.select(plain).select(pl.when(pl.col("said").str.contains(r"^\d{8,15}$")).then("said"))
    assert phone_number(frame.select("said")).to_list() == wanted.to_series().to_list()
    one_by_one = [with_document(frame[i : i + 1], "document").item() for i in range(frame.height)]
    assert with_document(frame, "document")["document"].to_list() == one_by_one
    assert but_easy(frame, "", lambda odd: odd["said"]).to_list() == frame["said"].to_list()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.integers(0, 3)), max_size=12),
    st.sampled_from(["first", "last"]),
)
def test_of_several_rows_with_one_key_the_one_known_first_or_last_is_left(rows, keep):
    began = datetime(2025, 1, 1, tzinfo=UTC)
    told = [(a, b, began + timedelta(days=day), f"{place:03}") for place, (a, b, day) in enumerate(rows)]
    schema = {"a": pl.String, "b": pl.String, "known_at": pl.Datetime("us", "UTC"), "row_id": pl.String}
    frame = pl.DataFrame(told, schema=schema, orient="row").sort("b", "row_id", descending=True)
    ordered = frame.sort("known_at", "row_id").unique(["a", "b"], keep=keep, maintain_order=True)
    found = one_of_each(frame, ("a", "b"), keep)
    assert_frame_equal(found.sort("row_id"), ordered.sort("row_id"))
    assert_frame_equal(found, frame.join(found, on="row_id", how="semi", maintain_order="left"))
