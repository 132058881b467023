"""The ring's picture of a case from its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from fraudnet.cases.wording import masked_name, masked_number, short_money
from fraudnet.contracts.cases import CASE_ROLES
from fraudnet.expressions import LOCAL_ZONE
from fraudnet.messages import text
from fraudnet.rendering import picture as drawn

Row = Mapping[str, Any]
KINDS = {"transfer": drawn.MONEY, "exit": drawn.MONEY, "owner": drawn.HOLDING, "registered_phone": drawn.HOLDING,
         "uses": drawn.SIGN_IN, "call": drawn.CALL, "otp": drawn.CALL}  # fmt: skip
WIDE, WIDER = 100_000_000, 300_000_000
LABELLED = ("transfer", "exit", "call")
COLUMNS = {"victim": 70, "first": 370, "middle": 765, "exit": 1060}


def ring_of(
    case: Row, tables: tuple[Sequence[Row], Sequence[Row], Sequence[Row]], language: str,
    names: Mapping[str, str] | None = None, *, alone: bool = False,
) -> Markup:  # fmt: skip
    """The picture of a case as SVG. case: contract Case; tables: members, links, holds of it.

    names: what nodes are called, else their masked numbers; `alone` for a file of its own.
    """
    members, links, holds = tables
    shown = {row["entity_id"]: row for row in members if row["shown"]}
    left = {row["entity_id"]: row for row in holds}
    more = folded(members)
    nodes = [
        _node(row, left.get(key), (more.get(key, 0), (names or {}).get(key)), language) for key, row in shown.items()
    ]
    lines = [
        _line(row, language) for row in links if row["explains"] and row["source"] in shown and row["target"] in shown
    ]
    finding = text("case.finding", language, case=case["case_id"], members=case["members"], victims=case["victims"],
                   lost=short_money(case["lost"]), nodes=len(nodes), links=len(lines))  # fmt: skip
    used = {row["column"] for row in shown.values() if row["column"]}
    columns = [(x, text(f"case.column.{name}", language)) for name, x in COLUMNS.items() if name in used]
    storeys = (text("case.storey.who", language), text("case.storey.money", language))
    legend = _legend(list(shown.values()), lines, any(node.hold for node in nodes), language)
    return drawn.ring(drawn.Picture(nodes, lines, storeys, columns, legend, finding), alone=alone)


def folded(members: Sequence[Row]) -> dict[str, int]:
    """How many members are only counted beside each drawn one."""
    found: dict[str, int] = {}
    for row in members:
        if not row["shown"] and row["folded"]:
            found[row["folded"]] = found.get(row["folded"], 0) + 1
    return found


def _node(row: Row, hold: Row | None, said: tuple[int, str | None], language: str) -> drawn.Node:
    more, name = said
    role = str(row["role"] or "plain")
    code = "✕" if row["kind"] == "exit" else "" if role == "plain" else text(f"case.code.{role}", language)
    shape = "person" if row["kind"] == "identity" else str(row["kind"])
    if row["kind"] == "account" and row["organisation"]:
        shape = "organisation"
    return drawn.Node(
        row["entity_id"], shape, role, code, row["x"], row["y"], name or called(row, language),
        _below(row, hold, language), f"+{more}" if more else "", bool(hold and hold["hold"]),
    )  # fmt: skip


def called(row: Row, language: str) -> str:
    """What a node is called without names of institutions: the end of its number, masked."""
    if row["kind"] == "exit":
        return text(f"case.exit.{row['entity_id'].partition(':')[2]}", language)
    if row["kind"] == "device":
        return text("case.device", language, number=masked_number(row["entity_id"]))
    if row["kind"] == "identity":
        return masked_name(row["name"]) or masked_number(row["entity_id"])
    return f"{row['institution'] or ''} {masked_number(row['number'])}".strip()


def _below(row: Row, hold: Row | None, language: str) -> str:
    if row["kind"] == "exit":
        return short_money(row["received"]) if row["received"] else ""
    if row["kind"] == "device" and row["first_at"]:
        return text("case.since", language, day=_day(row["first_at"]))
    if row["kind"] != "account" or row["part"] == "victim":
        return ""
    rest = text("case.left", language, sum=short_money(hold["fifo"])) if hold and hold["fifo"] >= WIDE // 1000 else ""
    return ", ".join(part for part in (masked_name(row["name"]), rest) if part)


def _line(row: Row, language: str) -> drawn.Line:
    width = 1.2
    if row["kind"] in ("transfer", "exit"):
        width = 1.5 if row["amount"] < WIDE else 3 if row["amount"] < WIDER else 5
    return drawn.Line(row["source"], row["target"], KINDS[row["kind"]], _words(row, language), width,
                      not row["certain"], row["valid_to"] is not None)  # fmt: skip


def _words(row: Row, language: str) -> str:
    first, last = (_day(row[name]) for name in ("first_at", "last_at"))
    if row["kind"] in ("transfer", "exit"):
        when = first if first == last else f"{first}–{last}"
        return f"{short_money(row['amount'])} · {when}"
    if row["kind"] == "call":
        return first if first == last else f"{first}–{last}"
    return ""  # holdings and sign-ins say since when under the thing itself, and in the table


def _day(moment: datetime | None) -> str:
    return moment.astimezone(ZoneInfo(LOCAL_ZONE)).strftime("%d/%m") if moment else ""


def _legend(nodes: list[Row], lines: list[drawn.Line], hold: bool, language: str) -> list[tuple[str, str, str]]:
    roles = [role for role in CASE_ROLES if any(row["role"] == role for row in nodes)]
    found = [(role, text(f"case.code.{role}", language), text(f"case.role.{role}", language)) for role in roles]
    kinds = [
        kind for kind in (drawn.MONEY, drawn.HOLDING, drawn.SIGN_IN, drawn.CALL) if any(li.kind == kind for li in lines)
    ]
    found += [(kind, "", text(f"case.line.{kind}", language)) for kind in kinds]
    if any(line.guess for line in lines):
        found.append(("guess", "", text("case.line.guess", language)))
    return [*found, ("hold", "", text("case.hold", language))] if hold else found
