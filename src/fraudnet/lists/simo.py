"""The State Bank's list of suspected accounts: which fields a record has and what each may hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from fraudnet.lists.note import NOTE_LIMIT

Level = Literal["draft", "ready"]
LEVELS: tuple[Level, ...] = ("draft", "ready")
BATCH = 10_000
CODES = tuple(range(1, 9))
WITHDRAWN, OTHER_SIGN = 0, 8
CODE, NOTE, CORRECTION = "NghiNgo", "GhiChu", "LyDoCapNhat"
ACCOUNT, ORGANISATION_ACCOUNT = "SoTaiKhoan", "SoTaiKhoanToChuc"
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


@dataclass(frozen=True)
class Field:
    """One field of a record: the longest text it holds, its pattern, and from which level on it must be filled."""

    limit: int
    filled_from: Level | None
    pattern: str = ""
    expected: str = ""


_NUMBER = {"pattern": r"\S+", "expected": "an account number without blanks"}
_STATUS = Field(1, "ready", r"[1-5]", "a status from 1 to 5")
_DAY = {"pattern": r"\d{2}/\d{2}/\d{4}", "expected": "a day as dd/MM/yyyy"}

INDIVIDUAL: Mapping[str, Field] = {
    "Cif": Field(36, "ready"),
    ACCOUNT: Field(36, "draft", **_NUMBER),
    "TenKhachHang": Field(150, "ready"),
    "TrangThaiHoatDongTaiKhoan": _STATUS,
    CODE: Field(1, "draft"),
    NOTE: Field(NOTE_LIMIT, None),
}
# Lengths of an organisation's fields were not seen; those of the matching fields of an individual are taken.
ORGANISATION: Mapping[str, Field] = {
    "TenToChuc": Field(150, "ready"),
    "SoGiayPhepThanhLap": Field(36, "ready"),
    "LoaiGiayToThanhLapToChuc": Field(36, "ready"),
    "NgayThanhLap": Field(10, "ready", **_DAY),
    "DiaChiToChuc": Field(300, None),
    "HoTenNguoiDaiDien": Field(150, None),
    "SoGiayToTuyThan": Field(15, None),
    "DienThoai": Field(15, None),
    ORGANISATION_ACCOUNT: Field(36, "draft", **_NUMBER),
    "TrangThaiTaiKhoan": _STATUS,
    "DiaChiMAC": Field(60, None),
    "SO_IMEI": Field(36, None),
    CODE: Field(1, "draft"),
}

Finding = tuple[str, str, str]


def is_organisation(record: Mapping[str, object]) -> bool:
    """Whether a record is one of an organisation, by its fields."""
    own = len(record.keys() & (ORGANISATION.keys() - INDIVIDUAL.keys()))
    return own > len(record.keys() & (INDIVIDUAL.keys() - ORGANISATION.keys()))


def account_field(record: Mapping[str, object]) -> str:
    """The name of the field with the account number."""
    return ORGANISATION_ACCOUNT if is_organisation(record) else ACCOUNT


def record_findings(record: Mapping[str, object], level: Level) -> Iterator[Finding]:
    """Field, what it got and what was expected, for everything wrong with one record of message 002 or 003."""
    fields = dict(ORGANISATION if is_organisation(record) else INDIVIDUAL)
    correction = CORRECTION in record
    if correction:
        fields[CORRECTION] = Field(NOTE_LIMIT, "draft")
    for name in record.keys() - fields.keys():
        yield _named(name), "an unknown field", "only the fields of the message"
    for name, field in fields.items():
        if name not in record:
            yield name, "no such field", "the field, empty where nothing is known"
        elif name == CODE:
            yield from _code_findings(record[name], correction)
        else:
            yield from _text_findings(name, record[name], field, level)
    yield from _note_findings(record)


def _code_findings(value: object, correction: bool) -> Iterator[Finding]:
    allowed = (WITHDRAWN, *CODES) if correction else CODES
    if code_of(value) not in allowed:
        yield CODE, shape(value), f"exactly one code from {allowed[0]} to {allowed[-1]}"


def code_of(value: object) -> int | None:
    """The code that a value stands for, written as a number or as one digit; None where it is neither."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]", value) else None


def _text_findings(name: str, value: object, field: Field, level: Level) -> Iterator[Finding]:
    text = str(value) if type(value) is int and field is _STATUS else value
    if not isinstance(text, str):
        yield name, shape(value), "text"
    elif not text.strip():
        if field.filled_from is not None and LEVELS.index(field.filled_from) <= LEVELS.index(level):
            yield name, "empty text", f"filled in at level {level}"
    else:
        yield from _filled_findings(name, text, field)


def _filled_findings(name: str, text: str, field: Field) -> Iterator[Finding]:
    if len(text) > field.limit:
        yield name, shape(text), f"at most {field.limit} characters"
    if field.pattern and not re.fullmatch(field.pattern, text, re.ASCII if field is _STATUS else 0):
        yield name, shape(text), field.expected
    # A printable text has no such characters; most texts are, and this is asked of every field of every record.
    if not text.isprintable() and any(unicodedata.category(character) in _UNSEEN for character in text):
        yield name, "text with characters that nobody sees", "visible characters only"
    if not unicodedata.is_normalized("NFC", text):
        yield name, "text that is not in NFC", "text in NFC"


def _note_findings(record: Mapping[str, object]) -> Iterator[Finding]:
    note = record.get(NOTE)
    explained = is_organisation(record) or (isinstance(note, str) and note.strip())
    if code_of(record.get(CODE)) == OTHER_SIGN and not explained:
        yield NOTE, shape(note), f"an explanation, because the code is {OTHER_SIGN}"


def _named(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_]{1,60}", name) else "unnamed field"


def shape(value: object) -> str:
    """What a value looks like, without the value."""
    if isinstance(value, bool) or value is None:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return f"the number {value}" if value in range(100) else "a number outside 0 to 99"
    if isinstance(value, str):
        return _text_shape(value)
    return f"a list of {len(value)}" if isinstance(value, list) else "an object"


def _text_shape(value: str) -> str:
    if not value:
        return "empty text"
    made_of = "digits" if value.isdecimal() else "letters" if value.isalpha() else "mixed characters"
    return f"text of {len(value)} {made_of}"
