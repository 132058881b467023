"""Challengers meet the champion: a trial at training, the gate at promotion, and the way back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from fraudnet.errors import ConfigurationError, MissingInputError
from fraudnet.files import sha256, write_json
from fraudnet.model.card import PREFIX
from fraudnet.model.fallen import BOTH
from fraudnet.model.gate import CANNOT_TELL, NOT_COMPARED, Check, Verdict, verdict
from fraudnet.model.opened import CHALLENGER, CHAMPION
from fraudnet.model.portable import CARD, PARTS, load
from fraudnet.model.registry import champion, exported, note, promote, roll_back, standing
from fraudnet.model.trained import Model
from fraudnet.model.trial import Proof, keep, kept, trial, unasked
from fraudnet.pipeline.training.model_keys import trusted_folder
from fraudnet.settings import Settings

# As many lines of who falls out as a tag holds and a person reads.
SHOWN = 40
WHY = "promotion.json"


def same_as_registered(settings: Settings, name: str, folder: Path) -> tuple[str, str] | None:
    """Alias and version of the champion or of the challenger that a newly trained model is over again, else none.

    Such a model has the very same bytes, but for the code on its card, which may have changed without effect.
    """
    held = standing(settings.home).get(name, {})
    for alias, number in sorted(held.items(), reverse=True):  # the champion first
        if _told_apart(exported(settings.home, name, number)) == _told_apart(folder):
            return alias, number
    return None


def _told_apart(folder: Path) -> tuple[dict[str, Any], list[str]]:
    """What two models differ in: their cards without the code, and the digests of all else."""
    card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    return {**card, "code": ""}, [sha256(folder / name) for name in PARTS if name != CARD]


def challenge(settings: Settings, number: str, model: Model, proof: Proof | None) -> None:
    """Keep how a registered challenger and the present champion score the rows that neither learned from."""
    if proof is None:
        return
    held = standing(settings.home).get(model.name, {}).get(CHAMPION)
    theirs = load(champion(settings.home, model.name)) if held is not None else None
    facts = {
        "model": model.name,
        "challenger": number,
        "champion": held,
        "moment": proof.moment,
        "unasked": unasked(proof, theirs) if theirs is not None else "",
    }
    keep(_place(settings, model.name, number), trial(proof, model, theirs, settings.threads), facts)


def crown_the_first(settings: Settings, name: str, number: str) -> bool:
    """Let the first model of a name be champion when the gate finds nothing against it; whether it is now."""
    if CHAMPION in standing(settings.home).get(name, {}):
        return False
    return bool(_decide(settings, name, number, "", ())["promoted"])


def promote_models(name: str | None, reason: str, by: Sequence[str], settings: Settings) -> list[dict[str, Any]]:
    """Put the challenger of a name (or each that waits) to the gate, and move the alias where it is open.

    reason and by: with two different people and a reason, a challenger that is not worse, or could not be compared, may
    also pass. Returns one value per challenger: name, version, replaces, answer, checks, fallen, promoted, why. Raises
    MissingInputError when the named one has no challenger.
    """
    people = _people(by, reason)
    waiting = {n: a[CHALLENGER] for n, a in standing(settings.home).items() if CHALLENGER in a}
    if name is None:
        return [_decide(settings, n, number, reason, people) for n, number in waiting.items()]
    whole = _whole(name)
    if whole not in waiting:
        raise MissingInputError(
            "{whole}: no challenger waits; `fraudnet train` makes one, `fraudnet models` lists all", whole=whole
        )
    return [_decide(settings, whole, waiting[whole], reason, people)]


def roll_back_models(name: str | None, reason: str, by: Sequence[str], settings: Settings) -> list[dict[str, Any]]:
    """Make the champion of before champion again, for one name or for all that have one before.

    Raises MissingInputError when the named one, or no one at all, has a champion to go back to, and UntrustedModelError
    when no key trusted today signed it.
    """
    names = [_whole(name)] if name is not None else [n for n, a in standing(settings.home).items() if CHAMPION in a]
    trusted = partial(trusted_folder, settings=settings)
    found: list[dict[str, Any]] = []
    lacking: list[MissingInputError] = []
    for one in names:
        try:
            left, taken = roll_back(settings.home, one, _tags("rolled back", reason, by), trusted)
            found.append({"name": one, "left": left, "champion": taken})
        except MissingInputError as error:
            lacking.append(error)
    if not found:
        raise (
            lacking[0]
            if lacking
            else MissingInputError("{home}: there is no champion to roll back", home=settings.home)
        )
    return found


def _decide(settings: Settings, name: str, number: str, reason: str, people: Sequence[str]) -> dict[str, Any]:
    held = standing(settings.home).get(name, {}).get(CHAMPION)
    folder = trusted_folder(exported(settings.home, name, number), settings)
    rows, facts = kept(_place(settings, name, number))
    found = _stale(verdict(folder, load(folder), _comparable(rows, facts, held), settings, held), facts, held)
    passed = found.open or (found.open_to_two and len(people) >= 2)
    told = {
        "name": name,
        "version": number,
        "replaces": held,
        "why": _why(found, facts, passed, people),
        **found.told(),
    }
    told["fallen"] = worth_telling(told["fallen"])
    tags = _tags(found.answer, reason, people) | {
        "gate.checks": json.dumps(told["checks"], ensure_ascii=False),
        "gate.fallen": json.dumps(told["fallen"], ensure_ascii=False),
    }
    if passed:
        promote(settings.home, name, number, tags)
    else:
        note(settings.home, name, number, tags)
    write_json(folder / WHY, {**told, "promoted": passed, "by": list(people), "reason": reason, "at": tags["gate.at"]})
    return {**told, "promoted": passed}


def worth_telling(fallen: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of whom somebody fell out, and by trait and labels together only where the labels cleared somebody."""
    told = [row for row in fallen if row["fell"] and (row["by"] != BOTH or row["cleared"])]
    return sorted(told, key=lambda row: (not row["doubted"], row["by"] == BOTH, -row["fell"]))[:SHOWN]


