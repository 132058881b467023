"""The beginning of each file of a drop, as a drop of its own: enough to try a mapping or to foresee the whole."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from fraudnet.files import write_bytes, write_with
from fraudnet.sources import location
from fraudnet.sources.mapping import Table
from fraudnet.sources.mapping_file import NAME, load_mapping

CHUNK = 1 << 20


@dataclass(frozen=True)
class Sample:
    """A drop folder with the first rows, and of each file its bytes, and the share of them that was taken."""

    folder: Path
    parts: tuple[tuple[str, int, float], ...]

    @property
    def whole(self) -> bool:
        """Whether nothing was left out."""
        return all(share >= 1 for _, _, share in self.parts)


def sample(folder: Path, mapping: Path | None, rows: int, into: Path) -> Sample:
    """Copy the first `rows` rows of every file that the mapping names below `into`, replacing what was there.

    Text is cut behind a line, Parquet behind a row; workbooks are copied whole. Raises what finding the files raises.
    """
    real = location.check_folder(folder)
    path = mapping if mapping is not None else real / NAME
    said = load_mapping(path)
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    parts = {}
    for table in said.sections():
        for file in location.find(real, table, folder.name):
            name = file.relative_to(real).as_posix()
            if name not in parts:
                share = _taken(file, into / name, table, rows)
                parts[name] = (name, file.stat().st_size, share)
    write_bytes(into / NAME, path.read_bytes())
    return Sample(into, tuple(parts[name] for name in sorted(parts)))


def _taken(file: Path, target: Path, table: Table, rows: int) -> float:
    """Write the beginning of a file; returns the share of its bytes or rows that this is."""
    target.parent.mkdir(parents=True, exist_ok=True)
    form = location.format_of(table, file, file.name)
    if form == "parquet":
        return _of_parquet(file, target, rows)
    if form == "xlsx":
        shutil.copyfile(file, target)
        return 1.0
    content = b"".join(_first_lines(file, rows + table.header, b"\n\0" if "16" in table.encoding else b"\n"))
    write_bytes(target, content)
    return len(content) / max(file.stat().st_size, 1)


def _of_parquet(file: Path, target: Path, rows: int) -> float:
    scan = pl.scan_parquet(file, glob=False)
    part = scan.head(rows).collect()
    write_with(target, part.write_parquet)
    return part.height / max(int(scan.select(pl.len()).collect().item()), 1)


def _first_lines(file: Path, lines: int, end: bytes) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while lines > 0 and (block := stream.read(CHUNK)):
            found = block.count(end)
            if found >= lines:
                place = -1
                for _ in range(lines):
                    place = block.index(end, place + 1)
                yield block[: place + len(end)]
                return
            lines -= found
            yield block
