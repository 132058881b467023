"""For an institution: its own entries, and its answers; `this is wrong` comes first."""

from __future__ import annotations

from typing import Annotated

import polars as pl
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from fraudnet.console import words
from fraudnet.console.guard import RefusedError, language_of, session_of
from fraudnet.console.house import House
from fraudnet.console.view import house_of, page
from fraudnet.review import standing
from fraudnet.review.people import Person
from fraudnet.store.dispositions import Decision, record_decision

router = APIRouter()
Text = Annotated[str, Form()]
# What an institution may answer: outcome and basis.
ANSWERS = {
    "wrong": ("cleared", "own_documents"),
    "confirmed": ("confirmed", "own_documents"),
    "asking": ("unsure", "customer_statement"),
}
ROLES = {"wrong": "good_faith", "confirmed": "knowing_mule", "asking": None}
MOST = 400


def own_entries(house: House, who: Person) -> pl.DataFrame:
    """The flagged items that the institution itself lists."""
    items = house.board.items.filter("flagged", pl.col("institution") == who.institution)
    return items.filter(pl.col("kind") != "identity").sort("grade", "entity_id", descending=[True, False])


@router.get("/entries", name="entries")
async def entries(request: Request, said: str = "") -> Response:
    """An institution's own entries."""
    house = house_of(request)
    who = session_of(request).person
    assert who is not None  # noqa: S101
    house.office()
    language = language_of(request, house)
    rows = []
    for item in own_entries(house, who).head(MOST).iter_rows(named=True):
        done = standing.standing(house.desk, item["reference"])
        rows.append({
            "node": item["node"], "number": item["number"], "grade": item["grade"], "action": item["action"],
            "why": words.short(house.board, {**item, "blind": False}, words.AGAINST, language),
            "expires": item["expires_on"], "answered": done.outcome if done and done.actor == who.name else "",
        })  # fmt: skip
    return page(
        request,
        "entries.html",
        at="entries",
        rows=rows,
        answers=tuple(ANSWERS),
        said="answered" if said == "answered" else "",
        institution=words.institution(house.board, who.institution),
    )


@router.post("/entries/{node}", name="answer")
async def answer(request: Request, node: int, said: Text, note: Text = "") -> Response:
    """Answer one's own entry; another institution's does not exist here."""
    house = house_of(request)
    who = session_of(request).person
    assert who is not None  # noqa: S101
    mine = own_entries(house, who).filter(pl.col("node") == node)
    if not mine.height:
        raise RefusedError(404, "not_found")
    if said not in ANSWERS:
        raise RefusedError(422, "not_understood")
    item = mine.row(0, named=True)
    office = house.office()
    outcome, basis = ANSWERS[said]
    kind = house.board.facts.institutions.get(who.institution, ("bank", ""))[0]
    references = {"run": house.board.facts.run, "institution": who.institution, "by": "institution"}
    role = ROLES[said] if item["kind"] == "account" or said != "confirmed" else "agent_registered"
    told = Decision(
        item["reference"], outcome, "operator" if kind == "operator" else "bank", basis, office.now, role=role,
        selected_by="bank", references=references,
    )  # fmt: skip
    texts = {"note": note.strip()[:500]} if note.strip() else {}
    key = f"decision:{item['reference']}:{standing.rounds(house.desk, item['reference']) + 1}"
    receipt = record_decision(office.store, told, who.name, key, texts, office.now)
    if receipt.repeated:
        raise RefusedError(409, "conflict")
    return RedirectResponse("/entries?said=answered", 303)
