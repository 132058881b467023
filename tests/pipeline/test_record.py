"""What was published is recorded; old lists bear witness; going back to a copy names what is lost."""

from __future__ import annotations

import json
import shutil
import sqlite3

import pytest
from small_world import inside


@pytest.fixture(scope="module")
def published(demo, tmp_path_factory):
    """A data directory and a folder of lists after the demo's lists were published once."""
    place = tmp_path_factory.mktemp("published")
    told = inside(demo.words("lists", demo.run, "--out", place / "lists", home=place / "home"))
    assert told.code == 0, told.err
    return place


@pytest.fixture
def unit(demo, published, tmp_path):
    """A copy of them: the data directory, and the run's lists."""
    shutil.copytree(published, tmp_path, dirs_exist_ok=True)
    return tmp_path / "home", tmp_path / "lists" / demo.run.name


def test_publishing_is_recorded_once_and_lists_carry_the_head_before_them(demo, unit):
    home, lists = unit
    headers = {path: path.read_bytes() for path in lists.glob("*/header.json")}
    assert {json.loads(h)["audit"]["number"] for h in headers.values()} == {0}
    again = inside(demo.words("lists", demo.run, "--out", lists.parent, home=home))
    assert again.code == 0
    assert {path: path.read_bytes() for path in lists.glob("*/header.json")} == headers
    log = json.loads(inside(demo.words("audit", "log", "--json", home=home)).out)
    assert [event["kind"] for event in log] == ["list_published"]
    assert sorted(log[0]["body"]["institutions"]) == sorted({json.loads(h)["institution"] for h in headers.values()})


def test_the_record_holds_and_a_changed_one_is_refused(demo, unit):
    home, lists = unit
    told = inside(demo.words("audit", "verify", home=home))
    assert (told.code, "1 events hold; self-consistent only" in told.out) == (0, True)
    header = next(lists.glob("*/header.json"))
    assert inside(demo.words("audit", "verify", "--witness", header, home=home)).code == 0
    database = sqlite3.connect(home / "store" / "store.db", isolation_level=None)
    database.execute("DROP TRIGGER events_stay")
    database.execute("UPDATE events SET actor = 'somebody else'")
    database.close()
    told = inside(demo.words("audit", "verify", home=home))
    assert told.code == 76
    assert "event 1 was changed" in told.err


def test_going_back_to_a_copy_says_what_is_lost(demo, unit, tmp_path):
    home, _ = unit
    assert inside(demo.words("store", "backup", tmp_path / "copy.db", home=home)).code == 0
    english = tmp_path / "english.toml"
    english.write_text('language = "en"\n')
    words = ["lists", str(demo.run), "--out", str(tmp_path / "en"), "--home", str(home), "--settings", str(english)]
    other = inside(words)
    assert other.code == 0
    told = inside(demo.words("store", "restore", tmp_path / "copy.db", home=home))
    assert told.code == 0
    assert "lost by it: 1 list_published" in told.out
    log = json.loads(inside(demo.words("audit", "log", "--json", home=home)).out)
    assert [(event["number"], event["kind"]) for event in log] == [(1, "list_published"), (3, "restored")]


def test_what_is_no_witness_and_no_record_is_named(demo, unit, tmp_path):
    home, lists = unit
    shutil.copy(next(lists.glob("*/SHA256SUMS")), tmp_path / "x.json")
    assert inside(demo.words("audit", "verify", "--witness", tmp_path / "x.json", home=home)).code == 65
    told = inside(demo.words("audit", "verify", home=tmp_path / "empty"))
    assert (told.code, "nothing has been recorded" in " ".join(told.err.split())) == (66, True)
    assert not (tmp_path / "empty").exists()
