"""Parquet: types are kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from fraudnet.errors import InputError
from fraudnet.sources.formats.raw import BATCH_ROWS, ROW, Batch, Options, Raw, broken_rows, check_header

ADVICE = "expected a whole Parquet file; deliver it again"


def read_parquet(path: Path, where: str, options: Options) -> Raw:
    """Open a Parquet file. Raises InputError when it is none, is cut off or is empty."""
    try:
        scan = pl.scan_parquet(path, glob=False)
        schema = scan.collect_schema()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise InputError(
            "{where}: cannot be read as Parquet ({reason}); {advice}", where=where, reason=_reason(error), advice=ADVICE
        ) from None
    check_header(schema.names(), where)

    def batches(columns: Sequence[str]) -> Iterator[Batch]:
        height = _collected(scan.select(pl.len()), where).item()
        for start in range(0, max(height, 1), BATCH_ROWS):
            part = scan.select(columns).slice(start, BATCH_ROWS)
            rows = _collected(part.with_row_index(ROW, start + 1), where)
            yield Batch(rows, broken_rows([]))

    return Raw(schema, batches)


def _collected(scan: pl.LazyFrame, where: str) -> pl.DataFrame:
    try:
        return scan.collect(engine="streaming")
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise InputError(
            "{where}: cannot be read as Parquet ({reason}); {advice}", where=where, reason=_reason(error), advice=ADVICE
        ) from None


def _reason(error: BaseException) -> str:
    return str(error).splitlines()[0][:120] if str(error) else type(error).__name__
