"""Which of its own transfers an institution can look up, and that nobody else's leave."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from fraudnet.contracts.drop import RECORDS
from fraudnet.contracts.results import HitEvidence
from fraudnet.pipeline.exchange.own_legs import AT_MOST, own_references

A, B, C = "account:bank_a:1", "account:bank_b:2", "account:bank_c:3"
T0 = datetime(2026, 9, 1, tzinfo=UTC)


def transfers(*rows: tuple[str, str, str, str | None]) -> pl.LazyFrame:
    types = {name: column.dtype for name, column in RECORDS["transfers"].columns().items()}
    table = [
        {"source": "s", "row_id": row, "transfer_id": row, "payer": payer, "payee": payee, "rail_ref": reference,
         "amount": 1, "currency": "VND", "at": T0 + timedelta(hours=n), "known_at": T0}
        for n, (row, payer, payee, reference) in enumerate(rows)
    ]  # fmt: skip
    return pl.DataFrame(table, schema=types).lazy()


def evidence(*rows: tuple[str, str, str]) -> pl.DataFrame:
    types = {name: column.dtype for name, column in HitEvidence.columns().items()}
    table = [
        {"entity_id": entity, "typology": "t", "position": n, "what": "new_payer", "table": table, "row_id": row}
        for n, (entity, table, row) in enumerate(rows)
    ]
    return pl.DataFrame(table, schema=types)


def test_only_own_transfers_with_a_reference_of_the_rail_are_named():
    rows = transfers(("1", A, B, "N1"), ("2", B, C, "N2"), ("3", B, A, "N3"), ("4", A, C, None), ("5", A, C, "N5"))
    found = own_references(rows, evidence(*((A, "transfers", row) for row in "12345"), (B, "transfers", "1"),
                                          (A, "uses", "5"), (A, "transfers", "1")))  # fmt: skip
    assert dict(found.rows()) == {A: ["N1", "N3", "N5"], B: ["N1"]}


def test_the_newest_are_kept_and_the_order_of_rows_changes_nothing():
    rows = [(f"{n:02}", A, B, f"N{n:02}") for n in range(AT_MOST + 5)]
    said = evidence(*((A, "transfers", row[0]) for row in rows))
    found = own_references(transfers(*rows), said)
    assert found["references"].to_list() == [[f"N{n:02}" for n in range(5, AT_MOST + 5)]]
    assert own_references(transfers(*rows).reverse(), said.reverse()).equals(found)


def test_without_evidence_there_are_none():
    assert own_references(transfers(), evidence()).is_empty()


def test_entries_of_a_run_name_transfers_that_the_drop_has(demo):
    entries = pl.read_parquet(demo.run / "list_entries.parquet").explode("references").drop_nulls("references")
    assert entries.height and set(entries["kind"]) == {"account"}
    known = pl.read_parquet(demo.drop / "transfers")
    references = {value for name in known.columns if known[name].dtype == pl.String for value in known[name].to_list()}
    assert set(entries["references"]) <= references
