"""Which snapshots and which entities train, calibrate and test a model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from fraudnet.errors import ConfigurationError, TooFewLabelsError
from fraudnet.expressions import LOCAL_ZONE, local_day
from fraudnet.labels.draws import order_of
from fraudnet.settings import Settings

HISTORY_DAYS = 30
FOLDS = ("train", "validation", "test")


@dataclass(frozen=True)
class Snapshots:
    """When a model is trained and when it is calibrated; all are firsts of months, 00:00 in Vietnam, in UTC."""

    training: tuple[datetime, ...]
    calibration: datetime


def firsts_of_months(after: datetime, until: datetime) -> tuple[datetime, ...]:
    """Every first of a month, 00:00 Asia/Ho_Chi_Minh, in [after, until], as UTC."""
    zone = ZoneInfo(LOCAL_ZONE)
    start = after.astimezone(zone)
    found = []
    year, month = start.year, start.month
    while (first := datetime(year, month, 1, tzinfo=zone)) <= until:
        if first >= after:
            found.append(first.astimezone(ZoneInfo("UTC")))
        year, month = (year + month // 12, month % 12 + 1)
    return tuple(found)


def snapshots(first_row: datetime, known_until: datetime, settings: Settings) -> Snapshots:
    """The snapshots a model may use when everything before `known_until` is known.

    Calibration is the last first of a month that has matured by then; training the last `settings.snapshots` ones that
    had matured by the calibration snapshot, none earlier than 30 days after the first row.
    Raises TooFewLabelsError when the history is too short.
    """
    maturity = timedelta(days=settings.maturity_days)
    months = firsts_of_months(first_row + timedelta(days=HISTORY_DAYS), known_until - maturity)
    training = tuple(t for t in months if t + maturity <= months[-1])
    if not training:
        needed = HISTORY_DAYS + 2 * settings.maturity_days + 62
        raise TooFewLabelsError(
            "history from {first_row} to {known_until} is too short to train and to calibrate; got "
            "{days} days, expected about {needed}; wait, or bring older data",
            first_row=local_day(first_row),
            known_until=local_day(known_until),
            days=(known_until - first_row).days,
            needed=needed,
        )
    return Snapshots(training[-settings.snapshots :], months[-1])


def by_time(answers: pl.DataFrame, calibration: datetime) -> pl.DataFrame:
    """Fold by snapshot: before `calibration` train, at it validation, after it test."""
    fold = (
        pl.when(pl.col("at") < calibration)
        .then(pl.lit("train"))
        .when(pl.col("at") == calibration)
        .then(pl.lit("validation"))
        .otherwise(pl.lit("test"))
    )
    return answers.with_columns(fold=fold)


def by_column(answers: pl.DataFrame) -> pl.DataFrame:
    """Fold as the mapping declares it. Raises ConfigurationError when rows have none or a part is empty."""
    missing = answers["fold"].null_count()
    if missing:
        raise ConfigurationError(
            "splits: {missing:,} of {rows:,} labelled rows have no part; expected train, validation or "
            "test for each; complete the split in the mapping, or leave it out for random parts",
            missing=missing,
            rows=answers.height,
        )
    for part in ("train", "test"):
        if not answers["fold"].eq(part).any():
            raise ConfigurationError(
                "splits: no row is in {part}; expected both train and test; correct the mapping", part=part
            )
    return answers


def by_random(answers: pl.DataFrame, seed: int, shares: tuple[float, float, float] = (0.6, 0.2, 0.2)) -> pl.DataFrame:
    """Random parts of the stated shares, the same share of each answer in every part; equal for every row order."""
    last_train, last_validation = shares[0], shares[0] + shares[1]
    place = (pl.int_range(pl.len()).over("y") + 0.5) / pl.len().over("y")
    return (
        answers.with_columns(draw=order_of(answers["entity_id"], f"split:{seed}"))
        .sort("y", "draw", "entity_id")
        .with_columns(
            fold=pl.when(place < last_train)
            .then(pl.lit("train"))
            .when(place < last_validation)
            .then(pl.lit("validation"))
            .otherwise(pl.lit("test"))
        )
        .drop("draw")
        .sort("entity_id")
    )
