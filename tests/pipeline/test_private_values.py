"""No name, account, phone or card number of the world stands where anybody but its institution would read it."""

from __future__ import annotations

import os
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest
from small_world import DAY_AFTER, Demo, inside

from fraudnet.cli import main

PRIVATE = {
    "identities.csv": ("HO_TEN", "SO_GIAY_TO", "SO_CU", "MST", "DIEN_THOAI", "MA_KH"),
    "accounts.csv": ("SO_TAI_KHOAN", "TEN_CHU_TK", "DT_DANG_KY"),
    "sims.csv": ("SO_THUE_BAO", "TEN_CHU_SO"),
}
# A figure such as 0.0912345678 is no phone number: digits count only when nothing joins them.
WORDS = re.compile(r"(?<![\w.])[A-Z]{0,2}[0-9]{7,}(?![\w.])")


@pytest.fixture(scope="module")
def private(demo: Demo) -> tuple[frozenset[str], tuple[str, ...]]:
    """Every number of a person or account, also with the country's code, and the names of two hundred people."""
    numbers: set[str] = set()
    for file, columns in PRIVATE.items():
        table = pl.read_csv(demo.drop / file, infer_schema=False)
        for column in columns:
            numbers.update(v.strip().removeprefix("+") for v in table[column].drop_nulls().unique())
    names = sorted(n for n in numbers if not any(c.isdigit() for c in n) and len(n) > 12)[:200]
    digits = {n for n in numbers if sum(c.isdigit() for c in n) >= 7}
    assert len(digits) > 2_000 and len(names) > 50
    return frozenset(digits | {"84" + n[1:] for n in digits if n.startswith("0")}), tuple(names)


def held(text: str, private: tuple[frozenset[str], tuple[str, ...]]) -> list[str]:
    """What of it stands in a text."""
    return sorted(private[0] & set(WORDS.findall(text))) + [name for name in private[1] if name in text]


def test_the_search_would_find_one(demo: Demo, private: tuple[frozenset[str], tuple[str, ...]]) -> None:
    number, name = min(private[0]), private[1][0]
    assert held(f"account:970400:{number} of {name}.", private) == [number, name]


def test_nothing_in_what_the_commands_say(
    demo: Demo, tmp_path: Path, private: tuple[frozenset[str], tuple[str, ...]]
) -> None:
    out = tmp_path / "runs"
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    for path in demo.drop.iterdir():
        (damaged / path.name).symlink_to(path)
    commands = [
        (demo.words("check", demo.drop), 0),
        (demo.words("score", demo.drop, "--as-of", DAY_AFTER, "--out", out, "--model", demo.models["identity"]), 0),
        (demo.words("lists", demo.run, "--out", tmp_path / "lists"), 0),
        (demo.words("runs", out), 0),
        (demo.words("models"), 0),
        (demo.words("check", damaged, home=tmp_path / "home"), 65),
    ]
    for words, code in commands:
        done = inside(words)
        assert done.code == code, done.err
        assert held(done.out + done.err, private) == []


def texts(path: Path) -> Iterator[str]:
    """Everything readable in a file."""
    if path.suffix == ".db":
        with closing(sqlite3.connect(path)) as store:
            yield from store.iterdump()
    elif path.suffix == ".parquet":
        frame = pl.read_parquet(path)
        yield " ".join(frame.columns)
        for column in frame.select(pl.col(pl.String)):
            yield " ".join(column.drop_nulls().unique())
    else:
        yield path.read_text(encoding="utf-8", errors="replace")


def test_nothing_in_the_register_its_models_or_any_name_of_a_file(
    demo: Demo, private: tuple[frozenset[str], tuple[str, ...]]
) -> None:
    files = [p for part in ("mlflow", "models") for p in (demo.home / part).rglob("*") if p.is_file()]
    assert any(p.suffix == ".db" for p in files) and any(p.name == "card.json" for p in files)
    for path in [*files, demo.run / "manifest.json"]:
        for text in texts(path):
            assert held(text, private) == [], path
    for folder in (demo.home, demo.run.parent, demo.out / "lists"):
        names = " ".join(p.name.replace(".", " ") for p in folder.rglob("*"))
        assert held(names, private) == [], folder


def test_no_pickle_anywhere(demo: Demo) -> None:
    for path in [p for p in demo.out.rglob("*") if p.is_file()]:
        assert path.suffix not in {".pkl", ".pickle", ".joblib", ".dill", ".npy"}, path
        head = path.open("rb").read(2)
        assert not (head[:1] == b"\x80" and head[1:2] in b"\x02\x03\x04\x05"), path


def test_files_are_for_their_owner_alone(demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = demo.words("lists", demo.run, "--out", tmp_path / "lists", home=tmp_path / "home")
    monkeypatch.setattr(sys, "argv", ["fraudnet", *words])
    before = os.umask(0)
    try:
        with pytest.raises(SystemExit) as ended:
            main()
    finally:
        os.umask(before)
    assert ended.value.code == 0
    written = list((tmp_path / "lists").rglob("*"))
    assert written
    assert [p for p in written if p.stat().st_mode & 0o077] == []
