"""Long work: thousands of decisions over a long queue, pages that stay quick, memory that does not grow."""

from __future__ import annotations

import gc
import time
from dataclasses import replace
from pathlib import Path

import invented
import polars as pl
import psutil
from visitors import Unit

from fraudnet.review.board import Board
from fraudnet.review.deciding import Judgement, Subject, decide
from fraudnet.review.four_eyes import Signer
from fraudnet.review.people import person
from fraudnet.review.queue import queued
from fraudnet.store.audit import verify
from lengths import lasting

BASE, ITEMS, DECISIONS, VISITS = 200, lasting(600, 100_000), lasting(120, 10_000), lasting(8, 100)
SLOWEST_MS, GROWTH_MIB = 300, lasting(6, 24)


def many(items: int) -> Board:
    """The invented board, over and over until the queue has so many items."""
    one = invented.board(BASE, BASE // 4)
    step = int(one.items["node"].max()) + 1  # type: ignore[arg-type, operator]

    def copied(frame: pl.DataFrame) -> pl.DataFrame:
        keys = [name for name in ("node", "holder") if name in frame.columns]
        return pl.concat(
            [frame.with_columns(*(pl.col(key) + step * copy for key in keys)) for copy in range(items // BASE)]
        )

    tables = {name: copied(frame) for name, frame in one.tables.items()}
    apart = {name: pl.concat_str(name, pl.lit("/"), "node") for name in ("entity_id", "reference")}
    numbered = tables["items"].with_columns(**apart).drop("place", "blind", "selected_by")
    tables["items"] = queued(numbered, one.facts.run).select(one.items.columns)
    return replace(one, tables=tables)


def test_a_long_queue_and_many_decisions_stay_quick_and_small(tmp_path: Path) -> None:
    unit = Unit(tmp_path, many(ITEMS))
    found = person(unit.house.desk, "an")
    assert found is not None
    signer = Signer(found, "session", "address")
    queue = unit.house.board.queue
    rows = queue.filter(~pl.col("blind"), ~pl.col("grade").is_in(["A", "B"]))["reference"].to_list()
    held: list[float] = []
    for place, reference in enumerate(rows[-DECISIONS:]):
        if place in (DECISIONS // 3, DECISIONS - 1):
            gc.collect()
            held.append(psutil.Process().memory_info().rss / 2**20)
        judgement = Judgement("cleared", "good_faith", 0, ("report:1",), texts={"answer": "x" * 80})
        assert decide(unit.house.office(), signer, Subject(reference, "D", "queue"), judgement).what == "decided"
    assert held[1] - held[0] < GROWTH_MIB, held
    assert verify(unit.house.store).whole
    bao, nodes, took = unit.visitor("bao"), queue["node"].to_list(), []
    pages = (lambda n: f"/queue?start={1 + 97 * n % ITEMS}", lambda n: f"/items/{nodes[7 * n % len(nodes)]}")
    for page in pages:
        bao.get(page(0))
        for n in range(VISITS):
            begun = time.process_time()
            assert bao.get(page(n)).status == 200
            took.append(1000 * (time.process_time() - begun))
    assert sorted(took)[int(0.95 * len(took))] < SLOWEST_MS, sorted(took)[-5:]
