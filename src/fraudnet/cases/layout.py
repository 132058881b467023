"""Which nodes and links are drawn, and where: computed once, stable, the same for every picture of a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

Row = dict[str, Any]
NODES, LINKS, MONEY_LINKS = 20, 30, 16
TOLD = 0.9  # of the money between drawn nodes, after which smaller sums are left to the table
VICTIMS, EXIT_SIGNS, THINGS, MOST_MONEY = 3, 3, 5, 9
COLUMN_X = {"victim": 70, "first": 340, "middle": 720, "exit": 1060}
STAGGER = {"first": 60, "middle": 90}  # neighbours in a column step aside so that their labels do
LOWER_Y, ROW = 296, 86
UPPER_Y = {"identity": 50, "sim": 100, "device": 150}
UPPER_LEFT, UPPER_RIGHT, UPPER_GAP = 120, 1040, 190
PARTS = ("flagged", "known", "connector", "victim", "exit")


@dataclass(frozen=True)
class Place:
    """Where a node stands, in which storey and column; folded names the node beside which it is only counted."""

    shown: bool
    folded: str | None
    storey: str
    column: str | None
    x: int
    y: int


def column_of(row: Row, fed: set[str]) -> str:
    """The column of an account: victims, those they paid, those behind, the exits."""
    if row["part"] in ("victim", "exit"):
        return str(row["part"])
    return "first" if row["entity_id"] in fed else "middle"


def chosen(members: list[Row], links: list[Row]) -> set[str]:
    """At most 20 nodes that explain the case: the largest victims, the flagged by money, the exits, what is shared."""
    weight = {row["entity_id"]: row["received"] + row["passed_on"] for row in members}
    order = sorted(
        members,
        key=lambda r: (r["role"] != "controller", PARTS.index(r["part"]), -weight[r["entity_id"]], r["entity_id"]),
    )
    kind = {row["entity_id"]: row["kind"] for row in members}
    victims = [r["entity_id"] for r in order if r["part"] == "victim"][:VICTIMS]
    exits = [r["entity_id"] for r in order if r["part"] == "exit"][:EXIT_SIGNS]
    money = [r["entity_id"] for r in order if r["kind"] == "account" and r["part"] != "victim"]
    others = [r["entity_id"] for r in order if r["kind"] in ("sim", "identity")]
    room = NODES - len(victims) - len(exits) - THINGS
    drawn = set(victims) | set(exits) | set(money[: min(room, MOST_MONEY)])
    ties: dict[str, set[str]] = {}
    for link in links:
        for thing, other in ((link["source"], link["target"]), (link["target"], link["source"])):
            if kind.get(thing) in ("device", "sim", "identity"):
                ties.setdefault(thing, set()).add(other)
    flagged = {r["entity_id"] for r in members if r["part"] == "flagged" or r["role"] == "controller"}
    things = sorted(ties, key=lambda t: (-len(ties[t] & drawn), t not in flagged, t))
    useful = [t for t in things if len(ties[t] & drawn) >= 2 or (t in flagged and ties[t] & drawn)]
    drawn |= set(useful[:THINGS])
    if len(drawn) < NODES:
        drawn |= set([one for one in others if one in flagged and one not in drawn][: NODES - len(drawn)])
        shared = [t for t in things if kind[t] == "device" and len(ties[t] & drawn) >= 2 and t not in drawn]
        drawn |= set(shared[: max(NODES - len(drawn), 0)])
    return drawn


def explaining(links: list[Row], drawn: set[str], outer: set[str]) -> set[tuple[str, str, str]]:
    """At most 30 links among drawn nodes: the largest sums, one for each victim (`outer`) and exit, then what holds."""
    inside = [link for link in links if link["source"] in drawn and link["target"] in drawn]
    order = sorted(
        inside,
        key=lambda link: (link["kind"] in ("call", "otp"), link["kind"] in ("transfer", "exit"), -link["amount"],
                          link["source"], link["target"], link["kind"]),
    )  # fmt: skip
    lasting = [link for link in order if link["kind"] not in ("transfer", "exit", "call", "otp")]
    money = [link for link in order if link["kind"] in ("transfer", "exit")]
    calls = [link for link in order if link["kind"] in ("call", "otp")]
    whole, so_far, largest = sum(link["amount"] for link in money), 0, []
    for link in money[:MONEY_LINKS]:
        if so_far < TOLD * whole:
            largest.append(link)
            so_far += link["amount"]
    ends = {end for link in largest for end in (link["source"], link["target"])}
    for link in money:  # no victim and no exit stands there without its largest sum
        lonely = link["kind"] == "exit" and link["target"] not in ends
        if lonely or (link["source"] in outer and link["source"] not in ends):
            largest.append(link)
            ends |= {link["source"], link["target"]}
    some = largest + lasting[: LINKS - len(largest)]
    some += calls[: LINKS - len(some)]
    return {(link["source"], link["target"], link["kind"]) for link in some}


def places(
    members: list[Row], links: list[Row], drawn: set[str], before: dict[str, tuple[int, int]]
) -> dict[str, Place]:
    """A place for every member; those drawn in an earlier run stay where they were, new ones take free slots."""
    fed = {link["target"] for link in links if link["kind"] == "transfer" and link["source"] in victims(members)}
    found: dict[str, Place] = {}
    by_column: dict[str, list[Row]] = {}
    for row in sorted(members, key=lambda r: (_moment(r["first_at"]), r["entity_id"])):
        if row["kind"] in ("account", "exit") and row["entity_id"] in drawn:
            by_column.setdefault(column_of(row, fed), []).append(row)
    for column, rows in by_column.items():
        used = {before[r["entity_id"]][1] for r in rows if before.get(r["entity_id"], (-1, 0))[0] in _xs(column)}
        free = (LOWER_Y + ROW * slot for slot in range(len(rows) + len(used) + 1))
        for row in rows:
            old = before.get(row["entity_id"])
            stays = old is not None and old[0] in _xs(column)
            y = old[1] if stays and old else next(slot for slot in free if slot not in used)
            x = COLUMN_X[column] + (STAGGER.get(column, 0) if (y - LOWER_Y) // ROW % 2 else 0)
            found[row["entity_id"]] = Place(True, None, "money", column, x, y)
    found |= upper(members, links, drawn, (found, before))
    for row in members:
        if row["entity_id"] not in found:
            found[row["entity_id"]] = folded(row, members, (drawn, fed))
    return found


def victims(members: list[Row]) -> set[str]:
    """The accounts of victims in a case."""
    return {row["entity_id"] for row in members if row["part"] == "victim"}


def _xs(column: str) -> tuple[int, ...]:
    return COLUMN_X[column], COLUMN_X[column] + STAGGER.get(column, 0)


def _moment(value: datetime | None) -> float:
    return value.timestamp() if value else float("inf")


def upper(
    members: list[Row], links: list[Row], drawn: set[str], known: tuple[dict[str, Place], dict[str, tuple[int, int]]]
) -> dict[str, Place]:
    """People, numbers and devices above the rule, each over what hangs on it, a step apart."""
    lower, before = known
    rows = [row for row in members if row["kind"] in UPPER_Y and row["entity_id"] in drawn]
    below: dict[str, list[int]] = {}
    for link in links:
        for one, other in ((link["source"], link["target"]), (link["target"], link["source"])):
            if other in lower:
                below.setdefault(one, []).append(lower[other].x)
    middle = {
        r["entity_id"]: sum(below.get(r["entity_id"], [580])) // len(below.get(r["entity_id"], [580])) for r in rows
    }
    order = sorted(rows, key=lambda r: (middle[r["entity_id"]], r["entity_id"]))
    found = {}
    step = min(UPPER_GAP, (UPPER_RIGHT - UPPER_LEFT) // max(len(order) - 1, 1))
    span = step * (len(order) - 1)
    start = max(UPPER_LEFT, min(580 - span // 2, UPPER_RIGHT - span))
    for slot, row in enumerate(order):
        old = before.get(row["entity_id"])
        x = old[0] if old and old[1] < LOWER_Y and len(before) >= len(order) else start + slot * step
        found[row["entity_id"]] = Place(True, None, "who", None, x, UPPER_Y[row["kind"]])
    return found


def folded(row: Row, members: list[Row], known: tuple[set[str], set[str]]) -> Place:
    """A member that is only counted, beside the first drawn one of its kind and role."""
    drawn, fed = known
    alike = [
        r["entity_id"]
        for r in members
        if r["entity_id"] in drawn and (r["kind"], r["role"]) == (row["kind"], row["role"])
    ]
    near = alike or [r["entity_id"] for r in members if r["entity_id"] in drawn and r["kind"] == row["kind"]]
    storey = "who" if row["kind"] in UPPER_Y else "money"
    column = column_of(row, fed) if storey == "money" else None
    return Place(False, min(near, default=None), storey, column, 0, 0)
