"""Drops together with what was decided here: the decisions of the data directory join those that the drops bring."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import polars as pl

from fraudnet.contracts.progress import Progress
from fraudnet.files import digest_of
from fraudnet.pipeline.exchange.ledger import open_store, recorded
from fraudnet.pipeline.reading.horizon import default_as_of
from fraudnet.pipeline.reading.source import Source, open_drops
from fraudnet.pipeline.request import Request
from fraudnet.runs.version import code_of
from fraudnet.settings import Settings
from fraudnet.store.dispositions import digest_of_decisions, dispositions

TABLE = "dispositions"


def open_history(request: Request, settings: Settings, progress: Progress) -> Source:
    """As `open_drops`, with the decisions recorded here that were known before the cut-off of the request."""
    source = open_drops(request, settings, progress)
    if not source.records.dated or not recorded(settings):
        return source
    return with_decisions(source, request.as_of or default_as_of(source), settings)


def with_decisions(source: Source, before: datetime, settings: Settings) -> Source:
    """The drops with the decisions of the data directory known strictly before a moment; their digest becomes part.

    Each snapshot still sees only those known before it. Without such decisions the drops stay as they are.
    """
    with open_store(settings) as store:
        decided = dispositions(store, before).lazy().collect()
    if decided.is_empty():
        return source
    both = pl.concat([source.records.table(TABLE), decided.lazy()], how="diagonal_relaxed")
    digest = digest_of([source.digest, digest_of_decisions(decided), code_of(__name__)])
    return replace(source, records=source.records.with_tables(**{TABLE: both}), digest=digest)
