"""Nothing that stands in a list can run in a spreadsheet, and nothing gets lost by that."""

from __future__ import annotations

import csv
import io
import re
import tempfile
import unicodedata
import zipfile
from pathlib import Path

import list_examples as made
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudnet.contracts.results import ListEntry
from fraudnet.lists.cells import clean, guard, runs, unguard
from fraudnet.lists.formats import list_formats
from fraudnet.lists.header import Recipient, header_of
from fraudnet.messages import LANGUAGES, catalogue

PAYLOADS = [
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://example.invalid","bấm")',
    "+84900000001+1",
    "-2+3",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    ' =DDE("cmd";"/C calc";"x")',
    "\u00a0\u3000=1",
    "\u200b=1",
    "'=1",
    "''-1",
    'x",=1',
    "a\r\n=1",
    "_x003D_1",
]
TRIGGERS = tuple("=+-@＝＋－＠")
everything = st.text(st.characters(codec="utf-8"), max_size=40)
nasty = st.text(st.sampled_from("'=+-@＝＋－＠\t\r\n \u200b\ufeffaệ\",\\"), max_size=12)


def applied(function: object, text: str) -> str:
    return pl.DataFrame({"cell": [text]}).select(function("cell"))["cell"][0]  # type: ignore[operator]  # a builder


def starts_like_a_formula(cell: str) -> bool:
    """The rule written a second time, without a regular expression."""
    return (
        cell[:1] in ("\t", "\r", "\n")
        or cell.lstrip(" \t\r\n\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff").startswith(TRIGGERS)
        if cell
        else False
    )


@given(st.one_of(everything, nasty))
def test_guard_comes_off_again(text: str):
    guarded = applied(guard, text)
    assert not starts_like_a_formula(guarded)
    assert applied(unguard, guarded) == text


@given(nasty)
def test_the_rule_equals_its_second_writing(text: str):
    assert applied(runs, text) == starts_like_a_formula(text)


@given(everything)
def test_clean_text_is_normal_and_shows_all_it_holds(text: str):
    cleaned = applied(clean, text)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not set(cleaned) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x00\x1b")


def hostile_entries() -> pl.DataFrame:
    base = made.entries().filter(pl.col("number") == "00710001112223")
    rows = pl.DataFrame({"place": range(len(PAYLOADS)), "payload": PAYLOADS})
    return base.join(rows, how="cross").with_columns(
        holder_name="payload",
        cif="payload",
        note=pl.col("payload"),
        number=pl.concat_str(pl.col("payload"), pl.col("place").cast(pl.String)),
        entity_id=pl.concat_str(pl.lit("account:bank_north:"), "place"),
    ).select(base.columns)  # fmt: skip


def written(name: str, folder: Path) -> tuple[Path, pl.DataFrame]:
    (form,) = list_formats((name,))
    entries = hostile_entries()
    header = header_of(entries, Recipient("=1+1", "bank", '=1,"\r\n=2\u202e'), made.LIST_DATE, "vi")
    (path,) = form.write(entries, folder / form.file, header)
    return path, form.read(path)


def test_csv_holds_no_cell_that_runs_and_gives_every_payload_back(tmp_path: Path):
    path, back = written("working_csv", tmp_path)
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    cells = [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")) for cell in row]
    assert len(cells) > len(PAYLOADS) * 12
    assert [cell for cell in cells if starts_like_a_formula(cell)] == []
    assert back["holder_name"].to_list() == PAYLOADS
    assert back["number"].to_list() == [f"{payload}{place}" for place, payload in enumerate(PAYLOADS)]


def test_workbook_holds_no_formula_and_gives_every_payload_back(tmp_path: Path):
    path, back = written("working_xlsx", tmp_path)
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    assert sum(part.count(b"<f>") + part.count(b"<f ") for part in parts.values()) == 0
    assert not any(
        b"hyperlink" in part.lower()
        for name, part in parts.items()
        if "sheet" in name.lower() and "shared" not in name.lower()
    )
    assert back["holder_name"].to_list() == PAYLOADS


@pytest.mark.parametrize("name", ["json_lines", "parquet"])
def test_files_for_machines_give_every_payload_back(name: str, tmp_path: Path):
    assert written(name, tmp_path)[1]["holder_name"].to_list() == PAYLOADS


@pytest.mark.parametrize("name", ["working_csv", "working_xlsx"])
def test_leading_zeros_survive(name: str, tmp_path: Path):
    (form,) = list_formats((name,))
    entries = made.entries().filter(pl.col("institution") == "bank_north")
    (path,) = form.write(
        entries, tmp_path / form.file, header_of(entries, Recipient("bank_north", "bank"), made.LIST_DATE, "en")
    )
    assert form.read(path)["number"].to_list() == ["00710001112223", "00710009998887"]


@pytest.mark.parametrize("name", ["working_csv", "working_xlsx", "json_lines", "parquet"])
@given(names=st.lists(st.one_of(everything, nasty), min_size=1, max_size=12))
@settings(max_examples=12, deadline=None)
def test_any_text_comes_back_from_a_whole_file(name: str, names: list[str]):
    (form,) = list_formats((name,))
    base = made.entries().head(1).drop("holder_name")
    cleaned = [applied(clean, text) for text in names]
    entries = base.join(pl.DataFrame({"holder_name": cleaned}), how="cross").select(*base.columns, "holder_name")
    header = header_of(entries, Recipient("bank_north", "bank"), made.LIST_DATE, "vi")
    with tempfile.TemporaryDirectory() as folder:
        (path,) = form.write(entries.select(ListEntry.column_names()), Path(folder) / form.file, header)
        assert form.check(path) == ()
        assert form.read(path)["holder_name"].to_list() == cleaned


def test_every_message_speaks_three_languages_with_the_same_places():
    messages = {name: told for name, told in catalogue().items() if name.startswith("lists.")}
    assert len(messages) > 20
    for told in messages.values():
        assert set(told) == set(LANGUAGES)
        places = [sorted(re.findall(r"{(\w+)}", text)) for text in told.values()]
        assert places[0] == places[1] == places[2]
        assert all(text.strip() for text in told.values())
