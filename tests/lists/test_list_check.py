"""The checker finds each planted fault, all of them at once, and repeats nobody's number."""

from __future__ import annotations

import copy
import json
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import list_examples as made
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudnet.errors import MissingInputError
from fraudnet.lists.check import check_file
from fraudnet.lists.format import Problem
from fraudnet.lists.formats import FORMATS, list_formats, working_xlsx
from fraudnet.lists.header import Recipient, header_of

PERSON = {
    "Cif": "C000451",
    "SoTaiKhoan": "00710001112223",
    "TenKhachHang": "Trần Thị Bịa",
    "TrangThaiHoatDongTaiKhoan": "1",
    "NghiNgo": "3",
    "GhiChu": "Nhận tiền từ 14 người.",
}
COMPANY = {
    "TenToChuc": "Công ty TNHH Ví Dụ",
    "SoGiayPhepThanhLap": "0100000000",
    "LoaiGiayToThanhLapToChuc": "1",
    "NgayThanhLap": "31/12/2025",
    "DiaChiToChuc": "",
    "HoTenNguoiDaiDien": "",
    "SoGiayToTuyThan": "",
    "DienThoai": "",
    "SoTaiKhoanToChuc": "00710009998887",
    "TrangThaiTaiKhoan": 2,
    "DiaChiMAC": "",
    "SO_IMEI": "",
    "NghiNgo": 7,
}
SECRET = "00710001112223"

# field that is changed, its new value, levels that refuse it
FAULTS: list[tuple[str, object, str]] = [
    ("Cif", "", "ready"),
    ("Cif", "C" * 37, "both"),
    ("Cif", 12, "both"),
    ("Cif", None, "both"),
    ("SoTaiKhoan", "", "both"),
    ("SoTaiKhoan", "  ", "both"),
    ("SoTaiKhoan", "9" * 37, "both"),
    ("SoTaiKhoan", "0071 0001", "both"),
    ("SoTaiKhoan", 710001112223, "both"),
    ("SoTaiKhoan", "0071\u200b0001", "both"),
    ("TenKhachHang", "", "ready"),
    ("TenKhachHang", "A" * 151, "both"),
    ("TenKhachHang", "Tra\u0302\u0300n", "both"),
    ("TenKhachHang", "A\u202eB", "both"),
    ("TrangThaiHoatDongTaiKhoan", "", "ready"),
    ("TrangThaiHoatDongTaiKhoan", "0", "both"),
    ("TrangThaiHoatDongTaiKhoan", 6, "both"),
    ("TrangThaiHoatDongTaiKhoan", "３", "both"),
    ("TrangThaiHoatDongTaiKhoan", True, "both"),
    ("NghiNgo", "", "both"),
    ("NghiNgo", "0", "both"),
    ("NghiNgo", 9, "both"),
    ("NghiNgo", "3,4", "both"),
    ("NghiNgo", [3, 4], "both"),
    ("NghiNgo", 3.0, "both"),
    ("NghiNgo", True, "both"),
    ("NghiNgo", "３", "both"),
    ("GhiChu", "x" * 501, "both"),
    ("GhiChu", "a\tb", "both"),
    ("GhiChu", {"a": 1}, "both"),
    ("Extra", "x", "both"),
]


def simo(folder: Path, records: object) -> Path:
    path = folder / "in.json"
    path.write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.mark.parametrize("level", ["draft", "ready"])
def test_good_records_have_no_problem(tmp_path: Path, level: str):
    correction = {**PERSON, "SoTaiKhoan": "1", "NghiNgo": "0", "LyDoCapNhat": "Đã xác minh."}
    longest = {**PERSON, "SoTaiKhoan": "2" * 36, "TenKhachHang": "ệ" * 150, "GhiChu": "ệ" * 500, "NghiNgo": 8}
    assert check_file(simo(tmp_path, [PERSON, COMPANY, correction, longest]), level) == ()
    assert check_file(simo(tmp_path, []), level) == ()


@pytest.mark.parametrize(("field", "value", "levels"), FAULTS)
def test_each_fault_alone(tmp_path: Path, field: str, value: object, levels: str):
    path = simo(tmp_path, [{**COMPANY}, {**PERSON, field: value}])
    for level in ("draft", "ready"):
        found = [(problem.row, problem.field) for problem in check_file(path, level)]
        assert found == ([(2, field)] if levels in (level, "both") else [])


