"""What is wrong with real deliveries: badly typed names and numbers, and a few rows that cannot be used at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.identifiers.phone import MIGRATED

Flags = NDArray[np.bool_]
Mess = float | NDArray[np.float64]  # of all records, or of each

BAD_SHARE = 0.0002
# Shares of an institution's records at a mess of 1; a world's `dirt` multiplies them.
NO_ID, OLD_CARDS, ZERO_LOST, DIGIT_WRONG = 0.08, 0.12, 0.05, 0.01
OLD_NAMED = 0.3  # of the new cards, whose records name the old number as well
NO_BIRTH_DATE, BIRTH_WRONG, NAME_SLIP = 0.06, 0.01, 0.01
NO_PHONE, PHONE_SHARED = 0.10, 0.15
PLAIN, UPPER, SWAPPED, MOJIBAKE, DECOMPOSED = 0.30, 0.12, 0.05, 0.01, 0.03  # of the names
PLUS_84, ONLY_84, DOUBLE_ZERO_84, SPACED, ELEVEN_DIGITS = 0.05, 0.05, 0.01, 0.06, 0.02  # of the phone numbers
NO_PICTURE, POOR_PICTURE, NOT_ON_CHIP, OLD_NOT_LISTED = 0.35, 0.0008, 0.08, 0.15
MISREAD = {c: c.encode().decode("cp1252", errors="replace") for c in "ễầấảạáàãậặắăâêếệềốộồổôơờởợớưừứữựịíìỉĩọóòụúùủũýỳđ"}
COPY = "*"  # as a value of a fault: take over the value of the column named after it


def typed_badly(names: pl.Series, rng: np.random.Generator, mess: Mess = 1.0) -> pl.Series:
    """Names as different counters type them: without accents, in capitals, the surname last, in a wrong encoding."""
    n, name = len(names), pl.col("name")
    draw, capital = rng.random(n), rng.random(n) < UPPER * mess
    kind = _kinds((PLAIN, SWAPPED, MOJIBAKE, DECOMPOSED), draw, mess)
    plain = name.str.normalize("NFD").str.replace_all(r"\p{M}", "").str.replace_all("đ", "d").str.replace_all("Đ", "D")
    swapped = name.str.replace(r"^(\S+) (.+)$", "${2} ${1}")
    styles = (plain, swapped, _mojibake(name), name.str.normalize("NFD"), name)
    frame = pl.DataFrame({"name": names, "kind": kind, "capital": capital}).with_row_index("row")
    parts = [frame.filter(pl.col("kind") == code).with_columns(name=style) for code, style in enumerate(styles)]
    typed = pl.concat(parts).sort("row")
    return typed.select(pl.when("capital").then(name.str.to_uppercase()).otherwise(name)).to_series()


def _kinds(shares: Sequence[float], draw: NDArray[np.float64], mess: Mess) -> NDArray[np.int64]:
    """Which of several faults each record has, their number for none; never more than twice the usual shares."""
    return np.asarray(np.searchsorted(np.cumsum(shares), draw / np.clip(mess, 1e-9, 2.0)))


def phone_as_typed(numbers: pl.Series, rng: np.random.Generator, mess: Mess = 1.0) -> pl.Series:
    """Phone numbers (0 and nine digits) as forms carry them: +84, 84, 0084, spaced, eleven digits of before 2018."""
    kind = _kinds((PLUS_84, ONLY_84, DOUBLE_ZERO_84, SPACED, ELEVEN_DIGITS), rng.random(len(numbers)), mess)
    number, bare = pl.col("number"), pl.col("number").str.slice(1)
    spaced = number.str.replace(r"^(\d{4})(\d{3})(\d{3})$", "${1} ${2} ${3}")
    old = ("~" + bare).str.replace_many(["~" + new for new in MIGRATED.values()], list(MIGRATED)).str.strip_prefix("~")
    styles = ("+84" + bare, "84" + bare, "0084" + bare, spaced, "0" + old, number)
    frame = pl.DataFrame({"number": numbers, "kind": kind}).with_row_index("row")
    parts = [frame.filter(pl.col("kind") == code).with_columns(number=style) for code, style in enumerate(styles)]
    return pl.concat(parts).sort("row")["number"]


def _mojibake(name: pl.Expr) -> pl.Expr:
    """UTF-8 read as Windows-1252, for the letters that names have most."""
    return name.str.replace_many(MISREAD)


def slipped(names: pl.Series, where: Flags) -> pl.Series:
    """Some names with their last letter left out."""
    cut = pl.when(pl.Series(where)).then(names.str.head(-1)).otherwise(names)
    return pl.select(cut).to_series()


def digit_wrong(values: pl.Series, where: Flags) -> pl.Series:
    """Some numbers with a wrong last digit."""
    last = (values.str.tail(1).cast(pl.Int64, strict=False).fill_null(0) + 4) % 10
    wrong = values.str.head(-1) + last.cast(pl.String)
    return pl.select(pl.when(pl.Series(where)).then(wrong).otherwise(values)).to_series()


def zero_lost(numbers: pl.Series, share: Mess, rng: np.random.Generator) -> pl.Series:
    """Some numbers without their leading zero, as a spreadsheet leaves them."""
    hit = pl.Series(rng.random(len(numbers)) < share)
    return pl.select(pl.when(hit).then(numbers.str.strip_prefix("0")).otherwise(numbers)).to_series()


def with_faults(
    frame: pl.DataFrame, faults: Sequence[Mapping[str, str]], key: str | None, rng: np.random.Generator
) -> tuple[pl.DataFrame, int]:
    """The frame and some spoilt copies of its rows behind it; returns both and how many are spoilt.

    A fault says which columns get which value; an empty fault is a second row with the same key. Other faults get a
    key of their own.
    """
    if not len(frame):
        return frame, 0
    n = max(round(BAD_SHARE * len(frame)), len(faults))
    rows = np.sort(rng.integers(0, len(frame), n))
    parts, places = [], []
    for kind, fault in enumerate(faults):
        place = np.arange(kind, n, len(faults))
        bad = frame[rows[place]]
        spoilt = {
            column: pl.col(value[1:]) if value.startswith(COPY) else pl.lit(value, pl.String)
            for column, value in fault.items()
        }
        if fault and key is not None and key not in fault:
            spoilt[key] = pl.col(key) + "X" + pl.Series(place).cast(pl.String)
        parts.append(bad.with_columns(**spoilt))
        places.append(place)
    order = np.argsort(np.concatenate(places))
    return pl.concat([frame, pl.concat(parts)[order]]), n
