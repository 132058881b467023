"""An invented list, for engineers who try their side before a real one comes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl

from fraudnet.contracts.grades import TABLE
from fraudnet.lists.exchange.pseudonyms import pseudonyms
from fraudnet.lists.live import Change

INSTITUTION = "bank_sample"
SECRET = bytes(32)  # invented numbers need no secret
ROWS = (
    (
        "00710001112223",
        "Trần Thị Bịa",
        "model",
        "20_to_40",
        3,
        0.31,
        "Nhận tiền từ 14 người rồi chuyển đi 96 % trong 7 phút.",
    ),
    (
        "00710009998887",
        "Lê Văn Không",
        "victim",
        "under_20",
        6,
        0.12,
        "Có người bị hại trình báo đã chuyển tiền vào đây.",
    ),
    ("00710004445556", "=1+1", "model", "under_20", 7, 0.08, "Một thiết bị dùng cho 9 tài khoản."),
)


def sample_changes(day: date) -> pl.DataFrame:
    """Three new entries of an invented bank: contract Change."""
    as_of = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=7)
    rows = [_row(place, row, day, as_of) for place, row in enumerate(ROWS, 1)]
    types = {name: column.dtype for name, column in Change.columns().items()}
    return pl.DataFrame(rows, schema=types)


def _row(place: int, told: tuple[str, str, str, str, int, float, str], day: date, as_of: datetime) -> dict[str, object]:
    number, holder, source, band, code, probability, note = told
    cell, entity = TABLE[source, band], f"account:{INSTITUTION}:{number}"
    return {
        "institution": INSTITUTION, "entity_id": entity, "kind": "account", "number": number, "holder_name": holder,
        "holder_kind": "person", "cif": None, "status": 1, "code": code, "note": note, "reasons": [note],
        "probability": probability, "grade": cell.grade, "action": cell.action,
        "hold": 12_400_000 if source == "victim" else None,
        "references": ["N000121275876"] if source == "victim" else None, "source": source, "band": band,
        "position": place, "as_of": as_of, "expires_on": day + timedelta(days=cell.days), "model": "sample/1",
        "entry_id": pseudonyms([entity], SECRET, INSTITUTION)[0], "flag_id": f"{entity}|sample",
        "evidence": ["own:sample"], "state": "live", "listed_on": day, "review_on": day + timedelta(days=30),
        "operation": "add", "reason": "new", "turn": 0,
    }  # fmt: skip
