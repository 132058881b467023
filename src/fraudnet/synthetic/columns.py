"""Columns that grow: the one store of everything a world holds while it is written."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
FIRST_ROOM = 1024


class Columns:
    """Rows in numpy columns that can be appended to, read as arrays and cut back to an earlier length."""

    def __init__(self, **dtypes: type[np.generic]) -> None:
        self._data: dict[str, NDArray[Any]] = {name: np.zeros(FIRST_ROOM, dtype) for name, dtype in dtypes.items()}
        self._n = 0

    def __len__(self) -> int:
        return self._n

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._data[name][: self._n]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns, in the order in which they were declared."""
        return tuple(self._data)

    def add(self, **values: Any) -> Ints:
        """Append rows; arrays of length 1 and single values are repeated. Returns the new row numbers."""
        arrays = {name: np.atleast_1d(np.asarray(value)) for name, value in values.items()}
        n = max((len(a) for a in arrays.values() if len(a) != 1), default=1)
        if any(len(a) == 0 for a in arrays.values()):
            n = 0
        self._make_room(self._n + n)
        for name, column in self._data.items():
            column[self._n : self._n + n] = arrays[name] if n else 0
        self._n += n
        return np.arange(self._n - n, self._n, dtype=np.int64)

    def clear(self) -> None:
        """Forget all rows and give their memory back."""
        self._data = {name: np.zeros(FIRST_ROOM, column.dtype) for name, column in self._data.items()}
        self._n = 0

    def rewind(self, n: int) -> None:
        """Forget every row from number `n` on."""
        self._n = min(self._n, n)

    def _make_room(self, n: int) -> None:
        room = len(next(iter(self._data.values())))
        if n <= room:
            return
        larger = max(n, 2 * room)
        for name, column in self._data.items():
            grown = np.zeros(larger, column.dtype)
            grown[: self._n] = column[: self._n]
            self._data[name] = grown


class Room:
    """Space behind arrays that grow by a few rows again and again; what was taken out before keeps its rows."""

    def __init__(self) -> None:
        self._buffers: dict[str, NDArray[Any]] = {}

    def extended(self, name: str, array: NDArray[Any], more: Any) -> NDArray[Any]:
        """The array with rows behind it, without a copy where it came from here and has room."""
        n, size = len(array), len(array) + len(more)
        buffer = self._buffers.get(name)
        if buffer is None or array.base is not buffer or len(buffer) < size:
            buffer = np.empty(size + size // 8 + FIRST_ROOM, array.dtype)
            buffer[:n] = array
            self._buffers[name] = buffer
        buffer[n:size] = more
        return buffer[:size]
