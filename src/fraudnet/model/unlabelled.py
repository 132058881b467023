"""Training that takes the never reviewed for what they are: unlabelled, some of them fraud that nobody found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from fraudnet.model.booster import Booster, Floats
from fraudnet.model.calibrate import calibrate
from fraudnet.model.rows import Ready

PARTS = 3


def corrected(train: Ready, params: Mapping[str, Any], found: float) -> Ready:
    """The rows with every unlabelled one standing twice: as fraud by its chance of being so, and as honest by the rest.

    found: share of all fraud that reviews find, above 0 and at most 1, from the random audit. A row nobody looked at is
    fraud with chance (1 - found) / found * p / (1 - p), p the chance of being labelled as fraud, from models that did
    not see its cluster (Elkan and Noto 2008). With found = 1 nothing changes. Raises ValueError for another share.
    """
    if not 0 < found <= 1:
        raise ValueError(f"share of the fraud that reviews find: got {found}, expected above 0 and at most 1")
    labelled = held_out(train, params)
    honest = np.clip(1 - labelled, 1e-6, 1.0)
    odds = (1 - found) / found * labelled / honest
    hidden = np.where((train.y == 0) & ~train.rows["reviewed"].to_numpy(), np.clip(odds, 0.0, 1.0), 0.0)
    twice = np.flatnonzero(hidden > 1e-4)
    weight = np.concatenate([train.weight * (1 - hidden), (train.weight * hidden)[twice]])
    return replace(
        train,
        rows=train.rows[np.concatenate([np.arange(len(train.y)), twice])],
        values=np.concatenate([train.values, train.values[twice]]),
        y=np.concatenate([train.y, np.ones(len(twice))]),
        weight=weight,
    )


def held_out(train: Ready, params: Mapping[str, Any]) -> Floats:
    """Chance that each row is labelled as fraud, by models that did not see its cluster."""
    from fraudnet.labels.draws import order_of

    part = order_of(train.rows["cluster"].to_list(), "unlabelled").to_numpy() % PARTS
    raw = np.zeros(len(part))
    for number in range(PARTS):
        outside = part != number
        if train.y[outside].any() and not outside.all():
            raw[~outside] = Booster(train.text(params, outside)).raw(train.values[~outside], threads=train.workers)
    weight = train.weight / train.rows["rate"].to_numpy()
    return calibrate(raw, train.y, weight)(raw)
