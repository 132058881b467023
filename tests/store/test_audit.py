"""Whoever touches the file behind the program's back is found out, and so is whoever cuts or rewrites the chain."""

from __future__ import annotations

import multiprocessing
import queue
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fraudnet.errors import IntegrityError, WriteFailedError
from fraudnet.store.audit import SELF_CONSISTENT, WITNESSED, verify
from fraudnet.store.backup import back_up, restore
from fraudnet.store.event import Entry, Head
from fraudnet.store.repository import Store
from record_places import Places

EVENTS = 20
AT = datetime(2026, 3, 1, tzinfo=UTC)


def filled(path, events: int = EVENTS, outcome: str = "confirmed") -> Head:
    noted = [{"note": f"note {n}"} if n % 3 == 0 else {} for n in range(events)]
    with Store(path) as store:
        store.append_all(
            [Entry("decision", "a", {"n": n, "outcome": outcome}, f"d{n}", t, "r") for n, t in enumerate(noted)], AT
        )
        return store.head()


@pytest.mark.parametrize("seed", range(8))
def test_the_first_broken_event_is_named(places, seed):
    draw = random.Random(seed)
    path = places()
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
    places.tamper(path, *statements)
    with Store(path) as store:
        found = verify(store)
    assert (found.whole, found.broken) == (False, broken)
    assert f"event {broken} " in found.reason


def test_exchanged_texts_are_found(places):
    path = places()
    filled(path)
    places.tamper(path, "UPDATE texts SET sealed = (SELECT sealed FROM texts WHERE number = 1) WHERE number = 4")
    with Store(path) as store:
        assert verify(store).reason == "event 4 has other texts than it was written with"


def test_a_cut_tail_needs_a_witness(places):
    path = places()
    head = filled(path)
    places.tamper(
        path,
        f"DELETE FROM events WHERE number > {EVENTS - 3}",
        f"DELETE FROM texts WHERE number > {EVENTS - 3}",
    )
    with Store(path) as store:
        alone = verify(store)
        assert (alone.whole, alone.reason) == (True, SELF_CONSISTENT)
        found = verify(store, [head])
    assert (found.whole, found.broken) == (False, EVENTS - 2)


def test_a_chain_rewritten_as_a_whole_is_caught_by_any_one_of_a_hundred_old_heads(places):
    old, new = places("old"), places("new")
    filled(old, 100)
    with Store(old) as store:
        heads = [Head(e.number, e.digest) for e in store.events()]
        assert verify(store, heads[:1]).reason == WITNESSED
    filled(new, 100, outcome="cleared")
    with Store(new) as store:
        assert (verify(store).whole, verify(store).reason) == (True, SELF_CONSISTENT)
        assert [verify(store, [head]).broken for head in heads] == list(range(1, 101))


def test_a_backup_has_the_same_head_also_while_others_write(places, tmp_path):
    path = places()
    with Store(path) as store:
        head = filled(path)
        assert back_up(store, tmp_path / "copy.db") == head
        with pytest.raises(WriteFailedError, match="there already"):
            back_up(store, tmp_path / "copy.db")
    with Store(tmp_path / "copy.db") as copy:
        assert copy.texts(1) == {"note": "note 0"}
        assert verify(copy, [head]).reason == WITNESSED


@pytest.mark.parametrize("seed", range(3))
def test_going_back_names_what_is_lost_and_gives_no_number_twice(places, tmp_path, seed):
    draw = random.Random(seed)
    path, copy = places(), tmp_path / "copy.db"
    kept, lost = draw.randint(1, 10), draw.randint(1, 10)
    filled(path, kept)
    with Store(path) as store:
        back_up(store, copy)
        given = {store.append(Entry("list_published", "a", {}, f"l{n}")).number for n in range(lost)}
    with Store(path) as open_meanwhile:
        found = restore(copy, path, "lead-1")
        assert found.lost == {"list_published": lost}
        with Store(Path(found.aside) if isinstance(path, Path) else path.replace(schema(path), found.aside)) as old:
            assert old.head().number == kept + lost and verify(old).whole
        event = list(open_meanwhile.events())[-1]
        assert (event.kind, event.number) == ("restored", kept + lost + 1)
        later = {open_meanwhile.append(Entry("list_published", "a", {}, f"m{n}")).number for n in range(5)}
    with Store(path) as store:
        assert not later & given
        assert store.head().number == kept + lost + 6
        assert store.texts(1) == {"note": "note 0"}
        assert verify(store).whole


