"""What would be learned from the very same again is taken from the cache, and the models are the same bytes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from toy import SETTINGS, joined, part

from fraudnet.errors import TooFewLabelsError
from fraudnet.model.portable import save, verify
from fraudnet.model.rows import Part
from fraudnet.model.train import fit
from fraudnet.pipeline.training import fits
from fraudnet.pipeline.training.fits import fitted
from fraudnet.settings import Settings

PARAMS = {"num_leaves": 7, "min_data_in_leaf": 5, "learning_rate": 0.08, "max_bin": 63, "rounds": 10}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return SETTINGS.model_copy(update={"home": tmp_path / "home"})


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry per fit that was made."""
    found: list[int] = []

    def noted(*told: object) -> object:
        found.append(1)
        return fit(*told)

    monkeypatch.setattr(fits, "fit", noted)
    return found


def changed(rows: Part, name: str, by: float) -> Part:
    frame = rows.matrix.frame
    first = pl.when(pl.int_range(pl.len()) == 0).then(pl.col(name) + by).otherwise(name)
    return replace(rows, matrix=replace(rows.matrix, frame=frame.with_columns(first.alias(name))))


def test_the_same_again_is_not_fitted_again_and_the_bytes_are_those_of_a_fresh_fit(settings, made, tmp_path):
    learned, held = joined([part(0), part(1)]), part(5)
    first, again = (fitted("a", learned, held, settings, PARAMS) for _ in range(2))
    assert len(made) == 1
    fresh = fit(learned.matrix, learned.answers, settings, held, PARAMS)
    named = [save(m.with_facts(name="fraudnet-account-both"), tmp_path / str(n))
             for n, m in enumerate((first, again, fresh))]  # fmt: skip
    assert len({verify(folder) for folder in named}) == 1


def test_whatever_goes_in_counts(settings, made, monkeypatch):
    learned, held = part(0), part(5)
    column = replace(learned.matrix.columns[0], description="another")
    named = replace(learned, matrix=replace(learned.matrix, columns=(column, *learned.matrix.columns[1:])))
    flipped = learned.answers.with_columns(y=pl.when(pl.int_range(pl.len()) == 1).then(1).otherwise("y").cast(pl.Int8))
    others = (
        (changed(learned, "noise_3", 1e-3), held, settings, PARAMS),
        (learned, changed(held, "noise_3", 1e-3), settings, PARAMS),
        (named, held, settings, PARAMS),
        (replace(learned, answers=flipped), held, settings, PARAMS),
        (learned, held, settings.model_copy(update={"seed": 2}), PARAMS),
        (learned, held, settings, {**PARAMS, "rounds": 9}),
    )
    keys = {fits._digest(*told) for told in others} | {fits._digest(learned, held, settings, PARAMS)}
    assert len(keys) == len(others) + 1
    monkeypatch.setattr(fits, "code_of", lambda *names: "other code")
    assert fits._digest(learned, held, settings, PARAMS) not in keys


def test_a_damaged_fit_is_made_anew_and_of_each_place_the_last_is_kept(settings, made):
    learned, held = part(0), part(5)
    fitted("a", learned, held, settings, PARAMS)
    (folder,) = (settings.home / "cache" / "fits" / "a").iterdir()
    (folder / "model.txt").write_text("tree\n", encoding="utf-8")
    fitted("a", learned, held, settings, PARAMS)
    verify(folder)
    assert len(made) == 2
    fitted("a", learned, held, settings, {**PARAMS, "rounds": 9})
    (last,) = (settings.home / "cache" / "fits" / "a").iterdir()
    assert last != folder and len(made) == 3


def test_too_few_labels_are_said_each_time(settings, made):
    few = part(0, share=0.01)
    for _ in range(2):
        with pytest.raises(TooFewLabelsError):
            fitted("a", few, part(5), settings, PARAMS)
    assert len(made) == 2 and not (settings.home / "cache").exists()
