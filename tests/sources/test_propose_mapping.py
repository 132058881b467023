"""A folder of unknown files becomes a mapping; what is not certain is asked and never guessed."""

from __future__ import annotations

import tomllib

import pytest
from file_shapes import ROWS, SHAPES, Shape, english, numbers, text

from fraudnet.contracts.progress import silent
from fraudnet.errors import ConfigurationError, InputError
from fraudnet.pipeline.reading.mapping import map_drop
from fraudnet.settings import Settings
from fraudnet.sources.propose.fold import fold
from fraudnet.sources.propose.proposal import propose
from fraudnet.sources.read import read_drops


def settings(tmp_path) -> Settings:
    return Settings(home=tmp_path / "home")


def folder_of(tmp_path, shape: Shape, name: str = "drop"):
    folder = tmp_path / name
    folder.mkdir(parents=True)
    shape.write(folder / shape.name)
    return folder


def headings(toml: str, table: str) -> dict[str, str]:
    """Contract column -> heading of the first table of that name."""
    said = next(t for t in tomllib.loads(toml)["tables"] if t["table"] == table)["columns"]
    found = {}
    for name, value in said.items():
        if isinstance(value, dict):
            value = value.get("column") or value.get("number")  # noqa: PLW2901
        if isinstance(value, str):
            found[name] = value
    return found


def test_ten_of_twelve_shapes_need_no_edit_and_no_column_is_wrong_unasked(tmp_path):
    untouched, wrong = 0, []
    for place, shape in enumerate(SHAPES):
        found = propose(folder_of(tmp_path, shape, f"drop{place}"), {})
        for each in found.drafts:
            if each.table != shape.table:
                wrong.append((shape.name, "table", each.table))
                continue
            taken = {choice.name: choice.heading for choice in each.choices}
            wrong += [(shape.name, n, taken[n]) for n, h in shape.columns.items() if n in taken and taken[n] != h]
        complete = (
            not found.questions and found.drafts and headings(found.toml, shape.table).items() >= shape.columns.items()
        )
        untouched += bool(complete)
    assert wrong == []
    assert untouched >= 10


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_every_row_is_read_with_the_mapping_that_was_written(tmp_path, shape):
    folder = folder_of(tmp_path, shape)
    map_drop(folder, {**shape.answers, "institution": "970436"}, settings(tmp_path), None)
    delivery = read_drops([folder], None, tmp_path / "cache", silent)
    rows = delivery.counts.filter(table=shape.table).row(0, named=True)
    assert rows["good"] >= ROWS - 1
    assert rows["quarantined"] <= 1  # the total below a sheet


def test_a_workbook_keeps_its_hidden_sheet_to_itself_and_its_total_in_quarantine(tmp_path):
    shape = next(shape for shape in SHAPES if shape.name == "tai_khoan.xlsx")
    folder = folder_of(tmp_path, shape)
    map_drop(folder, {}, settings(tmp_path), None)
    delivery = read_drops([folder], None, tmp_path / "cache", silent)
    accounts = delivery.records.table("accounts").collect()
    assert accounts["account_number"].sort().to_list() == sorted(numbers(i)[0] for i in range(ROWS))
    assert accounts["institution"].unique().to_list() == ["970436"]  # the title names the bank
    assert delivery.counts["quarantined"].to_list() == [1]


def test_day_and_month_that_could_change_places_are_asked(tmp_path):
    rows = [line.replace("2026-03-", "0").replace(" 10:", "/05/2026 10:") for line in english()]
    rows = [rows[0]] + [r.replace(r.split(",")[1], f"0{i % 9 + 1}/05/2026 10:00") for i, r in enumerate(rows[1:])]
    folder = folder_of(tmp_path, Shape("t.csv", text(rows), "transfers", {}))
    with pytest.raises(ConfigurationError, match=r"the day or the month first.*t\.csv:at:order"):
        map_drop(folder, {}, settings(tmp_path), None)
    assert not (folder / "mapping.toml").exists()
    map_drop(folder, {"t.csv:at:order": "month"}, settings(tmp_path), None)
    delivery = read_drops([folder], None, tmp_path / "cache", silent)
    assert delivery.records.table("transfers").collect()["at"].dt.day().unique().to_list() == [5]


def test_an_unknown_file_is_asked_about_and_can_be_left_out(tmp_path):
    shape = Shape("x.csv", text(["foo,bar", "1,2", "3,4"]), "transfers", {})
    folder = folder_of(tmp_path, shape)
    text(english())(folder / "t.csv")
    with pytest.raises(ConfigurationError, match=r"x\.csv: what is one row of it\?"):
        map_drop(folder, {}, settings(tmp_path), None)
    told = map_drop(folder, {"x.csv:table": "-"}, settings(tmp_path), None)
    assert [table["file"] for table in told["tables"]] == ["t.csv"]


