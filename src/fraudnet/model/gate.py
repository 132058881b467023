"""The gate that a challenger passes before it may take the champion's place."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.model.fallen import doubted, fallen
from fraudnet.model.golden import SCORES
from fraudnet.model.metrics import Ranked, average_precision, places, precision_at
from fraudnet.model.paired import BETTER, CANNOT_TELL, NOT_WORSE, WORSE, Difference, paired
from fraudnet.model.promise import ERROR, HIGH, LOW, Promise, promises
from fraudnet.model.trained import Model
from fraudnet.settings import Settings

FIRST, NOT_COMPARED = "no champion yet", "not compared"
MEGABYTES = 64.0
# CPU-seconds for 10,000 rows on one thread: a million rows in eight minutes.
SECONDS, ROWS = 5.0, 10_000
GROUPS = ("institution", "province")
FEWEST = 10


@dataclass(frozen=True)
class Check:
    """One question of the gate: what was found, what was asked for, and whether a failure stops the challenger."""

    name: str
    found: str
    bound: str
    passed: bool
    stops: bool = True


@dataclass(frozen=True)
class Verdict:
    """The gate's answer (better, not worse, worse, cannot tell, not compared, no champion yet) and why."""

    answer: str
    checks: tuple[Check, ...]
    fallen: tuple[dict[str, Any], ...] = ()

    @property
    def stopped_by(self) -> tuple[str, ...]:
        """The checks that a challenger failed and nobody may overrule."""
        return tuple(check.name for check in self.checks if check.stops and not check.passed)

    @property
    def open(self) -> bool:
        """Whether the challenger may take the place by itself."""
        return not self.stopped_by and self.answer in (BETTER, FIRST)

    @property
    def open_to_two(self) -> bool:
        """Whether two people with a reason may let it take the place: nothing speaks against it but too little gain."""
        return not self.stopped_by and self.answer in (BETTER, FIRST, NOT_WORSE, NOT_COMPARED)

    def told(self) -> dict[str, Any]:
        """The verdict as a plain value."""
        return {"answer": self.answer, "checks": [asdict(check) for check in self.checks], "fallen": list(self.fallen)}


def verdict(
    folder: Path, model: Model, trial: pl.DataFrame | None, settings: Settings, champion: str | None = None
) -> Verdict:
    """Ask everything that the gate asks of a challenger.

    folder: its portable folder; trial: contract Trial, none when nobody kept one; champion: the name and version it
    would replace, none when there is none yet: then nothing is compared, and what calibration shows stops nobody. That
    predictions are equal after reloading and that the register's signature is the card's is asked by whoever moves the
    alias.
    """
    always = (size(folder), latency(model))
    if trial is None:
        return Verdict(FIRST if champion is None else NOT_COMPARED, always)
    kept = calibration(trial, settings, stops=champion is not None)
    if champion is None:
        return Verdict(FIRST, (*always, *kept))
    if trial["champion"].null_count():
        return Verdict(NOT_COMPARED, (*always, *kept))
    gain, top = differences(trial, settings)
    out = fallen(trial, settings.capacity)
    compared = (told("average precision", gain), told("precision at capacity", top))
    checks = (*always, *compared, *kept, *groups(trial, settings), witnesses(out))
    return Verdict(gain.answer(settings.gate_margin), checks, tuple(out.to_dicts()))


def differences(trial: pl.DataFrame, settings: Settings) -> tuple[Difference, Difference]:
    """Gain in average precision, which decides, and in precision at capacity, which is told beside it."""
    at = places(settings.capacity, trial.height)
    measures: tuple[Callable[[Ranked], float], ...] = (average_precision, lambda rows: precision_at(rows, at))
    first, second = (paired(trial, one, settings.bootstrap, settings.seed) for one in measures)
    return first, second


def told(name: str, gain: Difference) -> Check:
    """A difference as a line of the table; the answer is drawn from it elsewhere."""
    change = "too few positives" if math.isnan(gain.low) else f"change {gain.low:+.3f} to {gain.high:+.3f}"
    found = f"{gain.champion:.3f} to {gain.challenger:.3f}, {change}"
    return Check(name, found, "change above 0", gain.answer(0) == BETTER, stops=False)


