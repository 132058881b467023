"""Eight ugly files as they arrive on a first day, cut out of a synthetic world and small enough to keep."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from pathlib import Path

import polars as pl
import xlsxwriter

from fraudnet.contracts.drop import Records
from fraudnet.contracts.judgements import SPARED_ROLES
from fraudnet.expressions import local
from fraudnet.files import write_bytes
from fraudnet.synthetic.statements import BANKS, balanced, by_day_file, by_name_file, ledger_file, sides, workbook_file

NAME = "first-day"
BY_ACCOUNT = 2  # banks that send the statement of one account alone


def write_first_day(records: Records, truth: pl.DataFrame, folder: Path, span: tuple[datetime, datetime]) -> list[Path]:
    """Write the eight files; returns their paths.

    records: a world as read, every transfer once. truth: entity_id and role of its fraud. span: which moments the files
    tell. Two banks send the statement of one suspected account each, two their whole ledgers, one of these twice with
    an overlap; then come a list of accounts, a list of subscribers and call records.
    """
    inside = pl.col("at").is_between(*span, closed="left")
    moved = records.table("transfers").filter(inside).collect()
    bad = truth.filter(~pl.col("role").is_in(["ordinary", "alike", *SPARED_ROLES]))["entity_id"]
    lines = balanced(sides(moved.select("at", "payer", "payee", "amount", "rail_ref")))
    most = lines.filter(pl.col("own").is_in(bad.implode())).group_by("bank").agg(n=pl.len()).sort("n", "bank")
    banks = [bank for bank in most["bank"].reverse().to_list() if bank in BANKS][: 2 * BY_ACCOUNT]
    whole, single = banks[:BY_ACCOUNT], banks[BY_ACCOUNT:]
    made = [_one_account(lines, bank, bad, folder, place) for place, bank in enumerate(single)]
    made += _ledgers(lines, whole, folder)
    made.append(_account_list(records, whole[0], folder / f"DANH SACH TK {BANKS[whole[0]].upper()}.xlsx"))
    made += [
        _subscribers(records, folder / "thue bao Viettel.csv"),
        _calls(records, inside, folder / "cdr viettel.txt"),
    ]
    return made


def _one_account(lines: pl.DataFrame, bank: str, bad: pl.Series, folder: Path, place: int) -> Path:
    """The statement of the busiest suspected account of a bank."""
    own = lines.filter(pl.col("own").is_in(bad.implode()) & (pl.col("bank") == bank))
    busiest = own.group_by("own").len().sort("len", "own", descending=[True, False])["own"][0]
    rows = lines.filter(pl.col("own") == busiest)
    number = rows["number"][0]
    path = folder / (f"Sao ke {BANKS[bank]} {number}.xlsx" if place == 0 else f"{BANKS[bank]}_{number}.csv")
    path.parent.mkdir(parents=True, exist_ok=True)
    (workbook_file if place == 0 else by_name_file)(rows, path)
    return path


def _ledgers(lines: pl.DataFrame, banks: list[str], folder: Path) -> list[Path]:
    """Two whole ledgers, the first in two pieces that overlap by half a month."""
    first, second = (lines.filter(pl.col("bank") == bank) for bank in banks)
    early, late = first["at"].min(), first["at"].max()
    assert isinstance(early, datetime) and isinstance(late, datetime)  # noqa: S101  # the bank was chosen by its lines
    third = (late - early) / 3
    made = []
    pieces = (("1", pl.col("at") < early + 2 * third), ("2", pl.col("at") >= early + third))
    for name, part in pieces:
        path = folder / f"SO PHU {BANKS[banks[0]].upper()} phan {name}.csv"
        ledger_file(first.filter(part), path)
        made.append(path)
    path = folder / f"so phu {BANKS[banks[1]]}.csv"
    by_day_file(second, path)
    return [*made, path]


def plain(name: str) -> str:
    """A name as old systems write it: capitals without marks."""
    bare = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in bare if not unicodedata.combining(letter)).upper()


def _account_list(records: Records, bank: str, path: Path) -> Path:
    """A report with titles, numbers without accents and a total; a hidden sheet holds somebody's notes."""
    rows = (
        records.table("accounts")
        .filter(pl.col("institution") == bank)
        .select("account_number", "holder_name", "phone", opened=local("opened_at").dt.strftime("%d/%m/%Y"))
        .unique("account_number", keep="first", maintain_order=True)
        .sort("account_number")
        .collect()
    )
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": datetime(2026, 1, 1)})
        sheet = book.add_worksheet("DS")
        sheet.write(0, 0, f"NGAN HANG {BANKS[bank].upper()}")
        sheet.write(1, 0, "DANH SACH TAI KHOAN THANH TOAN")
        sheet.write_row(3, 0, ("STT", "SO TAI KHOAN", "TEN CHU TAI KHOAN", "NGAY MO", "SO DIEN THOAI"))
        for place, (number, name, phone, opened) in enumerate(rows.iter_rows(), 1):
            sheet.write_row(3 + place, 0, (str(place), number, plain(name or ""), opened, phone or ""))
        sheet.write(4 + rows.height, 0, "Tổng cộng")
        notes = book.add_worksheet("nhap")
        notes.write_row(0, 0, ("SO TAI KHOAN", "GHI CHU"))
        notes.hide()
    return path


def _subscribers(records: Records, path: Path) -> Path:
    rows = records.table("sims").select(
        pl.col("institution").alias("NHÀ MẠNG"), pl.col("number").str.replace("^84", "0").alias("SỐ THUÊ BAO"),
        pl.col("holder_name").alias("HỌ TÊN"), local("valid_from").dt.strftime("%d/%m/%Y").alias("NGÀY KÍCH HOẠT"),
        pl.col("dealer").alias("ĐẠI LÝ"),
    )  # fmt: skip
    table = (
        rows.filter(pl.col("NHÀ MẠNG") == "452-04").collect().unique("SỐ THUÊ BAO", keep="first", maintain_order=True)
    )
    names = pl.Series("HỌ TÊN", [plain(name or "") for name in table["HỌ TÊN"]])
    write_bytes(path, table.with_columns(names).drop("NHÀ MẠNG").write_csv(separator=";").encode("utf-16"))
    return path


def _calls(records: Records, inside: pl.Expr, path: Path) -> Path:
    """What one operator recorded of its own customers' calls."""
    own = records.table("calls").filter(inside & (pl.col("source") == "452-04") & (pl.col("kind") == "voice"))
    rows = own.select(
        pl.col("caller").str.replace("^84", "0").alias("A_NUMBER"),
        pl.col("callee").str.replace("^84", "+84").alias("B_NUMBER"),
        local("at").dt.strftime("%Y%m%d%H%M%S").alias("START_TIME"), pl.col("duration_s").alias("DURATION"),
        pl.col("cell").alias("CELL_ID"),
    )  # fmt: skip
    write_bytes(path, rows.collect().write_csv(separator="|").encode())
    return path
