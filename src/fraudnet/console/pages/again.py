"""After a login: what was typed before, in a session that had ended, and the way to go on with it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from fraudnet.console import words
from fraudnet.console.guard import session_of
from fraudnet.console.house import House
from fraudnet.console.view import house_of, page
from fraudnet.review.kept_forms import drop_forms, kept_forms
from fraudnet.review.people import Person

router = APIRouter()
# Fields in which somebody writes; the others of a form go along unseen.
WRITTEN = {"reason": "hand.reason", "what": "search.what", "words_of": "item.purpose.free", "note": "decide.note"}
OPENED = ("/decision", "/cases/")  # forms that are opened with what was typed in them, not sent again


@router.get("/again", name="again")
async def again(request: Request) -> Response:
    """What was sent too late; nothing of it was recorded."""
    house, who = house_of(request), session_of(request).person
    assert who is not None  # noqa: S101
    found = [
        {"path": path, "fields": fields, "opens": path.endswith(OPENED[0]) or path.startswith(OPENED[1]),
         "about": _about(house, path, who)}
        for path, fields in kept_forms(house.desk, who.name, house.clock()).items()
    ]  # fmt: skip
    return page(request, "again.html", rows=found, written=WRITTEN)


def _about(house: House, path: str, who: Person) -> str:
    """What a form is about: the item or case, masked; nothing for a search, or of another institution's."""
    part, _, rest = path.strip("/").partition("/")
    key = rest.partition("/")[0]
    item = house.board.item(int(key)) if part in ("items", "entries") and key.isdecimal() else None
    if item and who.institution and item["institution"] != who.institution:
        return ""
    return words.called(house.board, item) if item else key


@router.post("/again", name="forget_kept")
async def forget_kept(request: Request) -> Response:
    """Forget it."""
    house, who = house_of(request), session_of(request).person
    assert who is not None  # noqa: S101
    drop_forms(house.desk, who.name)
    return RedirectResponse("/", 303)