@pytest.mark.parametrize("field", list(PERSON))
def test_each_field_that_is_missing(tmp_path: Path, field: str):
    short = {name: value for name, value in PERSON.items() if name != field}
    assert [(p.row, p.field, p.got) for p in check_file(simo(tmp_path, [short]), "draft")] == [
        (1, field, "no such field")
    ]


@given(st.lists(st.sampled_from(FAULTS), min_size=1, max_size=25))
@settings(max_examples=60)
def test_every_planted_fault_is_found_at_once(faults: list[tuple[str, object, str]]):
    records = [{**PERSON, "SoTaiKhoan": f"{10**9 + n}", field: value} for n, (field, value, _) in enumerate(faults)]
    with tempfile.TemporaryDirectory() as folder:
        problems = check_file(simo(Path(folder), records), "ready")
    found = {(p.row, p.field) for p in problems if p.got != "an account of an earlier row"}
    assert found == {(row, field) for row, (field, _, _) in enumerate(faults, 1)}


def test_organisations_have_rules_of_their_own(tmp_path: Path):
    bad = {**COMPANY, "NgayThanhLap": "2025-12-31", "TenToChuc": "", "GhiChu": "x", "SoTaiKhoanToChuc": ""}
    draft = {(p.field, p.got) for p in check_file(simo(tmp_path, [bad]), "draft")}
    assert {field for field, _ in draft} == {"NgayThanhLap", "GhiChu", "SoTaiKhoanToChuc"}
    assert {p.field for p in check_file(simo(tmp_path, [bad]))} == {
        "NgayThanhLap",
        "GhiChu",
        "SoTaiKhoanToChuc",
        "TenToChuc",
    }


def test_code_8_needs_a_note(tmp_path: Path):
    (problem,) = check_file(simo(tmp_path, [{**PERSON, "NghiNgo": 8, "GhiChu": " "}]), "draft")
    assert (
        str(problem)
        == "in.json, row 1, GhiChu: got text of 1 mixed characters, expected an explanation, because the code is 8"
    )


def test_a_correction_needs_its_reason(tmp_path: Path):
    (problem,) = check_file(simo(tmp_path, [{**PERSON, "NghiNgo": "0", "LyDoCapNhat": ""}]), "draft")
    assert (problem.field, problem.got) == ("LyDoCapNhat", "empty text")


def test_the_same_account_twice(tmp_path: Path):
    (problem,) = check_file(simo(tmp_path, [PERSON, COMPANY, PERSON]))
    assert (problem.row, problem.field) == (3, "SoTaiKhoan")


def test_a_field_written_twice(tmp_path: Path):
    text = json.dumps([PERSON]).replace('"NghiNgo": "3"', '"NghiNgo": "4", "NghiNgo": "3"')
    (tmp_path / "in.json").write_text(text)
    (problem,) = check_file(tmp_path / "in.json")
    assert (problem.row, problem.got) == (1, "1 fields written twice")


def test_more_records_than_a_batch(tmp_path: Path):
    records = [{**PERSON, "SoTaiKhoan": str(n + 1)} for n in range(10_001)]
    assert [str(p) for p in check_file(simo(tmp_path, records))] == [
        "in.json, file: got 10001 records, expected at most 10000"
    ]


@pytest.mark.parametrize(
    "content",
    [b"", b"[", b"<html>", b"{}", b'"a"', b"3", b"\xff\xfe[]", b"[1, null, []]", b"[" * 100_000, "﻿[]".encode()],
    ids=["empty", "truncated", "html", "object", "text", "number", "utf16", "no objects", "deep", "bom"],
)
def test_what_is_no_array_of_objects(tmp_path: Path, content: bytes):
    (tmp_path / "in.json").write_bytes(content)
    assert len(check_file(tmp_path / "in.json")) >= 1


def test_no_problem_repeats_a_personal_value(tmp_path: Path):
    names = {
        **PERSON,
        "NghiNgo": SECRET,
        SECRET: "x",
        "TrangThaiHoatDongTaiKhoan": SECRET,
        "GhiChu": SECRET * 40,
        "Cif": [SECRET],
    }
    told = " ".join(map(str, check_file(simo(tmp_path, [names, names]))))
    assert told.count("got") >= 10
    assert SECRET not in told
    assert "Trần" not in told


def test_a_missing_file_and_an_unknown_kind(tmp_path: Path):
    with pytest.raises(MissingInputError, match="no such file"):
        check_file(tmp_path / "none.json")
    (tmp_path / "list.docx").write_bytes(b"x")
    assert check_file(tmp_path / "list.docx")[0].field == "file"


