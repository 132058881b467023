"""One reader per file format; nothing is guessed: text stays text until the contract says what it is."""

from __future__ import annotations

from collections.abc import Mapping

from fraudnet.sources.formats.csv_file import read_csv
from fraudnet.sources.formats.jsonl_file import read_jsonl
from fraudnet.sources.formats.parquet_file import read_parquet
from fraudnet.sources.formats.raw import Reader
from fraudnet.sources.formats.xlsx_file import read_xlsx

FORMATS: Mapping[str, Reader] = {"csv": read_csv, "parquet": read_parquet, "jsonl": read_jsonl, "xlsx": read_xlsx}
SUFFIXES: Mapping[str, str] = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".parquet": "parquet", ".pq": "parquet",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".xlsx": "xlsx",
}  # fmt: skip
