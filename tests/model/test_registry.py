from __future__ import annotations

import fcntl
import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Thread

import psutil
import pytest
from toy import part

from fraudnet.errors import IntegrityError, MissingInputError, ModelMismatchError, UntrustedModelError
from fraudnet.model import registry
from fraudnet.model.portable import load, save, verify
from fraudnet.model.registry import champion, champions, models, promote, register, roll_back, runs, standing
from fraudnet.model.signed import SIGNATURE
from fraudnet.model.trainers import BOOT, HOST, PROCESS, STARTED, mine
from fraudnet.pipeline.training.model_keys import sign_trained, trusted_folder
from fraudnet.settings import Settings

NAME = "fraudnet-account-both"


@pytest.fixture(scope="module")
def first(trained, tmp_path_factory, empty_register):
    """A data directory with one registered model."""
    home = tmp_path_factory.mktemp("home") / "var"
    shutil.copytree(empty_register, home)
    folder = save(trained, home.parent / "account-both")
    sign_trained(folder, Settings(home=home))
    plot = home.parent / "curve.svg"
    plot.write_text("<svg/>")
    number = register(home, folder, trained.params, {"average_precision": 0.5}, {"drop": "abc"}, (plot,))
    assert number == "1"
    assert champions(home) == frozenset()
    assert promote(home, NAME, number, {"gate.answer": "no champion yet"}) == "none"
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
    assert standing(home) == {NAME: {"champion": "1", "challenger": "2"}}
    assert promote(home, NAME, "2", {}) == "1"
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
    assert [(m["version"], m["aliases"]) for m in models(home)] == [("2", []), ("1", ["champion"])]
    with pytest.raises(ModelMismatchError):
        promote(home, NAME, "2", {"gate.answer": "better"})
    monkeypatch.undo()
    assert [(m["version"], m["aliases"]) for m in models(home)] == [("2", []), ("1", ["champion"])]
    assert "gate.answer" not in models(home)[0]["tags"]


def test_a_model_with_another_signature_than_its_card_is_refused(first, home, trained):
    with registry._opened(home) as store:
        registry._refuse_other_signature(store, "1", trained)
        shorter = replace(trained, inputs=trained.inputs[1:])
        with pytest.raises(ModelMismatchError, match="differ in in_amount_1d"):
            registry._refuse_other_signature(store, "1", shorter)


def test_the_way_forward_and_back(first, home):
    trusted = partial(trusted_folder, settings=Settings(home=home))
    for number in ("2", "3"):
        assert register(home, first[1], {}, {}, {}) == number
        promote(home, NAME, number, {"gate.answer": "better", "gate.by": "a, b"})
    assert standing(home) == {NAME: {"champion": "3"}}
    assert models(home)[0]["tags"]["gate.by"] == "a, b"
    assert roll_back(home, NAME, {"gate.answer": "rolled back"}, trusted) == ("3", "2")
    assert roll_back(home, NAME, {}, trusted) == ("2", "1")
    assert champion(home, NAME).name.endswith("-1")
    with pytest.raises(MissingInputError, match="no champion of before"):
        roll_back(home, NAME, {}, trusted)
    assert models(home)[0]["tags"]["gate.answer"] == "rolled back"
    assert promote(home, NAME, "3", {}) == "1"
    assert roll_back(home, NAME, {}, trusted) == ("3", "1")


def test_nobody_goes_back_to_a_model_that_is_trusted_no_longer(first, home):
    register(home, first[1], {}, {}, {})
    promote(home, NAME, "2", {})
    kept = champion(home, NAME).with_name(f"{NAME}-1")
    (kept / SIGNATURE).write_bytes(bytes(64))
    with pytest.raises(UntrustedModelError, match=f"{NAME}-1: {SIGNATURE} is by none of the 1 keys"):
        roll_back(home, NAME, {}, partial(trusted_folder, settings=Settings(home=home)))
    assert standing(home) == {NAME: {"champion": "2"}}


