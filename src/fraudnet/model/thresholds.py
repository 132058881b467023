"""Thresholds with a promise: how far down the list goes while its precision holds on fresh data, or no threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fraudnet.contracts.grades import LEVELS
from fraudnet.model.booster import Floats

Bools = NDArray[np.bool_]

RISK = 0.10  # how often a promise may be broken
DIFFERS = 0.01  # base rates are called different below this
# Which lists are tried, shortest first; fixed before any answer is looked at.
FIRST, STEP = 20, 1.25
AUDIT_FROM = 100
# Audit labels count that lie where a list may end: in so many times what reviewers can look at.
REACH = 10
AUDIT, MATURED = "audit", "matured"
NOT_ASKED, TOO_FEW, NOT_SHOWN, MOVED = "not_asked", "too_few_rows", "not_shown", "base_rate_moved"


@dataclass(frozen=True)
class Promise:
    """One precision level: everybody with a raw score of at least `raw` is on a list that keeps it.

    raw is None where no list can promise the level; `why` then says so (not_asked, too_few_rows, not_shown,
    base_rate_moved). rows, positives: how many the calibration rows had on that list.
    """

    level: float
    raw: float | None = None
    rows: int = 0
    positives: int = 0
    why: str = ""


@dataclass(frozen=True)
class Promises:
    """The promises of a model, one per level in rising order.

    basis: audit (a random sample was reviewed) or matured (what reviews confirmed; the never reviewed count as
    honest, so the promise is about confirmed fraud). rows, positives: of the calibration rows that were looked at.
    """

    basis: str = MATURED
    rows: int = 0
    positives: int = 0
    made: tuple[Promise, ...] = tuple(Promise(level, why=NOT_ASKED) for level in LEVELS)

    @property
    def lines(self) -> tuple[float | None, ...]:
        """The raw score from which each level is promised."""
        return tuple(one.raw for one in self.made)

    @property
    def line(self) -> float | None:
        """The raw score from which the lowest level is promised; None when the list promises nothing."""
        return self.made[0].raw

    def abstaining(self, why: str) -> Promises:
        """No promise at any level, for a stated reason."""
        return replace(self, made=tuple(Promise(one.level, why=why) for one in self.made))

    def as_json(self) -> dict[str, Any]:
        """A plain value that `from_json` reads back exactly."""
        return {**asdict(self), "made": [asdict(one) for one in self.made], "confidence": 1 - RISK}

    @staticmethod
    def from_json(value: Mapping[str, Any] | None) -> Promises:
        """Read what `as_json` wrote; a card from before there were promises has none."""
        if value is None:
            return Promises()
        made = tuple(Promise(**one) for one in value["made"])
        return Promises(value["basis"], value["rows"], value["positives"], made)


def promised(y: Floats, raw: Floats, audited: Bools, reach: int) -> Promises:
    """The promises that rows a model has not seen support, each level with 90 % confidence.

    y: 1 for confirmed fraud; raw: raw scores; audited: rows that were reviewed by lot; reach: how many of the highest
    rows may come on a list at all. With at least 100 audited rows within the reach only audited rows count, else all.
    """
    highest = np.zeros(len(raw), dtype=bool)
    highest[np.argsort(-raw, kind="stable")[:reach]] = True
    by_lot = int((audited & highest).sum()) >= AUDIT_FROM
    kept = audited if by_lot else np.ones(len(raw), dtype=bool)
    lists = nested(y[kept], raw[kept])
    made = tuple(longest(lists, level) for level in LEVELS)
    return Promises(AUDIT if by_lot else MATURED, int(kept.sum()), int(y[kept].sum()), made)


def nested(y: Floats, raw: Floats) -> tuple[Floats, Floats, Floats]:
    """The lists that are tried, shortest first: their lowest raw score, their rows, their positives.

    A list holds everybody with the lowest score on it; sizes grow by a quarter from 20 on.
    """
    order = np.argsort(-raw, kind="stable")
    sorted_raw, above = raw[order], np.cumsum(y[order])
    ends = np.flatnonzero(np.append(sorted_raw[1:] != sorted_raw[:-1], True)[: len(raw)])
    wanted = sizes(len(raw))
    places = np.unique(ends[np.searchsorted(ends + 1, wanted)]) if len(wanted) else np.array([], dtype=np.int64)
    return sorted_raw[places], np.asarray(places + 1, dtype=np.float64), above[places]


def sizes(rows: int) -> NDArray[np.int64]:
    """How many rows the lists have that are tried, up to all of them."""
    found, size = [], float(FIRST)
    while round(size) <= rows:
        found.append(round(size))
        size *= STEP
    return np.array(found, dtype=np.int64)


def longest(lists: tuple[Floats, Floats, Floats], level: float) -> Promise:
    """The longest list before the first that does not show this precision (fixed-sequence testing).

    A list shows it when so many positives or more among its rows would be a chance of at most 10 % at a precision of
    just that level (exact binomial). The order is fixed beforehand, so testing many lists adds no error: the chance
    that the chosen list is worse than promised is at most 10 %. Source: Maurer, Hothorn and Lehmacher 1995.
    """
    lowest, rows, positives = lists
    if not len(rows):
        return Promise(level, why=TOO_FEW)
    shown = tail(positives, rows, level) <= RISK
    passed = len(shown) if shown.all() else int(np.argmin(shown))
    if not passed:
        return Promise(level, why=NOT_SHOWN)
    last = passed - 1
    return Promise(level, float(lowest[last]), int(rows[last]), int(positives[last]))


def tail(positives: Floats, rows: Floats, level: float) -> Floats:
    """The chance of so many positives or more among so many rows when each is one with probability `level`."""
    from scipy.special import bdtrc

    some = np.maximum(positives - 1, 0)
    return np.where(positives > 0, bdtrc(some, rows.astype(np.int64), level), 1.0)


def moved(calibration: tuple[int, int], test: tuple[int, int]) -> bool:
    """Whether two base rates differ (Fisher's exact test, p < .01); each is given as positives and rows."""
    from scipy.stats import fisher_exact

    table = [[positives, rows - positives] for positives, rows in (calibration, test)]
    return bool(fisher_exact(table).pvalue < DIFFERS)


def found_later(promises: Promises, y: Floats, raw: Floats) -> list[dict[str, Any]]:
    """What became of each promise on later rows: level, rows and positives on the list, and whether it was kept.

    kept is None where nothing was promised or nobody came on the list.
    """
    told = []
    for one in promises.made:
        on = raw >= (np.inf if one.raw is None else one.raw)
        rows, positives = int(on.sum()), int(y[on].sum())
        told.append(
            {"level": one.level, "rows": rows, "positives": positives,
             "kept": positives >= one.level * rows if rows else None}
        )  # fmt: skip
    return told


def keeping(folds: Sequence[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """How often each level was promised and kept over folds forward in time: level, promised, kept."""
    rows = [row for fold in folds for row in fold if row["kept"] is not None]
    return [
        {
            "level": level,
            "promised": sum(row["level"] == level for row in rows),
            "kept": sum(row["level"] == level and row["kept"] for row in rows),
        }
        for level in LEVELS
    ]
