"""The compiled search for circles of transfers; rules and limits as for the other kernels of `motif_kernels`."""

from __future__ import annotations

import numpy as np
from numba import njit

from fraudnet.graph.kernels import Flags, Floats, Ints, Nodes

# What is asked together lies together, in 16 bytes: the search jumps from account to account, and each jump waits for
# memory. Each account has a list of credits and one of payments, in order of time. Per credit: the payer, the moment,
# the last place in the payer's own credits by then, the moment there. Per payment: the payee, the moment, the last
# place in the payee's own payments by then, the oldest moment inside the window before it. Moments are numbered in
# order. Before each list lies a place of no moment, where it ends.
OTHER, WHEN, BEFORE, LAST = range(4)
OLDEST = LAST
NEVER = -1
Side = tuple[Nodes, Nodes, Nodes]  # credits or payments: where lists begin; per place the transfer; per place its facts
ROW, ACCOUNT, MOMENT, PLACE, BEGIN = range(5)  # of one transfer of the path that is being followed back


@njit(cache=True, nogil=True)
def moments(at: Ints, window: int) -> tuple[Nodes, Nodes]:
    """Per transfer, in order of time, the number of its moment and of the first one inside the window before it."""
    number, oldest = np.zeros(len(at), np.int32), np.zeros(len(at), np.int32)
    first = 0
    for j in range(len(at)):
        if j:
            number[j] = number[j - 1] + (at[j] != at[j - 1])
        while at[first] < at[j] - window:
            first += 1
        oldest[j] = number[first]
    return number, oldest


@njit(cache=True, nogil=True)
def nearby(received: tuple[Ints, Nodes], made: tuple[Ints, Nodes]) -> tuple[Nodes, Nodes]:
    """New numbers of accounts, in the order in which they are reached from one another (breadth first), and that order.

    received, made: who is at the far ends, as (start, other). Accounts that deal with each other lie close together,
    and so does what a search reads: at 10 million transfers it takes two thirds of the time.
    """
    n = len(received[0]) - 1
    label, queue = np.full(n, -1, np.int32), np.empty(n, np.int32)
    size, head = 0, 0
    for a in range(n):
        if label[a] < 0:
            label[a], queue[size] = size, a
            size += 1
        while head < size:
            for start, other in (received, made):
                for k in range(start[queue[head]], start[queue[head] + 1]):
                    u = other[k]
                    if label[u] < 0:
                        label[u], queue[size] = size, u
                        size += 1
            head += 1
    return label, queue


@njit(cache=True, nogil=True)
def in_order(start: Ints, move: Nodes, order: Nodes) -> tuple[Nodes, Nodes]:
    """Lists of transfers by account in another order of accounts: the place of no moment before each, the transfers."""
    begin, moves = np.zeros(len(start), np.int32), np.empty(len(move) + len(order), np.int32)
    for a in range(len(order)):
        mine = move[start[order[a]] : start[order[a] + 1]]
        begin[a + 1] = begin[a] + 1 + len(mine)
        moves[begin[a]], moves[begin[a] + 1 : begin[a + 1]] = NEVER, mine
    return begin, moves


@njit(cache=True, nogil=True)
def tell(ends: tuple[Nodes, Nodes], moments: tuple[Nodes, Nodes], credited: Side, paid: Side) -> None:
    """Write the facts of all credits and payments."""
    (payer, payee), (when, oldest), credits, payments = ends, moments, credited[2], paid[2]
    came, went = credited[0].copy(), paid[0].copy()
    for a in range(len(came) - 1):
        credits[came[a], WHEN] = payments[went[a], WHEN] = NEVER
    for j in range(len(when)):
        head, goal = payer[j], payee[j]
        came[goal], went[head] = came[goal] + 1, went[head] + 1
        k, p = came[goal], went[head]
        credits[k, OTHER], credits[k, WHEN] = head, when[j]
        credits[k, BEFORE], credits[k, LAST] = came[head], credits[came[head], WHEN]
        payments[p, OTHER], payments[p, WHEN] = goal, when[j]
        payments[p, BEFORE], payments[p, OLDEST] = went[goal], oldest[j]


@njit(cache=True, nogil=True)
def mark_paid(payments: Nodes, closing: int, most: int, paid: Nodes) -> bool:
    """Mark with `closing` whom its payee has paid since its oldest moment; not if those are very many."""
    place, oldest = payments[closing, BEFORE], payments[closing, OLDEST]
    last = place - most
    while payments[place, WHEN] >= oldest:
        if place == last:
            return False
        paid[payments[place, OTHER]] = closing
        place -= 1
    return True


@njit(cache=True, nogil=True)
def passed_by(path: Ints, level: int, account: int) -> bool:
    """Whether the path, up to a level, leads through an account."""
    found = False
    for step in range(level + 1):
        found |= path[step, ACCOUNT] == account
    return found