class TestOwnFormats:
    """The checks that publication relies on."""

    def path(self, name: str, folder: Path) -> Path:
        (form,) = list_formats((name,))
        entries = made.entries().filter(pl.col("institution") == "bank_north")
        header = header_of(entries, Recipient("bank_north", "bank"), made.LIST_DATE, "vi")
        return form.write(entries, folder / form.file, header)[0]

    @pytest.mark.parametrize("name", FORMATS)
    def test_a_good_file(self, name: str, tmp_path: Path):
        assert check_file(self.path(name, tmp_path), "draft") == ()

    @pytest.mark.parametrize("name", FORMATS)
    @pytest.mark.parametrize("damage", ["empty", "half", "html", "nul", "latin"])
    def test_a_damaged_file(self, name: str, damage: str, tmp_path: Path):
        path = self.path(name, tmp_path)
        whole = path.read_bytes()
        path.write_bytes({"empty": b"", "half": whole[: len(whole) // 2], "html": b"<html><body>404</body></html>\n",
                          "nul": b"\x00" * 300, "latin": "é,Trần\r\n".encode("utf-16")}[damage])  # fmt: skip
        found = check_file(path)
        assert found or (name, damage) == ("json_lines", "empty")  # no line is an empty list
        assert all(isinstance(problem, Problem) for problem in found)

    @pytest.mark.parametrize("name", FORMATS)
    def test_flipped_bits_end_in_a_problem_or_in_nothing(self, name: str, tmp_path: Path):
        """Never in an exception; that the bytes are the sent ones is what SHA256SUMS says."""
        path = self.path(name, tmp_path)
        whole, dice = path.read_bytes(), random.Random(20261001)
        found = 0
        for _ in range(60):
            damaged = bytearray(whole)
            for place in dice.sample(range(len(whole)), 3):
                damaged[place] ^= 1 << dice.randrange(8)
            path.write_bytes(bytes(damaged))
            found += len(check_file(path)) > 0
        assert found > 20

    def test_a_workbook_that_unpacks_to_too_much(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        path = self.path("working_xlsx", tmp_path)
        monkeypatch.setattr(working_xlsx, "UNPACKED", 1000)
        assert [p.field for p in check_file(path)] == ["file"]

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            (lambda s: s.replace("Trần Thị Bịa", "=1+1"), "holder_name"),
            (lambda s: s.replace('"00710001112223","Tr', '"","Tr'), "number"),
            (lambda s: s.replace("ban đêm.", "đ" * 500), "note"),
            (lambda s: s.replace('"3","Tài', '"ba","Tài'), "position"),
            (lambda s: s.replace("không phải là kết luận", "là kết luận"), "header"),
            (lambda s: s.replace('"CIF"', '"Cif"'), "header"),
            (lambda s: s.replace('"C000451",', ""), "file"),
        ],
    )
    def test_a_changed_csv(self, change: Callable[[str], str], field: str, tmp_path: Path):
        path = self.path("working_csv", tmp_path)
        text = path.read_bytes().decode()
        assert change(text) != text
        path.write_bytes(change(text).encode())
        assert [problem.field for problem in check_file(path)] == [field]

    def test_a_workbook_with_a_formula(self, tmp_path: Path):
        import openpyxl

        path = self.path("working_xlsx", tmp_path)
        book = openpyxl.load_workbook(path)
        book.active["D5"] = "=1+1"
        book.save(path)
        assert "formulas" in [problem.field for problem in check_file(path)]

    @pytest.mark.parametrize(
        ("column", "value", "rule"),
        [("probability", 1.5, "probability"), ("number", None, "number"), ("note", "x" * 501, "note_fits"), ("code", 9, "code"),
         ("as_of", "yesterday", "as_of"), ("kind", "identity", "kind_known"), ("expires_on", "31/10/2026", "expires_on")],
    )  # fmt: skip
    def test_every_changed_line(self, column: str, value: object, rule: str, tmp_path: Path):
        path = self.path("json_lines", tmp_path)
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        worse = copy.deepcopy(rows)
        worse[1][column] = value
        path.write_text("".join(json.dumps(row) + "\n" for row in worse))
        assert [(p.row, p.field) for p in check_file(path)] == [(2, rule)]

    def test_missing_and_unknown_columns(self, tmp_path: Path):
        path = self.path("parquet", tmp_path)
        pl.read_parquet(path).drop("note").with_columns(spare=1).write_parquet(path)
        assert [p.field for p in check_file(path)] == ["note", "columns"]
