"""Files as institutions send them: fourteen shapes, what each is, and the answers that nobody could guess."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import polars as pl
import xlsxwriter

ROWS = 40


@dataclass(frozen=True)
class Shape:
    """A file: how to write it, the table and columns it holds, and what has to be answered."""

    name: str
    write: Callable[[Path], None]
    table: str
    columns: dict[str, str]
    answers: dict[str, str] = field(default_factory=dict)


def numbers(i: int) -> tuple[str, str]:
    return f"00710000{i:05d}", f"00720000{(i * 7) % 40 + 100:05d}"


def phone(i: int) -> str:
    return f"0912{i * 137 % 1_000_000:06d}"


def text(lines: list[str], encoding: str = "utf-8") -> Callable[[Path], None]:
    return lambda path: path.write_bytes("\n".join([*lines, ""]).encode(encoding))


def english(mark: str = ",") -> list[str]:
    head = mark.join(("Txn ID", "Transaction Date", "From Account", "From Bank", "To Account", "To Bank", "Amount"))
    return [head] + [
        mark.join((f"FT{i}", f"2026-03-{i % 28 + 1:02d} 10:{i:02d}:00", a, "970436", b, "970418", str(i * 50_000)))
        for i in range(1, ROWS)
        for a, b in [numbers(i)]
    ]


def vietnamese(mark: str, amount: Callable[[int], str]) -> list[str]:
    head = mark.join(("Mã giao dịch", "Ngày giao dịch", "Tài khoản chuyển", "Ngân hàng chuyển",
                      "Tài khoản nhận", "Ngân hàng nhận", "Số tiền", "Nội dung"))  # fmt: skip
    return [head] + [
        mark.join(
            (f"GD{i}", f"{i % 28 + 1:02d}/03/2026 09:{i:02d}", a, "970436", b, "970407", amount(i), "chuyển tiền")
        )
        for i in range(1, ROWS)
        for a, b in [numbers(i)]
    ]


def dotted(i: int) -> str:
    return f"{i * 1_250_000:,}".replace(",", ".") + " VND"


def subscribers() -> list[str]:
    rows = ["NHA MANG,SO THUE BAO,HO TEN,SO CMND CCCD,NGAY KICH HOAT,DAI LY"]
    return rows + [
        f"452-04,{phone(i)},NGUYEN VAN {chr(65 + i % 26)},0790{i:08d},2025-01-{i % 28 + 1:02d},DL{i % 4}"
        for i in range(ROWS)
    ]


def records() -> list[str]:
    rows = ["A_NUMBER|B_NUMBER|START_TIME|DURATION|CELL_ID"]
    return rows + [f"{phone(i)}|{phone(i + 3)}|2026-03-01 08:{i:02d}:10|{i * 3}|C{i % 5}" for i in range(ROWS)]


def titled(path: Path) -> None:
    """A report with a title, a blank line and a total below."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Danh sách")
        sheet.write(0, 0, "NGÂN HÀNG TMCP NGOẠI THƯƠNG VIỆT NAM")
        sheet.write(1, 0, "DANH SÁCH TÀI KHOẢN MỞ TRONG KỲ")
        sheet.write_row(
            3, 0, ("STT", "Số tài khoản", "Tên khách hàng", "Số CCCD", "Ngày mở", "Chi nhánh", "Số điện thoại")
        )
        for i in range(ROWS):
            row = (
                str(i + 1),
                numbers(i)[0],
                f"Trần Thị {chr(65 + i % 26)}",
                f"0790{i:08d}",
                f"2025-02-{i % 28 + 1:02d}",
                "Hà Nội",
                phone(i),
            )
            sheet.write_row(4 + i, 0, row)
        sheet.write(4 + ROWS, 0, "Tổng cộng")
        hidden = book.add_worksheet("nháp")
        hidden.write_row(0, 0, ("Số tài khoản", "Tên khách hàng"))
        hidden.hide()


