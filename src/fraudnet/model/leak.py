"""The guard against columns that tell the outcome: a model trained on one looks perfect and finds nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.contracts.columns import EXTRA
from fraudnet.errors import LeakError
from fraudnet.model.metrics import auc, rank

ROWS, SHARE, PRECISION, AUC = 30, 0.10, 0.99, 0.98
MODAL_SHARE, FEW_VALUES = 0.20, 200
MESSAGES = {
    "presence": "whether it is filled in tells the answer",
    "value": "one of its values tells the answer",
    "alone": "it ranks the answers nearly perfectly by itself",
    "declared": "the mapping says that it is an outcome",
}


@dataclass(frozen=True)
class Leak:
    """A column that tells the outcome: by which rule, and the figures behind it; `reason` when it was allowed."""

    column: str
    rule: str
    rows: int
    precision: float
    share_of_positives: float
    auc: float
    reason: str = ""

    def sentence(self, made_of: Mapping[str, str] | None = None) -> str:
        """What was found, without any value; made_of: columns made of an extra attribute of the transfers."""
        figures = f"AUC {self.auc:.3f}"
        if self.rows:
            figures = f"{self.rows:,} rows, precision {self.precision:.3f}, {self.share_of_positives:.0%} of positives"
        extra = (made_of or {}).get(self.column)
        origin = f", made of {extra} of the transfers" if extra else ""
        return f"{self.column}{origin}: {MESSAGES[self.rule]} ({figures})"


def find_leaks(
    attributes: pl.DataFrame,
    y: NDArray[np.int8],
    declared: tuple[str, ...] = (),
    allowed: Mapping[str, str] | None = None,
) -> list[Leak]:
    """Every column that tells the outcome, in the order of the columns, at most one rule each.

    Rules: `declared` by the mapping as an outcome; `presence`: being filled in (not null, and not the modal value when
    that fills at least 20 %) or the opposite holds for at least 30 rows and 10 % of the positives with precision of at
    least 0.99; `value`: so does one value of a column with at most 200; `alone`: AUC of at least 0.98 either way.
    attributes: raw columns, row by row beside y (0 or 1). allowed: column to reason, copied into the findings.
    """
    permitted = allowed or {}
    found = []
    for name in attributes.columns:
        leak = _declared(name, y) if name in declared else _inspect(attributes[name], y)
        if leak is not None:
            found.append(leak if name not in permitted else _with_reason(leak, permitted[name]))
    return found


def guard(
    attributes: pl.DataFrame,
    y: NDArray[np.int8],
    declared: tuple[str, ...] = (),
    allowed: Mapping[str, str] | None = None,
    made_of: Mapping[str, str] | None = None,
) -> list[Leak]:
    """Refuse to train on columns that tell the outcome; returns those that were allowed with a reason.

    made_of: columns that sum up an extra attribute of the transfers, to its name; what the mapping allows of an
    attribute it allows of these. Raises LeakError naming every such column, the rule, the figures, and what to write
    in the mapping.
    """
    origins, reasons = made_of or {}, dict(allowed or {})
    reasons.update({name: reasons[extra] for name, extra in origins.items() if extra in reasons})
    leaks = find_leaks(attributes, y, declared, reasons)
    refused = [leak for leak in leaks if not leak.reason]
    if refused:
        # Several columns can be made of one attribute: it is named once, in the order of the findings.
        marks = list(dict.fromkeys(origins.get(leak.column, leak.column).removeprefix(EXTRA) for leak in refused))
        names = ", ".join(f'"{mark}"' for mark in marks)
        told = "; ".join(leak.sentence(origins) for leak in refused)
        raise LeakError(
            "{count} of {columns} columns tell the outcome: {told}. Expected columns known before "
            "anybody suspected the entity. In the mapping, under their table, write outcome = [{names}] "
            'to keep them out, or allow = {{ "{mark}" = "why it is known beforehand" }} to train on them '
            "all the same",
            count=len(refused),
            columns=attributes.width,
            told=told,
            names=names,
            mark=marks[0],
        )
    return leaks


def _inspect(given: pl.Series, y: NDArray[np.int8]) -> Leak | None:
    values = _values(given, y)
    positives = int(y.sum())
    for rule, groups in (("presence", _presence(values, len(y))), ("value", _each(values))):
        for rows, hits in groups:
            if rows >= ROWS and hits >= SHARE * positives and hits >= PRECISION * rows:
                return Leak(given.name, rule, rows, hits / rows, hits / max(positives, 1), 0.0)
    alone = _auc(values)
    return Leak(given.name, "alone", 0, 0.0, 0.0, alone) if alone >= AUC else None


def _values(given: pl.Series, y: NDArray[np.int8]) -> pl.DataFrame:
    """Every value with how many rows have it and how many of them are positive, in order, null first."""
    # A list has no values to compare, but it can be there or not.
    column = given.is_not_null() if given.dtype.is_nested() else given
    paired = pl.DataFrame({"value": column, "y": y})
    counted = paired.lazy().group_by("value").agg(rows=pl.len().cast(pl.Int64), hits=pl.col("y").cast(pl.Int64).sum())
    return counted.sort("value", nulls_last=False).collect(engine="streaming")


def _presence(values: pl.DataFrame, rows: int) -> list[tuple[int, int]]:
    modal = values.filter(pl.col("value").is_not_null()).sort("rows", "value", descending=[True, False]).head(1)
    absent = pl.col("value").is_null()
    if modal.height and modal["rows"][0] >= MODAL_SHARE * rows:
        absent = absent | (pl.col("value") == modal["value"][0])
    sums = [values.filter(part).select(pl.col("rows", "hits").sum()).row(0) for part in (~absent, absent)]
    return [(int(n), int(hits)) for n, hits in sums]


def _each(values: pl.DataFrame) -> list[tuple[int, int]]:
    return values.select("rows", "hits").rows() if values.height <= FEW_VALUES + 1 else []


def _auc(values: pl.DataFrame) -> float:
    kind = values.schema["value"]
    if not (kind.is_numeric() or kind.is_temporal() or kind == pl.Boolean):
        return 0.0
    # Each value once as positive and once as negative, weighing as many rows as it has; unknown is below every value.
    place = np.tile(np.arange(values.height, dtype=np.float64), 2)
    weight = np.concatenate([values["hits"].to_numpy(), (values["rows"] - values["hits"]).to_numpy()]).astype(
        np.float64
    )
    y = np.repeat([1.0, 0.0], values.height)
    found = auc(rank(y, place, place, weight))
    return 0.0 if np.isnan(found) else max(found, 1 - found)


def _declared(name: str, y: NDArray[np.int8]) -> Leak:
    return Leak(name, "declared", len(y), 1.0, 1.0, 1.0)


def _with_reason(leak: Leak, reason: str) -> Leak:
    return Leak(leak.column, leak.rule, leak.rows, leak.precision, leak.share_of_positives, leak.auc, reason)
