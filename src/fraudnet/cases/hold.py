"""The smallest amount to hold so that nothing more of the victims' money leaves by the ways it could take."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl

from fraudnet.cases.ledger import Ledger
from fraudnet.expressions import local

WAYS_DAYS = 30
SOURCE, SINK = "now", "gone"
ONWARD = "onward"
FEW, MOST_NAMED = 10, 40
STOPS = ("cash", "crypto", "abroad", ONWARD)


def ways(book: Ledger, accounts: pl.DataFrame, until: datetime) -> pl.DataFrame:
    """payer, payee, most: between accounts of a trail and to exits, the largest sum of one day in the last 30 days.

    Whatever leaves for an account outside the trail that nobody tells about counts as a way out too; payments to the
    honest do not. accounts: as `Trail.accounts`.
    """
    since = until - timedelta(days=WAYS_DAYS)
    held = accounts.filter(pl.col("state") == "held").select("account")
    who = book.accounts.select("code", "account", "why", "until")
    mine = who.join(held, on="account", how="semi").select(payer="code", source="account")
    paid = book.paid_by(mine["payer"])
    recent = paid.filter((pl.col("at") >= since) & (pl.col("at") <= until))
    met = who.join(recent.select(code="payee"), on="code", how="semi")
    target = met.select(payee="code", account="account", why="why", told="until")
    moved = recent.drop("source").join(mine, on="payer").join(target, on="payee")
    end = (
        pl.when(pl.col("account") == "exit:cash")
        .then(pl.lit("cash"))
        .when(pl.col("why").str.starts_with("exit:"))
        .then(pl.col("why").str.strip_prefix("exit:"))
        .when(pl.col("why").is_null() & pl.col("told").is_null())
        .then(pl.lit(ONWARD))
    )
    inside = pl.col("account").is_in(held["account"].implode())
    goes = moved.with_columns(target=pl.when(inside).then("account").otherwise(end)).drop_nulls("target")
    daily = goes.group_by("source", "target", local("at").dt.date().alias("day")).agg(pl.col("amount").sum())
    largest = daily.group_by(payer="source", payee="target").agg(most=pl.col("amount").max())
    return largest.sort("payer", "payee")


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
    total = largest_flow(caps, open_ways)
    order = sorted(caps, key=lambda account: (-caps[account], account))
    named = fewest(caps, open_ways, order, total)
    chosen = {account: caps[account] for account in named}
    for account in reversed(named):
        chosen[account] = total - largest_flow({**chosen, account: 0}, open_ways)
    return [(account, amount, stopped(account, open_ways)) for account, amount in chosen.items() if amount > 0]


def fewest(caps: dict[str, int], open_ways: pl.DataFrame, order: list[str], total: int) -> list[str]:
    """The fewest accounts over which the whole flow fits, the larger floors first."""
    from itertools import combinations

    if len(order) <= FEW:
        for size in range(len(order) + 1):
            for some in combinations(order, size):
                if largest_flow({account: caps[account] for account in some}, open_ways) == total:
                    return list(some)
    kept = dict(caps)
    for account in reversed(order):
        rest = {other: cap for other, cap in kept.items() if other != account}
        if largest_flow(rest, open_ways) == total:
            kept = rest
    return [account for account in order if account in kept]


def largest_flow(caps: dict[str, int], open_ways: pl.DataFrame) -> int:
    """The most that can flow from these accounts to the ways out."""
    import networkx as nx

    graph: Any = nx.DiGraph()
    graph.add_nodes_from([SOURCE, SINK])
    for account, cap in sorted(caps.items()):
        graph.add_edge(SOURCE, f"on {account}", capacity=cap)
    goes = open_ways.select("payer", "most", to=pl.when(pl.col("payee").is_in(STOPS)).then(None).otherwise("payee"))
    summed = goes.group_by("payer", "to").agg(pl.col("most").sum()).sort("payer", "to")
    for payer, to, most in summed.select("payer", "to", "most").iter_rows():
        graph.add_edge(f"on {payer}", SINK if to is None else f"on {to}", capacity=most)
    return int(nx.maximum_flow_value(graph, SOURCE, SINK))


def stopped(account: str, open_ways: pl.DataFrame) -> str:
    """The nearest way out from an account: its own largest one, else onward through others."""
    own = open_ways.filter((pl.col("payer") == account) & pl.col("payee").is_in(STOPS))
    return str(own.sort("most", "payee", descending=[True, False])["payee"][0]) if own.height else ONWARD
