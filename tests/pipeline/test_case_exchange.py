"""A case goes to another unit: signed, encrypted, taken in once however often it comes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small_world import Demo, inside

from fraudnet.contracts.cases import CASE_TABLES
from fraudnet.errors import (
    ExpiredError,
    FraudnetError,
    OlderSequenceError,
    SecondPersonError,
    TamperedError,
    WrongKeyError,
    WrongRecipientError,
)
from fraudnet.pipeline.casework import case_bundle
from fraudnet.pipeline.casework.case_bundle import bundle_case
from fraudnet.pipeline.casework.case_import import import_case, imported
from fraudnet.pipeline.exchange.keyring import confirm_keys, make_own_keys, offer_keys
from fraudnet.pipeline.exchange.ledger import open_store
from fraudnet.settings import Settings
from fraudnet.store.audit import verify
from fraudnet.store.dispositions import DECISION, Decision, dispositions, record_decision, take_back

NOW = datetime.now(UTC)
TODAY = date.today()
LATER = NOW + timedelta(days=1)


@dataclass(frozen=True)
class Units:
    """Two units that trust each other's keys, and a case of the first."""

    hanoi: Settings
    hue: Settings
    run: Path
    case: str
    member: str

    def send(self, to: Path, back: bool = False) -> Path:
        sender, name = (self.hue, "hanoi") if back else (self.hanoi, "hue")
        return Path(bundle_case(self.case, self.run, name, to, sender)["file"])

    def decide(self, entity: str, unit: Settings, key: str, outcome: str = "confirmed") -> int:
        said = Decision(entity, outcome, "analyst", "own_review", NOW, references={"by": "console"})
        with open_store(unit) as store:
            return record_decision(store, said, "bao", key, {"answer": "Nguyễn Văn Bịa said so"}).number


def trusting(settings: Settings, keys: str) -> None:
    mark = offer_keys(settings, Path(keys) / "public.json")["fingerprint"]
    for who in ("an", "binh"):
        confirm_keys(settings.model_copy(update={"actor": who}), mark)


@pytest.fixture
def units(demo: Demo, tmp_path: Path) -> Units:
    hanoi, hue = (Settings(home=tmp_path / name, actor=f"clerk of {name}") for name in ("hanoi", "hue"))
    mine, theirs = make_own_keys(hanoi, "hanoi"), make_own_keys(hue, "hue")
    trusting(hanoi, theirs["folder"])
    trusting(hue, mine["folder"])
    cases = pl.read_parquet(demo.run / "cases.parquet")
    case = str(cases.sort("lost", "members", "case_id", descending=True)["case_id"][0])
    members = pl.read_parquet(demo.run / "case_members.parquet").filter(pl.col("case_id") == case)
    member = members.filter(pl.col("kind").cast(pl.String) == "account").sort("entity_id")["entity_id"][0]
    return Units(hanoi, hue, demo.run, case, str(member))


def by_two(package: Path, settings: Settings) -> dict[str, Any]:
    """What the second of two people is told who import the same package."""
    import_case(package, settings, TODAY)
    return import_case(package, settings.model_copy(update={"actor": "a second clerk"}), TODAY)


def state(settings: Settings) -> tuple[list[tuple[object, ...]], list[str]]:
    """The decisions of a unit and the files of imported cases."""
    with open_store(settings) as store:
        rows = dispositions(store, LATER).drop("known_at").rows()
        assert verify(store).whole
    folder = imported(settings)
    return rows, sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_a_case_arrives_whole_and_twice_is_once(units: Units, tmp_path: Path) -> None:
    units.decide(units.member, units.hanoi, "decision:1")
    package = units.send(tmp_path / "out")
    told = import_case(package, units.hue, TODAY)
    assert (told["new"], told["new_decisions"], told["decisions"], told["waiting"]) == (True, 0, 1, 1)
    assert import_case(package, units.hue, TODAY)["waiting"] == 1 and state(units.hue)[0] == []
    second = by_two(package, units.hue)
    assert (second["new"], second["new_decisions"], second["waiting"]) == (False, 1, 0)
    folder = Path(told["folder"])
    for name, schema in CASE_TABLES.items():
        mine = pl.read_parquet(units.run / f"{name}.parquet").filter(pl.col("case_id") == units.case)
        assert schema.validate(pl.read_parquet(folder / f"{name}.parquet")).equals(schema.validate(mine, cast=True))
    assert {p.suffix for p in folder.iterdir()} >= {".svg", ".html", ".graphml", ".csv", ".json", ".parquet"}
    before = state(units.hue)
    again = import_case(package, units.hue, TODAY)
    assert (again["new"], again["new_decisions"], again["waiting"]) == (False, 0, 0)
    packed_anew = by_two(units.send(tmp_path / "out2"), units.hue)
    assert (packed_anew["new"], packed_anew["new_decisions"]) == (False, 0)
    assert state(units.hue) == before
    with open_store(units.hue) as store:
        event = next(store.events(DECISION))
        assert event.body["references"]["origin"] == "hanoi"
        assert store.texts(event.number) == {"answer": "Nguyễn Văn Bịa said so"}
        assert "Bịa" not in json.dumps([e.body for e in store.events()], ensure_ascii=False)
        assert [e.body["purpose"] for e in store.events("opened")] == [units.case] * 7


