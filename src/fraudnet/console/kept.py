"""What was typed into a form that was sent after its session had ended: kept for its owner until the next login."""

from __future__ import annotations

from fastapi import Request
from starlette.datastructures import FormData

from fraudnet.console.access import may
from fraudnet.console.guard import cookie_name
from fraudnet.console.pages.deciding import written_in
from fraudnet.console.sessions import whose
from fraudnet.console.view import house_of
from fraudnet.review import holding, people
from fraudnet.review.kept_forms import keep_form

# Forms in which somebody writes; passwords and accounts are never kept.
KEPT = ("sign", "keep_draft", "decide_case", "hand_over", "open_item", "find", "answer")
DRAFTED = ("sign", "keep_draft")
LONGEST = 40_000  # signs of one form


def keep_sent(request: Request, form: FormData) -> bool:
    """Keep a form for whoever sent it, if it can be told; forms of a decision become their draft. Nothing is signed."""
    house, route = house_of(request), str(getattr(request.scope.get("route"), "name", ""))
    name = whose(house.desk, request.cookies.get(cookie_name(house), ""), str(form.get("token", "")), house.clock())
    who = people.person(house.desk, name) if name else None
    if name is None or who is None or route not in KEPT or not may(who.role, route):
        return False
    path, body = request.url.path, sent(form)
    if route in DRAFTED:
        node = str(request.path_params.get("node", ""))
        item = house.board.item(int(node)) if node.isdecimal() else None
        if item is None:
            return False
        holding.keep_draft(house.desk, item["reference"], name, written_in(form), house.clock())
        path, body = f"/items/{node}/decision", {}
    if sum(len(value) for values in body.values() for value in values) > LONGEST:
        return False
    keep_form(house.desk, name, path, body, house.clock())
    return True


def sent(form: FormData) -> dict[str, list[str]]:
    """The fields of a form by name, without its token."""
    names = sorted(name for name in form if name != "token")
    return {name: [str(value) for value in form.getlist(name)] for name in names}
