"""Every route, every role: what is not declared is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI
from visitors import PEOPLE, Unit

from fraudnet.console import app as application
from fraudnet.console.access import ACCESS, ANYONE, may
from fraudnet.console.app import make_app
from fraudnet.console.pages import PAGES
from fraudnet.errors import ConfigurationError
from fraudnet.review.people import set_password

ROUTES = [(route.name, route.path, next(iter(route.methods))) for router in PAGES for route in router.routes]
ROLES = [(role, name) for name, _, role in PEOPLE if name != "an"]


def test_the_matrix_names_exactly_the_routes_there_are() -> None:
    assert {name for name, _, _ in ROUTES} == set(ACCESS)


def test_every_route_against_every_role(unit: Unit) -> None:
    node = unit.items(kind="account")[0]["node"]
    visitors = {role: unit.visitor(name) for role, name in ROLES}
    visitors[ANYONE] = unit.visitor()
    for name, path, method in ROUTES:
        if name == "log_out":
            continue
        where = path.replace("{node}", str(node)).replace("{case}", "V-QAKTRE").replace("{name}", "nobody")
        for role, browser in visitors.items():
            answer = browser.get(where) if method == "GET" else browser.post(where)
            to_login = answer.status == 303 and answer.header("location").startswith("/login")
            refused = answer.status == 403 and "data-said" in answer.text
            if may(role, name):
                assert not to_login or name == "start", (name, role, answer.status)
                assert not (refused and "vai trò khác" in answer.text), (name, role)
            elif role == ANYONE:
                assert to_login, (name, role, answer.status)
            else:
                assert refused, (name, role, answer.status)


def test_an_undeclared_route_stops_the_console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    extra = APIRouter()
    extra.add_api_route("/new", lambda: {}, name="new")
    monkeypatch.setattr(application, "PAGES", (*PAGES, extra))
    with pytest.raises(ConfigurationError, match="new"):
        Unit(tmp_path)


def test_a_route_added_behind_the_matrix_is_refused_to_everybody(unit: Unit) -> None:
    app: FastAPI = unit.app

    @app.get("/behind", name="behind")
    async def behind() -> dict[str, str]:
        return {"secret": "kept"}

    for _, name in ROLES:
        answer = unit.visitor(name).get("/behind")
        assert answer.status == 403 and "kept" not in answer.text
    assert unit.visitor().get("/behind").status == 403


def test_other_methods_and_unknown_pages(unit: Unit) -> None:
    bao = unit.visitor("bao")
    assert bao.ask("DELETE", "/queue", {}, {}).status == 405
    assert bao.get("/next").status == 405
    assert bao.get("/nowhere").status == 404
    assert bao.get("/items/999999").status == 404
    assert bao.get("/static/../guard.py").status in (404, 403)
    assert unit.visitor().get("/docs").status == 404


def test_an_institution_sees_and_answers_its_own_entries_alone(unit: Unit) -> None:
    bank = unit.visitor("nganhang")
    page = bank.get("/entries").text
    board = unit.house.board
    own = board.items.filter(institution="970400", flagged=True)["number"].to_list()
    others = [
        r["number"] for r in board.items.filter(flagged=True).to_dicts() if r["institution"] != "970400" and r["number"]
    ]
    assert own and all(number in page for number in own)
    assert not any(number in page for number in others)
    foreign = next(r["node"] for r in board.items.filter(flagged=True).to_dicts() if r["institution"] == "970401")
    mine = board.items.filter(institution="970400", flagged=True)["node"][0]
    assert bank.post(f"/entries/{foreign}", {"said": "wrong"}).status == 404
    assert bank.post(f"/entries/{mine}", {"said": "wrong", "note": "Lương tháng"}).status == 303
    event = next(unit.house.store.events("decision"))
    assert (event.body["outcome"], event.body["source"], event.body["selected_by"]) == ("cleared", "bank", "bank")
    assert event.body["basis"] == "own_documents"


def test_an_account_counts_once_a_lead_or_auditor_who_did_not_make_it_knows_the_person(unit: Unit) -> None:
    quan, kiem, ha = unit.visitor("quan"), unit.visitor("kiem"), unit.visitor("ha")
    quan.get("/users")
    quan.post("/users", {"name": "moi", "shown": "Người Mới", "role": "analyst"})
    quan.post("/users/ha", {"change": "role", "role": "lead"})
    ha.get("/me")
    assert "/accounts/moi" not in kiem.get("/audit").text and kiem.post("/accounts/moi").status == 403
    set_password(unit.house.desk, "moi", "hash", "moi", unit.house.clock())
    assert "/accounts/moi" in kiem.get("/audit").text and "/accounts/moi" not in ha.get("/team").text
    assert ha.post("/accounts/moi").status == 403 and ha.post("/accounts/ha").status == 403
    assert kiem.post("/accounts/ha").status == 303 and ha.post("/accounts/moi").status == 303
    assert kiem.post("/accounts/moi").status == 403
    kinds = [event.kind for event in unit.house.store.events()]
    assert kinds == ["account_made", "account_role", "account_confirmed", "account_confirmed"]


def test_the_app_is_made_twice_alike(unit: Unit) -> None:
    assert make_app(unit.house).routes
