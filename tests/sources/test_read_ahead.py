"""Files are read ahead by other threads; nobody notices."""

from __future__ import annotations

from pathlib import Path

import pytest
from drop_builder import TRANSFERS

from fraudnet.contracts.progress import silent
from fraudnet.errors import InputError
from fraudnet.sources import ahead
from fraudnet.sources.formats import csv_file
from fraudnet.sources.read import read_drops

MAPPING = TRANSFERS.replace("FILE", "t*.csv").replace('"time"', '{ column = "time", format = "%d/%m/%Y" }')


def drop_of(folder: Path, *days: str, head: str = "id,time,from,to,amount") -> Path:
    """A drop of one file for each day, every file with a row delivered before; `head` is that of the last file."""
    folder.mkdir()
    (folder / "mapping.toml").write_text(MAPPING)
    for n, day in enumerate(days):
        rows = [f"T{n}-{i},{day},{i % 7}1,{i % 5}2,{i + 1}" for i in range(40)] + [f"T0-{n},{day},11,22,{n + 1}"]
        first = head if n == len(days) - 1 else "id,time,from,to,amount"
        (folder / f"t{n}.csv").write_text("\n".join([first, *rows]) + "\n")
    return folder


def test_of_two_faults_the_first_in_order_is_told_whichever_thread_was_quicker(tmp_path: Path) -> None:
    drop = drop_of(tmp_path / "drop", "01/02/2026", "02/25/2026", "03/02/2026", head="id,time,from,to")
    for attempt in range(5):
        with pytest.raises(InputError, match=r"t1\.csv.*day and month changed"):
            read_drops([drop], None, tmp_path / f"{attempt}", silent)


@pytest.mark.parametrize("hands", [1, 2, 5])
def test_how_many_threads_read_shows_in_no_byte(hands: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drop = drop_of(tmp_path / "drop", "01/02/2026", "02/02/2026", "03/02/2026", "04/02/2026")
    whole = read_drops([drop], None, tmp_path / "whole", silent)
    monkeypatch.setattr(ahead, "HANDS", hands)
    monkeypatch.setattr(csv_file, "BATCH_ROWS", 7)
    other = read_drops([drop], None, tmp_path / "other", silent)
    assert whole.counts.equals(other.counts)
    assert whole.counts["quarantined"].sum() == 4  # each file's last row has a key that the first file brought
    first, second = (one.records.table("transfers").collect().sort("row_id") for one in (whole, other))
    assert first.equals(second)
