"""The smallest amount to hold so that nothing more of the victims' money leaves by the ways it could take."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import combinations, pairwise

import polars as pl

from fraudnet.cases.ledger import Ledger
from fraudnet.expressions import local

WAYS_DAYS = 30
SINK = "gone"
ONWARD = "onward"
FEW, MOST_NAMED = 10, 40
STOPS = ("cash", "crypto", "abroad", ONWARD)
# How much can go from whom to whom.
Goes = dict[str, dict[str, int]]


def ways(book: Ledger, held: pl.DataFrame, until: datetime) -> pl.DataFrame:
    """case, payer, payee, most: between accounts of a trail and to exits, the largest sum of one day in 30 days.

    Whatever leaves for an account outside the trail that nobody tells about counts as a way out too; payments to the
    honest do not. held: case and account, those on which money of the trail is or was worth telling.
    """
    since = until - timedelta(days=WAYS_DAYS)
    who = book.accounts.select("code", "account", "why", "until")
    mine = held.select("case", "account").join(who, on="account").select("case", payer="code", source="account")
    recent = book.moves.lazy().filter((pl.col("at") >= since) & (pl.col("at") <= until))
    paid = recent.select("at", "amount", "payer", "payee").join(mine.lazy(), on="payer").collect(engine="streaming")
    target = who.select(payee="code", account="account", why="why", told="until")
    inside = held.select("case", "account", inside=True)
    moved = paid.join(target, on="payee").join(inside, on=["case", "account"], how="left")
    end = (
        pl.when(pl.col("account") == "exit:cash")
        .then(pl.lit("cash"))
        .when(pl.col("why").str.starts_with("exit:"))
        .then(pl.col("why").str.strip_prefix("exit:"))
        .when(pl.col("why").is_null() & pl.col("told").is_null())
        .then(pl.lit(ONWARD))
    )
    goes = moved.with_columns(target=pl.when("inside").then("account").otherwise(end)).drop_nulls("target")
    daily = goes.group_by("case", "source", "target", local("at").dt.date().alias("day")).agg(pl.col("amount").sum())
    largest = daily.group_by("case", payer="source", payee="target").agg(most=pl.col("amount").max())
    return largest.sort("case", "payer", "payee")


def smallest_hold(floors: dict[str, int], open_ways: pl.DataFrame) -> list[tuple[str, int, str]]:
    """account, amount, what it stops: the minimum cut between where the money is now and the ways out.

    floors: what every rule finds on each account. open_ways: as `ways` gives them; what is none of the accounts is a
    way out. The amounts add up to the largest flow that the ways could carry in a day (Ford and Fulkerson, 1956), none
    is above its account's floor, and as few accounts are named as can carry it: exactly so up to ten, else none of
    those named could be left out. Ties go to the larger floor, then to the id. Beyond the 40 largest floors nobody can
    be called in time: they are not held.
    """
    largest = sorted(floors, key=lambda account: (-floors[account], account))[:MOST_NAMED]
    caps = {account: floors[account] for account in sorted(largest) if floors[account] > 0}
    goes = outward(open_ways)
    total = flow(caps, goes)
    order = sorted(caps, key=lambda account: (-caps[account], account))
    named = fewest(caps, goes, order, total)
    chosen = {account: caps[account] for account in named}
    for account in reversed(named):
        chosen[account] = total - flow({**chosen, account: 0}, goes)
    return [(account, amount, stopped(account, open_ways)) for account, amount in chosen.items() if amount > 0]


def fewest(caps: dict[str, int], goes: Goes, order: list[str], total: int) -> list[str]:
    """The fewest accounts over which the whole flow fits, the larger floors first."""

    def carries(some: Sequence[str]) -> bool:
        mine = {account: caps[account] for account in some}
        return sum(mine.values()) >= total and flow(mine, goes) == total

    if len(order) <= FEW:
        # Whoever cannot be left out alone is among any that carry: only the others are tried.
        spare = {account for account in order if carries([other for other in order if other != account])}
        some = (one for size in range(len(order) + 1) for one in combinations(order, size))
        return list(next(one for one in some if len(spare.union(one)) == len(order) and carries(one)))
    kept = list(order)
    for account in reversed(order):
        rest = [other for other in kept if other != account]
        if carries(rest):
            kept = rest
    return kept


def outward(open_ways: pl.DataFrame) -> Goes:
    """How much can go from each account to each other one, and to all ways out together."""
    goes: Goes = {}
    for payer, payee, most in open_ways.select("payer", "payee", "most").iter_rows():
        to = SINK if payee in STOPS else payee
        mine = goes.setdefault(payer, {})
        mine[to] = mine.get(to, 0) + most
    return goes


def flow(caps: dict[str, int], goes: Goes) -> int:
    """The most that can flow from these accounts to the ways out.

    By the shortest ways that still have room (Edmonds and Karp, 1972), one account after the other: from what an
    account could not bring out any more, nothing that comes there later gets out either.
    """
    room = {one: dict(mine) for one, mine in goes.items()}
    total, closed = 0, set[str]()
    for account, cap in caps.items():
        left = cap
        while left > 0 and (way := open_way(account, room, closed)):
            carried = min(left, *(room[one][other] for one, other in pairwise(way)))
            for one, other in pairwise(way):
                room[one][other] -= carried
                back = room.setdefault(other, {})
                back[one] = back.get(one, 0) + carried
            left -= carried
            total += carried
    return total


def open_way(start: str, room: Goes, closed: set[str]) -> list[str]:
    """The accounts of a shortest way out that has room; without one nothing, and all that were seen are closed."""
    before = {start: ""}
    asking = [] if start in closed else [start]
    for one in asking:
        mine = room.get(one, {})
        if mine.get(SINK, 0) > 0:
            way = [SINK, one]
            while way[-1] != start:
                way.append(before[way[-1]])
            return way[::-1]
        for other, most in mine.items():
            if most > 0 and other not in before and other not in closed:
                before[other] = one
                asking.append(other)
    closed.update(before)
    return []


def stopped(account: str, open_ways: pl.DataFrame) -> str:
    """The nearest way out from an account: its own largest one, else onward through others."""
    rows = open_ways.select("payer", "payee", "most").iter_rows()
    own = [(-most, payee) for payer, payee, most in rows if payer == account and payee in STOPS]
    return str(min(own)[1]) if own else ONWARD