def test_a_column_of_answers_is_asked_and_never_a_feature(tmp_path):
    rows = ["account_id,balance,is_fraud"] + [f"A{i:04d},{i * 10},{int(i % 9 == 0)}" for i in range(ROWS)]
    folder = folder_of(tmp_path, Shape("accounts.csv", text(rows), "accounts", {}))
    key = "accounts.csv:is_fraud"
    with pytest.raises(ConfigurationError, match="which value of 'is_fraud' says that it was fraud"):
        map_drop(folder, {"institution": "bank"}, settings(tmp_path), None)
    map_drop(folder, {"institution": "bank", f"{key}:fraud": "1", f"{key}:honest": "0"}, settings(tmp_path), None)
    records = read_drops([folder], None, tmp_path / "cache", silent).records
    outcomes = records.table("dispositions").collect()["outcome"].cast(str).value_counts().sort("outcome")
    assert outcomes.rows() == [("cleared", 35), ("confirmed", 5)]
    assert records.extras("accounts") == ["x_balance"]


def test_next_month_is_mapped_alike_and_a_column_that_is_gone_or_moved_is_named(tmp_path):
    chosen = settings(tmp_path)
    for month in ("2026-03", "2026-04"):
        folder = tmp_path / f"vcb {month}"
        folder.mkdir()
        rows = ["KEY,WHEN,FROM,TO,VND"] + [line.replace(",970436", "").replace(",970418", "") for line in english()[1:]]
        text(rows)(folder / f"export-{month}.csv")
        first = {"export-#-#.csv:table": "transfers", "export-#-#.csv:at": "WHEN", "export-#-#.csv:amount": "VND"}
        map_drop(folder, {**first, "institution": "970436"} if month == "2026-03" else {}, chosen, None)
        assert headings((folder / "mapping.toml").read_text(), "transfers")["at"] == "WHEN"
    folder = tmp_path / "vcb 2026-05"
    folder.mkdir()
    text([line.replace("VND", "SUM_VND") for line in rows])(folder / "export-2026-05.csv")
    with pytest.raises(InputError, match=r"column 'VND' \(amount\) is gone; near: SUM_VND"):
        map_drop(folder, {}, chosen, None)
    swapped = [rows[0]] + [
        ",".join((*line.split(",")[:1], line.split(",")[4], *line.split(",")[2:4], line.split(",")[1]))
        for line in rows[1:]
    ]
    text(swapped)(folder / "export-2026-05.csv")
    with pytest.raises(InputError, match=r"column 'WHEN' \(at\) held a date before and holds a number now"):
        map_drop(folder, {}, chosen, None)
    moved = [",".join((*line.split(",")[:2], line.split(",")[4], *line.split(",")[2:4])) for line in rows]
    text(moved)(folder / "export-2026-05.csv")
    with pytest.raises(InputError, match=r"column 'VND' \(amount\) was column 5 before and is column 3 now"):
        map_drop(folder, {}, chosen, None)


def test_a_mapping_is_never_overwritten_and_a_wrong_answer_is_named(tmp_path):
    folder = folder_of(tmp_path, SHAPES[0])
    with pytest.raises(ConfigurationError, match=r"--set transfer\.csv:at: no such file; near: transfers\.csv"):
        map_drop(folder, {"transfer.csv:at": "x"}, settings(tmp_path), None)
    (folder / "mapping.toml").write_text("mine")
    with pytest.raises(ConfigurationError, match="is there already"):
        map_drop(folder, {}, settings(tmp_path), None)
    assert (folder / "mapping.toml").read_text() == "mine"


def test_what_is_no_table_is_named_with_what_it_is(tmp_path):
    folder = folder_of(tmp_path, SHAPES[0])
    (folder / "report.xlsx").write_bytes(b"<html><table></table></html>")
    told = map_drop(folder, {}, settings(tmp_path), None)
    assert told["left_out"] == [
        ["report.xlsx", "report.xlsx: is HTML or XML, not what its suffix says; save it again as .xlsx or .csv"]
    ]


def test_headings_lose_accents_case_and_humps():
    assert [fold(h) for h in ("Số Tài Khoản", "SO_TAI_KHOAN", "soTaiKhoan", "Số TK (nợ)", "Đại lý")] == [
        "so tai khoan", "so tai khoan", "so tai khoan", "so tk no", "dai ly"]  # fmt: skip
