"""A contest has a deadline and another reviewer, pauses its entry, and is answered with a page about nobody else."""

from __future__ import annotations

import shutil
from datetime import timedelta

import exchange_world as world
import polars as pl
import pytest
from exchange_world import Flag, at, seed

from fraudnet.errors import ConfigurationError, HarmError, InputError, MissingInputError, SecondPersonError
from fraudnet.pipeline.exchange.contest_page import write_contest_page
from fraudnet.pipeline.exchange.contesting import Complaint, contest_paused, contests_told, decide_contest, open_contest
from fraudnet.pipeline.exchange.dossier import write_dossier
from fraudnet.pipeline.exchange.harming import harm_told
from fraudnet.pipeline.exchange.ledger import open_store
from fraudnet.store.dispositions import Decision, record_decision

A = Flag("bank_a", "1001")
B = Flag("bank_b", "2001", supports=(seed(A),))


@pytest.fixture(scope="module", autouse=True)
def few_formats():
    with world.few_formats():
        yield


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    base = tmp_path_factory.mktemp("unit")
    unit = world.unit(base / "home")
    run = world.run_folder(base, [A, B], at(0))
    world.pack(unit, at(0.5), run)
    return base / "home", run


@pytest.fixture
def unit(published, tmp_path):
    return world.settings(shutil.copytree(published[0], tmp_path / "home"))


def complaint(unit, kind: str = "other", reviewers=("ana", "bao")) -> Complaint:
    return Complaint(world.entry_of(unit, A), kind, "KN-1", reviewers)


def test_a_contest_pauses_is_reviewed_by_another_and_takes_everything_off(unit):
    with open_store(unit) as store:
        record_decision(store, Decision(A.entity, "unsure", "analyst", "own_review", at(0)), "ana", "k", at=at(0.6))
    told = open_contest(complaint(unit, "held_amount"), unit, at(1), "Tôi là người bị hại")
    assert (told["reviewer"], told["deadline"]) == ("bao", (at(1) + timedelta(hours=12)).isoformat())
    (row,) = world.pack(unit, at(1.1))["packages"]
    assert (row["institution"], row["suspend"]) == ("bank_a", 1)
    contest_paused(told["contest"], unit, at(1.2))
    assert not contests_told(unit, at(1.4))[0]["overdue"] and contests_told(unit, at(1.6))[0]["overdue"]
    with pytest.raises(SecondPersonError):
        decide_contest(told["contest"], "cleared", "KN-2", unit, at(1.3))
    bao = world.settings(unit.home, "bao")
    decide_contest(told["contest"], "cleared", "KN-2", bao, at(1.3))
    assert (
        contests_told(unit, at(9))[0] | {"overdue": False, "outcome": "cleared", "pause": "done"}
        == contests_told(unit, at(9))[0]
    )
    rows = {row["institution"]: row["withdraw"] for row in world.pack(unit, at(1.4))["packages"]}
    assert rows == {"bank_a": 1, "bank_b": 1}


def test_an_upheld_contest_lets_the_entry_act_again(unit):
    told = open_contest(complaint(unit, reviewers=("bao",)), unit, at(1))
    world.pack(unit, at(1.1))
    decide_contest(told["contest"], "upheld", "KN-2", world.settings(unit.home, "bao"), at(2))
    (row,) = world.pack(unit, at(2.1))["packages"]
    assert (row["resume"], world.live(unit)[A.entity]) == (1, "live")


def test_a_contest_that_the_customer_takes_to_the_bank_pauses_too(unit, tmp_path):
    world.answer(unit, at(1), "bank_a", [{"entry": world.entry_of(unit, A), "outcome": "contested"}], tmp_path)
    assert world.pack(unit, at(1.1))["packages"][0]["suspend"] == 1
    world.answer(unit, at(2), "bank_a", [{"entry": world.entry_of(unit, A), "outcome": "needs_evidence"}], tmp_path)
    assert world.pack(unit, at(2.1))["packages"][0]["resume"] == 1


def test_what_cannot_be_contested_or_decided_is_named(unit):
    with pytest.raises(MissingInputError):
        open_contest(Complaint("0" * 32, "other", "KN-1", ("bao",)), unit, at(1))
    with pytest.raises(ConfigurationError, match="kind"):
        open_contest(complaint(unit, "soon"), unit, at(1))
    with pytest.raises(InputError, match="document"):
        open_contest(Complaint(world.entry_of(unit, A), "other", "", ("bao",)), unit, at(1))
    with pytest.raises(SecondPersonError):
        open_contest(complaint(unit, reviewers=()), unit, at(1))
    with pytest.raises(MissingInputError):
        decide_contest(99, "upheld", "KN-2", unit, at(1))
    with pytest.raises(ConfigurationError, match="outcome"):
        decide_contest(1, "perhaps", "KN-2", unit, at(1))


def test_the_page_for_the_person_names_nobody_and_no_number(unit, tmp_path):
    told = open_contest(complaint(unit), unit, at(1), "Tôi là Trần Thị Bịa")
    page = write_contest_page(told["contest"], tmp_path / "page.html", unit, at(2)).read_text(encoding="utf-8")
    assert "Under review" in page and world.entry_of(unit, A) in page
    assert not any(word in page for word in (A.name, B.name, "Người", "Trần", "bank_b", "<script"))


def test_harm_is_told_by_group_and_stops_the_next_list(unit, tmp_path):
    rows = [
        world.cleared(unit, A),
        {"entry": world.entry_of(unit, B), "outcome": "held_in_part", "amount": "7", "until": "2026-08-05"},
    ]
    world.answer(unit, at(3), "bank_a", rows[:1], tmp_path)
    world.answer(unit, at(3), "bank_b", rows[1:], tmp_path)
    told = harm_told(unit, at(4))
    assert (told["overall"]["listed"], told["overall"]["judged"], told["overall"]["wrong"]) == (2, 1, 1)
    assert told["overall"]["days_to_clear"] == 3.0
    groups = {(row["column"], row["value"]): row["listed"] for row in told["groups"]}
    assert groups == {
        ("age_band", "unknown"): 2,
        ("province", "01"): 2,
        ("holder_kind", "person"): 2,
        ("source", "model"): 2,
    }
    strict = world.settings(unit.home, harm_answers=1)
    with pytest.raises(HarmError, match="1 of 1"):
        world.pack(strict, at(4), world.run_folder(tmp_path, [A, B], at(3)))
    packed = world.pack(strict, at(4))["packages"]
    assert [(row["institution"], row["withdraw"]) for row in packed if row["withdraw"]] == [("bank_a", 1)]
    assert not any(row["add"] for row in packed), "who was wrongly listed is still taken off, and nobody is put on"


def test_the_dossier_names_every_field_and_recipient_of_the_run(published, tmp_path, unit):
    told = write_dossier(published[1], tmp_path / "out", unit)
    text = (tmp_path / "out" / "dossier.md").read_text(encoding="utf-8")
    assert len(told["sections"]) == 7 and "bank_a | 1" in text and "probability" in text
    page = (tmp_path / "out" / "dossier.html").read_text(encoding="utf-8")
    assert "<script" not in page and pl.Series(told["sections"]).is_in([s for s in told["sections"] if s in page]).all()
