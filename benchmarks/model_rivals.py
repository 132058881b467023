"""What the full model is held against, each trained on the same rows: rules, no graph, no boosting, unlabelled rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraudnet.model.booster import Booster
from fraudnet.model.matrix import Matrix
from fraudnet.model.rows import Part, Ready, ready
from fraudnet.model.trained import capped, numbers
from fraudnet.model.unlabelled import corrected
from fraudnet.settings import Settings
from fraudnet.typologies.detect import hit_columns

Floats = NDArray[np.float64]
RIVALS = {
    "rules": "rules alone: every detector, weighed by how often it was right in training",
    "plain": "LightGBM without the graph: plain families and the detectors that need no more",
    "graph": "the graph without LightGBM: logistic regression over the graph's columns",
    "weighed": "the full model, reviewed rows weighed by one over their chance of a review",
    "unlabelled": "the full model, the never reviewed taken as unlabelled (Elkan and Noto)",
}
SEEN, SURE = 10.0, 0.5


def scores(test: Any, learned: Part, rows: Part, settings: Settings, found: float) -> pl.DataFrame:
    """entity_id and, for each rival, its place on the list as a number of which more is worse suspicion.

    found: the share of all fraud that reviews find, for the rival that believes in unlabelled rows.
    """
    params, kind = dict(test.model.params), str(learned.answers["kind"][0])
    taught = ready(learned.matrix, learned.answers, settings)
    frame = rows.rows()
    raw = {
        "rules": rules(taught, frame),
        "plain": boosted(without_graph(learned, kind), without_graph(rows, kind), params, settings),
        "graph": logistic(taught, frame),
        "weighed": weighed(learned, frame, params, settings),
        "unlabelled": Booster(corrected(taught, params, found).text(params)).raw(
            capped(numbers(frame, learned.matrix.names), taught.inputs), threads=settings.threads or 1
        ),
    }
    placed = [place(name, values) for name, values in raw.items()]
    return frame.select("entity_id").with_columns(*placed)


def place(name: str, raw: Floats) -> pl.Series:
    """Minus the share of the test that stands above each row: comparable over tests."""
    values = pl.Series(name, raw)
    return (1.0 - values.rank("min", descending=True).cast(pl.Float64)) / len(raw)


def rules(train: Ready, frame: pl.DataFrame) -> Floats:
    """The strongest hit, weighed by how often such a hit was right in training."""
    names = [part.name for part in train.inputs]
    found = np.zeros(frame.height)
    for name in [n.removesuffix("_alike") for n in names if n.endswith("_alike")]:
        columns = [names.index(f"{name}_strength"), names.index(f"{name}_alike")]
        taught = clear(train.values[:, columns[0]], train.values[:, columns[1]])
        sure = taught >= SURE
        weight = train.weight / train.rows["rate"].to_numpy()
        right = (weight[sure] @ train.y[sure] + 0.05) / (weight[sure].sum() + SEEN)
        mine = clear(*(frame[f"{name}_{ending}"].fill_null(0.0).to_numpy() for ending in ("strength", "alike")))
        found = np.maximum(found, right * np.where(mine >= SURE, 1 + mine, mine))
    return found


def clear(strength: Any, alike: Any) -> Floats:
    """How clearly a pattern shows, less what its honest look-alike explains."""
    return np.asarray(np.nan_to_num(strength) * (1 - 0.5 * np.nan_to_num(alike)), np.float64)


def without_graph(part: Part, kind: str) -> Part:
    """The rows with plain columns alone, and the hits that these allow."""
    plain = tuple(c for c in part.matrix.columns if not c.graph and c.family != "typologies")
    kept = part.matrix.frame.select("entity_id", "at", *(c.name for c in plain)).with_row_index("node")
    hits = hit_columns(kept.select("node", *(c.name for c in plain)).with_columns(pl.col("node").cast(pl.Int64)), kind)
    names = [c.name for c in part.matrix.columns if c.family == "typologies" and c.name in hits.columns]
    columns = (*plain, *(c for c in part.matrix.columns if c.name in names))
    frame = pl.concat([kept.drop("node"), hits.select(names)], how="horizontal")
    return Part(Matrix(frame, columns), part.answers)


def boosted(learned: Part, rows: Part, params: Mapping[str, Any], settings: Settings) -> Floats:
    """The same booster with the same settings on other columns."""
    train = ready(learned.matrix, learned.answers, settings)
    values = capped(numbers(rows.rows(), learned.matrix.names), train.inputs)
    told = {**params, "categorical": train.categorical}
    return Booster(train.text(told)).raw(values, threads=settings.threads or 1)


def weighed(learned: Part, frame: pl.DataFrame, params: Mapping[str, Any], settings: Settings) -> Floats:
    """The same booster on the same rows, those that were reviewed weighed by one over their chance of a review."""
    train = ready(learned.matrix, learned.answers, settings.model_copy(update={"weigh_reviews": True}))
    values = capped(numbers(frame, learned.matrix.names), train.inputs)
    return Booster(train.text(params)).raw(values, threads=settings.threads or 1)


def logistic(train: Ready, frame: pl.DataFrame) -> Floats:
    """Logistic regression over the graph's columns, each as its place among training rows; unknown is the middle."""
    from sklearn.linear_model import LogisticRegression

    columns = [at for at, part in enumerate(train.inputs) if part.column.graph]
    names = [train.inputs[at].name for at in columns]
    taught = np.column_stack([placed(train.values[:, at], train.values[:, at]) for at in columns])
    asked = numbers(frame, tuple(names))
    mine = np.column_stack([placed(asked[:, at], train.values[:, column]) for at, column in enumerate(columns)])
    weight = train.weight / train.rows["rate"].to_numpy()
    model = LogisticRegression(C=0.1, max_iter=300).fit(taught, train.y, sample_weight=weight)
    return np.asarray(model.decision_function(mine), np.float64)


def placed(values: Any, among: Any) -> Floats:
    """The share of known values below each value, less a half; unknown is 0."""
    known = np.sort(among[~np.isnan(among)])
    if not len(known):
        return np.zeros(len(values))
    below = (np.searchsorted(known, values, "left") + np.searchsorted(known, values, "right")) / (2 * len(known))
    return np.where(np.isnan(values), 0.0, below - 0.5)
