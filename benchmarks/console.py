"""How quick the console's pages are with many items in the queue: `python benchmarks/console.py [ITEMS]`.

Writes benchmarks/results/console.json: per page the median and the 95th percentile of 40 visits in milliseconds, on the
wall and of the processor, in one process without a network and after 10,000 decisions; beside them the machine's load
and the memory held after 2,000 and after 10,000 decisions.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import polars as pl
import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "console"))

from test_long_runs import many  # beside the tests
from visitors import Unit

from fraudnet.review.deciding import Judgement, Subject, decide
from fraudnet.review.four_eyes import Signer
from fraudnet.review.people import person

VISITS, ITEMS, DECISIONS = 40, 100_000, 10_000


def decided(unit: Unit, many_of_them: int) -> dict[int, float]:
    """Decide so many items, and say what memory the process holds at a fifth of the way and at its end."""
    rows = unit.house.board.queue.filter(~pl.col("blind"), ~pl.col("grade").is_in(["A", "B"]))["reference"].to_list()
    found = person(unit.house.desk, "an")
    assert found is not None
    signer, memory = Signer(found, "session", "address"), {}
    for place, reference in enumerate(rows[-many_of_them:], 1):
        judgement = Judgement("cleared", "good_faith", 0, ("report:1",), texts={"answer": "x" * 80})
        assert decide(unit.house.office(), signer, Subject(reference, "D", "queue"), judgement).what == "decided"
        if place in (many_of_them // 5, many_of_them):
            memory[place] = round(psutil.Process().memory_info().rss / 2**20, 1)
    return memory


def main() -> None:
    """Measure every page and write the figures."""
    items = int(sys.argv[1]) if len(sys.argv) > 1 else ITEMS
    with tempfile.TemporaryDirectory() as folder:
        unit = Unit(Path(folder), many(items))
        bao, ha = unit.visitor("bao"), unit.visitor("ha")
        nodes = unit.house.board.queue["node"].to_list()
        memory = decided(unit, DECISIONS)
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
    told = {
        "items": items,
        "decisions": DECISIONS,
        "memory_mib": memory,
        "load": os.getloadavg()[0],
        "visits": VISITS,
        "milliseconds": figures,
    }
    (Path(__file__).parent / "results" / "console.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    print(f"memory after decisions, MiB: {memory}")
    for name, found in figures.items():
        (middle, high), (_, busy) = found["wall"], found["processor"]
        print(f"{name:20} median {middle:6.1f} ms   p95 {high:6.1f} ms   processor p95 {busy:6.1f} ms")


def _measured(visit) -> dict[str, tuple[float, float]]:
    visit(0)
    took, worked = [], []
    for n in range(VISITS):
        start, busy = time.perf_counter(), time.process_time()
        answer = visit(n)
        took.append(1000 * (time.perf_counter() - start))
        worked.append(1000 * (time.process_time() - busy))
        assert answer.status in (200, 303), answer.status
    return {"wall": _middle_and_high(took), "processor": _middle_and_high(worked)}


def _middle_and_high(times: list[float]) -> tuple[float, float]:
    ordered = sorted(times)
    return round(ordered[VISITS // 2], 1), round(ordered[int(VISITS * 0.95)], 1)


if __name__ == "__main__":
    main()
