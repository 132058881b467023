"""Hostile files and mappings end in a named error or in quarantine, never in a traceback of somebody else."""

from __future__ import annotations

import random
import zipfile

import polars as pl
import pytest
import xlsxwriter
from drop_builder import ROWS, read, transfers, write_drop

from fraudnet.contracts.progress import silent
from fraudnet.errors import ConfigurationError, FraudnetError, InputError, IntegrityError, MissingInputError
from fraudnet.sources.quarantine import COUNTS, check_law
from fraudnet.sources.read import read_drops

HEAD = ROWS.splitlines()[0]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"\n" + ROWS.encode(), "blank line"),
        (ROWS.encode() + b"T3,2025\x0001-01,1,2,3\n", "line 4: holds a NUL"),
        (ROWS.encode("utf-16"), "not utf-8"),
        (ROWS.encode() + "T3,2025-01-01,é,2,3\n".encode("latin-1"), "line 4: the text is not utf-8"),
        ((HEAD + ",id\n1,2,3,4,5,6\n").encode(), "columns 1 and 6 have the same name"),
        ((HEAD + ",\n1,2,3,4,5,6\n").encode(), "column 6 has no name"),
        ((ROWS + 'T3,"2025-01-01,1,2,3\n').encode(), "line 4: a quote is opened"),
        ((",".join(f"c{n}" for n in range(10_000)) + "\n").encode(), "10,000 columns"),
        (ROWS.replace("amount", "amuont").encode(), "'amount'; near: amuont"),
        (b"<html><body>Not found</body></html>\n", "lacks"),
        ((ROWS + "T3,2025-01-01,1,2," + "9" * (1 << 26) + "\n").encode(), "cannot be read as CSV"),
    ],
)
def test_a_hostile_csv_is_refused_by_name(tmp_path, content, told):
    with pytest.raises(InputError, match=r"t\.csv") as caught:
        read(tmp_path, transfers(), t__csv=content)
    assert told in str(caught.value)


def test_a_huge_cell_and_a_lone_quote_are_only_values(tmp_path):
    rows = HEAD + ",note\nT1,2025-01-01,1,2,3," + "x" * 1_000_000 + '\nT2,2025-01-01,1,2,3,5" pipe\n'
    table = read(tmp_path, transfers(), t__csv=rows).records.table("transfers").collect()
    assert table["x_note"].str.len_chars().to_list() == [1_000_000, 7]


def test_ragged_rows_keep_their_numbers_over_many_rows(tmp_path):
    rng = random.Random(7)
    lines, ragged = [], []
    for number in range(1, 20_001):
        if rng.random() < 0.01:
            ragged.append(number)
            lines.append("only,three,values")
        else:
            lines.append(f"T{number},2025-01-01,{number},x,1")
    delivery = read(tmp_path, transfers(), t__csv=HEAD + "\n" + "\n".join(lines) + "\n")
    assert delivery.quarantine.collect()["row"].to_list() == ragged
    good = delivery.records.table("transfers").select("row_id", "transfer_id").collect()
    assert good["row_id"].str.replace("t.csv#", "T").to_list() == good["transfer_id"].to_list()


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>" * 40, b"PAR1" + b"x" * 200 + b"PAR1"])
@pytest.mark.parametrize("name", ["t.parquet", "t.xlsx"])
def test_anything_as_parquet_or_workbook_is_refused(tmp_path, name, content):
    with pytest.raises(InputError, match=name):
        read(tmp_path, transfers(name), **{name.replace(".", "__"): content})


