"""Training and measuring on single transfers, each as of its own moment (`[score] unit = "transfers"`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from fraudnet.contracts.labels import Label
from fraudnet.errors import ConfigurationError, TooFewLabelsError
from fraudnet.expressions import day_number, start_of_day
from fraudnet.features.compute import FeatureTable, feature_table
from fraudnet.features.event_windows import events
from fraudnet.graph.link import link
from fraudnet.labels.seeds import seeds
from fraudnet.model.choose import choose
from fraudnet.model.evaluate import evaluate
from fraudnet.model.leak import guard
from fraudnet.model.matrix import Matrix
from fraudnet.model.rows import Part, held_out, ready
from fraudnet.model.train import fit
from fraudnet.model.trained import Model
from fraudnet.pipeline.reading.source import Source
from fraudnet.pipeline.training.outcome import Outcome
from fraudnet.settings import Settings

KIND = "event"


@dataclass(frozen=True)
class Stream:
    """Every transfer before a moment: who paid whom when, its features, and whether a report names it.

    rows: node, entity_id, transfer_id, at, payer, y, told_at (when the report became known).
    """

    source: Source
    rows: pl.DataFrame
    table: FeatureTable

    def within(self, begin: datetime, end: datetime, known_by: datetime | None = None) -> pl.DataFrame:
        """The rows in [begin, end).

        With `known_by`, reports that came later do not count: what training at that moment could know.
        """
        rows = self.rows.filter((pl.col("at") >= begin) & (pl.col("at") < end))
        if known_by is None:
            return rows
        return rows.with_columns(y=((pl.col("y") == 1) & (pl.col("told_at") < known_by)).cast(pl.Int8))

    def part(self, rows: pl.DataFrame) -> Part:
        """Matrix and answers of some rows."""
        return Part(self.matrix(rows), answers(rows))

    def matrix(self, rows: pl.DataFrame) -> Matrix:
        """The model's input for these transfers."""
        keyed = rows.select("node", "entity_id", "at")
        frame = keyed.join(self.table.frame.select("node", *self.names), on="node", maintain_order="left")
        return Matrix(frame.drop("node").with_columns(pl.col(self.names).cast(pl.Float64)), self.table.columns)

    @property
    def names(self) -> list[str]:
        """The features, in order."""
        return [column.name for column in self.table.columns]


@dataclass(frozen=True)
class Windows:
    """How long training, the wait for reports and a test last, and on which days trials begin."""

    train: timedelta
    delay: timedelta
    test: timedelta
    starts: tuple[date, ...]
    validation: tuple[date, ...]

    def test_from(self, begin: datetime) -> datetime:
        """When a test begins whose training began then."""
        return begin + self.train + self.delay


def answers(rows: pl.DataFrame) -> pl.DataFrame:
    """Contract Label of transfers: fraud when a report names it; all count as looked at once the reports are in."""
    made = rows.select(
        "entity_id",
        "at",
        "y",
        kind=pl.lit(KIND),
        reviewed=pl.lit(value=True),
        spared=pl.lit(value=False),
        role=pl.lit(None, pl.String),
        cluster=pl.col("payer").cast(pl.String),
        fold=pl.lit(None, pl.String),
    )
    return Label.validate(made.select(Label.column_names()), cast=True)


def stream(source: Source, until: datetime) -> Stream:
    """Link everything before `until` and describe every transfer as of its own moment."""
    linked = link(source.records, until)
    table = feature_table(linked, KIND, seeds(linked).clear())
    told = linked.records.table("reports").filter(pl.col("transfer_id").is_not_null())
    told_at = told.group_by("transfer_id").agg(told_at=pl.col("known_at").min())
    rows = (
        events(linked.records)
        .join(told_at, on="transfer_id", how="left", maintain_order="left")
        .with_columns(
            entity_id=pl.concat_str(pl.lit("transfer"), "transfer_id", pl.col("node").cast(pl.String), separator=":"),
            y=pl.col("told_at").is_not_null().cast(pl.Int8),
        )
        .collect(engine="streaming")
    )
    return Stream(source, rows, table)


def check_leaks(flow: Stream) -> None:
    """Stop before training when an attribute of the transfers tells the outcome."""
    extras = flow.source.records.extras("transfers")
    own = flow.source.records.table("transfers").select("transfer_id", "amount", *extras).collect(engine="streaming")
    rows = flow.rows.select("transfer_id", "y").join(own, on="transfer_id", how="inner", maintain_order="left")
    guard(rows.drop("transfer_id", "y"), rows["y"].to_numpy(), (), dict(flow.source.records.allowed_extras))


