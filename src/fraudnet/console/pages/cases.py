"""Cases: the ring as a picture and as a table, amounts to hold, one decision for many with exceptions."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
from fastapi import APIRouter, Request
from fastapi.responses import Response

from fraudnet.cases.drawing import ring_of
from fraudnet.cases.trail_drawing import bands_of
from fraudnet.cases.wording import ground
from fraudnet.console import masks, words
from fraudnet.console.guard import RefusedError, language_of, session_of
from fraudnet.console.house import House
from fraudnet.console.pages.deciding import ANSWER, judged, signer_of, subject_of
from fraudnet.console.pages.item import hidden, shown
from fraudnet.console.view import house_of, page
from fraudnet.contracts.cases import CASE_ROLES, PARTS
from fraudnet.contracts.judgements import FRAUD_ROLES
from fraudnet.messages import text
from fraudnet.review import holding, standing
from fraudnet.review.deciding import Result, decide
from fraudnet.review.four_eyes import needs_two
from fraudnet.review.kept_forms import Fields, kept_forms

router = APIRouter()
Rows = list[dict[str, Any]]
MOST_LINKS, MOST_CASES = 60, 200


def rows_of(house: House, table: str, case: str) -> Rows:
    """The rows of a table about one case."""
    frame = house.board.cases.get(table)
    return [] if frame is None else frame.filter(pl.col("case_id") == case).to_dicts()


@router.get("/cases", name="cases")
async def cases(request: Request) -> Response:
    """Every case of the run, most money at risk first."""
    house = house_of(request)
    language = language_of(request, house)
    frame = house.board.cases.get("cases")
    rows: Rows = []
    if frame is not None:
        rows = frame.sort("value", "case_id", descending=[True, False]).head(MOST_CASES).to_dicts()
    blind = blind_cases(house)
    for row in rows:
        named = row["typology"] is not None and row["case_id"] not in blind
        row["pattern"] = words.pattern(row["typology"], language) if named else ""
        row["grade"] = None if row["case_id"] in blind else row["grade"]
    return page(request, "cases.html", at="cases", rows=rows)


def blind_cases(house: House) -> set[str]:
    """Cases with an item that is still to be judged blind: their grade and pattern would tell."""
    queue = house.board.queue.filter("blind", pl.col("case").is_not_null())
    decided = house.decided()
    return {row["case"] for row in queue.to_dicts() if row["reference"] not in decided}


@router.get("/cases/{case}", name="case")
async def case(request: Request, case: str) -> Response:
    """One case, with what was typed before a session ended."""
    house, who = house_of(request), session_of(request).person
    assert who is not None  # noqa: S101
    kept = kept_forms(house.desk, who.name, house.clock()).get(f"/cases/{case}")
    return _case(request, case, typed(kept) if kept else {})


def typed(fields: Fields) -> dict[str, Any]:
    """Answer, ticks and roles of a form that was kept."""
    picked = [int(node) for node in fields.get("pick", []) if node.isdecimal()]
    return {"answer": " ".join(fields.get("answer", [])),
            "roles": {node: " ".join(fields.get(f"role-{node}", [])) for node in picked}}  # fmt: skip


def _case(request: Request, case: str, told: dict[str, Any], status: int = 200) -> Response:
    house = house_of(request)
    who = session_of(request).person
    assert who is not None  # noqa: S101
    language = language_of(request, house)
    found = rows_of(house, "cases", case)
    if not found:
        raise RefusedError(404, "not_found")
    house.office()
    members = sorted((_unsaid(house, one, who.name) for one in rows_of(house, "case_members", case)), key=_importance)
    links = rows_of(house, "case_links", case)
    holds = rows_of(house, "case_holds", case)
    names = {member["entity_id"]: _called(house, member, language) for member in members}
    names |= {
        hold["entity_id"]: words.place(house.board, hold["entity_id"], language)
        for hold in holds
        if hold["entity_id"] not in names
    }
    drawn = [link for link in links if link["explains"]][:MOST_LINKS]
    picture = ring_of(found[0], (members, drawn, holds), language, names)
    flows = rows_of(house, "case_flows", case)
    return page(
        request, "case.html", status, at="cases", case=found[0], names=names, picture=picture, flows=flows,
        bands=bands_of((members, flows, holds), language, names) if flows else "",
        members=[_member(house, member, (who.name, language)) for member in members],
        links=drawn, holds=sorted(holds, key=lambda h: (-h["hold"], -h["floor"], h["entity_id"])),
        member_of={member["entity_id"]: member for member in members}, roles=CASE_ROLES,
        said=lambda code: ground(code, language), place=lambda entity: words.place(house.board, entity, language),
        graph=json.dumps(graph(members, drawn, names, language), ensure_ascii=False, sort_keys=True),
        pattern=lambda name: words.pattern(name, language), blind=case in blind_cases(house),
        told={"results": [], "wrong": "", "answer": "", "roles": {}, **told}, masked=masks.name,
    )  # fmt: skip


def _unsaid(house: House, member: dict[str, Any], name: str) -> dict[str, Any]:
    """A member without its role and its grounds, as flagged as any other, where it is still to be judged blind."""
    node = house.board.node_of.get(member["entity_id"])
    item = house.board.item(node) if node is not None else None
    if item is None or not hidden(house, item, name):
        return member
    return {**member, "role": None, "grounds": [], "flagged": True, "part": PARTS[0]}


def _importance(member: dict[str, Any]) -> tuple[int, int, str]:
    """Those to decide on first, victims and exits last; within them by their role."""
    role = CASE_ROLES.index(member["role"]) if member["role"] in CASE_ROLES else len(CASE_ROLES)
    return PARTS.index(member["part"]), role, member["entity_id"]


def graph(members: Rows, links: Rows, names: dict[str, str], language: str) -> dict[str, Any]:
    """What the picture with pan and zoom is made of: the same nodes, links and places."""
    there = {member["entity_id"] for member in members if member["shown"]}
    index = {name: f"n{place}" for place, name in enumerate(sorted(there))}
    return {
        "nodes": [
            {"id": index[m["entity_id"]], "label": names[m["entity_id"]], "kind": m["kind"],
             "role": m["role"] or "plain", "x": m["x"], "y": m["y"]}
            for m in members if m["shown"]
        ],
        "edges": [
            {"id": f"e{place}", "source": index[link["source"]], "target": index[link["target"]],
             "kind": link["kind"], "certain": link["certain"],
             "label": words.short_money(link["amount"]) if link["amount"] else "",
             "width": 1.5 if link["amount"] < 100_000_000 else 3 if link["amount"] < 300_000_000 else 5}
            for place, link in enumerate(links) if link["source"] in there and link["target"] in there
        ],
        "words": text("console.case.picture", language, nodes=len(there), links=len(links)),
    }  # fmt: skip


def _called(house: House, member: dict[str, Any], language: str) -> str:
    if member["kind"] == "exit":
        return text(f"console.exit.{member['entity_id'].partition(':')[2]}", language)
    if member["kind"] == "device":
        return masks.entity(member["entity_id"])
    node = house.board.node_of.get(member["entity_id"])
    item = house.board.item(node) if node is not None else None
    if item is not None:
        return words.called(house.board, item)
    where = words.institution(house.board, member["institution"])
    return f"{where} {masks.number_of(member['kind'], member['number'] or '')}".strip()


def _member(house: House, member: dict[str, Any], reader: tuple[str, str]) -> dict[str, Any]:
    """A member as a line of the form: what speaks for and against, its state, whether it can be ticked."""
    name, language = reader
    node = house.board.node_of.get(member["entity_id"])
    item = house.board.item(node) if node is not None else None
    if item is None:
        nothing = {"node": None, "done": None, "lock": "", "wait": "", "free": False, "blind": False, "about": ""}
        return {**member, **nothing}
    done = standing.standing(house.desk, item["reference"])
    lock = holding.held(house.desk, house.clock(), item["reference"]).get(item["reference"])
    wait = standing.waiting(house.desk, item["reference"]).get(item["reference"])
    taken = lock is not None and lock.user != name
    blind = hidden(house, item, name)
    done = None if blind else done  # the first reading is kept from the second reader
    shown_as = {**item, "blind": blind}
    holder = shown(house, lock.user) if lock is not None and taken else ""
    return {
        **member, "node": node, "blind": blind, "free": member["flagged"] and done is None and not taken and not blind,
        "against": words.short(house.board, shown_as, words.AGAINST, language),
        "for": words.short(house.board, shown_as, words.FOR, language),
        "about": words.about(house.board, item, language),
        "grade": None if blind else item["grade"],
        "done": done, "done_by": shown(house, done.actor) if done else "", "lock": holder,
        "wait": shown(house, wait.actor) if wait else "",
        "two": needs_two(item["grade"], "confirmed") and not blind,
    }  # fmt: skip


def outcome_of(role: str) -> tuple[str, str]:
    """Outcome and recorded role of a role in a case: who was taken over is a victim."""
    if role in FRAUD_ROLES:
        return "confirmed", role
    if role in ("victim", "taken_over"):
        return "cleared", "victim"
    return ("cleared", role) if role == "good_faith" else ("unsure", "")


@router.post("/cases/{case}", name="decide_case")
async def decide_case(request: Request, case: str) -> Response:
    """One decision for the ticked members, each with its own role; what could not be signed is named."""
    house = house_of(request)
    who = session_of(request).person
    assert who is not None  # noqa: S101
    form = await request.form()
    answer = str(form.get("answer", "")).strip()[:2000]
    there = {member["entity_id"] for member in rows_of(house, "case_members", case)}
    picked = [int(node) for node in map(str, form.getlist("pick")) if node.isdecimal()]
    roles = {node: str(form.get(f"role-{node}", "")) for node in picked}
    items = [item for node in picked if (item := house.board.item(node)) and item["entity_id"] in there]
    if not items or len(answer) < ANSWER:
        wrong = "nobody" if not items else "answer"
        return _case(request, case, {"wrong": wrong, "answer": answer, "roles": roles}, 422)
    results = []
    for item in items:
        if hidden(house, item, who.name):
            continue
        outcome, role = outcome_of(str(form.get(f"role-{item['node']}", "unclear")))
        result = _decide(request, item, outcome, role, answer)
        results.append((words.called(house.board, item), result, shown(house, result.by) if result.by else ""))
    lost = any(result.what in ("conflict", "held", "refused") for _, result, _ in results)
    kept = {"answer": answer, "roles": roles} if lost else {}
    return _case(request, case, {"results": results, **kept}, 409 if lost else 200)


def _decide(request: Request, item: dict[str, Any], outcome: str, role: str, answer: str) -> Result:
    house = house_of(request)
    office = house.office()
    done = standing.standing(house.desk, item["reference"])
    if done is not None:
        return Result("conflict", done.number, done.actor)
    signer = signer_of(request)
    rests = [row["name"] for row in house.board.of("reasons", item["node"]) if not row["in_favour"]][:3]
    written = {"outcome": outcome, "role": role, "answer": answer, "note": "", "action": "", "expires": "",
               "rests": rests}  # fmt: skip
    seen = standing.rounds(house.desk, item["reference"])
    return decide(office, signer, subject_of(house, item, signer.person.name), judged(house, item, written, seen))
