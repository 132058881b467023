"""What a workbook stores of a sheet beside its texts: whether it is hidden, and numbers that have lost digits."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import Element

from fraudnet.errors import InputError

MOST_ROWS = 1_048_576  # what a sheet holds; exactly so many rows are an export that was cut off
CHUNK = 1 << 22
OVERLAP = 4_096
MOST_LOOKED_AT = 64 << 20  # bytes of a sheet that is searched for hidden rows
HIDDEN_ROW = re.compile(rb'<row [^>]*hidden="(?:1|true)"')
# A cell without a type is a number; Excel keeps 15 digits of one, whatever was typed or exported.
LONG_NUMBER = re.compile(rb'<c r="[A-Z]{1,3}([0-9]+)"(?: s="[0-9]+")?(?: t="n")?\s*><v>(-?[0-9][0-9.E+]{4,})</v>')
FEWEST = 1e15  # sixteen digits
WHOLE = re.compile(rb"-?[0-9]+|-?[0-9.]+E\+[0-9]+")
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def visible_sheets(path: Path, where: str) -> list[str]:
    """Names of the sheets that a user sees, in order. Raises InputError when the workbook cannot be understood."""
    return [sheet.attrib["name"] for sheet in _sheets(path, where) if sheet.get("state", "visible") == "visible"]


def concealed(path: Path, where: str) -> list[str]:
    """What a workbook hides from whoever looks at it, sheet by sheet: sheets, rows, rows behind a filter."""
    found = []
    with zipfile.ZipFile(path) as archive:
        for sheet in _sheets(path, where):
            name = sheet.attrib["name"]
            if sheet.get("state", "visible") != "visible":
                found.append(f"sheet {name!r} is hidden and was not read")
                continue
            member = _member(archive, path, name, where)
            content = archive.read(member) if member and archive.getinfo(member).file_size <= MOST_LOOKED_AT else b""
            rows = len(HIDDEN_ROW.findall(content))
            if rows:
                why = " by a filter" if b"<autoFilter" in content else ""
                found.append(f"sheet {name!r}: {rows:,} rows are hidden{why}; they are read like the others")
    return found


def rounded(path: Path, name: str, where: str) -> list[tuple[int, float]]:
    """Rows, from 0, and the whole numbers of more digits than a spreadsheet keeps that their cells hold."""
    with zipfile.ZipFile(path) as archive:
        member = _member(archive, path, name, where)
        if member is None:
            return []
        with archive.open(member) as stream:
            found = {cell for chunk in _chunks(stream) for cell in _long(chunk)}
    return sorted(found)


def _long(chunk: bytes) -> Iterator[tuple[int, float]]:
    for match in LONG_NUMBER.finditer(chunk):
        value = float(match[2]) if WHOLE.fullmatch(match[2]) else 0.0
        if abs(value) >= FEWEST:
            yield int(match[1]) - 1, value


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """The bytes of a sheet in pieces that overlap, so that no cell is cut."""
    rest = b""
    while block := stream.read(CHUNK):
        yield rest + block
        rest = (rest + block)[-OVERLAP:]


def _sheets(path: Path, where: str) -> list[Element]:
    with zipfile.ZipFile(path) as archive:
        return list(_parsed(archive, "xl/workbook.xml", where).iter(f"{MAIN}sheet"))


def _member(archive: zipfile.ZipFile, path: Path, name: str, where: str) -> str | None:
    sheet = next((each for each in _sheets(path, where) if each.attrib["name"] == name), None)
    if sheet is None:
        return None
    links = _parsed(archive, "xl/_rels/workbook.xml.rels", where)
    target = next((link.attrib["Target"] for link in links if link.attrib["Id"] == sheet.attrib.get(RELATED)), None)
    if target is None:
        return None
    member = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return member if member in archive.namelist() else None


def _parsed(archive: zipfile.ZipFile, member: str, where: str) -> Element:
    from xml.etree.ElementTree import ParseError, fromstring

    try:
        return fromstring(archive.read(member))  # noqa: S314  # expat limits the growth of entities by itself
    except (KeyError, ParseError):
        raise InputError(
            "{where}: {member} inside the workbook cannot be read; save it again as .xlsx", where=where, member=member
        ) from None
