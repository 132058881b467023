"""A case for other programs: GraphML and two plain tables of nodes and links."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from io import StringIO
from typing import Any

NODE_COLUMNS = (
    "entity_id", "kind", "part", "role", "grounds", "institution", "number", "holder", "province", "flagged", "grade",
    "probability", "received", "passed_on", "first_at", "last_at", "betweenness", "pieces",
)  # fmt: skip
LINK_COLUMNS = ("source", "target", "kind", "n", "amount", "first_at", "last_at", "valid_from", "valid_to", "certain",
                "explains")  # fmt: skip
# What spreadsheets may run: also behind blanks, and in full width (OWASP, CSV Injection).
FORMULA = re.compile("[\t\r\n]|[\\s\u200b-\u200d\u2060\ufeff]*[=+\\-@＝＋－＠]")
HIDDEN = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\ufffe\uffff]")  # what XML cannot hold (XML 1.0, 2.2)
Row = dict[str, Any]


def table(rows: Sequence[Row], columns: Sequence[str]) -> bytes:
    """Rows as CSV in UTF-8 with a byte order mark; no cell begins like a formula."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[name]) for name in columns] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(value: Any) -> str:
    said = plain(value)
    return f"'{said}" if isinstance(value, str | list) and FORMULA.match(said) else said


def plain(value: Any) -> str:
    """A value as text without control signs: nothing for null, lists with semicolons, moments as ISO 8601 in UTC."""
    if value is None:
        return ""
    said = "; ".join(str(one) for one in value) if isinstance(value, list) else str(value)
    return value.isoformat() if hasattr(value, "isoformat") else HIDDEN.sub("", said)


def graphml(case: str, members: Sequence[Row], links: Sequence[Row]) -> bytes:
    """The whole case as GraphML: every node and link with its columns; parallel links of other kinds stay apart."""
    import networkx as nx

    graph: Any = nx.MultiDiGraph(id=case)
    for row in members:
        graph.add_node(row["entity_id"], **{name: plain(row[name]) for name in NODE_COLUMNS if name != "entity_id"})
    for row in links:
        facts = {name: plain(row[name]) for name in LINK_COLUMNS if name not in ("source", "target")}
        graph.add_edge(row["source"], row["target"], key=row["kind"], **facts)
    return ("\n".join(nx.generate_graphml(graph)) + "\n").encode()
