"""The compiled search for circles of transfers; rules and limits as for the other kernels of `motif_kernels`."""

from __future__ import annotations

import numpy as np
from numba import njit

from fraudnet.graph.kernels import Flags, Ints, Nodes
from fraudnet.graph.motif_kernels import Lists

# What is asked together lies together, in 16 bytes: the search jumps from account to account, and each jump waits for
# memory. Per account: the first place of its list inside the window, the next free one, the moment at the first, the
# last closing transfer whose payee has paid it lately.
LOW, AFTER, EDGE, PAID = range(4)
# Per place of an account's list: the other account, the moment, the last place in the list of the other account by
# then, the transfer. Moments are numbered in order.
OTHER, WHEN, BEFORE, MOVE = range(4)
Past = tuple[Nodes, Nodes]
NEVER = np.iinfo(np.int32).max
ROW, ACCOUNT, MOMENT, PLACE, BEGIN, FIRST = range(6)  # of one transfer of the path that is being followed back


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
def past(mine: Lists) -> Past:
    """Accounts that have seen nothing yet, with room for all transfers of their lists."""
    n = len(mine[0]) - 1
    states = np.empty((n, 4), np.int32)
    for a in range(n):
        states[a, LOW] = states[a, AFTER] = mine[0][a]
        states[a, EDGE], states[a, PAID] = NEVER, -1
    return states, np.empty((len(mine[1]), 4), np.int32)


@njit(cache=True, nogil=True)
def since(mine: Past, account: int, oldest: int) -> int:
    """The first place of an account that is not before `oldest`, which never falls from one call to the next."""
    states, facts = mine
    if states[account, EDGE] < oldest:
        low = states[account, LOW]
        while low < states[account, AFTER] and facts[low, WHEN] < oldest:
            low += 1
        states[account, LOW] = low
        states[account, EDGE] = facts[low, WHEN] if low < states[account, AFTER] else NEVER
    return int(states[account, LOW])


@njit(cache=True, nogil=True)
def add(mine: Past, account: int, fact: tuple[int, int, int, int]) -> None:
    """Note a transfer of an account."""
    states, facts = mine
    place = states[account, AFTER]
    facts[place, OTHER], facts[place, WHEN], facts[place, BEFORE], facts[place, MOVE] = fact
    states[account, AFTER] = place + 1
    states[account, EDGE] = min(states[account, EDGE], fact[WHEN])


@njit(cache=True, nogil=True)
def passed_by(path: Ints, level: int, account: int) -> bool:
    """Whether the path, up to a level, leads through an account."""
    found = False
    for step in range(level + 1):
        found |= path[step, ACCOUNT] == account
    return found


@njit(cache=True, nogil=True)
def note(result: Ints, size: int, path: Ints, later: int, first: int) -> int:
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
    got: Past,
    closing: tuple[int, int, int, bool],
    rule: tuple[int, int],
    path: Ints,
    capped: Flags,
    found: tuple[Ints, int],
) -> int:
    """Follow the path back from its head, the closing transfer; writes circles and returns how many there are by now.

    got: what each account received. closing: (transfer, payee, oldest moment, whether PAID is known of all); rule: (cap
    per account, cap of steps).
    """
    (states, facts), (j, goal, oldest, known), (cap, most) = got, closing, rule
    (result, size), longest = found, len(path)
    level, steps = 0, 0
    while level >= 0:
        k = path[level, PLACE]
        path[level, PLACE] = k - 1
        ended = k < path[level, FIRST]
        if ended or path[level, BEGIN] - k >= cap or steps >= most:
            capped[path[level, ACCOUNT]] |= not ended
            level -= 1
            continue
        u, steps = facts[k, OTHER], steps + 1
        if facts[k, WHEN] >= path[level, MOMENT] or passed_by(path, level, u):
            continue
        if u == goal:
            size = note(result, size, path, level + 1, facts[k, MOVE])
        elif level + 3 == longest and known and states[u, PAID] != j:  # nothing closes there: its credits only count
            there = facts[k, BEFORE] + 1 - since(got, u, oldest)
            met = max(min(there, cap, most - steps), 0)
            capped[u] |= met < there
            steps += met
        elif level + 2 < longest:
            level += 1
            path[level, ROW], path[level, ACCOUNT], path[level, MOMENT] = facts[k, MOVE], u, facts[k, WHEN]
            path[level, PLACE] = path[level, BEGIN] = facts[k, BEFORE]
            path[level, FIRST] = since(got, u, oldest)
    return size


@njit(cache=True, nogil=True)
def circles(
    lists_of: tuple[Lists, Lists],
    ends: tuple[Nodes, Nodes],
    at: Ints,
    rule: tuple[int, int, int, int],
    result: Ints,
    capped: Flags,
) -> int:
    """Circles of 2 to `longest` transfers, each strictly later than the one before, found at the last of them.

    lists_of: what each account received, and what it made. rule: (window from first to last, longest, cap per account,
    cap of steps per closing transfer). All accounts of a circle differ. Fills `result` with rows of `longest` places
    (the transfers from first to last, then -1) as far as it reaches; returns how many circles there are.
    """
    (payer, payee), (window, longest, cap, most) = ends, rule
    got, made, (when, start) = past(lists_of[0]), past(lists_of[1]), moments(at, window)
    states, path, size = got[0], np.zeros((longest, 6), np.int64), 0
    for j in range(len(at)):
        head, goal, oldest = payer[j], payee[j], start[j]
        last = states[head, AFTER] - 1
        first, after = since(made, goal, oldest), made[0][goal, AFTER]
        if first < after:  # a circle starts with a payment of its last payee
            known = after - first <= most
            for place in range(first, after if known else first):
                states[made[1][place, OTHER], PAID] = j
            path[0, ROW], path[0, ACCOUNT], path[0, MOMENT] = j, head, when[j]
            path[0, PLACE], path[0, BEGIN], path[0, FIRST] = last, last, since(got, head, oldest)
            size = search(got, (j, goal, oldest, known), (cap, most), path, capped, (result, size))
        add(got, goal, (head, when[j], last, j))
        add(made, head, (goal, when[j], -1, j))
    return size
