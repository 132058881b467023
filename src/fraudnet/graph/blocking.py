"""Which pairs of records are worth comparing: those that share a value rare enough to bring them together."""

from __future__ import annotations

import numpy as np
import polars as pl

from fraudnet.graph.csr import Ints
from fraudnet.graph.values import Values

WINDOW = 20  # in a crowd only neighbours in the order of names are compared, so that work grows with the records


def candidates(values: Values) -> tuple[Ints, Ints]:
    """Pairs of records (a < b, each once, in order) that share a number, or two of name, birth, commune, or a phone.

    Blocks: document or former number; tax code; phone; name and birth date; name, commune and birth year; birth date
    and commune. In a block of more than WINDOW records each meets its WINDOW followers (sorted neighbourhood, Hernández
    and Stolfo 1995). The order of records decides nothing but the names of the pairs.
    """
    order = _neighbourly(values)
    n = len(values)
    pairs = [_within(record, key, n) for record, key in _blocks(values, order)]
    both = pl.Series(np.concatenate([np.zeros(0, np.int64), *pairs])).unique().sort().to_numpy()
    return both // max(n, 1), both % max(n, 1)


def _neighbourly(values: Values) -> Ints:
    """Records in the order of name, birth date, document: those most alike beside each other."""
    c = values.codes
    return np.lexsort((np.arange(len(values)), c["document"], c["birth"], c["name"]))


def _blocks(values: Values, order: Ints) -> list[tuple[Ints, Ints]]:
    """Records and the key of their block, kind by kind; records without a key are left out."""
    c = {name: codes[order] for name, codes in values.codes.items()}
    numbers = (np.repeat(order, 2), np.column_stack([c["document"], c["former"]]).ravel())
    keys = [c["tax_code"], c["phone"], _joined(c["name"], c["birth"]), _joined(c["birth"], c["place"])]
    keys.append(_joined(_joined(c["name"], c["place"]), c["year"]))
    return [(record[key > 0], key[key > 0]) for record, key in [numbers, *((order, key) for key in keys)]]


def _joined(a: Ints, b: Ints) -> Ints:
    """One key of two; 0 where either is unknown."""
    return np.where((a > 0) & (b > 0), a * (int(b.max(initial=0)) + 1) + b, 0)


def _within(record: Ints, key: Ints, n: int) -> Ints:
    """Each record with its followers in the same block, as lower record * n + higher record."""
    if not len(key):
        return np.zeros(0, np.int64)
    place = np.argsort(key, kind="stable")
    record, key = record[place], key[place]
    found, at = [], np.arange(len(key))
    for step in range(1, WINDOW + 1):
        at = at[at < len(key) - step]
        at = at[key[at] == key[at + step]]
        if not len(at):
            break
        one, other = record[at], record[at + step]
        differ = one != other
        found.append((np.minimum(one, other) * n + np.maximum(one, other))[differ])
    return np.concatenate(found) if found else np.zeros(0, np.int64)
