"""Five thousand numbers in any spelling come back, one line each, and who looked is recorded."""

from __future__ import annotations

import json
import time
from pathlib import Path

import fastexcel
import polars as pl
import pytest
from small_world import Demo, inside

from fraudnet.contracts.progress import silent
from fraudnet.errors import ConfigurationError, InputError
from fraudnet.pipeline.batch.lookup import look_up
from fraudnet.pipeline.reading.lookup_file import read_asked
from fraudnet.settings import Settings
from fraudnet.store.repository import Store


def accounts(run: Path) -> list[str]:
    return pl.read_parquet(run / "scores-account.parquet")["number"].to_list()


def spelled(number: str) -> list[str]:
    """One account number as people write it."""
    full_width = number.translate({ord(d): ord(d) + 0xFEE0 for d in "0123456789"})
    return [
        number, f"  {number} ", f"{number[:4]} {number[4:]}", number[:3] + "\u200b" + number[3:],
        number[:5] + "\u00a0" + number[5:], full_width, "\ufeff" + number, number[:2] + "\u200d" + number[2:],
        number[:6] + "\u2060" + number[6:], number[:3] + "\u00ad" + number[3:], number.replace("0", "O"),
        number[:2] + "\t" + number[2:],
    ]  # fmt: skip


def test_twelve_spellings_of_one_account_are_one_account(demo: Demo, tmp_path: Path) -> None:
    number = next(n for n in accounts(demo.run) if n.isdigit() and "0" in n and len(n) > 8)
    file = tmp_path / "asked.xlsx"
    pl.DataFrame({"Số tài khoản": spelled(number)}).write_excel(file)
    found = look_up(file, demo.run, (), Settings(home=tmp_path / "home"), silent)
    assert found.height == 12
    assert found["entity_id"].n_unique() == 1 and found["entity_id"][0].endswith(f":{number}")
    assert set(found["state"]) == {"scored"}


def test_five_thousand_lines_each_get_one_line_back(demo: Demo, tmp_path: Path) -> None:
    have = accounts(demo.run)
    sims = pl.read_parquet(demo.run / "scores-sim.parquet")["number"].to_list()
    people = pl.read_csv(demo.drop / "identities.csv", infer_schema=False)["SO_GIAY_TO"].drop_nulls().to_list()
    asked = (have + ["0" + n[2:5] + "." + n[5:] for n in sims] + people[:1000])[:4900]
    asked += [f"9999{n:08d}" for n in range(5000 - len(asked))]
    (tmp_path / "asked.csv").write_text("\n".join(["TK", *asked]) + "\n", encoding="utf-8")
    began = time.process_time()
    done = inside(
        demo.words(
            "lookup",
            tmp_path / "asked.csv",
            "--run",
            demo.run,
            "--drop",
            demo.drop,
            "--out",
            tmp_path / "a.xlsx",
            "--json",
            home=tmp_path / "home",
        )
    )
    assert time.process_time() - began < 30  # three times the ten seconds that are promised
    assert done.code == 0, done.err
    rows = json.loads(done.out)
    assert [row["asked"] for row in rows] == asked
    states = [row["state"] for row in rows]
    assert states[: len(have)] == ["scored"] * len(have)
    assert set(states[-50:]) == {"unknown"}
    named = [row for row in rows if row["state"] == "scored"]
    assert all(row["position"] and row["sources"] for row in named if row["kind"] == "account")
    assert sum(row["kind"] == "identity" for row in rows) > 500
    book = fastexcel.read_excel(tmp_path / "a.xlsx").load_sheet(0, dtypes="string").to_polars()
    assert book.height == 5000 and book["Tra cứu"].to_list() == asked


def test_a_row_in_quarantine_is_told_and_every_opening_is_recorded(demo: Demo, tmp_path: Path) -> None:
    turned = pl.read_csv(demo.drop / "accounts.csv", infer_schema=False)
    assert turned.height > 0
    folder = tmp_path / "drop"
    folder.mkdir()
    (folder / "mapping.toml").write_text(
        'version = 1\nname = "x"\n[[tables]]\ntable = "accounts"\nfile = "a.csv"\n[tables.columns]\n'
        'institution = { constant = "970436" }\naccount_number = "no"\nopened_at = "at"\n'
    )
    (folder / "a.csv").write_text("no,at\n123450001111,2025-01-01\n123450002222,never\n")
    (tmp_path / "asked.txt").write_text(f"123450002222\n{accounts(demo.run)[0]}\n=1+1\n")
    settings = Settings(home=tmp_path / "home")
    found = look_up(tmp_path / "asked.txt", demo.run, (folder,), settings, silent)
    assert found["state"].to_list() == ["quarantined", "scored", "unknown"]
    look_up(tmp_path / "asked.txt", demo.run, (folder,), settings, silent)
    with Store(settings.home / "store" / "store.db") as store:
        opened = list(store.events("opened"))
    assert len(opened) == 2
    assert opened[0].body["entities"] == [found["entity_id"][1]] and opened[0].body["asked"] == 3


def test_too_many_lines_and_an_empty_file_are_refused(demo: Demo, tmp_path: Path) -> None:
    (tmp_path / "many.txt").write_text("\n".join(str(n) for n in range(5001)))
    with pytest.raises(ConfigurationError, match="5,001 lines, expected at most 5,000"):
        look_up(tmp_path / "many.txt", demo.run, (), Settings(home=tmp_path), silent)
    (tmp_path / "none.txt").write_text("Số tài khoản\n")
    with pytest.raises(InputError, match="holds nothing to look up"):
        read_asked(tmp_path / "none.txt")
