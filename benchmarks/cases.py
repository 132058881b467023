"""How good cases are on the world's truth, whether planted trails are followed exactly, and how quick a trace is.

    python benchmarks/cases.py --run RUN --world WORLD [--second]

RUN: a run folder, or the folder of runs; WORLD: the folder with the truth that the run's drop came with.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import psutil

from fraudnet.cases.ledger import ledger
from fraudnet.cases.trail import Paid, follow
from fraudnet.contracts.cases import RULES
from fraudnet.contracts.drop import RECORDS, Records
from fraudnet.contracts.judgements import FRAUD_ROLES
from fraudnet.pipeline.batch.finished import Finished, finished
from fraudnet.runs.version import code_version

RESULTS = Path(__file__).parent / "results" / "cases.json"
REVIEWED = ("A", "B", "C", "D")  # grades that somebody looks at
START = datetime(2026, 1, 1, tzinfo=UTC)
SEED = 20261001
ACCOUNTS, MOVES, TRAILS = 100_000, 1_000_000, 40


def truth_of(world: Path, run: Finished) -> pl.DataFrame:
    """entity_id, ring, role: what was planted, and what belongs to people of a ring (their phones, other accounts)."""
    truth = pl.read_parquet(world / "truth" / "truth.parquet").select("entity_id", "role", "ring")
    fraud = truth.filter(pl.col("role").is_in([*FRAUD_ROLES, "victim", "good_faith"]))
    nodes = run.table("nodes").select("entity_id", holder=pl.coalesce("holder", "node"))
    people = fraud.join(nodes, on="entity_id").group_by("holder").agg(pl.col("ring").min())
    theirs = nodes.join(people, on="holder").select("entity_id", "ring").join(fraud, on="entity_id", how="anti")
    return pl.concat([fraud.select("entity_id", "ring", "role"), theirs.with_columns(role=pl.lit("theirs"))])


def purity(members: pl.DataFrame, truth: pl.DataFrame) -> tuple[float, int]:
    """Mean share of a case's members that belong to its most frequent ring, over cases that hold one; how many."""
    inside = members.filter(pl.col("kind").cast(pl.String).is_in(["account", "sim", "identity"]))
    told = inside.filter(pl.col("part").cast(pl.String) != "victim").join(truth, on="entity_id", how="left")
    shares = []
    for _, rows in told.group_by("case_id", maintain_order=True):
        most = rows.drop_nulls("ring")["ring"].value_counts().sort("count", descending=True)
        if most.height:
            shares.append(most["count"][0] / rows.height)
    return (sum(shares) / len(shares) if shares else 0.0), len(shares)


def completeness(members: pl.DataFrame, flagged: pl.DataFrame, truth: pl.DataFrame) -> tuple[float, int]:
    """Mean share of a ring's flagged that stand in one case, over rings with two flagged or more; how many rings."""
    planted = truth.filter(pl.col("role").is_in(FRAUD_ROLES))
    told = flagged.join(planted, on="entity_id").join(
        members.select("entity_id", "case_id"), on="entity_id", how="left"
    )
    shares = []
    for _, rows in told.group_by("ring", maintain_order=True):
        if rows.height >= 2:
            most = rows.drop_nulls("case_id")["case_id"].value_counts().sort("count", descending=True)
            shares.append((most["count"][0] if most.height else 0) / rows.height)
    return (sum(shares) / len(shares) if shares else 0.0), len(shares)


def controllers(members: pl.DataFrame, truth: pl.DataFrame) -> tuple[int, int]:
    """In how many cases with five or more of one ring, its controller among them or not, the controller is named."""
    planted = truth.filter(pl.col("role").is_in(FRAUD_ROLES) & pl.col("entity_id").str.starts_with("account:"))
    led = planted.filter(pl.col("role") == "controller").select("ring").unique()
    told = members.join(planted.join(led, on="ring"), on="entity_id", suffix="_true")
    named = total = 0
    for _, rows in told.group_by("case_id", "ring", maintain_order=True):
        if rows.height >= 5:
            total += 1
            both = (pl.col("role").cast(pl.String) == "controller") & (pl.col("role_true") == "controller")
            named += rows.filter(both).height > 0
    return named, total


def case_figures(run: Finished, world: Path) -> dict[str, Any]:
    """Purity, completeness and controllers, on the reviewed grades and on everything flagged."""
    truth, members = truth_of(world, run), run.table("case_members")
    flagged = run.each("scores").filter("flagged").select("entity_id", pl.col("grade").cast(pl.String))
    reviewed = flagged.filter(pl.col("grade").is_in(REVIEWED))
    seen = members.join(reviewed, on="entity_id", how="semi").select("case_id").unique()
    found = {}
    for name, some, cases in (
        ("reviewed", reviewed, members.join(seen, on="case_id", how="semi")),
        ("flagged", flagged, members),
    ):
        pure, n = purity(cases, truth)
        whole, rings = completeness(members, some, truth)
        right, large = controllers(cases, truth)
        found[name] = {"purity": pure, "cases": n, "completeness": whole, "rings": rings,
                       "controllers_named": right, "rings_of_5": large}  # fmt: skip
    return {**found, "of": run.table("cases").height}