def test_a_cut_or_flipped_parquet_never_ends_in_a_foreign_error(tmp_path):
    pl.read_csv(ROWS.encode(), infer_schema=False).write_parquet(tmp_path / "t.parquet")
    whole, rng = (tmp_path / "t.parquet").read_bytes(), random.Random(11)
    with pytest.raises(InputError, match=r"t\.parquet"):
        read(tmp_path, transfers("t.parquet"), t__parquet=whole[: len(whole) // 2])
    for _ in range(40):
        at = rng.randrange(len(whole))
        flipped = whole[:at] + bytes([whole[at] ^ (1 << rng.randrange(8))]) + whole[at + 1 :]
        try:
            delivery = read(tmp_path, transfers("t.parquet"), t__parquet=flipped)
        except FraudnetError:
            continue
        check_law(delivery.counts)


def test_json_lines_that_are_no_objects_go_to_quarantine(tmp_path):
    good = '{"id": "T1", "time": "2025-01-01", "from": 1, "to": "002", "amount": 123456789012345678}'
    bad = ["[1]", "{", '{"id": 1, "id": 2}', '{"id": "\\u0000"}', '{"id": "\\ud800"}', "[" * 5000]
    delivery = read(tmp_path, transfers("t.jsonl"), t__jsonl="\n".join([good, "", *bad]) + "\n")
    assert delivery.counts.rows() == [("transfers", "t.jsonl", 7, 1, 6, 0)]
    row = delivery.records.table("transfers").collect().row(0, named=True)
    assert (row["payer"], row["amount"]) == ("account:970436:1", 123456789012345678)
    with pytest.raises(InputError, match="no line is a JSON object"):
        read(tmp_path / "none", transfers("t.jsonl"), t__jsonl="<html>\n")


def test_a_workbook_that_unpacks_too_far_is_refused(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 20_000_000)
    with pytest.raises(InputError, match="unpacks to"):
        read(tmp_path, transfers("t.xlsx"), t__xlsx=path.read_bytes())


def test_columns_that_collide_or_are_nested_are_refused(tmp_path):
    with pytest.raises(InputError, match="would both be x_case_id"):
        read(tmp_path, transfers(), t__csv=HEAD + ",Case ID,caseId\n1,2,3,4,5,6,7\n")
    frame = pl.read_csv(ROWS.encode(), infer_schema=False).with_columns(tags=pl.lit([1, 2]).implode())
    frame.write_parquet(tmp_path / "t.parquet")
    with pytest.raises(InputError, match="'tags' is nested"):
        read(tmp_path, transfers("t.parquet"), t__parquet=(tmp_path / "t.parquet").read_bytes())


@pytest.mark.parametrize(
    "file", ["../t.csv", "/etc/passwd", "a/../../t.csv", "truth/t.csv", "a/Truth/*.csv", "C:/t.csv"]
)
def test_a_mapping_cannot_name_what_lies_outside_or_the_truth(tmp_path, file):
    with pytest.raises(ConfigurationError, match=r"truth|inside the drop folder"):
        read(tmp_path, transfers(file), t__csv=ROWS)


def test_a_link_out_of_the_drop_is_refused(tmp_path):
    (tmp_path / "outside.csv").write_text(ROWS)
    drop = write_drop(tmp_path / "drop", transfers())
    (drop / "t.csv").symlink_to(tmp_path / "outside.csv")
    with pytest.raises(InputError, match="leads out of the drop folder"):
        read_drops([drop], None, tmp_path / "cache", silent)
    (drop / "t.csv").unlink()
    (drop / "truth").mkdir()
    (drop / "truth" / "t.csv").write_text(ROWS)
    (drop / "t.csv").symlink_to(drop / "truth" / "t.csv")
    with pytest.raises(InputError, match="leads out of the drop folder"):
        read_drops([drop], None, tmp_path / "cache", silent)
    with pytest.raises(InputError, match="truth"):
        read_drops([drop / "truth"], drop / "mapping.toml", tmp_path / "cache", silent)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("version = 1", "version = 2", "version"),
        ('table = "transfers"', 'table = "transfer"', "near: transfers"),
        ('amount = "amount"', 'amuont = "amount"', "near: amount"),
        ('amount = "amount"', 'amount = { column = "amount", minor_unit = 100 }', "near: minor_units"),
        ('amount = "amount"', "", "'amount' is required"),
        ('amount = "amount"', 'amount = { column = "a", constant = "b" }', "either `column` or `constant`"),
        ('at = "time"', 'at = { column = "time", timezone = "Asia/Saigonn" }', "timezone 'Asia/Saigonn'"),
        ('source = "vcb"', 'sorce = "vcb"', "near: source"),
        ('source = "vcb"', 'known_after = "7 days"', "known_after"),
        ('source = "vcb"', 'ignore = ["id"]', "both read and ignored"),
        ('payer = { kind = "account", institution', 'payer = { kind = "account", bank', "near:|unknown key"),
        ('transfer_id = "id"', 'transfer_id = "id"\nrow_id = "id"', "row_id"),
        (
            'name = "toy"',
            'name = "toy"\n[split]\nkind = "random"\ntrain = 0.5\nvalidation = 0.2\ntest = 0.2',
            "add up to 1",
        ),
        ('name = "toy"', 'name = "toy', "TOML"),
    ],
)
def test_a_mapping_that_cannot_be_followed_says_why(tmp_path, old, new, told):
    mapping = transfers().replace(old, new)
    if "[split]" in new:
        mapping = transfers() + new.removeprefix('name = "toy"')
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, mapping, t__csv=ROWS)
    assert any(part in str(caught.value) for part in told.split("|"))