def test_mlflow_serves_nothing_that_no_key_trusted_here_signed(first, home):
    (stored,) = (home / "mlflow" / "artifacts").rglob(SIGNATURE)
    with registry._opened(home) as store:
        for signature in (bytes(64), None):
            stored.write_bytes(signature) if signature else stored.unlink()
            with pytest.raises(UntrustedModelError):
                store.mlflow.pyfunc.load_model(f"models:/{NAME}@champion")
        shutil.copy(first[1] / SIGNATURE, stored)
        assert store.mlflow.pyfunc.load_model(f"models:/{NAME}@champion")
    shutil.rmtree(home / "keys")
    with registry._opened(home) as store, pytest.raises(UntrustedModelError, match="none of the 0 keys"):
        store.mlflow.pyfunc.load_model(f"models:/{NAME}@champion")


def test_what_nobody_signed_is_no_challenger(first, home, trained, tmp_path):
    with pytest.raises(UntrustedModelError):
        register(home, save(trained, tmp_path / "unsigned"), {}, {}, {})
    assert standing(home) == {NAME: {"champion": "1"}}


def test_proof_reads_the_model_back_through_the_register(first, home, trained):
    with registry._opened(home) as store:
        registry._prove(store, "1", trained)
        golden = trained.golden.with_columns(raw=trained.golden["raw"] + 1e-9)
        with pytest.raises(ModelMismatchError, match="version 1: 64 of 64 golden rows"):
            registry._prove(store, "1", replace(trained, golden=golden))


def test_only_runs_of_processes_that_ended_are_closed_as_killed(first, home):
    ended = subprocess.run(
        [sys.executable, "-c", "import json; from fraudnet.model.trainers import mine; print(json.dumps(mine()))"],
        capture_output=True, check=True,
    )  # fmt: skip
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        started = f"{psutil.Process(other.pid).create_time():.2f}"
        alive = {**mine(), PROCESS: str(other.pid), STARTED: started}
        whose = {
            "untagged": {},
            "ended": json.loads(ended.stdout),
            "number taken over": {**alive, STARTED: "1.00"},
            "before the last start": {**alive, BOOT: "0"},
            "at work": alive,
            "elsewhere": {**alive, HOST: "0", PROCESS: "999999999"},
        }
        with registry._opened(home) as store:
            for name, tags in whose.items():
                store.client.create_run(store.experiment, run_name=name, tags=tags)
        register(home, first[1], {}, {}, {})
        other.communicate(b"\n")
    found = {r["name"]: r["status"] for r in runs(home) if r["name"] in whose}
    assert {name for name, status in found.items() if status == "RUNNING"} == {"at work", "elsewhere"}
    assert {status for name, status in found.items() if name not in ("at work", "elsewhere")} == {"KILLED"}


def test_a_second_trainer_waits_until_the_first_has_registered(first, home):
    with (home / "mlflow" / ".writer").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told: list[str] = []
        second = Thread(target=lambda: told.append(register(home, first[1], {}, {}, {})))
        second.start()
        second.join(1.5)
        assert second.is_alive()
        assert told == []
    second.join(60)
    assert told == ["2"]
    assert [r["status"] for r in runs(home)] == ["FINISHED"] * 2


def test_moved_away_it_needs_nothing_of_the_old_place(first, tmp_path):
    """Renamed, so that whatever still pointed to the old place would not be found."""
    shutil.copytree(first[0], tmp_path / "old")
    assert champion(tmp_path / "old", NAME).is_dir()
    shutil.rmtree(tmp_path / "old" / "models")
    (tmp_path / "old").rename(tmp_path / "new")
    assert load(champion(tmp_path / "new", NAME)).name == NAME
    assert register(tmp_path / "new", first[1], {}, {}, {}) == "2"
    promote(tmp_path / "new", NAME, "2", {})
    assert not (tmp_path / "old").exists()


def test_mlflow_serves_the_champion_and_names_a_missing_column(first, home, trained):
    frame = part(3).matrix.frame.drop("entity_id", "at").head(50).to_pandas()
    with registry._opened(home) as store:
        served = store.mlflow.pyfunc.load_model(f"models:/{NAME}@champion")
        answers = served.predict(frame)
        with pytest.raises(Exception, match="noise_2"):
            served.predict(frame.drop(columns="noise_2"))
    raw = trained.raw(part(3).matrix.frame.head(50))
    assert answers["raw"].to_numpy() == pytest.approx(raw, abs=1e-12)
    assert answers["probability"].to_numpy() == pytest.approx(trained.probability(raw), abs=1e-12)


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
    assert str(Path(sys.argv[0]).resolve()).encode() not in dump
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
