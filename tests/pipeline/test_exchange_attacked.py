"""What dishonest or clumsy people do to lists and answers, and what must still hold afterwards."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import exchange_world as world
import pyrage
import pytest
from exchange_world import Flag, at, seed
from pyrage import x25519

from fraudnet.errors import BusyError, InputError, MissingInputError, SecondPersonError, WriteFailedError
from fraudnet.lists.tables import read_table
from fraudnet.pipeline.exchange.acknowledging import record_acknowledgement
from fraudnet.pipeline.exchange.answers import (
    confirm_answers,
    known_deliveries,
    receive_answers,
    undo_answers,
)
from fraudnet.pipeline.exchange.contesting import Complaint, contested, contests_told, decide_contest, open_contest
from fraudnet.pipeline.exchange.delivered import Delivery
from fraudnet.pipeline.exchange.keyring import own_keys, revoke_keys, rotate_own_keys
from fraudnet.pipeline.exchange.ledger import open_store, save_record, store_path, verify_record
from fraudnet.pipeline.exchange.outbox import alone, state
from fraudnet.pipeline.exchange.rebuilding import rebuild_list
from fraudnet.pipeline.exchange.recalling import rule_on
from fraudnet.pipeline.exchange.receiving import open_list
from fraudnet.pipeline.exchange.recovery import release_restored
from fraudnet.pipeline.exchange.restoring import restore_record
from fraudnet.store import backup as backups
from fraudnet.store.dispositions import DECISION, Decision, record_decision

A = Flag("bank_a", "1001")
B = Flag("bank_b", "2001", supports=(seed(A), ("own", "m", "model")))


@pytest.fixture(scope="module", autouse=True)
def few_formats():
    with world.few_formats():
        yield


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A unit that has packed two flags of two banks; copied, never changed."""
    base = tmp_path_factory.mktemp("attacked")
    world.pack(world.unit(base / "home"), at(0.5), world.run_folder(base, [A, B], at(0)))
    return base / "home"


@pytest.fixture
def unit(published, tmp_path):
    return world.settings(shutil.copytree(published, tmp_path / "home"))


def outcomes(unit) -> list[str]:
    with open_store(unit) as store:
        return [event.body["entity"] for event in store.events(DECISION)]


def test_a_file_that_came_unsigned_first_counts_when_its_signature_comes(unit, tmp_path):
    path = world.answer_file(tmp_path, [world.cleared(unit, A)])
    first = receive_answers(Delivery(path, "bank_a"), unit, at(1))
    assert (first["state"], outcomes(unit)) == ("pending", [])
    world.signed(path, "bank_a")
    again = receive_answers(Delivery(path, "bank_a"), unit, at(2))
    assert (again["state"], again["repeated"], again["receipt"]) == ("counts", True, first["receipt"])
    receive_answers(Delivery(path, "bank_a"), unit, at(3))
    assert outcomes(unit) == [A.entity]


def test_a_copy_in_anothers_name_does_not_keep_the_real_answer_out(unit, tmp_path):
    path = world.answer_file(tmp_path, [world.cleared(unit, A)])
    assert receive_answers(Delivery(path, "bank_b"), unit, at(1))["rejected"] == 1
    world.signed(path, "bank_a")
    told = receive_answers(Delivery(path, "bank_a"), unit, at(2))
    assert (told["institution"], told["repeated"], told["answers"]) == ("bank_a", False, 1)


def test_undone_answers_close_and_pause_nothing_any_more(unit, tmp_path):
    before = world.live(unit)
    rows = [{"entry": world.entry_of(unit, A), "outcome": "unknown_account"}]
    told = world.answer(unit, at(1), "bank_a", rows, tmp_path)
    paused = world.answer(unit, at(1), "bank_b", [{"entry": world.entry_of(unit, B), "outcome": "contested"}], tmp_path)
    world.pack(unit, at(1.1))
    assert world.live(unit) == {B.entity: "suspended"}
    with pytest.raises(InputError, match="document"):
        undo_answers(told["delivery"], " ", unit, at(2))
    for one in (told, paused):
        undo_answers(one["delivery"], "CV-7", unit, at(2))
    world.pack(unit, at(2.1))
    assert world.live(unit) == before
    assert {row["state"] for row in known_deliveries(unit)} == {"undone"}


