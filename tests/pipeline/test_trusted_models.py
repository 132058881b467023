"""Only models that a key trusted here signed may score, given by hand or as champions."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from small_world import DAY_AFTER, Demo, inside

from fraudnet.model.signed import SIGNATURE
from fraudnet.pipeline.exchange.keyring import make_own_keys
from fraudnet.pipeline.training.model_keys import sign_trained, trusted_folder
from fraudnet.settings import Settings

UNTRUSTED, DAMAGED = 17, 76


@pytest.fixture(scope="module")
def home(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of the demo once more, its database and models apart."""
    place = tmp_path_factory.mktemp("trusted") / "home"
    shutil.copytree(demo.home, place, copy_function=os.link)
    for name in ("mlflow", "models", "keys"):
        shutil.rmtree(place / name)
        shutil.copytree(demo.home / name, place / name)
    return place


def scored(demo: Demo, home: Path, out: Path, *models: Path) -> tuple[int, str]:
    named = [word for model in models for word in ("--model", str(model))]
    done = inside(demo.words("score", demo.drop, "--as-of", DAY_AFTER, "--out", out, *named, home=home))
    assert out.exists() is (done.code == 0)
    return done.code, done.err


def test_training_signs_without_being_asked(demo: Demo) -> None:
    settings = Settings(home=demo.home)
    assert all(trusted_folder(folder, settings) == folder for folder in demo.models.values())
    assert (demo.home / "keys" / "models" / "sign.pem").stat().st_mode & 0o077 == 0


def test_an_exported_model_without_signature_or_changed_is_refused(demo: Demo, home: Path, tmp_path: Path) -> None:
    brought = tmp_path / "brought"
    shutil.copytree(demo.models["identity"], brought)
    (brought / SIGNATURE).unlink()
    code, said = scored(demo, home, tmp_path / "runs", brought)
    assert code == UNTRUSTED and "has no SHA256SUMS.sig" in said and said.count("\n") == 1
    shutil.copy(demo.models["identity"] / SIGNATURE, brought)
    (brought / "SHA256SUMS").write_text((brought / "SHA256SUMS").read_text().replace("0", "1", 1))
    assert scored(demo, home, tmp_path / "runs", brought)[0] == UNTRUSTED
    shutil.copy(demo.models["identity"] / "SHA256SUMS", brought)
    (brought / "calibration.json").write_text("{}\n")
    assert scored(demo, home, tmp_path / "runs", brought)[0] == DAMAGED


def test_a_champion_without_signature_is_refused_until_somebody_vouches(demo: Demo, home: Path, tmp_path: Path) -> None:
    kept = home / "models" / demo.models["sim"].name
    (kept / SIGNATURE).unlink()
    assert scored(demo, home, tmp_path / "runs")[0] == UNTRUSTED
    done = inside(demo.words("keys", "sign", kept, "--json", home=home))
    assert done.code == 0, done.err
    assert json.loads(done.out)["folder"] == str(kept)
    assert trusted_folder(kept, Settings(home=home)) == kept
    noted = inside(demo.words("audit", "log", "--json", home=home))
    assert "model_signed" in noted.out


def test_the_units_key_signs_once_there_is_one(demo: Demo, home: Path, tmp_path: Path) -> None:
    settings = Settings(home=home)
    made = make_own_keys(settings, "unit_hanoi")
    copy = tmp_path / "copy"
    shutil.copytree(demo.models["sim"], copy)
    sign_trained(copy, settings)
    assert trusted_folder(copy, settings) == copy
    shutil.rmtree(home / "keys" / "models")
    assert trusted_folder(copy, settings) == copy
    revoked = inside(demo.words("keys", "revoke", made["fingerprint"], "--reason", "lost", home=home))
    assert revoked.code == 0, revoked.err
    assert scored(demo, home, tmp_path / "runs", copy)[0] == UNTRUSTED
