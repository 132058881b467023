"""How hard a world is: what one column, a small tree, the detectors and a full model find on the truth."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fraudnet.model.booster import Booster, train_text
from fraudnet.model.metrics import average_precision, rank
from fraudnet.synthetic.examine import Examined

Floats = NDArray[np.float64]
Band = tuple[float, float]
HITS = ("_strength", "_alike")
# Outside these the world is at fault, not the model.
BANDS: Mapping[str, Band] = {
    "best_column": (0.0, 0.05), "shallow_tree": (0.0, 0.15), "rules": (0.0, 0.30), "model": (0.30, 0.75),
    "recall": (0.05, 0.95),
}  # fmt: skip
LEAST_SHARE_ON_OTHER_HABITS = 0.5
FEWEST, FOLDS, DEPTH = 10, 3, 3
PREVALENCE = CAPACITY = 0.005
MODEL: Mapping[str, Any] = {
    "rounds": 160, "learning_rate": 0.07, "num_leaves": 15, "min_data_in_leaf": 15, "feature_fraction": 0.4,
    "lambda_l2": 5.0, "seed": 1,
}  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A score for every row, and its average precision."""

    score: Floats
    value: float


def weights(y: Floats) -> Floats:
    """One for every guilty row, and for the others what makes the guilty 0.5 % of all."""
    guilty = float(y.sum())
    return np.where(y > 0, 1.0, guilty * (1 - PREVALENCE) / PREVALENCE / max(len(y) - guilty, 1.0))


def precision_of(y: Floats, score: Floats) -> float:
    """Average precision of a score where 0.5 % are guilty."""
    return average_precision(rank(y, score, score, weights(y)))


def best_columns(rows: Examined) -> list[tuple[str, float]]:
    """Every column but the detectors' own, by the average precision of its better direction, best first."""
    found = []
    for place, name in enumerate(rows.names):
        column = rows.values[:, place]
        known = np.isfinite(column)
        if known.any() and not name.endswith(HITS):
            up, down = np.where(known, column, -np.inf), np.where(known, -column, -np.inf)
            found.append((name, max(precision_of(rows.y, up), precision_of(rows.y, down))))
    return sorted(found, key=lambda item: (-item[1], item[0]))


def folds(rows: Examined) -> NDArray[np.int64]:
    """A fold for every row; rows of one ring or entity share it, and rings are dealt out by size."""
    groups, which = np.unique(rows.group, return_inverse=True)
    size = np.bincount(which, rows.y, len(groups))
    order = np.lexsort((groups, -size))
    fold = np.zeros(len(groups), np.int64)
    fold[order] = np.arange(len(groups)) % FOLDS
    return fold[which]


def held_out(rows: Examined, fit: Any) -> Found:
    """Scores of rows by `fit(train values, train y, test values)` that never saw their group."""
    fold, score = folds(rows), np.zeros(len(rows))
    for place in range(FOLDS):
        test = fold == place
        score[test] = fit(rows.values[~test], rows.y[~test], rows.values[test])
    return Found(score, precision_of(rows.y, score))


def shallow_tree(values: Floats, y: Floats, test: Floats) -> Floats:
    """A tree of depth 3."""
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(max_depth=DEPTH, min_samples_leaf=10, random_state=0)
    return np.asarray(tree.fit(_filled(values), y).predict_proba(_filled(test))[:, -1], np.float64)


def _filled(values: Floats) -> NDArray[np.float32]:
    return np.nan_to_num(values, nan=-1e9, posinf=1e18, neginf=-1e18).astype(np.float32)


def full_model(values: Floats, y: Floats, test: Floats) -> Floats:
    """A gradient-boosted model over every column."""
    names = tuple(f"c{i}" for i in range(values.shape[1]))
    text = train_text(values.astype(np.float32), y, np.ones(len(y)), MODEL, names, 1)
    return Booster(text).raw(test.astype(np.float32), threads=1)


def rules(rows: Examined) -> Found:
    """The detectors, tuned: the strongest hit by how often such a hit is right in the other folds."""
    at = {name: place for place, name in enumerate(rows.names)}
    detectors = [
        name.removesuffix(HITS[0]) for name in rows.names if name.endswith(HITS[0]) and name.replace(*HITS) in at
    ]
    strength = np.nan_to_num(rows.values[:, [at[name + HITS[0]] for name in detectors]])
    alike = np.nan_to_num(rows.values[:, [at[name + HITS[1]] for name in detectors]])
    clear = strength * (1 - 0.5 * alike)
    fold, score = folds(rows), np.zeros(len(rows))
    for place in range(FOLDS):
        test = fold == place
        for column in range(clear.shape[1]):
            hit = clear[:, column]
            sure = hit >= 0.5
            right = (rows.y[sure & ~test].sum() + 0.05) / ((sure & ~test).sum() + 10)
            score[test] = np.maximum(score[test], right * np.where(sure[test], 1 + hit[test], hit[test]))
    return Found(score, precision_of(rows.y, score))


def on_top(rows: Examined, score: Floats) -> NDArray[np.bool_]:
    """The rows that reviewers can look at: the first 0.5 % by score."""
    order, weight = np.argsort(-score, kind="stable"), weights(rows.y)
    top = np.zeros(len(rows), bool)
    top[order[np.cumsum(weight[order]) <= CAPACITY * weight.sum()]] = True
    return top


def recalls(rows: Examined, score: Floats) -> dict[str, tuple[int, float]]:
    """For every typology with positives: how many, and the share of them among the rows that reviewers can look at."""
    top = on_top(rows, score)
    guilty = rows.y > 0
    found = {}
    for name in np.unique(rows.typology[guilty]):
        mine = guilty & (rows.typology == name)
        found[str(name)] = int(mine.sum()), float(top[mine].mean())
    return found


def rings(rows: Examined) -> dict[str, int]:
    """Of how many rings the positives of every typology are."""
    guilty = rows.y > 0
    return {str(n): len(np.unique(rows.group[guilty & (rows.typology == n)])) for n in np.unique(rows.typology[guilty])}


def precision_at(rows: Examined, score: Floats) -> float:
    """Share of the guilty among the rows that reviewers can look at."""
    top, weight = on_top(rows, score), weights(rows.y)
    return float(weight[top] @ rows.y[top] / weight[top].sum()) if top.any() else math.nan
