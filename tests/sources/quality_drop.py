"""Three banks and two operators whose deliveries are without a fault, as tables to spoil, and what is measured of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
from drop_builder import write_drop

from fraudnet.contracts.progress import silent
from fraudnet.sources.drop import Delivery
from fraudnet.sources.quality.material import Material, gather
from fraudnet.sources.quality.measure import Measured, measure
from fraudnet.sources.read import read_drops

Tables = Mapping[str, pl.DataFrame]
BANKS = ("970001", "970002", "970003")
OPERATORS = ("452-98", "452-99")
PEOPLE, DAYS = 90, 40
START = datetime(2026, 1, 1, 9)
AS_OF = date(2026, 2, 10)

MAPPING = """
version = 1
name = "quality"
[score]
as_of = 2026-02-10
[[tables]]
table = "institutions"
file = "institutions.parquet"
source = "list"
[tables.columns]
institution = "institution"
kind = "kind"
name = "name"
[[tables]]
table = "identities"
file = "identities.parquet"
source = { column = "source" }
[tables.columns]
source_id = "source_id"
kind = "kind"
full_name = "full_name"
birth_date = "birth_date"
sex = "sex"
id_number = "id_number"
phone = "phone"
province = "province"
address = "address"
known_at = "known_at"
[[tables]]
table = "accounts"
file = "accounts.parquet"
source = { column = "source" }
[tables.columns]
institution = "institution"
account_number = "account_number"
holder_source_id = "holder_source_id"
holder_name = "holder_name"
opened_at = "opened_at"
closed_at = "closed_at"
phone = "phone"
kind = "kind"
channel = "channel"
known_at = "known_at"
[[tables]]
table = "sims"
file = "sims.parquet"
source = { column = "source" }
[tables.columns]
institution = "institution"
number = "number"
valid_from = "valid_from"
holder_source_id = "holder_source_id"
holder_name = "holder_name"
plan = "plan"
[[tables]]
table = "transfers"
file = "transfers.parquet"
source = { column = "source" }
[tables.columns]
transfer_id = "transfer_id"
at = "at"
payer = { kind = "account", institution = "from_bank", number = "from" }
payee = { kind = "account", institution = "to_bank", number = "to" }
amount = "amount"
rail_ref = "rail_ref"
channel = "channel"
[[tables]]
table = "calls"
file = "calls.parquet"
source = { column = "source" }
[tables.columns]
at = "at"
caller = "caller"
callee = "callee"
kind = "kind"
duration_s = "duration_s"
"""


def clean() -> dict[str, pl.DataFrame]:
    """Tables without a fault; every person has two banks and one operator, every second transfer crosses banks."""
    return {
        "institutions": _institutions(),
        "identities": pl.DataFrame([_identity(i, s) for i in range(PEOPLE) for s in (*_banks(i), _operator(i))]),
        "accounts": pl.DataFrame([_account(i, bank) for i in range(PEOPLE) for bank in _banks(i)]),
        "sims": pl.DataFrame([_sim(i) for i in range(PEOPLE)]),
        "transfers": pl.DataFrame([row for n in range(DAYS * 12) for row in _transfer(n)]),
        "calls": pl.DataFrame([_call(n) for n in range(DAYS * 10)]),
    }


def _institutions() -> pl.DataFrame:
    names = [*BANKS, *OPERATORS]
    kinds = ["bank"] * len(BANKS) + ["operator"] * len(OPERATORS)
    return pl.DataFrame({"institution": names, "kind": kinds, "name": [f"House {name}" for name in names]})


def _banks(i: int) -> tuple[str, str]:
    return BANKS[i % 3], BANKS[(i + 1) % 3]


def _operator(i: int) -> str:
    return OPERATORS[i % 2]


def _name(i: int) -> str:
    return f"{('Nguyễn', 'Trần', 'Lê')[i % 3]} Văn {chr(65 + i % 26)}{chr(97 + i // 26)}"


def _phone(i: int) -> str:
    return f"84912{345000 + i * 7:06d}"


def _born(i: int) -> date:
    return date(1960 + i % 39, 1 + i % 12, 2 + i % 20)


def _identity(i: int, source: str) -> dict[str, object]:
    born = _born(i)
    return {
        "source": source, "source_id": f"C{i}", "kind": "person", "full_name": _name(i), "birth_date": born,
        "sex": i % 2, "id_number": f"001{1 - i % 2}{born.year % 100:02d}{i * 97:06d}", "phone": _phone(i),
        "province": "01", "address": f"{i + 1} Hàng Bông", "known_at": START + timedelta(days=(i * 7) % DAYS),
    }  # fmt: skip


def _account(i: int, bank: str) -> dict[str, object]:
    return {
        "source": bank, "institution": bank, "account_number": f"00{bank[-1]}{i:07d}", "holder_source_id": f"C{i}",
        "holder_name": _name(i), "opened_at": datetime(2020, 1, 1), "closed_at": datetime(2026, 2, 1 + i % 5),
        "phone": _phone(i), "kind": "personal", "channel": "ekyc", "known_at": START + timedelta(days=(i * 11) % DAYS),
    }  # fmt: skip


def _sim(i: int) -> dict[str, object]:
    return {
        "source": _operator(i), "institution": _operator(i), "number": _phone(i),
        "valid_from": START + timedelta(days=(i * 13) % DAYS), "holder_source_id": f"C{i}", "holder_name": _name(i),
        "plan": "prepaid",
    }  # fmt: skip


def _transfer(n: int) -> list[dict[str, object]]:
    i, j = n % PEOPLE, (n * 17 + 5) % PEOPLE
    j = j if j != i else (j + 1) % PEOPLE
    one, two = _banks(i)[n % 2], _banks(j)[(n // 2) % 2]
    at = START + timedelta(days=n % DAYS, minutes=n)
    said = {
        "at": at, "from_bank": one, "from": f"00{one[-1]}{i:07d}", "to_bank": two, "to": f"00{two[-1]}{j:07d}",
        "amount": 10_000 * (n + 1), "rail_ref": f"R{n}" if one != two else None, "channel": "mobile",
    }  # fmt: skip
    told = [{"source": one, "transfer_id": f"D{n}", **said}]
    if one != two:
        told.append({"source": two, "transfer_id": f"C{n}", **said, "at": at + timedelta(seconds=3)})
    return told


def _call(n: int) -> dict[str, object]:
    i = (n * 7 + n // DAYS) % PEOPLE
    return {
        "source": _operator(i), "at": START + timedelta(days=n % DAYS, minutes=n), "caller": _phone(i),
        "callee": _phone((i + 1 + n % 7) % PEOPLE), "kind": "voice", "duration_s": 10 + n % 60,
    }  # fmt: skip


def deliver(folder: Path, tables: Tables, mapping: str = MAPPING) -> Delivery:
    """Write the tables as a drop and read it; times are wall clock in Vietnam."""
    drop = write_drop(folder / "drop", mapping)
    for name, frame in tables.items():
        frame.write_parquet(drop / f"{name}.parquet")
    return read_drops([drop], None, folder / "cache", silent)


def measured(folder: Path, tables: Tables, mapping: str = MAPPING) -> tuple[Material, Measured]:
    """Deliver and measure."""
    material = gather(deliver(folder, tables, mapping))
    return material, measure(material)


def values(found: Measured) -> dict[tuple[str, str], float | None]:
    """Value by source and criterion, sources as a whole."""
    rows = found.quality.filter(pl.col("institution").is_null())
    return {(row["source"], str(row["criterion"])): row["value"] for row in rows.to_dicts()}


def parts(found: Measured) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Numerator and denominator by source, table and measure, sources as a whole."""
    rows = found.parts.filter(pl.col("institution").is_null()).to_dicts()
    return {(row["source"], row["table"], row["measure"]): (row["numerator"], row["denominator"]) for row in rows}
