"""The queue: what to look at next, how many honest people to expect, filters, next, skip, print and export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from fraudnet.console import words
from fraudnet.console.guard import RefusedError, language_of, session_of
from fraudnet.console.house import House
from fraudnet.console.view import house_of, page
from fraudnet.contracts.grades import GRADES
from fraudnet.contracts.graph import SCORED_KINDS
from fraudnet.identifiers.provinces import NAMES_2025
from fraudnet.lists.cells import clean, guard
from fraudnet.messages import text
from fraudnet.review import holding, standing
from fraudnet.review.openings import Opening, log_opening
from fraudnet.review.queue import honest

router = APIRouter()
ROWS = 25
DUE = {"A": 1, "B": 1, "C": 3, "D": 7, "E": 7}
BLIND_DUE = 7
FILTERS = ("bank", "operator", "province", "kind", "grade", "pattern")
Text = Annotated[str, Form()]


@dataclass(frozen=True)
class Desktop:
    """What stands in the queue for somebody now: the open items, who holds which, what waits for a signature."""

    open: pl.DataFrame
    locks: Mapping[str, holding.Lock]
    waiting: Mapping[str, standing.Waiting]
    done_today: int
    twice: frozenset[str]


def desktop(house: House, name: str) -> Desktop:
    """The queue of somebody: undecided items, and decided ones that come back or wait for a blind second reading."""
    office = house.office()
    node_of = house.board.node_of
    twice = standing.to_read_twice(office.desk, name)
    skipped = holding.skipped(office.desk, name, office.now)
    gone = resting(house, office.now) - {node_of[item] for item in twice if item in node_of}
    gone |= {node_of[item] for item in skipped if item in node_of}
    queue = house.board.queue
    left = queue.filter(~pl.col("node").is_in(sorted(gone))) if gone else queue
    today = words.local(office.now).date()
    done = sum(words.local(found.at).date() == today for found in house.decided().values())
    return Desktop(left, holding.held(office.desk, office.now), standing.waiting(office.desk), done, frozenset(twice))


def resting(house: House, now: datetime) -> set[int]:
    """The decided items that stay out of the queue, worked out again at each new event and each hour."""
    decided = house.decided()
    of = house.kept["decided up to"], now.replace(minute=0, second=0, microsecond=0)
    if house.kept.get("resting of") != of:
        places = [(house.board.node_of[item], found) for item, found in decided.items() if item in house.board.node_of]
        house.kept["resting"] = {
            node for node, found in places if standing.rests(found, house.board.evidence(node), now)
        }
        house.kept["resting of"] = of
    found: set[int] = house.kept["resting"]
    return found


def filtered(house: House, items: pl.DataFrame, chosen: Mapping[str, str]) -> pl.DataFrame:
    """The items that pass every filter; those on grade and pattern let blind items through, or they would tell."""
    keys = {"bank": "institution", "operator": "institution", "province": "province", "kind": "kind"}
    for name, column in keys.items():
        if chosen.get(name):
            items = items.filter(pl.col(column) == chosen[name])
    if chosen.get("grade"):
        items = items.filter((pl.col("grade").cast(pl.String) == chosen["grade"]) | pl.col("blind"))
    if chosen.get("pattern"):
        hit = house.board.tables["hits"].filter(pl.col("typology") == chosen["pattern"])["node"]
        items = items.filter(pl.col("node").is_in(hit.implode()) | pl.col("blind"))
    return items


@router.get("/queue", name="queue")
async def queue(request: Request, start: int = 1, said: str = "") -> Response:
    """The queue."""
    house = house_of(request)
    who = session_of(request).person
    assert who is not None  # noqa: S101
    language = language_of(request, house)
    chosen = {name: request.query_params.get(name, "")[:40] for name in FILTERS}
    desk = desktop(house, who.name)
    found = filtered(house, desk.open, chosen)
    start = min(max(start, 1), max(found.height, 1))
    shown = found.slice(start - 1, ROWS)
    today = desk.open.head(house.board.facts.per_day)
    rows = [row(house, item, desk, (who.name, language)) for item in shown.iter_rows(named=True)]
    return page(
        request, "queue.html", at="queue", rows=rows, start=start, total=found.height, chosen=chosen,
        options=options(house, language), honest=honest(today["probability"]), desk=desk, page_rows=ROWS,
        in_hand=len(desk.locks), per_day=house.board.facts.per_day, given=_given(house, who.name),
        query="&".join(f"{k}={v}" for k, v in chosen.items() if v),
        said=said if said in ("skipped", "accepted", "empty", "handed") else "",
    )  # fmt: skip


def _given(house: House, name: str) -> list[dict[str, Any]]:
    """What others handed over and waits to be accepted."""
    found = []
    for one in holding.given_to(house.desk, name):
        node = house.board.node_of.get(one.item)
        item = house.board.item(node) if node is not None else None
        if item is not None and not one.accepted:
            found.append({"node": node, "called": words.called(house.board, item), "giver": one.giver,
                          "reason": one.reason})  # fmt: skip
    return found


def row(house: House, item: dict[str, Any], desk: Desktop, reader: tuple[str, str]) -> dict[str, Any]:
    """One line of the queue; `reader` is who reads it, in which language."""
    name, language = reader
    board = house.board
    item = {**item, "blind": item["blind"] or item["reference"] in desk.twice}
    stake = words.stake(board, item, language)
    lock = desk.locks.get(item["reference"])
    return {
        "node": item["node"],
        "place": item["place"],
        "kind": "organisation" if item["holder_kind"] == "organisation" and item["kind"] != "sim" else item["kind"],
        "called": words.called(board, item),
        "about": words.about(board, item, language),
        "against": words.short(board, item, words.AGAINST, language),
        "for": words.short(board, item, words.FOR, language),
        "blind": item["blind"],
        "grade": item["grade"],
        "source": item["source"],
        "band": item["band"],
        "figure": stake[0],
        "note": stake[1],
        "case": None if item["blind"] else item["case"],
        "due": words.day(due(item, board.facts.as_of)),
        "lock": lock if lock and lock.user != name else None,
        "until": words.local(lock.since).strftime("%H:%M") if lock else "",
        "waits": item["reference"] in desk.waiting,
    }


def due(item: dict[str, Any], as_of: datetime) -> datetime:
    """By when an item should be decided: by its grade; all blind items have the same time."""
    return as_of + timedelta(days=BLIND_DUE if item["blind"] else DUE.get(item["grade"] or "E", BLIND_DUE))


Options = dict[str, list[tuple[str, str]]]


def options(house: House, language: str) -> Options:
    """What each filter offers: only what is in the queue."""
    if f"options {language}" not in house.kept:
        house.kept[f"options {language}"] = _options(house, language)
    found: Options = house.kept[f"options {language}"]
    return found


def _options(house: House, language: str) -> Options:
    queue = house.board.queue
    there = set(queue["institution"].drop_nulls().unique())
    known = house.board.facts.institutions
    by_name = sorted((name, key, kind) for key, (kind, name) in known.items() if key in there)
    provinces = sorted(queue["province"].drop_nulls().unique())
    hits = house.board.tables["hits"].filter(pl.col("node").is_in(queue["node"].implode()))
    patterns = sorted((words.pattern(name, language), name) for name in hits["typology"].unique())
    return {
        "bank": [(key, name) for name, key, kind in by_name if kind != "operator"],
        "operator": [(key, name) for name, key, kind in by_name if kind == "operator"],
        "province": [(code, NAMES_2025.get(code, code)) for code in provinces],
        "kind": [(kind, text(f"console.kind.{kind}", language)) for kind in SCORED_KINDS],
        "grade": [(grade, text("console.grade", language, grade=grade)) for grade in reversed(GRADES)],
        "pattern": [(name, title) for title, name in patterns],
    }


@router.post("/next", name="next_item")
async def next_item(request: Request) -> Response:
    """Take the next item that nobody holds."""
    house = house_of(request)
    who = session_of(request).person
    assert who is not None  # noqa: S101
    desk = desktop(house, who.name)
    form = await request.form()
    chosen = {name: str(form.get(name, ""))[:40] for name in FILTERS}
    for item in filtered(house, desk.open, chosen).iter_rows(named=True):
        first = desk.waiting.get(item["reference"])
        if item["reference"] in desk.locks and desk.locks[item["reference"]].user != who.name:
            continue
        if first is not None and who.name in (first.actor, first.other):
            continue
        if holding.take(house.desk, item["reference"], who.name, house.clock()).user == who.name:
            return RedirectResponse(f"/items/{item['node']}", 303)
    return RedirectResponse("/queue?said=empty", 303)


@router.post("/queue/export", name="queue_export")
def queue_export(request: Request, way: Text = "export") -> Response:
    """The masked queue as CSV, or as a page to print; both are logged."""
    house = house_of(request)
    who = session_of(request).person
    assert who is not None  # noqa: S101
    if way not in ("export", "print"):
        raise RefusedError(422, "not_understood")
    language = language_of(request, house)
    desk = desktop(house, who.name)
    today = desk.open.head(house.board.facts.per_day)
    told = [row(house, item, desk, (who.name, language)) for item in today.iter_rows(named=True)]
    opening = Opening(way, list(today["reference"]), "queue", assigned=True)
    log_opening(house.store, opening, who.name, house.clock())
    if way == "print":
        return page(request, "print.html", rows=told, at="queue")
    heads = ("place", "called", "about", "against", "for", "grade", "figure", "note", "case", "due")
    hidden = [{**line, "grade": None if line["blind"] else line["grade"]} for line in told]
    table = pl.DataFrame([[str(line[name] or "") for name in heads] for line in hidden], schema=heads, orient="row")
    safe = table.select(guard(clean(name)).alias(name) for name in heads).write_csv()
    return Response(safe.encode("utf-8-sig"), media_type="text/csv; charset=utf-8",
                    headers={"content-disposition": 'attachment; filename="queue.csv"'})  # fmt: skip
