"""What going back to a copy must not undo or give away: erased texts, numbers of keys and events, the database itself."""

from __future__ import annotations

import pytest

from fraudnet.errors import ConfigurationError
from fraudnet.store.audit import verify
from fraudnet.store.backup import back_up, restore
from fraudnet.store.event import Entry
from fraudnet.store.repository import Store


def entry(n: int) -> Entry:
    return Entry("decision", "a", {"n": n}, f"d{n}", {"note": f"about {n}"}, f"r{n}")


def test_texts_can_be_written_after_a_restore_and_erased_ones_stay_erased(places, tmp_path):
    path = places()
    with Store(path) as store:
        store.append_all([entry(n) for n in range(4)])
        back_up(store, tmp_path / "copy.db")
        store.forget("r0", "lead", "asked")
        store.forget("r3", "lead", "asked")
        store.append(entry(5))
    for turn in range(2):
        restore(tmp_path / "copy.db", path, "lead")
        with Store(path) as store:
            later = [store.append(entry(10 * turn + n)).number for n in (6, 7)]
            assert [store.texts(number) for number in (1, 2, 4)] == [None, {"note": "about 1"}, None]
            assert [store.texts(number) for number in later] == [{"note": f"about {10 * turn + n}"} for n in (6, 7)]
            assert verify(store).whole


def test_a_key_of_a_copy_never_has_the_number_of_one_that_was_destroyed(places, tmp_path):
    with Store(places()) as store:
        store.append_all([entry(1), entry(2)])
        store.forget("r2", "lead", "asked")
        back_up(store, tmp_path / "copy.db")
    other = places("other")
    restore(tmp_path / "copy.db", other, "lead")
    for place in (tmp_path / "copy.db", other):
        with Store(place) as store:
            later = store.append(entry(3)).number
            assert [store.texts(number) for number in (1, 2, later)] == [{"note": "about 1"}, None, {"note": "about 3"}]


def test_a_record_that_was_removed_and_began_anew_tells_nothing_of_the_lost_numbers(tmp_path):
    path = tmp_path / "store.db"
    with Store(path) as store:
        store.append_all([entry(n) for n in range(5)])
        back_up(store, tmp_path / "copy.db")
        highest = [store.append(entry(n)).number for n in range(5, 50)][-1]
        back_up(store, tmp_path / "later.db")
    path.unlink()
    with Store(path) as store:
        store.append_all([entry(n) for n in range(100, 108)])
    assert restore(tmp_path / "copy.db", path, "lead").blind
    with Store(path) as store:
        assert store.head().number > highest and verify(store).whole
    assert not restore(tmp_path / "later.db", path, "lead").blind  # a newer copy of what was gone back from


def test_the_database_itself_is_no_copy_to_go_back_to(tmp_path):
    path = tmp_path / "store.db"
    with Store(path) as at_work:
        at_work.append(entry(1))
        log = path.with_name("store.db-wal")
        assert log.stat().st_size
        with pytest.raises(ConfigurationError, match="database itself"):
            restore(path, path, "lead")
        with pytest.raises(ConfigurationError, match="database itself"):
            (tmp_path / "second.db").hardlink_to(path)
            restore(tmp_path / "second.db", path, "lead")
        restore(path, tmp_path / "other.db", "lead")
        assert log.exists()  # what others have not yet brought into the file lies there
    with Store(path) as store:
        assert store.head().number == 1