def test_what_was_undone_while_it_waited_cannot_be_confirmed(unit, tmp_path):
    told = world.answer(unit, at(1), "bank_a", [world.cleared(unit, A)], tmp_path, sign=False)
    undo_answers(told["delivery"], "CV-7", unit, at(2))
    second = world.settings(unit.home, "lead-2")
    with pytest.raises(InputError, match="undone"):
        confirm_answers(told["delivery"], "CV-9", second, at(3))
    with pytest.raises(MissingInputError, match="without a file"):
        confirm_answers("feed", "CV-9", second, at(3))
    assert outcomes(unit) == []


def test_closed_accounts_do_not_come_back_by_themselves_when_their_rest_is_over(unit, tmp_path):
    strong = Flag("bank_c", "3001", source="police", band="over_70", supports=(("report", "p1", "police_report"),))
    world.pack(unit, at(1), world.run_folder(tmp_path, [strong], at(0.9)))
    rows = [{"entry": world.entry_of(unit, strong), "outcome": "already_closed"}]
    world.answer(unit, at(2), "bank_c", rows, tmp_path)
    for day in (3, 100):
        world.pack(unit, at(day))
        assert strong.entity not in world.live(unit)


def test_the_rejected_rows_are_told_again_when_the_first_time_was_cut(unit, tmp_path):
    path = world.answer_file(tmp_path, [{"entry": world.entry_of(unit, A), "outcome": "guilty"}])
    world.signed(path, "bank_a")
    receive_answers(Delivery(path, "bank_a"), unit, at(1))
    receive_answers(Delivery(path, "bank_a"), unit, at(2), tmp_path / "rejects.csv")
    assert read_table(tmp_path / "rejects.csv")["code"].to_list() == ["unknown_word"]


def test_answers_to_our_former_keys_are_still_read(unit, tmp_path):
    path = world.answer_file(tmp_path, [world.cleared(unit, A)])
    world.signed(path, "bank_a")
    with open_store(unit) as store:
        former = own_keys(store, unit).public
    Path(f"{path}.age").write_bytes(pyrage.encrypt(path.read_bytes(), [x25519.Recipient.from_str(former.age)]))
    rotate_own_keys(unit)
    assert receive_answers(Delivery(Path(f"{path}.age"), "bank_a"), unit, at(1))["state"] == "counts"


AMOUNTS = {"900000": 900_000, "1.500.000": 1_500_000, "1,500,000": 1_500_000, "900000.00": 900_000, "900000.0": 900_000}
NO_AMOUNTS = ("1500.25", "1.5", "1.500,000", "12.34.56", "1e6")


def test_no_amount_is_read_as_its_hundredfold(unit, tmp_path):
    for place, (text, amount) in enumerate({**AMOUNTS, **dict.fromkeys(NO_AMOUNTS)}.items()):
        row = {"entry": world.entry_of(unit, A), "outcome": "held_in_part", "amount": text, "until": "2026-09-01"}
        path = world.answer_file(tmp_path, [row], f"{place}.csv")
        told = receive_answers(Delivery(path, "bank_a"), unit, at(1))
        with open_store(unit) as store:
            body = max(store.events("answers_received"), key=lambda event: event.number).body
        assert [answer["amount"] for answer in body["answers"]] == ([] if amount is None else [amount]), text
        assert told["rejected"] == (amount is None)


def test_days_before_all_calendars_are_rejected_by_row(unit, tmp_path):
    rows = [{"entry": world.entry_of(unit, A), "outcome": "contested", "decided_at": "01/01/0001"}]
    assert world.answer(unit, at(1), "bank_a", rows, tmp_path)["rejected"] == 1


def test_the_answer_that_came_last_ends_a_pause_whatever_day_it_names(unit, tmp_path):
    entry = world.entry_of(unit, A)
    world.answer(unit, at(2), "bank_a", [{"entry": entry, "outcome": "contested"}], tmp_path)
    later = {"entry": entry, "outcome": "needs_evidence", "decided_at": "2026-08-02"}
    with open_store(unit) as store:
        assert contested(store, at(2.1)).height == 1
    world.answer(unit, at(3), "bank_a", [later], tmp_path)
    with open_store(unit) as store:
        assert contested(store, at(3.1)).is_empty()


