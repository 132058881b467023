from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from toy_scores import COLUMNS, model, money, world

from fraudnet.contracts.features import Column
from fraudnet.contracts.results import Reason
from fraudnet.messages import LANGUAGES, catalogue
from fraudnet.scoring.reasons import pattern_sentence, reasons
from fraudnet.scoring.score import score
from fraudnet.scoring.wording import number, said


def explained(language: str = "en") -> tuple[pl.DataFrame, pl.DataFrame]:
    matrix, _, nodes, hits = world()
    scores = score(model(), matrix, nodes, money(nodes), 0.06, "m 1")
    named = hits.join(nodes.select("node", "entity_id"), on="node")
    return scores, reasons(model(), matrix, scores, named, language)


def test_only_the_flagged_are_explained_in_order():
    scores, found = explained()
    assert Reason.is_valid(found)
    flagged = scores.filter("flagged")["entity_id"].to_list()
    assert found["entity_id"].unique(maintain_order=True).to_list() == flagged
    for _, rows in found.group_by("entity_id", maintain_order=True):
        assert rows["position"].to_list() == list(range(1, rows.height + 1))


def test_patterns_then_five_strongest_then_what_speaks_for_it():
    matrix, _, _, _ = world()
    _, found = explained()
    names = list(model().names)
    for (entity,), rows in found.group_by("entity_id", maintain_order=True):
        frame = matrix.frame.filter(pl.col("entity_id") == entity)
        parts = dict(zip(names, model().booster.contributions(model().values(frame))[0], strict=False))
        plain = sorted((value, name) for name, value in parts.items() if not name.startswith("pass_through"))
        raising = rows.filter((pl.col("source") == "model") & ~pl.col("in_favour"))
        expected = sorted((value for value, _ in plain if value > 0), reverse=True)[:5]
        assert raising["contribution"].to_list() == pytest.approx(expected)
        lowering = rows.filter((pl.col("source") == "model") & pl.col("in_favour"))
        known = [name for value, name in plain if value < 0 and frame[name][0] is not None]
        assert lowering["name"].to_list() == known[:3]
        for line in rows.filter(pl.col("source") == "typology").iter_rows(named=True):
            both = parts["pass_through_strength"] + parts["pass_through_alike"]
            assert line["contribution"] == pytest.approx(both)
            assert line["value"] == 0.8
        # typology, then model, then look-alike, then history
        assert rows["source"].to_list() == sorted(rows["source"], reverse=True)
        assert rows["in_favour"].is_sorted()
    assert found.filter(pl.col("source") == "typology").height > 0


def test_the_look_alike_speaks_for_the_entity_with_its_measure():
    _, found = explained()
    alike = found.filter(pl.col("source") == "look_alike")
    assert alike["entity_id"].to_list() == found.filter(pl.col("source") == "typology")["entity_id"].to_list()
    assert alike["value"].unique().to_list() == [0.1]
    assert alike["in_favour"].all()
    assert alike["text"].str.ends_with("This honest look-alike fits to 10%.").all()


def test_a_long_history_speaks_for_the_entity_unless_it_was_said(monkeypatch):
    monkeypatch.setattr("fraudnet.scoring.reasons.STRONGEST", 1)
    monkeypatch.setattr("fraudnet.scoring.reasons.IN_FAVOUR", 1)
    matrix, _, _, _ = world()
    _, found = explained()
    ages = dict(matrix.frame.select("entity_id", "age_days").rows())
    every = sorted(ages.values())
    told = found.filter(pl.col("source") == "history")
    assert told.height > 0
    for entity, rows in found.group_by("entity_id", maintain_order=True):
        younger = sum(age < ages[entity[0]] for age in every) * 100 // len(every)
        said = "age_days" in rows.filter(pl.col("source") == "model")["name"].to_list()
        history = rows.filter(pl.col("source") == "history")
        assert history.height == (younger >= 75 and not said)
        for line in history.iter_rows(named=True):
            assert f"older than {younger} of 100 accounts (in its favour)." in line["text"]
            assert line["in_favour"]


def test_regular_pay_speaks_for_the_entity_unless_it_was_said(monkeypatch):
    monkeypatch.setattr("fraudnet.scoring.reasons.PAY", "devices_count")
    monkeypatch.setattr("fraudnet.scoring.reasons.REGULAR_MONTHS", 3)
    monkeypatch.setattr("fraudnet.scoring.reasons.STRONGEST", 1)
    months = dict(world()[0].frame.select("entity_id", "devices_count").rows())
    _, found = explained()
    assert found.filter(pl.col("source") == "salary").height > 0
    for entity, rows in found.group_by("entity_id", maintain_order=True):
        pay = rows.filter(pl.col("source") == "salary")
        said = "devices_count" in rows.filter(pl.col("source") == "model")["name"].to_list()
        assert pay.height == (months[entity[0]] >= 3 and not said)
        wanted = f"Paid like a wage by one same organisation in {months[entity[0]]:.0f} of the last 12 months"
        assert all(line["text"].startswith(wanted) and line["in_favour"] for line in pay.iter_rows(named=True))
        assert rows["in_favour"].is_sorted()


def test_every_known_value_stands_beside_the_usual_ones():
    _, found = explained()
    lines = found.filter((pl.col("source") == "model") & pl.col("value").is_not_null())
    assert lines["text"].str.contains(r"of 100 accounts( of this age)? have at (most|least)|the same holds for").all()
    unknown = found.filter((pl.col("source") == "model") & pl.col("value").is_null())
    assert not unknown["text"].str.contains("of 100").any()


