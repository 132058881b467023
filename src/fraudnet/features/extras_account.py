"""Feature family `extras_account`: what the drop says about an account and its transfers beyond the contract."""

from __future__ import annotations

import re
from collections.abc import Iterable

import polars as pl

from fraudnet.contracts.columns import EXTRA
from fraudnet.contracts.drop import Records
from fraudnet.contracts.features import Column
from fraudnet.features.extras import as_given, given_columns, numbers, plain_number, said
from fraudnet.features.family import Family
from fraudnet.features.shape import owned

NAME = "extras_account"
ENDS = {"in": "payee", "out": "payer"}
MADE_OF = re.compile(rf"(?:in|out)_({EXTRA}.+)_(?:mean|max)")
WORDS = {"in": "of the transfers that came in", "out": "of the transfers that went out"}


def extras_account(records: Records, nodes: pl.DataFrame, keep: pl.Expr | None) -> pl.LazyFrame:
    """The extra attributes of an account, and mean and largest value of the number-like ones of its transfers.

    Columns `x_<name>`, and `in_x_<name>_mean`, `..._max`, `out_...`. An account without such a row has nulls. One row
    per account node.
    """
    table = owned(nodes.lazy().filter(pl.col("kind") == "account").select("node"), keep)
    given = as_given(records, "accounts", keep)
    parts = [] if given is None else [given]
    parts += [_of_transfers(records, side, keep) for side in ENDS if numbers(records, "transfers")]
    for part in parts:
        table = table.join(part, on="node", how="left")
    return table


def columns(records: Records) -> tuple[Column, ...]:
    """What the columns mean, in order: the account's own, then those of its incoming and outgoing transfers."""
    found = list(given_columns(records, "accounts", NAME))
    for side, words in WORDS.items():
        for name in numbers(records, "transfers"):
            found.append(Column(f"{side}_{name}_mean", f"mean {said(name)} {words}", NAME, spread=True))
            found.append(Column(f"{side}_{name}_max", f"largest {said(name)} {words}", NAME))
    return tuple(found)


def made_of_transfers(given: Iterable[Column]) -> dict[str, str]:
    """Which of these columns are made of an extra attribute of the account's own transfers, and of which one."""
    told = {column.name: MADE_OF.fullmatch(column.name) for column in given if column.family == NAME}
    return {name: match[1] for name, match in told.items() if match}


def _of_transfers(records: Records, side: str, keep: pl.Expr | None) -> pl.LazyFrame:
    kinds = records.table("transfers").collect_schema()
    names = numbers(records, "transfers")
    rows = records.table("transfers").select(*(plain_number(n, kinds[n]) for n in names), node=ENDS[side])
    aggregates = []
    for name in names:
        # Added in order of size, so that the last bit does not depend on the order of rows; as a list, because
        # Polars turns `sort().mean()` back into `mean()`.
        aggregates.append(pl.col(name).drop_nulls().sort().implode().list.mean().alias(f"{side}_{name}_mean"))
        aggregates.append(pl.col(name).max().alias(f"{side}_{name}_max"))
    return owned(rows, keep).group_by("node").agg(*aggregates)


FAMILY = Family(NAME, "account", extras_account, columns=columns)
