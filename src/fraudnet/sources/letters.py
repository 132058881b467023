"""What a text column is written with, told from all its bytes at once: few columns need what odd spellings need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

FIRST, LAST = 0x21, 0x7E  # the characters from ! to ~: neither blank nor beyond ASCII
COLON, PLUS = ord(":"), ord("+")


class Letters:
    """The bytes of a text column, one text behind the other, and where each begins."""

    def __init__(self, text: pl.Series) -> None:
        held = text.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
        _, starts, data = held.buffers()
        every = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
        self.starts: NDArray[np.int64] = np.frombuffer(starts, np.int64)[held.offset : held.offset + len(held) + 1]
        self.data: NDArray[np.uint8] = every


@dataclass(frozen=True)
class Spelling:
    """graphic: every character of every text is one of ! to ~; bare: the first and the last one of each is.

    signs: which of : and + stand anywhere in the column.
    """

    graphic: bool
    bare: bool
    signs: frozenset[str]


def spelling_of(text: pl.Series) -> Spelling:
    """How a text column is written."""
    letters = Letters(text)
    lowest, highest, colon, plus = _looked(letters.data[letters.starts[0] : letters.starts[-1]])
    graphic = lowest >= FIRST and highest <= LAST
    signs = frozenset(sign for sign, there in ((":", colon), ("+", plus)) if there)
    return Spelling(graphic, (graphic or _edges(letters)) and not (text == "").any(), signs)


@njit(cache=True, nogil=True)
def _looked(data: NDArray[np.uint8]) -> tuple[int, int, bool, bool]:
    """The lowest and the highest of some bytes (255 and 0 of none), and whether : and + are among them."""
    lowest, highest, colon, plus = np.uint8(255), np.uint8(0), False, False
    for byte in data:
        lowest, highest = min(lowest, byte), max(highest, byte)
        colon |= byte == COLON
        plus |= byte == PLUS
    return int(lowest), int(highest), colon, plus


def _edges(letters: Letters) -> bool:
    first = np.minimum(letters.starts[:-1], letters.data.size - 1)
    last = np.maximum(letters.starts[1:] - 1, 0)
    return _graphic(letters.data[first]) and _graphic(letters.data[last])


def _graphic(data: NDArray[np.uint8]) -> bool:
    return not data.size or bool(data.min() >= FIRST and data.max() <= LAST)
