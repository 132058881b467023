"""The one table of grades: how strong the source is, how much the list promises, and what both allow at most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# From the weakest to the strongest: who says so, besides or instead of the model.
FLAG_SOURCES = ("model", "institution", "victim", "police")
# Precision levels a list may promise, and the bands of score that they cut.
LEVELS = (0.2, 0.4, 0.7)
BANDS = ("under_20", "20_to_40", "40_to_70", "over_70")
ACTIONS = ("observe", "review", "review_step_up", "hold_traced_12h", "as_ordered")
# From the lowest to the highest; each stands for one largest action.
GRADES = ("E", "D", "C", "B", "A")
DAYS: Mapping[str, int] = {"model": 30, "institution": 60, "victim": 90, "police": 180}


@dataclass(frozen=True)
class Grade:
    """A grade, the largest action that it allows, and after how many days it expires."""

    grade: str
    action: str
    days: int


_ACTIONS: Mapping[str, tuple[str, str, str, str]] = {
    "model": ("observe", "review", "review", "review_step_up"),
    "institution": ("review_step_up", "review_step_up", "review_step_up", "review_step_up"),
    "victim": ("hold_traced_12h", "hold_traced_12h", "hold_traced_12h", "hold_traced_12h"),
    "police": ("as_ordered", "as_ordered", "as_ordered", "as_ordered"),
}

TABLE: Mapping[tuple[str, str], Grade] = {
    (source, band): Grade(GRADES[ACTIONS.index(action)], action, DAYS[source])
    for source, actions in _ACTIONS.items()
    for band, action in zip(BANDS, actions, strict=True)
}
