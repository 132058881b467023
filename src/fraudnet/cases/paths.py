"""The moves of a ledger as arrays and lists per account, made once for all trails."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.cases import reach
from fraudnet.cases.kernels import Flags, Ints
from fraudnet.graph.motif_kernels import Lists, lists


@dataclass(frozen=True)
class Paths:
    """payer (-1 from outside), payee, amount, balance (told after the move, UNTOLD where it is not), at (µs): of each
    move in its order. out, into: the moves of each account that it paid, and that it was paid.
    """

    payer: NDArray[np.int32]
    payee: NDArray[np.int32]
    amount: Ints
    balance: Ints
    at: Ints
    out: Lists
    into: Lists

    def paid_by(self, codes: Ints) -> Ints:
        """The places of all moves that some accounts paid, in their order."""
        return np.sort(_listed(self.out, codes))

    def touching(self, codes: Ints) -> Flags:
        """Of every move whether one of some accounts is part of it."""
        found = np.zeros(len(self.payer), np.bool_)
        for side in (self.out, self.into):
            found[_listed(side, codes)] = True
        return found

    def carriers(self, put: Ints, stops: Flags, statement: Flags, span: tuple[int, int]) -> Flags:
        """The accounts that reported money comes to by any rule, in the moves of a span of places.

        put: reported money in each move. Accounts that stop are reached and lead no further.
        """
        moves = (self.payer, self.payee, self.amount, put)
        own = (self.out, self.into, self.balance, statement)
        found = np.zeros(len(stops), np.bool_)
        for rule in range(reach.RULES):
            found |= reach.carriers(rule, moves, own, stops, span)
        return found


def _listed(side: Lists, codes: Ints) -> Ints:
    indptr, order = side
    parts = [order[indptr[code] : indptr[code + 1]] for code in codes]
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def paths_of(moves: pl.DataFrame, n: int) -> Paths:
    """The index of a ledger's moves among n accounts."""
    payer, payee = (moves[end].cast(pl.Int32).to_numpy() for end in ("payer", "payee"))
    balance = moves["balance_after"].fill_null(reach.UNTOLD).to_numpy()
    amount, at = moves["amount"].to_numpy(), moves["at"].dt.epoch("us").to_numpy()
    inside = np.flatnonzero(payer >= 0)
    indptr, order = lists(payer[inside], n)
    return Paths(payer, payee, amount, balance, at, (indptr, inside[order]), lists(payee, n))
