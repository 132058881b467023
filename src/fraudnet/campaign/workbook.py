"""The tables of the report as a workbook with the same figures."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

Row = dict[str, Any]
SHEETS = ("units", "ministries", "provinces", "banks", "operators", "months", "waiting", "harm", "quality", "lines",
          "line_places", "since")  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def workbook(found: Row) -> bytes:
    """One sheet per table as XLSX; equal figures give equal bytes, no cell is a formula."""
    from xlsxwriter import Workbook

    out = BytesIO()
    book = Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None), "title": "fraudnet"})
    _put(
        book, "whole", [{**found["whole"], **found["saved"], **{f"missed_{k}": v for k, v in found["misses"].items()}}]
    )
    for name in SHEETS:
        _put(book, name, found[name])
    book.close()
    return out.getvalue()


def _put(book: Any, name: str, rows: list[Row]) -> None:
    sheet = book.add_worksheet(name)
    heads = [name for name, value in rows[0].items() if not isinstance(value, list)] if rows else []  # no curves
    bold = book.add_format({"bold": True})
    for place, head in enumerate(heads):
        sheet.write_string(0, place, head, bold)
    for number, row in enumerate(rows, 1):
        for place, head in enumerate(heads):
            value = row.get(head)
            if isinstance(value, bool) or not isinstance(value, int | float):
                said = "" if value is None else str(value)
                sheet.write_string(number, place, f"'{said}" if said.startswith(FORMULA) else said)
            else:
                sheet.write_number(number, place, value)
    sheet.freeze_panes(1, 1)
