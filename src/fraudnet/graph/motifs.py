"""Temporal motifs in transfers: fans, chains, scatter-gather, gather-scatter and shared-payer bursts.

Each motif is counted at the transfer that closes it and never earlier or later; transfers of one moment are in no
order, so one never follows another. What is looked at is bounded by named limits; accounts where a limit cut something
off are marked in `capped`, never left out silently.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from fraudnet.graph import motif_kernels as kernels
from fraudnet.graph.csr import Ints, Nodes, compact
from fraudnet.graph.kernels import Flags
from fraudnet.graph.ordering import grouped, settle

DAY_US = 86_400_000_000
FAN_US = DAY_US  # fans, chains, scatter-gather, gather-scatter and bursts: steps within a day of each other
KEPT_PERMILLE = 100  # of a credit that a middleman may keep when passing it on
LEAST = 3  # different accounts that make a scatter, a gathering or a burst
CAP = 64  # transfers of one account that one look back meets, the latest first
ROOM = 1  # pairs per transfer that there is room for at first


@dataclass(frozen=True)
class Moves:
    """Transfers between different known accounts in order of time.

    nodes[i] is the node that the columns call i. at: microseconds. row: the place in the frame they were made from.
    """

    nodes: Ints
    payer: Nodes
    payee: Nodes
    at: Ints
    amount: Ints
    row: Ints

    @property
    def n(self) -> int:
        """How many accounts there are."""
        return len(self.nodes)

    @cached_property
    def received(self) -> kernels.Listed:
        """The transfers that each account received."""
        return kernels.listed(*grouped(self.payee, self.n), self.payer, self.at)

    @cached_property
    def made(self) -> kernels.Listed:
        """The transfers that each account made."""
        return kernels.listed(*grouped(self.payer, self.n), self.payee, self.at)


def moves(transfers: pl.DataFrame) -> Moves:
    """Order transfers by moment; those of one moment by amount and row id, so that row order does not matter.

    transfers: payer, payee (node keys), at, amount, row_id. Rows without both ends, a moment and an amount, and
    transfers to oneself, are left out.
    """
    named = transfers.lazy().with_row_index("row").filter(pl.col("payer") != pl.col("payee"), ~_unknown())
    narrow = named.select("row", pl.col("payer", "payee").cast(pl.Int32), "amount", at=pl.col("at").dt.epoch("us"))
    keys, names = narrow.collect(engine="streaming"), transfers["row_id"]
    del named, narrow, transfers  # the rest of it is not held beside its narrow copy
    keys = keys if keys["at"].is_sorted() else keys.sort("at")
    payer, payee, at, amount, row = (keys[c].to_numpy() for c in ("payer", "payee", "at", "amount", "row"))
    order = np.arange(len(at), dtype=np.int32)
    settle(at, (amount, payer, payee), order)
    tied = _tied(at[order], amount[order])
    if len(tied):  # only rows that tie are looked up by their text
        tie = np.zeros(len(at), np.int32)
        tie[order[tied]] = names.gather(row[order[tied]]).rank("ordinal").to_numpy()
        settle(at, (amount, tie, tie), order)
    nodes, payer, payee = compact(payer[order], payee[order])
    return Moves(nodes, payer, payee, at[order], amount[order], row[order].astype(np.int64))


def _tied(at: Ints, amount: Ints) -> Ints:
    """The rows, sorted by both, that share both with the one before or after."""
    same = np.r_[False, (at[1:] == at[:-1]) & (amount[1:] == amount[:-1]), False]
    return np.flatnonzero(same[:-1] | same[1:])


def _unknown() -> pl.Expr:
    return pl.any_horizontal(pl.col("payer", "payee", "at", "amount").is_null())


def fan_in(given: Moves, window: int = FAN_US) -> Nodes:
    """Per transfer, how many different accounts paid its payee in (at - window, at]."""
    return kernels.fans(given.received, window)


def fan_out(given: Moves, window: int = FAN_US) -> Nodes:
    """Per transfer, how many different accounts its payer paid in (at - window, at]."""
    return kernels.fans(given.made, window)


@dataclass(frozen=True)
class Chains:
    """Who passed on which credit: transfer `i` passes on transfer `source[i]` (-1: none).

    depth: how many transfers of its chain lie before it. follower: the transfer that passes it on (-1: none yet).
    capped: accounts that had more credits within the window than were looked at.
    """

    source: Nodes
    depth: Nodes
    capped: Flags

    @cached_property
    def follower(self) -> Nodes:
        """The transfer that passes each transfer on; -1 where none does."""
        found = np.full(len(self.source), -1, np.int32)
        linked = np.flatnonzero(self.source >= 0)
        found[self.source[linked]] = linked
        return found


def chains(given: Moves, window: int = FAN_US, kept: int = KEPT_PERMILLE, cap: int = CAP) -> Chains:
    """Match each transfer with the latest earlier credit of its payer that it passes on nearly whole.

    At most the window after the credit, of at most its amount and at least all but `kept` thousandths; each credit
    once, first come first served. Money that goes straight back is no chain.
    """
    capped = np.zeros(given.n, np.bool_)
    source, depth = kernels.pass_ons(given.received, given.made, given.amount, (window, kept, cap), capped)
    return Chains(source, depth, capped)


@dataclass(frozen=True)
class Gathered:
    """Pairs of transfers that meet in a motif of at least LEAST different middles.

    first, second: the transfers of each pair, second strictly later. number: the motif it is part of. closing: the
    transfer that made it part of it. width: different middles at that pair's own moment.
    """

    first: Nodes
    second: Nodes
    number: Ints
    closing: Nodes
    width: Ints
    capped: Flags


def scatter_gather(given: Moves, window: int = FAN_US, least: int = LEAST, cap: int = CAP) -> Gathered:
    """One account pays several middles, each of which pays the same other account within the window.

    first goes from the source to a middle, second from that middle to the sink; it closes when, within the window, the
    payments of `least` different middles have reached the sink.
    """
    # What comes together in a window begins within two.
    chosen = kernels.crowded(given.made, 2 * window, least), kernels.crowded(given.received, window, least)
    pairs = _wedges(given, given.received, chosen, (window, cap))
    group = given.payer[pairs[0]].astype(np.int64) * given.n + given.payee[pairs[1]]
    return _gathered(given, pairs, group, (window, least))


def bursts(given: Moves, window: int = FAN_US, least: int = LEAST, cap: int = CAP) -> Gathered:
    """Several accounts each pay the same two others: a bipartite burst.

    first and second are the payments of one payer to the two; it closes when, within the window, `least` different
    payers have paid both.
    """
    chosen = kernels.crowded(given.received, 2 * window, least)
    pairs = _wedges(given, given.made, (chosen, chosen), (window, cap))
    one, two = given.payee[pairs[0]].astype(np.int64), given.payee[pairs[1]]
    group = np.minimum(one, two) * given.n + np.maximum(one, two)
    return _gathered(given, pairs, group, (window, least))


def gather_scatter(given: Moves, window: int = FAN_US, least: int = LEAST) -> Flags:
    """Which transfers close a gather-scatter of their payer.

    A transfer scatters when in the window strictly before it at least `least` different accounts paid its payer; the
    one with which the payer has scattered to `least` different accounts within the window closes it.
    """
    return kernels.relays(given.received, given.made, (window, least))


def _wedges(
    given: Moves, first: kernels.Listed, chosen: tuple[Flags, Flags], rule: tuple[int, int]
) -> tuple[Nodes, Nodes, Flags]:
    """Both transfers of each pair, and cut accounts; searched again only where there are more than ROOM a transfer."""
    capped, size = np.zeros(given.n, np.bool_), 2 * ROOM * len(given.at)
    room = np.empty(0, np.int32)
    while size > len(room):
        room = np.empty(size, np.int32)
        size = 2 * kernels.wedges(first, given.made, chosen, rule, room, capped)
    return room[0:size:2], room[1:size:2], capped


def _gathered(given: Moves, pairs: tuple[Nodes, Nodes, Flags], group: Ints, rule: tuple[int, int]) -> Gathered:
    """Sort pairs by group and time and keep those that come together."""
    first, second, capped = pairs
    kept = kernels.often(group, rule[1])  # nearly every group is one pair: those need no sorting
    first, second, group = first[kept], second[kept], group[kept]
    order = np.lexsort((second, group))  # a transfer is `second` once in a group
    first, second, group = first[order], second[order], group[order]
    middle = given.payer[second]
    part, closes, width = kernels.gatherings(group, middle, given.at[second], rule, given.n)
    kept = part >= 0
    return Gathered(first[kept], second[kept], part[kept], second[closes[kept]], width[kept], capped)
