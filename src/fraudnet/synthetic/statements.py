"""The same transfers as statements of accounts, in the shapes of several banks: what a police unit is sent first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import xlsxwriter

from fraudnet.expressions import local
from fraudnet.files import write_bytes
from fraudnet.synthetic.statement_mapping import MAPPINGS

MISSING_SIDE, SKEW_S = 0.01, 5
OPENING_LEAST, OPENING_MOST = 1_000_000, 50_000_000
BANKS = {
    "970436": "Vietcombank", "970407": "Techcombank", "970422": "MB Bank", "970418": "BIDV", "970415": "VietinBank",
    "970405": "Agribank", "970416": "ACB", "970432": "VPBank", "970423": "TPBank", "970403": "Sacombank",
    "970441": "VIB", "970443": "SHB", "970437": "HDBank", "970448": "OCB", "970426": "MSB",
}  # fmt: skip
SHAPES = ("workbook", "by_name", "ledger", "by_day", "bare")


@dataclass(frozen=True)
class Written:
    """What was written: every line (own, other, change, at, ref, event, file, row), and the files."""

    lines: pl.DataFrame
    files: tuple[Path, ...]


def write_statements(transfers: pl.DataFrame, shapes: dict[str, str], folder: Path, seed: int = 1) -> Written:
    """Write both sides of every transfer as lines of statements, and the mapping.toml that reads them.

    transfers: at, payer, payee (entity ids of accounts), amount, rail_ref; one row each. shapes: which of SHAPES each
    institution's statements have, `ledger` where none is said. One side in a hundred is missing, as in life.
    """
    lines = balanced(sides(transfers, seed), seed)
    shape = pl.col("bank").replace_strict(shapes, default="ledger", return_dtype=pl.String)
    parts, files = [], []
    for (name, bank), rows in sorted(
        lines.with_columns(shape=shape).partition_by("shape", "bank", as_dict=True).items()
    ):
        each = rows.partition_by("own", maintain_order=True) if name in ("workbook", "by_name") else [rows]
        for part in each:
            path = folder / str(bank) / _named(str(name), part)
            path.parent.mkdir(parents=True, exist_ok=True)
            placed = WRITERS[str(name)](part, path)
            parts.append(placed.with_columns(file=pl.lit(path.relative_to(folder).as_posix())))
            files.append(path)
    used = sorted({(shapes.get(bank, "ledger"), bank) for bank in lines["bank"].unique()})
    head = 'version = 1\nname = "statements"\nsynthetic = true\n'
    write_bytes(folder / "mapping.toml", (head + "".join(MAPPINGS[s].replace("BANK", b) for s, b in used)).encode())
    return Written(pl.concat(parts), tuple(files))


def sides(transfers: pl.DataFrame, seed: int = 1) -> pl.DataFrame:
    """Two lines for each transfer, by the clocks of two banks; now and then one is missing."""
    rng = np.random.default_rng(seed)
    ordered = transfers.sort("at", "payer", "payee", "amount").with_row_index("event")
    second = pl.Series(rng.integers(0, SKEW_S + 1, ordered.height)) * 1_000_000
    drawn = pl.Series(rng.random(ordered.height))
    out = ordered.select("event", "at", "rail_ref", own="payer", other="payee", change=-pl.col("amount"))
    into = ordered.select("event", pl.col("at") + second.cast(pl.Duration("us")), "rail_ref", own="payee",
                          other="payer", change="amount")  # fmt: skip
    both = pl.concat([out.filter(drawn >= MISSING_SIDE / 2), into.filter(drawn < 1 - MISSING_SIDE / 2)])
    names = [_part("own", 1, "bank"), _part("own", 2, "number"), _part("other", 1, "other_bank"),
             _part("other", 2, "other_number")]  # fmt: skip
    return both.with_columns(names).sort("own", "at", "event", "change")


def _part(column: str, place: int, name: str) -> pl.Expr:
    return pl.col(column).str.split(":").list.get(place).alias(name)


def balanced(lines: pl.DataFrame, seed: int = 1) -> pl.DataFrame:
    """With the balance after each line; nobody is ever overdrawn."""
    rng = np.random.default_rng([seed, 1])
    owns = lines.select("own").unique().sort("own")
    start = pl.Series("start", rng.integers(OPENING_LEAST, OPENING_MOST, owns.height))
    run = pl.col("change").cum_sum().over("own")
    told = lines.join(owns.with_columns(start), on="own", maintain_order="left").with_columns(run=run)
    lowest = pl.col("run").min().over("own").clip(upper_bound=0)
    return told.with_columns(opening=pl.col("start") - lowest).with_columns(
        balance=pl.col("opening") + pl.col("run"), reference=pl.col("rail_ref").fill_null("")
    )


def _named(shape: str, rows: pl.DataFrame) -> str:
    number = rows["number"][0]
    return {"workbook": f"sao ke {number}.xlsx", "by_name": f"SK_{number}.csv"}.get(shape, f"{shape}.csv")


def _dotted(column: str) -> pl.Expr:
    """1234567 as 1.234.567, always with its sign."""
    size = pl.col(column).abs().cast(pl.String)
    groups = size.str.reverse().str.replace_all(r"(\d{3})", "${1}.").str.reverse().str.strip_chars(".")
    return pl.when(pl.col(column) < 0).then("-" + groups).otherwise("+" + groups)


def _clock(form: str) -> pl.Expr:
    return local("at").dt.strftime(form)


def _bank_name(column: str) -> pl.Expr:
    return pl.col(column).replace(BANKS)


def _split() -> list[pl.Expr]:
    change = pl.col("change")
    return [pl.when(change < 0).then(-change).alias("debit"), pl.when(change > 0).then(change).alias("credit")]


def _numbered(rows: pl.DataFrame) -> pl.DataFrame:
    kept = ("event", "own", "other", "change", "at", "rail_ref")
    return rows.select(kept).with_row_index("row", offset=1)


def workbook_file(rows: pl.DataFrame, path: Path) -> pl.DataFrame:
    """A report on one account: titles with the number and both balances, headings over two rows, a total below."""
    first, last = rows.row(0, named=True), rows.row(-1, named=True)
    way = pl.when(pl.col("change") < 0).then(pl.lit("CHUYEN TIEN DEN ")).otherwise(pl.lit("NHAN TIEN TU "))
    told = rows.with_columns(*_split(), text=way + pl.col("other_number") + " TAI " + _bank_name("other_bank"))
    with xlsxwriter.Workbook(path, {"constant_memory": False}) as book:
        book.set_properties({"created": first["at"].replace(tzinfo=None)})
        sheet = book.add_worksheet("Sao kê")
        sheet.write(0, 0, f"NGÂN HÀNG {BANKS.get(first['bank'], first['bank']).upper()}")
        sheet.write(1, 0, "SAO KÊ TÀI KHOẢN")
        sheet.write(2, 0, f"Số tài khoản: {first['number']}")
        sheet.write(3, 0, f"Số dư đầu kỳ: {first['opening']:,} VND".replace(",", "."))
        sheet.write(4, 0, f"Số dư cuối kỳ: {last['balance']:,} VND".replace(",", "."))
        sheet.merge_range(6, 0, 7, 0, "Ngày giao dịch")
        sheet.merge_range(6, 1, 7, 1, "Số tham chiếu")
        sheet.merge_range(6, 2, 6, 3, "Phát sinh")
        sheet.write_row(7, 2, ("Ghi nợ", "Ghi có"))
        sheet.merge_range(6, 4, 7, 4, "Số dư")
        sheet.merge_range(6, 5, 7, 5, "Nội dung")
        shown = told.select(_clock("%d/%m/%Y %H:%M:%S"), "reference", "debit", "credit", "balance", "text")
        for place, row in enumerate(shown.iter_rows()):
            sheet.write_row(8 + place, 0, ["" if value is None else value for value in row])
        sheet.write_row(8 + rows.height, 0, ("Tổng cộng", "", told["debit"].sum(), told["credit"].sum()))
    return _numbered(rows)


def by_name_file(rows: pl.DataFrame, path: Path) -> pl.DataFrame:
    """One account a file, its number in the file's name alone; signed sums with dots; the other side in columns."""
    shown = rows.select(
        _clock("%d/%m/%Y %H:%M:%S").alias("Ngày"), _dotted("change").alias("Số tiền"),
        _dotted("balance").str.strip_chars_start("+").alias("Số dư"),
        pl.col("other_number").alias("Tài khoản đối ứng"), _bank_name("other_bank").alias("Ngân hàng đối ứng"),
        pl.col("reference").alias("Mã tham chiếu"),
    )  # fmt: skip
    write_bytes(path, shown.write_csv(separator=";").encode("utf-16"))
    return _numbered(rows)


