"""Waves, who gets which item, the figures of the report against counting by hand, and the page in three languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudnet.campaign.figures import Known, changes, figures, movers, wilson
from fraudnet.campaign.report import page
from fraudnet.campaign.wave import Unit, Wave, assigned, read_wave
from fraudnet.campaign.workbook import workbook
from fraudnet.contracts.cases import Case, CaseHold
from fraudnet.contracts.judgements import Disposition
from fraudnet.errors import ConfigurationError, MissingInputError
from fraudnet.messages import LANGUAGES, catalogue

START = date(2026, 10, 1)
NOW = datetime(2026, 11, 14, 17, tzinfo=UTC)  # midnight in Vietnam before the 45th day


def wave(units: tuple[Unit, ...] = ()) -> Wave:
    return Wave("Đợt 4", START, START + timedelta(days=89), 30, units)


LINES = pl.DataFrame({
    "line": ["flagged", "0.3"], "entries": [90, 40], "people": [80, 39], "rings": [9, 5], "fault": [45, 30],
    "honest": [45, 10], "left": [20, 35],
})  # fmt: skip
PLACES = pl.DataFrame({
    "line": ["flagged", "flagged", "0.3"], "by": ["province", "institution", "province"], "place": ["01", "b1", "01"],
    "entries": [45, 60, 20], "honest": [22, 30, 5],
})  # fmt: skip


def entries(n: int) -> pl.DataFrame:
    return pl.DataFrame({
        "institution": ["b1" if i % 3 else "o1" for i in range(n)], "kind": "account",
        "entity_id": [f"account:x:{i:03d}" for i in range(n)], "province": ["01" if i % 2 else "79" for i in range(n)],
        "commune": [f"X{i % 5}" for i in range(n)], "age_band": ["under_25" if i < 24 else "25_to_39" for i in range(n)],
        "holder_kind": "person", "source": ["model" if i % 2 else "victim" for i in range(n)],
        "probability": [0.5] * n, "value": [i % 7 for i in range(n)], "listed_on": [START] * n,
    })  # fmt: skip


def decisions(rows: list[tuple[str, str, int, str]]) -> pl.DataFrame:
    """entity, outcome, days after the start, how it was selected."""
    types = {name: column.dtype for name, column in Disposition.columns().items()}
    made = [
        {"source": "store", "row_id": f"store#{i}", "known_at": NOW, "entity": entity, "outcome": outcome,
         "decided_at": datetime(2026, 10, 1, 3, tzinfo=UTC) + timedelta(days=days), "selected_by": selected}
        for i, (entity, outcome, days, selected) in enumerate(rows)
    ]  # fmt: skip
    return pl.DataFrame(made, schema=types)


def known(decided: pl.DataFrame, n: int = 90, units: tuple[Unit, ...] = ()) -> Known:
    institutions = pl.DataFrame(
        {"institution": ["b1", "o1"], "kind": ["bank", "operator"], "name": ["Sao Mai", "Lạc Hồng"]}
    )
    holds = pl.DataFrame([{"case_id": "V-A", "entity_id": "account:x:001", "received": 9, "fifo": 9, "lifo": 9, "proportional": 9,
                           "lowest": 9, "floor": 9, "hold": 7, "stops": "cash", "hits": []}])  # fmt: skip
    quality = pl.DataFrame({"source": ["b1", "b1"], "criterion": ["correct", "clean"], "value": [90.0, 50.0]})
    return Known(NOW, wave(units), entries(n), decided, holds.cast(CaseHold.create_empty().schema), Case.create_empty(),
                 institutions, quality, 10_000, LINES, PLACES)  # fmt: skip


DECIDED = decisions([
    *[(f"account:x:{i:03d}", "confirmed" if i % 4 else "cleared", 1 + i % 10, "queue") for i in range(40)],
    *[(f"account:y:{i:03d}", "confirmed" if i == 0 else "cleared", 5, "random") for i in range(50)],
])  # fmt: skip


def test_figures_are_what_counting_gives() -> None:
    found = figures(known(DECIDED))
    whole = found["whole"]
    assert (whole["items"], whole["done"], whole["wrong"], whole["right"], whole["overdue"]) == (90, 40, 10, 30, 50)
    assert whole["precision"] == pytest.approx(0.75)
    assert found["plan"] == pytest.approx(46 / 90)
    assert sum(row["items"] for row in found["banks"]) + sum(row["items"] for row in found["operators"]) == 90
    assert [row["done"] for row in found["months"]] == [40]
    for row in found["banks"] + found["operators"]:
        curve = row["curve"]
        assert len(curve) == 7 and curve == sorted(curve) and curve[-1] == row["share"]
    assert sum(step["n"] for step in found["waiting"]) == 10
    assert found["misses"] == {"drawn": 50, "found": 1, "estimate": 198, "rest": 9910, **_ends(1, 50, 9910)}
    assert found["saved"]["held"] == 7
    assert found["quality"][0]["overall"] == 70.0


def _ends(hits: int, n: int, rest: int) -> dict[str, int]:
    low, high = wilson(hits, n)
    return {"low": round(rest * low), "high": round(rest * high)}


def test_a_later_decision_stands_in_place_of_an_earlier_one_and_the_future_is_not_known() -> None:
    rows = [("account:x:001", "confirmed", 2, "queue"), ("account:x:001", "cleared", 4, "queue"),
            ("account:x:002", "confirmed", 200, "queue")]  # fmt: skip
    whole = figures(known(decisions(rows)))["whole"]
    assert (whole["done"], whole["right"], whole["wrong"]) == (1, 0, 1)


@given(st.integers(0, 200), st.integers(0, 200))
def test_the_interval_holds_the_share(a: int, b: int) -> None:
    hits, n = min(a, b), max(a, b)
    low, high = wilson(hits, n)
    assert 0 <= low <= (hits / n if n else 0) + 1e-9
    assert (hits / n if n else 1) - 1e-9 <= high <= 1


def test_the_interval_against_scipy() -> None:
    from scipy.stats import binomtest

    told = binomtest(8, 20).proportion_ci(0.9, "wilson")
    assert wilson(8, 20) == (pytest.approx(told.low, abs=1e-4), pytest.approx(told.high, abs=1e-4))


UNITS = st.lists(
    st.tuples(st.integers(0, 12), st.sets(st.sampled_from(["01", "79"])), st.sets(st.sampled_from(["b1", "o1"]))),
    max_size=4,
)


@settings(max_examples=25)
@given(UNITS)
def test_nobody_gets_more_than_the_capacity_or_what_lies_outside_the_scope(
    told: list[tuple[int, set[str], set[str]]],
) -> None:
    units = tuple(Unit(f"u{i}", cap, tuple(sorted(b)), tuple(sorted(p))) for i, (cap, p, b) in enumerate(told))
    found = assigned(entries(30), wave(units))
    for unit in units:
        mine = found.filter(pl.col("unit") == unit.unit)
        assert mine.height <= unit.capacity
        assert all(unit.may(bank, place) for bank, place in mine.select("institution", "province").iter_rows())
    left = found.filter(pl.col("unit").is_null())
    full = {unit.unit for unit in units if (found["unit"] == unit.unit).sum() >= unit.capacity}
    for bank, place in left.select("institution", "province").iter_rows():
        assert all(unit.unit in full for unit in units if unit.may(bank, place))


def test_units_with_the_same_scope_fill_evenly() -> None:
    found = assigned(entries(30), wave((Unit("a", 40), Unit("b", 20))))
    assert dict(found.group_by("unit").len().iter_rows()) == {"a": 20, "b": 10}


def test_the_page_has_no_script_and_is_said_in_every_language() -> None:
    now = figures(known(DECIDED, units=(Unit("PA05", 30),)))
    for language in LANGUAGES:
        html = page(now, changes(now, now), language, {"01": "Hà Nội"})
        assert "<script" not in html
        assert "campaign." not in html
        assert "Sao Mai" in html
    assert page(now, [], "vi", {}) == page(figures(known(DECIDED.reverse(), units=(Unit("PA05", 30),))), [], "vi", {})
    assert all(
        set(texts) == set(LANGUAGES) for key, texts in catalogue().items() if key.startswith(("campaign.", "case."))
    )


def test_nothing_decided_says_so() -> None:
    html = page(figures(known(decisions([]))), [], "en", {})
    assert "too few" in html
    assert "not known" in html


def test_the_workbook_has_the_same_figures_and_bytes() -> None:
    from io import BytesIO

    from openpyxl import load_workbook

    found = figures(known(DECIDED))
    assert workbook(found) == workbook(found)
    book = load_workbook(BytesIO(workbook(found)))
    head, row = book["whole"].iter_rows(values_only=True)
    assert dict(zip(head, row, strict=True))["done"] == 40
    assert found["banks"][0]["curve"] and "curve" not in next(book["banks"].iter_rows(values_only=True))


def test_what_changed_since_the_last_report() -> None:
    before, now = figures(known(decisions([]))), figures(known(DECIDED))
    assert dict(changes(now, before)) == {
        "items": 0, "done": 40, "overdue": -40, "wrong": 10, "right": 30, "held": 7, "cases": 0,
    }  # fmt: skip
    moved = movers(now, before)
    assert {(row["by"], row["before"]) for row in moved} == {("institution", 0.0), ("province", 0.0)}
    assert movers(now, None) == movers(now, now) == []
    assert changes(now, None) == []


@pytest.mark.parametrize(
    "told",
    ["name = 1", "nome = 'x'", "name = 'x'\nstart = 2026-10-02\nend = 2026-10-01", "[", "name='x'\nstart='a'\nend='b'"],
)
def test_a_wrong_wave_is_refused(tmp_path: Path, told: str) -> None:
    (tmp_path / "w.toml").write_text(told)
    with pytest.raises(ConfigurationError):
        read_wave(tmp_path / "w.toml")
    with pytest.raises(MissingInputError):
        read_wave(tmp_path / "nothing.toml")


def test_a_run_without_a_model_is_reported_too() -> None:
    asked = known(decisions([]))
    bare = asked.entries.with_columns(probability=pl.lit(None, pl.Float64), value=pl.lit(None, pl.Int64))
    found = figures(replace(asked, entries=bare))
    assert (found["whole"]["items"], found["whole"]["expected"]) == (bare.height, 0)
    assert "<html" in page(found, [], "vi", {}) and workbook(found)


def test_a_commune_is_part_of_a_scope() -> None:
    units = (Unit("ward", 50, communes=("01-X1", "79-X2")), Unit("rest", 50))
    found = assigned(entries(30), wave(units)).filter(pl.col("unit") == "ward")
    assert set(found.select(pl.concat_str("province", pl.lit("-"), "commune")).to_series()) == {"01-X1", "79-X2"}
    assert Unit("u", 1, communes=("01-X1",)).may("b", "01", "X1") and not Unit("u", 1, communes=("01-X1",)).may(
        "b", "79", "X1"
    )


def test_harm_by_group_is_what_counting_gives_and_marks_who_is_hit_more() -> None:
    wrong = decisions(
        [(f"account:x:{i:03d}", "cleared" if i < 24 or i % 20 == 0 else "confirmed", 2, "queue") for i in range(60)]
    )
    found = figures(known(wrong))
    rows = {(row["by"], row["group"]): row for row in found["harm"]}
    assert (rows["age_band", "under_25"]["wrong"], rows["age_band", "under_25"]["judged"]) == (24, 24)
    assert (rows["age_band", "25_to_39"]["wrong"], rows["age_band", "25_to_39"]["judged"]) == (1, 36)
    assert sum(row["wrong"] for (by, _), row in rows.items() if by == "source") == found["whole"]["wrong"] == 25
    html = page(found, [], "en", {})
    assert "under 25" in html and "The list as it is" in html and "from 30%" in html


def test_units_add_up_to_their_ministry() -> None:
    units = (Unit("a", 20, ministry="A05"), Unit("b", 10, ministry="A05"), Unit("c", 30, ministry="C02"), Unit("d", 9))
    found = figures(known(DECIDED, units=units))
    above = {row["ministry"]: row for row in found["ministries"]}
    assert above["A05"]["items"] == 30 and above["C02"]["items"] == 30
    for name in ("done", "wrong", "overdue"):
        assert above["A05"][name] == sum(row[name] for row in found["units"] if row["unit"] in ("a", "b"))


def test_precision_by_the_draw_counts_the_drawn_alone() -> None:
    lot = frozenset(f"account:x:{i:03d}" for i in range(0, 80, 2))
    found = figures(replace(known(DECIDED), drawn=lot))["drawn"]
    assert (found["right"], found["wrong"], found["enough"]) == (10, 10, True)
    assert (found["low"], found["high"]) == wilson(10, 20)
    assert figures(known(DECIDED))["drawn"]["judged"] == 0
