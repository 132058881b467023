from __future__ import annotations

import unicodedata

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudnet.identifiers.mojibake import LETTERS, TCVN3, repaired

SMALL = LETTERS[:67]
words = st.text(alphabet=st.sampled_from([*LETTERS, *"bcghkmnpqtx"]), min_size=1, max_size=6)
BACK = {letter: byte for byte, letter in TCVN3.items()}


def once(text: str) -> str:
    return pl.DataFrame({"name": [text]}).select(repaired(pl.col("name"))).item()


def as_western(text: str) -> str:
    one_by_one = (bytes([byte]) for byte in text.encode())
    return "".join(b.decode("cp1252", errors="ignore") or b.decode("latin-1") for b in one_by_one)


@settings(max_examples=60, deadline=None)
@given(st.lists(words, min_size=1, max_size=4))
def test_utf8_read_as_western_comes_back_and_right_text_stays(parts):
    text = " ".join(parts)
    assert once(text) == text
    assert once(as_western(text)) == text
    assert once(text.encode().decode("latin-1")) == text


@pytest.mark.parametrize("name", ["Nguyễn Văn Đức", "Trần Thị Hằng", "Lê Quỳnh Như", "Đoàn Dự", "Hồ Tú", "Tô Bình"])
def test_tcvn3_and_decomposed_names_come_back(name):
    assert once("".join(BACK.get(letter, letter) for letter in name)) == name
    apart = unicodedata.normalize("NFD", name)
    assert unicodedata.normalize("NFC", once(as_western(apart))) == name
    assert once(apart) == apart


def test_every_small_letter_has_its_own_byte_in_tcvn3():
    assert set(SMALL) <= set(BACK)
    assert len(set(TCVN3)) == len(TCVN3)


def test_plain_and_missing_names_stay():
    assert once("NGUYEN VAN AN") == "NGUYEN VAN AN"
    assert pl.DataFrame({"name": [None]}, schema={"name": pl.String}).select(repaired(pl.col("name"))).item() is None