def test_a_contest_is_answered_once_and_with_a_document(unit):
    number = open_contest(Complaint(world.entry_of(unit, A), "other", "KN-1", ("bao",)), unit, at(1))["contest"]
    bao = world.settings(unit.home, "bao")
    with pytest.raises(InputError, match="document"):
        decide_contest(number, "cleared", "", bao, at(2))
    decide_contest(number, "upheld", "KN-2", bao, at(2))
    decide_contest(number, "upheld", "KN-2", bao, at(2))
    with pytest.raises(InputError, match="otherwise"):
        decide_contest(number, "cleared", "KN-3", bao, at(3))
    assert outcomes(unit) == [] and contests_told(unit, at(4))[0]["outcome"] == "upheld"


def test_a_won_contest_takes_the_entry_off_though_the_bank_had_confirmed_it(unit, tmp_path):
    world.answer(unit, at(1), "bank_a", [world.confirmed(unit, A)], tmp_path)
    number = open_contest(Complaint(world.entry_of(unit, A), "other", "KN-1", ("bao",)), unit, at(2))["contest"]
    decide_contest(number, "cleared", "KN-2", world.settings(unit.home, "bao"), at(3))
    world.pack(unit, at(3.1))
    assert A.entity not in world.live(unit)


def test_a_contest_against_a_word_of_the_police_is_refused_instead_of_won_for_nothing(unit):
    said = Complaint(world.entry_of(unit, A), "other", "KN-1", ("bao",))
    first = open_contest(said, unit, at(1))
    assert open_contest(said, unit, at(9)) == first, "the deadline is the one that was recorded"
    with open_store(unit) as store:
        police = Decision(A.entity, "confirmed", "police", "police_file", at(1), role="controller")
        record_decision(store, police, "lead", "k", at=at(1))
    bao = world.settings(unit.home, "bao")
    with pytest.raises(InputError, match="police"):
        decide_contest(first["contest"], "cleared", "KN-2", bao, at(2))
    assert contests_told(unit, at(2))[0]["outcome"] is None
    assert decide_contest(first["contest"], "upheld", "KN-2", bao, at(2))["outcome"] == "upheld"


def test_only_a_clearing_can_be_ruled_on(unit, tmp_path):
    world.answer(unit, at(1), "bank_a", [world.confirmed(unit, A)], tmp_path)
    with open_store(unit) as store:
        number = next(event.number for event in store.events(DECISION))
    with pytest.raises(InputError, match="no clearing"):
        rule_on(number, "confirmed", "CV-1", unit, at(2))


def test_an_old_document_does_not_pass_for_a_new_ruling(unit, tmp_path):
    world.answer(unit, at(1), "bank_a", [world.cleared(unit, A)], tmp_path)
    with open_store(unit) as store:
        number = next(event.number for event in store.events(DECISION))
    rule_on(number, "confirmed", "CV-1", unit, at(2))
    assert rule_on(number, "confirmed", "CV-1", unit, at(2)) == rule_on(number, "confirmed", "CV-1", unit, at(3))
    rule_on(number, "denied", "CV-2", unit, at(4))
    with pytest.raises(InputError, match="newer"):
        rule_on(number, "confirmed", "CV-1", unit, at(5))


def test_recalls_that_cannot_be_sent_are_named(unit, tmp_path):
    world.answer(unit, at(1), "bank_a", [world.cleared(unit, A)], tmp_path)
    revoke_keys(unit, world.keys_of("bank_a").public.fingerprint, "lost")
    held = world.pack(unit, at(2))["held"]
    assert {"institution": "bank_a", "reason": "recall not told: no trusted keys", "entries": 1} in held


def test_an_older_run_and_a_clock_that_goes_back_undo_nothing(unit, tmp_path):
    stronger = replace(A, band="40_to_70")
    world.pack(unit, at(5), world.run_folder(tmp_path, [stronger], at(4)))
    assert world.pack(unit, at(6), world.run_folder(tmp_path, [A], at(2)))["packages"] == []
    world.answer(unit, at(7), "bank_a", [world.cleared(unit, A)], tmp_path)
    world.pack(unit, at(8))
    world.pack(unit, at(6))
    assert A.entity not in world.live(unit)


