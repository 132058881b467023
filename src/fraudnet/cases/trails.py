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
from fraudnet.cases.ledger import CODE, Ledger
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
    Texts are looked up for those of them alone that are asked for.
    """

    accounts: pl.DataFrame
    moves: pl.LazyFrame


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
    wide = by_rule(carried, "place").with_columns(pl.col(RULES).fill_null(0))
    moves = wide.with_columns(**_gathered(paths, wide["place"].to_numpy()))
    sums = (pl.col(rule).sum().alias(f"came_{rule}") for rule in RULES)
    came = moves.lazy().group_by("case", code="payee").agg(sums).collect(engine="streaming")
    all_kept = came.join(by_rule(left, "code"), on=["case", "code"], how="left").with_columns(
        pl.coalesce(rule, f"came_{rule}").alias(rule) for rule in RULES
    )
    reported = reports.select("case", "code").unique().with_columns(reported=pl.lit(True))
    both = all_kept.sort("case", "code").join(reported, on=["case", "code"], how="left", maintain_order="left")
    told = both.join(book.accounts.select("code", "account", "why", "until"), on="code", maintain_order="left")
    accounts = told.with_columns(state=state(pl.col("reported").fill_null(False))).drop("reported", "why", "until")
    return Trails(accounts, _named(book, moves, accounts))


def by_rule(traced: pl.DataFrame, name: str) -> pl.DataFrame:
    """case, what a trace tells of (`name`), and the amount by each rule, null where it tells nothing of that."""
    amount = {rule: pl.when(pl.col("rule") == place).then("amount").max() for place, rule in enumerate(RULES)}
    return traced.lazy().group_by("case", name).agg(**amount).collect(engine="streaming").sort("case", name)


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
    amount = paths.amount.copy()
    amount[reports.filter(pl.col("number").is_null())["place"].to_numpy()] = 0  # known to `reach.typed` alone
    moves = (paths.payer, paths.payee, amount, paths.balance)
    own = (*reach.per_account(*moves[:3], book.accounts.height), statement)
    hands = min(pl.thread_pool_size(), MOST_THREADS)
    dealt = [reports.filter(pl.col("case").rank("dense") % hands == hand) for hand in range(hands)]
    with ThreadPoolExecutor(hands) as pool:
        parts = list(pool.map(partial(traces, book, paths, (moves, own)), dealt))
    traced = [one for part in parts for one in part]
    return tabled(traced, "place", (0, 1)), tabled(traced, "code", (2, 3)).with_columns(pl.col("code").cast(CODE))


def traces(
    book: Ledger, paths: Paths, tools: tuple[reach.Moves, reach.Own], reports: pl.DataFrame
) -> list[tuple[int, int, reach.Trace]]:
    """case, rule and trace of some cases."""
    moves, own = tools
    room = room_for(len(paths.payer), book.accounts.height)
    return [
        (case, rule, reach.trace(rule, given, moves, own, stops, room))
        for case, given, stops in each_case(book, paths, reports)
        for rule in range(reach.RULES)
    ]


def tabled(traced: list[tuple[int, int, reach.Trace]], name: str, parts: tuple[int, int]) -> pl.DataFrame:
    """case, rule, what a part of every trace tells of (`name`), and amount."""
    none = np.zeros(0, np.int64)
    ends, amounts = (np.concatenate([none, *(trace[part] for _, _, trace in traced)]) for part in parts)
    sizes = np.array([len(trace[parts[0]]) for _, _, trace in traced], np.int64)
    case, rule = (np.repeat(np.array([one[place] for one in traced], np.int64), sizes) for place in (0, 1))
    return pl.DataFrame({"case": case, "rule": rule, name: ends, "amount": amounts})


def each_case(book: Ledger, paths: Paths, reports: pl.DataFrame) -> Iterator[tuple[int, reach.Reports, Flags]]:
    """Every case with its reports, and which accounts stop."""
    usual = np.array(book.accounts.select(state(pl.lit(False)) != "held").to_series())
    stops = usual.copy()
    for (case,), rows in reports.group_by("case", maintain_order=True):
        places, codes = rows["place"].to_numpy(), rows["code"].to_numpy()
        stops[codes] = rows["stops"].to_numpy()
        start = int(np.searchsorted(paths.at, rows["at"].dt.epoch("us").to_numpy().min()))
        yield int(str(case)), (places, rows["amount"].to_numpy(), start), stops
        stops[codes] = usual[codes]


def _gathered(paths: Paths, places: Ints) -> dict[str, pl.Series]:
    found = {name: pl.Series(getattr(paths, name)[places]) for name in ("payer", "payee", "amount", "at")}
    return {**found, "at": found["at"].cast(INSTANT)}


def _named(book: Ledger, moves: pl.DataFrame, accounts: pl.DataFrame) -> pl.LazyFrame:
    """The moves with the ids of both ends and the state of the payee."""
    to = accounts.lazy().select("case", "state", payee="code", to="account")
    who = book.accounts.lazy().select(payer="code", source="account")
    told = moves.lazy().join(to, on=["case", "payee"]).join(who, on="payer", how="left")
    return told.select("case", "at", "amount", "state", *RULES, payer="source", payee="to")
