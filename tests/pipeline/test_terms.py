"""Settings, mapping or leak overrides that were edited between two lists are named, and somebody else must sign."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import exchange_world as world
import pytest
from exchange_world import Flag, at
from small_world import inside

from fraudnet.contracts.progress import silent
from fraudnet.errors import MissingInputError, SecondPersonError
from fraudnet.pipeline.exchange.ledger import events_told
from fraudnet.pipeline.exchange.publication import publish_lists
from fraudnet.pipeline.exchange.terms import approve_terms, differences, terms_of, waiting_terms
from fraudnet.runs.manifest import write_manifest
from fraudnet.sources.flat_mapping import flat_mappings
from fraudnet.sources.mapping_file import load_mapping

A = Flag("bank_a", "1001")
MAPPING = """version = 1
name = "bank_a"
[[tables]]
table = "transfers"
file = "transfers.csv"
known_after = "1d"
ignore = ["memo"]
outcome = ["fraud_step"]
[tables.where]
column = "kind"
equals = "credit"
[tables.columns]
payer = { kind = "account", institution = "bank", number = "debit_account" }
payee = { kind = "account", institution = "bank", number = "credit_account" }
amount = { column = "amount", minor_units = 1 }
at = { column = "time", timezone = "Asia/Ho_Chi_Minh" }
"""
SETTINGS = {"capacity": 0.005, "seed": 1, "outside_refuse": 0.2, "entry_days": 180}
SWAPPED = (
    MAPPING.replace('"debit_account"', "?")
    .replace('"credit_account"', '"debit_account"')
    .replace("?", '"credit_account"')
)
TABLE = "mapping.bank_a/transfers[transfers.csv]"
ALLOWED = MAPPING.replace('outcome = ["fraud_step"]', 'allow = { fraud_step = "asked for by nobody" }')
# What was edited: the mapping, the run's settings, the unit's settings; then the key that must be named, old and new.
MUTATIONS = [
    (MAPPING, {"capacity": 0.05}, {}, "settings.capacity", "0.005", "0.05"),
    (MAPPING, {"outside_refuse": 1.0}, {}, "settings.outside_refuse", "0.2", "1.0"),
    (MAPPING, {"entry_days": 30}, {}, "settings.entry_days", "180", "30"),
    (MAPPING, {}, {"harm_bound": 1.0}, "settings.harm_bound", "0.7", "1.0"),
    (MAPPING, {}, {"list_cap": 9_999}, "settings.list_cap", "1000", "9999"),
    (MAPPING, {}, {"gate_margin": 0.2}, "settings.gate_margin", "0.02", "0.2"),
    (SWAPPED, {}, {}, f"{TABLE}.columns.payer.number.column", "debit_account", "credit_account"),
    (ALLOWED, {}, {}, f"{TABLE}.allow.fraud_step", "nothing", "asked for by nobody"),
    (MAPPING.replace('equals = "credit"', 'equals = "debit"'), {}, {}, f"{TABLE}.where.equals", "credit", "debit"),
    (MAPPING.replace('["memo"]', '["memo", "reporter"]'), {}, {}, f"{TABLE}.ignore", "memo", "memo, reporter"),
    (MAPPING.replace("minor_units = 1 ", "minor_units = 100 "), {}, {}, f"{TABLE}.columns.amount.minor_units", "1", "100"),
    (MAPPING.replace('"1d"', '"0d"'), {}, {}, f"{TABLE}.known_after", "1d", "0d"),
]  # fmt: skip


def run_of(folder: Path, mapping: str, when: float, **settings) -> Path:
    """A run whose drop was read by this mapping file."""
    (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    run = world.run_folder(folder, [replace(A, name=f"1{when:g}")], at(when))
    said = {"settings": {**SETTINGS, **settings}, "mapping": flat_mappings([load_mapping(folder / "mapping.toml")])}
    write_manifest(run, {"what": "run", "as_of": at(when).isoformat(), **said})
    return run


@pytest.fixture
def unit(tmp_path):
    chosen = world.unit(tmp_path / "home")
    world.pack(chosen, at(0.5), run_of(tmp_path, MAPPING, 0))
    return chosen


@pytest.fixture(scope="module", autouse=True)
def few_formats():
    with world.few_formats():
        yield


def test_twelve_of_twelve_edits_are_named_before_publication_and_wait_for_somebody_else(unit, tmp_path):
    named = 0
    for mapping, run_settings, unit_settings, key, old, new in MUTATIONS:
        run = run_of(tmp_path, mapping, 1, **run_settings)
        mine = unit.model_copy(update=unit_settings)
        with pytest.raises(SecondPersonError) as refused:
            world.pack(mine, at(1.5), run)
        named += f"{key}: {old} -> {new} (by lead-1)" in str(refused.value)
        rows = [row for row in waiting_terms(unit) if row["key"] == key]
        assert [(row["old"], row["new"], row["who"], row["critical"]) for row in rows] == [(old, new, "lead-1", True)]
    assert named == len(MUTATIONS) == 12
    with pytest.raises(SecondPersonError, match="known_after: 1d -> 0d"):
        publish_lists(run, tmp_path / "lists", mine, silent)
    assert not (tmp_path / "lists").exists()
    assert [event["kind"] for event in events_told(unit, None)][-12:] == ["terms_proposed"] * 12
    old = waiting_terms(unit)[-1]["proposal"]
    assert world.pack(unit, at(1.5), run_of(tmp_path, MAPPING, 1))["packages"][0]["sequence"] == 2
    assert waiting_terms(unit) == []  # lists left since, so that these would not let anything go out
    with pytest.raises(MissingInputError):
        approve_terms(world.settings(unit.home, "lead-2"), old)


def test_a_second_person_who_is_named_lets_exactly_these_terms_go_out(unit, tmp_path):
    swapped = run_of(tmp_path, SWAPPED, 1)
    with pytest.raises(SecondPersonError, match="somebody else than lead-1") as refused:
        world.pack(unit, at(1.5), swapped)
    number = int(str(refused.value).rsplit(" ", 1)[1].strip("`"))
    with pytest.raises(SecondPersonError, match="yourself"):
        approve_terms(unit, number)
    with pytest.raises(MissingInputError):
        approve_terms(unit, number + 7)
    second = world.settings(unit.home, "lead-2")
    assert approve_terms(second, number)["signed_by"] == "lead-2"
    assert waiting_terms(unit) == []
    with pytest.raises(SecondPersonError):  # another change than the one that was signed
        world.pack(unit.model_copy(update={"list_cap": 5}), at(1.5), swapped)
    told = world.pack(unit, at(1.5), swapped)
    assert told["packages"][0]["sequence"] == 2 and {c["who"] for c in told["changed"]} == {"lead-1"}
    signed = [(e["actor"], e["body"]["proposal"]) for e in events_told(unit, "terms_signed")]
    assert signed == [("lead-2", number)]
    assert world.pack(unit, at(2.5), run_of(tmp_path, SWAPPED, 2))["changed"] == []


def test_what_is_not_critical_is_named_and_goes_out_and_recalls_are_never_stopped(unit, tmp_path):
    told = world.pack(unit.model_copy(update={"list_days": 7}), at(1.5), run_of(tmp_path, MAPPING, 1, seed=2))
    assert [(c["key"], c["old"], c["new"], c["critical"]) for c in told["changed"]] == [
        ("settings.list_days", "14", "7", False),
        ("settings.seed", "1", "2", False),
    ]
    assert told["packages"] and waiting_terms(unit) == []
    gone = world.pack(unit.model_copy(update={"harm_bound": 1.0}), at(60))
    assert gone["packages"][0]["withdraw"] == 2


def test_an_invented_world_needs_no_signature_but_cannot_pass_for_one_by_being_edited(unit, tmp_path):
    invented = MAPPING.replace('name = "bank_a"', 'name = "bank_a"\nsynthetic = true')
    with pytest.raises(SecondPersonError, match="bank_a/synthetic: False -> True"):
        world.pack(unit, at(1.5), run_of(tmp_path, invented, 1))
    other = world.unit(tmp_path / "other")
    world.pack(other, at(0.5), run_of(tmp_path, invented, 0))
    assert world.pack(other, at(1.5), run_of(tmp_path, invented, 1, capacity=0.1))["changed"][0]["critical"]


def test_older_and_newer_mappings_of_one_name_show_every_value(tmp_path):
    run_of(tmp_path, MAPPING, 1)
    old = load_mapping(tmp_path / "mapping.toml")
    run_of(tmp_path, SWAPPED, 1)
    found = flat_mappings([old, load_mapping(tmp_path / "mapping.toml"), old])
    assert found["bank_a/transfers[transfers.csv].columns.payer.number.column"] == "credit_account | debit_account"
    assert found == flat_mappings([load_mapping(tmp_path / "mapping.toml"), old])


def test_other_pairs_of_the_same_values_and_other_lists_of_the_same_words_are_told_apart(tmp_path):
    def read(*edits: tuple[str, str]):
        text = MAPPING
        for old, new in edits:
            text = text.replace(old, new)
        (tmp_path / "mapping.toml").write_text(text, encoding="utf-8")
        return load_mapping(tmp_path / "mapping.toml")

    here, day = ("debit_account", "debited"), ('"1d"', '"0d"')
    one, other = flat_mappings([read(), read(here, day)]), flat_mappings([read(here), read(day)])
    assert [c["key"] for c in differences(one, other)] == ["bank_a/versions"]
    two, joined = (flat_mappings([read(('["memo"]', words))]) for words in ('["memo", "note"]', '["memo, note"]'))
    assert [c["key"] for c in differences(two, joined)] == ["bank_a/transfers[transfers.csv].ignore"]


def test_at_the_command_line(unit, tmp_path):
    run, authority = run_of(tmp_path, ALLOWED, 1), tmp_path / "authority.toml"
    authority.write_text("".join(f'{k} = "x"\n' for k in world.AUTHORITY.plain()))
    for who in ("lead-1", "lead-2"):
        (tmp_path / f"{who}.toml").write_text(f'actor = "{who}"\nlanguage = "en"\n')

    def said(*words: object, who: str = "lead-1"):
        return inside([*map(str, words), "--home", str(unit.home), "--settings", str(tmp_path / f"{who}.toml")])

    refused = said("lists", "pack", run, "--authority", authority, "--on", "2026-08-02")
    assert refused.code == 28 and "allow.fraud_step: nothing -> asked for by nobody" in " ".join(refused.err.split())
    number = json.loads(said("lists", "approve", "--json").out)[0]["proposal"]
    assert "fraud_step" in said("lists", "approve").out.replace("\n", "")
    assert said("lists", "approve", number).code == 28
    assert "signed by lead-2" in said("lists", "approve", number, who="lead-2").out
    told = said("lists", "pack", run, "--authority", authority, "--on", "2026-08-02")
    assert (told.code, "changed since the last lists: mapping.bank_a/" in told.out) == (0, True), told.err


def test_the_terms_of_a_real_run_name_its_mapping(demo):
    terms = terms_of(demo.run, world.settings(demo.home))
    assert terms["settings.capacity"] == "0.02" and "settings.harm_bound" in terms and "code" in terms
    assert sum(key.startswith("mapping.") for key in terms) > 50


def test_a_run_published_again_under_new_terms_puts_them_in_force_and_changes_no_byte(tmp_path):
    unit, run = world.unit(tmp_path / "home"), run_of(tmp_path, MAPPING, 0)
    tighter = unit.model_copy(update={"list_cap": 5})
    publish_lists(run, tmp_path / "lists", unit, silent)
    header = next((tmp_path / "lists").rglob("header.json")).read_bytes()
    with pytest.raises(SecondPersonError):
        publish_lists(run, tmp_path / "lists", tighter, silent)
    approve_terms(world.settings(unit.home, "lead-2"), waiting_terms(unit)[0]["proposal"])
    changed = [publish_lists(run, tmp_path / "lists", tighter, silent)["changed"] for _ in range(2)]
    assert [[c["key"] for c in one] for one in changed] == [["settings.list_cap"], []]
    assert next((tmp_path / "lists").rglob("header.json")).read_bytes() == header
    assert len(events_told(unit, "list_published")) == 2