def _comparable(rows: pl.DataFrame | None, facts: dict[str, Any], held: str | None) -> pl.DataFrame | None:
    """The trial, without the champion's scores when they are those of another champion."""
    if rows is None or held is None or facts.get("champion") == held:
        return rows
    return rows.with_columns(champion=pl.lit(None, pl.Float64))


def _stale(found: Verdict, facts: dict[str, Any], held: str | None) -> Verdict:
    """A trial against a champion of before answers nothing about the present one, and two people cannot change that."""
    if found.answer != NOT_COMPARED or not facts or facts["champion"] == held:
        return found
    line = Check("the trial", f"against version {facts['champion']}", f"against version {held}: train again", False)
    return Verdict(CANNOT_TELL, (*found.checks, line))


def _why(found: Verdict, facts: dict[str, Any], passed: bool, people: Sequence[str]) -> str:
    if found.stopped_by:
        return f"{found.answer}; stopped by {', '.join(found.stopped_by)}"
    if found.answer == NOT_COMPARED:
        said = facts.get("unasked") or "no rows are left that neither model learned from"
        return said if passed else f"{said}; two people with a reason may let it pass (--reason, --by, --by)"
    if passed:
        return found.answer if found.open else f"{found.answer}; let pass by {' and '.join(people)}"
    if found.open_to_two:
        return "not better beyond noise; two people with a reason may let it pass (--reason, --by, --by)"
    return f"{found.answer}: the champion stays"


def _people(by: Sequence[str], reason: str) -> tuple[str, ...]:
    """Those who take the decision. Raises ConfigurationError when it is one person twice, or nobody says why."""
    people = tuple(" ".join(one.split()) for one in by)
    if not people:
        return ()
    if len({one.casefold() for one in people}) < 2 or not all(people):
        raise ConfigurationError(
            "--by: got {count}, expected two different people, each with a --by of his own", count=len(people)
        )
    if not reason.strip():
        raise ConfigurationError("--reason: got none, expected why the champion should go although nothing is better")
    return people


def _tags(answer: str, reason: str, by: Sequence[str]) -> dict[str, str]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {"gate.answer": answer, "gate.at": now, "gate.reason": reason, "gate.by": ", ".join(by)}


def _place(settings: Settings, name: str, number: str) -> Path:
    return settings.home / "trials" / f"{name}-{number}"


def _whole(name: str) -> str:
    return name if name.startswith(PREFIX) else f"{PREFIX}{name}"
