"""The compiled search for circles of transfers; rules and limits as for the other kernels of `motif_kernels`."""

from __future__ import annotations

import numpy as np
from numba import njit

from fraudnet.graph.kernels import Flags, Floats, Ints, Nodes
from fraudnet.graph.motif_kernels import Lists

# What is asked together lies together, in 16 bytes: the search jumps from account to account, and each jump waits for
# memory. Per transfer, by payee in order of time: the payer, the moment, the last place in the payer's own list by
# then, the transfer. Moments are numbered in order. Before each list lies a place of no moment, where it ends.
OTHER, WHEN, BEFORE, MOVE = range(4)
NEVER = -1
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
def nearby(lists_of: tuple[Lists, Lists], ends: tuple[Nodes, Nodes]) -> Nodes:
    """New numbers of accounts, in the order in which they are reached from one another (breadth first).

    Accounts that deal with each other lie close together, and so does what a search reads: at 10 million transfers it
    takes two thirds of the time.
    """
    n = len(lists_of[0][0]) - 1
    label, queue = np.full(n, -1, np.int32), np.empty(n, np.int32)
    size, head = 0, 0
    for a in range(n):
        if label[a] < 0:
            label[a], queue[size] = size, a
            size += 1
        while head < size:
            for mine, others in ((lists_of[0], ends[0]), (lists_of[1], ends[1])):
                size = joined_by(mine, others, queue[head], (label, queue, size))
            head += 1
    return label


@njit(cache=True, nogil=True)
def joined_by(mine: Lists, others: Nodes, account: int, reached: tuple[Nodes, Nodes, int]) -> int:
    """Number those at the far ends of an account's transfers that have no number yet; returns how many have one."""
    label, queue, size = reached
    for k in range(mine[0][account], mine[0][account + 1]):
        u = others[mine[1][k]]
        if label[u] < 0:
            label[u], queue[size] = size, u
            size += 1
    return size


@njit(cache=True, nogil=True)
def received(into: Ints, ends: tuple[Nodes, Nodes], when: Nodes, oldest: Nodes) -> tuple[Nodes, Flags]:
    """The facts of every transfer, and whether its payee had paid somebody inside the window before it."""
    payer, payee = ends
    n = len(into) - 1
    facts, opens = np.empty((len(when) + n, 4), np.int32), np.empty(len(when), np.bool_)
    last, paid = np.empty(n, np.int32), np.full(n, NEVER, np.int32)
    for a in range(n):
        last[a] = into[a] + a
        facts[last[a], WHEN] = NEVER
    for j in range(len(when)):
        head, goal = payer[j], payee[j]
        opens[j] = paid[goal] >= oldest[j]
        paid[head] = when[j]
        last[goal] += 1
        place = last[goal]
        facts[place, OTHER], facts[place, WHEN], facts[place, BEFORE], facts[place, MOVE] = head, when[j], last[head], j
    return facts, opens


@njit(cache=True, nogil=True)
def mark_paid(made: Lists, payee: Nodes, when: Nodes, span: tuple[int, int, int], most: int, paid: Ints) -> bool:
    """Mark with `span`'s transfer whom its payee has paid since the oldest moment; not if those are very many."""
    (starts, order), (j, goal, oldest) = made, span
    low, high = starts[goal], starts[goal + 1]
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if order[middle] < j else (low, middle)
    place = low - 1
    while place >= starts[goal] and when[order[place]] >= oldest:
        if low - place > most:
            return False
        paid[payee[order[place]]] = j
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
def credits_of(facts: Nodes, place: int, oldest: int, most: int) -> tuple[int, bool]:
    """How many credits of an account, from a place back to the oldest moment, but at most so many; whether more are."""
    last = place - most
    here = place
    while here > last and facts[here, WHEN] >= oldest:
        here -= 1
    return place - here, facts[here, WHEN] >= oldest


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
    facts: Nodes,
    closing: tuple[int, int, bool, Ints],
    rule: tuple[int, int],
    path: Ints,
    capped: Flags,
    found: tuple[Nodes, int],
) -> int:
    """Follow the path back from its head, the closing transfer; writes circles and returns how many there are by now.

    closing: (payee, oldest moment, whether all whom the payee paid are marked, the marks). rule: (cap per account, cap
    of steps).
    """
    (goal, oldest, known, paid), (cap, most) = closing, rule
    (result, size), longest, j = found, len(path), path[0, ROW]
    level, steps = 0, 0
    while level >= 0:
        k = path[level, PLACE]
        path[level, PLACE] = k - 1
        moment = facts[k, WHEN]
        ended = moment < oldest
        if ended or path[level, BEGIN] - k >= cap or steps >= most:
            capped[path[level, ACCOUNT]] |= not ended
            level -= 1
            continue
        u, steps = facts[k, OTHER], steps + 1
        if moment >= path[level, MOMENT] or passed_by(path, level, u):
            continue
        before = facts[k, BEFORE]
        if u == goal:
            size = note(result, size, path, level + 1, facts[k, MOVE])
        elif level + 3 == longest and known and paid[u] != j:  # nothing closes there: its credits only count
            asked, left = credits_of(facts, before, oldest, min(cap, most - steps))
            steps += asked
            capped[u] |= left
        elif level + 2 < longest:
            level += 1
            path[level, ROW], path[level, ACCOUNT], path[level, MOMENT] = facts[k, MOVE], u, moment
            path[level, PLACE] = path[level, BEGIN] = before
    return size


@njit(cache=True, nogil=True)
def circles(
    moved: tuple[Lists, Lists, Nodes],
    known: tuple[Nodes, Flags, Nodes, Nodes],
    rule: tuple[int, int, int],
    heads: tuple[int, int],
    result: Nodes,
    capped: Flags,
) -> int:
    """Circles of 2 to `longest` transfers, each strictly later than the one before, found at the last of them.

    moved: what each account received, what it made, and payees. known: what `received` and `moments` say of them.
    rule: (longest, cap per account, cap of steps per closing transfer). heads: from which payer of the last transfer
    on, and before which. All accounts of a circle differ. Fills `result` with rows of `longest` places (the transfers
    from first to last, then -1) as far as it reaches, by that payer; returns how many there are.
    """
    (into, made, payee), (facts, opens, when, oldest), (longest, cap, most) = moved, known, rule
    path, paid, size = np.zeros((longest, 5), np.int64), np.full(len(into[0]) - 1, -1, np.int64), 0
    for head in range(heads[0], heads[1]):
        last, end = into[0][head] + head, into[0][head + 1] + head
        for place in range(made[0][head], made[0][head + 1]):
            j = made[1][place]
            while last < end and facts[last + 1, MOVE] < j:
                last += 1
            if opens[j]:  # a circle starts with a payment of its last payee
                marked = mark_paid(made, payee, when, (j, payee[j], oldest[j]), most, paid)
                path[0, ROW], path[0, ACCOUNT], path[0, MOMENT] = j, head, when[j]
                path[0, PLACE] = path[0, BEGIN] = last
                size = search(facts, (payee[j], oldest[j], marked, paid), (cap, most), path, capped, (result, size))
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
