"""Institutions that deliver their lists under headings and in formats of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

MOMENT, DAY = "%Y-%m-%d %H:%M:%S", "%d/%m/%Y"  # as everybody else writes them
MOMENTS = ("NGAY_MO", "NGAY_DONG", "NGAY_XAC_THUC", "NGAY_TRANG_THAI", "NGAY_CAP_NHAT", "TU_NGAY", "DEN_NGAY")
DAYS = ("NGAY_SINH",)
TABLES = {"identities": "TO_CHUC", "accounts": "BIN", "sims": "NHA_MANG"}  # and whose row it is
ENGLISH = {
    "TO_CHUC": "INSTITUTION", "NGUON_LOAI": "INSTITUTION_TYPE", "MA_KH": "CIF", "LOAI_KH": "CUSTOMER_TYPE",
    "HO_TEN": "FULL_NAME", "NGAY_SINH": "DOB", "GIOI_TINH": "GENDER", "QUOC_TICH": "NATIONALITY",
    "SO_GIAY_TO": "ID_NO", "LOAI_GIAY_TO": "ID_TYPE", "SO_CU": "OLD_ID_NO", "MST": "TAX_CODE", "VON": "CAPITAL",
    "TINH": "PROVINCE", "XA": "WARD", "DIA_CHI": "ADDRESS", "DIEN_THOAI": "MOBILE", "KHUON_MAT": "FACE_REF",
    "NGUOI_DAI_DIEN": "REP_CIF", "NGAY_CAP_NHAT": "LAST_UPDATE", "BIN": "BANK_BIN", "SO_TAI_KHOAN": "ACCT_NO",
    "TEN_CHU_TK": "ACCT_NAME", "NGAY_MO": "OPEN_DATE", "NGAY_DONG": "CLOSE_DATE", "KENH_MO": "OPEN_CHANNEL",
    "CHI_NHANH": "BRANCH", "NHAN_VIEN": "OFFICER", "NGAY_XAC_THUC": "VERIFY_DATE", "DT_DANG_KY": "REG_MOBILE",
    "LOAI_TK": "ACCT_TYPE", "TRANG_THAI": "STATUS", "NGAY_TRANG_THAI": "STATUS_DATE", "NHA_MANG": "OPERATOR",
    "SO_THUE_BAO": "MSISDN", "TU_NGAY": "ACTIVE_FROM", "DEN_NGAY": "ACTIVE_TO", "TEN_CHU_SO": "SUBSCRIBER",
    "DIEM_BAN": "DEALER", "GOI": "PLAN",
}  # fmt: skip


@dataclass(frozen=True)
class Style:
    """Headings for the usual ones, how moments and days are written, and words for the usual values of a column."""

    headings: Mapping[str, str]
    moment: str
    day: str
    words: Mapping[str, Mapping[str, str]]

    def told(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows as this house writes them."""
        dated = [_again(name, MOMENT, self.moment) for name in MOMENTS] + [_again(n, DAY, self.day) for n in DAYS]
        there = [made for name, made in zip((*MOMENTS, *DAYS), dated, strict=True) if name in frame.columns]
        words = [pl.col(name).replace(words) for name, words in self.words.items() if name in frame.columns]
        return frame.with_columns(*there, *words).rename(dict(self.headings), strict=False)

    def mapped(self, section: str) -> str:
        """The usual section of a mapping in the words of this house."""
        for name, words in self.words.items():
            line = next((line for line in section.splitlines() if f'"{name}"' in line), "")
            said = line
            for usual, own in words.items():
                said = said.replace(f'"{usual}"=', f'"{own}"=').replace(f" {usual}=", f" {own}=")
            section = section.replace(line, said)
        for usual, own in self.headings.items():
            section = section.replace(f'"{usual}"', f'"{own}"')
        return section.replace(f'"{MOMENT}"', f'"{self.moment}"').replace(f'"{DAY}"', f'"{self.day}"')


def _again(name: str, usual: str, own: str) -> pl.Expr:
    return pl.col(name).str.to_datetime(usual).dt.strftime(own)


_BANKING = Style(ENGLISH, "%Y%m%d%H%M%S", "%Y%m%d", {"GIOI_TINH": {"Nam": "M", "Nữ": "F"}})
_SMALL = Style(
    {name: name.lower() for name in ENGLISH}, "%d/%m/%Y %H:%M:%S", "%Y-%m-%d", {"LOAI_KH": {"CN": "1", "TC": "2"}}
)
STYLES: Mapping[str, Style] = {
    "970416": _BANKING, "546034": _BANKING, "452-05": _BANKING, "970423": _SMALL, "971025": _SMALL,
}  # fmt: skip


def sections(usual: str, there: Mapping[str, list[str]]) -> str:
    """Mapping sections for files of houses with a style. there: for each table the codes of those who delivered one."""
    known = {}
    for section in usual.split("\n[[tables]]\n")[1:]:
        for table in there:
            if f'\nfile = "{table}.csv"\n' in section:
                known[table] = section
    told = [
        "\n[[tables]]\n" + STYLES[code].mapped(known[table]).replace(f'"{table}.csv"', f'"{table}/{code}.csv"')
        for table, codes in there.items() for code in codes
    ]  # fmt: skip
    return "".join(told)


def everybodys(drop: Path, table: str) -> pl.DataFrame:
    """A list of all institutions under the usual headings, as text; moments and words stay as each house has them."""
    parts = [pl.read_csv(drop / f"{table}.csv", infer_schema=False)]
    for code, style in STYLES.items():
        if (file := drop / table / f"{code}.csv").is_file():
            usual = {own: name for name, own in style.headings.items()}
            parts.append(pl.read_csv(file, infer_schema=False).rename(usual, strict=False))
    return pl.concat(parts)
