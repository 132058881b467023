"""Whether two records are one: by a key they share, else by the weight of everything they share."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from fraudnet.contracts.graph import MERGE_REASONS
from fraudnet.graph.comparing import CLOSE, DIFFERENT, LOOSE, NEAR, SAME, Levels
from fraudnet.graph.csr import Ints

CERTAIN = 663  # hundredths of a bit: odds of 99 to 1
CODE = {reason: number for number, reason in enumerate(MERGE_REASONS)}
CONTRADICTIONS = ("", "two_birth_dates", "two_sexes", "two_documents", "borrowed_document", "two_kinds")


def decide(levels: Mapping[str, Levels], total: Ints, against: Levels) -> tuple[NDArray[np.bool_], Levels]:
    """Which pairs would be one person but for contradictions, and the reason (place in MERGE_REASONS) of each pair.

    A document number, a former one or a tax code suffices. Else the names must agree, and the births with phone,
    commune or a number with one digit wrong; or, where a birth is unknown, commune and a phone nobody else uses. All
    together must make it 99 to 1. `against`: codes of `contradiction`.
    """
    named, born, known = levels["name"] >= CLOSE, levels["birth_date"] >= LOOSE, levels["birth_date"] >= DIFFERENT
    phone, commune, number = levels["phone"] >= NEAR, levels["commune"] == SAME, levels["document"] == NEAR
    proven = named & (total >= CERTAIN)
    merges = {
        "document": levels["document"] == SAME,
        "former_document": levels["document"] == CLOSE,
        "tax_code": levels["tax_code"] == SAME,
        "name_birth_phone": proven & born & phone,
        "name_birth_commune": proven & born & commune,
        "name_birth_near_document": proven & born & number,
        "name_phone_commune": proven & ~known & commune & (levels["phone"] == SAME),
    }
    refusals = {"names_differ": ~named, "birth_unknown": ~born, "name_birth_only": ~(phone | commune | number)}
    would = np.logical_or.reduce(list(merges.values()))
    reason = np.select(
        [*merges.values(), *refusals.values()], [CODE[r] for r in (*merges, *refusals)], CODE["too_little"]
    )
    contradicted = np.array([0, *(CODE[r] for r in CONTRADICTIONS[1:])])[against]
    return would, np.where(against > 0, contradicted, reason).astype(np.int8)
