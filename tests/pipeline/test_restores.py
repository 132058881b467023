"""Going back to a copy is no way to undo what was decided or sent: it is named, and nobody does it alone."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

import exchange_world as world
import pytest
from exchange_world import Flag, at

from fraudnet.errors import InputError, SecondPersonError
from fraudnet.pipeline.exchange.keyring import own_keys
from fraudnet.pipeline.exchange.ledger import events_told, open_store, save_record, store_path, verify_record
from fraudnet.pipeline.exchange.outbox import outbox, sent_manifests
from fraudnet.pipeline.exchange.receiving import open_list
from fraudnet.pipeline.exchange.recovery import release_restored
from fraudnet.pipeline.exchange.restoring import restore_record

TIMES = 20


@pytest.fixture(scope="module", autouse=True)
def few_formats():
    with world.few_formats():
        yield


@pytest.fixture
def unit(tmp_path):
    return world.unit(tmp_path / "home")


def test_twenty_random_restores_reuse_no_number_and_name_everything_that_is_lost(unit, tmp_path):
    draw, second = random.Random(7), world.settings(unit.home, "lead-2")
    events: dict[int, set[str]] = {}
    named_lists = named_decisions = 0
    flag = Flag("bank_a", "1000")
    world.pack(unit, at(0), world.run_folder(tmp_path, [flag], at(-0.5)))
    for turn in range(TIMES):
        save_record(unit, tmp_path / f"copy{turn}.db")
        lost_lists, lost_decisions = [], draw.randint(0, 2)
        for number in range(lost_decisions):
            answer = [world.confirmed(unit, flag) | {"decided_at": f"2026-07-{number + 1:02}"}]
            world.answer(unit, at(turn, 10 + number), flag.institution, answer, tmp_path)
        if draw.random() < 0.6:
            more = Flag(draw.choice(world.BANKS[:2]), f"2{turn:03}")
            run = world.run_folder(tmp_path, [more], at(turn - 0.4))
            lost_lists = world.pack(unit, at(turn, 30), run)["packages"]
        for event in events_told(unit, None):
            events.setdefault(event["number"], set()).add(f"{event['kind']} {event['at']}")
        unreadable = draw.random() < 0.25
        if unreadable:
            store_path(unit).write_bytes(b"rubbish" * 1000)
        told = restore_record(unit, tmp_path / f"copy{turn}.db")
        assert told["blind"] == unreadable
        assert [row["list_id"] for row in told["lost_lists"]] == [row["list_id"] for row in lost_lists]
        if not unreadable:
            assert len(told["lost_decisions"]) == lost_decisions
            assert all(row["event"] in events for row in told["lost_decisions"])
            named_decisions += lost_decisions
        named_lists += len(lost_lists)
        assert events_told(unit, None)[-1]["kind"] == "restored"
        with pytest.raises(SecondPersonError):
            world.pack(unit, at(turn, 40))
        with pytest.raises(SecondPersonError):
            release_restored(unit)
        release_restored(second)
    for event in events_told(unit, None):
        events.setdefault(event["number"], set()).add(f"{event['kind']} {event['at']}")
    sent = [(said.recipient, said.sequence) for _, said in sent_manifests(unit)]
    assert len(sent) == len(set(sent)) == 1 + named_lists
    assert {len(said) for said in events.values()} == {1}
    assert named_lists >= 5 and named_decisions >= 5
    assert verify_record(unit, [])["whole"]


def test_without_the_record_lost_decisions_are_named_by_what_they_changed_on_lists(unit, tmp_path):
    flag = Flag("bank_a", "1001", probability=0.9)
    world.pack(unit, at(1), world.run_folder(tmp_path, [flag], at(0.5)))
    save_record(unit, tmp_path / "copy.db")
    world.answer(unit, at(2), "bank_a", [world.cleared(unit, flag)], tmp_path)
    (row,) = world.pack(unit, at(3))["packages"]
    store_path(unit).unlink()
    told = restore_record(unit, tmp_path / "copy.db")
    assert told["lost_decisions"] == [
        {"list_id": row["list_id"], "entry": world.entry_of(unit, flag), "reason": "cleared"}
    ]
    assert told["lost_lists"] == [{"institution": "bank_a", "sequence": 2, "list_id": row["list_id"]}]


def test_an_acknowledgement_tells_of_a_list_of_which_nothing_else_is_left(unit, tmp_path):
    flag = Flag("bank_a", "1001")
    world.pack(unit, at(1), world.run_folder(tmp_path, [flag], at(0.5)))
    save_record(unit, tmp_path / "copy.db")
    shutil.copytree(unit.home, tmp_path / "yesterday")
    run = world.run_folder(tmp_path, [flag, Flag("bank_a", "1002"), Flag("bank_b", "2001")], at(1.5))
    row = world.pack(unit, at(2), run)["packages"][0]
    with open_store(unit) as store:
        sender = own_keys(store, unit).folder / "public.json"
    opened = open_list(
        Path(row["file"]), world.keys_of("bank_a").folder, (sender,), tmp_path / "in", world.day_of(at(2))
    )
    shutil.rmtree(unit.home)
    shutil.copytree(tmp_path / "yesterday", unit.home)
    store_path(unit).unlink()
    acknowledgement = Path(opened["acknowledgement"])
    broken = tmp_path / "broken.json"
    broken.write_text(acknowledgement.read_text().replace('"sequence": 2', '"sequence": -2'))
    with pytest.raises(InputError, match="sequence"):
        restore_record(unit, tmp_path / "copy.db", [broken])
    broken.write_text(re.sub(r'"number": (\d+)', r'"number": \g<1>' + "0" * 20, acknowledgement.read_text()))
    with pytest.raises(InputError, match="audit"):
        restore_record(unit, tmp_path / "copy.db", [broken])
    told = restore_record(unit, tmp_path / "copy.db", [acknowledgement])
    assert told["lost_lists"] == [{"institution": "bank_a", "sequence": 2, "list_id": row["list_id"]}]
    release_restored(world.settings(unit.home, "lead-2"))
    # Nothing tells of the list that bank_b got on that day, nor whether bank_a got another since.
    assert [(r["institution"], r["sequence"]) for r in world.pack(unit, at(3), run)["packages"]] == [
        ("bank_a", 1_003),
        ("bank_b", 1_001),
    ]


def test_where_nothing_tells_of_lists_that_left_their_numbers_go_on_far_behind(unit, tmp_path):
    flag = Flag("bank_a", "1001")
    world.pack(unit, at(1), world.run_folder(tmp_path, [flag], at(0.5)))
    save_record(unit, tmp_path / "copy.db")
    store_path(unit).unlink()
    assert restore_record(unit, tmp_path / "copy.db")["blind"] and outbox(unit).is_dir()
    release_restored(world.settings(unit.home, "lead-2"))
    run = world.run_folder(tmp_path, [flag, Flag("bank_a", "1002")], at(1.5))
    assert [row["sequence"] for row in world.pack(unit, at(3), run)["packages"]] == [1_002]


def test_a_unit_moves_its_record_to_a_server_and_goes_on_there(unit, record_server, tmp_path):
    flag = Flag("bank_a", "1001", probability=0.9)
    world.pack(unit, at(1), world.run_folder(tmp_path, [flag], at(0.5)))
    save_record(unit, tmp_path / "copy.db")
    url = f"{record_server.url}&schema=unit_moves"
    there = unit.model_copy(update={"store": url})
    assert url not in repr(there)
    assert not restore_record(there, tmp_path / "copy.db")["blind"]
    release_restored(there.model_copy(update={"actor": "lead-2"}))
    store_path(unit).unlink()
    world.answer(there, at(2), "bank_a", [world.cleared(there, flag)], tmp_path)
    (row,) = world.pack(there, at(3))["packages"]
    assert (row["withdraw"], row["sequence"]) == (1, 2)
    assert verify_record(there, [])["whole"] and not store_path(unit).exists()
    save_record(there, tmp_path / "later.db")
    lost = world.answer(there, at(4), "bank_a", [world.confirmed(there, flag)], tmp_path)
    told = restore_record(there, tmp_path / "later.db")
    assert lost["answers"] == 1 and [row["outcome"] for row in told["lost_decisions"]] == ["confirmed"]
