"""What is true of every marked entity: one row each, the gravest role first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fraudnet.contracts.judgements import FRAUD_ROLES
from fraudnet.synthetic.columns import Ints
from fraudnet.synthetic.stage import Stage

ALIKE = "alike"


@dataclass(frozen=True)
class Truth:
    """Marked entities, sorted by kind and number; `grade` is 0 fraud, 1 victim or good faith, 2 look-alike."""

    kind: Ints
    entity: Ints
    role: Ints
    typology: Ints
    ring: Ints
    begins: Ints
    ends: Ints
    grade: Ints

    def __len__(self) -> int:
        return len(self.kind)

    def where(self, keep: NDArray[np.bool_]) -> Truth:
        """Some of the rows."""
        return Truth(*(getattr(self, name)[keep] for name in self.__dataclass_fields__))


def truth_of(stage: Stage) -> Truth:
    """Reduce the marks to one row per entity: fraud before the spared roles before look-alike, then the earliest."""
    marks = stage.logs.marks
    grade_of = np.array([0 if r in FRAUD_ROLES else 2 if r == ALIKE else 1 for r in stage.words.roles] or [0])
    grade = grade_of[marks["role"]] if len(marks) else np.empty(0, np.int64)
    order = np.lexsort((marks["begins"], grade, marks["entity"], marks["kind"]))
    kind, entity = marks["kind"][order], marks["entity"][order]
    first = np.r_[True, (kind[1:] != kind[:-1]) | (entity[1:] != entity[:-1])][: len(order)]
    rows = order[first]
    begins, ends = np.clip(marks["begins"][rows], stage.start_us, stage.end_us), marks["ends"][rows].copy()
    which = np.cumsum(first) - 1
    again = marks["ring"][order] == marks["ring"][rows][which]  # the head of a ring that came back
    np.maximum.at(ends, which[again], marks["ends"][order[again]])
    return Truth(
        marks["kind"][rows], marks["entity"][rows], marks["role"][rows], marks["typology"][rows],
        marks["ring"][rows], begins, np.clip(ends, begins, stage.end_us), grade[rows],
    )  # fmt: skip
