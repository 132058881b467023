"""The walk of docs/first-day.md, command by command, from eight ugly files to a ranked list."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from small_world import inside

ROOT = Path(__file__).parents[2]
LEFT_OUT = "…"  # a line of a block that stands for lines that are not shown
# What differs from version to version: the digest of a run, and where the cache lies.
CHANGING = ((r"(\d{4}-\d\d-\d\d)-[0-9a-f]{10}", r"\1-run"), (r"(cache/drops)/[^/]+/[^/]+", r"\1/…/…"))


def steps() -> list[tuple[str, list[str]]]:
    """Every command of the page with the lines that it prints there."""
    page = (ROOT / "docs" / "first-day.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```text\n\$ (fraudnet [^\n]+)\n(.*?)\n```", page, re.S)
    return [(command, [plain(line) for line in told.splitlines()]) for command, told in blocks]


def plain(line: str) -> str:
    for pattern, instead in CHANGING:
        line = re.sub(pattern, instead, line)
    return line.rstrip()


def test_every_command_of_the_page_prints_what_the_page_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "data" / "synthetic" / "first-day", tmp_path / "ho-so")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FRAUDNET_HOME", raising=False)
    walk = steps()
    assert [command.split()[1] for command, _ in walk] == ["map", "check", "score", "explain", "lists"]
    for command, shown in walk:
        done = inside(shlex.split(command)[1:])
        assert done.code == 0, (command, done.err)
        told = iter([plain(line) for line in done.out.splitlines()])
        missing = [line for line in shown if line not in ("", LEFT_OUT) and line not in told]
        assert missing == [], command
    entries = list((tmp_path / "runs" / "lists").glob("*/970436/*.xlsx"))
    assert entries, "the bank's own list is written"


def test_eight_files_and_no_mapping_are_what_the_page_begins_with() -> None:
    files = [p for p in (ROOT / "data" / "synthetic" / "first-day").iterdir() if p.name != "README.md"]
    assert len(files) == 8 and not any(p.name == "mapping.toml" for p in files)
    assert sum(p.stat().st_size for p in files) < 400_000


def test_score_names_the_line_behind_which_a_statement_breaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (ROOT / "data" / "synthetic" / "first-day" / "so phu Agribank.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "ho-so").mkdir()
    (tmp_path / "ho-so" / "so phu Agribank.csv").write_text("\n".join([*lines[:3], *lines[4:]]), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FRAUDNET_HOME", raising=False)
    assert inside(["map", "ho-so"]).code == 0
    done = inside(["score", "ho-so"])
    assert done.code == 0, done.err
    broken = [line for line in done.out.splitlines() if "the balance does not follow" in line]
    # The newest line comes first: what does not follow stands above the line that was taken out.
    assert len(broken) == 1 and broken[0].startswith("so phu Agribank.csv, row 2: ")
    said = inside(["score", "ho-so", "--lang", "vi"])
    assert "số dư không nối tiếp dòng trước" in said.out and "Chấm điểm tính đến" in said.out