def test_missing_things_are_named(tmp_path):
    with pytest.raises(MissingInputError, match="no such drop folder"):
        read_drops([tmp_path / "none"], None, tmp_path / "cache", silent)
    with pytest.raises(MissingInputError, match=r"no file matches 't.csv'.*near: t2.csv"):
        read(tmp_path, transfers(), t2__csv=ROWS)
    (tmp_path / "drop" / "mapping.toml").unlink()
    with pytest.raises(MissingInputError, match=r"no mapping file"):
        read_drops([tmp_path / "drop"], None, tmp_path / "cache", silent)
    with pytest.raises(ConfigurationError, match="tells no format"):
        read(tmp_path / "b", transfers("t.dat"), t__dat=ROWS)
    with pytest.raises(InputError, match="'fraudStp'"):
        read(tmp_path / "c", transfers(extra='ignore = ["fraudStp"]'), t__csv=ROWS)


def test_no_error_holds_a_personal_value(tmp_path):
    rows = HEAD + "\nT1,2025-01-01,0011,0012,5\nT2,x,0912345678,0012," + "9" * 30 + '\nT3,"0912345678,a,b,c\n'
    with pytest.raises(InputError) as caught:
        read(tmp_path, transfers(), t__csv=rows)
    assert "0912345678" not in str(caught.value)


def test_a_missing_header_is_refused_without_repeating_the_first_row(tmp_path):
    first = ["Nguyễn Văn An", "An Tran", "0912345678", "amount 12345", "Amuont"]
    with pytest.raises(InputError, match="'amount'; near: Amuont") as caught:
        read(tmp_path, transfers(), t__csv=",".join(first) + "\n1,2,3,4,5\n")
    assert not [name for name in first[:4] if name in str(caught.value)]
    with pytest.raises(InputError, match="columns 3 and 5 have the same name") as caught:
        read(tmp_path / "twice", transfers(), t__csv="1,2,0912345678,4,0912345678\n1,2,3,4,5\n")
    assert "0912345678" not in str(caught.value)


def test_times_outside_1900_to_2100_go_to_quarantine(tmp_path):
    times = ["1899-12-31 23:59:59", "1900-01-01", "2100-12-31 23:59:59", "2101-01-01", "9999-12-31", "0001-01-01"]
    rows = "".join(f"T{n},{time},001,002,5\n" for n, time in enumerate(times))
    delivery = read(tmp_path, transfers(), t__csv=f"{HEAD}\n{rows}")
    kept = delivery.records.table("transfers").collect()["transfer_id"].to_list()
    assert kept == ["T1", "T2"]
    rules = delivery.quarantine.collect()["rules"].to_list()
    assert rules == [["at lies outside 1900 to 2100"]] * 4


def test_an_end_in_the_year_9999_is_no_end(tmp_path):
    mapping = """
version = 1
name = "bank"
[[tables]]
table = "accounts"
file = "a.csv"
[tables.columns]
institution = "bank"
account_number = "number"
opened_at = "opened"
closed_at = "closed"
"""
    rows = "bank,number,opened,closed\nb,001,2020-01-01,9999-12-31\nb,002,2020-01-01,2025-01-01\n"
    accounts = read(tmp_path, mapping, a__csv=rows).records.table("accounts").collect()
    assert accounts.sort("account_number")["closed_at"].is_null().to_list() == [True, False]


