"""The campaign: its report where one was written, and the unit's own progress until then."""

from __future__ import annotations

from collections import Counter
from typing import Any

import polars as pl
from fastapi import APIRouter, Request
from fastapi.responses import Response

from fraudnet.console import words
from fraudnet.console.guard import RefusedError
from fraudnet.console.house import House
from fraudnet.console.view import house_of, page
from fraudnet.identifiers.provinces import NAMES_2025
from fraudnet.review import standing

router = APIRouter()
KINDS = {".html": "text/html", ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@router.get("/campaign", name="campaign")
async def campaign(request: Request) -> Response:
    """How far the unit is: by outcome, by institution, by province."""
    house = house_of(request)
    house.office()
    decided = house.decided()
    queue = house.board.queue
    done = queue.filter(pl.col("reference").is_in(list(decided)))
    outcomes = Counter(decided[name].outcome for name in done["reference"])
    return page(
        request, "campaign.html", at="campaign", total=queue.height, done=done.height, outcomes=outcomes,
        waiting=len(standing.waiting(house.desk)), banks=_progress(house, done, "institution"),
        provinces=_progress(house, done, "province"), reports=[path.name for path in house.reports],
        report=house.figures or None, minute_of=words.day,
    )  # fmt: skip


def _progress(house: House, done: pl.DataFrame, by: str) -> list[dict[str, Any]]:
    """Per institution or province: items, decided ones, share; in the order of names."""
    whole = house.board.queue.filter(pl.col(by).is_not_null()).group_by(by).len("n")
    part = done.group_by(by).len("done")
    rows = whole.join(part, on=by, how="left").with_columns(pl.col("done").fill_null(0)).sort(by).to_dicts()
    named = [
        {"name": words.institution(house.board, row[by]) if by == "institution" else NAMES_2025.get(row[by], row[by]),
         "n": row["n"], "done": row["done"], "share": row["done"] / row["n"]}
        for row in rows
    ]  # fmt: skip
    return sorted(named, key=lambda row: (-row["share"], row["name"]))


@router.get("/campaign/{name}", name="report_file")
async def report_file(request: Request, name: str) -> Response:
    """A file of the campaign report."""
    house = house_of(request)
    found = next((path for path in house.reports if path.name == name), None)
    if found is None or found.suffix not in KINDS:
        raise RefusedError(404, "not_found")
    headers = {"content-disposition": f'attachment; filename="{found.name}"'}
    return Response(found.read_bytes(), media_type=KINDS[found.suffix], headers=headers)