def windows(source: Source) -> Windows:
    """What the mapping declares. Raises ConfigurationError when it declares no windows."""
    split = source.delivery.mapping.split
    if split.train_days is None or split.delay_days is None or split.test_days is None:
        raise ConfigurationError('[split] kind = "windows" is needed to train on single transfers; see docs/mapping.md')
    train, delay, test = (timedelta(days=days) for days in (split.train_days, split.delay_days, split.test_days))
    return Windows(train, delay, test, split.starts, split.validation_starts)


def lesson(flow: Stream, begin: datetime) -> Part:
    """The training window that begins there, with the reports that were known when its delay was over."""
    when = windows(flow.source)
    return flow.part(flow.within(begin, begin + when.train, when.test_from(begin)))


def trial(flow: Stream, begin: datetime, known_by: datetime | None = None) -> Part:
    """The test window of a training that begins there.

    A payer leaves it on the day after a report about him is known, if the transfer happened since training began, as in
    the Fraud Detection Handbook, chapter 5: a card that is known to be stolen is blocked.
    """
    when = windows(flow.source)
    first = when.test_from(begin)
    rows = flow.within(first, first + when.test, known_by)
    told = flow.rows.filter((pl.col("y") == 1) & (pl.col("at") >= begin))
    known = told.group_by("payer").agg(blocked=pl.col("told_at").min())
    asked = rows.join(known, on="payer", how="left", maintain_order="left")
    blocked = (day_number("blocked") < day_number("at")).fill_null(value=False)
    return flow.part(asked.filter(~blocked).drop("blocked"))


def settled(flow: Stream, by: datetime, settings: Settings) -> dict[str, Any] | None:
    """The booster's settings by the declared validation windows whose reports were all in by then; None without any."""
    when = windows(flow.source)
    cases = []
    for begin in map(start_of_day, when.validation):
        told_by = when.test_from(begin) + when.test + when.delay
        part = lesson(flow, begin)
        if told_by > by or part.answers["y"].sum() < settings.min_positives:
            continue
        train = ready(part.matrix, part.answers, settings)
        held = held_out(trial(flow, begin, told_by), train.inputs)
        if held is not None:
            cases.append((train, held))
    return choose(cases, settings.seed, settings.tune)[0] if cases else None


def by_last_quarter(flow: Stream, begin: datetime, settings: Settings) -> dict[str, Any] | None:
    """The booster's settings by the last quarter of a training window; None when too few reports are in."""
    when = windows(flow.source)
    cut, known_by = begin + when.train * 0.75, when.test_from(begin)
    early, late = flow.within(begin, cut, known_by), flow.within(cut, begin + when.train, known_by)
    try:
        part = flow.part(early)
        return dict(fit(part.matrix, part.answers, settings, flow.part(late)).params)
    except TooFewLabelsError:
        return None


def learn(flow: Stream, begin: datetime, settings: Settings, chosen: dict[str, Any] | None) -> tuple[Model, Part]:
    """Train on the window that begins there; without chosen settings its last quarter chooses them."""
    whole = lesson(flow, begin)
    params = chosen or by_last_quarter(flow, begin, settings)
    return fit(whole.matrix, whole.answers, settings, None, params), whole


def measure(flow: Stream, settings: Settings) -> Outcome:
    """Each declared window forward in time, with settings chosen on the validation windows before them."""
    check_leaks(flow)
    when = windows(flow.source)
    begins = [start_of_day(first) for first in when.starts]
    chosen = settled(flow, min(map(when.test_from, begins)), settings)
    found, model = [], None
    for begin in begins:
        model, _ = learn(flow, begin, settings, chosen)
        found.append(evaluate(model, trial(flow, begin), settings))
    note = (
        f"{when.train.days} days of training, {when.delay.days} of delay, {when.test.days} of test; payers known by "
        f"then left out of the test; settings {'from validation windows' if chosen else 'from the end of training'}"
    )
    return Outcome(KIND, model, tuple(found), f"transfers, mean of {len(found)} windows", (note,))


def train(flow: Stream, until: datetime, settings: Settings) -> Outcome:
    """The model to use from `until` on: trained on the last window whose reports are in by then."""
    check_leaks(flow)
    when = windows(flow.source)
    begin = until - when.train - when.delay
    model, learned = learn(flow, begin, settings, settled(flow, until, settings))
    facts = {"rows": learned.answers.height, "positives": int(learned.answers["y"].sum())}
    return Outcome(KIND, model, facts=facts)
