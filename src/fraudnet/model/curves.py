"""The pictures of an evaluation as points: precision and recall, reliability, lift, gain by capacity."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from fraudnet.model.metrics import Floats, places

POINTS = 200
SHARES = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
BINS, TOP = 10, 0.05


def precision_recall(rows: pl.DataFrame) -> list[dict[str, float]]:
    """recall and precision down the list, at most 200 points; rows: y, best first."""
    hits = np.cumsum(rows["y"].to_numpy().astype(np.float64))
    if not len(hits) or not hits[-1]:
        return []
    # Every step where a positive is met tells something; between them precision only falls.
    steps = np.flatnonzero(np.diff(hits, prepend=0.0))
    chosen = np.unique(steps[np.linspace(0, len(steps) - 1, min(len(steps), POINTS)).round().astype(int)])
    return [{"recall": float(hits[at] / hits[-1]), "precision": float(hits[at] / (at + 1))} for at in chosen]


def reliability(rows: pl.DataFrame) -> list[dict[str, float]]:
    """promised and observed share of fraud over ten equal bins of the top 5 % by probability, lowest first.

    The rest of the list is promised next to nothing and would hide what reviewers rely on.
    """
    ordered = rows.sort("probability", "raw", descending=True, maintain_order=True).head(places(TOP, rows.height))
    parts = np.array_split(np.arange(ordered.height), min(BINS, max(ordered.height, 1)))[::-1]
    p, y = ordered["probability"].to_numpy(), ordered["y"].to_numpy().astype(np.float64)
    return [
        {"promised": float(p[part].mean()), "observed": float(y[part].mean()), "rows": len(part)}
        for part in parts
        if len(part)
    ]


def gains(rows: pl.DataFrame, delays: tuple[int, ...] = ()) -> list[dict[str, Any]]:
    """What a list of each length finds: share, flagged, found, precision, recall, lift, and the money it could stop.

    rows: y, best first; with delays also after_<days>, the money that came in so many days after the snapshot and
    later. saved_<days>: of all the money that came to the guilty after the snapshot, the share that came to
    flagged ones once something was done, so many days on.
    """
    y = rows["y"].to_numpy().astype(np.float64)
    hits, rate = np.cumsum(y), max(float(y.mean()) if len(y) else 0.0, 1e-12)
    money = {days: np.cumsum(rows[f"after_{days}"].to_numpy().astype(np.float64) * y) for days in delays}
    told = []
    for share in SHARES if len(y) else ():
        k = max(min(places(share, len(y)), len(y)), 1)
        found = float(hits[k - 1])
        row: dict[str, Any] = {"share": share, "flagged": k, "found": int(found), "precision": found / k}
        row |= {"recall": found / max(hits[-1], 1.0), "lift": found / k / rate}
        told.append(row | {f"saved_{days}": _part(money, days, k) for days in delays})
    return told


def _part(money: dict[int, Floats], days: int, k: int) -> float | None:
    whole = float(money[0][-1])
    return float(money[days][k - 1]) / whole if whole else None
