from __future__ import annotations

import json
import random
import shutil
import subprocess

import numpy as np
import polars as pl
import pytest
from toy import part

from fraudnet.errors import IntegrityError, MissingInputError, ModelMismatchError
from fraudnet.files import write_bytes, write_json
from fraudnet.model import portable
from fraudnet.model.portable import PARTS, SUMS, load, save, verify


@pytest.fixture
def folder(trained, tmp_path):
    return save(trained, tmp_path / "account-both")


def resign(folder):
    write_bytes(folder / SUMS, portable._sums(folder))


def test_a_model_comes_back_as_it_was(trained, folder):
    again = load(folder)
    frame = part(3).matrix.frame
    assert np.array_equal(again.raw(frame), trained.raw(frame))
    assert np.array_equal(again.probability(again.raw(frame)), trained.probability(trained.raw(frame)))
    assert again.inputs == trained.inputs
    assert again.name == "fraudnet-account-both"
    assert again.facts["as_of"] == "2025-06-01"
    assert dict(again.params) == dict(trained.params)


def test_equal_models_give_equal_bytes(trained, folder, tmp_path):
    other = save(load(folder), tmp_path / "again")
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == {p.name: p.read_bytes() for p in other.iterdir()}
    assert {p.name for p in folder.iterdir()} == {*PARTS, SUMS}


def test_digests_are_those_of_sha256sum(folder):
    assert subprocess.run(["sha256sum", "-c", "--quiet", SUMS], cwd=folder, check=False).returncode == 0


def test_two_hundred_flipped_bits_are_all_refused(folder):
    rng = random.Random(5)
    files = sorted(folder.iterdir())
    refused = 0
    for turn in range(200):
        path = files[turn % len(files)]
        whole = path.read_bytes()
        place = rng.randrange(len(whole))
        path.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << rng.randrange(8))]) + whole[place + 1 :])
        try:
            load(folder)
        except IntegrityError:
            refused += 1
        path.write_bytes(whole)
    assert refused == 200
    load(folder)


@pytest.mark.parametrize("name", PARTS)
def test_a_missing_part_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(IntegrityError, match=name):
        load(folder)


def test_a_folder_without_sums_is_no_model(tmp_path):
    with pytest.raises(MissingInputError, match="no model folder"):
        verify(tmp_path)


def test_other_answers_are_refused_even_when_signed_anew(folder):
    told = json.loads((folder / "calibration.json").read_text())
    write_json(folder / "calibration.json", {**told, "c": told["c"] + 1e-6})
    resign(folder)
    with pytest.raises(ModelMismatchError, match="golden rows get another score"):
        load(folder)


def test_a_card_with_another_feature_is_refused_by_name(folder):
    told = json.loads((folder / "card.json").read_text())
    told["features"][2]["column"]["name"] = "elsewhere"
    write_json(folder / "card.json", told)
    resign(folder)
    with pytest.raises(ModelMismatchError, match="elsewhere, in_amount_30d"):
        load(folder)


def test_saving_again_replaces_and_leaves_nothing_behind(trained, folder):
    save(trained, folder)
    assert [p.name for p in folder.parent.iterdir()] == ["account-both"]


def test_golden_rows_are_nobodys_and_nothing_names_an_entity(folder):
    golden = pl.read_parquet(folder / "golden.parquet")
    assert golden.height == 64
    mine = part(0).matrix.frame.drop("entity_id", "at").cast(pl.Float32)
    same = golden.select(mine.columns).cast(pl.Float32).join(mine, on=mine.columns, how="inner", nulls_equal=True)
    assert same.height == 0
    assert all(b"account:bank" not in path.read_bytes() for path in folder.iterdir())


def test_no_temporary_copy_when_the_old_one_is_open_elsewhere(trained, folder, tmp_path):
    kept = tmp_path / "copy"
    shutil.copytree(folder, kept)
    save(trained, folder)
    assert verify(folder) == verify(kept)
