from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from fraudnet.files import write_parquet


@pytest.mark.parametrize("lasting", [True, False])
def test_a_lazy_table_is_written_with_the_bytes_of_one_that_is_held(tmp_path: Path, lasting: bool) -> None:
    held = pl.DataFrame({"n": range(9_000), "text": [f"{n % 7}" if n % 5 else None for n in range(9_000)]})
    pieces = [
        write_parquet(tmp_path / f"{n}.parquet", held[n : n + 1_000], lasting=False) for n in range(0, 9_000, 1_000)
    ]
    lazy = write_parquet(tmp_path / "lazy", pl.concat([pl.scan_parquet(p) for p in pieces]), lasting=lasting)
    assert lazy.read_bytes() == write_parquet(tmp_path / "held", held, lasting=lasting).read_bytes()
