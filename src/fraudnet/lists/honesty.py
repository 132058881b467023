"""Whether an institution clears more of its entries than their scores allow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

ALARM = 0.01


def chance_of_so_many(cleared: int, probabilities: Sequence[float]) -> float:
    """The chance that so many entries or more are honest people's, were the calibrated probabilities right.

    probabilities: of being at fault, one for each entry that was confirmed or cleared. Exact: the number of honest
    ones is a sum of unequal coins (Poisson binomial), its distribution built up coin by coin.
    """
    chances = np.ones(1)
    for at_fault in probabilities:
        chances = np.convolve(chances, (at_fault, 1 - at_fault))
    return float(min(1.0, chances[cleared:].sum())) if cleared else 1.0
