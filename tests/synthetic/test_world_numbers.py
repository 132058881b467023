from __future__ import annotations

import numpy as np
import phonenumbers
import polars as pl
import pytest
import stdnum.imei
from hypothesis import given
from hypothesis import strategies as st

from fraudnet.synthetic import amounts, numbers, places
from fraudnet.synthetic.institutions import BANKS, OPERATORS


@pytest.mark.parametrize(
    ("file", "number", "least"), [("identities", "SO_GIAY_TO", 0.97), ("population", "SO_DINH_DANH", 1)]
)
def test_card_numbers_agree_with_sex_birth_and_province(drop, file, number, least):
    people = pl.read_csv(drop / f"{file}.csv", infer_schema=False).drop_nulls([number, "NGAY_SINH", "GIOI_TINH"])
    people = people.filter(pl.col(number).str.len_chars() == 12)
    assert people.height > 1_000
    year = people["NGAY_SINH"].str.slice(6, 4).cast(pl.Int64)
    assert (people[number].str.slice(4, 2).cast(pl.Int64) == year % 100).mean() >= least
    digit = people[number].str.slice(3, 1).cast(pl.Int64)
    expected = (year >= 2000).cast(pl.Int64) * 2 + (people["GIOI_TINH"] == "Nữ").cast(pl.Int64)
    assert (digit == expected).mean() >= least
    assert set(people[number].str.slice(0, 3)) <= set(places.BIRTH)


def test_one_person_has_one_card_number(drop):
    people = pl.read_csv(drop / "identities.csv", infer_schema=False).filter(pl.col("LOAI_GIAY_TO") == "1")
    full = people.filter(pl.col("SO_GIAY_TO").str.len_chars() == 12)
    births = full.group_by("SO_GIAY_TO").agg(pl.col("NGAY_SINH").drop_nulls().n_unique().alias("n"))["n"]
    assert (births > 1).mean() < 0.08
    assert (people["SO_GIAY_TO"].str.len_chars() < 12).mean() > 0.005
    register = pl.read_csv(drop / "population.csv", infer_schema=False)
    assert register.filter(pl.col("NGUON") == "DAN_CU")["SO_DINH_DANH"].is_unique().all()


def test_there_are_63_birth_codes_and_34_addresses():
    assert len(places.BIRTH) == 63
    assert len(places.HOMES) == 34


def test_every_imei_passes_luhn(drop):
    seen = pl.read_csv(drop / "uses_accounts.csv", infer_schema=False)["IMEI"].unique().sort().head(500)
    assert all(stdnum.imei.is_valid(value) for value in seen)


def test_every_phone_number_is_a_valid_vietnamese_mobile_number(drop):
    sims = pl.read_csv(drop / "sims.csv", infer_schema=False)["SO_THUE_BAO"].unique().sort()[1:400]
    for number in sims:
        parsed = phonenumbers.parse(number, "VN")
        assert phonenumbers.is_valid_number(parsed)
        assert phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE


@given(st.integers(0, 10**8), st.integers(0, len(OPERATORS) - 1))
def test_operators_give_numbers_of_their_own_ranges(serial, operator):
    value = str(numbers.phone_value(np.array([operator]), np.array([serial]))[0])
    assert len(value) == 11
    assert value[2:].startswith(OPERATORS[operator].ranges)


def test_running_serials_never_give_a_number_twice():
    serial = np.arange(200_000)
    for made in (
        numbers.imei(serial), numbers.phone_value(serial * 0, serial), numbers.account_value(serial * 0 + 3, serial),
        numbers.cccd(serial * 0 + 1, serial * 0, serial * 0 + 1990, serial),
    ):  # fmt: skip
        assert len(np.unique(made)) == len(serial)


def test_account_numbers_are_as_long_as_their_bank_writes_them(drop):
    accounts = pl.read_csv(drop / "accounts.csv", infer_schema=False).filter(pl.col("SO_TAI_KHOAN") != "")
    accounts = accounts.filter(pl.col("LOAI_TK") != "KHONG_RO")
    digits = {bank.bin: bank.digits for bank in BANKS}
    for bin_, lengths in accounts.group_by("BIN").agg(pl.col("SO_TAI_KHOAN").str.len_chars().unique()).iter_rows():
        assert lengths == [digits[bin_]]


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 0.3))
def test_rounding_never_crosses_ten_million(seed, share):
    drawn = amounts.drawn(4_000, amounts.location(share), np.random.default_rng(seed))
    assert drawn.min() >= 1_000
    assert abs((drawn > amounts.BIG).mean() - share) < 0.04
