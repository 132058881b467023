"""The page about one entity, line by line, in the language of its run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from fraudnet.expressions import local_day
from fraudnet.messages import catalogue, text
from fraudnet.scoring.wording import number

SPOKEN_DAY = "%d/%m/%Y"
# Outside these percentages rounding to whole ones would say never or always.
SMALL, LARGE = 10, 99
NAMED = 3  # rows of one kind that the page names
INNER = "      "  # what belongs to the line above


def page_lines(found: dict[str, Any]) -> list[str]:
    """The lines of the page that `explain_entity` found."""
    language = found["language"]
    head = text("explain.title", language, entity=found["entity_id"], as_of=found["as_of"], run=found["run"])
    lines = [head, "", _score(found), _grade(found)]
    for part, items in _parts(found):
        told = items or [text("explain.nothing", language)]
        lines += [
            "",
            text(f"explain.{part}", language),
            *(item if item.startswith(INNER) else f"  - {item}" for item in told),
        ]
    return lines


def _parts(found: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    cleared = [_worded("explain.decided_in_favour", one, found["language"]) for one in found["cleared"]]
    if found["flagged"]:
        yield "against", [one["text"] for one in found["against"]]
    if found["flagged"] or cleared:
        yield "in_favour", [*cleared, *(one["text"] for one in found["in_favour"])]
    yield "hits", [line for one in found["hits"] for line in (_hit(one, found["language"]), *_rows(found, one))]
    if found["flagged"]:
        yield "rests_on", _rests(found)


def _score(found: dict[str, Any]) -> str:
    language = found["language"]
    if found["probability"] is None:
        return _unmodelled(found)
    percent = 100 * found["probability"]
    return text(
        "explain.score",
        language,
        percent=number(percent, 0 if SMALL <= percent <= LARGE else 2, language),
        position=number(found["position"], 0, language),
        scored=number(found["scored"], 0, language),
        who=text(f"reason.peers.{found['kind']}", language),
    )


def _unmodelled(found: dict[str, Any]) -> str:
    language = found["language"]
    return text(
        "explain.no_model",
        language,
        position=number(found["position"], 0, language),
        scored=number(found["scored"], 0, language),
        who=text(f"reason.peers.{found['kind']}", language),
    )


def _grade(found: dict[str, Any]) -> str:
    language = found["language"]
    if not found["flagged"]:
        return text("explain.not_flagged", language)
    return text(
        "explain.grade",
        language,
        grade=found["grade"],
        source=_source(found),
        band=text(f"grades.band.{found['band']}", language),
        action=text(f"grades.action.{found['action']}", language),
        expires=found["expires_on"].strftime(SPOKEN_DAY),
    )


def _source(found: dict[str, Any]) -> str:
    if found["probability"] is None and found["source"] == "model":
        return text("explain.source.patterns", found["language"])
    return text(f"grades.source.{found['source']}", found["language"])


def _hit(hit: dict[str, Any], language: str) -> str:
    shown = {"strength": _percent(hit["strength"], language), "alike": _percent(hit["alike_strength"], language)}
    return text("explain.hit", language, title=title(hit["typology"], language), **shown)


def _rows(found: dict[str, Any], hit: dict[str, Any]) -> Iterator[str]:
    """What the rows of a hit show, how many there are, and the newest of them by file and row."""
    language = found["language"]
    mine = [one for one in found["evidence"] if one["typology"] == hit["typology"]]
    for what in dict.fromkeys(one["what"] for one in mine):
        rows = [one["row_id"] for one in mine if one["what"] == what]
        message = "explain.evidence" if len(rows) > NAMED else "explain.evidence.one"
        shown = {"what": text(f"evidence.{what}", language), "n": number(len(rows), 0, language)}
        yield INNER + text(message, language, rows=", ".join(rows[-NAMED:]), **shown)


def _rests(found: dict[str, Any]) -> list[str]:
    language = found["language"]
    lines = [_worded(f"explain.rests.{one['kind']}", one, language) for one in found["rests_on"]]
    if any(one["kind"] == "seed" for one in found["rests_on"]) and not found["stands_alone"]:
        return [text("explain.rests.seeds_alone", language), *lines]
    return lines


def _worded(message: str, one: dict[str, Any], language: str) -> str:
    known, basis = one["known_at"], f"explain.basis.{one['basis']}"
    return text(
        message,
        language,
        ref=one["ref_id"],
        title=title(one["ref_id"], language),
        basis=text(basis, language) if basis in catalogue() else one["basis"],
        known=local_day(known).strftime(SPOKEN_DAY) if isinstance(known, datetime) else "?",
        weight=_percent(one.get("weight", 0.0), language),
    )


def title(typology: str, language: str) -> str:
    """What a typology is called."""
    known = f"typology.{typology}.title"
    return text(known, language) if known in catalogue() else typology.replace("_", " ")


def _percent(share: float, language: str) -> str:
    return text("reason.share", language, value=number(100 * share, 0 if share >= 0.1 else 1, language))
