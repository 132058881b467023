"""Which pairs of records are worth comparing: those that share a value rare enough to bring them together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numba import njit

from fraudnet.graph.csr import Ints, Nodes
from fraudnet.graph.values import Values

LARGEST = np.iinfo(np.int64).max
WINDOW = 20  # in a crowd only neighbours in the order of names are compared, so that work grows with the records


def candidates(values: Values) -> tuple[Ints, Ints]:
    """Pairs of records (a < b, each once, in order) that share a number, or two of name, birth, commune, or a phone.

    Blocks: document or former number; tax code; phone; name and birth date; name, commune and birth year; birth date
    and commune. In a block of more than WINDOW records each meets its WINDOW followers (sorted neighbourhood, Hernández
    and Stolfo 1995). The order of records decides nothing but the names of the pairs.
    """
    order = _neighbourly(values)
    blocks = [_together(record, key) for record, key in _blocks(values, order)]
    many = np.zeros(len(values) + 1, np.int64)
    for record, key in blocks:
        count_followers(record, key, many)
    ends = np.cumsum(many)
    higher, free = np.empty(int(ends[-1]), np.int32), ends - many
    for record, key in blocks:
        meet_followers(record, key, free, higher)
    return once_in_order(ends - many, ends, higher)


def _neighbourly(values: Values) -> Ints:
    """Records in the order of name, birth date, document: those most alike beside each other."""
    c = values.codes
    order = ordered(c["document"])
    for name in ("birth", "name"):
        order = order[ordered(c[name][order])]
    return order


def ordered(key: Ints) -> Ints:
    """The places of keys (0 and more) in order, equal ones as they stand."""
    n = len(key)
    if not n or int(key.max()) >= LARGEST // n:
        return np.argsort(key, kind="stable")
    both = key * n + np.arange(n)  # whole numbers alone are sorted in a fraction of the time
    both.sort()
    return both % n


def _blocks(values: Values, order: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Records and the key of their block, kind by kind; records without a key are left out."""
    c = {name: values.codes[name][order] for name in ("document", "former")}
    yield _known(np.repeat(order, 2), np.column_stack([c["document"], c["former"]]).ravel())
    c = {name: values.codes[name][order] for name in ("tax_code", "phone", "name", "birth", "place")}
    yield from (_known(order, c[name]) for name in ("tax_code", "phone"))
    yield _known(order, _joined(c["name"], c["birth"]))
    yield _known(order, _joined(c["birth"], c["place"]))
    yield _known(order, _joined(_joined(c["name"], c["place"]), values.codes["year"][order]))


def _known(record: Ints, key: Ints) -> tuple[Ints, Ints]:
    return record[key > 0], key[key > 0]


def _joined(a: Ints, b: Ints) -> Ints:
    """One key of two; 0 where either is unknown."""
    return np.where((a > 0) & (b > 0), a * (int(b.max(initial=0)) + 1) + b, 0)


def _together(record: Ints, key: Ints) -> tuple[Nodes, Ints]:
    """Records and keys, those of one block behind one another."""
    place = ordered(key)
    return record[place].astype(np.int32), key[place]


@njit(cache=True, nogil=True)
def count_followers(record: Nodes, key: Ints, many: Ints) -> None:
    """Add to `many`, by the lower record, how many pairs the followers of each record in its block make."""
    for at in range(len(key)):
        for step in range(at + 1, min(at + WINDOW + 1, len(key))):
            if key[step] != key[at]:
                break
            if record[step] != record[at]:
                many[min(record[at], record[step])] += 1


@njit(cache=True, nogil=True)
def meet_followers(record: Nodes, key: Ints, free: Ints, higher: Nodes) -> None:
    """Enter the higher record of each of these pairs where there is room for the lower one."""
    for at in range(len(key)):
        for step in range(at + 1, min(at + WINDOW + 1, len(key))):
            if key[step] != key[at]:
                break
            if record[step] != record[at]:
                lower = min(record[at], record[step])
                higher[free[lower]] = max(record[at], record[step])
                free[lower] += 1


@njit(cache=True, nogil=True)
def once_in_order(starts: Ints, ends: Ints, higher: Nodes) -> tuple[Ints, Ints]:
    """Lower and higher record of every pair once, by both."""
    first, second, n = np.empty(len(higher), np.int64), np.empty(len(higher), np.int64), 0
    for lower in range(len(starts)):
        since = n
        for place in range(starts[lower], ends[lower]):
            other, at = higher[place], n
            while at > since and second[at - 1] > other:
                at -= 1
            if at > since and second[at - 1] == other:
                continue
            for behind in range(n, at, -1):
                second[behind] = second[behind - 1]
            first[n], second[at] = lower, other
            n += 1
    return first[:n].copy(), second[:n].copy()