def merged(path: Path) -> None:
    """Headings over two rows, the upper ones spanning columns."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("GD")
        sheet.merge_range(0, 0, 1, 0, "Mã giao dịch")
        sheet.merge_range(0, 1, 1, 1, "Ngày giao dịch")
        sheet.merge_range(0, 2, 0, 3, "Bên chuyển")
        sheet.merge_range(0, 4, 0, 5, "Bên nhận")
        sheet.merge_range(0, 6, 1, 6, "Số tiền")
        sheet.write_row(1, 2, ("Tài khoản chuyển", "Ngân hàng chuyển", "Tài khoản nhận", "Ngân hàng nhận"))
        for i in range(ROWS):
            a, b = numbers(i)
            sheet.write_row(2 + i, 0, (f"M{i}", f"2026-03-01 10:{i:02d}:00", a, "970436", b, "970415", str(90_000 + i)))


def parquet(path: Path) -> None:
    a, b = zip(*(numbers(i) for i in range(ROWS)), strict=True)
    at = [datetime(2026, 3, 1, 8, i) for i in range(ROWS)]
    pl.DataFrame({"reference": [f"R{i}" for i in range(ROWS)], "timestamp": at, "sender_account": a, "sender_bank": "970436",
                  "receiver_account": b, "receiver_bank": "970418", "amount": [i * 1000 + 1 for i in range(ROWS)]}).write_parquet(path)  # fmt: skip


def lines_of_json(path: Path) -> None:
    rows = [
        {"customerId": f"KH{i}", "fullName": f"Lê Văn {chr(65 + i % 26)}", "dateOfBirth": f"{1970 + i}-05-17",
         "idNumber": f"0790{i:08d}", "phoneNumber": phone(i), "address": f"{i} Lê Lợi, Huế"}
        for i in range(ROWS)
    ]  # fmt: skip
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")


MONEY = {
    "transfer_id": "Mã giao dịch",
    "at": "Ngày giao dịch",
    "payer": "Tài khoản chuyển",
    "payee": "Tài khoản nhận",
    "amount": "Số tiền",
}
ENGLISH = {
    "transfer_id": "Txn ID",
    "at": "Transaction Date",
    "payer": "From Account",
    "payee": "To Account",
    "amount": "Amount",
}
SHAPES = (
    Shape("transfers.csv", text(english()), "transfers", ENGLISH),
    Shape("giao_dich.csv", text(vietnamese(";", lambda i: str(i * 1000))), "transfers", MONEY),
    Shape("giao dich cham.csv", text(vietnamese(",", dotted)), "transfers", MONEY),
    Shape("unicode16.csv", text(english("\t"), "utf-16"), "transfers", ENGLISH),
    Shape("cp1258.csv", lambda path: path.write_bytes("\n".join(["Ma giao dich,Ngày giao dich,Tài khoan chuyen,Ngân hàng chuyen,Tài khoan nhan,Ngân hàng nhan,So tien"] + [",".join(line.split(",")[:7]) for line in vietnamese(",", str)[1:]] + [""]).encode("cp1258")), "transfers",
          {"at": "Ngày giao dich", "payer": "Tài khoan chuyen", "payee": "Tài khoan nhan", "amount": "So tien"}),
    Shape("thue_bao.csv", text(subscribers()), "sims",
          {"institution": "NHA MANG", "number": "SO THUE BAO", "id_number": "SO CMND CCCD", "valid_from": "NGAY KICH HOAT"}),
    Shape("cdr_2026.csv", text(records()), "calls",
          {"caller": "A_NUMBER", "callee": "B_NUMBER", "at": "START_TIME", "duration_s": "DURATION", "cell": "CELL_ID"}),
    Shape("tai_khoan.xlsx", titled, "accounts",
          {"account_number": "Số tài khoản", "holder_name": "Tên khách hàng", "id_number": "Số CCCD", "opened_at": "Ngày mở"}),
    Shape("gop.xlsx", merged, "transfers",
          {"at": "Ngày giao dịch", "payer": "Bên chuyển Tài khoản chuyển", "payee": "Bên nhận Tài khoản nhận", "amount": "Số tiền"}),
    Shape("payments.parquet", parquet, "transfers",
          {"at": "timestamp", "payer": "sender_account", "payee": "receiver_account", "amount": "amount"}),
    Shape("khach_hang.jsonl", lines_of_json, "identities",
          {"source_id": "customerId", "full_name": "fullName", "birth_date": "dateOfBirth", "id_number": "idNumber", "phone": "phoneNumber"}),
    Shape("edges.csv", text(["source,target,weight"] + [f"{i},{i * 7 % 40},{i / 10}" for i in range(ROWS)]), "links",
          {"source_entity": "source", "target_entity": "target"}, {"edges.csv:links": "sim"}),
)  # fmt: skip
