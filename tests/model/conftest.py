from __future__ import annotations

import pytest
from toy import SETTINGS, joined, part

from fraudnet.model.train import fit
from fraudnet.model.trained import Model


@pytest.fixture(scope="session")
def trained() -> Model:
    """A model of two snapshots, chosen and calibrated on a third."""
    train = joined([part(0), part(1)])
    model = fit(train.matrix, train.answers, SETTINGS, part(5))
    return model.with_facts(name="fraudnet-account-both", as_of="2025-06-01")
