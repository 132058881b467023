"""An invented month: two banks, a wallet, an operator; every person and number is made up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache

import dataframely as dy
import polars as pl

from fraudnet.contracts.drop import RECORDS, Records
from fraudnet.contracts.results import ListEntry, Reason, Score
from fraudnet.lists.select import select, with_holds
from fraudnet.model.thresholds import Promise, Promises
from fraudnet.scoring.grades import STRENGTH, band_of, graded
from fraudnet.settings import Settings

AS_OF = datetime(2026, 9, 30, 17, 0, tzinfo=UTC)  # 00:00 on 1 October in Vietnam
LIST_DATE = date(2026, 10, 5)
MODEL = "fraudnet-account-both/3"
CODES = {"pass_through": 3, "shared_device": 7, "contagion": 4, "warning": 5, "taken_over": None, "sim_farm": None}

# entity, kind, institution, number, raw, probability, flagged
SCORES = [
    ("account:bank_north:00710001112223", "account", "bank_north", "00710001112223", 3.1, 0.62, True),
    ("account:bank_south:19001234567890", "account", "bank_south", "19001234567890", 2.7, 0.5, True),
    ("account:bank_north:00710009998887", "account", "bank_north", "00710009998887", 2.2, 0.25, True),
    ("account:purse:84900000001", "account", "purse", "84900000001", 1.8, 0.2, True),
    ("account:bank_north:00710005556667", "account", "bank_north", "00710005556667", -4.0, 0.002, False),
    ("sim:84911112222@20260102T030405Z", "sim", "operator_one", "84911112222", 2.0, 0.375, True),
    ("identity:17", "identity", None, None, 4.0, 0.9, True),
]
REASONS = [
    (
        "account:bank_north:00710001112223",
        1,
        "typology",
        "pass_through",
        0.9,
        1.5,
        "Nhận tiền từ 14 người rồi chuyển đi 96 % trong 7 phút",
    ),
    (
        "account:bank_north:00710001112223",
        2,
        "model",
        "in_night_share_30d",
        0.4,
        0.6,
        "40 % số lần nhận tiền vào ban đêm.",
    ),
    ("account:bank_north:00710001112223", 3, "model", "age_days", 900.0, -0.3, "Tài khoản đã mở 900 ngày."),
    (
        "account:bank_south:19001234567890",
        1,
        "model",
        "in_payers_1d",
        31.0,
        0.8,
        "31 người gửi lần đầu trong một ngày.",
    ),
    (
        "account:bank_north:00710009998887",
        1,
        "typology",
        "shared_device",
        1.0,
        0.7,
        "Một thiết bị dùng cho 9 tài khoản.",
    ),
    ("sim:84911112222@20260102T030405Z", 1, "typology", "sim_farm", 1.0, 0.7, "Một máy mang 120 SIM trong 30 ngày."),
]
# The list of the example keeps a precision of 20 % down to 2.0 and 40 % down to 3.0; a victim named one account.
PROMISES = Promises(made=(Promise(0.2, 2.0), Promise(0.4, 3.0), Promise(0.7, None)))
SOURCES = pl.DataFrame({"entity_id": ["account:bank_north:00710009998887"], "source": ["victim"]}).with_columns(
    pl.col("source").cast(STRENGTH)
)
HITS = [
    ("account:bank_north:00710001112223", "pass_through", 0.9),
    ("account:bank_north:00710001112223", "shared_device", 0.4),
    ("account:bank_north:00710009998887", "shared_device", 0.8),
    ("account:bank_south:19001234567890", "contagion", 1.0),
    ("sim:84911112222@20260102T030405Z", "sim_farm", 1.0),
]
INSTITUTIONS = pl.DataFrame(
    [
        ("bank_north", "bank", "Ngân hàng Phương Bắc (hư cấu)"),
        ("bank_south", "bank", "Ngân hàng Phương Nam (hư cấu)"),
        ("operator_one", "operator", "Nhà mạng Một (hư cấu)"),
        ("purse", "wallet", None),
    ],
    schema=["institution", "kind", "name"],
    orient="row",
)


def scores(rows: list[tuple[object, ...]] = SCORES) -> dy.DataFrame[Score]:
    names = ["entity_id", "kind", "institution", "number", "raw", "probability", "flagged"]
    frame = pl.DataFrame(rows, schema=names, orient="row").sort("raw", descending=True)
    filled = frame.with_columns(at_risk=pl.lit(0), model=pl.lit(MODEL), as_of=pl.lit(AS_OF))
    placed = filled.with_columns(position=pl.int_range(1, pl.len() + 1).over("kind"))
    banded = placed.with_columns(band=band_of(pl.col("raw"), PROMISES))
    return Score.validate(graded(banded, SOURCES).select(Score.column_names()), cast=True)


def reasons(rows: list[tuple[object, ...]] = REASONS) -> dy.DataFrame[Reason]:
    names = ["entity_id", "position", "source", "name", "value", "contribution", "text"]
    frame = pl.DataFrame(rows, schema=names, orient="row").with_columns(in_favour=pl.col("contribution") < 0)
    return Reason.validate(frame.select(Reason.column_names()), cast=True)


def hits(rows: list[tuple[object, ...]] = HITS) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["entity_id", "typology", "strength"], orient="row")


def table(name: str, rows: list[dict[str, object]]) -> pl.LazyFrame:
    """Rows under a contract, what is not given null, source and known_at filled in."""
    base = {"row_id": "file.csv:1", "known_at": datetime(2026, 9, 1, tzinfo=UTC)}
    types = {key: column.dtype for key, column in RECORDS[name].columns().items()}
    return pl.DataFrame([{**base, **row} for row in rows], schema=types).lazy()


def records() -> Records:
    accounts = [
        {"source": "north", "institution": "bank_north", "account_number": "00710001112223", "holder_source_id": "P1",
         "holder_name": "Trần Thị Bịa", "cif": "C000451", "kind": "personal", "currency": "VND", "status": 1},
        {"source": "north", "institution": "bank_north", "account_number": "00710009998887", "holder_source_id": "P2",
         "kind": "corporate", "currency": "VND"},
        {"source": "south", "institution": "bank_south", "account_number": "19001234567890", "currency": "VND"},
        {"source": "purse", "institution": "purse", "account_number": "84900000001", "holder_name": "Lê Văn Không",
         "currency": "VND", "kind": "wallet"},
    ]  # fmt: skip
    sims = [{"source": "one", "institution": "operator_one", "number": "84911112222", "holder_name": "Phạm Giả Định",
             "valid_from": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)}]  # fmt: skip
    identities = [
        {
            "source": "north",
            "source_id": "P2",
            "source_kind": "bank",
            "kind": "organisation",
            "full_name": "Công ty TNHH Ví Dụ",
        },
        {"source": "north", "source_id": "P1", "source_kind": "bank", "kind": "person", "full_name": "Tran Thi Bia"},
        {"source": "south", "source_id": "P1", "source_kind": "bank", "kind": "person", "full_name": "Người Khác"},
    ]
    tables = {"accounts": accounts, "sims": sims, "identities": identities}
    return Records({name: table(name, rows) for name, rows in tables.items()})


def holds() -> pl.DataFrame:
    """Money of two cases on one account, none to hold on another."""
    rows = [
        ("account:bank_north:00710001112223", 9_400_000),
        ("account:bank_north:00710001112223", 3_000_000),
        ("account:bank_south:19001234567890", 0),
    ]
    return pl.DataFrame(rows, schema=["entity_id", "hold"], orient="row")


def settings(**values: object) -> Settings:
    return Settings(**values)  # type: ignore[arg-type]  # checked by the class itself


@cache
def entries() -> dy.DataFrame[ListEntry]:
    return with_holds(select(scores(), reasons(), hits(), records(), CODES, settings()), holds())
