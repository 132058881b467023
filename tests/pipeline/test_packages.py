"""What goes out: own entries only, one live entry an account, deltas that add up, all packages or none."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import exchange_world as world
import polars as pl
import pytest
from exchange_world import Flag, at, seed

from fraudnet.errors import BusyError, ConfigurationError, MissingInputError, SecondPersonError, WriteFailedError
from fraudnet.files import digest_of
from fraudnet.lists.authority import Authority
from fraudnet.lists.exchange.opening import Opener, open_package
from fraudnet.lists.filling import fill
from fraudnet.lists.live import replayed, totals
from fraudnet.pipeline.exchange import packages as exchange
from fraudnet.pipeline.exchange.acknowledging import record_acknowledgement
from fraudnet.pipeline.exchange.keyring import confirm_keys, offer_keys, own_keys, revoke_keys, rotate_own_keys
from fraudnet.pipeline.exchange.ledger import open_store, save_record
from fraudnet.pipeline.exchange.outbox import alone, outbox, state
from fraudnet.pipeline.exchange.rebuilding import rebuild_list
from fraudnet.pipeline.exchange.receiving import open_list
from fraudnet.pipeline.exchange.recovery import release_restored
from fraudnet.pipeline.exchange.restoring import restore_record

A, B = Flag("bank_a", "1001"), Flag("bank_b", "2001")
TEL = Flag("tel_a", "84911")


@pytest.fixture
def unit(tmp_path):
    return world.unit(tmp_path / "home")


def opened(unit, row, into: Path, today=None):
    with open_store(unit) as store:
        sender = own_keys(store, unit).public
    when = today or world.day_of(at(1))
    return open_package(Path(row["file"]), Opener(world.keys_of(row["institution"]), (sender,), when), into)


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_each_institution_gets_its_own_and_no_name_of_others(unit, tmp_path):
    run = world.run_folder(tmp_path, [A, replace(B, supports=(seed(A), ("own", "m", "model"))), TEL], at(0))
    rows = {row["institution"]: row for row in world.pack(unit, at(1), run)["packages"]}
    assert list(rows) == ["bank_a", "bank_b", "tel_a"]
    for name, row in rows.items():
        manifest, folder = opened(unit, row, tmp_path / name)
        text = "".join(
            p.read_text(encoding="utf-8") for p in folder.iterdir() if p.suffix in (".json", ".jsonl", ".csv")
        )
        others = {"1001", "2001", "84911"} - {f.name for f in (A, B, TEL) if f.institution == name}
        assert not any(f'"{other}"' in text or f":{other}" in text for other in others), name
        assert manifest.authority["unit"] == "Đơn vị thử"
        assert (folder / "simo_002-0001.json").exists() == name.startswith("bank")
    entries = [lines(tmp_path / name / row["list_id"] / "changes.jsonl")[0]["entry_id"] for name, row in rows.items()]
    assert len(set(entries)) == 3 and all(len(entry) == 32 for entry in entries)


def test_the_same_order_twice_packs_once_and_sequences_grow(unit, tmp_path):
    run = world.run_folder(tmp_path, [A], at(0))
    assert [row["sequence"] for row in world.pack(unit, at(1), run)["packages"]] == [1]
    assert world.pack(unit, at(1), run)["packages"] == []
    later = world.run_folder(tmp_path, [A, Flag("bank_a", "1002")], at(2))
    assert [(r["sequence"], r["add"]) for r in world.pack(unit, at(3), later)["packages"]] == [(2, 1)]
    with open_store(unit) as store:
        kept = state(store, unit)
    assert kept.live.group_by("institution", "entity_id").len()["len"].max() == 1
    assert kept.packages["bank_a"][1]["sequence"] == 2


def test_a_newer_flag_updates_the_entry_and_only_new_evidence_keeps_it_longer(unit, tmp_path):
    world.pack(unit, at(0.5), world.run_folder(tmp_path, [A], at(0)))
    with open_store(unit) as store:
        first = state(store, unit).live["expires_on"][0]
    assert world.pack(unit, at(10.5), world.run_folder(tmp_path, [A], at(10)))["packages"] == []
    new = replace(A, supports=(*A.supports, ("hit", "pass_through", "typology")))
    (row,) = world.pack(unit, at(20.5), world.run_folder(tmp_path, [new], at(20)))["packages"]
    assert (row["add"], row["update"], row["live"]) == (0, 1, 1)
    with open_store(unit) as store:
        live = state(store, unit).live
    assert live["expires_on"][0] == first + timedelta(days=20)
    assert live["listed_on"][0] == world.day_of(at(0.5))
    (gone,) = world.pack(unit, at(60))["packages"]
    assert (gone["withdraw"], gone["live"]) == (1, 0)
    same = world.run_folder(tmp_path, [new], at(61))
    assert world.pack(unit, at(61.5), same)["held"] == [{"institution": "bank_a", "reason": "resting", "entries": 1}]
    newer = replace(new, band="40_to_70")
    assert world.pack(unit, at(62.5), world.run_folder(tmp_path, [newer], at(62)))["packages"][0]["add"] == 1


def test_what_is_over_the_daily_cap_or_has_no_keys_is_held_back_and_named(unit, tmp_path):
    unit = world.settings(unit.home, list_cap=2)
    flags = [Flag("bank_a", f"10{n}", band="40_to_70" if n == 4 else "20_to_40") for n in range(5)]
    run = world.run_folder(tmp_path, [*flags, Flag("bank_z", "9")], at(0))
    told = world.pack(unit, at(1), run)
    assert [(row["institution"], row["add"]) for row in told["packages"]] == [("bank_a", 2)]
    assert told["held"] == [
        {"institution": "bank_a", "reason": "over the daily cap", "entries": 3},
        {"institution": "bank_z", "reason": "no trusted keys", "entries": 1},
    ]
    assert world.pack(unit, at(1.1), run)["packages"] == []
    assert world.pack(unit, at(2.1), run)["packages"][0]["add"] == 2


def test_every_authority_field_is_needed(unit):
    for name in ("unit", "document", "document_date", "legal_basis", "signer", "contact"):
        with pytest.raises(ConfigurationError, match=name):
            Authority(**{**world.AUTHORITY.plain(), name: " "})


def test_a_disk_that_fails_leaves_everything_as_it_was_and_the_next_order_succeeds(unit, tmp_path, monkeypatch):
    run = world.run_folder(tmp_path, [A, B], at(0))
    calls = {"left": 0}
    real = os.replace

    def failing(self, target):
        calls["left"] -= 1
        if calls["left"] == 0:
            raise OSError(28, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    for n in (1, 9):
        calls["left"] = n
        with pytest.raises(WriteFailedError):
            world.pack(unit, at(1), run)
        assert world.live(unit) == {}
    calls["left"] = -1
    assert len(world.pack(unit, at(1), run)["packages"]) == 2


def test_a_kill_between_record_and_rename_is_finished_by_the_next_command(unit, tmp_path, monkeypatch):
    run = world.run_folder(tmp_path, [A], at(0))

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(exchange, "publish_folder", killed)
        with pytest.raises(KeyboardInterrupt):
            world.pack(unit, at(1), run)
    assert world.live(unit) == {A.entity: "live"}, "others read what was recorded, and leave the hidden folder alone"
    assert world.pack(unit, at(1), run)["packages"] == []
    (folder,) = outbox(unit).iterdir()
    assert (folder / "packages" / "bank_a-000001.age").is_file()


def test_a_list_is_rebuilt_to_the_byte(unit, tmp_path):
    (row,) = world.pack(unit, at(1), world.run_folder(tmp_path, [A], at(0)))["packages"]
    Path(row["file"]).unlink()
    again = rebuild_list("bank_a", row["list_id"], unit, tmp_path / "again")
    with open_store(unit) as store:
        assert again["inner"] == state(store, unit).packages["bank_a"][0]["inner"]
    assert opened(unit, {**row, "file": again["file"]}, tmp_path / "in")[0].list_id == row["list_id"]


def test_equal_units_pack_equal_bytes(tmp_path):
    run, inner = world.run_folder(tmp_path, [A, B], at(0)), []
    for name in ("one", "other"):
        unit = world.unit(tmp_path / name)
        (unit.home / "keys" / "pseudonyms.key").write_bytes(bytes(range(32)))
        world.pack(unit, at(1), run)
        with open_store(unit) as store:
            inner.append({name: rows[0]["inner"] for name, rows in state(store, unit).packages.items()})
    assert inner[0] == inner[1] and len(inner[0]) == 2


def test_replaying_the_deltas_gives_the_weekly_statement(unit, tmp_path):
    flags = [Flag("bank_a", f"10{n}") for n in range(6)]
    packed = []
    for step in range(4):
        run = world.run_folder(tmp_path, flags[step : step + 3], at(8 * step))
        packed += world.pack(unit, at(8 * step + 1), run)["packages"]
    seen: dict[str, dict] = {}
    for row in packed:
        manifest, folder = opened(unit, row, tmp_path / "in", world.day_of(at(25)) if row["sequence"] > 2 else None)
        for change in lines(folder / "changes.jsonl"):
            if change["operation"] == "withdraw":
                seen.pop(change["entry_id"])
            else:
                seen[change["entry_id"]] = {k: v for k, v in change.items() if k not in ("operation", "reason")}
        stated = {line["entry_id"]: line for line in lines(folder / "statement.jsonl")}
        assert stated == seen
        told = "".join(f"{entry} {seen[entry]['state']}\n" for entry in sorted(seen))
        import hashlib

        assert manifest.totals["live_digest"] == hashlib.sha256(told.encode()).hexdigest()
    assert len(packed) == 4 and len(seen) == 6


def test_numbers_of_lists_do_not_come_from_the_clock(unit, tmp_path):
    numbers = []
    for n, when in enumerate((5, 3, 3.5, 1)):  # the clock goes back, and stands still over the leap of a month
        run = world.run_folder(tmp_path, [Flag("bank_a", f"{n}001")], at(6 + n))
        numbers += [row["sequence"] for row in world.pack(unit, at(when), run)["packages"]]
    assert numbers == [1, 2, 3, 4]


def test_a_bank_that_opens_every_package_holds_what_the_sender_says(unit, tmp_path):
    with open_store(unit) as store:
        sender = own_keys(store, unit).folder / "public.json"
    flags = [Flag("bank_a", f"10{n}") for n in range(4)]
    files = []
    for week, some in enumerate(([0, 1], [1, 2, 3], [3]), 1):
        run = world.run_folder(tmp_path, [flags[n] for n in some], at(3 * week - 0.5))
        files += [row["file"] for row in world.pack(unit, at(3 * week), run)["packages"]]
    world.answer(unit, at(10), "bank_a", [world.cleared(unit, flags[1])], tmp_path)
    files += [row["file"] for row in world.pack(unit, at(11))["packages"]]

    def opened_in(into: Path, chosen: list[str]) -> list[str]:
        keys = world.keys_of("bank_a").folder
        return [open_list(Path(f), keys, (sender,), into, world.day_of(at(11)))["standing"] for f in chosen]

    assert len(files) == 3 and opened_in(tmp_path / "all", files) == ["agrees"] * 3
    assert opened_in(tmp_path / "late", files[2:]) == ["agrees"]  # it holds the weekly statement
    assert opened_in(tmp_path / "gap", [files[1]]) == ["unknown"]
    first = next((tmp_path / "all").glob("*/statement.jsonl"))
    assert opened_in(tmp_path / "cut", files[:1]) == ["agrees"]
    next((tmp_path / "cut").glob("*/statement.jsonl")).write_text(first.read_text().splitlines()[0] + "\n")
    assert opened_in(tmp_path / "cut", files[1:2]) == ["differs"]


def test_the_live_entries_do_not_depend_on_the_order_of_the_rows(unit, tmp_path):
    world.pack(unit, at(1), world.run_folder(tmp_path, [A, B, TEL], at(0)))
    with open_store(unit) as store:
        kept = state(store, unit)
    shuffled = [kept.changes[place : place + 1] for place in reversed(range(kept.changes.height))]
    assert replayed(shuffled).equals(kept.live)
    assert totals(kept.live, kept.changes)["live"] == 3


def test_an_acknowledgement_bears_witness_and_a_rewritten_record_is_caught(unit, tmp_path):
    (row,) = world.pack(unit, at(1), world.run_folder(tmp_path, [A], at(0)))["packages"]
    with open_store(unit) as store:
        own = own_keys(store, unit).folder
    bank = world.keys_of("bank_a").folder
    told = open_list(Path(row["file"]), bank, (own / "public.json",), tmp_path / "in", world.day_of(at(1)))
    found = record_acknowledgement(Path(told["acknowledgement"]), unit)
    assert (found["accepted"], found["signed"], found["rejected"]) == (1, True, [])
    assert record_acknowledgement(Path(told["acknowledgement"]), unit)["repeated"]
    said = json.loads(Path(told["acknowledgement"]).read_text())
    said["audit"]["digest"] = digest_of("another history")
    forged = tmp_path / "ack.json"
    forged.write_text(json.dumps(said))
    from fraudnet.errors import IntegrityError

    with pytest.raises(IntegrityError, match="witness"):
        record_acknowledgement(forged, unit)


def test_only_confirmed_or_old_signed_keys_get_packages(unit, tmp_path):
    forged = [world.make_keys("bank_a", tmp_path / f"forged{n}") for n in range(5)]
    real = world.keys_of("bank_a").public
    for keys in forged:
        assert offer_keys(unit, keys.folder / "public.json")["state"] == "pending"
        confirm_keys(unit, keys.public.fingerprint)
        confirm_keys(unit, keys.public.fingerprint)
    world.pack(unit, at(1), world.run_folder(tmp_path, [A], at(0)))
    with open_store(unit) as store:
        assert {facts["keys"] for facts in state(store, unit).packages["bank_a"]} == {real.fingerprint}
    revoke_keys(unit, real.fingerprint, "lost")
    held = world.pack(unit, at(2), world.run_folder(tmp_path, [Flag("bank_a", "7")], at(1)))["held"]
    assert held == [{"institution": "bank_a", "reason": "no trusted keys", "entries": 1}]


def test_a_rotation_signed_by_the_old_keys_is_trusted_at_once_and_a_forged_one_never(tmp_path):
    from fraudnet.errors import InputError
    from fraudnet.pipeline.exchange.keyring import known_keys, make_own_keys

    bank, unit = world.settings(tmp_path / "bank"), world.settings(tmp_path / "unit")
    first = make_own_keys(bank, "bank_a")
    offer_keys(unit, Path(first["folder"]) / "public.json")
    for who in ("lead-1", "lead-2"):
        confirm_keys(world.settings(tmp_path / "unit", who), first["fingerprint"])
    turned = rotate_own_keys(bank)
    assert offer_keys(unit, Path(turned["rotation"]))["state"] == "trusted"
    letter = json.loads(Path(turned["rotation"]).read_text())
    letter["keys"] = world.make_keys("bank_a", tmp_path / "other").public.plain()
    (tmp_path / "forged.json").write_text(json.dumps(letter))
    with pytest.raises(InputError, match="not signed"):
        offer_keys(unit, tmp_path / "forged.json")
    assert [row["state"] for row in known_keys(bank)] == ["own", "own"]


def test_after_a_restore_nothing_leaves_before_a_second_person_and_no_number_comes_again(unit, tmp_path):
    world.pack(unit, at(1), world.run_folder(tmp_path, [A], at(0)))
    save_record(unit, tmp_path / "copy.db")
    (lost,) = world.pack(unit, at(2), world.run_folder(tmp_path, [A, Flag("bank_a", "1002")], at(1)))["packages"]
    told = restore_record(unit, tmp_path / "copy.db")
    assert told["lost_lists"] == [{"institution": "bank_a", "sequence": 2, "list_id": lost["list_id"]}]
    run = world.run_folder(tmp_path, [A, Flag("bank_a", "1003")], at(3))
    with pytest.raises(SecondPersonError):
        world.pack(unit, at(4), run)
    with pytest.raises(SecondPersonError):
        release_restored(unit)
    release_restored(world.settings(unit.home, "lead-2"))
    assert world.pack(unit, at(4), run)["packages"][0]["sequence"] == 3


def test_two_packers_and_a_unit_without_keys_are_refused(unit, tmp_path):
    run = world.run_folder(tmp_path, [A], at(0))
    with alone(unit), pytest.raises(BusyError):
        world.pack(unit, at(1), run)
    with pytest.raises(MissingInputError, match="keys make"):
        world.pack(world.settings(tmp_path / "bare"), at(1), run)


def test_what_the_bank_fills_in_makes_the_report_ready(unit, tmp_path):
    (row,) = world.pack(unit, at(1), world.run_folder(tmp_path, [A], at(0)))["packages"]
    _, folder = opened(unit, row, tmp_path / "in")
    from fraudnet.errors import InputError, ListRefusedError
    from fraudnet.lists.check import check_file
    from fraudnet.lists.tables import read_table, write_table

    asked = read_table(folder / "to_fill.csv")
    assert asked["field"].to_list() == ["Cif", "TrangThaiHoatDongTaiKhoan"]
    filled = write_table(tmp_path / "filled.csv", asked.with_columns(value=pl.Series(["C1", "2"])))
    (path,) = fill(folder, filled, tmp_path / "ready")
    assert check_file(path, "ready") == ()
    with pytest.raises(ListRefusedError, match="TrangThai"):
        fill(folder, write_table(tmp_path / "b.csv", asked.with_columns(value=pl.Series(["C1", "9"]))), tmp_path / "no")
    with pytest.raises(InputError, match="no record"):
        fill(
            folder,
            write_table(tmp_path / "c.csv", asked.with_columns(account=pl.lit("666"), value=pl.lit("1"))),
            tmp_path / "no",
        )
    assert not list((tmp_path / "no").glob("*"))
