"""The example in `docs/lists.md` is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fraudnet.lists.check import check_file

TEXT = (Path(__file__).parents[2] / "docs" / "lists.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.M | re.S)


def test_the_example_gives_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (example,) = blocks("python")
    exec(compile(example, "docs/lists.md", "exec"), {})
    problems, table = blocks("text")
    (simo,) = blocks("json")
    package = tmp_path / "lists" / "bank_north"
    assert (package / "working.csv").read_text("utf-8-sig") == table
    assert (package / "simo_002-0001.json").read_text("utf-8") == simo
    assert "".join(f"{problem}\n" for problem in check_file(package / "simo_002-0001.json")) == problems
    assert check_file(package / "simo_002-0001.json", "draft") == ()


def test_every_file_of_a_package_is_described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    scope: dict[str, object] = {}
    exec(compile(blocks("python")[0], "docs/lists.md", "exec"), scope)
    for path in (tmp_path / "lists" / "bank_north").iterdir():
        assert f"`{path.name}`" in TEXT
