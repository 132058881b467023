"""Dusting (T36) seen in the features: small sums from known fraud move nobody's closeness to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from fraudnet.contracts.drop import Records
from fraudnet.contracts.graph import Link, Seed
from fraudnet.features.dust import FLOOR
from fraudnet.features.known_fraud import known_fraud
from fraudnet.features.proximity import closeness_table
from fraudnet.graph.flows import Flows
from fraudnet.graph.ties import money

PEOPLE, MULES, DUSTED = 4_000, 30, 50
AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
TRANSFER = {"payer": pl.Int64, "payee": pl.Int64, "amount": pl.Int64}


def transfers(rng: np.random.Generator, ends: tuple[np.ndarray, np.ndarray], amounts: np.ndarray) -> pl.DataFrame:
    payer, payee = ends
    told = pl.DataFrame({"payer": payer, "payee": payee, "amount": amounts.astype(np.int64)}, schema=TRANSFER)
    minutes = pl.Series(rng.integers(1, 60 * 24 * 85, told.height))
    return told.with_columns(at=pl.lit(AS_OF) - pl.duration(minutes=minutes), currency=pl.lit("VND"))


def ordinary(rng: np.random.Generator) -> pl.DataFrame:
    """Everybody pays a dozen others about 1 M đồng; each mule passes on 20 sums of about 9 M."""
    everybody, theirs = PEOPLE * 12, MULES * 20
    payer = np.r_[rng.integers(0, PEOPLE, everybody), np.repeat(np.arange(MULES), 20)]
    payee = np.r_[rng.integers(0, PEOPLE, everybody), rng.integers(MULES, PEOPLE, theirs)]
    amounts = np.r_[rng.lognormal(13.8, 1.0, everybody), rng.lognormal(16.0, 0.8, theirs)]
    return transfers(rng, (payer, payee), np.round(amounts))


def dust(rng: np.random.Generator, honest: np.ndarray) -> pl.DataFrame:
    """One to ten credits of at most 200,000 đồng from known mules to each."""
    payee = np.repeat(honest, rng.integers(1, 11, len(honest)))
    return transfers(rng, (rng.integers(0, MULES, len(payee)), payee), rng.integers(20_000, 200_001, len(payee)))


def closeness(moved: pl.DataFrame) -> pl.DataFrame:
    """Every feature that looks at known fraud, one row per account."""
    records = Records({"transfers": moved.lazy()})
    names = Link.create_empty().schema
    tied = money(moved.lazy()).with_columns(pl.lit(None, names[n]).alias(n) for n in ("valid_from", "valid_to"))
    links = tied.with_columns(directed=pl.lit(value=True)).select(pl.col(n).cast(t) for n, t in names.items())
    nodes = pl.DataFrame({"node": range(PEOPLE)}).with_columns(
        kind=pl.lit("account"), holder=pl.lit(None, pl.Int64), listed=pl.lit(value=True)
    )
    known = pl.DataFrame({"node": range(MULES)}).with_columns(
        weight=pl.lit(1.0),
        basis=pl.lit("police"),
        known_at=pl.lit(AS_OF - timedelta(days=1)).cast(pl.Datetime("us", "UTC")),
    )
    seeds = Seed.validate(known.select(Seed.column_names()), cast=True)
    near = closeness_table(Flows(links.lazy()), nodes, records, seeds, "account", {})
    received = known_fraud(records, nodes, seeds, AS_OF, None)
    return near.join(received, on="node").sort("node").collect()


def places(frame: pl.DataFrame, name: str) -> np.ndarray:
    """Everybody's place by one feature, the highest first; equal values share a place."""
    return frame[name].cast(pl.Float64).fill_null(-1.0).rank("average", descending=True).to_numpy()


@pytest.mark.parametrize("seed", range(2))
def test_no_feature_of_dusted_accounts_moves_by_over_5_percent_of_the_population(seed):
    rng = np.random.default_rng(seed)
    before, honest = ordinary(rng), rng.permutation(np.arange(MULES, PEOPLE))[:DUSTED]
    after = pl.concat([before, dust(rng, honest)])
    clean, dusted = closeness(before), closeness(after)
    moved = {
        name: abs(np.median(places(clean, name)[honest] - places(dusted, name)[honest])) / PEOPLE
        for name in clean.columns[1:]
    }
    assert max(moved.values()) <= 0.05, moved
    touched = clean["fraud_receipts_90d"].gather(honest).to_numpy() == 0
    assert touched.sum() > 10
    assert dusted["fraud_receipts_90d"].gather(honest[touched]).sum() == 0


def test_real_money_from_known_fraud_still_counts():
    rng = np.random.default_rng(5)
    before = ordinary(rng)
    big = transfers(rng, (np.zeros(1, np.int64), np.array([PEOPLE - 1])), np.array([FLOOR["VND"] + 1]))
    clean, paid = closeness(before), closeness(pl.concat([before, big]))
    for name in ("money_seeds_1", "fraud_receipts_90d", "money_seed_in_share"):
        assert (paid[name][PEOPLE - 1] or 0) > (clean[name][PEOPLE - 1] or 0)
