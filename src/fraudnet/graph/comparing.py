"""How far two records agree, field by field."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.graph import contradiction
from fraudnet.graph.csr import Ints
from fraudnet.graph.values import Values

Levels = NDArray[np.int8]
FIELDS = ("name", "birth_date", "sex", "document", "tax_code", "phone", "commune")
# name: SAME, CLOSE letters were lost, NEAR other marks, LOOSE alike. birth_date: SAME, NEAR one digit or day and month
# swapped, LOOSE only the year can be compared. document: SAME, CLOSE one names the other as its former, NEAR one digit.
# phone: SAME, NEAR the same but people of other names or birth years use it too.
UNKNOWN, DIFFERENT, LOOSE, NEAR, CLOSE, SAME = -1, 0, 1, 2, 3, 4
ALIKE = 0.92  # Jaro-Winkler similarity of two spellings of one name


def compare(values: Values, a: Ints, b: Ints) -> dict[str, Levels]:
    """The level of agreement of every field for the pairs (a[i], b[i]); UNKNOWN where one side says nothing.

    Names that differ are only measured where a number or the birth speaks for the pair: a name alone joins nobody.
    """
    c = values.codes
    found = {"tax_code": equal(c["tax_code"], a, b), "phone": equal(c["phone"], a, b)}
    found["phone"][(found["phone"] == SAME) & ~values.own_phone[a]] = NEAR
    found |= {"commune": equal(c["place"], a, b), "sex": equal(c["sex"], a, b)}
    found["document"] = documents(values, a, b)
    found["birth_date"] = births(values, a, b)
    speaks = (found["document"] >= NEAR) | (found["birth_date"] >= LOOSE) | (found["tax_code"] == SAME)
    found["name"] = names(values, (a, b), speaks)
    return {field: found[field] for field in FIELDS}


def equal(codes: Ints, a: Ints, b: Ints) -> Levels:
    """SAME or DIFFERENT where both are known."""
    one, other = codes[a], codes[b]
    level = np.where(one == other, SAME, DIFFERENT)
    return np.where((one > 0) & (other > 0), level, UNKNOWN).astype(np.int8)


def documents(values: Values, a: Ints, b: Ints) -> Levels:
    """Card and former numbers: the same, one the other's former, one digit apart, or different."""
    document, former = values.codes["document"], values.codes["former"]
    distance = contradiction.number_distance(values.facts, a, b)
    level = np.select([distance < 0, distance == 1], [UNKNOWN, NEAR], DIFFERENT)
    one, other, before, after = document[a], document[b], former[a], former[b]
    follows = ((one > 0) & (one == after)) | ((before > 0) & ((before == other) | (before == after)))
    level = np.where(follows, CLOSE, level)
    return np.where((one > 0) & (one == other), SAME, level).astype(np.int8)


def births(values: Values, a: Ints, b: Ints) -> Levels:
    """Birth dates: the same, near, or different; where one is missing, the years that cards tell."""
    day, year = values.codes["birth"], values.codes["year"]
    level = equal(day, a, b)
    level[contradiction.near_births(values.facts, a, b)] = NEAR
    years = equal(year, a, b)
    by_year = np.where(years == SAME, LOOSE, years)
    return np.where(level == UNKNOWN, by_year, level).astype(np.int8)


def names(values: Values, pair: tuple[Ints, Ints], speaks: NDArray[np.bool_]) -> Levels:
    """Names: the same, the same but for lost letters, with other marks, alike, or different."""
    code, marked = values.codes["name"], values.codes["marked"]
    a, b = pair
    level = equal(code, a, b)
    level[(level == SAME) & (equal(marked, a, b) == DIFFERENT)] = NEAR
    open_ = np.flatnonzero((level == DIFFERENT) & speaks)
    if len(open_):
        low, high = np.minimum(code[a[open_]], code[b[open_]]), np.maximum(code[a[open_]], code[b[open_]])
        unique, where = np.unique(low * (len(values.names) + 1) + high, return_inverse=True)
        one, other = (values.names.gather(part - 1) for part in np.divmod(unique, len(values.names) + 1))
        level[open_] = spellings(one, other)[where]
    return level


def spellings(one: pl.Series, other: pl.Series) -> Levels:
    """CLOSE, LOOSE or DIFFERENT for names that are not the same text."""
    from rapidfuzz.distance import Hamming, JaroWinkler
    from rapidfuzz.process import cpdist

    left, right = one.to_list(), other.to_list()
    similar = cpdist(left, right, scorer=JaroWinkler.normalized_similarity, workers=1, dtype=np.float64)
    level = np.where(similar >= ALIKE, LOOSE, DIFFERENT).astype(np.int8)
    lost = (one.str.count_matches("?", literal=True) + other.str.count_matches("?", literal=True)).to_numpy()
    fit = np.flatnonzero((lost > 0) & (one.str.len_chars() == other.str.len_chars()).to_numpy())
    if len(fit):
        wrong = cpdist([left[i] for i in fit], [right[i] for i in fit], scorer=Hamming.distance, workers=1)
        level[fit[wrong == lost[fit]]] = CLOSE
    return level
