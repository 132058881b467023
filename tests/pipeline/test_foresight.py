"""A large drop is foreseen from its beginning, refused where there is no room, and can be tried on its first rows."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from small_world import inside

from fraudnet.contracts.progress import silent
from fraudnet.errors import WriteFailedError
from fraudnet.pipeline.reading import foresight
from fraudnet.settings import Settings
from fraudnet.sources.read import read_drops
from fraudnet.sources.sampling import sample

MAPPING = """
version = 1
name = "large"
[[tables]]
table = "transfers"
file = "t.csv"
[tables.columns]
transfer_id = "id"
at = "at"
payer = { kind = "account", institution = { constant = "970436" }, number = "from" }
payee = { kind = "account", institution = { constant = "970436" }, number = "to" }
amount = "amount"
[[tables]]
table = "calls"
file = "c.parquet"
[tables.columns]
at = "at"
caller = "a"
callee = "b"
kind = { constant = "voice" }
"""
ROWS = 60_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large") / "drop"
    folder.mkdir()
    (folder / "mapping.toml").write_text(MAPPING)
    n = pl.int_range(ROWS, eager=True)
    at = "2026-01-" + (n % 28 + 1).cast(pl.String).str.zfill(2) + " 10:00:00"
    pl.DataFrame(
        {
            "id": "T" + n.cast(pl.String),
            "at": at,
            "from": (n % 977).cast(pl.String),
            "to": (n % 991 + 5000).cast(pl.String),
            "amount": n + 1,
        }
    ).write_csv(folder / "t.csv")
    pl.DataFrame({"at": at, "a": "0912" + (n % 999_999).cast(pl.String).str.zfill(6), "b": "0913000001"}).write_parquet(
        folder / "c.parquet"
    )
    return folder


def test_the_estimate_is_near_what_comes(large: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path / "home")
    assert foresight.foresee((large,), None, settings) is None  # small enough to be read at once
    monkeypatch.setattr(foresight, "LARGE", 1)
    found = foresight.foresee((large,), None, settings)
    delivery = read_drops([large], None, tmp_path / "cache", silent)
    disk = sum(p.stat().st_size for p in delivery.folder.rglob("*") if p.is_file())
    assert found is not None
    assert found.rows == pytest.approx(2 * ROWS, rel=0.1)
    assert found.disk == pytest.approx(disk, rel=0.5)
    assert not list((tmp_path / "home" / "cache" / "samples").iterdir())
    assert "rows" in found.line() and "of disk" in found.line()


def test_less_than_twice_the_room_is_refused_before_the_first_byte(
    large: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path / "home")
    usage = type("Usage", (), {"free": 10_000_000})
    monkeypatch.setattr(foresight.shutil, "disk_usage", lambda _: usage)
    foresight.check_room(5_000_000, settings)
    with pytest.raises(WriteFailedError, match="nothing was read: free 2 MiB more"):
        foresight.check_room(6_000_000, settings)


def test_the_first_rows_of_each_file_are_a_drop_of_their_own(large: Path, tmp_path: Path) -> None:
    taken = sample(large, None, 1_000, tmp_path / "sample")
    assert not taken.whole
    delivery = read_drops([taken.folder], None, tmp_path / "cache", silent)
    assert delivery.counts.select("table", "rows_in").sort("table").rows() == [("calls", 1000), ("transfers", 1000)]
    done = inside(["check", str(large), "--sample", "500", "--json", "--home", str(tmp_path / "home")])
    assert done.code == 0, done.err
    assert {row["rows_in"] for row in json.loads(done.out)["tables"]} == {500}
