"""Whoever touches the file behind the program's back is found out, and so is whoever cuts or rewrites the chain."""

from __future__ import annotations

import random
import shutil
import sqlite3
from datetime import UTC, datetime

import pytest

from fraudnet.errors import IntegrityError, WriteFailedError
from fraudnet.store.audit import SELF_CONSISTENT, WITNESSED, verify
from fraudnet.store.backup import back_up, restore
from fraudnet.store.event import Entry, Head
from fraudnet.store.repository import Store

EVENTS = 20
AT = datetime(2026, 3, 1, tzinfo=UTC)


def filled(path, events: int = EVENTS, outcome: str = "confirmed") -> Head:
    with Store(path) as store:
        for n in range(events):
            texts = {"note": f"note {n}"} if n % 3 == 0 else {}
            store.append(Entry("decision", "a", {"n": n, "outcome": outcome}, f"d{n}", texts, "r"), AT)
        return store.head()


def tamper(path, *statements: str) -> None:
    database = sqlite3.connect(path, isolation_level=None)
    for name in ("events_stay", "events_last", "texts_stay", "texts_last"):
        database.execute(f"DROP TRIGGER {name}")
    database.execute("PRAGMA foreign_keys = OFF")
    for statement in statements:
        database.execute(statement)
    database.close()


@pytest.mark.parametrize("seed", range(12))
def test_the_first_broken_event_is_named(tmp_path, seed):
    draw = random.Random(seed)
    path = tmp_path / "store.db"
    filled(path)
    n = draw.randint(2, EVENTS - 1)
    column, value = draw.choice(
        (
            ("body", '{"n":7}'),
            ("actor", "b"),
            ("at", "2026-03-02T00:00:00+00:00"),
            ("kind", "x"),
            ("key", "y"),
            ("sealed", "z"),
            ("digest", "0"),
        )
    )
    broken, statements = draw.choice((
        (n, [f"UPDATE events SET {column} = '{value}' WHERE number = {n}"]),
        (n, [f"DELETE FROM events WHERE number = {n}"]),
        (n, [f"UPDATE events SET number = 999 WHERE number = {n}", f"UPDATE events SET number = {n} WHERE number = {n + 1}", f"UPDATE events SET number = {n + 1} WHERE number = 999"]),
    ))  # fmt: skip
    tamper(path, *statements)
    with Store(path) as store:
        found = verify(store)
    assert (found.whole, found.broken) == (False, broken)
    assert f"event {broken} " in found.reason


def test_exchanged_texts_are_found(tmp_path):
    filled(tmp_path / "store.db")
    tamper(
        tmp_path / "store.db", "UPDATE texts SET sealed = (SELECT sealed FROM texts WHERE number = 1) WHERE number = 4"
    )
    with Store(tmp_path / "store.db") as store:
        assert verify(store).reason == "event 4 has other texts than it was written with"


def test_a_cut_tail_needs_a_witness(tmp_path):
    head = filled(tmp_path / "store.db")
    tamper(
        tmp_path / "store.db",
        f"DELETE FROM events WHERE number > {EVENTS - 3}",
        f"DELETE FROM texts WHERE number > {EVENTS - 3}",
    )
    with Store(tmp_path / "store.db") as store:
        alone = verify(store)
        assert (alone.whole, alone.reason) == (True, SELF_CONSISTENT)
        found = verify(store, [head])
    assert (found.whole, found.broken) == (False, EVENTS - 2)


@pytest.mark.parametrize("seen", range(1, EVENTS + 1))
def test_a_chain_rewritten_as_a_whole_is_caught_by_one_old_head(tmp_path, seen):
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    filled(old)
    with Store(old) as store:
        witness = next(Head(e.number, e.digest) for e in store.events() if e.number == seen)
        assert verify(store, [witness]).reason == WITNESSED
    filled(new, outcome="cleared")
    with Store(new) as store:
        assert verify(store).whole
        assert verify(store, [witness]).broken == seen


def test_a_backup_has_the_same_head_also_while_others_write(tmp_path):
    with Store(tmp_path / "store.db") as store:
        head = filled(tmp_path / "store.db")
        assert back_up(store, tmp_path / "copy.db") == head
        with pytest.raises(WriteFailedError, match="there already"):
            back_up(store, tmp_path / "copy.db")
    with Store(tmp_path / "copy.db") as copy:
        assert copy.texts(1) == {"note": "note 0"}


@pytest.mark.parametrize("seed", range(5))
def test_going_back_names_what_is_lost_and_gives_no_number_twice(tmp_path, seed):
    draw = random.Random(seed)
    path, copy = tmp_path / "store.db", tmp_path / "copy.db"
    kept, lost = draw.randint(1, 10), draw.randint(1, 10)
    filled(path, kept)
    with Store(path) as store:
        back_up(store, copy)
        given = {store.append(Entry("list_published", "a", {}, f"l{n}")).number for n in range(lost)}
    found = restore(copy, path, "lead-1")
    assert found.lost == {"list_published": lost}
    assert found.aside.exists()
    with Store(path) as store:
        event = list(store.events())[-1]
        assert (event.kind, event.number) == ("restored", kept + lost + 1)
        later = {store.append(Entry("list_published", "a", {}, f"m{n}")).number for n in range(5)}
        assert not later & given
        assert verify(store).whole


def test_numbers_may_not_jump_by_themselves(tmp_path):
    filled(tmp_path / "store.db", 5)
    tamper(tmp_path / "store.db", "UPDATE events SET number = 50 WHERE number = 5")
    with Store(tmp_path / "store.db") as store:
        assert verify(store).broken == 5


def test_a_broken_backup_replaces_nothing(tmp_path):
    filled(tmp_path / "store.db", 3)
    filled(tmp_path / "copy.db", 6)
    tamper(tmp_path / "copy.db", "UPDATE events SET actor = 'x' WHERE number = 2")
    before = shutil.copy(tmp_path / "store.db", tmp_path / "before.db")
    with pytest.raises(IntegrityError, match="event 2 was changed"):
        restore(tmp_path / "copy.db", tmp_path / "store.db", "lead")
    with Store(tmp_path / "store.db") as now, Store(before) as then:
        assert now.head() == then.head()


def test_a_database_that_cannot_be_read_is_set_aside_and_its_numbers_are_not_given_again(tmp_path):
    filled(tmp_path / "copy.db", 4)
    (tmp_path / "store.db").write_bytes(b"rubbish" * 1000)
    found = restore(tmp_path / "copy.db", tmp_path / "store.db", "lead")
    assert found.lost == {"unreadable": -1}
    with Store(tmp_path / "store.db") as store:
        assert store.head().number > 1_000_000
        assert verify(store).whole


@pytest.mark.parametrize(("column", "value"), [("body", "no json"), ("at", "yesterday")])
def test_an_event_that_cannot_be_read_any_more_is_named(tmp_path, column, value):
    path = tmp_path / "store.db"
    filled(path)
    tamper(path, f"UPDATE events SET {column} = '{value}' WHERE number = 7")
    with Store(path) as store, pytest.raises(IntegrityError, match="event 7 was changed"):
        verify(store)


def test_pages_overwritten_inside_the_file_are_said_to_be_damaged(tmp_path):
    path = tmp_path / "store.db"
    filled(path, 200)
    content = bytearray(path.read_bytes())
    content[4096 * 4 :] = bytes(byte ^ 255 for byte in content[4096 * 4 :])
    path.write_bytes(content)
    with pytest.raises(IntegrityError), Store(path) as store:
        verify(store)
