"""Search by account, number, document or name; every search is logged, what it finds stays masked."""

from __future__ import annotations

from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from fraudnet.console import words
from fraudnet.console.guard import language_of, session_of
from fraudnet.console.house import House
from fraudnet.console.view import house_of, page
from fraudnet.identifiers.names import fold
from fraudnet.review.board import Board
from fraudnet.review.openings import Opening, log_opening

router = APIRouter()
Text = Annotated[str, Form()]
MOST, SHORTEST = 40, 3
WAYS = ("number", "document", "name")


@router.get("/search", name="search")
async def search(request: Request) -> Response:
    """The form to search."""
    return page(request, "search.html", at="search", rows=None, way="number", short=False, ways=WAYS, most=MOST)


@router.post("/search", name="find")
async def find(request: Request, what: Text = "", way: Text = "number") -> Response:
    """What was found, masked. The words that were searched are kept sealed, never in an address or a log."""
    house = house_of(request)
    who = session_of(request).person
    assert who is not None  # noqa: S101
    way = way if way in WAYS else "number"
    asked = what.strip()
    if len(asked) < SHORTEST:
        return page(request, "search.html", 422, at="search", rows=None, way=way, short=True, ways=WAYS, most=MOST)
    found = found_by(house.board, way, asked).head(MOST)
    opening = Opening("search", list(found["reference"]), f"search:{way}", assigned=False, free_text=asked)
    log_opening(house.store, opening, who.name, house.clock())
    language = language_of(request, house)
    rows = [line(house, item, language) for item in found.iter_rows(named=True)]
    return page(request, "search.html", at="search", rows=rows, way=way, short=False, ways=WAYS, most=MOST)


def line(house: House, item: dict[str, Any], language: str) -> dict[str, Any]:
    """One thing that was found."""
    return {
        "node": item["node"], "kind": item["kind"], "called": words.called(house.board, item),
        "about": words.about(house.board, item, language), "queued": item["place"] is not None,
        "case": None if item["blind"] else item["case"],
    }  # fmt: skip


def found_by(board: Board, way: str, asked: str) -> pl.DataFrame:
    """The items that a search means: numbers by their digits (84 or 0 in front alike), names without marks."""
    items = board.items
    if way == "number":
        digits = "".join(sign for sign in asked if sign.isdigit())
        digits = "84" + digits[1:] if digits.startswith("0") and len(digits) == 10 else digits
        wanted = (pl.col("number") == digits) | (pl.col("number") == asked.strip())
        tail = pl.col("number").str.ends_with(digits) if len(digits) >= 4 else pl.lit(False)
        found = items.filter(wanted)
        return found if found.height else items.filter(tail)
    if way == "document":
        digits = "".join(sign for sign in asked if sign.isalnum())
        holders = board.tables["records"].filter(pl.col("id_number") == digits)["holder"]
        return items.filter(pl.col("holder").is_in(holders.implode()))
    folded = pl.select(fold(pl.lit(asked))).item()
    if not folded:  # marks alone: an empty name would be part of every name
        return items.clear()
    return items.filter(board.names.str.contains(folded, literal=True).fill_null(False))
