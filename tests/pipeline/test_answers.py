"""Answers count once, for their own entries, when signed or vouched for; what falls by a clearing falls in order."""

from __future__ import annotations

import shutil
from pathlib import Path

import exchange_world as world
import polars as pl
import pytest
from exchange_world import Flag, at, seed

from fraudnet.errors import InputError, MissingInputError, SecondPersonError, TamperedError, WrongKeyError
from fraudnet.lists.tables import read_table
from fraudnet.pipeline.exchange.answers import (
    Delivery,
    confirm_answers,
    known_deliveries,
    receive_answers,
    too_many_cleared,
    undo_answers,
)
from fraudnet.pipeline.exchange.ledger import open_store
from fraudnet.pipeline.exchange.outbox import state
from fraudnet.pipeline.exchange.recalling import recalls_told, rule_on
from fraudnet.store.audit import verify
from fraudnet.store.dispositions import Decision, dispositions, record_decision

RING = [Flag("bank_a", f"10{n}", probability=0.95) for n in range(5)]
OTHERS = [Flag(bank, f"20{n}", supports=(seed(RING[n]),)) for n, bank in enumerate(world.BANKS)]
ALONE = Flag("bank_b", "3001")


@pytest.fixture(scope="module", autouse=True)
def few_formats():
    with world.few_formats():
        yield


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A unit that has packed ten flags of five banks; copied, never changed."""
    base = tmp_path_factory.mktemp("unit")
    unit = world.unit(base / "home")
    world.pack(unit, at(0.5), world.run_folder(base, [*RING, *OTHERS, ALONE], at(0)))
    return base / "home"


@pytest.fixture
def unit(published, tmp_path):
    return world.settings(shutil.copytree(published, tmp_path / "home"))


def decided(unit) -> pl.DataFrame:
    with open_store(unit) as store:
        return dispositions(store, at(999)).lazy().collect()


def events(unit) -> int:
    with open_store(unit) as store:
        assert verify(store).whole
        return store.head().number


def test_the_same_delivery_ten_times_has_one_effect_and_gets_the_first_receipt(unit, tmp_path):
    first = world.answer_file(tmp_path, [world.confirmed(unit, RING[0])], "a.csv")
    other = world.answer_file(tmp_path, [world.confirmed(unit, ALONE)], "b.csv")
    world.signed(first, "bank_a")
    world.signed(other, "bank_b")
    receipts = {receive_answers(Delivery(first, "bank_a"), unit, at(1))["receipt"]}
    before = events(unit)
    for n in range(10):
        receipts.add(receive_answers(Delivery(first, "bank_a"), unit, at(1 + n))["receipt"])
        receive_answers(Delivery(other, "bank_b"), unit, at(1 + n))
    assert len(receipts) == 1
    assert events(unit) == before + 2  # the second delivery and its decision
    assert decided(unit)["entity"].to_list() == [RING[0].entity, ALONE.entity]


def test_a_kill_while_answers_are_recorded_keeps_all_or_nothing(unit, tmp_path, monkeypatch):
    from fraudnet.store.repository import Store

    path = world.answer_file(tmp_path, [world.confirmed(unit, flag) for flag in RING])
    world.signed(path, "bank_a")
    before, real, calls = events(unit), Store._write, {"left": 3}

    def dying(self, *words):
        calls["left"] -= 1
        if not calls["left"]:
            raise KeyboardInterrupt
        return real(self, *words)

    with monkeypatch.context() as patched:
        patched.setattr(Store, "_write", dying)
        with pytest.raises(KeyboardInterrupt):
            receive_answers(Delivery(path, "bank_a"), unit, at(1))
    assert events(unit) == before
    assert receive_answers(Delivery(path, "bank_a"), unit, at(1))["answers"] == 5
    assert decided(unit).height == 5


def test_unsigned_answers_wait_for_a_second_person_with_a_document(unit, tmp_path):
    rows = [world.cleared(unit, flag) for flag in RING]
    told = world.answer(unit, at(1), "bank_a", rows, tmp_path, sign=False)
    assert (told["state"], told["answers"]) == ("pending", 5)
    assert decided(unit).is_empty()
    assert world.pack(unit, at(1.1))["packages"] == []
    second = world.settings(unit.home, "lead-2")
    with pytest.raises(SecondPersonError):
        confirm_answers(told["delivery"], "CV-9", unit, at(2))
    with pytest.raises(InputError, match="document"):
        confirm_answers(told["delivery"], " ", second, at(2))
    with pytest.raises(MissingInputError):
        confirm_answers("feed", "CV-9", second, at(2))
    assert confirm_answers(told["delivery"][:12], "CV-9", second, at(2))["alarm"]["cleared"] == 5
    assert decided(unit).height == 5
    assert [row["state"] for row in known_deliveries(unit)] == ["counts"]


def test_a_hundred_of_a_hundred_unsigned_rows_wait_and_free_nobody(unit, tmp_path):
    flags = [Flag("bank_c", f"3{n:03}") for n in range(100)]
    world.pack(unit.model_copy(update={"list_cap": 1_000}), at(0.6), world.run_folder(tmp_path, flags, at(0.55)))
    before = world.live(unit)
    rows = [world.cleared(unit, flag) for flag in flags]
    told = world.answer(unit, at(1), "bank_c", rows, tmp_path, sign=False)
    assert (told["state"], told["answers"]) == ("pending", 100)
    assert decided(unit).height == 0 and world.pack(unit, at(1.1))["packages"] == []
    assert world.live(unit) == before


def test_answers_about_anothers_entries_are_rejected_every_one(unit, tmp_path):
    mine, theirs = world.entry_of(unit, RING[0]), world.entry_of(unit, ALONE)
    crossed = [{"entry": theirs, "outcome": "cleared", "reason": "x", "basis": "own_review"}] * 500
    invented = [
        {"entry": f"{n:032x}", "outcome": "confirmed", "role": "controller", "basis": "own_review"} for n in range(500)
    ]
    path = world.answer_file(tmp_path, [*crossed, *invented])
    world.signed(path, "bank_a")
    told = receive_answers(Delivery(path, "bank_a"), unit, at(1), tmp_path / "rejects.csv")
    assert (told["answers"], told["rejected"]) == (0, 1000)
    rejects = read_table(tmp_path / "rejects.csv")
    assert set(rejects["code"]) == {"not_yours"} and theirs not in set(rejects["entry"])
    assert decided(unit).is_empty() and mine != theirs


WRONG = [
    ({"outcome": "guilty"}, "outcome", "unknown_word"),
    ({"outcome": "confirmed"}, "role", "empty"),
    ({"outcome": "confirmed", "role": "boss", "basis": "own_review"}, "role", "unknown_word"),
    ({"outcome": "cleared", "reason": "x", "basis": "police_file"}, "basis", "unknown_word"),
    ({"outcome": "cleared", "basis": "own_review"}, "reason", "empty"),
    ({"outcome": "held_in_part", "until": "2026-09-01"}, "amount", "empty"),
    ({"outcome": "held_in_part", "amount": "-5", "until": "2026-09-01"}, "amount", "unreadable"),
    ({"outcome": "contested", "decided_at": "2036-01-01"}, "decided_at", "in_the_future"),
    ({"outcome": "contested", "decided_at": "tomorrow"}, "decided_at", "unreadable"),
]


def test_every_bad_row_is_named_and_the_good_ones_count(unit, tmp_path):
    entries = [world.entry_of(unit, flag) for flag in RING]
    rows = [{"entry": entries[0], **row} for row, _, _ in WRONG]
    good = [
        {"entry": entries[0], "outcome": "held_in_part", "amount": "1.500.000", "until": "03/09/2026 12:00"},
        {"entry": entries[1], "outcome": "needs_evidence"},
        {"entry": entries[1], "outcome": "contested"},
    ]
    path = world.answer_file(tmp_path, [*rows, *good, {"entry": entries[2], "outcome": ""}])
    world.signed(path, "bank_a")
    told = receive_answers(Delivery(path, "bank_a"), unit, at(1), tmp_path / "rejects.csv")
    assert told["outcomes"] == {"held_in_part": 1, "needs_evidence": 1}
    rejects = read_table(tmp_path / "rejects.csv").rows()
    assert [(f, c) for _, _, f, c in rejects] == [*((f, c) for _, f, c in WRONG), ("entry", "twice")]


def test_workbooks_other_words_and_encrypted_files_are_read(unit, tmp_path):
    import pyrage
    import xlsxwriter
    from pyrage import x25519

    from fraudnet.pipeline.exchange.keyring import own_keys

    (tmp_path / "words.toml").write_text(
        '[columns]\nentry = "Mã"\noutcome = "Kết quả"\nrole = "Vai"\nbasis = "Căn cứ"\n'
        '[outcome]\n"đúng" = "confirmed"\n[role]\n"cho thuê" = "knowing_mule"\n[basis]\n"hồ sơ" = "own_documents"\n',
        encoding="utf-8",
    )
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = book.add_worksheet()
    for n, row in enumerate(
        [["Mã", "Kết quả", "Vai", "Căn cứ"], [world.entry_of(unit, RING[0]), "đúng", "cho thuê", "hồ sơ"]]
    ):
        sheet.write_row(n, 0, row)
    book.close()
    content = (tmp_path / "a.xlsx").read_bytes()
    (tmp_path / "a.xlsx.sig").write_bytes(world.keys_of("bank_a").signature(content))
    with open_store(unit) as store:
        ours = x25519.Recipient.from_str(own_keys(store, unit).public.age)
    (tmp_path / "a.xlsx.age").write_bytes(pyrage.encrypt(content, [ours]))
    delivery = Delivery(tmp_path / "a.xlsx.age", "bank_a", wording=tmp_path / "words.toml")
    assert receive_answers(delivery, unit, at(1))["outcomes"] == {"confirmed": 1}
    assert decided(unit)["role"].to_list() == ["knowing_mule"]


def test_what_people_write_is_sealed_and_can_be_forgotten(unit, tmp_path):
    row = {**world.cleared(unit, ALONE), "reason": "Trần Thị Bịa nhận lương", "note": "gọi 0912345678"}
    world.answer(unit, at(1), "bank_b", [row], tmp_path)
    with open_store(unit) as store:
        (event,) = store.events("answer_text")
        assert store.texts(event.number) == {"reason": row["reason"], "note": row["note"]}
        assert not any("Trần" in str(e.body) or "0912345678" in str(e.body) for e in store.events())
        store.forget(ALONE.entity, "lead-1", "erasure")
        assert store.texts(event.number) is None and verify(store).whole


def test_forged_signatures_are_refused_and_nothing_is_kept(unit, tmp_path):
    path, before = world.answer_file(tmp_path, [world.cleared(unit, RING[0])]), events(unit)
    world.signed(path, "bank_b")
    with pytest.raises(TamperedError):
        receive_answers(Delivery(path, "bank_a"), unit, at(1))
    with pytest.raises(WrongKeyError):
        receive_answers(Delivery(path, "bank_z"), unit, at(1))
    with pytest.raises(MissingInputError):
        receive_answers(Delivery(path, "bank_a", Path("no.sig")), unit, at(1))
    assert events(unit) == before


HOSTILE = [
    b"",
    b"\x00\x01",
    b"entry,entry\n1,2\n",
    b"<html>",
    b'entry,outcome\n"unclosed',
    "entry,outcome\n1,2".encode("utf-16"),
]


def test_hostile_files_are_refused_by_name(unit, tmp_path):
    for n, content in enumerate([*HOSTILE, b"entry,outcome\n" + b"x" * 5_000 + b",y\n"]):
        path = tmp_path / f"h{n}.csv"
        path.write_bytes(content)
        with pytest.raises(InputError):
            receive_answers(Delivery(path, "bank_a"), unit, at(1))
    (tmp_path / "h.xlsx").write_bytes(b"PK\x03\x04broken")
    with pytest.raises(InputError, match="workbook"):
        receive_answers(Delivery(tmp_path / "h.xlsx", "bank_a"), unit, at(1))


def test_a_lying_bank_frees_nobody_at_other_banks(unit, tmp_path):
    before = world.live(unit)
    told = world.answer(unit, at(1), "bank_a", [world.cleared(unit, flag) for flag in RING], tmp_path)
    assert told["alarm"]["chance"] < 0.01
    rows = {row["institution"]: row for row in world.pack(unit, at(1.1))["packages"]}
    assert {name: row["withdraw"] for name, row in rows.items() if row["withdraw"]} == {"bank_a": 6}
    assert {name: row["suspend"] for name, row in rows.items() if row["suspend"]} == dict.fromkeys(world.BANKS[1:], 1)
    told_people = opened_recalls(unit, rows["bank_b"], tmp_path)
    assert told_people == [("suspend", "201")]
    now = world.live(unit)
    assert [now.get(flag.entity) for flag in (*RING, *OTHERS[:1])] == [None] * 6
    assert {now[flag.entity] for flag in OTHERS[1:]} == {"suspended"} and now[ALONE.entity] == "live"
    assert recalls_told(unit, at(1.9))["overdue"] == 0
    assert recalls_told(unit, at(2.1))["overdue"] == 5
    assert undo_answers(told["delivery"], "CV-77", unit, at(3))["taken_back"] == 5
    world.pack(unit, at(3.1))
    assert world.live(unit) == before


def opened_recalls(unit, row, tmp_path) -> list[tuple[str, str]]:
    """What the people of a bank read about entries to pause or undo."""
    from fraudnet.pipeline.exchange.keyring import own_keys
    from fraudnet.pipeline.exchange.receiving import open_list

    with open_store(unit) as store:
        sender = own_keys(store, unit).folder / "public.json"
    keys = world.keys_of(row["institution"]).folder
    told = open_list(Path(row["file"]), keys, (sender,), tmp_path / "in", world.day_of(at(1)))
    return read_table(Path(told["folder"]) / "recalls.csv").select("operation", "number").rows()


def test_a_leads_word_makes_a_clearing_hold_everywhere_or_nowhere(unit, tmp_path):
    world.answer(unit, at(1), "bank_a", [world.cleared(unit, RING[1]), world.cleared(unit, RING[2])], tmp_path)
    world.pack(unit, at(1.1))
    waiting = {row["decision"]: row for row in recalls_told(unit, at(1.2))["waiting"]}
    one, other = sorted(waiting)
    with pytest.raises(InputError, match="document"):
        rule_on(one, "confirmed", "", unit, at(2))
    rule_on(one, "confirmed", "CV-1", unit, at(2))
    rule_on(other, "denied", "CV-2", unit, at(2))
    world.pack(unit, at(2.1))
    now = world.live(unit)
    assert OTHERS[1].entity not in now and now[OTHERS[2].entity] == "live"
    assert RING[1].entity not in now and now[RING[2].entity] == "live"
    told = recalls_told(unit, at(2.2))
    assert told["waiting"] == []
    assert {(r["institution"], r["reason"], r["entries"]) for r in told["recalls"]} == {
        ("bank_a", "cleared", 2),
        ("bank_b", "retracted", 1),
    }


def test_what_the_police_clear_falls_everywhere_at_once(unit, tmp_path):
    with open_store(unit) as store:
        record_decision(
            store, Decision(RING[3].entity, "cleared", "police", "police_file", at(1)), "lead", "k", at=at(1)
        )
    rows = {row["institution"]: row["withdraw"] for row in world.pack(unit, at(1.1))["packages"]}
    assert rows == {"bank_a": 1, "bank_d": 1}


def test_the_cleared_rest_ninety_days_unless_somebody_else_speaks_up(unit, tmp_path):
    world.answer(unit, at(1), "bank_b", [world.cleared(unit, ALONE)], tmp_path)
    world.pack(unit, at(1.1))
    for day in (10, 60):
        run = world.run_folder(tmp_path, [ALONE], at(day))
        assert world.pack(unit, at(day + 0.5), run)["held"][0]["reason"] == "resting"
    victim = Flag("bank_b", ALONE.name, source="victim", supports=(("report", "r9", "victim_report"),))
    world.pack(unit, at(70.5), world.run_folder(tmp_path, [victim], at(70)))
    assert world.live(unit)[ALONE.entity] == "live"


def test_after_ninety_days_the_cleared_may_be_listed_again(unit, tmp_path):
    world.answer(unit, at(1), "bank_b", [world.cleared(unit, ALONE)], tmp_path)
    run = world.run_folder(tmp_path, [ALONE], at(92))
    assert ALONE.entity in {*world.live(unit), *(world.pack(unit, at(92.5), run) and world.live(unit))}


def test_closed_accounts_leave_and_stay_away(unit, tmp_path):
    rows = [{"entry": world.entry_of(unit, ALONE), "outcome": "already_closed"}]
    world.answer(unit, at(1), "bank_b", rows, tmp_path)
    (row,) = world.pack(unit, at(1.1))["packages"]
    assert (row["institution"], row["withdraw"]) == ("bank_b", 1)
    with open_store(unit) as store:
        assert state(store, unit).changes.filter(pl.col("turn") == 1)["reason"].to_list() == ["closed"]
    run = world.run_folder(tmp_path, [ALONE], at(10))
    assert world.pack(unit, at(10.5), run)["packages"] == []


def test_echoed_flags_change_nothing(unit, tmp_path):
    before = world.live(unit)
    for month in range(3):
        rows = [world.confirmed(unit, flag, "list_only") for flag in RING]
        world.answer(unit, at(1 + month), "bank_a", rows, tmp_path)
    with open_store(unit) as store:
        assert too_many_cleared(store, state(store, unit), "bank_a", at(9)) is None
    assert set(decided(unit)["basis"].cast(pl.String)) == {"list_only"}
    assert world.pack(unit, at(5))["packages"] == []
    assert world.live(unit) == before
