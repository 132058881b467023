"""Validators against independent libraries, and normalisers against the spellings that people write."""

from __future__ import annotations

from datetime import date

import phonenumbers
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import imei as stdnum_imei
from stdnum import luhn as stdnum_luhn
from stdnum.vn import mst

from fraudnet.identifiers import account, cccd, cmnd, entity, iccid, imei, imsi, names, phone, tax
from fraudnet.identifiers.luhn import passes_luhn
from fraudnet.identifiers.provinces import PROVINCES, PROVINCES_2025

DIGITS = "0123456789"


def apply(expression, values, dtype=pl.String):
    frame = pl.DataFrame({"v": pl.Series(values, dtype=dtype)})
    return frame.select(expression(pl.col("v"))).to_series().to_list()


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("0912345678", "84912345678"),
        ("+84 912.345.678", "84912345678"),
        ("0084-912-345-678", "84912345678"),
        ("84912345678", "84912345678"),
        ("912345678", "84912345678"),
        ("(+84) 0912 345 678", "84912345678"),
        ("０９１２３４５６７８", "84912345678"),
        ("09\u200b1234\u00a05678\ufeff", "84912345678"),
        ("01201234567", "84701234567"),
        ("+841691234567", "84391234567"),
        ("1991234567", "84591234567"),
        ("841234567", "84841234567"),
        ("024 3825 1234", "842438251234"),
        ("17", "17"),
        (" 0 ", "0"),
        ("09o1234567", "09o1234567"),
        ("+1 555 123 4567", "+1 555 123 4567"),
        ("01401234567", "01401234567"),
        ("", None),
        (" \u200b ", None),
        (None, None),
    ],
)
def test_a_phone_number_has_one_form(written, normal):
    assert apply(phone.normalise, [written]) == [normal]


@given(st.lists(st.text(DIGITS, min_size=7, max_size=9), min_size=1, max_size=20))
@settings(max_examples=150, deadline=None)
def test_phones_agree_with_libphonenumber(nationals):
    written = [f"0{national}" for national in nationals]
    ours = apply(lambda column: phone.is_valid(phone.normalise(column)), written)
    for text, valid in zip(written, ours, strict=True):
        try:
            number = phonenumbers.parse(text, "VN")
        except phonenumbers.NumberParseException:
            assert not valid
            continue
        mobile = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
        assert valid == (mobile and len(str(number.national_number)) == 9), text


@given(st.lists(st.text(alphabet=DIGITS + "+-. 84\u200b９", max_size=16), min_size=1, max_size=30))
@settings(max_examples=150, deadline=None)
def test_normalising_twice_changes_nothing(texts):
    once = apply(phone.normalise, texts)
    assert apply(phone.normalise, once) == once


@given(st.lists(st.text(DIGITS, min_size=0, max_size=20), min_size=1, max_size=30))
@settings(max_examples=150, deadline=None)
def test_luhn_agrees_with_stdnum(texts):
    expected = [len(text) >= 2 and stdnum_luhn.is_valid(text) for text in texts]
    assert apply(passes_luhn, texts) == expected


def test_luhn_catches_every_wrong_digit():
    good = "490154203237518"
    wrong = [good[:at] + digit + good[at + 1 :] for at in range(15) for digit in DIGITS if digit != good[at]]
    assert apply(imei.is_valid, [good]) == [True]
    assert not any(apply(imei.is_valid, wrong))


@given(st.lists(st.text(DIGITS, min_size=14, max_size=16), min_size=1, max_size=20))
@settings(max_examples=100, deadline=None)
def test_imei_agrees_with_stdnum(texts):
    expected = [len(text) == 15 and stdnum_imei.is_valid(text) for text in texts]
    assert apply(imei.is_valid, texts) == expected


@given(st.lists(st.text(DIGITS, min_size=9, max_size=14), min_size=1, max_size=30))
@settings(max_examples=150, deadline=None)
def test_tax_codes_agree_with_stdnum(texts):
    texts = [*texts, *(text[:9] + str(digit) for text in texts for digit in range(10))]
    assert apply(tax.is_valid, texts) == [mst.is_valid(text) for text in texts]


