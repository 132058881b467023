"""The recipe measured again and again, forward in time, each test as far from what it learned as labels need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from fraudnet.errors import TooFewLabelsError
from fraudnet.expressions import local_day
from fraudnet.labels.audit import audited
from fraudnet.labels.draws import order_of
from fraudnet.labels.witnesses import witnesses
from fraudnet.model.evaluate import Evaluation, evaluate, measured
from fraudnet.model.matrix import KEYS, stack
from fraudnet.model.rows import Part
from fraudnet.model.sampling import WHOLE, row_names
from fraudnet.model.train import fit
from fraudnet.model.trial import traits
from fraudnet.pipeline.batch.at_stake import DELAYS, at_stake
from fraudnet.pipeline.training.dated import Tested, plan, test_at
from fraudnet.pipeline.training.examples import Teacher

ABOUT = ("institution", "province")
SHARES = (0.6, 0.8)


Beside = Callable[[Tested, Part, Part], pl.DataFrame]


def nothing_beside(test: Tested, learned: Part, rows: Part) -> pl.DataFrame:
    """No rivals."""
    return rows.answers.select("entity_id")


@dataclass(frozen=True)
class Folds:
    """Some tests of one kind, oldest first, and the rows of all of them as one list.

    rows: as `measured` reads them, with fold (first day of the snapshot), by_lot, institution, province, traits
    (typologies that show) and, for accounts, the money that came in so many days and later after the snapshot. last:
    the rows of the newest test.
    """

    kind: str
    tests: tuple[Tested, ...]
    rows: pl.DataFrame
    pooled: Evaluation
    last: Part


def moments(teacher: Teacher, as_of: datetime, wanted: int) -> tuple[datetime, ...]:
    """The last test snapshots, oldest first: labels of each are mature before the next one begins to be tested.

    Fewer than wanted where the history is too short. Raises TooFewLabelsError when there is none.
    """
    found: list[datetime] = []
    moment = plan(teacher, as_of).calibration
    while len(found) < wanted:
        try:
            before = plan(teacher, moment).calibration
        except TooFewLabelsError:
            if not found:
                raise
            break
        found.append(moment)
        moment = before
    return tuple(reversed(found))


def needed(teacher: Teacher, tested: Sequence[datetime]) -> list[datetime]:
    """Every snapshot that these tests read."""
    wanted = set(tested)
    for moment in tested:
        when = plan(teacher, moment)
        wanted.update((*when.training, when.calibration))
    return sorted(wanted)


def folds(teacher: Teacher, kind: str, tested: Sequence[datetime], beside: Beside = nothing_beside) -> Folds:
    """Test the recipe at each of these snapshots; those with too little to learn from are left out.

    beside: given a test, what it learned from and its rows, makes further columns (entity_id and scores of rivals).
    Raises TooFewLabelsError when nothing is left.
    """
    found, described, why = [], [], TooFewLabelsError()
    for moment in tested:
        try:
            one, learned, rows = test_at(teacher, kind, moment)
        except TooFewLabelsError as error:
            why = error
            continue
        found.append(one)
        more = beside(one, learned, rows)
        del learned  # the largest table there is; only one at a time
        described.append(_described(teacher, one, rows).join(more, on="entity_id", how="left", maintain_order="left"))
    if not found:
        raise TooFewLabelsError("{why}", why=why)
    pooled = pool(described)
    return Folds(kind, tuple(found), pooled, measured(pooled, found[-1].model.threshold, teacher.settings), rows)


def pool(tests: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Rows of several tests as one list, best first: everybody's place is the share of his own test above him.

    So the first 1 % of the whole are the first 1 % of each test, whatever the scale of each model's scores.
    """
    if len(tests) == 1:
        return tests[0]
    placed = [
        one.with_columns(raw=(1.0 - pl.col("raw").rank("min", descending=True).cast(pl.Float64)) / pl.len())
        for one in tests
    ]
    return pl.concat(placed).sort("raw", "entity_id", "fold", descending=[True, False, False])


def random_split(teacher: Teacher, kind: str, found: Folds) -> Evaluation:
    """What a random split of the same snapshots would have said: rows of one moment and ring on both sides."""
    test = found.tests[-1]
    when = plan(teacher, test.at)
    every, _ = teacher.part(kind, (*when.training, when.calibration))
    whole = Part(stack([every.matrix, found.last.matrix]), pl.concat([every.answers, found.last.answers]))
    drawn = order_of(row_names(whole.answers), "random split")
    part = sum((drawn >= share * WHOLE).cast(pl.Int8) for share in SHARES)
    sides = [_only(whole, whole.answers.filter(part == number)) for number in range(3)]
    model = fit(sides[0].matrix, sides[0].answers, teacher.settings, sides[1], dict(test.model.params))
    return evaluate(model, sides[2], teacher.settings)


def _only(whole: Part, answers: pl.DataFrame) -> Part:
    frame = whole.matrix.frame.join(answers.select(KEYS), on=list(KEYS), how="semi", maintain_order="left")
    return Part(replace(whole.matrix, frame=frame), answers)


def _described(teacher: Teacher, test: Tested, part: Part) -> pl.DataFrame:
    """The rows of a test with what they are told apart by."""
    about = witnesses(teacher.known).select("entity_id", *ABOUT).unique("entity_id", keep="first", maintain_order=True)
    shown = part.matrix.frame.select("entity_id", traits=traits(part.matrix))
    lot = audited(teacher.known, test.at, teacher.settings).implode()
    rows = test.found.rows.with_columns(fold=pl.lit(local_day(test.at)), by_lot=pl.col("entity_id").is_in(lot))
    if "own_reports_90d" in part.matrix.names:
        reported = part.matrix.frame.select("entity_id", reported=pl.col("own_reports_90d") > 0)
        rows = rows.join(reported, on="entity_id", how="left", maintain_order="left")
    for more in (about, shown, at_stake(teacher.source, test.at, teacher.settings)):
        rows = rows.join(more, on="entity_id", how="left", maintain_order="left")
    return rows.with_columns(pl.col([f"after_{days}" for days in DELAYS]).fill_null(0))
