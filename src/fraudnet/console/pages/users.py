"""For the admin: accounts, roles, one-time passwords. An admin sees no personal data of the review."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from fraudnet.console.guard import session_of
from fraudnet.console.passwords import hashed, one_time
from fraudnet.console.view import house_of, page
from fraudnet.errors import InputError
from fraudnet.review import people
from fraudnet.store.event import Entry

router = APIRouter()
Text = Annotated[str, Form()]
CHANGES = ("reset", "shut", "open", "role")


@router.get("/users", name="users")
async def users(request: Request) -> Response:
    """Every account."""
    return _page(request)


def _page(request: Request, status: int = 200, **told: str) -> Response:
    house = house_of(request)
    shown = {"made": "", "password": "", "wrong": "", **told}
    institutions = sorted((name, key) for key, (_, name) in house.board.facts.institutions.items())
    return page(request, "users.html", status, at="users", people=people.people(house.desk), roles=people.ROLES,
                institutions=institutions, **shown)  # fmt: skip


@router.post("/users", name="add_user")
async def add_user(
    request: Request, name: Text, shown: Text, role: Text, unit: Text = "", institution: Text = ""
) -> Response:
    """Make an account; its one-time password is shown once."""
    house = house_of(request)
    password = one_time()
    made_by = _me(request)
    wanted = people.Wanted(
        name.strip().lower()[:40], shown.strip()[:80], role, unit.strip()[:80],
        institution if role == "institution" else "", house.language,
    )  # fmt: skip
    try:
        people.add(house.desk, wanted, hashed(password), made_by, house.clock())
    except InputError:
        return _page(request, 422, wrong="name")
    _keep(request, "account_made", wanted.name, role)
    return _page(request, made=wanted.name, password=password)


@router.post("/users/{name}", name="change_user")
async def change_user(request: Request, name: str, change: Text, role: Text = "") -> Response:
    """Reset a password, shut or open an account, or give it another role."""
    house = house_of(request)
    who = people.person(house.desk, name)
    if who is None or change not in CHANGES or name == _me(request):
        return _page(request, 422, wrong="change")
    password = ""
    if change == "reset":
        password = one_time()
        people.set_password(house.desk, name, hashed(password), _me(request), house.clock())
    elif change == "role":
        try:
            people.set_role(house.desk, name, role, _me(request), house.clock())
        except InputError:
            return _page(request, 422, wrong="change")
    else:
        people.set_active(house.desk, name, change == "open")
    _keep(request, f"account_{change}", name, role)
    return _page(request, made=name if password else "", password=password)


def _me(request: Request) -> str:
    who = session_of(request).person
    return who.name if who else ""


def _keep(request: Request, kind: str, name: str, role: str) -> None:
    """Write down who changed which account."""
    house = house_of(request)
    key = f"{kind}:{name}:{house.store.head().number + 1}"
    house.store.append(Entry(kind, _me(request), {"account": name, "role": role}, key), house.clock())
