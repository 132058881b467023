"""One small world for all tests of this folder, and one written twice."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from fraudnet.synthetic.world import WorldPlan, WorldSummary, write_planned

PLAN = WorldPlan(people=4_000, months=6, share=0.01, seed=7)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> WorldSummary:
    return write_planned(tmp_path_factory.mktemp("worlds") / "small", PLAN)


@pytest.fixture(scope="session")
def drop(world: WorldSummary) -> Path:
    return world.folder / "drop"


@pytest.fixture(scope="session")
def truth(world: WorldSummary) -> pl.DataFrame:
    return pl.read_parquet(world.folder / "truth" / "truth.parquet")


@pytest.fixture(scope="session")
def transfers(drop: Path) -> pl.DataFrame:
    """Good rows only, with amounts as numbers."""
    frame = pl.read_parquet(drop / "transfers" / "*.parquet")
    good = (pl.col("TK_NHAN") != "") & (pl.col("SO_TIEN") != "abc")
    good &= (pl.col("BIN_GUI") != pl.col("BIN_NHAN")) | (pl.col("TK_GUI") != pl.col("TK_NHAN"))
    return frame.filter(good).unique(["NGUON", "MA_GD"], keep="first").with_columns(pl.col("SO_TIEN").cast(pl.Int64))


@pytest.fixture(scope="session")
def calls(drop: Path) -> pl.DataFrame:
    """Good rows only."""
    frame = pl.read_parquet(drop / "calls" / "*.parquet")
    return frame.filter((pl.col("LOAI") != "FAX") & (pl.col("SO_GOI") != "") & (pl.col("THOI_LUONG") != "abc"))
