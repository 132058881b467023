"""The bytes of every format, kept; `python tests/lists/test_list_golden.py` writes them anew after a wanted change."""

from __future__ import annotations

import shutil
from pathlib import Path

import list_examples as made
import polars as pl
import pytest

from fraudnet.lists.formats import FORMATS, list_formats
from fraudnet.lists.publish import publish

GOLDEN = Path(__file__).parent / "golden"
BINARY = (".xlsx", ".parquet")


@pytest.fixture(scope="module")
def made_lists(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("golden") / "lists"
    publish(made.entries(), made.INSTITUTIONS, folder, made.LIST_DATE)
    return folder


def texts(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and kept(p))


def kept(path: Path) -> bool:
    """Binary files are compared by content, so their digests are not kept either."""
    return path.suffix not in BINARY and path.name != "SHA256SUMS"


def counted(table: pl.DataFrame) -> pl.DataFrame:
    """A workbook holds 0.62 where the text says 0.620."""
    return table.with_columns(pl.col("probability").cast(pl.Float64))


def test_the_same_files(made_lists: Path):
    assert texts(made_lists) == texts(GOLDEN)


@pytest.mark.parametrize("name", texts(GOLDEN))
def test_text_formats_are_equal_to_the_byte(made_lists: Path, name: str):
    assert (made_lists / name).read_bytes() == (GOLDEN / name).read_bytes()


@pytest.mark.parametrize("institution", sorted({name.split("/")[0] for name in texts(GOLDEN)}))
def test_binary_formats_hold_what_their_text_twins_hold(made_lists: Path, institution: str):
    csv, book, lines, parquet = list_formats(FORMATS[:4])
    folder = GOLDEN / institution
    assert counted(book.read(made_lists / institution / book.file)).equals(counted(csv.read(folder / csv.file)))
    assert parquet.read(made_lists / institution / parquet.file).equals(lines.read(folder / lines.file))


def test_golden_files_cover_every_format():
    assert {
        "working.csv",
        "entries.jsonl",
        "simo_002-0001.json",
        "simo_002_organisations-0001.json",
        "header.json",
    } <= {Path(name).name for name in texts(GOLDEN)}


def test_golden_files_name_institutions_that_do_not_exist():
    named = made.INSTITUTIONS.drop_nulls("name").filter(~pl.col("name").str.contains("hư cấu"))
    assert named.height == 0


if __name__ == "__main__":
    shutil.rmtree(GOLDEN, ignore_errors=True)
    publish(made.entries(), made.INSTITUTIONS, GOLDEN, made.LIST_DATE)
    for path in [*GOLDEN.rglob("*")]:
        if path.is_file() and not kept(path):
            path.unlink()
