"""What offices really send: foreign formats by their name, sums and dates as people write them, clocks of elsewhere."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from drop_builder import read, transfers, write_drop

from fraudnet.contracts.progress import silent
from fraudnet.errors import FraudnetError, InputError
from fraudnet.pipeline.reading.quality import Check, check_drops
from fraudnet.settings import Settings
from fraudnet.sources.propose.head import heads
from fraudnet.sources.propose.proposal import propose

OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000
FOREIGN = {
    "page.xls": (b"<html><table><tr><td>1</td></tr></table></html>", "HTML or XML"),
    "sheet.xls": (b'\xef\xbb\xbf  <?xml version="1.0"?><Workbook/>', "HTML or XML"),
    "page.xlsx": (b"\n<HTML></HTML>", "HTML or XML"),
    "old.xls": (OLD_EXCEL, "an old Excel workbook"),
    "locked.xlsx": (OLD_EXCEL + "EncryptedPackage".encode("utf-16-le"), "an Excel workbook with a password"),
    "scan.csv": (b"%PDF-1.7 ...", "a PDF"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_something_else_is_refused_by_what_it_is(tmp_path: Path, name: str) -> None:
    content, kind = FOREIGN[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=kind):
        list(heads(tmp_path / name, name))
    if name.endswith(".xlsx"):
        with pytest.raises(InputError, match=kind):
            read(tmp_path, transfers(name), **{name.replace(".", "__"): content})


def test_hidden_sheets_and_rows_are_named(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "vcb.xlsx") as book:
        sheet = book.add_worksheet("DS")
        sheet.write_row(0, 0, ("Số tài khoản", "Tên khách hàng", "Ngày mở"))
        for i in range(20):
            sheet.write_row(1 + i, 0, (f"00710000{i:05d}", f"Trần {chr(65 + i)}", f"2025-02-{i + 1:02d}"))
        sheet.autofilter(0, 0, 20, 2)
        for i in (3, 4, 9):
            sheet.set_row(i, None, None, {"hidden": True})
        book.add_worksheet("nháp").hide()
    notes = propose(tmp_path, {}).notes
    assert notes == (
        ("vcb.xlsx", "sheet 'DS': 3 rows are hidden by a filter; they are read like the others"),
        ("vcb.xlsx", "sheet 'nháp' is hidden and was not read"),
    )


SUMS = {
    "1.250.000": "dot", "1.250.000 VND": "dot", "1.250.000đ": "dot", "1.250.000 ₫": "dot", "1250000 đồng": "dot",
    "1.250.000,00 VNĐ": "dot", "1,250,000": "comma", "1,250,000.00": "comma", "VND 1,250,000": "comma",
    "1,250,000 đ": "comma", "+1,250,000": "comma", "1 250 000": "comma",
}  # fmt: skip


@pytest.mark.parametrize("written", SUMS)
def test_a_sum_is_read_as_it_is_written(tmp_path: Path, written: str) -> None:
    mapping = transfers().replace('amount = "amount"', f'amount = {{ column = "amount", number = "{SUMS[written]}" }}')
    row = f'id,time,from,to,amount\nT1,2025-01-01 00:00:00,001,002,"{written}"\n'
    assert read(tmp_path, mapping, t__csv=row).records.table("transfers").collect()["amount"].to_list() == [1_250_000]


def test_brackets_mean_minus_and_so_go_to_quarantine_where_nothing_may_be_negative(tmp_path: Path) -> None:
    mapping = transfers().replace('amount = "amount"', 'amount = { column = "amount", number = "comma" }')
    rows = 'id,time,from,to,amount\nT1,2025-01-01,001,002,"(1,250)"\nT2,2025-01-01,001,002,"12,50"\n'
    counts = read(tmp_path, mapping, t__csv=rows).counts
    assert counts.select("good", "quarantined").row(0) == (0, 2)


def dated(days: list[str]) -> str:
    return "id,time,from,to,amount\n" + "".join(f"T{i},{day},001,002,5\n" for i, day in enumerate(days))


def test_a_declared_order_of_day_and_month_that_is_contradicted_is_refused(tmp_path: Path) -> None:
    mapping = transfers().replace('at = "time"', 'at = { column = "time", format = "%d/%m/%Y" }')
    good = [f"{d:02d}/03/2026" for d in range(1, 29)] * 2
    slip = read(tmp_path / "a", mapping, t__csv=dated([*good, "03/25/2026", "ngày mai"])).counts
    assert slip.select("good", "quarantined").row(0) == (56, 2)
    other = [f"03/{d:02d}/2026" for d in range(20, 26)]
    with pytest.raises(
        InputError, match=r"declared as %d/%m/%Y, but row 57 and 5 more can only be read with day and month"
    ):
        read(tmp_path / "b", mapping, t__csv=dated([*good, *other]))


CLOCKS = """
version = 1
name = "two clocks"
[[tables]]
table = "transfers"
file = "t.csv"
source = { column = "bank" }
[tables.columns]
transfer_id = "id"
at = "at"
payer = { kind = "account", institution = "bank", number = "from" }
payee = { kind = "account", institution = "bank", number = "to" }
amount = "amount"
"""


def test_a_source_seven_hours_early_is_named_by_its_nights(tmp_path: Path) -> None:
    """A day is lived from 7 to 22 o'clock; one bank wrote it down in UTC."""
    rows = [("bank", "id", "at", "from", "to", "amount")]
    for i in range(600):
        hour, minute = 7 + i % 16, i % 60
        for bank, shift in (("970436", 0), ("970418", 7)):
            at = f"2026-01-{i % 28 + 1:02d} {(hour - shift) % 24:02d}:{minute:02d}:10"
            rows.append((bank, f"{bank}-{i}", at, f"1{i % 40:03d}", f"2{i % 30:03d}", "5000"))
    folder = write_drop(tmp_path / "drop", CLOCKS)
    with (folder / "t.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows(rows)
    found = check_drops(Check((folder,)), Settings(home=tmp_path / "home"), silent)
    (one,) = found.figures["shifted"]
    assert (one["source"], one["table"]) == ("970418", "transfers") and one["moved"] < one["night"] / 2
    assert any("970418" in line and "look like UTC" in line for line in found.lines)


def test_the_same_account_in_twelve_spellings_links_or_is_reported(tmp_path: Path) -> None:
    plain = [f"10203040{i:02d}" for i in range(12)]
    full = str.maketrans("0123456789", "０１２３４５６７８９")
    spelled = [
        plain[0], f" {plain[1]} ", plain[2][:4] + " " + plain[2][4:], plain[3][:3] + "\u200b" + plain[3][3:],
        plain[4][:5] + "\u00a0" + plain[4][5:], plain[5].translate(full), "\ufeff" + plain[6],
        plain[7][:2] + "\u200d" + plain[7][2:], plain[8][:6] + "\u2060" + plain[8][6:],
        plain[9][:3] + "\u00ad" + plain[9][3:], plain[10].replace("0", "O"), plain[11][:2] + "\u3000" + plain[11][2:],
    ]  # fmt: skip
    mapping = CLOCKS + (
        '[[tables]]\ntable = "accounts"\nfile = "a.csv"\nsource = "970436"\n[tables.columns]\n'
        'institution = { constant = "970436" }\naccount_number = "no"\n'
    )
    folder = write_drop(tmp_path / "drop", mapping)
    moved = [("bank", "id", "at", "from", "to", "amount")]
    moved += [
        ("970436", f"T{i}", f"2026-01-{i + 1:02d} 10:00:00", "555", number, "5") for i, number in enumerate(plain)
    ]
    for name, lines in (("t", moved), ("a", [("no",), ("555",), *((one,) for one in spelled)])):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(lines)
    found = check_drops(Check((folder,), out=tmp_path / "out"), Settings(home=tmp_path / "home"), silent)
    listed = pl.read_csv(found.figures["omitted"]["file"], infer_schema=False)["account_number"].to_list()
    assert listed == [plain[10]]  # the letter O: everybody else names an account that the bank does not list


def test_no_refusal_is_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "x.weird").write_bytes(b"1")
    with pytest.raises(FraudnetError, match=r"the suffix '.weird' is none of"):
        list(heads(tmp_path / "x.weird", "x.weird"))
