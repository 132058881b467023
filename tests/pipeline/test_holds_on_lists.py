"""What to hold reaches the list of the institution that keeps the account, and nobody else's."""

from __future__ import annotations

import json

import exchange_world as world
import polars as pl
from exchange_world import Flag, at

from fraudnet.contracts.results import ListEntry
from fraudnet.files import write_parquet
from fraudnet.lists.live import completed
from fraudnet.pipeline.exchange.keyring import own_keys
from fraudnet.pipeline.exchange.ledger import open_store
from fraudnet.pipeline.exchange.receiving import open_list
from fraudnet.runs.manifest import read_manifest, write_manifest

A, B = Flag("bank_a", "1001"), Flag("bank_b", "2001")


def held(run, amounts: dict[str, int]):
    """The run with amounts to hold on its entries."""
    entries = pl.read_parquet(run / "list_entries.parquet")
    told = pl.col("entity_id").replace_strict(amounts, default=None, return_dtype=pl.Int64)
    write_parquet(run / "list_entries.parquet", entries.with_columns(hold=told))
    facts = read_manifest(run)
    write_manifest(run, {name: value for name, value in facts.items() if name != "outputs"})
    return run


def test_each_institution_reads_its_own_amount_and_a_new_one_is_an_update(tmp_path):
    unit = world.unit(tmp_path / "home")
    first = held(world.run_folder(tmp_path, [A, B], at(0)), {A.entity: 2_900_000})
    told = {row["institution"]: row for row in world.pack(unit, at(0.5), first)["packages"]}
    with open_store(unit) as store:
        sender = own_keys(store, unit).folder / "public.json"

    def amounts(row) -> list[int | None]:
        keys = world.keys_of(row["institution"]).folder
        folder = open_list(tmp_path / row["file"], keys, (sender,), tmp_path / row["institution"], world.day_of(at(1)))[
            "folder"
        ]
        lines = (tmp_path / folder / "changes.jsonl").read_text().splitlines()
        assert "2900000" in (tmp_path / folder / "working.csv").read_text() or row["institution"] != "bank_a"
        return [json.loads(line)["hold"] for line in lines]

    assert amounts(told["bank_a"]) == [2_900_000] and amounts(told["bank_b"]) == [None]
    again = held(world.run_folder(tmp_path, [A, B], at(1)), {A.entity: 1_000_000})
    (row,) = world.pack(unit, at(1.5), again)["packages"]
    assert (row["institution"], row["update"]) == ("bank_a", 1)


def test_a_run_puts_what_its_cases_would_hold_on_the_entries(demo):
    run = demo.run
    entries = pl.read_parquet(run / "list_entries.parquet")
    cases = pl.read_parquet(run / "case_holds.parquet").filter(pl.col("hold") > 0)
    expected = dict(cases.group_by("entity_id").agg(pl.col("hold").sum()).iter_rows())
    assert {row["entity_id"]: row["hold"] for row in entries.to_dicts()} == {
        entity: expected.get(entity) for entity in entries["entity_id"]
    }
    floors = dict(
        pl.read_parquet(run / "case_holds.parquet").group_by("entity_id").agg(pl.col("floor").sum()).iter_rows()
    )
    assert all(row["hold"] <= floors[row["entity_id"]] for row in entries.drop_nulls("hold").to_dicts())
    assert completed(entries.drop("hold"), ListEntry)["hold"].null_count() == entries.height
