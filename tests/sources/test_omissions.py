"""What a bank leaves out of its file, or spoils in it, is named by everybody else."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from fraudnet.contracts.progress import silent
from fraudnet.pipeline.reading.quality import Check, Checked, check_drops
from fraudnet.settings import Settings

MAPPING = """
version = 1
name = "two banks"
[[tables]]
table = "accounts"
file = "accounts.csv"
source = { column = "bank" }
[tables.columns]
institution = "bank"
account_number = "no"
opened_at = "opened"
[[tables]]
table = "transfers"
file = "transfers.csv"
source = { column = "bank" }
[tables.columns]
transfer_id = "id"
at = "at"
payer = { kind = "account", institution = "from_bank", number = "from" }
payee = { kind = "account", institution = "to_bank", number = "to" }
amount = "amount"
[[tables]]
table = "reports"
file = "reports.csv"
source = "police"
[tables.columns]
at = "at"
entity = { kind = "account", institution = "bank", number = "no" }
reporter = { constant = "victim" }
"""
ACCOUNTS = 300
GONE = range(100, 150)  # of bank A: 50 accounts that bank B's customers pay
SPOILT = 130  # of those: in the file, but with an opening day that is none
VICTIMS = (120, SPOILT)
ZERO_WIDTH = 200  # spelled with an invisible sign: the same account all the same


def number(n: int) -> str:
    return f"10{n:06d}"


def drop(folder: Path, *, whole: bool) -> Path:
    folder.mkdir()
    (folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    rows = [("bank", "no", "opened")]
    for n in range(ACCOUNTS):
        rows.append(("970418", "9" + number(n), "2025-01-01"))
        if whole or n not in GONE or n == SPOILT:
            opened = "2025-13-45" if n == SPOILT and not whole else "2025-01-01"
            rows.append(("970436", number(n) if n != ZERO_WIDTH else number(n)[:4] + "\u200b" + number(n)[4:], opened))
    moved = [("bank", "id", "at", "from_bank", "from", "to_bank", "to", "amount")]
    moved += [
        (
            "970418",
            f"T{n}",
            f"2026-01-{n % 28 + 1:02d} 10:00:00",
            "970418",
            "9" + number(n),
            "970436",
            number(n),
            "5000",
        )
        for n in range(ACCOUNTS)
    ]
    told = [("at", "bank", "no")] + [("2026-02-01 10:00:00", "970436", number(n)) for n in VICTIMS]
    for name, lines in (("accounts", rows), ("transfers", moved), ("reports", told)):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(lines)
    return folder


def checked(tmp_path: Path, *, whole: bool) -> Checked:
    settings = Settings(home=tmp_path / f"home-{whole}")
    asked = Check((drop(tmp_path / f"drop-{whole}", whole=whole),), out=tmp_path / f"out-{whole}")
    return check_drops(asked, settings, silent)


def complete(found: Checked) -> float:
    (value,) = [
        row["value"] for row in found.figures["quality"]
        if (row["source"], row["criterion"], row["institution"]) == ("970436", "complete", None)
    ]  # fmt: skip
    return float(value)


@pytest.fixture
def short(tmp_path: Path) -> Checked:
    return checked(tmp_path, whole=False)


def test_all_that_was_left_out_is_listed_the_gravest_first(short: Checked) -> None:
    with Path(short.figures["omitted"]["file"]).open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert sorted(row["account_number"] for row in rows) == sorted(number(n) for n in GONE)
    assert {row["institution"] for row in rows} == {"970436"}
    assert [row["account_number"] for row in rows[:2]] == [number(SPOILT), number(120)]
    assert (rows[0]["in_quarantine"], rows[1]["in_quarantine"]) == ("true", "false")
    (told,) = short.figures["omitted"]["institutions"]
    assert (told["accounts"], told["victims"], told["turned"]) == (50, 2, 1)
    assert short.tables[0]["title"].startswith("Accounts that others name")


def test_the_completeness_of_the_institution_falls(short: Checked, tmp_path: Path) -> None:
    whole = checked(tmp_path, whole=True)
    assert whole.figures["omitted"] == {"institutions": [], "file": None}
    assert complete(short) < complete(whole)
    parts = [row for row in short.figures["parts"] if (row["measure"], row["source"]) == ("account_listed", "970436")]
    assert [(row["numerator"], row["denominator"]) for row in parts] == [(250, 300)]


def test_no_number_stands_in_the_report_itself(short: Checked, tmp_path: Path) -> None:
    page = (tmp_path / "out-False" / "quality.json").read_text() + (tmp_path / "out-False" / "quality.html").read_text()
    assert not any(number(n) in page for n in GONE)


def test_an_institution_with_too_much_in_quarantine_is_named(tmp_path: Path) -> None:
    folder = drop(tmp_path / "drop", whole=True)
    file = folder / "accounts.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    spoilt = [
        line.replace("2025-01-01", "?") if line.startswith("970436") and i % 4 == 0 else line
        for i, line in enumerate(lines)
    ]
    file.write_text("\n".join(spoilt) + "\n", encoding="utf-8")
    found = check_drops(Check((folder,)), Settings(home=tmp_path / "home"), silent)
    (over,) = found.figures["over_quarantine"]
    assert over["institution"] == "970436" and over["share"] > 0.1
    assert any("970436" in line and "in quarantine" in line for line in found.lines)
    calm = check_drops(Check((folder,)), Settings(home=tmp_path / "home", quarantine_most=0.9), silent)
    assert calm.figures["over_quarantine"] == []
