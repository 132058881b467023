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
from fraudnet.model.matrix import Matrix, build, stack
from fraudnet.model.rows import Part
from fraudnet.model.sampling import sample
from fraudnet.pipeline.batch.kept import Kept
from fraudnet.pipeline.batch.snapshot import ALL, Cut, Snapshot, Wanted, made, make, take
from fraudnet.pipeline.reading.source import Source
from fraudnet.pipeline.training.answers import answered
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

    @cached_property
    def _known_by(self) -> str:
        return ledger_of(self.source)

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
            snapshot = self.snapshot(moment, Wanted((kind,), features=not lessons))
            asked = (kind, snapshot.population[kind], moment)
            found, left_out = answered(self._known_by, self.known, asked, self.settings, lambda: self.groups)
            answers.append(found)
            excluded.extend([snapshot.excluded[kind], left_out])
            if not lessons:
                matrices.append(matrix_of(snapshot, kind, found))
            del snapshot
        every = pl.concat(answers)
        if lessons:  # what is drawn is known only when all answers are; features are read for those rows then
            drawn = sample(every, self.settings.negatives_per_positive)
            matrices = [
                matrix_of(self.snapshot(moment, Wanted((kind,))), kind, drawn.filter(pl.col("at") == moment))
                for moment in moments
            ]
        reasons = pl.concat(excluded).group_by("kind", "reason").agg(pl.col("n").sum()).sort("kind", "reason")
        return Part(stack(matrices), every), reasons

    def make(self, moments: Sequence[datetime]) -> None:
        """Make the snapshots of these moments, as many at a time as the settings say, and leave them in the cache."""
        with ThreadPoolExecutor(self.settings.snapshots_at_once) as pool:
            list(pool.map(self._make, moments))

    def _make(self, moment: datetime) -> None:
        if not made(self.source, self._cut(moment), self.settings):
            make(self.source, self._cut(moment), self.settings, self.progress)

    def snapshot(self, moment: datetime, wanted: Wanted = ALL) -> Snapshot:
        """Features, hits and population of a moment, or what is wanted of them."""
        return take(self.source, self._cut(moment), self.settings, self.progress, wanted)

    def _cut(self, moment: datetime) -> Cut:
        return Cut(moment, self.kinds, self.without_graph)


def teacher(
    source: Source, as_of: datetime, kinds: tuple[str, ...], without_graph: bool, tools: tuple[Settings, Progress]
) -> Teacher:
    """Everything that was decided strictly before `as_of`, ready to be asked about earlier snapshots."""
    return Teacher(source, known_at(source, as_of, tools[0]), kinds, without_graph, *tools)


def known_at(source: Source, moment: datetime, settings: Settings) -> Linked:
    """Who is who and what was decided strictly before a moment, as an earlier training left it, else linked."""
    kept = Kept(settings.home, ledger_of(source), moment)
    return kept.linked(source.records, lambda records, until: link(ledger(records), until))


def ledger_of(source: Source) -> str:
    """Digest of the source of what is known, without the movements."""
    return digest_of([source.digest, MOVEMENTS])


def ledger(records: Records) -> Records:
    """The records without the movements: enough to know who was decided to be what."""
    kept = {name: frame for name, frame in records.tables.items() if name not in MOVEMENTS}
    return Records(kept, records.dated, records.outcome_extras, records.allowed_extras)


def matrix_of(snapshot: Snapshot, kind: str, people: pl.DataFrame | None = None) -> Matrix:
    """The model's input for everybody of a kind in a snapshot, or for some people alone (a frame with entity_id)."""
    table, nodes = snapshot.features[kind], snapshot.nodes
    frame = table.frame
    if people is not None:
        mine = nodes.join(people.select("entity_id").unique(), on="entity_id", how="semi")
        frame = frame.join(mine, on="node", how="semi", maintain_order="left")
    names = tuple(t.name for t in typologies() if t.kind == kind)
    return build(frame, table.columns, snapshot.hits[kind], nodes, snapshot.as_of, names)


def scorable_kinds(records: Records, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The kinds that the drop lists, in their fixed order, or those of them that were asked for."""
    listed = {"account": "accounts", "sim": "sims", "identity": "identities"}
    have = [kind for kind, table in listed.items() if records.has(table)]
    return tuple(kind for kind in have if not wanted or kind in wanted)


def view_of(records: Records) -> str:
    """Which sides the drop shows: both, bank or telco."""
    banks, operators = records.has("accounts"), records.has("sims")
    return "both" if banks and operators else ("bank" if banks else "telco")
