"""The money trail of a case as bands: victims, accounts, exits; what is still there and what to hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from fraudnet.cases.wording import masked_number, money, short_money
from fraudnet.messages import text
from fraudnet.rendering.bands import Band, Stop, bands

Row = Mapping[str, Any]
Tables = tuple[Sequence[Row], Sequence[Row], Sequence[Row]]
LEAST, DRAWN = 50_000, 16  # stops; smaller sums are left to the table
VICTIMS = "victims"


def bands_of(tables: Tables, language: str, names: Mapping[str, str], *, alone: bool = False) -> Markup:
    """The trail of a case as SVG; tables: members, flows, holds of it. Reporting victims are one source."""
    members, flows, holds = tables
    given = {row["entity_id"] for row in members if row["part"] == "victim"} | {"report"}
    merged: dict[tuple[str, str], int] = {}
    for row in flows:
        source = VICTIMS if row["source"] in given else str(row["source"])
        if row["target"] not in given and source != row["target"]:
            merged[source, row["target"]] = merged.get((source, row["target"]), 0) + row["amount"]
    came: dict[str, int] = {}
    for (_, target), amount in merged.items():
        came[target] = came.get(target, 0) + amount
    shown = {VICTIMS, *sorted(came, key=lambda one: (-came[one], one))[:DRAWN]}
    kept = {pair: amount for pair, amount in merged.items() if set(pair) <= shown}
    column = columns(kept)
    left = {row["entity_id"]: row for row in holds}
    total = sum(amount for (source, _), amount in merged.items() if source == VICTIMS)
    order = sorted((one for one in shown if one in column), key=lambda one: (column[one], -came.get(one, total), one))
    seller = {row["entity_id"] for row in members if row["role"] == "good_faith"}
    stops = [
        _stop(one, column[one], (came.get(one, total), left.get(one)), (names.get(one), one in seller), language)
        for one in order
    ]
    flown = [Band(source, target, amount) for (source, target), amount in sorted(kept.items()) if source in column]
    finding = text("case.trail.finding", language, sum=money(total), stops=len(stops))
    return bands(stops, flown, finding, alone=alone)


def columns(flows: Mapping[tuple[str, str], int]) -> dict[str, int]:
    """How many steps from the victims each stop lies, exits behind all."""
    found, edge = {VICTIMS: 0}, [VICTIMS]
    while edge:
        step = sorted({target for source, target in flows if source in edge and target not in found})
        found |= dict.fromkeys(step, found[edge[0]] + 1)
        edge = step
    last = max((place for one, place in found.items() if not one.startswith("exit:")), default=0) + 1
    return {one: last if one.startswith("exit:") else place for one, place in found.items()}


def _stop(key: str, column: int, sums: tuple[int, Row | None], about: tuple[str | None, bool], language: str) -> Stop:
    came, hold = sums
    name, seller = about
    if key == VICTIMS:
        return Stop(key, column, text("case.column.victim", language), money(came), came, 0, "source")
    if key.startswith("exit:"):
        return Stop(key, column, text(f"case.exit.{key.partition(':')[2]}", language), money(came), came, 0, "exit")
    title = name or f"{key.split(':')[1]} {masked_number(key)}"
    left = hold["fifo"] if hold else 0
    rest = [text("case.left", language, sum=short_money(left))] if left >= LEAST else []
    keep = text("case.trail.hold", language, sum=money(hold["hold"])) if hold and hold["hold"] else ""
    return Stop(
        key, column, title, ", ".join([short_money(came), *rest]), came, left, "seller" if seller else "account", keep
    )
