"""Which accounts reported money comes to: the loop of `kernels.follow`, over the accounts alone that hold some of it.

An account is opened when the first of that money comes to it: what it held then follows from its own moves before. So
the cost grows with the accounts that the money reaches, not with the ledger.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from fraudnet.cases.kernels import FIFO, Book, Flags, Held, Ints, arrive, paid_out
from fraudnet.graph.motif_kernels import Lists

RULES = 4
UNTOLD = -(1 << 62)
# payer, payee, amount, reported money put into each move; in order of time.
Ends = NDArray[Any]  # int32
Moves = tuple[Ends, Ends, Ints, Ints]
# what each account paid and was paid, balances told, whether an account's own statement tells them.
Own = tuple[Lists, Lists, Ints, Flags]
Next = tuple[Ints, Ints]
# the moves, whose they are, the span of places that counts, and how far each account has been read.
Where = tuple[Moves, Own, tuple[int, int], Next]


@njit(cache=True, nogil=True)
def place_after(a: int, i: int, where: Where) -> int:
    """The next move of an account after place i, the end of the span when there is none."""
    _, own, span, following = where
    nearest = span[1]
    for side in range(2):
        indptr, order = own[0] if side == 0 else own[1]
        k = following[side][a]
        while k < indptr[a + 1] and order[k] <= i:
            k += 1
        following[side][a] = k
        if k < indptr[a + 1]:
            nearest = min(nearest, order[k])
    return nearest


@njit(cache=True, nogil=True)
def rewind(a: int, where: Where) -> None:
    """Read an account from its first move again."""
    _, own, _, following = where
    following[0][a], following[1][a] = own[0][0][a], own[1][0][a]


@njit(cache=True, nogil=True)
def opening(a: int, where: Where) -> int:
    """Other money on an account at the start, as small as its moves allow."""
    (payer, _, amount, _), own, span, _ = where
    level, lowest, before, shown = 0, 0, 0, UNTOLD
    rewind(a, where)
    i = place_after(a, -1, where)
    while i < span[1]:
        change = -amount[i] if payer[i] == a else amount[i]
        level += change
        lowest = min(lowest, level)
        if i < span[0]:
            before += change
        if own[3][a] and shown == UNTOLD and own[2][i] != UNTOLD:
            shown = own[2][i] - level
        i = place_after(a, i, where)
    least = 0 if shown == UNTOLD else shown
    return max(max(-lowest, least) + before, 0)


@njit(cache=True, nogil=True)
def replay(rule: int, a: int, i: int, where: Where, book: Book, held: Held) -> None:
    """Bring an account to the moment before move i; none of its money is reported yet."""
    (payer, _, amount, _), _, span, following = where
    base = opening(a, where)
    book[0][a], book[2][a] = base, base
    rewind(a, where)
    j = place_after(a, span[0] - 1, where)
    held[0][0][a] = following[1][a] if rule == FIFO else -1
    while j < i:
        if payer[j] == a:
            paid_out(rule, a, amount[j], book, held)
        else:
            held[1][j] = amount[j]
            arrive(rule, j, a, 0, book, held)
        j = place_after(a, j, where)


@njit(cache=True, nogil=True)
def carriers(rule: int, moves: Moves, own: Own, stops: Flags, span: tuple[int, int]) -> Flags:
    """Which accounts reported money comes to by one rule, in the moves of a span of places."""
    payer, payee, amount, put = moves
    n, m, last = len(stops), len(payer), -1
    found, opened = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    where = (moves, own, span, (np.zeros(n, np.int64), np.zeros(n, np.int64)))
    book = (np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64))
    piles = (np.zeros(n, np.int64), np.zeros(n, np.int64), own[1][1], np.zeros(m, np.int64))
    held = (piles, np.zeros(m, np.int64), np.zeros(m, np.int64))
    todo: list[tuple[Any, Any]] = [(i, -1) for i in np.flatnonzero(put)]
    while len(todo) > 0:
        i, a = heappop(todo)
        if i >= span[1]:
            break
        p, q = payer[i], payee[i]
        if i != last:
            last, here = i, put[i]
            if p >= 0 and opened[p]:
                here += paid_out(rule, p, amount[i], book, held)
            here = min(here, amount[i])
            found[q] = found[q] or here > 0
            if here > 0 and not stops[q] and not opened[q]:
                opened[q] = True
                replay(rule, q, i, where, book, held)
                heappush(todo, (place_after(q, i, where), np.int64(q)))
            if opened[q]:
                held[1][i] = amount[i]
                arrive(rule, i, q, here, book, held)
        if a >= 0:
            heappush(todo, (place_after(a, i, where), a))
    return found
