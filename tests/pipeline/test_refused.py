"""What the training refuses, with which exit code, and how the mapping answers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from small_world import Demo, Told, inside, rewritten

REASON = "the branch sets this mark when the account is opened"
UNTIL = "2026-05-01"  # too early to measure forward in time, so that only one model is fitted


def telling(bank_drop: Path, place: Path, answer: str = "") -> Path:
    """The banks' drop whose accounts have two columns that repeat the decisions; `answer` goes into the mapping."""
    drop = shutil.copytree(bank_drop, place / "drop")
    decided = pl.read_csv(drop / "dispositions_accounts.csv", infer_schema=False)
    fraud = decided.filter((pl.col("KET_LUAN") == "confirmed") & (pl.col("NGAY_QD") < UNTIL))
    mark = pl.col("SO_TAI_KHOAN").is_in(fraud["SO_TAI_KHOAN"].to_list())
    repeated = mark.cast(pl.Int8)
    rewritten(drop / "accounts.csv", lambda t: t.with_columns(DA_KHOA=repeated, DA_DONG=repeated))
    file = drop / "mapping.toml"
    text = file.read_text(encoding="utf-8")
    told = text.replace('file = "accounts.csv"\n', f'file = "accounts.csv"\n{answer}\n', 1)
    file.write_text(told, encoding="utf-8")
    return drop


def train(demo: Demo, drop: Path, place: Path, **changed: int) -> Told:
    settings = place / "settings.toml"
    lines = {**dict(line.split(" = ") for line in demo.settings.read_text().splitlines()), "snapshots": 1, **changed}
    settings.write_text("".join(f"{key} = {value}\n" for key, value in lines.items()))
    words = ["train", str(drop), "--as-of", UNTIL, "--kind", "account", "--json"]
    return inside([*words, "--settings", str(settings), "--home", str(place / "home")])


def card(done: Told) -> dict[str, object]:
    folder = Path(json.loads(done.out)["models"][0]["folder"])
    return json.loads((folder / "card.json").read_text(encoding="utf-8"))


def test_a_column_that_repeats_the_decision_stops_the_training(demo: Demo, bank_drop: Path, tmp_path: Path) -> None:
    done = train(demo, telling(bank_drop, tmp_path), tmp_path)
    assert done.code == 10, done.err
    assert "x_da_khoa" in done.err and "outcome" in done.err and done.err.count("\n") == 1
    assert not (tmp_path / "home" / "mlflow").exists()


@pytest.fixture(scope="module")
def answered(
    demo: Demo, bank_drop: Path, empty_register: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Told, Path]:
    """Training on the telling columns: one declared as an outcome, one allowed with a reason."""
    place = tmp_path_factory.mktemp("answered")
    shutil.copytree(empty_register, place / "home")
    drop = telling(bank_drop, place, f'outcome = ["DA_KHOA"]\nallow = {{ DA_DONG = "{REASON}" }}')
    return train(demo, drop, place), place


def test_declared_as_an_outcome_it_is_kept_out(answered: tuple[Told, Path]) -> None:
    done, _ = answered
    assert done.code == 0, done.err
    told = card(done)
    assert told["outcomes"]["accounts"] == ["x_da_khoa"]  # type: ignore[index]
    assert "x_da_khoa" not in json.dumps(told["features"])


def test_allowed_with_a_reason_it_trains_and_the_card_says_so(answered: tuple[Told, Path]) -> None:
    done, _ = answered
    assert done.code == 0, done.err
    told = card(done)
    assert any(REASON in line and "x_da_dong" in line for line in told["leaks_allowed"])  # type: ignore[attr-defined]
    assert "x_da_dong" in json.dumps(told["features"])


def test_a_model_of_other_features_is_refused(
    demo: Demo, bank_drop: Path, answered: tuple[Told, Path], tmp_path: Path
) -> None:
    model = json.loads(answered[0].out)["models"][0]["folder"]
    home = answered[1] / "home"
    words = demo.words("score", bank_drop, "--as-of", UNTIL, "--out", tmp_path / "runs", "--model", model, home=home)
    done = inside([*words, "--json"])
    assert done.code == 12, done.err
    assert "x_da_dong" in done.err and done.err.count("\n") == 1
    assert [p.name for p in (tmp_path / "runs").iterdir() if not p.name.startswith(".")] == []


def test_too_few_decisions_are_said_with_their_number(demo: Demo, bank_drop: Path, tmp_path: Path) -> None:
    done = train(demo, bank_drop, tmp_path, min_positives=5_000)
    assert done.code == 11, done.err
    assert "5000" in done.err and not (tmp_path / "home" / "models").exists()
