"""Where reported money goes by one rule: the loop of `kernels.follow`, over the accounts alone that hold some of it.

An account is opened when the first of that money comes to it: what it held then follows from its own moves before. So
the cost grows with the accounts that the money reaches, not with the ledger.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from fraudnet.cases.kernels import FIFO, LIFO, Book, Flags, Held, Ints, arrive, paid_out

RULES = 4
BY_CREDIT = (FIFO, LIFO)
UNTOLD = -(1 << 62)
BLOCK = 6  # 2**6 moves are marked in one word
# The place of the only bit of a word, by its remainder.
ONE, PRIME = np.uint64(1), np.uint64(67)
BITS = np.zeros(67, np.int64)
BITS[[pow(2, bit, 67) for bit in range(1 << BLOCK)]] = np.arange(1 << BLOCK)
Places = NDArray[Any]  # int32
Words = NDArray[Any]  # uint64
# payer (-1 from outside), payee, amount, balance told after it; in order of time.
Moves = tuple[Places, Places, Ints, Ints]
# the moves of each account (from where, in order), by how much each changes it; whether a statement tells its balances.
Own = tuple[Ints, Places, Ints, Flags]
# moves that are due; accounts that are open, which; moves that carried, and how much.
Found = tuple[Words, Flags, Ints, Ints, Ints]
# room to work in, for one trail after the other: nothing is due or open at the beginning and at the end.
Room = tuple[Found, Book, Held]
# the places of the reported moves in order, the money reported in each, the place from which on money is followed.
Reports = tuple[Ints, Ints, int]
# the moves that carried reported money and how much; the accounts that hold or held some, and how much is left.
Trace = tuple[Ints, Ints, Ints, Ints]


@njit(cache=True, nogil=True)
def per_account(payer: Places, payee: Places, amount: Ints, n: int) -> tuple[Ints, Places, Ints]:
    """The moves of each account in order of time: those of account a are order[indptr[a]:indptr[a + 1]]."""
    indptr = np.zeros(n + 2, np.int64)
    for i in range(len(payer)):
        indptr[payee[i] + 2] += 1
        if payer[i] >= 0:
            indptr[payer[i] + 2] += 1
    for a in range(n):
        indptr[a + 2] += indptr[a + 1]
    order, change = np.empty(indptr[n + 1], np.int32), np.empty(indptr[n + 1], np.int64)
    for i in range(len(payer)):
        k = indptr[payee[i] + 1]
        order[k], change[k] = i, amount[i]
        indptr[payee[i] + 1] += 1
        if payer[i] >= 0:
            k = indptr[payer[i] + 1]
            order[k], change[k] = i, -amount[i]
            indptr[payer[i] + 1] += 1
    return indptr[:-1], order, change


@njit(cache=True, nogil=True)
def typed(i: int, reports: Reports) -> int:
    """The amount of a report that means no move: it is one in its own case alone, in all others it is of nothing."""
    places, sums, _ = reports
    k = np.searchsorted(places, i)
    return sums[k] if k < len(places) and places[k] == i else 0


@njit(cache=True, nogil=True)
def opening(a: int, now: int, reports: Reports, balance: Ints, own: Own, due: Words) -> tuple[int, int]:
    """Other money on an account at the start and at a move, as small as its moves allow; those after it are due."""
    indptr, order, change, statement = own
    level, lowest, shown, start = 0, 0, UNTOLD, reports[2]
    before, then = 0, 0
    for k in range(indptr[a], indptr[a + 1]):
        i = order[k]
        level += change[k] if change[k] != 0 else typed(i, reports)
        lowest = min(lowest, level)
        if i < start:
            before = level
        if i < now:
            then = level
        elif i > now:
            due[i >> BLOCK] |= ONE << np.uint64(i & 63)
        if statement[a] and shown == UNTOLD and balance[i] != UNTOLD:
            shown = balance[i] - level
    least = max(-lowest, 0 if shown == UNTOLD else shown)
    return least + before, least + then


@njit(cache=True, nogil=True)
def opened(rule: int, who: tuple[int, int], reports: Reports, balance: Ints, own: Own, room: Room) -> None:
    """Bring an account, none of whose money is reported yet, to the moment before a move; its later moves are due."""
    (a, now), start = who, reports[2]
    indptr, order, change, _ = own
    found, book, held = room
    base, then = opening(a, now, reports, balance, own, found[0])
    if rule not in BY_CREDIT:
        book[0][a], book[1][a] = then, 0  # no payment ever finds too little, so the moves between need no look
        return
    book[0][a], book[1][a], book[2][a], held[0][0][a] = base, 0, base, -1
    for k in range(indptr[a], indptr[a + 1]):
        j = order[k]
        if start <= j < now and change[k] < 0:
            paid_out(rule, a, -change[k], book, held)
        elif start <= j < now:
            credited(rule, j, a, (change[k], 0), book, held)


@njit(cache=True, nogil=True)
def credited(rule: int, i: int, a: int, money: tuple[int, int], book: Book, held: Held) -> None:
    """One credit comes to an account: how much, and victims' money in it. Only two rules ask which credit it was."""
    amount, here = money
    if rule in BY_CREDIT:
        held[1][i] = amount
        arrive(rule, i, a, here, book, held)
    else:
        book[0][a] += amount
        book[1][a] += here


@njit(cache=True, nogil=True)
def trace(rule: int, reports: Reports, moves: Moves, own: Own, stops: Flags, room: Room) -> Trace:
    """Follow reported money by one rule. Accounts that stop are reached and lead no further."""
    payer, payee, amount, balance = moves
    places, sums, _ = reports
    (due, is_open, accounts, told, carried), book, held = room
    reported, said, n_open = 0, 0, 0
    for i in places:
        due[i >> BLOCK] |= ONE << np.uint64(i & 63)
    for b in range(places[0] >> BLOCK, len(due)):
        while due[b] != 0:
            low = due[b] & (~due[b] + ONE)
            due[b] ^= low
            i = (b << BLOCK) + BITS[low % PRIME]
            p, q, here = payer[i], payee[i], 0
            while reported < len(places) and places[reported] == i:
                here += sums[reported]
                reported += 1
            whole = amount[i] if amount[i] > 0 else here
            if p >= 0 and is_open[p]:
                here += paid_out(rule, p, whole, book, held)
            here = min(here, whole)
            if here > 0:
                told[said], carried[said] = i, here
                said += 1
                if not stops[q] and not is_open[q]:
                    is_open[q], accounts[n_open] = True, q
                    n_open += 1
                    opened(rule, (q, i), reports, balance, own, room)
            if is_open[q]:
                credited(rule, i, q, (whole, here), book, held)
    some = accounts[:n_open].copy()
    is_open[some] = False
    return told[:said].copy(), carried[:said].copy(), some, book[1][some]
