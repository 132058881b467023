"""Clumsy hands on keys, drafts and words: a clear refusal, and what stood there still stands."""

from __future__ import annotations

import json

import polars as pl
import pytest

from fraudnet.errors import ConfigurationError, InputError, ListRefusedError
from fraudnet.lists.answers import read_wording
from fraudnet.lists.exchange.keys import load_public, make_keys
from fraudnet.lists.filling import fill
from fraudnet.lists.tables import write_table

DRAFT = [{
    "Cif": "", "SoTaiKhoan": "00710001112223", "TenKhachHang": "Trần Thị Bịa", "TrangThaiHoatDongTaiKhoan": "1",
    "NghiNgo": "3", "GhiChu": "Nhận tiền từ 14 người.",
}]  # fmt: skip


@pytest.fixture
def unpacked(tmp_path):
    folder = tmp_path / "list"
    folder.mkdir()
    (folder / "simo_002-0001.json").write_text(json.dumps(DRAFT), encoding="utf-8")
    return folder


def filled(folder, value: str):
    row = {"file": "simo_002-0001.json", "account": "00710001112223", "field": "Cif", "value": value}
    return write_table(folder / "filled.csv", pl.DataFrame([row]))


def test_a_report_that_is_not_ready_leaves_the_earlier_one_alone(unpacked, tmp_path):
    (path,) = fill(unpacked, filled(tmp_path, "C1"), tmp_path / "out")
    before = path.read_bytes()
    with pytest.raises(ListRefusedError, match="Cif"):
        fill(unpacked, filled(tmp_path, "C" * 37), tmp_path / "out")
    assert path.read_bytes() == before


def test_drafts_are_never_written_over_and_other_folders_are_named(unpacked, tmp_path):
    before = (unpacked / "simo_002-0001.json").read_bytes()
    with pytest.raises(InputError, match="folder to write to"):
        fill(unpacked, filled(tmp_path, "C1"), unpacked)
    with pytest.raises(InputError, match="no SIMO drafts"):
        fill(tmp_path, filled(tmp_path, "C1"), tmp_path / "out")
    assert (unpacked / "simo_002-0001.json").read_bytes() == before
    (unpacked / "simo_002-0001.json").write_bytes(b"{")
    with pytest.raises(InputError, match="open the package again"):
        fill(unpacked, filled(tmp_path, "C1"), tmp_path / "out")


def test_damaged_private_keys_are_named_without_what_they_hold(tmp_path):
    keys = make_keys("bank_a", tmp_path / "keys")
    (tmp_path / "keys" / "sign.pem").write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    (tmp_path / "keys" / "age.txt").write_text("AGE-SECRET-KEY-1NOTHING\n")
    with pytest.raises(ConfigurationError, match="no Ed25519 key"):
        keys.signature(b"x")
    with pytest.raises(ConfigurationError, match="no age identity") as refused:
        keys.identity()
    assert "NOTHING" not in str(refused.value)


def test_a_file_nested_without_end_is_no_key(tmp_path):
    (tmp_path / "public.json").write_text("[" * 100_000)
    with pytest.raises(InputError, match="no JSON"):
        load_public(tmp_path / "public.json")


@pytest.mark.parametrize("text", ["columns = 3", 'outcome = "x"', "[outcome]\nyes = 1", "[columns]\nfoo = 'x'"])
def test_words_that_are_no_words_are_refused(tmp_path, text):
    (tmp_path / "words.toml").write_text(text)
    with pytest.raises(ConfigurationError):
        read_wording(tmp_path / "words.toml")
