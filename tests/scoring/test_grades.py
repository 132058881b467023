"""The table of grades, cell by cell, and what puts an entity into which cell."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import product

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_scores import model, money, world

from fraudnet.contracts.grades import ACTIONS, BANDS, FLAG_SOURCES, GRADES, LEVELS, TABLE
from fraudnet.contracts.results import Score
from fraudnet.messages import LANGUAGES, catalogue
from fraudnet.model.thresholds import Promise, Promises
from fraudnet.scoring.grades import STRENGTH, band_of, graded, nobody, strongest, table
from fraudnet.scoring.score import score

# As decided: rows by source, columns by promised precision.
DECIDED = {
    "model": (("E", "observe"), ("D", "review"), ("D", "review"), ("C", "review_step_up")),
    "institution": (("C", "review_step_up"),) * 4,
    "victim": (("B", "hold_traced_12h"),) * 4,
    "police": (("A", "as_ordered"),) * 4,
}
DAYS = {"model": 30, "institution": 60, "victim": 90, "police": 180}


@pytest.mark.parametrize(("source", "place"), list(product(FLAG_SOURCES, range(4))))
def test_every_cell_is_as_decided(source: str, place: int) -> None:
    cell = TABLE[source, BANDS[place]]
    assert (cell.grade, cell.action) == DECIDED[source][place]
    assert cell.days == DAYS[source]


def test_the_table_has_these_cells_and_no_other() -> None:
    assert set(TABLE) == set(product(FLAG_SOURCES, BANDS))
    assert len(BANDS) == len(LEVELS) + 1
    assert table().height == len(TABLE)


def test_more_evidence_never_lowers_a_grade_and_a_model_alone_never_gets_far() -> None:
    for source, band in TABLE:
        cell = TABLE[source, band]
        assert GRADES.index(cell.grade) == ACTIONS.index(cell.action)
        for stronger, higher in product(FLAG_SOURCES[FLAG_SOURCES.index(source) :], BANDS[BANDS.index(band) :]):
            assert GRADES.index(TABLE[stronger, higher].grade) >= GRADES.index(cell.grade)
    alone = {TABLE["model", band] for band in BANDS}
    assert not {cell.grade for cell in alone} & {"A", "B"}
    assert not {cell.action for cell in alone} & {"hold_traced_12h", "as_ordered"}


@given(
    st.lists(st.one_of(st.none(), st.floats(-9, 9)), min_size=3, max_size=3),
    st.lists(st.floats(-10, 10), min_size=1, max_size=20),
)
def test_a_band_is_the_highest_level_whose_list_holds_the_score(lines: list[float | None], raw: list[float]) -> None:
    known = sorted(line for line in lines if line is not None)
    prefix = [*known, *[None] * (3 - len(known))]
    promises = Promises(made=tuple(Promise(level, line) for level, line in zip(LEVELS, prefix, strict=True)))
    found = pl.DataFrame({"raw": raw}).select(band_of(pl.col("raw"), promises)).to_series().to_list()
    assert found == [BANDS[sum(line is not None and one >= line for line in prefix)] for one in raw]


def statements(rows: list[tuple[int, str, bool]]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["node", "source", "in_favour"], orient="row")
    return frame.with_columns(pl.col("source").cast(STRENGTH))


def test_the_strongest_source_that_speaks_against() -> None:
    nodes = pl.DataFrame({"node": [0, 1, 2, 3], "entity_id": ["a", "b", "c", "d"]})
    told = [
        (0, "institution", False),
        (0, "victim", False),
        (0, "model", False),
        (1, "police", True),
        (2, "model", False),
    ]
    assert strongest(statements(told), nodes).rows() == [("a", "victim"), ("c", "model")]
    assert strongest(statements(told[::-1]), nodes).rows() == [("a", "victim"), ("c", "model")]


def scores(source_of: dict[str, str], at: datetime = datetime(2026, 5, 31, 17, tzinfo=UTC)) -> pl.DataFrame:
    frame = pl.DataFrame(
        {"entity_id": ["a", "b", "c"], "flagged": [True, True, False], "as_of": [at] * 3}
    ).with_columns(
        as_of=pl.col("as_of").cast(pl.Datetime("us", "UTC")),
        band=pl.Series(["over_70", "under_20", "over_70"]).cast(pl.Enum(BANDS)),
    )
    sources = pl.DataFrame(
        {"entity_id": list(source_of), "source": list(source_of.values())},
        schema={"entity_id": pl.String, "source": pl.String},
    )
    return graded(frame, sources.with_columns(pl.col("source").cast(STRENGTH)))


def test_only_flags_get_a_grade_and_it_expires_by_the_day_in_vietnam() -> None:
    found = scores({"b": "victim"})
    assert found["source"].to_list() == ["model", "victim", "model"]
    assert found["grade"].to_list() == ["C", "B", None]
    assert found["action"].to_list() == ["review_step_up", "hold_traced_12h", None]
    assert found["expires_on"].to_list() == [date(2026, 7, 1), date(2026, 8, 30), None]
    assert scores({}, datetime(2026, 5, 31, 16, 59, tzinfo=UTC))["expires_on"][0] == date(2026, 6, 30)


def test_grading_again_changes_nothing_else() -> None:
    once = scores({"a": "police"})
    again = graded(once, nobody())
    assert again.drop("source", "grade", "action", "expires_on").equals(
        once.drop("source", "grade", "action", "expires_on")
    )
    assert again["grade"].to_list() == ["C", "E", None]


def test_a_promised_line_ends_the_list_before_the_capacity() -> None:
    from dataclasses import replace

    matrix, _, nodes, _ = world()
    whole = score(model(), matrix, nodes, money(nodes), 0.05, "m 1")
    line = float(whole["raw"][9])
    made = (Promise(0.2, line), Promise(0.4, float(whole["raw"][3])), Promise(0.7, None))
    promising = replace(model(), promises=Promises(made=made))
    found = score(promising, matrix, nodes, money(nodes), 0.05, "m 1")
    assert Score.is_valid(found)
    assert found["flagged"].sum() == int((whole["raw"] >= line).sum()) < whole["flagged"].sum()
    assert found["band"].to_list()[:10] == [BANDS[2]] * int((whole["raw"] >= made[1].raw).sum()) + [BANDS[1]] * (
        10 - int((whole["raw"] >= made[1].raw).sum())
    )
    assert found["grade"].to_list()[:10] == ["D"] * 10
    deep = replace(model(), promises=Promises(made=(Promise(0.2, -99.0), *made[1:])))
    assert score(deep, matrix, nodes, money(nodes), 0.05, "m 1")["flagged"].sum() == whole["flagged"].sum()


def test_every_word_of_a_grade_is_in_three_languages() -> None:
    wanted = [f"grades.action.{one}" for one in ACTIONS]
    wanted += [f"grades.source.{one}" for one in FLAG_SOURCES] + [f"grades.band.{one}" for one in BANDS]
    assert all(set(catalogue()[key]) == set(LANGUAGES) for key in wanted)
    assert {key for key in catalogue() if key.startswith("grades.")} == set(wanted)
