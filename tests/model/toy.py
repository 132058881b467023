"""Generated rows with a strong and known signal."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl

from fraudnet.contracts.features import Column
from fraudnet.contracts.labels import Label
from fraudnet.model.matrix import Matrix
from fraudnet.model.rows import Part
from fraudnet.settings import Settings

COLUMNS = (
    *(Column(f"in_amount_{n}d", f"Money in over {n} days", "money") for n in (1, 7, 30)),
    *(Column(f"noise_{n}", f"Noise {n}", "noise") for n in range(4)),
    Column("age_days", "Days since it was opened", "tempo", growing=True),
    Column("seed_share", "Share of known fraud around it", "proximity", seed_built=True),
    Column("channel", "How it was opened", "extras", categories=("counter", "ekyc")),
)
SETTINGS = Settings(threads=1, bootstrap=20, capacity=0.05, min_positives=20)


def month(n: int) -> datetime:
    return datetime(2025 + n // 12, n % 12 + 1, 1, tzinfo=UTC)


def part(at: int, n: int = 600, share: float = 0.1, seed: int = 1) -> Part:
    """n entities at one snapshot; `share` of them positive; entities keep their ids from snapshot to snapshot."""
    rng = np.random.default_rng([seed, at])
    y = (np.arange(n) % max(int(1 / share), 1) == 0).astype(np.int8)
    values = {c.name: rng.lognormal(size=n) + (2.0 * y if place < 3 else 0) for place, c in enumerate(COLUMNS)}
    values["channel"] = rng.integers(0, 2, n).astype(float)
    values["seed_share"] = rng.random(n) + 0.5 * y
    ids = [f"account:bank:{number:05}" for number in range(n)]
    frame = pl.DataFrame(
        {"entity_id": ids, "at": [month(at)] * n, **values}, schema_overrides={"at": pl.Datetime("us", "UTC")}
    )
    frame = frame.with_columns(noise_0=pl.when(pl.col("noise_1") > 1).then(None).otherwise("noise_0"))
    return Part(Matrix(frame, COLUMNS), answers(frame, y))


def answers(frame: pl.DataFrame, y: np.ndarray) -> pl.DataFrame:
    told = frame.select("entity_id", "at").with_columns(
        kind=pl.lit("account"),
        y=pl.Series(y),
        reviewed=pl.Series(y == 1),
        spared=pl.lit(value=False),
        role=pl.lit(None, pl.String),
        cluster=pl.col("entity_id").str.head(16),
        fold=pl.lit(None, pl.String),
    )
    return Label.validate(told.select(Label.column_names()), cast=True)


def joined(parts: list[Part]) -> Part:
    from fraudnet.model.matrix import stack

    return Part(stack([p.matrix for p in parts]), pl.concat([p.answers for p in parts]))
