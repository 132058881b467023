"""An attribute of the transfers that tells the outcome stops the training, with dates and without."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from fraudnet.contracts.columns import INSTANT
from fraudnet.contracts.drop import RECORDS, Records
from fraudnet.contracts.features import Column
from fraudnet.errors import LeakError
from fraudnet.model.matrix import Matrix
from fraudnet.model.rows import Part
from fraudnet.pipeline.training import dated, undated

N = 800
T0 = datetime(2026, 1, 1, tzinfo=UTC)
RNG = np.random.default_rng(3)
Y = (RNG.random(N) < 0.1).astype(np.int8)
NAMES = [f"account:1:{n:04}" for n in range(N)]
COLUMNS = (
    Column("out_x_flag_max", "", "extras_account"),
    Column("out_x_month_max", "", "extras_account"),
    Column("near_out_x_flag_max", "", "neighbours_account"),
)


def linked() -> SimpleNamespace:
    """Accounts without any attribute that tells."""
    empty = RECORDS["accounts"].create_empty().schema
    said = {"entity": pl.Series(range(N)), "source": ["s"] * N, "row_id": NAMES, "x_size": RNG.random(N)}
    plain = pl.DataFrame({name: said[name] for name in said if name in {*empty, "entity", "x_size"}})
    nodes = pl.DataFrame({"node": pl.Series(range(N)), "entity_id": NAMES})
    return SimpleNamespace(records=Records({"accounts": plain.lazy()}), nodes=nodes.lazy())


def source(allowed: dict[str, str]) -> SimpleNamespace:
    return SimpleNamespace(records=Records({}, allowed_extras=allowed))


def values(y: np.ndarray, month: int) -> dict[str, object]:
    return {"out_x_flag_max": y * 1.0, "out_x_month_max": [float(month)] * len(y), "near_out_x_flag_max": y * 1.0}


def part(month: int, keep: np.ndarray, flag: bool) -> Part:
    """One snapshot; its transfers carry the month, and the flag where it is asked for."""
    keys = pl.DataFrame({"entity_id": np.array(NAMES)[keep]}).with_columns(
        at=pl.lit(T0 + timedelta(days=30 * month)).cast(INSTANT)
    )
    given = values(Y[keep] if flag else np.zeros(keep.sum()), month)
    frame = keys.with_columns(**{name: pl.Series(v, dtype=pl.Float64) for name, v in given.items()})
    return Part(Matrix(frame, COLUMNS), keys.with_columns(y=pl.Series(Y[keep])))


def snapshots(flag: bool) -> tuple[Part, ...]:
    """Each fraudster is found out after one snapshot and leaves the later ones."""
    leaves = RNG.integers(0, 4, N)
    return tuple(part(month, (Y == 0) | (leaves == month), flag) for month in range(4))


def test_with_dates_the_flag_on_transfers_is_refused_and_the_calendar_is_not() -> None:
    teacher = SimpleNamespace(known=linked(), source=source({}))
    assert dated.check_leaks(teacher, "account", snapshots(flag=False)) == []
    with pytest.raises(LeakError, match=r"out_x_flag_max, made of x_flag of the transfers.*outcome = \[\"flag\"\]"):
        dated.check_leaks(teacher, "account", snapshots(flag=True))
    teacher.source = source({"x_flag": "set by the payer"})
    told = dated.check_leaks(teacher, "account", snapshots(flag=True))
    assert len(told) == 1 and told[0].endswith("allowed: set by the payer")


def test_without_dates_the_flag_on_transfers_is_refused() -> None:
    ground = SimpleNamespace(
        answers=pl.DataFrame({"entity_id": NAMES, "y": Y}),
        linked=linked(),
        kind="account",
        base=SimpleNamespace(frame=pl.DataFrame({"node": range(N), **values(Y, 0)}), columns=COLUMNS),
        nodes=pl.DataFrame({"node": range(N), "entity_id": NAMES}),
        source=source({}),
    )
    with pytest.raises(LeakError, match=r"1 of 3 columns.*made of x_flag of the transfers"):
        undated.check_leaks(ground)
    ground.source = source({"x_flag": "set by the payer"})
    undated.check_leaks(ground)