def schema(url: str) -> str:
    return url.rsplit("schema=", 1)[1]


def test_a_restore_elsewhere_has_the_same_events_and_head(places, tmp_path):
    path = places("first")
    head = filled(path)
    with Store(path) as store:
        back_up(store, tmp_path / "copy.db")
    other = places("other")
    assert restore(tmp_path / "copy.db", other, "lead").lost == {}
    with Store(other) as store, Store(path) as first:
        assert [e.digest for e in store.events()][:-1] == [e.digest for e in first.events()]
        assert verify(store, [head]).reason == WITNESSED and store.texts(4) == {"note": "note 3"}


def test_numbers_may_not_jump_by_themselves(places):
    path = places()
    filled(path, 5)
    places.tamper(path, "UPDATE events SET number = 50 WHERE number = 5")
    with Store(path) as store:
        assert verify(store).broken == 5


def test_a_broken_backup_replaces_nothing(places, tmp_path):
    path = places()
    before = filled(path, 3)
    filled(tmp_path / "copy.db", 6)
    Places(tmp_path, None).tamper(tmp_path / "copy.db", "UPDATE events SET actor = 'x' WHERE number = 2")
    with pytest.raises(IntegrityError, match="event 2 was changed"):
        restore(tmp_path / "copy.db", path, "lead")
    with Store(path) as now:
        assert now.head() == before


def test_a_database_that_cannot_be_read_is_set_aside_and_its_numbers_are_not_given_again(tmp_path):
    filled(tmp_path / "copy.db", 4)
    (tmp_path / "store.db").write_bytes(b"rubbish" * 1000)
    found = restore(tmp_path / "copy.db", tmp_path / "store.db", "lead")
    assert found.lost == {"unreadable": -1}
    with Store(tmp_path / "store.db") as store:
        assert store.head().number > 1_000_000
        assert verify(store).whole


@pytest.mark.parametrize(("column", "value"), [("body", "no json"), ("at", "yesterday")])
def test_an_event_that_cannot_be_read_any_more_is_named(places, column, value):
    path = places()
    filled(path)
    places.tamper(path, f"UPDATE events SET {column} = '{value}' WHERE number = 7")
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


def _writer(path, who: int, stop, told) -> None:
    with Store(path) as store:
        n = 0
        while not stop.is_set():
            receipt = store.append(Entry("decision", "a", {"n": n}, f"w{who}.{n}"))
            told.put((receipt.number, receipt.digest))
            n += 1


def test_what_is_acknowledged_while_a_backup_is_restored_is_kept_or_set_aside(places, tmp_path):
    path = places()
    filled(path, 5)
    with Store(path) as store:
        back_up(store, tmp_path / "copy.db")
    fork = multiprocessing.get_context("fork")
    stop, told = fork.Event(), fork.Queue()
    writers = [fork.Process(target=_writer, args=(path, who, stop, told)) for who in range(4)]
    for writer in writers:
        writer.start()
    acknowledged = [told.get(timeout=60) for _ in range(12)]
    found = restore(tmp_path / "copy.db", path, "lead")
    acknowledged += [told.get(timeout=60) for _ in range(12)]
    stop.set()
    while any(writer.is_alive() for writer in writers) or not told.empty():
        try:
            acknowledged.append(told.get(timeout=0.05))
        except queue.Empty:
            continue
    old = Path(found.aside) if isinstance(path, Path) else path.replace(schema(path), found.aside)
    with Store(path) as now, Store(old) as before:
        kept = {(e.number, e.digest) for store in (now, before) for e in store.events()}
        assert set(acknowledged) <= kept and len(acknowledged) >= 24
        assert len({number for number, _ in acknowledged}) == len(acknowledged)
        assert verify(now).whole and verify(before).whole
        assert found.lost["decision"] == before.head().number - 5
    assert [writer.exitcode for writer in writers] == [0] * 4


def _opened_first(path, start) -> None:
    start.wait()
    with Store(path) as store:
        store.append(Entry("decision", "a", {}, str(multiprocessing.current_process().pid)))


def test_eight_who_open_a_new_record_at_once_all_write(places):
    fork, path = multiprocessing.get_context("fork"), places()
    start = fork.Barrier(8)
    openers = [fork.Process(target=_opened_first, args=(path, start)) for _ in range(8)]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join()
    with Store(path) as store:
        assert store.head().number == 8 and verify(store).whole
