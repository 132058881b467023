"""Which model ranks each kind: those that were named, else the champions of what the drop shows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fraudnet.contracts.graph import SCORED_KINDS
from fraudnet.errors import ConfigurationError, MissingInputError
from fraudnet.model.card import model_name
from fraudnet.model.portable import load
from fraudnet.model.registry import champion, champions
from fraudnet.pipeline.reading.source import Source
from fraudnet.pipeline.request import Request
from fraudnet.pipeline.training.examples import view_of
from fraudnet.pipeline.training.model_keys import trusted_folder
from fraudnet.pipeline.training.models import wanted_kinds
from fraudnet.settings import Settings

EVENT = "event"
SYNTHETIC = "trained on synthetic data"
# What a drop without one side cannot be asked for: the view, what is missing, and which lists are not made.
LACKING = {"bank": ("SIM data", "sim"), "telco": ("account data", "account")}


@dataclass(frozen=True)
class Chosen:
    """The exported model of each kind, the kinds without one, and those whose model knows a synthetic world alone."""

    models: dict[str, Path]
    without: tuple[str, ...]
    foreign: tuple[str, ...]
    notes: tuple[str, ...]


def chosen_models(source: Source, request: Request, exported: tuple[Path, ...], settings: Settings) -> Chosen:
    """The model of each kind: the exported folders when given, else the champions of this view.

    Raises UntrustedModelError for a model that no key trusted here signed, MissingInputError where nothing fits single
    transfers or a drop without dates, and ConfigurationError where a model knows a synthetic world alone, the drop is
    real and that was not accepted.
    """
    one_event = source.delivery.mapping.score.unit == "transfers"
    kinds = (EVENT,) if one_event else wanted_kinds(source, request)
    view = view_of(source.records)
    have = () if exported else champions(settings.home)
    named = {kind: model_name(kind, view) for kind in kinds}
    checked = tuple(trusted_folder(folder, settings) for folder in exported)
    found = (
        _by_kind(checked)
        if exported
        else {
            kind: trusted_folder(champion(settings.home, name), settings)
            for kind, name in named.items()
            if name in have
        }
    )
    if not found and (one_event or not source.records.dated):
        raise MissingInputError(
            "{home}: no trained model for {kinds}; run `fraudnet train` on a drop with decisions first, "
            "or name exported ones with --model",
            home=settings.home,
            kinds=", ".join(kinds),
        )
    without = tuple(kind for kind in kinds if kind not in found)
    notes = [f"{LACKING[view][1]}: not produced: no {LACKING[view][0]}"] if view in LACKING and not one_event else []
    notes += [_of_other_view(kind, view) for kind in without if model_name(kind, "both") in have]
    return Chosen(found, without, _foreign(source, found, accepted=request.accept_synthetic), tuple(notes))


def _of_other_view(kind: str, view: str) -> str:
    return (
        f"{kind}: the champion `{model_name(kind, 'both')}` reads what this drop does not have; run "
        f"`fraudnet train` on this drop, or on the former with --view {view}"
    )


def _by_kind(exported: tuple[Path, ...]) -> dict[str, Path]:
    """Exported models by kind, in the order of the kinds, however they stand on the command line."""
    named = [(str(load(folder).facts.get("kind", "?")), folder) for folder in exported]
    kinds = [kind for kind, _ in named]
    unknown = sorted(set(kinds) - {*SCORED_KINDS, EVENT})
    if unknown or len(set(kinds)) < len(kinds):
        raise ConfigurationError(
            "--model: got models of {kinds}, expected one of each kind at most, of {known}",
            kinds=", ".join(kinds),
            known=", ".join((*SCORED_KINDS, EVENT)),
        )
    return {kind: folder for known in (*SCORED_KINDS, EVENT) for kind, folder in named if kind == known}


def _foreign(source: Source, models: dict[str, Path], *, accepted: bool) -> tuple[str, ...]:
    """The kinds whose models know a synthetic world alone, while the drop is none."""
    if source.delivery.all_synthetic:
        return ()
    found = tuple(kind for kind, folder in models.items() if load(folder).facts.get("synthetic"))
    if found and not accepted:
        raise ConfigurationError(
            "the model of {found} was {synthetic} and this drop is real: its probabilities mean nothing "
            "here; train on decisions of your own, or add --accept-synthetic-model, and every line will "
            "say so",
            found=", ".join(found),
            synthetic=SYNTHETIC,
        )
    return found
