"""Training and measuring on single transfers, each as of its own moment (`[score] unit = "transfers"`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from fraudnet.contracts.labels import Label
from fraudnet.errors import ConfigurationError, TooFewLabelsError
from fraudnet.expressions import start_of_day
from fraudnet.features.compute import FeatureTable, feature_table
from fraudnet.features.event_windows import events
from fraudnet.graph.link import link
from fraudnet.labels.seeds import seeds
from fraudnet.model.evaluate import evaluate
from fraudnet.model.leak import guard
from fraudnet.model.matrix import Matrix
from fraudnet.model.rows import Part
from fraudnet.model.train import fit
from fraudnet.model.trained import Model
from fraudnet.pipeline.outcome import Outcome
from fraudnet.pipeline.source import Source
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

    def part(self, begin: datetime, end: datetime, known_by: datetime | None = None) -> Part:
        """Matrix and answers of the transfers in [begin, end).

        With `known_by`, reports that came later do not count: what training at that moment could know.
        """
        rows = self.rows.filter((pl.col("at") >= begin) & (pl.col("at") < end))
        if known_by is not None:
            rows = rows.with_columns(y=((pl.col("y") == 1) & (pl.col("told_at") < known_by)).cast(pl.Int8))
        return Part(self.matrix(rows), answers(rows))

    def matrix(self, rows: pl.DataFrame) -> Matrix:
        """The model's input for these transfers."""
        features = self.table.frame.with_columns(pl.exclude("node").cast(pl.Float64))
        frame = rows.select("node", "entity_id", "at").join(features, on="node", maintain_order="left").drop("node")
        return Matrix(frame, self.table.columns)


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


def windows(source: Source) -> tuple[int, int, int, tuple[date, ...]]:
    """Days of training, of delay and of test, and the starts. Raises ConfigurationError when they are not declared."""
    split = source.delivery.mapping.split
    if split.train_days is None or split.delay_days is None or split.test_days is None:
        raise ConfigurationError('[split] kind = "windows" is needed to train on single transfers; see docs/mapping.md')
    return split.train_days, split.delay_days, split.test_days, split.starts


def learn(flow: Stream, begin: datetime, settings: Settings) -> tuple[Model, Part]:
    """Train on the window that begins there, choosing settings and calibration on its last quarter."""
    train_days, delay, _, _ = windows(flow.source)
    end = begin + timedelta(days=train_days)
    known_by = end + timedelta(days=delay)
    cut = begin + timedelta(days=train_days) * 0.75
    early, late = flow.part(begin, cut, known_by), flow.part(cut, end, known_by)
    try:
        chosen = fit(early.matrix, early.answers, settings, late).params
    except TooFewLabelsError:
        chosen = None
    whole = flow.part(begin, end, known_by)
    return fit(whole.matrix, whole.answers, settings, None, chosen), whole


def measure(flow: Stream, settings: Settings) -> Outcome:
    """Each declared window forward in time; payers whose fraud was known before the test leave it."""
    check_leaks(flow)
    train_days, delay, test_days, starts = windows(flow.source)
    found, model = [], None
    for first in starts:
        begin = start_of_day(first)
        model, _ = learn(flow, begin, settings)
        test_from = begin + timedelta(days=train_days + delay)
        known = flow.rows.filter((pl.col("y") == 1) & (pl.col("told_at") < test_from))["payer"].unique()
        test = flow.part(test_from, test_from + timedelta(days=test_days))
        unknown = flow.rows.filter(~pl.col("payer").is_in(known.to_list())).select("entity_id")
        asked = test.answers.join(unknown, on="entity_id", how="semi", maintain_order="left")
        found.append(evaluate(model, Part(test.matrix, asked), settings))
    note = f"{train_days} days of training, {delay} of delay, {test_days} of test; known payers left out of the test"
    return Outcome(KIND, model, tuple(found), f"transfers, mean of {len(found)} windows", (note,))


def train(flow: Stream, until: datetime, settings: Settings) -> Outcome:
    """The model to use from `until` on: trained on the last window whose reports are in by then."""
    check_leaks(flow)
    train_days, delay, _, _ = windows(flow.source)
    model, learned = learn(flow, until - timedelta(days=train_days + delay), settings)
    facts = {"rows": learned.answers.height, "positives": int(learned.answers["y"].sum())}
    return Outcome(KIND, model, facts=facts)
