"""Rows to learn from: features of snapshots beside the answers that became known later."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import polars as pl

from fraudnet.contracts.drop import Records
from fraudnet.contracts.graph import Linked
from fraudnet.contracts.progress import Progress
from fraudnet.files import digest_of
from fraudnet.graph.link import link
from fraudnet.labels.clusters import clusters
from fraudnet.labels.target import labels
from fraudnet.model.matrix import Matrix, build, stack
from fraudnet.model.rows import Part
from fraudnet.model.sampling import sample
from fraudnet.pipeline.batch.kept import Kept
from fraudnet.pipeline.batch.snapshot import Cut, Snapshot, take
from fraudnet.pipeline.reading.source import Source
from fraudnet.settings import Settings
from fraudnet.typologies import typologies

# What a label needs: decisions, reports, and who holds what; never the movements.
MOVEMENTS = ("transfers", "calls", "cash", "events", "sim_events", "account_events", "links")


@dataclass(frozen=True)
class Teacher:
    """What was known at the moment of training, and how to get the features of earlier moments.

    before: the same as of an earlier moment, where the recipe is measured.
    """

    source: Source
    known: Linked
    kinds: tuple[str, ...]
    without_graph: bool
    settings: Settings
    progress: Progress
    before: Teacher | None = None

    @cached_property
    def groups(self) -> pl.DataFrame:
        """Who belongs together, as known at the moment of training."""
        return clusters(self.known, self.settings).frame

    def as_of(self, moment: datetime) -> Teacher:
        """The same with only what was known before an earlier moment; made once when it was prepared."""
        if self.before is not None and self.before.known.as_of == moment:
            return self.before
        return replace(self, known=known_at(self.source, moment, self.settings), before=None)

    def part(self, kind: str, moments: tuple[datetime, ...], *, lessons: bool = False) -> tuple[Part, pl.DataFrame]:
        """Matrix and answers of one kind over some snapshots, and how many were left out, by reason.

        lessons: only the rows that training draws have features, which is all that a large country has memory for.
        """
        answers, excluded, matrices = [], [], []
        for moment in moments:
            snapshot = self.snapshot(moment, (kind,))
            found, left_out = labels(self.known, snapshot.population[kind], kind, moment, self.settings, self.groups)
            answers.append(found)
            excluded.extend([snapshot.excluded[kind], left_out])
            if not lessons:
                matrices.append(matrix_of(snapshot, kind).of(found))
            del snapshot
        every = pl.concat(answers)
        if lessons:  # what is drawn is known only when all answers are; features are read for those rows then
            drawn = sample(every, self.settings.negatives_per_positive)
            matrices = [
                matrix_of(self.snapshot(moment, (kind,)), kind).of(drawn.filter(pl.col("at") == moment))
                for moment in moments
            ]
        reasons = pl.concat(excluded).group_by("kind", "reason").agg(pl.col("n").sum()).sort("kind", "reason")
        return Part(stack(matrices), every), reasons

    def make(self, moments: Sequence[datetime]) -> None:
        """Make the snapshots of these moments, as many at a time as the settings say, and leave them in the cache."""
        with ThreadPoolExecutor(self.settings.snapshots_at_once) as pool:
            for _ in pool.map(lambda moment: self.snapshot(moment, self.kinds[:1]), moments):  # nothing need be read
                pass

    def snapshot(self, moment: datetime, only: tuple[str, ...] = ()) -> Snapshot:
        """Features, hits and population of a moment, of some kinds when that is enough."""
        return take(self.source, Cut(moment, self.kinds, self.without_graph), self.settings, self.progress, only)


def teacher(
    source: Source, as_of: datetime, kinds: tuple[str, ...], without_graph: bool, tools: tuple[Settings, Progress]
) -> Teacher:
    """Everything that was decided strictly before `as_of`, ready to be asked about earlier snapshots."""
    return Teacher(source, known_at(source, as_of, tools[0]), kinds, without_graph, *tools)


def known_at(source: Source, moment: datetime, settings: Settings) -> Linked:
    """Who is who and what was decided strictly before a moment, as an earlier training left it, else linked."""
    kept = Kept(settings.home, digest_of([source.digest, MOVEMENTS]), moment)
    return kept.linked(source.records, lambda records, until: link(ledger(records), until))


def ledger(records: Records) -> Records:
    """The records without the movements: enough to know who was decided to be what."""
    kept = {name: frame for name, frame in records.tables.items() if name not in MOVEMENTS}
    return Records(kept, records.dated, records.outcome_extras, records.allowed_extras)


def matrix_of(snapshot: Snapshot, kind: str) -> Matrix:
    """The model's input for everybody of a kind in a snapshot."""
    table = snapshot.features[kind]
    names = tuple(t.name for t in typologies() if t.kind == kind)
    return build(table.frame, table.columns, snapshot.hits[kind], snapshot.nodes, snapshot.as_of, names)


def scorable_kinds(records: Records, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The kinds that the drop lists, in their fixed order, or those of them that were asked for."""
    listed = {"account": "accounts", "sim": "sims", "identity": "identities"}
    have = [kind for kind, table in listed.items() if records.has(table)]
    return tuple(kind for kind in have if not wanted or kind in wanted)


def view_of(records: Records) -> str:
    """Which sides the drop shows: both, bank or telco."""
    banks, operators = records.has("accounts"), records.has("sims")
    return "both" if banks and operators else ("bank" if banks else "telco")
