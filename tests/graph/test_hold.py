from __future__ import annotations

from datetime import datetime

import polars as pl
from graph_drops import day, table
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudnet.graph.encode import Meaning, name_all
from fraudnet.graph.hold import schedule
from fraudnet.graph.numbers import Texts

NOBODY = pl.DataFrame(schema={"reference": pl.String, "entity_id": pl.String})
AS_OF = day(100)
holding = st.tuples(
    st.sampled_from(["1", "2"]), st.one_of(st.none(), st.integers(0, 20)), st.one_of(st.none(), st.integers(1, 20))
)


def sims(rows: list[tuple[str, int | None, int | None]]) -> pl.DataFrame:
    given_rows = [
        {
            "institution": "o",
            "number": n,
            "valid_from": None if start is None else day(start),
            "ended_at": None if end is None else day(end),
        }
        for n, start, end in rows
    ]
    return table("sims", given_rows).collect()


def entity(number: str, start: int | None) -> str:
    return f"sim:{number}@{'?' if start is None else day(start).strftime('%Y%m%dT%H%M%SZ')}"


def oracle(rows: list[tuple[str, int | None, int | None]], number: str, at: float) -> str:
    """The holding valid at that moment (begun last), else the latest that had begun, else the unknown one."""
    begun = [(s, e) for n, s, e in rows if n == number and (s is None or s <= at)]
    valid = [(s, e) for s, e in begun if e is None or e > at]
    chosen = valid or begun
    if not chosen:
        return f"sim:{number}@?"
    return entity(number, max(chosen, key=lambda h: -1 if h[0] is None else h[0])[0])


def meant(rows: list[tuple[str, int | None, int | None]], numbers: list[str], at: list[datetime | None]) -> list[str]:
    column, moments = pl.Series(numbers, dtype=pl.String), pl.Series(at, dtype=pl.Datetime("us", "UTC"))
    texts = Texts()
    codes = texts.numbers("sim:" + column)
    book, _ = Meaning(schedule(sims(rows), AS_OF), NOBODY).of(texts)
    return texts.every().gather(book.at(codes, moments)).to_list()


@settings(max_examples=50, deadline=None)
@given(st.lists(holding, max_size=7), st.lists(st.tuples(st.sampled_from("123"), st.integers(0, 22)), max_size=12))
def test_a_number_means_the_holding_of_its_moment(rows, asked):
    found = meant(rows, [n for n, _ in asked], [day(t) for _, t in asked])
    assert found == [oracle(rows, n, t) for n, t in asked]


def test_a_recycled_number_does_not_hand_its_past_on():
    rows = [("1", 0, 10), ("1", 20, None)]
    moments = [day(5), day(15), day(20), None]
    assert meant(rows, ["1"] * 4, moments) == [entity("1", 0), entity("1", 0), entity("1", 20), entity("1", 20)]


def test_a_call_before_the_first_known_holding_belongs_to_an_unknown_one():
    assert meant([("1", 10, None)], ["1", "9"], [day(5), day(5)]) == ["sim:1@?", "sim:9@?"]


def test_a_holding_that_begins_after_the_snapshot_is_not_there():
    assert len(schedule(sims([("1", 200, None)]), AS_OF).entity) == 0


def test_full_ids_other_references_and_gaps_pass():
    column = pl.Series(["sim:1@x", None, "account:b:1", "identity:s:a"])
    people = pl.DataFrame({"reference": ["identity:s:a"], "entity_id": ["identity:s:0"]})
    texts = Texts()
    codes = texts.numbers(column)
    book, _ = Meaning(schedule(sims([("1", 0, None)]), AS_OF), people).of(texts)
    names = name_all(texts, [book.at(codes, None)])
    assert names.table["entity_id"].to_list() == ["account:b:1", "identity:s:0", "sim:1@x"]
    assert names.nodes(book.at(codes, None)).to_list() == [2, None, 0, 1]
