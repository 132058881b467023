"""The longer search: begins with the grid, is taken only when better, and says what is missing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from toy import SETTINGS, joined, part

from fraudnet.errors import ConfigurationError
from fraudnet.model import choose
from fraudnet.model.choose import RIDGE, grid
from fraudnet.model.rows import held_out, ready
from fraudnet.model.tune import NAMES, searched

Told = list[tuple[float, Mapping[str, Any]]]


def heard(judged: Callable[[Mapping[str, Any]], float], told: Told) -> Callable[[Mapping[str, Any]], float]:
    """The same judge, with everything it said written down."""

    def judge(params: Mapping[str, Any]) -> float:
        told.append((judged(params), params))
        return told[-1][0]

    return judge


def test_the_grid_comes_first_and_the_best_of_all_is_given() -> None:
    known = [{"num_leaves": 15, "max_bin": 255, "rounds": 100}, {"num_leaves": 7, "max_bin": 255}]
    told: Told = []
    best = searched(heard(lambda params: -abs(params["num_leaves"] - 7), told), known, 3, 1)
    assert [asked["num_leaves"] for _, asked in told[:2]] == [15, 7] and len(told) == 5
    assert best["num_leaves"] == 7 and set(best) == set(NAMES)


def test_the_same_seed_tries_the_same_settings() -> None:
    first: Told = []
    again: Told = []
    for told in (first, again):
        searched(heard(lambda params: params["learning_rate"] - params["feature_fraction"], told), [], 4, 3)
    assert first == again and len({str(asked) for _, asked in first}) == 4


def test_without_optuna_it_says_which_extra_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ConfigurationError, match="extra `tune`"):
        searched(lambda params: 0.0, [], 1, 1)


def test_training_takes_what_was_found_only_when_it_is_better(monkeypatch: pytest.MonkeyPatch) -> None:
    learned = joined([part(n, n=800, share=0.05) for n in (0, 1)])
    train = ready(learned.matrix, learned.answers, SETTINGS)
    held = held_out(part(5, n=800, share=0.05), train.inputs)
    assert held is not None
    told: Told = []

    def search(judged: Any, *rest: Any) -> Mapping[str, Any]:
        return searched(heard(judged, told), *rest)

    monkeypatch.setattr("fraudnet.model.choose.searched", search)
    cases = [(train, held)]
    plain, text = choose.choose(cases, 3)
    tuned, other = choose.choose(cases, 3, 2)
    assert len(told) == len(grid(train)) + 2
    assert [asked["num_leaves"] for _, asked in told[:2]] == [one["num_leaves"] for one in grid(train)]
    assert all(asked["lambda_l2"] == RIDGE for _, asked in told[:2])
    best, settings = max(told, key=lambda one: one[0])
    if best > max(score for score, _ in told[: len(grid(train))]):
        assert tuned["num_leaves"] == settings["num_leaves"]
    else:
        assert (tuned, other) == (plain, text)
