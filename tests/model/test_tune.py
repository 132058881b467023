"""The longer search: begins with the grid, is taken only when better, and says what is missing."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest
from toy import SETTINGS, joined, part

from fraudnet.errors import ConfigurationError
from fraudnet.model import choose
from fraudnet.model.choose import RIDGE, grid
from fraudnet.model.rows import held_out, ready
from fraudnet.model.tune import NAMES, searched


class Study:
    """What of Optuna is used: trials that are queued come first, then the sampler's."""

    def __init__(self) -> None:
        self.queue: list[dict[str, Any]] = []
        self.told: list[tuple[float, dict[str, Any]]] = []

    def enqueue_trial(self, params: dict[str, Any]) -> None:
        self.queue.append(params)

    def optimize(self, judged: Any, n_trials: int) -> None:
        for number in range(n_trials):
            given = self.queue[number] if number < len(self.queue) else {}
            asked: dict[str, Any] = {}

            def pick(name: str, *bounds: Any, given=given, asked=asked, **_: Any) -> Any:
                low = bounds[0][0] if isinstance(bounds[0], tuple) else bounds[0]
                return asked.setdefault(name, given.get(name, low))

            trial = SimpleNamespace(suggest_int=pick, suggest_float=pick, suggest_categorical=pick)
            self.told.append((judged(trial), asked))

    @property
    def best_params(self) -> dict[str, Any]:
        return max(self.told, key=lambda one: one[0])[1]


@pytest.fixture
def study(monkeypatch: pytest.MonkeyPatch) -> Study:
    found = Study()
    module = SimpleNamespace(
        create_study=lambda direction, sampler: found,
        samplers=SimpleNamespace(TPESampler=lambda seed: seed),
        logging=SimpleNamespace(set_verbosity=lambda level: None, WARNING=30),
    )
    monkeypatch.setitem(sys.modules, "optuna", module)
    return found


def test_the_grid_comes_first_and_the_best_of_all_is_given(study: Study) -> None:
    known = [{"num_leaves": 15, "max_bin": 255, "rounds": 100}, {"num_leaves": 7, "max_bin": 255}]
    best = searched(lambda params: -abs(params["num_leaves"] - 7), known, 3, 1)
    assert [asked["num_leaves"] for _, asked in study.told] == [15, 7, 4, 4, 4]
    assert best["num_leaves"] == 7 and set(best) == set(NAMES)


def test_without_optuna_it_says_which_extra_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ConfigurationError, match="extra `tune`"):
        searched(lambda params: 0.0, [], 1, 1)


def test_training_takes_what_was_found_only_when_it_is_better(study: Study) -> None:
    learned = joined([part(n, n=800, share=0.05) for n in (0, 1)])
    train = ready(learned.matrix, learned.answers, SETTINGS)
    held = held_out(part(5, n=800, share=0.05), train.inputs)
    assert held is not None
    cases = [(train, held)]
    plain, text = choose.choose(cases, 3)
    tuned, other = choose.choose(cases, 3, 2)
    assert len(study.told) == len(grid(train)) + 2
    assert [asked["num_leaves"] for _, asked in study.told[:2]] == [one["num_leaves"] for one in grid(train)]
    assert all(asked["lambda_l2"] == RIDGE for _, asked in study.told[:2])
    best = max(score for score, _ in study.told)
    if best > max(score for score, _ in study.told[:2]):
        assert tuned["num_leaves"] == study.best_params["num_leaves"]
    else:
        assert (tuned, other) == (plain, text)