def test_the_law_of_rows_is_checked():
    check_law(pl.DataFrame([("t", "f", 3, 1, 1, 1)], schema=COUNTS, orient="row"))
    with pytest.raises(IntegrityError, match="3 rows in, but 1 good"):
        check_law(pl.DataFrame([("t", "f", 3, 1, 1, 0)], schema=COUNTS, orient="row"))


def test_a_failed_write_leaves_no_cache_behind(tmp_path, monkeypatch):
    from fraudnet.errors import WriteFailedError
    from fraudnet.sources import cache

    monkeypatch.setattr(pl.DataFrame, "write_parquet", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "no space")))
    with pytest.raises(WriteFailedError, match="free some space"):
        read(tmp_path, transfers(), t__csv=ROWS)
    monkeypatch.undo()
    assert not list((tmp_path / "cache").rglob(cache.NOTE))
    assert read(tmp_path, transfers(), t__csv=ROWS).counts["good"].to_list() == [2]


def test_numbers_for_a_time_ask_for_their_unit(tmp_path):
    frame = pl.read_csv(ROWS.encode(), infer_schema=False).with_columns(time=pl.lit(5))
    frame.write_parquet(tmp_path / "t.parquet")
    with pytest.raises(InputError, match=r"transfers \(t.parquet\): column 'time' holds Int32.*say `unit`"):
        read(tmp_path, transfers("t.parquet"), t__parquet=(tmp_path / "t.parquet").read_bytes())


def test_a_number_that_a_spreadsheet_has_rounded_goes_to_quarantine(tmp_path):
    rows = [("T1", "2025-01-01 00:00:00", "001", "002", 1000), ("T2", "2025-01-01 00:00:00", 1234567890123456789, "002", 5),
            ("T3", "2025-01-01 00:00:00", "1234567890123456789", "002", 7), ("T4", "2025-01-01 00:00:00", 123456789012345, "002", 0.1 + 0.2)]  # fmt: skip
    with xlsxwriter.Workbook(tmp_path / "t.xlsx") as book:
        hidden = book.add_worksheet("old")
        hidden.write_row(0, 0, ("id", "amount"))
        sheet = book.add_worksheet("data")
        sheet.activate()
        hidden.hide()
        sheet.write_row(2, 1, ("id", "time", "from", "to", "amount"))
        for place, row in enumerate(rows):
            sheet.write_row(3 + place, 1, row)
    delivery = read(tmp_path, transfers("t.xlsx"), t__xlsx=(tmp_path / "t.xlsx").read_bytes())
    assert delivery.records.table("transfers").collect()["payer"].to_list() == [
        "account:970436:001",
        "account:970436:1234567890123456789",
    ]
    ledger = delivery.quarantine.collect().sort("row")
    assert ledger["row"].to_list() == [2, 4]
    assert ledger["rules"][0].to_list() == ["from is a number of 16 digits or more: its last ones are lost"]


def test_a_sheet_that_is_full_was_cut_off(tmp_path, monkeypatch):
    monkeypatch.setattr("fraudnet.sources.formats.xlsx_file.MOST_ROWS", 3)
    with xlsxwriter.Workbook(tmp_path / "t.xlsx") as book:
        sheet = book.add_worksheet("data")
        for place in range(3):
            sheet.write_row(place, 0, ("id", "time", "from", "to", "amount"))
    with pytest.raises(InputError, match="its end was cut off; export as CSV"):
        read(tmp_path, transfers("t.xlsx"), t__xlsx=(tmp_path / "t.xlsx").read_bytes())


def test_a_number_that_a_spreadsheet_has_shortened_goes_to_quarantine(tmp_path):
    rows = ROWS + "T9,2025-01-02 00:00:00,3.51E+11,002,7\nT10,2025-01-02 00:00:00,351,1E+5,7\n"
    delivery = read(tmp_path, transfers(), t__csv=rows)
    rules = delivery.quarantine.collect().sort("row")["rules"].to_list()
    assert rules == [[f"{end} was shortened by a spreadsheet, as in 3.51E+11"] for end in ("payer", "payee")]