def test_what_comes_back_makes_no_doubles_and_what_was_taken_back_falls(units: Units, tmp_path: Path) -> None:
    number = units.decide(units.member, units.hanoi, "decision:1")
    first = units.send(tmp_path / "a")
    by_two(first, units.hue)
    home = by_two(units.send(tmp_path / "b", back=True), units.hanoi)
    assert home["new_decisions"] == 0 and len(state(units.hanoi)[0]) == 1
    with open_store(units.hanoi) as store:
        take_back(store, number, "bao", "CV-1")
    units.decide(units.member, units.hanoi, "decision:2", "cleared")
    newer = by_two(units.send(tmp_path / "c"), units.hue)
    assert (newer["new_decisions"], newer["taken_back"]) == (1, 1)
    with open_store(units.hue) as store:
        assert dispositions(store, LATER)["outcome"].to_list() == ["cleared"]
    with pytest.raises(OlderSequenceError):
        import_case(first, units.hue, TODAY)


def test_what_is_not_right_changes_nothing(units: Units, demo: Demo, tmp_path: Path) -> None:
    units.decide(units.member, units.hanoi, "decision:1")
    package = units.send(tmp_path / "out")
    whole = package.read_bytes()
    before = state(units.hue)
    faults: list[tuple[Path, type[FraudnetError], date]] = [(package, ExpiredError, TODAY + timedelta(days=500))]
    for place in (40, len(whole) // 2, len(whole) - 20):
        changed = tmp_path / f"changed-{place}.age"
        changed.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        faults.append((changed, FraudnetError, TODAY))
    (tmp_path / "cut.age").write_bytes(whole[:-30])
    faults.append((tmp_path / "cut.age", TamperedError, TODAY))
    for file, error, day in faults:
        with pytest.raises(error):
            import_case(file, units.hue, day)
    assert state(units.hue) == before
    stranger = Settings(home=tmp_path / "da_nang", actor="clerk")
    keys = make_own_keys(stranger, "da_nang")
    with pytest.raises(WrongRecipientError):
        import_case(package, stranger, TODAY)
    trusting(units.hanoi, keys["folder"])
    for_stranger = bundle_case(units.case, units.run, "da_nang", tmp_path / "out3", units.hanoi)["file"]
    with pytest.raises(WrongKeyError):
        import_case(Path(for_stranger), stranger, TODAY)
    with pytest.raises(SecondPersonError):
        bundle_case(units.case, units.run, "nobody", tmp_path / "out4", units.hanoi)
    told = inside(demo.words("case", units.case, "--run", demo.run, "--bundle", tmp_path / "x"))
    assert told.code == 78 and "--for" in told.err


def test_another_unit_decides_nothing_here_that_is_not_its_own_to_decide(
    units: Units, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    units.decide(units.member, units.hanoi, "decision:1")
    honest = import_case(units.send(tmp_path / "honest"), units.hue, TODAY)
    before, real = state(units.hue), case_bundle.decisions_on
    laid = {p.name: p.read_bytes() for p in Path(honest["folder"]).iterdir()}

    def forged(**changes: Any) -> Path:
        def said(*told: Any) -> list[dict[str, Any]]:
            (one,) = real(*told)
            outer = {name: value for name, value in changes.items() if name in one}
            inner = {name: value for name, value in changes.items() if name not in one}
            return [{**one, **outer, "body": {**one["body"], **inner}}]

        monkeypatch.setattr(case_bundle, "decisions_on", said)
        return units.send(tmp_path / f"forged-{len(list(tmp_path.iterdir()))}")

    later = (NOW + timedelta(days=40)).isoformat()
    faults: list[dict[str, Any]] = [{"entity": "account:b:1"}, {"decided_at": later}, {"decided_at": "2026-01-01"},
                                    {"rests_on": 3}, {"texts": None}, {"outcome": "guilty"}]  # fmt: skip
    for fault in faults:
        with pytest.raises(FraudnetError):
            import_case(forged(**fault), units.hue, TODAY)
        assert {p.name: p.read_bytes() for p in Path(honest["folder"]).iterdir()} == laid
    assert state(units.hue) == before
    assert by_two(forged(origin="da_nang"), units.hue)["new_decisions"] == 0 and state(units.hue)[0] == []
    drawn = {"selected_by": "random", "references": {"blind": "1", "by": "console", "run": "r"}}
    assert by_two(forged(**drawn), units.hue)["new_decisions"] == 1
    with open_store(units.hue) as store:
        event = next(store.events(DECISION))
    assert event.body["selected_by"] is None
    assert (event.body["references"]["by"], "blind" in event.body["references"]) == ("import", False)
