"""How quick the console's pages are with many items in the queue: `python benchmarks/console.py [ITEMS]`.

Writes benchmarks/results/console.json: per page the median and the 95th percentile of 40 visits in milliseconds, measured in
one process without a network, with the machine's load beside them.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "console"))

import invented  # beside the tests
from visitors import Unit

from fraudnet.review.board import Board
from fraudnet.review.queue import queued

VISITS, BASE, ITEMS = 40, 200, 100_000
MADE_ANEW = ("place", "blind", "selected_by")


def many(items: int) -> Board:
    """The invented board, over and over until the queue has so many items."""
    one = invented.board(BASE, BASE // 4)
    copies = items // BASE
    step = int(one.items["node"].max()) + 1
    tables = {name: _copied(frame, copies, step) for name, frame in one.tables.items()}
    numbered = tables["items"].with_columns(
        entity_id=pl.concat_str("entity_id", pl.lit("/"), "node"),
        reference=pl.concat_str("reference", pl.lit("/"), "node"),
    )
    tables["items"] = queued(numbered.drop(MADE_ANEW), one.facts.run).select(one.items.columns)
    return replace(one, tables=tables)


def _copied(frame: pl.DataFrame, copies: int, step: int) -> pl.DataFrame:
    keys = [name for name in ("node", "holder") if name in frame.columns]
    parts = [frame.with_columns(*(pl.col(key) + step * copy for key in keys)) for copy in range(copies)]
    return pl.concat(parts)


def main() -> None:
    """Measure every page and write the figures."""
    items = int(sys.argv[1]) if len(sys.argv) > 1 else ITEMS
    with tempfile.TemporaryDirectory() as folder:
        unit = Unit(Path(folder), many(items))
        bao, ha = unit.visitor("bao"), unit.visitor("ha")
        nodes = unit.house.board.queue["node"].to_list()
        pages = {
            "queue": lambda n: bao.get(f"/queue?start={1 + 997 * n}"),
            "queue, filtered": lambda n: bao.get(f"/queue?kind=sim&province=79&start={1 + 25 * n}"),
            "queue, by pattern": lambda n: bao.get("/queue?pattern=pass_through"),
            "next item": lambda n: bao.post("/next"),
            "item": lambda n: bao.get(f"/items/{nodes[97 * n]}"),
            "decision": lambda n: bao.get(f"/items/{nodes[97 * n]}/decision"),
            "search by name": lambda n: bao.post("/search", {"way": "name", "what": "nguyễn thị"}),
            "search by number": lambda n: bao.post("/search", {"way": "number", "what": f"{1000 + n}"}),
            "campaign": lambda n: bao.get("/campaign"),
            "team": lambda n: ha.get("/team"),
        }
        figures = {name: _measured(visit) for name, visit in pages.items()}
    told = {"items": items, "load": os.getloadavg()[0], "visits": VISITS, "milliseconds": figures}
    (Path(__file__).parent / "results" / "console.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    for name, (middle, high) in figures.items():
        print(f"{name:20} median {middle:6.1f} ms   p95 {high:6.1f} ms")


def _measured(visit) -> tuple[float, float]:
    visit(0)
    took = []
    for n in range(VISITS):
        start = time.perf_counter()
        answer = visit(n)
        took.append(1000 * (time.perf_counter() - start))
        assert answer.status in (200, 303), answer.status
    took.sort()
    return round(took[VISITS // 2], 1), round(took[int(VISITS * 0.95)], 1)


if __name__ == "__main__":
    main()
