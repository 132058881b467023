"""The same drop gives the same bytes, whatever stands around it, comes after it or runs it."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from small_world import SETTINGS, Demo, derived, digests, fraudnet, only_run, rewritten, trusting

from fraudnet.contracts.progress import silent
from fraudnet.expressions import start_of_day
from fraudnet.graph import codes
from fraudnet.pipeline import Request, score_drops
from fraudnet.runs.folder import SCRATCH
from fraudnet.settings import Settings
from lengths import lasting

AROUND = (("4711", "2"), ("1", "1"), ("2", "3"), ("99", "4"))  # hash seed, threads


def scored(demo: Demo, drop: Path, place: Path, **env: str) -> Path:
    """A run by a fresh process that finds nothing but the exported models."""
    as_of, home = demo.told["run"]["as_of"], trusting(place, demo)
    words = demo.words("score", drop, "--as-of", as_of, "--out", place / "runs", *demo.with_models(), home=home)
    done = fraudnet(words, **env)
    assert done.returncode == 0, done.stderr
    return only_run(place / "runs")


def test_another_place_zone_hash_seed_and_thread_count(demo: Demo, tmp_path: Path) -> None:
    drop = tmp_path / "elsewhere" / "copied"
    shutil.copytree(demo.drop, drop)
    assert (demo.out / "world" / "truth").is_dir() and not (drop.parent / "truth").exists()
    for turn, (seed, threads) in enumerate(lasting(AROUND[:1], AROUND)):
        around = {"TZ": "America/New_York", "PYTHONHASHSEED": seed, "LC_ALL": "C"}
        counts = {"POLARS_MAX_THREADS": threads, "FRAUDNET_THREADS": threads}
        run = scored(demo, drop, tmp_path / str(turn), **around, **counts)
        assert run.name == demo.run.name
        assert digests(run) == digests(demo.run)


def shuffle(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.sample(fraction=1.0, shuffle=True, seed=11)


def test_rows_in_another_order(demo: Demo, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    shutil.copytree(demo.drop, drop)
    for path in [p for p in drop.rglob("*") if p.suffix in {".csv", ".parquet"}]:
        rewritten(path, shuffle)
    run = in_process(demo, drop, tmp_path)
    assert run.name != demo.run.name
    # Rows are cited by their number in the file, and those have moved.
    assert without(derived(run), *CITING) == without(derived(demo.run), *CITING)
    for name in CITING:
        one, other = (cited(folder / name) for folder in (run, demo.run))
        assert one.equals(other), name
        assert one.height or "identity" in name, name


CITING = ("case_rows.parquet", "evidence-account.parquet", "evidence-sim.parquet", "evidence-identity.parquet")


def without(tables: dict[str, str], *names: str) -> dict[str, str]:
    return {name: digest for name, digest in tables.items() if name not in names}


def cited(table: Path) -> pl.DataFrame:
    """How often each thing is cited, whatever the number of its line."""
    frame = pl.read_parquet(table).drop("row_id", "also_row_id", "position", strict=False)
    return frame.group_by(frame.columns).len().sort(pl.all())


def in_process(demo: Demo, drop: Path, place: Path) -> Path:
    """A run by this process."""
    request = Request((drop,), None, start_of_day(date.fromisoformat(demo.told["run"]["as_of"])))
    models = tuple(demo.models[kind] for kind in sorted(demo.models))
    return Path(
        score_drops(request, Settings(home=trusting(place, demo), **SETTINGS), place / "runs", models, silent)["folder"]
    )


def test_a_drop_too_large_for_the_memory_beside_a_truth_that_nobody_reads(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a truth, see the copy in another place above; here with one that could not be read if anybody tried."""
    drop = tmp_path / "world" / "drop"
    shutil.copytree(demo.drop, drop)
    for place in (drop.parent / "truth", drop / "truth"):
        place.mkdir()
        (place / "truth.parquet").write_bytes(b"not a table")
        (place / "accounts.csv").write_text("BIN\n1\n")
    monkeypatch.setattr(codes, "HELD", 0)
    run = in_process(demo, drop, tmp_path)
    assert run.name == demo.run.name
    assert digests(run) == digests(demo.run)
    assert not (run / SCRATCH).exists()


def a_month_later(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows, then those of their last month once more, moved by 31 days and with new row names."""
    texts = frame.select(pl.col(pl.String)).columns
    stamps = [c for c in texts if frame[c].drop_nulls().str.contains(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$").all()]
    stamps = [c for c in stamps if frame[c].null_count() < frame.height]
    moment = pl.max_horizontal(stamps)
    moved = [
        pl.col(c).str.to_datetime("%Y-%m-%d %H:%M:%S").dt.offset_by("31d").dt.to_string("%Y-%m-%d %H:%M:%S")
        for c in stamps
    ]
    new = [pl.col(c) + "9" for c in ("MA_GD", "MA_TIN", "MA_THAM_CHIEU", "SO_TAI_KHOAN") if c in NEW & set(texts)]
    recent = frame.filter(
        pl.all_horizontal((pl.col(c) >= "2026-07-01") | pl.col(c).is_null() for c in stamps) & (moment >= "2026-07-01")
    )
    return pl.concat([frame, recent.with_columns(*moved, *new)]) if stamps else frame


NEW = {"MA_GD", "MA_TIN", "MA_THAM_CHIEU"}
LATER = (
    "transfers/2026-07.parquet", "calls/2026-07.parquet", "cash.csv", "account_events.csv", "sim_events.csv",
    "uses_accounts.csv", "uses_sims.csv", "reports_accounts.csv", "reports_sims.csv", "dispositions_accounts.csv",
    "dispositions_sims.csv",
)  # fmt: skip


def test_what_comes_later_changes_no_table(demo: Demo, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    shutil.copytree(demo.drop, drop)
    grown = 0
    for name in LATER:
        before = (drop / name).stat().st_size
        rewritten(drop / name, a_month_later)
        grown += (drop / name).stat().st_size > before
    assert grown > len(LATER) - 3
    run = in_process(demo, drop, tmp_path)
    assert run.name != demo.run.name
    assert derived(run) == derived(demo.run)
