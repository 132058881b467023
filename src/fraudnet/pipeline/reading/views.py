"""What banks alone, or operators alone, would have delivered: for models that score such drops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from fraudnet.errors import ConfigurationError
from fraudnet.files import digest_of
from fraudnet.model.card import model_name
from fraudnet.pipeline.reading.source import Source
from fraudnet.pipeline.request import Request
from fraudnet.pipeline.training.examples import scorable_kinds, view_of

BOTH = "both"
# What a view does not see: whole tables, and the rows of what belongs to the other side.
UNSEEN = {
    "bank": (("sims", "calls", "sim_events"), "sim:", "operator"),
    "telco": (("accounts", "transfers", "statements", "cash", "account_events"), "account:", "bank"),
}


def viewed(source: Source, view: str) -> Source:
    """The drops as one side sees them: without the other's tables, people and uses; its digest is one of its own.

    Everything that rests on what is absent is then unknown, exactly as in a drop of that side alone. Raises
    ConfigurationError for an unknown view, or one of which the drop has nothing.
    """
    if view in ("", BOTH):
        return source
    if view not in UNSEEN:
        raise ConfigurationError("--view: got {view!r}, expected bank, telco or both", view=view)
    tables, prefix, owner = UNSEEN[view]
    records = source.records
    kept = {name: frame for name, frame in records.tables.items() if name not in tables}
    if not {"accounts", "sims"} & set(kept):
        raise ConfigurationError(
            "--view {view}: the drop lists nothing that this side would; name the other view", view=view
        )
    for name in ("uses", "reports", "dispositions", "events"):
        if name in kept:
            kept[name] = kept[name].filter(~pl.col("entity").str.starts_with(prefix).fill_null(value=False))
    if "identities" in kept:
        kept["identities"] = kept["identities"].filter(
            (pl.col("source_kind").cast(pl.String) != owner).fill_null(value=True)
        )
    seen = replace(records, tables=kept)
    return replace(source, records=seen, digest=digest_of([source.digest, view, UNSEEN[view]]))


def views_to_train(source: Source, request: Request) -> tuple[str, ...]:
    """The views that one training makes models for: the one asked for, else both sides and each side that it lists.

    A side alone is worth a model where the drop shows both, has dates, and lists what is asked for on that side.
    """
    if request.view:
        return (request.view,)
    whole = source.records.dated and source.delivery.mapping.score.unit != "transfers"
    if not whole or view_of(source.records) != BOTH:
        return (BOTH,)
    wanted = request.kinds or tuple(source.delivery.mapping.score.kinds)
    return (BOTH, *(view for view in UNSEEN if scorable_kinds(viewed(source, view).records, wanted)))


def compared(registered: Sequence[dict[str, Any]], known: Sequence[dict[str, Any]]) -> list[str]:
    """What each newly registered model of one view loses against the one of both sides, in words.

    That is the one of the same training, else the champion.
    """
    found = {(row["name"], row["version"]): row["average_precision"] for row in known}
    whole = {row["name"]: row["average_precision"] for row in known if "champion" in row["alias"]}
    whole |= {row["name"]: found.get((row["name"], row["version"])) for row in registered}
    lines = []
    for row in registered:
        _, kind, view = row["name"].split("-")
        one, both = found.get((row["name"], row["version"])), whole.get(model_name(kind, BOTH))
        if view in UNSEEN and one is not None and both is not None:
            lines.append(
                f"{kind}: average precision {one:.3f} with {view} data alone, {both:.3f} with both "
                f"({one - both:+.3f}; each on its own test)"
            )
    return lines
