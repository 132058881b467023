"""A longer search for the booster's settings, for whoever has the time: tree-structured Parzen estimator (Optuna)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fraudnet.errors import ConfigurationError

# Around the stated grid; a search outside has never paid at 0.1 to 1 % prevalence.
LEAVES, LEAST, BINS = (4, 63), (2, 60), (63, 127, 255)
RATES, FRACTIONS, RIDGES = (0.02, 0.15), (0.1, 1.0), (0.1, 30.0)


def searched(
    judged: Callable[[Mapping[str, Any]], float], tried: Sequence[Mapping[str, Any]], trials: int, seed: int
) -> Mapping[str, Any]:
    """The settings of the most promising of so many trials; the same for the same seed.

    judged: the figure of merit of some settings, more is better. tried: settings to begin with, so that the search
    knows what is good already. Raises ConfigurationError where Optuna is not installed.
    """
    try:
        import optuna
    except ImportError:
        raise ConfigurationError(
            "tune: Optuna is not installed; install fraudnet with the extra `tune`, or leave the setting at 0"
        ) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    for settings in tried:
        study.enqueue_trial({name: settings[name] for name in settings if name in NAMES})
    study.optimize(lambda trial: judged(_asked(trial)), n_trials=len(tried) + trials)
    return dict(study.best_params)


NAMES = ("num_leaves", "min_data_in_leaf", "learning_rate", "max_bin", "feature_fraction", "lambda_l2")


def _asked(trial: Any) -> dict[str, Any]:
    return {
        "num_leaves": trial.suggest_int("num_leaves", *LEAVES, log=True),
        "min_data_in_leaf": trial.suggest_int("min_data_in_leaf", *LEAST, log=True),
        "learning_rate": trial.suggest_float("learning_rate", *RATES, log=True),
        "max_bin": trial.suggest_categorical("max_bin", BINS),
        "feature_fraction": trial.suggest_float("feature_fraction", *FRACTIONS),
        "lambda_l2": trial.suggest_float("lambda_l2", *RIDGES, log=True),
    }
