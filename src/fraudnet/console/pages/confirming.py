"""Accounts that somebody else than their maker must confirm before their signature counts for money."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from fraudnet.console.guard import RefusedError, session_of
from fraudnet.console.house import House
from fraudnet.console.view import house_of
from fraudnet.review import people
from fraudnet.review.four_eyes import not_confirmable
from fraudnet.store.event import Entry

router = APIRouter()
CONFIRMED = "account_confirmed"


def to_confirm(house: House, who: people.Person) -> list[people.Person]:
    """The accounts that somebody may confirm now, in the order of names."""
    return [one for one in people.people(house.desk) if not_confirmable(one, who) is None]


@router.post("/accounts/{name}", name="confirm_user")
async def confirm_user(request: Request, name: str) -> Response:
    """Say that one knows who holds an account and that it is another person than its maker."""
    house = house_of(request)
    who = session_of(request).person
    assert who is not None  # noqa: S101
    found = people.person(house.desk, name)
    if found is None:
        raise RefusedError(404, "not_found")
    why = not_confirmable(found, who)
    if why:
        raise RefusedError(403, f"confirm_{why}")
    people.confirm(house.desk, name, who.name, house.clock())
    key = f"{CONFIRMED}:{name}:{house.store.head().number + 1}"
    house.store.append(Entry(CONFIRMED, who.name, {"account": name, "made_by": found.created_by}, key), house.clock())
    return RedirectResponse("/team" if who.role == "lead" else "/audit", 303)
