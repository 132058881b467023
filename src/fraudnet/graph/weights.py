"""How much each agreement weighs: Fellegi and Sunter (1969) with the frequency of the very value that agrees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fraudnet.graph.comparing import CLOSE, DIFFERENT, FIELDS, LOOSE, NEAR, SAME, Levels
from fraudnet.graph.csr import Ints
from fraudnet.graph.values import Values

# Per field and level: how often it is seen in one person's records (m) and in two persons' (u), before any data are
# seen. Where a value agrees u is that value's own frequency instead: one surname in three proves nothing.
PRIOR: Mapping[str, Mapping[int, tuple[float, float]]] = {
    "name": {
        SAME: (0.93, 1 / 2000), CLOSE: (0.005, 5e-5), NEAR: (0.001, 3e-4), LOOSE: (0.03, 0.01), DIFFERENT: (0.03, 1),
    },
    "birth_date": {SAME: (0.95, 1 / 20_000), NEAR: (0.02, 0.003), LOOSE: (0.98, 1 / 60), DIFFERENT: (0.01, 1)},
    "sex": {SAME: (1, 1), DIFFERENT: (0.005, 0.5)},  # the name has told it already
    "document": {SAME: (0.9, 1e-7), CLOSE: (0.9, 1e-6), NEAR: (0.01, 1e-5), DIFFERENT: (0.003, 1)},
    "tax_code": {SAME: (0.9, 1e-7), DIFFERENT: (0.1, 1)},
    "phone": {SAME: (0.5, 1e-6), NEAR: (0.1, 1e-6), DIFFERENT: (0.4, 1)},
    "commune": {SAME: (0.8, 1 / 3000), DIFFERENT: (0.2, 1)},
}  # fmt: skip
OWN_FREQUENCY = {
    ("name", SAME): "name", ("birth_date", SAME): "birth", ("birth_date", LOOSE): "year",
    ("document", SAME): "document", ("tax_code", SAME): "tax_code", ("phone", SAME): "phone",
    ("phone", NEAR): "phone", ("commune", SAME): "place",
}  # fmt: skip
BASE = 10_000  # a small drop is weighed as if it were a part of one of this many records
SEEN = 200  # how many pairs the prior m is worth
LEARNT = 200_000
BIT = 100  # weights are whole hundredths of a bit, so that sums do not depend on their order


@dataclass(frozen=True)
class Weights:
    """Hundredths of a bit per field and level, and per value where the value itself counts."""

    fixed: dict[str, Ints]
    by_value: dict[tuple[str, int], Ints]
    records: int

    def of(self, values: Values, levels: Mapping[str, Levels], a: Ints) -> dict[str, Ints]:
        """The weight of every field for pairs whose first records are `a`; 0 where a side says nothing."""
        found = {}
        for field in FIELDS:
            level = levels[field]
            weight = self.fixed[field][level]
            for (name, exact), table in self.by_value.items():
                if name == field:
                    here = np.flatnonzero(level == exact)
                    weight[here] = table[values.codes[OWN_FREQUENCY[name, exact]][a[here]]]
            found[field] = weight
        return found

    @property
    def prior(self) -> int:
        """What two records have against them before they are compared: one partner among all records."""
        return -bits(float(max(self.records, BASE)))


def bits(ratio: float) -> int:
    """Hundredths of a bit."""
    return round(float(np.log2(ratio)) * BIT)


def learn(values: Values, levels: Mapping[str, Levels]) -> Weights:
    """Weights from the records' own frequencies and from pairs that are one person beyond doubt.

    Those are pairs with one document number; for the document itself, pairs with one name, birth date and phone.
    """
    sure = levels["document"] == SAME
    told = (levels["name"] == SAME) & (levels["birth_date"] == SAME) & (levels["phone"] >= NEAR)
    fixed = {}
    for field in FIELDS:
        chosen = levels[field][told if field == "document" else sure][:LEARNT]
        fixed[field] = _levels(field, chosen)
    by_value = {
        (field, level): _frequencies(values.codes[book], PRIOR[field][level], fixed[field][level] / BIT)
        for (field, level), book in OWN_FREQUENCY.items()
    }
    return Weights(fixed, by_value, len(values))


def _levels(field: str, seen: Levels) -> Ints:
    """log2(m/u) by level, m as seen and leaning on the prior; the last place is UNKNOWN."""
    table = np.zeros(SAME + 2, np.int64)
    known = int((seen >= 0).sum())
    for level, (m, u) in PRIOR[field].items():
        share = (int((seen == level).sum()) + SEEN * m) / (known + SEEN)
        table[level] = bits(min(share, 1.0) / u)
    if field == "sex":
        table[SAME] = 0
    return table


def _frequencies(codes: Ints, prior: tuple[float, float], weight: float) -> Ints:
    """The weight of agreeing on each value: m over the value's own frequency, which leans on the prior too."""
    count = np.bincount(codes, minlength=1).astype(np.float64)
    known = count[1:].sum()
    frequency = (count + BASE * prior[1]) / (known + BASE)
    m = 2.0**weight * prior[1]
    weight_of: Ints = np.round(np.log2(m / frequency) * BIT).astype(np.int64)
    return weight_of
