"""A draft of the bank's own report of suspected accounts to the State Bank (SIMO message 002)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

import dataframely as dy
import polars as pl

from fraudnet.contracts.results import ListEntry
from fraudnet.files import write_bytes
from fraudnet.lists.cells import clean
from fraudnet.lists.check import check_simo
from fraudnet.lists.format import ListFormat, Problem
from fraudnet.lists.header import ListHeader
from fraudnet.lists.simo import BATCH, CODE, CORRECTION, INDIVIDUAL, ORGANISATION, Field, account_field, code_of

# A list made here rests on no police source and never on earlier flags alone.
NEVER_WRITTEN = (4, 5)
ORGANISATIONS = "_organisations"


def write(entries: dy.DataFrame[ListEntry], path: Path, header: ListHeader) -> tuple[Path, ...]:
    """Write persons to `simo_002-0001.json` and on, organisations to `simo_002_organisations-0001.json` and on.

    A field that the bank did not deliver, or whose value the field cannot hold, stays empty for the bank to fill.
    Beside them `simo_002-header.json` holds what the sender puts into the request headers of each file.
    Source: the fields that public bank-side programs send; the State Bank's own text was not seen.
    """
    frame = entries.lazy().filter(pl.col("kind") == "account").collect()
    return write_records(records_of(frame), path, header)


def records_of(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The records of persons and of organisations, by the ending of their files' names.

    frame: number, holder_name, holder_kind, cif, status, code, note of accounts, and where a record corrects an earlier
    one its `correction`.
    """
    organisation = pl.col("holder_kind").fill_null("person") == "organisation"
    return {"": _individuals(frame.filter(~organisation)), ORGANISATIONS: _organisations(frame.filter(organisation))}


def write_records(parts: Mapping[str, pl.DataFrame], path: Path, header: ListHeader) -> tuple[Path, ...]:
    """Write records in batches, and the file of their request headers; returns the files of records."""
    batches: list[tuple[Path, pl.DataFrame]] = []
    for ending, records in parts.items():
        for number, batch in enumerate(_batches(records), 1):
            batches.append((path.with_name(f"{path.stem}{ending}-{number:04d}{path.suffix}"), batch))
    for file, batch in batches:
        write_bytes(file, _array(batch.to_dicts()))
    write_bytes(path.with_name(f"{path.stem}-header{path.suffix}"), _array(_headers(batches, header)))
    return tuple(file for file, _ in batches)


def read(path: Path) -> pl.DataFrame:
    """The records as text, the account number in the column `number`."""
    records = json.loads(path.read_bytes())
    rows = [{"number": str(record[account_field(record)]), **_texts(record)} for record in records]
    return pl.DataFrame(rows, schema=None if rows else {"number": pl.String})


def check(path: Path) -> tuple[Problem, ...]:
    """Everything wrong at level draft, and codes that a list made here never carries."""
    found = check_simo(path, "draft")
    return found or tuple(
        Problem(path.name, row, CODE, "a code for other sources", f"none of {NEVER_WRITTEN}")
        for row, record in enumerate(json.loads(path.read_bytes()), 1)
        if code_of(record[CODE]) in NEVER_WRITTEN
    )


def _individuals(frame: pl.DataFrame) -> pl.DataFrame:
    delivered = {
        "Cif": "cif",
        "SoTaiKhoan": "number",
        "TenKhachHang": "holder_name",
        "TrangThaiHoatDongTaiKhoan": "status",
        CODE: "code",
        "GhiChu": "note",
    }
    fields = [_field(name, INDIVIDUAL[name], column) for name, column in delivered.items()]
    return frame.select(fields, **_why(frame))


def _organisations(frame: pl.DataFrame) -> pl.DataFrame:
    delivered = {
        "TenToChuc": "holder_name",
        "SoTaiKhoanToChuc": "number",
        "TrangThaiTaiKhoan": "status",
        CODE: "code",
    }
    return frame.select(
        [_field(name, field, delivered.get(name)) for name, field in ORGANISATION.items()], **_why(frame)
    )


def _why(frame: pl.DataFrame) -> dict[str, pl.Expr]:
    return {CORRECTION: clean("correction")} if "correction" in frame.columns else {}


def _field(name: str, field: Field, column: str | None) -> pl.Expr:
    """The value as text; a value that is too long for anything but the account number is left to the bank."""
    if column is None:
        return pl.lit("").alias(name)
    value = clean(pl.col(column).cast(pl.String)).str.replace_all(r"[\p{C}\p{Zl}\p{Zp}]+", " ").fill_null("")
    if column == "number":
        return value.alias(name)
    return pl.when(value.str.len_chars() <= field.limit).then(value).otherwise(pl.lit("")).alias(name)


def _batches(records: pl.DataFrame) -> Iterator[pl.DataFrame]:
    return iter(records.iter_slices(BATCH)) if records.height else iter(())


def _headers(batches: list[tuple[Path, pl.DataFrame]], header: ListHeader) -> list[dict[str, object]]:
    period = previous_month(header.list_date)
    return [
        {
            "file": file.name,
            "maYeuCau": f"{header.list_id}-{place:04d}",
            "kyBaoCao": period,
            "records": batch.height,
            "level": "draft",
            "list": header.plain(),
        }
        for place, (file, batch) in enumerate(batches, 1)
    ]


def previous_month(day: date) -> str:
    """The month before a day, as MM/YYYY: the period a report is about."""
    return (day.replace(day=1) - timedelta(days=1)).strftime("%m/%Y")


def _array(rows: list[dict[str, object]]) -> bytes:
    return (json.dumps(rows, ensure_ascii=False, indent=1) + "\n").encode()


def _texts(record: dict[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in record.items()}


FORMAT = ListFormat("simo_002", "simo_002", ".json", ("bank",), write, read, check, pl.col("kind") == "account")