def calibration(trial: pl.DataFrame, settings: Settings, stops: bool) -> tuple[Check, ...]:
    """The promises that probabilities of the same recipe, trained as of an earlier day, kept on the trial."""
    found = promises(trial, settings.bootstrap, settings.seed)
    return tuple(Check(one.name, *_promised(one), one.kept, stops) for one in found)


def groups(trial: pl.DataFrame, settings: Settings) -> tuple[Check, ...]:
    """No group with 100 reviewed rows or more may lose over 10 points of precision among those it has flagged.

    A group of which either model flags fewer than 10 is not judged: there is no precision to speak of.
    """
    k = places(settings.capacity, trial.height)
    flagged = trial.with_columns(
        **{name: pl.col(name).rank("ordinal", descending=True) <= k for name in ("champion", "challenger")}
    )
    return tuple(_group(flagged, by, settings) for by in GROUPS if flagged[by].null_count() < flagged.height)


def witnesses(out: pl.DataFrame) -> Check:
    """Nobody's labels alone may push rows out of the top."""
    named = doubted(out)
    found = f"in doubt: {', '.join(named)}; have a sample of their clearings read again" if named else "none"
    return Check("whose labels push rows out of the top", found, "none", not named)


def size(folder: Path) -> Check:
    """The bytes of the portable folder."""
    found = sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) / 1e6
    return Check("size", f"{found:.1f} MB", f"at most {MEGABYTES:.0f} MB", found <= MEGABYTES)


def latency(model: Model) -> Check:
    """CPU-seconds that 10,000 rows take on one thread."""
    golden = model.golden.drop(SCORES)
    rows = pl.concat([golden] * -(-ROWS // golden.height)).head(ROWS)
    begun = time.process_time()
    model.probability(model.raw(rows, threads=1))
    spent = time.process_time() - begun
    return Check("time for 10,000 rows", f"{spent:.2f} CPU-seconds", f"at most {SECONDS:.0f}", spent <= SECONDS)


def _group(flagged: pl.DataFrame, by: str, settings: Settings) -> Check:
    parts = {f"{name}_{what}": _of(name, what) for name in ("champion", "challenger") for what in ("n", "precision")}
    large = flagged.group_by(by).agg(n=pl.col("reviewed").sum(), **parts)
    asked = large.filter(
        (pl.col("n") >= settings.gate_group_reviewed)
        & pl.col(by).is_not_null()
        & (pl.min_horizontal("champion_n", "challenger_n") >= FEWEST)
    )
    losses = asked.with_columns(loss=pl.col("champion_precision") - pl.col("challenger_precision"))
    bound = f"at most {settings.gate_group_loss:.0%} lost where {settings.gate_group_reviewed} are reviewed"
    name = f"precision by {by}"
    if not losses.height:
        return Check(name, "no group is large enough to be judged", bound, passed=True)
    worst = losses.sort("loss", by, descending=True).row(0, named=True)
    change = f"{worst['champion_precision']:.2f} to {worst['challenger_precision']:.2f}"
    return Check(
        name, f"worst of {losses.height}: {worst[by]}, {change}", bound, worst["loss"] <= settings.gate_group_loss
    )


def _of(model: str, what: str) -> pl.Expr:
    """How many rows of a group a model flags, or the share of fraud among them."""
    return pl.col(model).sum() if what == "n" else pl.col("y").filter(model).mean()


def _promised(one: Promise) -> tuple[str, str]:
    """What a promise came to, and what was asked of it."""
    if one.name == ERROR:
        return f"{one.value:.3f}", f"at most {one.high:.3f}"
    return f"{one.value:.2f} ({one.low:.2f} to {one.high:.2f})", f"{LOW} to {HIGH}, or the interval covers 1"


__all__ = ["BETTER", "CANNOT_TELL", "FIRST", "NOT_COMPARED", "NOT_WORSE", "WORSE", "Check", "Verdict", "verdict"]
