"""The dossier of a case for court: complete tables, where each row stands in what was delivered, what was not checked.

A4, black and white, the same bytes for the same case: nothing in it depends on when or by whom it is printed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from fraudnet.cases.drawing import ring_of
from fraudnet.cases.trail_drawing import bands_of
from fraudnet.cases.wording import ground, money
from fraudnet.contracts.cases import RULES
from fraudnet.expressions import LOCAL_ZONE
from fraudnet.messages import text
from fraudnet.rendering.markup import fill, tag
from fraudnet.rendering.table import RIGHT, Cell, Head, Table, table

Row = dict[str, Any]
UNCHECKED = ("names", "balances", "days", "scores", "hits")


@dataclass(frozen=True)
class Matter:
    """A case with all its tables, its run (name, code), SHA-256 of delivered files by name, what nodes are called."""

    case: Row
    tables: Mapping[str, Sequence[Row]]
    run: Row
    files: Mapping[str, str]
    names: Mapping[str, str]
    language: str


def dossier(matter: Matter) -> str:
    """The dossier as one HTML document without script, to be printed."""
    language, case = matter.language, matter.case
    parts = matter.tables["case_members"], matter.tables["case_links"], matter.tables["case_holds"]
    sheets = [
        ("picture", ring_of(case, (parts[0], parts[1], parts[2]), language, matter.names, alone=True)),
        ("trail", bands_of((parts[0], matter.tables["case_flows"], parts[2]), language, matter.names, alone=True)),
        ("members", _members(matter)), ("links", _links(matter)), ("holds", _holds(matter)),
        ("rows", _rows(matter)), ("unchecked", _unchecked(language)),
    ]  # fmt: skip
    style = files("fraudnet.rendering").joinpath("templates", "dossier.css").read_text(encoding="utf-8")
    body = [(text(f"case.dossier.{name}", language), part) for name, part in sheets]
    return str(fill("dossier.html", language=language, style=Markup(style), title=text("case.dossier.title", language,  # noqa: S704
                    case=case["case_id"]), facts=_facts(matter), sheets=body))  # fmt: skip


def _facts(matter: Matter) -> list[tuple[str, str]]:
    case, run = matter.case, matter.run
    said = {
        "case": case["case_id"], "found": moment(case["found_at"]), "as_of": moment(case["as_of"]), "run": run["name"],
        "code": run["code"], "members": str(case["members"]), "victims": str(case["victims"]),
        "lost": money(case["lost"]), "still_there": money(case["still_there"]), "to_hold": money(case["to_hold"]),
    }  # fmt: skip
    return [(text(f"case.dossier.fact.{name}", matter.language), value) for name, value in said.items()]


def moment(value: Any) -> str:
    """A moment in Vietnam to the second; nothing where it is not known."""
    return "" if value is None else value.astimezone(ZoneInfo(LOCAL_ZONE)).strftime("%d/%m/%Y %H:%M:%S")


def _table(matter: Matter, name: str, heads: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]]) -> Markup:
    said = [Head(text(f"case.dossier.head.{head}", matter.language), align) for head, align in heads]
    cells = [[Cell(one) for one in row] for row in rows]
    return table(
        Table(text(f"case.dossier.{name}", matter.language), said, cells, text("case.dossier.none", matter.language))
    )


def _members(matter: Matter) -> Markup:
    language = matter.language
    heads = [("entity", ""), ("name", ""), ("role", ""), ("grounds", ""), ("received", RIGHT), ("passed", RIGHT)]
    rows = [
        [row["entity_id"], row["name"] or "", text(f"case.role.{row['role']}", language) if row["role"] else "",
         "; ".join(ground(one, language) for one in row["grounds"]), money(row["received"]), money(row["passed_on"])]
        for row in matter.tables["case_members"]
    ]  # fmt: skip
    return _table(matter, "members", heads, rows)


def _links(matter: Matter) -> Markup:
    heads = [("from", ""), ("kind", ""), ("to", ""), ("amount", RIGHT), ("n", RIGHT), ("first", ""), ("last", "")]
    rows = [
        [row["source"], text(f"case.dossier.link.{row['kind']}", matter.language), row["target"],
         money(row["amount"]) if row["amount"] else "", str(row["n"]), moment(row["first_at"] or row["valid_from"]),
         moment(row["last_at"] or row["valid_to"])]
        for row in matter.tables["case_links"]
    ]  # fmt: skip
    return _table(matter, "links", heads, rows)


def _holds(matter: Matter) -> Markup:
    heads = [("entity", ""), *((rule, RIGHT) for rule in RULES), ("floor", RIGHT), ("hold", RIGHT)]
    rows = [
        [row["entity_id"], *(money(row[rule]) for rule in RULES), money(row["floor"]), money(row["hold"])]
        for row in matter.tables["case_holds"]
    ]
    return _table(matter, "holds", heads, rows)


def _rows(matter: Matter) -> Markup:
    heads = [("at", ""), ("from", ""), ("to", ""), ("amount", RIGHT), ("file", ""), ("row", RIGHT), ("sha", "")]
    rows = []
    for row in matter.tables["case_rows"]:
        name, _, number = row["row_id"].partition("#")
        money_said = "" if row["amount"] is None else money(row["amount"])
        sha = matter.files.get(name, "")
        rows.append(
            [moment(row["at"]), row["source_entity"], row["target_entity"] or "", money_said, name, number, sha]
        )
    return _table(matter, "rows", heads, rows)


def _unchecked(language: str) -> Markup:
    return tag("ul", Markup("").join(tag("li", text(f"case.dossier.unchecked.{name}", language)) for name in UNCHECKED))