def planted_world(rng: np.random.Generator) -> tuple[Records, list[tuple[Paid, dict[str, int]]]]:
    """A random ledger of a million transfers, trails planted into it over fresh accounts, and where their money is."""
    at = np.sort(rng.integers(0, 60 * 86_400, MOVES))
    pairs = rng.integers(0, ACCOUNTS, (MOVES, 2))
    rows = [(int(t), f"account:970436:{a:07d}", f"account:970436:{b:07d}", int(m)) for t, (a, b), m in
            zip(at, pairs, rng.integers(10_000, 50_000_000, MOVES), strict=True) if a != b]  # fmt: skip
    trails, fresh = [], []
    for number in range(TRAILS):
        paid, kept, moves = one_trail(rng, number)
        trails.append((paid, kept))
        rows += moves
        fresh += sorted({one for move in moves for one in move[1:3] if f":T{number:03d}" in one})
    rows.sort()
    return records_of(rows, fresh), trails


def one_trail(rng: np.random.Generator, number: int) -> tuple[Paid, dict[str, int], list[tuple[int, str, str, int]]]:
    """A victim's sum spread over a tree of fresh accounts, some of it drawn as cash; what is left where."""
    name = [f"account:970436:T{number:03d}{n:02d}" for n in range(9)]
    total, start = int(rng.integers(20, 900)) * 1_000_000, int(rng.integers(5, 40)) * 86_400
    moves, left = [(start, f"account:970436:{number:07d}", name[0], total)], {name[0]: total}
    for step in range(1, 12):
        source = name[int(rng.integers(0, 9))]
        if left.get(source, 0) < 2:
            continue
        sum_ = int(rng.integers(1, left[source]))
        target = "exit:cash" if rng.random() < 0.3 else str(rng.choice([one for one in name if one != source]))
        moves.append((start + step * 600, source, target, sum_))
        left[source] -= sum_
        left[target] = left.get(target, 0) + sum_
    return Paid(name[0], START + timedelta(seconds=start), total), {k: v for k, v in left.items() if v}, moves


def records_of(rows: list[tuple[int, str, str, int]], fresh: list[str]) -> Records:
    """The moves as a bank would deliver them; fresh accounts with the day they were opened."""
    frame = pl.DataFrame(
        rows, schema={"s": pl.Int64, "payer": pl.String, "payee": pl.String, "amount": pl.Int64}, orient="row"
    )
    at = pl.lit(START) + pl.duration(seconds="s")
    base = {"source": pl.lit("970436"), "known_at": at, "at": at, "currency": pl.lit("VND")}
    moves = frame.with_row_index("i").with_columns(
        **base, row_id=pl.format("t.parquet#{}", "i"), transfer_id=pl.col("i").cast(pl.String)
    )
    transfers = shaped("transfers", moves.filter(pl.col("payee") != "exit:cash"))
    cash = shaped("cash", moves.filter(pl.col("payee") == "exit:cash").with_columns(
        entity="payer", amount=-pl.col("amount"), cash_id=pl.col("i").cast(pl.String)))  # fmt: skip
    opened = pl.DataFrame({"account_number": [one.rpartition(":")[2] for one in fresh]}).with_columns(
        institution=pl.lit("970436"), currency=pl.lit("VND"), source=pl.lit("970436"), row_id=pl.lit("a#1"),
        known_at=pl.lit(START), opened_at=pl.lit(START + timedelta(days=1)))  # fmt: skip
    return Records({"transfers": transfers, "cash": cash, "accounts": shaped("accounts", opened)})


def shaped(table: str, frame: pl.DataFrame) -> pl.LazyFrame:
    """A frame with every column of its contract."""
    schema = RECORDS[table].create_empty().schema
    return frame.select(
        **{name: (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind) for name, kind in schema.items()}
    ).lazy()


def trail_figures() -> dict[str, Any]:
    """How many planted trails every rule follows to the đồng, and CPU seconds for a million transfers."""
    records, trails = planted_world(np.random.default_rng(SEED))
    begun = time.process_time()
    book = ledger(records)
    read = time.process_time() - begun
    exact, spent, memory = 0, [], []
    for paid, kept in trails:
        code = book.code(paid.account)
        row = book.moves.filter(
            (pl.col("payee") == code) & (pl.col("at") == paid.at) & (pl.col("amount") == paid.amount)
        )
        begun = time.process_time()
        trail = follow(book, [Paid(paid.account, paid.at, paid.amount, int(row["number"][0]))])
        spent.append(time.process_time() - begun)
        memory.append(psutil.Process().memory_info().rss)
        told = [dict(trail.accounts.filter(pl.col(r) > 0).select("account", r).iter_rows()) for r in RULES]
        exact += all(one == kept for one in told)
    half = len(memory) // 2
    return {"planted": len(trails), "exact": exact, "transfers": book.moves.height, "ledger_cpu_s": round(read, 2),
            "first_trace_cpu_s": round(spent[0], 2), "trace_cpu_s": round(float(np.median(spent[1:])), 3),
            "memory_kib_per_trace": round((memory[-1] - memory[half]) / 1024 / max(half, 1), 1)}  # fmt: skip


def main() -> None:
    """Print the figures and keep them in results/cases.json."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", type=Path, default=Path("var/demo/runs"))
    parser.add_argument("--world", type=Path, default=Path("var/demo/world"))
    parser.add_argument("--second", action="store_true", help="Another world than the one lines were chosen with.")
    asked = parser.parse_args()
    run = finished(asked.run)
    told = {"code": code_version(), "run": run.folder.name, "cases": case_figures(run, asked.world)}
    before = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    found = {**before, "second_world": told} if asked.second else {**before, **told, "trail": trail_figures()}
    RESULTS.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=2, sort_keys=True))


if __name__ == "__main__":
    main()
