"""The tuned booster as a scikit-learn classifier: what training uses, and what a notebook may put into a pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from fraudnet.model.booster import Booster, Floats, train_text
from fraudnet.model.metrics import average_precision, rank

START = ("zero", "prevalence")
# What training does not choose: told to the estimator itself, not to LightGBM.
OWN = ("rounds", "stops", "rising", "start", "threads", "names", "categorical", "seed")


class FraudClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Boosted trees with the settings that win where one row in 100 to 1,000 is fraud.

    Reads numbers, unknown as NaN; two classes. rounds: trees; stops: after how many of them training may stop early,
    judged by average precision on `held`. rising: places of columns of which more may only raise suspicion.
    categorical: places of columns with category codes. start: log-odds that the first tree starts from, zero, or the
    weighted share of positives ("prevalence"). Equal rows and settings give an equal model on any number of threads;
    rows in another order give another one, so the training path sorts them first.
    """

    def __init__(  # noqa: PLR0913  # scikit-learn reads the settings of an estimator from its signature
        self,
        *,
        num_leaves: int = 15,
        min_data_in_leaf: int = 10,
        learning_rate: float = 0.08,
        max_bin: int = 255,
        feature_fraction: float = 0.3,
        lambda_l2: float = 1.0,
        rounds: int = 100,
        stops: tuple[int, ...] = (),
        rising: tuple[int, ...] = (),
        categorical: tuple[int, ...] = (),
        start: str = "zero",
        seed: int = 0,
        threads: int = 1,
        names: tuple[str, ...] = (),
        more: Mapping[str, Any] | None = None,
    ) -> None:
        self.num_leaves = num_leaves
        self.min_data_in_leaf = min_data_in_leaf
        self.learning_rate = learning_rate
        self.max_bin = max_bin
        self.feature_fraction = feature_fraction
        self.lambda_l2 = lambda_l2
        self.rounds = rounds
        self.stops = stops
        self.rising = rising
        self.categorical = categorical
        self.start = start
        self.seed = seed
        self.threads = threads
        self.names = names
        self.more = more

    def fit(
        self,
        X: ArrayLike,  # noqa: N803  # scikit-learn's name
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        held: tuple[ArrayLike, ArrayLike] | None = None,
    ) -> Self:
        """Train on rows (n, columns), answers of two classes and weights; `held` rows say where to stop.

        Raises ValueError, as scikit-learn asks for, when the rows are not numbers or not of two classes.
        """
        if y is None:
            raise ValueError("FraudClassifier requires y to be passed, but the target y is None")
        values, answers = validate_data(self, X, y, dtype=np.float32, ensure_all_finite="allow-nan")
        self.classes_, coded = np.unique(answers, return_inverse=True)
        self._refuse_other_targets(answers)
        weight = _check_sample_weight(sample_weight, values, dtype=np.float64, ensure_non_negative=True)
        kept = slice(None) if (weight > 0).all() else weight > 0
        rows = values[kept], coded[kept].astype(np.float64), weight[kept]
        self.text_ = train_text(*rows, self._told(), self._names(), self.threads)
        self.booster_ = Booster(self.text_)
        self.rounds_ = self.rounds
        if held is not None and self.stops:
            self._stop_early(np.asarray(held[0], dtype=np.float32), np.asarray(held[1]) == self.classes_[-1])
        return self

    def decision_function(self, X: ArrayLike) -> Floats:  # noqa: N803
        """Raw scores (log-odds), one per row."""
        check_is_fitted(self, "booster_")
        values = validate_data(self, X, dtype=np.float32, ensure_all_finite="allow-nan", reset=False)
        return self.booster_.raw(values, threads=self.threads)

    def predict_proba(self, X: ArrayLike) -> Floats:  # noqa: N803
        """Chance of each class (n, 2), not yet calibrated; with sampled negatives use `model.calibrate` on it."""
        raw = self.decision_function(X)
        fraud = np.exp(-np.logaddexp(0.0, -raw))
        return np.column_stack([1.0 - fraud, fraud])[:, -len(self.classes_) :]

    def predict(self, X: ArrayLike) -> NDArray[Any]:  # noqa: N803
        """The likelier class of each row."""
        raw = self.decision_function(X)
        found: NDArray[Any] = self.classes_[np.where(raw > 0, len(self.classes_) - 1, 0)]
        return found

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        return tags

    def _refuse_other_targets(self, answers: NDArray[Any]) -> None:
        kind = type_of_target(answers, input_name="y", raise_unknown=True)
        if kind != "binary":
            raise ValueError(f"Only binary classification is supported. The type of the target is {kind}.")
        if len(self.classes_) < 2:
            raise ValueError(f"Classifier can't train when only one class is present: {self.classes_[0]!r}")

    def _told(self) -> dict[str, Any]:
        told = {key: value for key, value in self.get_params(deep=False).items() if key not in (*OWN, "more")}
        constraints = [int(place in set(self.rising)) for place in range(self.n_features_in_)]
        rising = {"monotone_constraints": constraints} if any(constraints) else {}
        fixed = {"rounds": self.rounds, "seed": self.seed, "categorical": list(self.categorical)}
        return {**told, **dict(self.more or {}), **rising, **fixed, "boost_from_average": self.start == START[1]}

    def _names(self) -> tuple[str, ...]:
        return self.names or tuple(f"column_{place}" for place in range(self.n_features_in_))

    def _stop_early(self, values: NDArray[np.float32], y: NDArray[np.bool_]) -> None:
        found = [precision_of(self.booster_, values, y.astype(np.float64), stop) for stop in self.stops]
        self.rounds_ = self.stops[int(np.argmax(found))]
        self.text_ = self.booster_.text(self.rounds_)
        self.booster_ = Booster(self.text_)


def precision_of(booster: Booster, values: NDArray[np.float32], y: Floats, stop: int, threads: int = 1) -> float:
    """Average precision of the first trees on rows they have not learned from."""
    raw = booster.raw(values, rounds=stop, threads=threads)
    return average_precision(rank(y, raw, raw))


def classifier(params: Mapping[str, Any], names: Sequence[str], rising: Sequence[int], threads: int) -> FraudClassifier:
    """The estimator with the settings a model's card names; what it does not know by name goes on to LightGBM."""
    known = {key for key in FraudClassifier._get_param_names() if key not in ("more", "names", "rising", "threads")}
    mine = {key: value for key, value in params.items() if key in known}
    more = {key: value for key, value in params.items() if key not in known}
    mine["categorical"] = tuple(params.get("categorical", ()))
    return FraudClassifier(**mine, more=more or None, names=tuple(names), rising=tuple(rising), threads=threads)
