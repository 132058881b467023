"""What is wrong with real deliveries: badly typed names and numbers, and a few rows that cannot be used at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

BAD_SHARE = 0.0002
COPY = "*"  # as a value of a fault: take over the value of the column named after it


def typed_badly(names: pl.Series, rng: np.random.Generator) -> pl.Series:
    """Some names in capitals, some without accents, as different counters type them."""
    draw = pl.Series(rng.random(len(names)))
    name = pl.col("name")
    plain = name.str.normalize("NFD").str.replace_all(r"\p{M}", "").str.replace_all("đ", "d").str.replace_all("Đ", "D")
    frame = pl.DataFrame({"name": names, "draw": draw}).select(
        pl.when(pl.col("draw") < 0.12).then(plain.str.to_uppercase())
        .when(pl.col("draw") < 0.22).then(plain)
        .when(pl.col("draw") < 0.32).then(name.str.to_uppercase())
        .otherwise(name)
    )  # fmt: skip
    return frame.to_series()


def zero_lost(numbers: pl.Series, share: float, rng: np.random.Generator) -> pl.Series:
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
    parts = [frame]
    for place, row in enumerate(rows.tolist()):
        fault = faults[place % len(faults)]
        bad = frame.slice(row, 1)
        for column, value in fault.items():
            taken = pl.col(value[1:]) if value.startswith(COPY) else pl.lit(value, pl.String)
            bad = bad.with_columns(taken.alias(column))
        if fault and key is not None and key not in fault:
            bad = bad.with_columns((pl.col(key) + f"X{place}").alias(key))
        parts.append(bad)
    return pl.concat(parts), n