def test_a_bank_learns_that_packages_are_missing(unit, tmp_path):
    with open_store(unit) as store:
        sender = own_keys(store, unit).folder / "public.json"
    world.pack(unit, at(1), world.run_folder(tmp_path, [Flag("bank_a", "1002")], at(0.9)))
    files = sorted(unit.home.glob("exchange/packed/*/packages/bank_a-*.age"), key=lambda path: path.name)
    keys, day = world.keys_of("bank_a").folder, world.day_of(at(1))
    assert open_list(files[1], keys, (sender,), tmp_path / "late", day)["missing"] == 1
    told = [open_list(file, keys, (sender,), tmp_path / "in", day)["missing"] for file in files]
    assert told == [0, 0]


@pytest.fixture
def acknowledged(unit, tmp_path):
    with open_store(unit) as store:
        sender = own_keys(store, unit).folder / "public.json"
    (file,) = unit.home.glob("exchange/packed/*/packages/bank_a-*.age")
    told = open_list(file, world.keys_of("bank_a").folder, (sender,), tmp_path / "in", world.day_of(at(1)))
    return json.loads(Path(told["acknowledgement"]).read_text(encoding="utf-8"))


SPOILED = [
    {"audit": {"number": "many", "digest": "x"}},
    {"audit": {}},
    {"audit": {"number": 0, "digest": "0" * 64}},
    {"rejected": [{"entry": "Trần Thị Bịa", "field": "number", "code": "unknown"}]},
]


@pytest.mark.parametrize("spoil", SPOILED)
def test_acknowledgements_without_witness_or_with_names_are_refused(unit, acknowledged, tmp_path, spoil):
    path = tmp_path / "ack.json"
    path.write_text(json.dumps({**acknowledged, **spoil}), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        record_acknowledgement(path, unit)
    assert "Trần" not in str(refused.value)


def test_an_acknowledgement_that_came_first_does_not_keep_another_out(unit, acknowledged, tmp_path):
    path, numbers = tmp_path / "ack.json", []
    for accepted in (0, 1, 1):
        path.write_text(json.dumps({**acknowledged, "accepted": accepted}), encoding="utf-8")
        numbers.append(record_acknowledgement(path, unit)["receipt"])
    assert numbers[0] < numbers[1] == numbers[2]


def test_a_restore_that_is_killed_changes_nothing_and_one_beside_a_packer_is_refused(unit, tmp_path, monkeypatch):
    save_record(unit, tmp_path / "copy.db")
    world.pack(unit, at(1), world.run_folder(tmp_path, [Flag("bank_a", "1002")], at(0.9)))
    before = verify_record(unit, [])["head"]
    with alone(unit), pytest.raises(BusyError):
        restore_record(unit, tmp_path / "copy.db")

    def killed(*_: object) -> None:
        raise WriteFailedError("the disk is gone")

    with monkeypatch.context() as patched:
        patched.setattr(backups, "write_with", killed)
        with pytest.raises(WriteFailedError):
            restore_record(unit, tmp_path / "copy.db")
    assert verify_record(unit, [])["head"] == before
    assert restore_record(unit, tmp_path / "copy.db")["lost"] == {"lists_packed": 1}
    assert verify_record(unit, [])["whole"] and len(list(store_path(unit).parent.glob("*.tmp*"))) == 0


def test_after_a_restore_lists_are_stated_whole_and_nothing_is_rebuilt_before(unit, tmp_path):
    save_record(unit, tmp_path / "copy.db")
    restore_record(unit, tmp_path / "copy.db")
    with open_store(unit) as store:
        list_id = state(store, unit).packages["bank_a"][0]["list_id"]
    with pytest.raises(SecondPersonError):
        rebuild_list("bank_a", list_id, unit, tmp_path / "again")
    release_restored(world.settings(unit.home, "lead-2"))
    world.pack(unit, at(1), world.run_folder(tmp_path, [Flag("bank_a", "1002")], at(0.9)))
    with open_store(unit) as store:
        assert state(store, unit).packages["bank_a"][-1]["statement"]
