"""Which payment each victim's complaint means: no payment counts twice, no two payments count as one."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from fraudnet.cases.ledger import OUTSIDE, Ledger

DAYS, NEAR_SECONDS = 90, 86_400
SAME = ("case", "entity", "amount")


def complaints(book: Ledger, reports: pl.DataFrame, members: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """What victims paid to members: case, account, payer, at, amount, number (the move, null where none fits).

    reports: entity, amount, event_at, at, source, row_id, report_id, complainant_key, and `named_source`, `named_row`
    of the transfer that a report names, where it is among the moves. Reports of the last 90 days. A report means the
    move that it names, else a move of its amount into the account within a day of the moment it tells, the nearest
    that no other report means: two victims who paid the same on one day are two payments. Reports of one complainant
    about one sum on one day, and more reports than there are such moves, are one payment told again.
    """
    mine = members.select("case", entity="entity_id")
    recent = reports.filter(pl.col("at") >= as_of - timedelta(days=DAYS), pl.col("amount") > 0)
    told = recent.join(mine, on="entity").with_columns(when=pl.coalesce("event_at", "at"))
    ordered = told.sort(*SAME, "when", "source", "row_id").unique([*SAME, "source", "report_id"], keep="first")
    wanted = once_each(ordered.sort(*SAME, "when", "source", "row_id")).with_row_index("report")
    possible = candidates(book, wanted)
    meant = chosen(possible)
    lonely = wanted.join(meant.select("report"), on="report", how="anti").join(possible, on="report", how="anti")
    both = pl.concat([wanted.join(meant, on="report"), lonely], how="diagonal_relaxed").sort("report")
    who = book.accounts.select("code", payer="account")
    paid = both.rename({"from": "code"}).join(who, on="code", how="left", maintain_order="left")
    moment = pl.coalesce("moved", "when")
    return paid.select("case", "amount", "number", "source", "row_id", "payer", account="entity", at=moment)


def once_each(told: pl.DataFrame) -> pl.DataFrame:
    """The reports without those in which one complainant tells the same sum on the same day again."""
    day = pl.col("when").dt.date()
    again = pl.struct(*SAME, "complainant_key", day).is_first_distinct()
    named = pl.col("named_row").is_not_null()  # two payments that are named apart are two
    first = told.sort(*SAME, ~named, "when", "source", "row_id")
    return first.filter(pl.col("complainant_key").is_null() | again | named).sort(*SAME, "when", "source", "row_id")


def candidates(book: Ledger, wanted: pl.DataFrame) -> pl.DataFrame:
    """report, number, from, moved, gap: the moves that each report may mean; of one that names its move only that."""
    coded = wanted.join(book.accounts.select(payee="code", entity="account"), on="entity")
    payee = pl.col("payee").is_in(coded["payee"].unique().implode())
    moves = book.moves.filter(payee & (pl.col("payer") != OUTSIDE))
    facts = moves.select("number", "payer", "payee", "amount", pl.col("source").cast(pl.String), "row_id", moved="at")
    columns = ("report", "number", "moved", "gap", pl.col("payer").alias("from"))
    named = coded.select("report", "payee", source="named_source", row_id="named_row").join(
        facts, on=["payee", "source", "row_id"]
    )
    alike = ["payer", "payee", "amount", "moved"]  # rows that say the same are one as good as the other
    named = named.select("report", *alike).join(facts, on=alike)
    exact = named.with_columns(gap=pl.lit(-1, pl.Int64)).select(columns)
    rest = coded.join(exact, on="report", how="anti").select("report", "payee", "amount", "when")
    near = rest.join(facts, on=["payee", "amount"]).with_columns(
        gap=(pl.col("moved") - pl.col("when")).dt.total_seconds().abs()
    )
    return pl.concat([exact, near.filter(pl.col("gap") <= NEAR_SECONDS).select(columns)])


def chosen(possible: pl.DataFrame) -> pl.DataFrame:
    """One move for each report and one report for each move, as many pairs as can be, the nearest of each first."""
    ways: dict[int, list[int]] = {}
    for report, number in possible.sort("report", "gap", "number").select("report", "number").iter_rows():
        ways.setdefault(report, []).append(number)
    nearest = possible.group_by("report").agg(pl.col("gap").min()).sort("gap", "report")
    taken: dict[int, int] = {}
    for report in nearest["report"]:
        _seat(report, ways, taken)
    pairs = [(report, number) for number, report in taken.items()]
    made = pl.DataFrame(pairs, schema={"report": possible.schema["report"], "number": pl.Int64}, orient="row")
    return made.join(possible, on=["report", "number"]).drop("gap")


def _seat(report: int, ways: dict[int, list[int]], taken: dict[int, int]) -> None:
    """Give a report a move; a report that must make room takes its next one (augmenting path, Berge 1957)."""
    reached_by: dict[int, int] = {}  # move, and the report that would take it
    asking = [report]
    for one in asking:
        for number in ways[one]:
            if number in reached_by:
                continue
            reached_by[number] = one
            if number in taken:
                asking.append(taken[number])
                continue
            _shift(number, report, reached_by, taken)
            return


def _shift(number: int, report: int, reached_by: dict[int, int], taken: dict[int, int]) -> None:
    """Along the path that ends in a free move, every report takes the move that it reached."""
    had = {} if reached_by[number] == report else {one: move for move, one in taken.items()}
    while True:
        one = reached_by[number]
        taken[number] = one
        if one == report:
            return
        number = had[one]
