"""Three months with five banks and two operators: the same end whatever the order of independent events and the kills."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import exchange_world as world
import polars as pl
import pytest
from exchange_world import Flag, at, seed

from fraudnet.errors import FraudnetError, InputError, TamperedError
from fraudnet.pipeline.exchange.answers import Delivery, confirm_answers, known_deliveries, receive_answers
from fraudnet.pipeline.exchange.contesting import Complaint, contests_told, decide_contest, open_contest
from fraudnet.pipeline.exchange.ledger import open_store
from fraudnet.pipeline.exchange.outbox import state
from fraudnet.pipeline.exchange.recalling import rule_on
from fraudnet.store.audit import verify
from fraudnet.store.dispositions import DECISION, dispositions
from fraudnet.store.repository import Store

A = [Flag("bank_a", f"10{n}", probability=0.6) for n in range(3)]
B = [Flag("bank_b", "201", supports=(seed(A[0]),)), Flag("bank_b", "202", supports=(seed(A[1]),))]
C = [Flag("bank_c", "301", source="victim", supports=(("report", "r1", "victim_report"),)), Flag("bank_c", "302")]
D, E = Flag("bank_d", "401", supports=(seed(A[1]), ("hit", "fan_in", "typology"))), Flag("bank_e", "501")
TELS = [Flag("tel_a", "84911"), Flag("tel_b", "84922")]
FIRST = [*A, *B, *C, D, E, *TELS]
Step = tuple[float, Callable[[Any], None]]


class KilledError(BaseException):
    """The process ends here."""


def received(name: str, institution: str, when: float) -> Callable[[Any], None]:
    def do(unit) -> None:
        receive_answers(Delivery(FILES["folder"] / name, institution), unit, at(when))

    return do


def refused(error: type[FraudnetError], step: Callable[[Any], None]) -> Callable[[Any], None]:
    def do(unit) -> None:
        with pytest.raises(error):
            step(unit)

    return do


FILES: dict[str, Path] = {}  # where the files of the institutions lie, once they are made


def written(folder: Path, unit) -> None:
    """The files that institutions send in these months, made once."""
    folder.mkdir()
    rows = {
        "a.csv": ("bank_a", [world.confirmed(unit, A[0]), world.cleared(unit, A[1])], True),
        "b.csv": ("bank_b", [world.cleared(unit, B[0])], False),
        "d.csv": ("bank_d", [{**world.cleared(unit, A[2])}, {**world.cleared(unit, C[0])}], True),
        "tel.csv": ("tel_a", [{"entry": world.entry_of(unit, TELS[0]), "outcome": "number_changed"}], True),
        "c.csv": ("bank_c", [
            {"entry": world.entry_of(unit, C[0]), "outcome": "held_in_part", "amount": "900000", "until": "2026-09-05"},
            world.confirmed(unit, C[1], "list_only"),
        ], True),
        "forged.csv": ("bank_a", [world.cleared(unit, C[1])], True),
    }  # fmt: skip
    for name, (signer, content, sign) in rows.items():
        path = world.answer_file(folder, content, name)
        if sign:
            world.signed(path, signer)
    (folder / "bad.csv").write_bytes(b"entry,entry\n\x00")


def confirmed_by_another(unit) -> None:
    mark = next((row["delivery"] for row in known_deliveries(unit) if row["institution"] == "bank_b"), None)
    if mark is None:  # it has not come yet: nothing to vouch for
        received("b.csv", "bank_b", 3)(unit)
        return confirmed_by_another(unit)
    confirm_answers(mark, "CV-5", world.settings(unit.home, "lead-2"), at(4))
    return None


def contest(unit) -> None:
    entry = world.entry_of(unit, E)
    open_contest(Complaint(entry, "other", "KN-1", ("bao",)), unit, at(20))


def contest_decided(unit) -> None:
    number = contests_told(unit, at(21))[0]["contest"]
    decide_contest(number, "cleared", "KN-2", world.settings(unit.home, "bao"), at(21))


def ruled(unit) -> None:
    with open_store(unit) as store:
        number = next(e.number for e in store.events(DECISION) if e.body["entity"] == A[1].entity)
    rule_on(number, "confirmed", "CV-8", unit, at(17))


def months(runs: list[Path]) -> list[list[Callable[[Any], None]]]:
    """The steps in windows; those of one window are independent of one another."""

    def pack(when: float, run: Path | None = None) -> Callable[[Any], None]:
        return lambda unit: world.pack(unit, at(when), run) and None

    return [
        [pack(0.5, runs[0])],
        [
            received("a.csv", "bank_a", 2),
            received("a.csv", "bank_a", 2),
            confirmed_by_another,
            refused(InputError, received("bad.csv", "bank_c", 5)),
            received("d.csv", "bank_d", 5),
            received("tel.csv", "tel_a", 6),
        ],
        [pack(15)],
        [contest, ruled],
        [contest_decided, received("c.csv", "bank_c", 22)],
        [pack(31, runs[1])],
        [refused(TamperedError, received("forged.csv", "bank_c", 34)), received("a.csv", "bank_a", 35)],
        [pack(91, runs[2])],
    ]


def end(unit) -> dict[str, Any]:
    """What stands after everything, without the numbers that the order of events gives."""
    with open_store(unit) as store:
        assert verify(store).whole
        kept = state(store, unit)
        said = dispositions(store, at(99)).lazy().collect()
    columns = ["institution", "entity_id", "entry_id", "state", "grade", "listed_on", "expires_on"]
    return {
        "live": kept.live.select(columns).sort(columns[:2]).rows(),
        "changes": kept.changes.select("turn", "entity_id", "operation", "reason").sort("turn", "entity_id").rows(),
        "decisions": said.select("entity", "outcome", "basis", "role", "decided_at", "known_at")
        .sort("entity", "known_at")
        .rows(),
        "sequences": {name: kept.sequence(name) for name in sorted(kept.packages)},
        "contests": [{k: v for k, v in c.items() if k != "contest"} for c in contests_told(unit, at(99))],
    }


def played(
    base: Path, home: Path, runs: list[Path], order: random.Random | None = None, after: Any = None
) -> dict[str, Any]:
    unit = world.settings(shutil.copytree(base, home))
    for window in months(runs):
        steps = order.sample(window, len(window)) if order else window
        for step in steps:
            (after or (lambda step, unit: step(unit)))(step, unit)
    return end(unit)


@pytest.fixture(scope="module", autouse=True)
def few_formats():
    with world.few_formats():
        yield


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """The unit before anything was sent, the runs, the files of the institutions, and the undisturbed end."""
    base = tmp_path_factory.mktemp("months")
    unit = world.unit(base / "home")
    FILES["folder"] = base / "files"
    written(FILES["folder"], unit)
    later = [replace(flag, band="40_to_70") for flag in (C[1], A[2])]
    runs = [
        world.run_folder(base, FIRST, at(0)),
        world.run_folder(base, [*later, A[1], B[0], Flag("bank_e", "502")], at(30)),
        world.run_folder(base, [Flag("bank_e", "502", band="over_70")], at(90)),
    ]
    return base / "home", runs, played(base / "home", base / "plain", runs)


def test_the_months_end_as_they_should(story):
    told = story[2]
    stands = {row[1]: row[3] for row in told["live"]}
    assert stands == {"account:bank_e:502": "live"}
    operations = {(row[1], row[2], row[3]) for row in told["changes"]}
    assert {
        (A[1].entity, "withdraw", "cleared"),
        (B[1].entity, "suspend", "ruled"),
        (B[1].entity, "withdraw", "retracted"),
        (B[0].entity, "withdraw", "cleared"),
        (TELS[0].entity, "withdraw", "closed"),
        (E.entity, "withdraw", "cleared"),
        (C[0].entity, "withdraw", "expired"),
    } <= operations
    assert not any(entity == D.entity and operation == "suspend" for entity, operation, _ in operations)
    assert [row[0] for row in told["decisions"]].count(A[1].entity) == 1
    assert told["sequences"]["bank_a"] >= 3


def test_forty_kills_and_another_order_lose_nothing(story, tmp_path, monkeypatch):
    base, runs, told = story
    draw, count = random.Random(11), {"kills": 0, "left": 0}
    real = {"write": Store._write, "replace": Path.replace, "rename": Path.rename}

    def dying(name: str) -> Callable[..., Any]:
        def operation(*words: Any) -> Any:
            count["left"] -= 1
            if count["left"] == 0:
                count["kills"] += 1
                raise KilledError
            return real[name](*words)

        return operation

    def persistent(step: Callable[[Any], None], unit) -> None:
        # A packing writes some hundred files and is killed twice; everything else at each of its first writes.
        packing = step.__qualname__.startswith("months.")
        for most in (90, 40) if packing else (1, 1, 1, 1, 2, 2, 3):
            count["left"] = draw.randint(1, most) if packing else most
            try:
                return step(unit)
            except KilledError:
                continue
        count["left"] = 0
        return step(unit)

    monkeypatch.setattr(Store, "_write", dying("write"))
    monkeypatch.setattr(Path, "replace", dying("replace"))
    monkeypatch.setattr(Path, "rename", dying("rename"))
    assert played(base, tmp_path / "home", runs, random.Random(7), persistent) == told
    assert count["kills"] >= 40
    assert pl.Series([row[1] for row in told["live"]]).is_unique().all()