def test_the_clearest_pattern_comes_first():
    matrix, _, nodes, _ = world()
    scores = score(model(), matrix, nodes, money(nodes), 0.06, "m 1")
    first = scores["entity_id"][0]
    hits = pl.DataFrame(
        {"entity_id": first, "typology": ["pass_through", "money_cycle", "sim_farm"], "strength": [0.2, 0.9, 0.5]}
    ).with_columns(alike_strength=pl.Series([0.3, 0.0, 0.6]))
    found = reasons(model(), matrix, scores, hits, "vi").filter(pl.col("entity_id") == first)
    assert found["name"][:3].to_list() == ["money_cycle", "sim_farm", "pass_through"]
    assert set(found["source"][3:]) <= {"model", "look_alike", "history"}
    assert found.filter(pl.col("source") == "look_alike")["name"].to_list() == ["sim_farm", "pass_through"]


def test_values_are_the_entitys_own():
    matrix, _, _, _ = world()
    _, found = explained()
    wide = {row["entity_id"]: row for row in matrix.frame.iter_rows(named=True)}
    for line in found.filter(pl.col("source") == "model").iter_rows(named=True):
        assert wide[line["entity_id"]][line["name"]] == line["value"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_in_every_language(language):
    _, found = explained(language)
    assert found["text"].str.len_chars().min() > 5
    assert found["text"].str.contains(r"^[\p{Lu}\d].*[^.]\.$").all()
    assert not found["text"].str.contains(r"[{}]").any()


def test_nobody_flagged_gives_no_reasons():
    matrix, _, nodes, hits = world()
    scores = score(model(), matrix, nodes, money(nodes), 0.06, "m 1").with_columns(flagged=pl.lit(value=False))
    named = hits.join(nodes.select("node", "entity_id"), on="node")
    assert reasons(model(), matrix, scores, named, "vi").height == 0


@pytest.mark.parametrize(
    ("name", "value", "language", "words"),
    [
        ("in_amount_30d", 12_500_000.0, "vi", "12.500.000 đồng"),
        ("in_amount_30d", 12_500_000.0, "en", "12,500,000 đồng"),
        ("in_amount_30d", 12_500_000.0, "fr", "12\u202f500\u202f000 đồng"),
        ("in_night_share_30d", 0.354, "en", "35%"),
        ("in_night_share_30d", 0.0123, "vi", "1,23%"),
        ("in_night_share_30d", 1.0, "fr", "100 %"),
        ("amount_share_all", 0.5, "en", "50%"),
        ("age_days", 3.0, "vi", "3 ngày"),
        ("dwell_minutes_median_30d", 12.5, "fr", "12,5 minutes"),
        ("age_days", 1.0, "en", "1 day"),
        ("age_days", 1.5, "fr", "1,5 jour"),
        ("age_days", 1.04, "en", "1 day"),
        ("gap_days_max_all", 1234.5, "vi", "1.234,5 ngày"),
        ("active_days_30d", 3.0, "vi", "3"),
        ("out_seconds_all", 61.0, "vi", "61 giây"),
        ("money_reciprocity", 0.5, "vi", "50%"),
        ("x_share", 0.5, "vi", "0,5"),
        ("in_x_days_mean", 0.5, "en", "0.5"),
        ("devices_count", 4.0, "en", "4"),
        ("position_pagerank", 0.000123, "en", "0.000123"),
        ("is_ekyc", 1.0, "vi", "có"),
        ("phone_holder_differs", 0.0, "fr", "non"),
        ("age_days", None, "en", "unknown"),
        ("age_days", float("nan"), "vi", "không rõ"),
        ("in_amount_7d", 0.0, "en", "0 đồng"),
        ("in_amount_7d", -1500.0, "vi", "-1.500 đồng"),
    ],
)
def test_numbers_and_units(name, value, language, words):
    assert said(Column(name, "d", "f"), value, language) == words


@pytest.mark.parametrize(
    ("base", "view", "link", "words"),
    [
        ("is_ekyc", "partners_account_mean", "", "36%"),
        ("age_days", "payers_account_mean", "", "0,4 ngày"),
        ("out_strength", "", "transfer", "0 đồng"),
        ("out_strength", "", "call", "0,4 giây"),
        ("out_strength", "", "link:days", "0,36"),
        ("seed_in_share", "accounts_account_max", "transfer", "36%"),
        ("x_days", "partners_account_mean2", "", "0,36"),
    ],
)
def test_units_follow_what_is_looked_at(base, view, link, words):
    column = Column("amount_days_share", "d", "f", base=base, view=view, link=link)
    assert said(column, 0.36, "vi") == words


def test_categories_are_named():
    column = Column("channel", "d", "f", categories=("counter", "ekyc"))
    assert [said(column, value, "en") for value in (1.0, 7.0, -1.0)] == ["ekyc", "unknown", "unknown"]


def test_whole_groups_of_three():
    assert number(1_000_000, 0, "en") == "1,000,000"
    assert number(999.5, 1, "vi") == "999,5"
    assert number(np.float64(10), 2, "en") == "10"


def test_a_pattern_without_a_text_is_named():
    assert pattern_sentence("no_such_pattern", "en") == "no such pattern"


def test_every_frame_is_in_three_languages():
    frames = {key: value for key, value in catalogue().items() if key.startswith("reason.")}
    assert len(frames) >= 10
    assert all(set(value) == set(LANGUAGES) and all(value.values()) for value in frames.values())
    assert len({column.description for column in COLUMNS}) == len(COLUMNS)
