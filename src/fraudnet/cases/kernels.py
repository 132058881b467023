"""The loop that follows money through accounts in time, compiled; one rule and one bound at a time.

Sequential over the moves, so the same bytes come for any number of threads; right without compilation too. Amounts are
whole numbers below 2**46 (70,000 billion đồng), so that no product overflows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
# payer and payee (-1: from outside), amount, victims' money put into the move itself; in order of time.
Moves = tuple[Ints, Ints, Ints, Ints]
# other money on each account at the beginning, whether that is certain, whether its money is not followed further.
Accounts = tuple[Ints, Flags, Flags]
# of each account the credit it pays out of next (-1: none) and the last in the row; of each credit the one after it.
Credits = tuple[Ints, Ints, NDArray[Any]]
# balance, victims' part of it, other money not yet paid out; rows of credits, what is left of each, victims' part.
Book = tuple[Ints, Ints, Ints]
Held = tuple[Credits, Ints, Ints]

FIFO, LIFO, PROPORTIONAL, LOWEST = 0, 1, 2, 3
LIKELY, LEAST, MOST = 0, 1, 2
LIMIT = 1 << 46
STEP, STEPS = 1 << 16, 3


@njit(cache=True, nogil=True)
def part_of(whole: int, take: int, of: int) -> int:
    """floor(whole * take / of) for take <= of, exact for numbers below 2**46: long division in steps of 16 bits."""
    if whole == 0:
        return 0
    result, rest = 0, 0
    for step in range(STEPS):
        digit = (take >> (16 * (STEPS - 1 - step))) & (STEP - 1)
        rest = rest * STEP + whole * digit
        result = result * STEP + rest // of
        rest = rest % of
    return result


@njit(cache=True, nogil=True)
def reached(moves: Moves, n: int, stops: Flags) -> Flags:
    """Which accounts victims' money can have come to in time, by any rule."""
    payer, payee, amount, put = moves
    found = np.zeros(n, np.bool_)
    for i in range(len(payer)):
        carried = put[i] > 0 or (payer[i] >= 0 and found[payer[i]] and not stops[payer[i]])
        if carried and payee[i] >= 0 and amount[i] > 0:
            found[payee[i]] = True
    return found


@njit(cache=True, nogil=True)
def taken(a: int, amount: int, rows: Credits, left: Ints, marked: Ints) -> int:
    """Victims' money in what an account pays out of its credits, the next one first; the credits shrink."""
    first, _, after = rows
    found = 0
    while amount > 0 and first[a] >= 0:
        i = first[a]
        take = min(amount, left[i])
        share = part_of(marked[i], take, left[i])
        marked[i] -= share
        left[i] -= take
        found += share
        amount -= take
        if left[i] == 0:
            first[a] = after[i]
    return found


@njit(cache=True, nogil=True)
def paid_out(rule: int, a: int, amount: int, book: Book, held: Held) -> int:
    """Victims' money in one payment of an account, which its balance and its credits then lack."""
    balance, mine, other = book
    rows, left, marked = held
    found = 0
    if rule == FIFO:
        own = min(amount, other[a])
        other[a] -= own
        found = taken(a, amount - own, rows, left, marked)
    elif rule == LIFO:
        found = taken(a, amount, rows, left, marked)
    elif rule == PROPORTIONAL and balance[a] > 0:
        found = part_of(mine[a], min(amount, balance[a]), balance[a])
    elif rule == LOWEST:
        found = max(0, mine[a] - max(balance[a] - amount, 0))
    balance[a] = max(balance[a] - amount, 0)
    mine[a] -= found
    return found


@njit(cache=True, nogil=True)
def follow(rule: int, bound: int, moves: Moves, accounts: Accounts) -> tuple[Ints, Ints]:
    """Victims' money in each move, and on each account at the end.

    bound: LIKELY takes uncertain balances as small as the moves allow; LEAST and MOST say what any larger balance
    would leave possible. An account that stops keeps what it got.
    """
    payer, payee, amount, put = moves
    base, certain, stops = accounts
    n, m = len(base), len(payer)
    rows = (np.full(n, -1, np.int64), np.zeros(n, np.int64), np.zeros(m, np.int64))
    book = (base.copy(), np.zeros(n, np.int64), base.copy())
    held = (rows, amount.copy(), np.zeros(m, np.int64))
    got, carried = np.zeros(n, np.int64), np.zeros(m, np.int64)
    for i in range(m):
        a, b = payer[i], payee[i]
        here = put[i]
        if a >= 0 and not stops[a]:
            free = bound != LIKELY and not certain[a] and rule != LIFO
            before = got[a]
            found = paid_out(rule, a, amount[i], book, held)
            if not free:
                here += found
            elif bound == MOST:
                here += min(amount[i], before)
        carried[i] = min(here, amount[i])
        if b >= 0:
            arrive(rule, i, b, carried[i], book, held)
            got[b] += carried[i]
    kept = book[1]
    for a in range(n):
        if bound == MOST and not certain[a] and rule != LIFO:
            kept[a] = got[a]
    return carried, kept


@njit(cache=True, nogil=True)
def arrive(rule: int, i: int, b: int, here: int, book: Book, held: Held) -> None:
    """One credit comes to an account, with so much of victims' money in it."""
    balance, mine, _ = book
    (first, last, after), left, marked = held
    balance[b] += left[i]
    mine[b] += here
    marked[i] = here
    if left[i] == 0 or rule not in (FIFO, LIFO):
        return
    if rule == LIFO or first[b] < 0:
        after[i] = first[b]
        first[b] = i
    else:
        after[i] = -1
        after[last[b]] = i
    last[b] = i