def test_citizen_numbers_tell_province_sex_and_year():
    numbers = ["001085123456", "079303123456", "003085123456", "001085", None, "101190000001"]
    assert apply(cccd.is_valid, numbers) == [True, True, False, False, False, True]
    assert apply(cccd.sex, numbers) == [1, 0, None, None, None, 0]
    assert apply(cccd.birth_year, numbers) == [1985, 2003, None, None, None, 1990]
    assert apply(cccd.province, numbers)[:3] == ["Hà Nội", "Hồ Chí Minh", None]


@given(st.sampled_from(sorted(PROVINCES)), st.integers(0, 9), st.integers(0, 99), st.integers(0, 999_999))
@settings(max_examples=100, deadline=None)
def test_citizen_numbers_survive_a_spreadsheet(province, century, year, serial):
    number = f"{province}{century}{year:02d}{serial:06d}"
    assert apply(cccd.normalise, [str(int(number)), f" {number[:6]} {number[6:]}"]) == [number, number]
    assert apply(cccd.birth_year, [number]) == [1900 + 100 * (century // 2) + year]


def test_a_citizen_number_is_held_against_sex_and_birth_date():
    frame = pl.DataFrame(
        {"n": ["001085123456"] * 3, "sex": [1, 0, None], "born": [date(1985, 5, 1), date(1986, 1, 1), None]}
    )
    assert frame.select(cccd.matches_sex(pl.col("n"), pl.col("sex"))).to_series().to_list() == [True, False, None]
    matches = frame.select(cccd.matches_birth_year(pl.col("n"), pl.col("born"))).to_series().to_list()
    assert matches == [True, False, None]


def test_there_are_63_old_and_34_new_provinces():
    assert len(PROVINCES) == len(set(PROVINCES.values())) == 63
    assert len(set(PROVINCES_2025)) == 34
    assert {f"0{code}" for code in PROVINCES_2025} <= set(PROVINCES)


def test_former_cards_and_card_numbers():
    assert apply(cmnd.is_valid, ["012345678", "111111111", "12345678", None, "012345678901"]) == [
        True, False, False, False, True,
    ]  # fmt: skip
    assert apply(cmnd.normalise, ["12 345 678"]) == ["012345678"]
    body = "898404000012345678"
    good = body + stdnum_luhn.calc_check_digit(body)
    bad = body + str((int(good[-1]) + 1) % 10)
    assert apply(iccid.is_valid, [good, good + "7", bad, "1" + good[1:], None]) == [True, True, False, False, False]
    assert apply(iccid.normalise, [good + "F"]) == [good]
    assert apply(imsi.is_valid, ["452040123456789", "452030123456789", "45204012345678", None]) == [
        True, False, False, False,
    ]  # fmt: skip
    assert apply(imsi.network, ["452040123456789"]) == ["Viettel"]


def test_account_numbers_stay_text():
    written = [" 0071 0001 23456", "００７１", "00\u200b71", "ABC 12", "", None]
    assert apply(account.normalise, written) == ["0071000123456", "0071", "0071", "ABC12", None, None]
    assert apply(account.is_plausible, ["0071000123456", "12345", "a" * 20, None]) == [True, False, False, False]


def test_spellings_of_a_name_meet():
    spellings = ["NGUYỄN  Văn Đức", "Nguyễn văn đức", "nguyen van duc ", "Nguye\u0302\u0303n Va\u0306n Đức"]
    assert set(apply(names.fold, spellings)) == {"nguyen van duc"}
    assert apply(names.fold, ["hòa", "hoà", "  ", None]) == ["hoa", "hoa", None, None]


def test_entity_ids_name_their_kind():
    frame = pl.DataFrame({"i": ["970436", None], "n": ["001", "2"]})
    ids = frame.select(entity.account_id(pl.col("i"), pl.col("n"))).to_series()
    assert ids.to_list() == ["account:970436:001", None]
    assert ids.to_frame("e").select(entity.kind_of(pl.col("e"))).to_series().to_list() == ["account", None]
