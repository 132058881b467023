"""Vietnamese phone numbers in one form: 84 and the national number, without plus or zero."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from fraudnet.identifiers.text import digits, visible

# Mobile numbers after the leading zero, as libphonenumber 9 has them for VN.
MOBILE = (
    r"(?:3[0-9]|7[06-9])[0-9]{7}|5(?:[1689][0-9]|2[238]|59)[0-9]{6}"
    r"|8(?:[1-8][0-9]|9[6-9])[0-9]{6}|9(?:[0-8][0-9]|9[013-9])[0-9]{6}"
)  # fmt: skip
# Numbers of machines and services; they count as mobile, but no bare nine digits are taken for one.
MACHINE = r"121[0-3][0-9]{5}|1[46]0[0-9]{6}"
COUNTRY = r"(?:(?:\+|00)?84)"

# Eleven-digit numbers of before November 2018 and the prefixes that replaced theirs.
MIGRATED: Mapping[str, str] = {
    "120": "70", "121": "79", "122": "77", "126": "76", "128": "78",
    "123": "83", "124": "84", "125": "85", "127": "81", "129": "82",
    "162": "32", "163": "33", "164": "34", "165": "35", "166": "36", "167": "37", "168": "38", "169": "39",
    "186": "56", "188": "58", "199": "59",
}  # fmt: skip

NORMAL = r"^84[0-9]{9,10}$"
_OLD = rf"^(?:{COUNTRY}?0?)(1(?:2[0-9]|6[2-9]|8[68]|99)[0-9]{{7}})$"
_MARK = "~"


def normalise(value: pl.Expr) -> pl.Expr:
    """`84xxxxxxxxx` from any usual spelling: +84, 0084, 84, a leading or lost zero, 11 digits, full-width digits.

    Fixed lines become `842xxxxxxxxx`. What is no Vietnamese number keeps its stripped text.
    """
    number = (
        digits(value)
        .str.replace(_OLD, f"{_MARK}$1")
        .str.replace_many([_MARK + old for old in MIGRATED], ["84" + new for new in MIGRATED.values()])
        .str.replace(rf"^(?:{COUNTRY}0?|0)([1-9][0-9]{{8}}|2[0-9]{{9}})$", "84$1")
        .str.replace(rf"^({MOBILE})$", "84$1")
    )
    return pl.when(number.str.contains(NORMAL)).then(number).otherwise(visible(value))


def is_valid(value: pl.Expr) -> pl.Expr:
    """Whether a normalised number lies in a range that is open for mobile phones."""
    return value.str.contains(rf"^84(?:{MOBILE}|{MACHINE})$").fill_null(False)