@njit(cache=True, nogil=True)
def credits_of(credits: Nodes, place: int, oldest: int, most: int) -> tuple[int, bool]:
    """How many credits of an account, from a place back to the oldest moment, but at most so many; whether more are."""
    last = place - most
    here = place
    while here > last and credits[here, WHEN] >= oldest:
        here -= 1
    return place - here, credits[here, WHEN] >= oldest


@njit(cache=True, nogil=True)
def note(result: Nodes, size: int, path: Ints, later: int, first: int) -> int:
    """Write a circle, `first` and then the `later` rows backwards, if there is room; returns the new number."""
    longest = len(path)
    begin = size * longest
    if begin + longest <= len(result):
        result[begin : begin + longest] = -1
        result[begin] = first
        for d in range(later):
            result[begin + 1 + d] = path[later - 1 - d, ROW]
    return size + 1


@njit(cache=True, nogil=True)
def search(
    credited: Side,
    closing: tuple[Nodes, int, bool, Nodes],
    rule: tuple[int, int],
    path: Ints,
    capped: Flags,
    found: tuple[Nodes, int],
) -> int:
    """Follow the path back from its head, the closing transfer; writes circles and returns how many there are by now.

    closing: (its facts, its place, whether all whom its payee paid are marked, the marks). rule: (cap per account, cap
    of steps).
    """
    (_, move, credits), (last, mark, known, paid), (cap, most), (result, size) = credited, closing, rule, found
    goal, oldest, longest, level, steps = last[OTHER], last[OLDEST], len(path), 0, 0
    while level >= 0:
        k = path[level, PLACE]
        path[level, PLACE] = k - 1
        moment = credits[k, WHEN]
        ended = moment < oldest
        if ended or path[level, BEGIN] - k >= cap or steps >= most:
            capped[path[level, ACCOUNT]] |= not ended
            level -= 1
            continue
        u, steps = credits[k, OTHER], steps + 1
        if moment >= path[level, MOMENT]:
            continue
        if u == goal:
            size = note(result, size, path, level + 1, move[k])
        elif credits[k, LAST] < oldest or passed_by(path, level, u):  # nobody paid it inside the window
            continue
        elif level + 3 == longest and known and paid[u] != mark:  # nothing closes there: its credits only count
            asked, left = credits_of(credits, credits[k, BEFORE], oldest, min(cap, most - steps))
            steps += asked
            capped[u] |= left
        elif level + 2 < longest:
            level += 1
            path[level, ROW], path[level, ACCOUNT], path[level, MOMENT] = move[k], u, moment
            path[level, PLACE] = path[level, BEGIN] = credits[k, BEFORE]
    return size


@njit(cache=True, nogil=True)
def circles(
    credited: Side,
    paid: Side,
    rule: tuple[int, int, int],
    heads: tuple[int, int],
    result: Nodes,
    capped: Flags,
) -> int:
    """Circles of 2 to `longest` transfers, each strictly later than the one before, found at the last of them.

    rule: (longest, cap per account, cap of steps per closing transfer). heads: from which payer of the last transfer
    on, and before which. All accounts of a circle differ. Fills `result` with rows of `longest` places (the transfers
    from first to last, then -1) as far as it reaches, by that payer; returns how many there are.
    """
    (came, credit, credits), (went, payment, payments), (longest, cap, most) = credited, paid, rule
    path, marks, size = np.zeros((longest, 5), np.int64), np.full(len(came) - 1, -1, np.int32), 0
    for head in range(heads[0], heads[1]):
        before, end = came[head], came[head + 1] - 1
        for place in range(went[head] + 1, went[head + 1]):
            last, j = payments[place], payment[place]
            while before < end and credit[before + 1] < j:
                before += 1
            # A circle starts with a payment of its last payee, and somebody paid its last payer.
            if min(payments[last[BEFORE], WHEN], credits[before, WHEN]) >= last[OLDEST]:
                known = mark_paid(payments, place, most, marks)
                path[0, ROW], path[0, ACCOUNT], path[0, MOMENT] = j, head, last[WHEN]
                path[0, PLACE] = path[0, BEGIN] = before
                size = search(credited, (last, place, known, marks), (cap, most), path, capped, (result, size))
    return size


@njit(cache=True, nogil=True)
def tally(rows: Nodes, longest: int, payer: Nodes, amount: Ints, told: tuple[Ints, Floats]) -> None:
    """Count circles (as `circles` writes them) for the payers in them, by length, and keep the largest share each.

    told: per length from 2 on and account how many, per account the largest part of a first amount that came back.
    """
    times, share = told
    for begin in range(0, len(rows), longest):
        length = longest
        while rows[begin + length - 1] < 0:
            length -= 1
        first, last = amount[rows[begin]], amount[rows[begin + length - 1]]
        kept = min(last, first) / max(first, 1)
        for place in range(begin, begin + length):
            account = payer[rows[place]]
            times[length - 2, account] += 1
            share[account] = max(share[account], kept)