def ledger_file(rows: pl.DataFrame, path: Path) -> pl.DataFrame:
    """All accounts of a bank in one table; D or C beside the sum."""
    shown = rows.select(
        pl.col("number").alias("ACCOUNT_NO"), _clock("%d/%m/%Y %H:%M:%S").alias("TXN_DATE"),
        pl.when(pl.col("change") < 0).then(pl.lit("D")).otherwise(pl.lit("C")).alias("DRCR"),
        (_dotted("change").str.replace_all(".", ",", literal=True).str.slice(1) + " VND").alias("AMOUNT"),
        pl.col("balance").alias("BALANCE"), pl.col("other_number").alias("CONTRA_ACC"),
        pl.col("other_bank").alias("CONTRA_BIN"), pl.col("rail_ref").alias("REF"),
    )  # fmt: skip
    write_bytes(path, shown.write_csv().encode())
    return _numbered(rows)


def by_day_file(rows: pl.DataFrame, path: Path) -> pl.DataFrame:
    """The newest line first, no time of day, no reference, the other number in a text and its bank nowhere."""
    turned = rows.reverse()
    way = pl.when(pl.col("change") < 0).then(pl.lit("chuyen khoan den ")).otherwise(pl.lit("chuyen khoan tu "))
    shown = turned.with_columns(_split()).select(
        pl.col("number").alias("Account No"), _clock("%d/%m/%Y").alias("Date"), pl.col("debit").alias("Debit"),
        pl.col("credit").alias("Credit"), pl.col("balance").alias("Balance"),
        (way + pl.col("other_number")).alias("Details"),
    )  # fmt: skip
    write_bytes(path, shown.write_csv(separator="|").encode())
    return _numbered(turned)


def bare_file(rows: pl.DataFrame, path: Path) -> pl.DataFrame:
    """Nothing about the other side but the reference of the rail."""
    shown = rows.with_columns(_split()).select(
        pl.col("number").alias("Số TK"), _clock("%Y-%m-%d %H:%M:%S").alias("Thời gian"),
        pl.col("debit").alias("Nợ"), pl.col("credit").alias("Có"), pl.col("balance").alias("Số dư"),
        pl.col("rail_ref").alias("Tham chiếu"),
    )  # fmt: skip
    write_bytes(path, shown.write_csv().encode())
    return _numbered(rows)


WRITERS: dict[str, Callable[[pl.DataFrame, Path], pl.DataFrame]] = {
    "workbook": workbook_file, "by_name": by_name_file, "ledger": ledger_file, "by_day": by_day_file, "bare": bare_file,
}  # fmt: skip
