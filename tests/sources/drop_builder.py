"""Small drops on disk for the tests of this folder."""

from __future__ import annotations

from pathlib import Path

from fraudnet.contracts.progress import silent
from fraudnet.sources.drop import Delivery
from fraudnet.sources.read import read_drops

TRANSFERS = """
version = 1
name = "toy"
[[tables]]
table = "transfers"
file = "FILE"
source = "vcb"
[tables.columns]
transfer_id = "id"
at = "time"
payer = { kind = "account", institution = { constant = "970436" }, number = "from" }
payee = { kind = "account", institution = { constant = "970436" }, number = "to" }
amount = "amount"
"""
ROWS = "id,time,from,to,amount\nT1,2025-01-01 00:00:00,001,002,1000\nT2,2025-01-02T08:30:00Z,002,003,2500\n"


def write_drop(folder: Path, mapping: str, **files: str | bytes) -> Path:
    """A drop folder with a mapping and files; `__` in a name stands for the dot."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / name.replace("__", ".")).write_bytes(data)
    return folder


def read(tmp_path: Path, mapping: str, **files: str | bytes) -> Delivery:
    """Write a drop and read it."""
    drop = write_drop(tmp_path / "drop", mapping, **files)
    return read_drops([drop], None, tmp_path / "cache", silent)


def transfers(file: str = "t.csv", extra: str = "") -> str:
    """The mapping of one transfer file, with lines added before its columns."""
    mapping = TRANSFERS.replace("FILE", file)
    return mapping.replace("[tables.columns]", f"{extra}\n[tables.columns]")
