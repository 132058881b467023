"""What is proposed to be held over all cases: victims' money on accounts, never on those of honest sellers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import polars as pl
from ledgers import START, name, records

from fraudnet.cases.ledger import ledger
from fraudnet.cases.summary import flows_of, holds_of
from fraudnet.cases.trails import trails
from fraudnet.contracts.columns import INSTANT

SAID = {"case": pl.Int64, "account": pl.String, "at": INSTANT, "amount": pl.Int64, "number": pl.Int64}
NOBODY = pl.DataFrame(schema={"node": pl.Int64, "entity_id": pl.String})
LINKS = pl.DataFrame(schema={"source": pl.Int64, "target": pl.Int64, "kind": pl.String, "last_at": INSTANT}).lazy()


def two_paid_accounts(kind: str) -> tuple[Any, pl.DataFrame]:
    """A victim pays half a million into account 0 and as much into account 3 (of a kind); a tenth leaves each."""
    told = records([(1, 9, 0, 500_000), (2, 9, 3, 500_000), (3, 0, -1, 50_000), (4, 3, -1, 50_000)], True)
    kinds = told.tables["accounts"].with_columns(
        kind=pl.when(pl.col("account_number") == "3").then(pl.lit(kind))
        .cast(told.tables["accounts"].collect_schema()["kind"])
    )  # fmt: skip
    book = ledger(told.with_tables(accounts=kinds))
    paid = book.moves.filter(pl.col("payer") == book.code(name(9)))["number"]
    rows = [(7, name(to), START, 500_000, number) for to, number in zip((0, 3), paid, strict=True)]
    said = pl.DataFrame(rows, schema=SAID, orient="row").with_columns(row_id=pl.lit("r.csv#1"))
    return SimpleNamespace(book=book, as_of=START, nodes=NOBODY, links=LINKS), said


def held(kind: str) -> dict[str, tuple[int, int]]:
    known, said = two_paid_accounts(kind)
    rows = holds_of(known, trails(known.book, said)).select("entity_id", "floor", "hold").iter_rows()
    return {entity: (floor, hold) for entity, floor, hold in rows}


def test_a_seller_in_good_faith_is_followed_and_never_held() -> None:
    assert held("personal") == {name(0): (450_000, 50_000), name(3): (450_000, 50_000)}
    assert held("merchant") == {name(0): (450_000, 50_000), name(3): (450_000, 0)}


def test_the_flows_of_a_case_add_up_to_what_was_reported() -> None:
    known, said = two_paid_accounts("personal")
    flows = flows_of(trails(known.book, said)).sort("source", "target")
    assert flows.select("case", "source", "target", "amount").rows() == [
        (7, name(0), "exit:cash", 50_000), (7, name(3), "exit:cash", 50_000),
        (7, name(9), name(0), 500_000), (7, name(9), name(3), 500_000),
    ]  # fmt: skip
