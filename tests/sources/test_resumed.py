"""A reading that was stopped goes on with the file at which it was stopped, and comes to the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fraudnet.contracts.progress import silent
from fraudnet.sources import resume
from fraudnet.sources.ahead import Piece
from fraudnet.sources.convert import Plan
from fraudnet.sources.ingest import Ingest
from fraudnet.sources.location import Input
from fraudnet.sources.read import read_drops

MAPPING = """
version = 1
name = "parts"
[[tables]]
table = "transfers"
file = "t*.csv"
[tables.columns]
transfer_id = "id"
at = "at"
payer = { kind = "account", institution = { constant = "970436" }, number = "from" }
payee = { kind = "account", institution = { constant = "970436" }, number = "to" }
amount = "amount"
[[tables]]
table = "calls"
file = "c*.csv"
[tables.columns]
at = "at"
caller = "a"
callee = "b"
kind = { constant = "voice" }
"""


def parts(folder: Path) -> Path:
    folder.mkdir()
    (folder / "mapping.toml").write_text(MAPPING)
    for n in range(3):
        rows = [f"T{i},2026-01-0{1 + i % 9} 10:00:00,{i % 7}1,{i % 5}2,{i + 1}" for i in range(n * 20, n * 20 + 30)]
        (folder / f"t{n}.csv").write_text("\n".join(["id,at,from,to,amount", *rows, "T9999,never,1,2,3"]) + "\n")
        calls = [f"2026-01-0{1 + i % 9} 10:00:00,0912345{i % 10:03d},0987654321" for i in range(n * 5, n * 5 + 12)]
        (folder / f"c{n}.csv").write_text("\n".join(["at,a,b", *calls, *calls[:2]]) + "\n")
    return folder


def bytes_of(into: Path) -> dict[str, bytes]:
    (place,) = into.iterdir()
    return {p.relative_to(place).as_posix(): p.read_bytes() for p in sorted(place.rglob("*")) if p.is_file()}


@pytest.mark.parametrize("stopped_at", [1, 3, 5])
def test_it_goes_on_at_the_file_and_ends_with_the_same_bytes(
    stopped_at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop = parts(tmp_path / "drop")
    read_drops([drop], None, tmp_path / "whole", silent)
    monkeypatch.setattr(resume, "LARGE", 0)
    keep, seen = Ingest.keep, []

    def stopping(self: Ingest, file: Input, read: Iterator[tuple[Plan, Piece | None]]) -> None:
        seen.append(file.path.name)
        keep(self, file, read)
        if len(seen) == stopped_at + 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(Ingest, "keep", stopping)
    with pytest.raises(KeyboardInterrupt):
        read_drops([drop], None, tmp_path / "parts", silent)
    seen.clear()
    seen.append("begun before")  # so that nothing is stopped again
    seen.extend([""] * 10)
    read_drops([drop], None, tmp_path / "parts", silent)
    again = [name for name in seen[11:] if name]
    assert again == ["t0.csv", "t1.csv", "t2.csv", "c0.csv", "c1.csv", "c2.csv"][stopped_at:]
    assert bytes_of(tmp_path / "parts") == bytes_of(tmp_path / "whole")


def test_one_file_read_twice_as_one_table_ends_with_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop = parts(tmp_path / "drop")
    said = (drop / "mapping.toml").read_text()
    both = said[said.rindex("[[tables]]") :].replace("c*.csv", "c0.csv")
    (drop / "mapping.toml").write_text(said.replace("c*.csv", "c0.csv") + both)
    read_drops([drop], None, tmp_path / "whole", silent)
    monkeypatch.setattr(resume, "LARGE", 0)
    keep, seen = Ingest.keep, []

    def stopping(self: Ingest, file: Input, read: Iterator[tuple[Plan, Piece | None]]) -> None:
        seen.append(file.path.name)
        if len(seen) == 5:
            raise KeyboardInterrupt
        keep(self, file, read)

    monkeypatch.setattr(Ingest, "keep", stopping)
    with pytest.raises(KeyboardInterrupt):
        read_drops([drop], None, tmp_path / "parts", silent)
    read_drops([drop], None, tmp_path / "parts", silent)
    assert seen[4:] == ["c0.csv", "c0.csv"]
    assert bytes_of(tmp_path / "parts") == bytes_of(tmp_path / "whole")


def test_what_was_changed_in_between_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drop = parts(tmp_path / "drop")
    monkeypatch.setattr(resume, "LARGE", 0)
    keep, seen = Ingest.keep, []

    def counted(self: Ingest, file: Input, read: Iterator[tuple[Plan, Piece | None]]) -> None:
        seen.append(file.path.name)
        if len(seen) == 4:
            raise KeyboardInterrupt
        keep(self, file, read)

    monkeypatch.setattr(Ingest, "keep", counted)
    with pytest.raises(KeyboardInterrupt):
        read_drops([drop], None, tmp_path / "parts", silent)
    (place,) = (tmp_path / "parts").iterdir()
    second = sorted((place / "transfers").iterdir())[1]
    second.write_bytes(second.read_bytes()[:-1] + b"x")
    seen[:] = [""] * 4
    read_drops([drop], None, tmp_path / "parts", silent)
    assert seen[4:] == ["t1.csv", "t2.csv", "c0.csv", "c1.csv", "c2.csv"]
    assert not (place / "unfinished").exists()
