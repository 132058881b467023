from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from toy import part

from fraudnet.errors import IntegrityError, MissingInputError, ModelMismatchError
from fraudnet.model import registry
from fraudnet.model.portable import load, save, verify
from fraudnet.model.registry import champion, models, register, runs

NAME = "fraudnet-account-both"


@pytest.fixture(scope="module")
def first(trained, tmp_path_factory, empty_register):
    """A data directory with one registered model."""
    home = tmp_path_factory.mktemp("home") / "var"
    shutil.copytree(empty_register, home)
    folder = save(trained, home.parent / "account-both")
    plot = home.parent / "curve.svg"
    plot.write_text("<svg/>")
    number = register(home, folder, trained.params, {"average_precision": 0.5}, {"drop": "abc"}, (plot,))
    assert number == "1"
    return home, folder


@pytest.fixture
def home(first, tmp_path):
    """A copy of it, in another place: the data directory may be moved."""
    shutil.copytree(first[0], tmp_path / "moved")
    return tmp_path / "moved"


def test_champion_survives_a_move_and_is_the_registered_model(first, home):
    folder = champion(home, NAME)
    assert folder == home / "models" / f"{NAME}-1"
    assert verify(folder) == verify(first[1])
    assert champion(home, NAME) == folder


def test_after_a_move_new_models_are_written_to_the_new_place(first, home, trained):
    before = sorted(p for p in first[0].rglob("*") if p.is_file() and p.suffix != ".db")
    assert register(home, first[1], trained.params, {}, {}) == "2"
    assert sorted(p for p in first[0].rglob("*") if p.is_file() and p.suffix != ".db") == before
    assert [(m["version"], m["aliases"]) for m in models(home)] == [("2", ["champion"]), ("1", [])]
    assert champion(home, NAME).name.endswith("-2")


def test_lists_for_the_command_line(first):
    found = models(first[0])
    assert [(m["name"], m["version"], m["aliases"], m["metrics"]) for m in found] == [
        (NAME, "1", ["champion"], {"average_precision": 0.5})
    ]
    assert [(r["name"], r["status"]) for r in runs(first[0])] == [(NAME, "FINISHED")]


def test_a_damaged_cache_is_fetched_again_and_a_damaged_register_is_refused(home):
    kept = champion(home, NAME)
    (kept / "model.txt").write_text("other")
    assert load(champion(home, NAME)).name == NAME
    stored = next((home / "mlflow").rglob("calibration.json"))
    stored.write_text("{}")
    shutil.rmtree(kept)
    with pytest.raises(IntegrityError):
        champion(home, NAME)


def test_alias_stays_when_the_registered_model_answers_differently(first, home, monkeypatch):
    def other(store, number, model):
        raise ModelMismatchError("golden rows get another score")

    monkeypatch.setattr(registry, "_prove", other)
    with pytest.raises(ModelMismatchError):
        register(home, first[1], {}, {}, {})
    monkeypatch.undo()
    assert [(m["version"], m["aliases"]) for m in models(home)] == [("2", []), ("1", ["champion"])]


def test_proof_reads_the_model_back_through_the_register(first, home, trained):
    with registry._opened(home) as store:
        registry._prove(store, "1", trained)
        golden = trained.golden.with_columns(raw=trained.golden["raw"] + 1e-9)
        from dataclasses import replace

        with pytest.raises(ModelMismatchError, match="version 1: 64 of 64 golden rows"):
            registry._prove(store, "1", replace(trained, golden=golden))


def test_a_run_left_behind_is_closed_as_killed(first, home):
    with registry._opened(home) as store:
        store.client.create_run(store.experiment, run_name="left")
    register(home, first[1], {}, {}, {})
    assert [(r["name"], r["status"]) for r in runs(home) if r["name"] == "left"] == [("left", "KILLED")]


def test_no_champion_is_an_error_that_says_so(home):
    with pytest.raises(MissingInputError, match="fraudnet-sim-both: has no champion"):
        champion(home, "fraudnet-sim-both")


def test_nothing_in_the_register_is_a_pickle_a_path_or_an_entity(first):
    home = first[0]
    place = str(home.resolve()).encode()
    ids = {name.encode() for name in part(0).matrix.frame["entity_id"].to_list()}
    stored = [path for path in (home / "mlflow" / "artifacts").rglob("*") if path.is_file()]
    assert stored
    assert not [path for path in stored if path.suffix == ".pyc"]
    for path in stored:
        whole = path.read_bytes()
        assert path.suffix not in {".pkl", ".pickle", ".joblib"}
        assert not whole.startswith((b"\x80\x04", b"\x80\x05"))
        assert b"cloudpickle.loads" not in whole
        assert place not in whole, path
        assert b"/site-packages/" not in whole
        assert str(Path(registry.__file__).parent).encode() not in whole, path
        assert not any(name in whole for name in ids)
    with closing(sqlite3.connect(home / "mlflow" / "mlflow.db")) as connection:
        dump = "\n".join(connection.iterdump()).encode()
    assert not any(name in dump for name in ids)
    assert sys.argv[0].encode() not in dump
    assert str(Path(registry.__file__).parent).encode() not in dump
    assert {row["value"] for row in _tags(home) if row["key"] in ("mlflow.user", "mlflow.source.name")} == {"fraudnet"}


def _tags(home):
    with closing(sqlite3.connect(home / "mlflow" / "mlflow.db")) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute("SELECT key, value FROM tags").fetchall()


def test_mlflow_is_told_to_be_quiet_before_it_is_imported(first):
    code = (
        "import os, sys, socket\n"
        "def refuse(*a, **k): raise AssertionError(f'tried to reach {a}')\n"
        "socket.getaddrinfo = refuse\n"
        "socket.socket.connect = refuse\n"
        "from pathlib import Path\n"
        "from fraudnet.model import registry\n"
        "assert 'mlflow' not in sys.modules\n"
        "print(len(registry.models(Path(sys.argv[1]))), os.environ['MLFLOW_DISABLE_TELEMETRY'], os.environ['DO_NOT_TRACK'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(first[0])], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["1", "true", "true"], done.stderr
    assert done.stderr == ""
