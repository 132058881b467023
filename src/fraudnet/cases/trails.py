"""Where the money of the victims of many cases is now: every case's trail, followed one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from fraudnet.cases import reach
from fraudnet.cases.kernels import Flags, Ints
from fraudnet.cases.ledger import Ledger
from fraudnet.cases.paths import Paths, paths_of, room_for
from fraudnet.cases.trail import check_amounts, state
from fraudnet.contracts.cases import RULES
from fraudnet.contracts.columns import INSTANT

MOST_THREADS = 4  # each needs room for every move
ORDER = ("case", "at", "account", "amount", "row_id")


@dataclass(frozen=True)
class Trails:
    """accounts: case, account, state (as `trail.Trail`), and per rule what came (`came_<rule>`) and what is left.

    moves: case, at, payer (null: from outside), payee, amount, state (of the payee), and victims' money in it per rule.
    """

    accounts: pl.DataFrame
    moves: pl.DataFrame


def trails(book: Ledger, said: pl.DataFrame) -> Trails:
    """Follow what the victims of every case reported through a ledger, to its end, as `trail.follow` does for one.

    said: case, account, at, amount, number (of the move that is meant, null where there is none), row_id. What was paid
    to accounts that the ledger does not know is not followed.
    """
    known = book.accounts.select("code", "account", stops=state(pl.lit(True)) != "held")
    told = said.select(*ORDER, "number").sort(ORDER).join(known, on="account", maintain_order="left")
    check_amounts(told["amount"])
    paths, reports = placed(paths_of(book.moves), told)
    carried, left = followed(book, paths, reports)
    rules = {rule: pl.col("amount").filter(pl.col("rule") == place).sum() for place, rule in enumerate(RULES)}
    wide = carried.group_by("case", "place").agg(**rules).sort("case", "place")
    kept = left.group_by("case", "code").agg(
        pl.col("amount").filter(pl.col("rule") == place).first().alias(rule) for place, rule in enumerate(RULES)
    )
    moves = wide.with_columns(**_gathered(paths, wide["place"].to_numpy()))
    came = moves.group_by("case", code="payee").agg(pl.col(rule).sum().alias(f"came_{rule}") for rule in RULES)
    all_kept = came.join(kept, on=["case", "code"], how="left").with_columns(
        pl.coalesce(rule, f"came_{rule}").alias(rule) for rule in RULES
    )
    reported = reports.select("case", "code").unique().with_columns(reported=pl.lit(True))
    both = all_kept.join(reported, on=["case", "code"], how="left").join(book.accounts, on="code")
    accounts = both.with_columns(state=state(pl.col("reported").fill_null(False))).sort("case", "code")
    return Trails(accounts, _named(book, moves, accounts))


def placed(paths: Paths, told: pl.DataFrame) -> tuple[Paths, pl.DataFrame]:
    """The moves with the reports that mean none of them, and every report with the `place` of its move."""
    nobody = told.filter(pl.col("number").is_null())
    # Of two that one victim tells of one moment, the later one first: as `trail.follow` has them.
    order = nobody.with_row_index("line").sort("at", "line", descending=[False, True])
    rows = (order["code"].to_numpy(), order["at"].dt.epoch("us").to_numpy(), order["amount"].to_numpy())
    whole, places = paths.with_reports(*rows)
    named = told.filter(pl.col("number").is_not_null())
    numbers = named["number"].to_numpy()
    shifted = numbers + np.searchsorted(places - np.arange(len(places)), numbers, side="right")
    parts = [order.drop("line").with_columns(place=places), named.with_columns(place=shifted)]
    return whole, pl.concat(parts).sort("case", "place")


def followed(book: Ledger, paths: Paths, reports: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """case, rule, place, amount of every move that carried reported money; case, rule, code, amount that is left.

    Cases are dealt out to a few threads; nothing of a case depends on another.
    """
    statement = np.array(book.accounts["statement"].fill_null(False))
    own = (*reach.per_account(paths.payer, paths.payee, book.accounts.height), statement)
    # A report that means no move is a move in its own case alone; in all others it is of nothing.
    amount = paths.amount.copy()
    amount[reports.filter(pl.col("number").is_null())["place"].to_numpy()] = 0
    moves = (paths.payer, paths.payee, amount, paths.balance)
    hands = min(pl.thread_pool_size(), MOST_THREADS)
    dealt = [reports.filter(pl.col("case").rank("dense") % hands == hand) for hand in range(hands)]
    with ThreadPoolExecutor(hands) as pool:
        parts = list(pool.map(partial(traces, book, paths, (moves, own)), dealt))
    traced = [one for part in parts for one in part]
    return tabled(traced, "place", (0, 1)), tabled(traced, "code", (2, 3))


def traces(
    book: Ledger, paths: Paths, tools: tuple[reach.Moves, reach.Own], reports: pl.DataFrame
) -> list[tuple[int, int, reach.Trace]]:
    """case, rule and trace of some cases."""
    given_moves, own = tools
    room = room_for(len(paths.payer), book.accounts.height)
    return [
        (case, rule, reach.trace(rule, given, moves, own, stops, room))
        for case, given, moves, stops in each_case(book, paths, given_moves, reports)
        for rule in range(reach.RULES)
    ]


def tabled(traced: list[tuple[int, int, reach.Trace]], name: str, parts: tuple[int, int]) -> pl.DataFrame:
    """case, rule, what a part of every trace tells of (`name`), and amount."""
    none = np.zeros(0, np.int64)
    ends, amounts = (np.concatenate([none, *(trace[part] for _, _, trace in traced)]) for part in parts)
    sizes = np.array([len(trace[parts[0]]) for _, _, trace in traced], np.int64)
    case, rule = (np.repeat(np.array([one[place] for one in traced], np.int64), sizes) for place in (0, 1))
    return pl.DataFrame({"case": case, "rule": rule, name: ends, "amount": amounts})


def each_case(
    book: Ledger, paths: Paths, moves: reach.Moves, reports: pl.DataFrame
) -> Iterator[tuple[int, reach.Reports, reach.Moves, Flags]]:
    """Every case with its reports, the moves as it sees them, and which accounts stop."""
    usual = np.array(book.accounts.select(state(pl.lit(False)) != "held").to_series())
    stops, amount = usual.copy(), moves[2].copy()
    seen = (*moves[:2], amount, moves[3])
    for (case,), rows in reports.group_by("case", maintain_order=True):
        places, codes = rows["place"].to_numpy(), rows["code"].to_numpy()
        own = rows.filter(pl.col("number").is_null())["place"].to_numpy()
        stops[codes], amount[own] = rows["stops"].to_numpy(), paths.amount[own]
        start = int(np.searchsorted(paths.at, rows["at"].dt.epoch("us").to_numpy().min()))
        yield int(str(case)), (places, rows["amount"].to_numpy(), start), seen, stops
        stops[codes], amount[own] = usual[codes], 0


def _gathered(paths: Paths, places: Ints) -> dict[str, pl.Series]:
    columns = ("payer", "payee", "amount", "at")
    found = {name: pl.Series(getattr(paths, name)[places]).cast(pl.Int64) for name in columns}
    return {**found, "at": found["at"].cast(INSTANT)}


def _named(book: Ledger, moves: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """The moves with the ids of both ends and the state of the payee."""
    to = accounts.select("case", "state", payee="code", to="account")
    who = book.accounts.select(payer="code", source="account")
    told = moves.join(to, on=["case", "payee"]).join(who, on="payer", how="left")
    return told.select("case", "at", "amount", "state", *RULES, payer="source", payee="to")
