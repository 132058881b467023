"""Where reported money goes by one rule: the loop of `kernels.follow`, over the accounts alone that hold some of it.

An account is opened when the first of that money comes to it: what it held then follows from its own moves before. So
the cost grows with the accounts that the money reaches, not with the ledger.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from fraudnet.cases.kernels import Book, Flags, Held, Ints, arrive, paid_out

RULES = 4
UNTOLD = -(1 << 62)
BLOCK = 6  # moves are looked through 2**6 at a time
Places = NDArray[Any]  # int32
Marks = NDArray[Any]  # uint8
# payer (-1 from outside), payee, amount, balance told after it; in order of time.
Moves = tuple[Places, Places, Ints, Ints]
# the moves of each account (from where, in order), and whether its own statement tells its balances.
Own = tuple[Ints, Places, Flags]
# moves that are due and blocks with such moves; accounts that are open, which; moves that carried, and how much.
Found = tuple[Marks, Marks, Flags, Ints, Ints, Ints]
# room to work in, for one trail after the other: nothing is due or open at the beginning and at the end.
Room = tuple[Found, Book, Held]
# the places of the reported moves in order, the money reported in each, the place from which on money is followed.
Reports = tuple[Ints, Ints, int]
# the moves that carried reported money and how much; the accounts that hold or held some, and how much is left.
Trace = tuple[Ints, Ints, Ints, Ints]


@njit(cache=True, nogil=True)
def per_account(payer: Places, payee: Places, n: int) -> tuple[Ints, Places]:
    """The moves of each account in order of time: those of account a are order[indptr[a]:indptr[a + 1]]."""
    indptr = np.zeros(n + 2, np.int64)
    for i in range(len(payer)):
        indptr[payee[i] + 2] += 1
        if payer[i] >= 0:
            indptr[payer[i] + 2] += 1
    for a in range(n):
        indptr[a + 2] += indptr[a + 1]
    order = np.empty(indptr[n + 1], np.int32)
    for i in range(len(payer)):
        order[indptr[payee[i] + 1]] = i
        indptr[payee[i] + 1] += 1
        if payer[i] >= 0:
            order[indptr[payer[i] + 1]] = i
            indptr[payer[i] + 1] += 1
    return indptr[:-1], order


@njit(cache=True, nogil=True)
def opening(a: int, start: int, moves: Moves, own: Own) -> int:
    """Other money on an account at the start, as small as its moves allow."""
    payer, _, amount, balance = moves
    indptr, order, statement = own
    level, lowest, before, shown = 0, 0, 0, UNTOLD
    for k in range(indptr[a], indptr[a + 1]):
        i = order[k]
        change = -amount[i] if payer[i] == a else amount[i]
        level += change
        lowest = min(lowest, level)
        if i < start:
            before += change
        if statement[a] and shown == UNTOLD and balance[i] != UNTOLD:
            shown = balance[i] - level
    least = 0 if shown == UNTOLD else shown
    return max(max(-lowest, least) + before, 0)


@njit(cache=True, nogil=True)
def opened(rule: int, a: int, span: tuple[int, int], moves: Moves, own: Own, room: Room) -> None:
    """Bring an account, none of whose money is reported yet, to the moment before a move; its later moves are due."""
    payer, _, amount, _ = moves
    indptr, order, _ = own
    found, book, held = room
    base = opening(a, span[0], moves, own)
    book[0][a], book[1][a], book[2][a], held[0][0][a] = base, 0, base, -1
    for k in range(indptr[a], indptr[a + 1]):
        j = order[k]
        if j > span[1]:
            found[0][j] = 1
            found[1][j >> BLOCK] = 1
        elif span[0] <= j < span[1] and payer[j] == a:
            paid_out(rule, a, amount[j], book, held)
        elif span[0] <= j < span[1]:
            held[1][j] = amount[j]
            arrive(rule, j, a, 0, book, held)


@njit(cache=True, nogil=True)
def trace(rule: int, reports: Reports, moves: Moves, own: Own, stops: Flags, room: Room) -> Trace:
    """Follow reported money by one rule. Accounts that stop are reached and lead no further."""
    payer, payee, amount, _ = moves
    places, sums, start = reports
    (due, block, is_open, accounts, told, carried), book, held = room
    reported, said, n_open = 0, 0, 0
    for i in places:
        due[i] = 1
        block[i >> BLOCK] = 1
    for b in range(places[0] >> BLOCK, len(block)):
        if not block[b]:
            continue
        for i in range(b << BLOCK, min((b + 1) << BLOCK, len(payer))):
            if not due[i]:
                continue
            due[i] = 0
            p, q, here = payer[i], payee[i], 0
            while reported < len(places) and places[reported] == i:
                here += sums[reported]
                reported += 1
            if p >= 0 and is_open[p]:
                here += paid_out(rule, p, amount[i], book, held)
            here = min(here, amount[i])
            if here > 0:
                told[said], carried[said] = i, here
                said += 1
                if not stops[q] and not is_open[q]:
                    is_open[q], accounts[n_open] = True, q
                    n_open += 1
                    opened(rule, q, (start, i), moves, own, room)
            if is_open[q]:
                held[1][i] = amount[i]
                arrive(rule, i, q, here, book, held)
        block[b] = 0
    some = accounts[:n_open].copy()
    is_open[some] = False
    return told[:said].copy(), carried[:said].copy(), some, book[1][some]
