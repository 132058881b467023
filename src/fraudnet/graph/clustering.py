"""Pairs become groups, and no group may hold two people that contradict each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from fraudnet.graph import contradiction
from fraudnet.graph.csr import Ints
from fraudnet.graph.values import Values

CHECKED = (contradiction.BIRTH, contradiction.YEAR, contradiction.CARD, contradiction.OLD, contradiction.KIND)


def groups(values: Values, pairs: tuple[Ints, Ints, Ints]) -> tuple[Ints, NDArray[np.bool_]]:
    """The group of each record (its lowest record), and which pairs a contradiction inside their group undid.

    pairs: first record, second record, strength. Groups in which everything agrees stay whole; the others are built
    anew from their strongest pair on, and a pair that would bring a contradiction in is refused. So a chain of weak
    pairs never joins two people, whatever the order of rows.
    """
    a, b, strength = pairs
    n = len(values)
    links = sparse.coo_array((np.ones(len(a), np.int8), (a, b)), shape=(n, n))
    part = np.asarray(csgraph.connected_components(links, directed=False)[1], dtype=np.int64)
    lowest = np.full(n, n, np.int64)
    np.minimum.at(lowest, part, np.arange(n))
    group, refused = lowest[part], np.zeros(len(a), np.bool_)
    doubtful = suspects(values, part)
    open_ = np.flatnonzero(doubtful[part[a]])
    if len(open_):
        order = open_[np.lexsort((b[open_], a[open_], -strength[open_]))]
        root, undone = _rebuilt(values, np.flatnonzero(doubtful[part]), (a[order], b[order]))
        group[doubtful[part]] = root
        refused[order] = undone
    return group, refused


def _rebuilt(values: Values, members: Ints, pairs: tuple[Ints, Ints]) -> tuple[Ints, NDArray[np.bool_]]:
    """Groups among some records alone, in their own numbering while the kernel works."""
    a, b = (np.searchsorted(members, side) for side in pairs)
    root, undone = contradiction.join_without_contradiction(values.facts[members], a, b)
    return members[root], undone


def suspects(values: Values, part: Ints) -> NDArray[np.bool_]:
    """Which parts hold different births, numbers, sexes or kinds, or a record that its own card contradicts."""
    n = int(part.max(initial=-1)) + 1
    found = np.zeros(n, np.bool_)
    found[part[values.facts[:, contradiction.ODD] > 0]] = True
    for column in (*CHECKED, contradiction.SEX):
        value = values.facts[:, column]
        known = np.flatnonzero(value >= 0 if column == contradiction.SEX else value > 0)
        first = np.full(n, -1, np.int64)
        first[part[known]] = value[known]
        found[part[known[value[known] != first[part[known]]]]] = True
    return found
