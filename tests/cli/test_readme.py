"""What README and docs tell a reader to type exists, their links lead somewhere, and their Python runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main

from fraudnet.cli.app import app

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "data" / "synthetic" / "DATASHEET.md"])


def commands() -> dict[str, set[str]]:
    """Every command and the options it knows."""
    group = typer.main.get_command(app)
    common = {option for parameter in group.params for option in parameter.opts}
    found = {}
    for name, command in group.commands.items():
        parts = {name: command} | {f"{name} {part}": each for part, each in getattr(command, "commands", {}).items()}
        for part, each in parts.items():
            found[part] = common | {option for parameter in each.params for option in parameter.opts}
    return found


def spoken(page: Path) -> list[str]:
    """The command lines of the page's code blocks and inline code."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"```[a-z]*\n(.*?)```", text, re.S)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.S))
    lines = [line.strip().removeprefix("$ ") for block in blocks for line in block.splitlines()] + inline
    return [line.split("#")[0].strip() for line in lines]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_option_exists(page: Path) -> None:
    known = commands()
    for line in spoken(page):
        words = line.split()
        if len(words) > 1 and words[0] == "fraudnet" and words[1].isalpha():
            assert words[1] in known, line
            command = next(name for name in (" ".join(words[1:3]), words[1]) if name in known)
            options = {word.split("=")[0] for word in words[2:] if word.startswith("--")}
            assert options <= known[command], line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    for line in spoken(page):
        if line.startswith("make "):
            assert {word for word in line.split()[1:] if word.isalpha() and word.islower()} <= targets, line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target


def test_the_python_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("FRAUDNET_HOME", str(tmp_path))
    (snippet,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
    found: dict[str, object] = {}
    exec(snippet, found)
    assert found["table"].height > 500


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_has_a_gap_left_to_fill(page: Path) -> None:
    assert not re.search(r"^[A-Z]+_[A-Z]+$", page.read_text(encoding="utf-8"), re.M)
