"""The moves of a ledger as arrays, with what the trails of many victims need beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.cases import reach
from fraudnet.cases.kernels import Ints


@dataclass(frozen=True)
class Paths:
    """payer (-1 from outside), payee, amount, balance (told after the move, UNTOLD where it is not), at (µs): of each
    move in its order.
    """

    payer: NDArray[np.int32]
    payee: NDArray[np.int32]
    amount: Ints
    balance: Ints
    at: Ints

    def with_reports(self, payee: Ints, at: Ints, amount: Ints) -> tuple[Paths, Ints]:
        """The moves and, each before all moves of its moment, reports from nobody (in order), and their places."""
        places = np.searchsorted(self.at, at)
        new: dict[str, Any] = {"payer": -1, "payee": payee, "amount": amount, "balance": reach.UNTOLD, "at": at}
        both = {name: np.insert(getattr(self, name), places, value) for name, value in new.items()}
        return replace(self, **both), places + np.arange(len(places))


def paths_of(moves: pl.DataFrame) -> Paths:
    """The moves of a ledger."""
    payer, payee = (moves[end].to_numpy() for end in ("payer", "payee"))
    balance = moves["balance_after"].fill_null(reach.UNTOLD).to_numpy()
    return Paths(payer, payee, moves["amount"].to_numpy(), balance, moves["at"].dt.epoch("us").to_numpy())


def room_for(moves: int, accounts: int) -> Any:
    """Room to follow one trail after the other (`reach.Room`); only what is used of it takes memory."""
    marks = (np.zeros((moves >> reach.BLOCK) + 1, np.uint64), np.zeros(accounts, np.bool_))
    found = (*marks, np.zeros(accounts, np.int64), np.zeros(moves, np.int64), np.zeros(moves, np.int64))
    book = tuple(np.zeros(accounts, np.int64) for _ in range(3))
    rows = (np.zeros(accounts, np.int64), np.zeros(accounts, np.int64), np.zeros(moves, np.int32))
    return found, book, (rows, np.zeros(moves, np.int64), np.zeros(moves, np.int64))
