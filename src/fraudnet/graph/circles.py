"""Circles of transfers: money that comes round to where it started. Counted at the transfer that closes them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from fraudnet.graph import motif_circles as kernels
from fraudnet.graph.csr import Ints, Nodes
from fraudnet.graph.kernels import Flags, Floats
from fraudnet.graph.motif_kernels import Listed
from fraudnet.graph.motifs import CAP, DAY_US, Moves
from fraudnet.graph.ordering import counted

CIRCLE_US = 7 * DAY_US  # from the first transfer of a circle to its last
LONGEST = 6
STEPS = 2_000  # transfers that the search meets per closing transfer
HANDS = 2  # threads that search; who found what leaves no trace
PIECE = 1 << 17  # transfers whose circles are looked for, and held, at a time by each
ROOM = 4  # circles per transfer that there is room for at first


@dataclass(frozen=True)
class Circles:
    """Money that came round: row k of `rows` holds the transfers of circle k from first to last, then -1.

    The last one closes it, and they are in order of it. capped: accounts where a limit ended the search.
    """

    rows: Nodes
    capped: Flags

    @cached_property
    def length(self) -> Ints:
        """How many transfers each circle has."""
        return np.asarray((self.rows >= 0).sum(axis=1), dtype=np.int64)

    @cached_property
    def closing(self) -> Nodes:
        """The transfer that closes each circle."""
        return self.rows[np.arange(len(self.rows)), self.length - 1]


@dataclass(frozen=True)
class Search:
    """Some transfers as the search for circles reads them, their accounts renumbered; label: the new numbers.

    payer: of each transfer, renumbered. rule: (longest, cap per account, cap of steps per closing transfer).
    """

    label: Nodes
    payer: Nodes
    credited: kernels.Side
    paid: kernels.Side
    rule: tuple[int, int, int]

    def pieces(self) -> list[tuple[int, int]]:
        """Ranges of closing payers that made about as many transfers each."""
        start = self.paid[0]
        cuts = np.unique(np.searchsorted(start, np.arange(0, start[-1], PIECE), side="right"))
        edges = [0, *(int(cut) for cut in cuts if cut < len(self.label)), len(self.label)]
        return list(pairwise(edges))

    def found(self, pieces: list[tuple[int, int]], capped: Flags) -> Iterator[Nodes]:
        """The circles of each piece, LONGEST places each; accounts (as renumbered) that a limit cut short are marked.

        What one piece gave is overwritten by the next.
        """
        longest = self.rule[0]
        room = np.empty(ROOM * longest * PIECE, np.int32)
        for heads in pieces:
            size = self._one(heads, room, capped) * longest
            if size > len(room):
                room = np.empty(size, np.int32)
                self._one(heads, room, capped)
            yield room[:size]

    def _one(self, heads: tuple[int, int], room: Nodes, capped: Flags) -> int:
        return kernels.circles(self.credited, self.paid, self.rule, heads, room, capped)


def search_of(given: Moves, window: int, rule: tuple[int, int, int]) -> Search:
    """The transfers put together for the search; accounts that deal with each other lie close together."""
    label, order = kernels.nearby((given.received[0], given.received[2]), (given.made[0], given.made[2]))
    payer, payee = label[given.payer], label[given.payee]
    credited, paid = _side(given.received, order), _side(given.made, order)
    kernels.tell((payer, payee), kernels.moments(given.at, window), credited, paid)
    return Search(label, payer, credited, paid, rule)


def _side(mine: Listed, order: Nodes) -> kernels.Side:
    """The lists of accounts in another order of accounts, their facts still to be told."""
    begin, move = kernels.in_order(mine[0], mine[1], order)
    return begin, move, np.empty((len(move), 4), np.int32)


def circles(
    given: Moves, window: int = CIRCLE_US, longest: int = LONGEST, cap: int = CAP, steps: int = STEPS
) -> Circles:
    """Circles of 2 to `longest` different accounts, each transfer strictly later than the one before, in the window."""
    search, capped = search_of(given, window, (longest, cap, steps)), np.zeros(given.n, np.bool_)
    parts = [part.copy() for part in search.found(search.pieces(), capped)]
    rows = np.concatenate([np.empty(0, np.int32), *parts]).reshape(-1, longest)
    closing = Circles(rows, capped).closing
    order = counted(closing, np.arange(len(rows), dtype=np.int32), len(given.at))
    return Circles(rows[order], capped[search.label])


@dataclass(frozen=True)
class Rounds:
    """Per account: circles through it of 2, 3, ... accounts; the largest part of a first amount that came back; cut."""

    times: Ints
    share: Floats
    capped: Flags


def rounds(given: Moves) -> Rounds:
    """The circles through each account, of which no more are held at a time than one piece of the search finds."""
    search = search_of(given, CIRCLE_US, (LONGEST, CAP, STEPS))
    pieces = search.pieces()

    def count(hand: int) -> Rounds:
        told = np.zeros((LONGEST - 1, given.n), np.int64), np.zeros(given.n)
        capped = np.zeros(given.n, np.bool_)
        for rows in search.found(pieces[hand::HANDS], capped):
            kernels.tally(rows, LONGEST, search.payer, given.amount, told)
        return Rounds(*told, capped)

    with ThreadPoolExecutor(HANDS) as pool:
        parts = list(pool.map(count, range(HANDS)))
    label, times = search.label, np.sum([part.times for part in parts], axis=0)
    share = np.max([part.share for part in parts], axis=0)
    capped = np.any([part.capped for part in parts], axis=0)
    return Rounds(times[:, label], share[label], capped[label])
