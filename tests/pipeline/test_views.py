"""What one side alone sees is what a drop of that side alone would hold."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import cast

import pytest
from small_world import bank_side

from fraudnet.cli.options import moment
from fraudnet.contracts.progress import silent
from fraudnet.errors import ConfigurationError
from fraudnet.model.trained import Model
from fraudnet.pipeline.reading.source import Source, open_drops
from fraudnet.pipeline.reading.views import compared, viewed, views_to_train
from fraudnet.pipeline.request import Request
from fraudnet.pipeline.training import champions, models
from fraudnet.pipeline.training.champions import chosen_models
from fraudnet.pipeline.training.examples import view_of
from fraudnet.pipeline.training.outcome import Outcome
from fraudnet.settings import Settings

SAMPLE = Path(__file__).parents[2] / "data" / "synthetic" / "sample" / "drop"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in which the sample is read once."""
    return tmp_path_factory.mktemp("views")


@pytest.fixture(scope="module")
def source(home: Path) -> Source:
    """The sample of a world, which shows both sides."""
    return open_drops(Request((SAMPLE,)), Settings(home=home), silent)


@pytest.fixture(scope="module")
def alone(home: Path) -> Source:
    """What banks alone would deliver of it."""
    return open_drops(Request((bank_side(SAMPLE, home / "drop"),)), Settings(home=home), silent)


def test_a_view_holds_nothing_of_the_other_side(source: Source) -> None:
    bank, telco = viewed(source, "bank"), viewed(source, "telco")
    assert (view_of(source.records), view_of(bank.records), view_of(telco.records)) == ("both", "bank", "telco")
    assert len({source.digest, bank.digest, telco.digest}) == 3
    for view, prefix in ((bank, "sim:"), (telco, "account:")):
        for table in ("uses", "reports", "dispositions"):
            whole, seen = (of.records.table(table).select("entity").collect().to_series() for of in (source, view))
            assert not seen.str.starts_with(prefix).any()
            assert seen.to_list() == whole.filter(~whole.str.starts_with(prefix)).to_list()
            # Of that world nobody reported a SIM, so operators alone have no report.
            assert (seen.len() > 0) != (table == "reports" and view is telco) and whole.len() > 0
    assert viewed(source, "both") is source
    with pytest.raises(ConfigurationError, match="--view: got 'sea', expected bank, telco or both"):
        viewed(source, "sea")


def test_a_drop_of_one_side_is_not_given_the_model_of_both(
    alone: Source, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = frozenset(f"fraudnet-{kind}-both" for kind in ("account", "sim", "identity"))
    monkeypatch.setattr(champions, "champions", lambda home: kept)
    chosen = chosen_models(alone, Request(()), (), Settings(home=home))
    assert chosen.models == {} and "account" in chosen.without
    told = "\n".join(chosen.notes)
    assert "sim: not produced: no SIM data" in told
    assert "`fraudnet-account-both` reads what this drop does not have" in told and "--view bank" in told


def test_the_loss_against_both_is_told() -> None:
    known = [
        {"name": "fraudnet-account-both", "version": "1", "alias": "champion", "average_precision": 0.5},
        {"name": "fraudnet-account-bank", "version": "1", "alias": "champion", "average_precision": 0.4},
    ]
    (line,) = compared([{"name": "fraudnet-account-bank", "version": "1"}], known)
    assert "0.400 with bank data alone, 0.500 with both (-0.100" in line
    assert compared([{"name": "fraudnet-account-both", "version": "1"}], known) == []


def test_one_training_makes_every_view_that_the_drop_feeds(
    source: Source, alone: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert views_to_train(source, Request((SAMPLE,))) == ("both", "bank", "telco")
    assert views_to_train(source, Request((SAMPLE,), kinds=("sim",))) == ("both", "telco")
    assert views_to_train(source, Request((SAMPLE,), view="telco")) == ("telco",)
    assert views_to_train(alone, Request(())) == ("both",)

    taught: list[tuple[str, str]] = []

    def learned(source: Source, request: Request, tools: object, keep: bool) -> list[Outcome]:
        tools[1]("train account", 2, 2)  # type: ignore[index]
        return [Outcome("account", cast(Model, object()))]

    def enrolled(source: Source, outcome: Outcome, as_of: datetime, settings: Settings) -> dict[str, str]:
        view = view_of(source.records)
        taught.append((view, as_of.isoformat()))
        return {"name": f"fraudnet-{outcome.kind}-{view}", "version": "1", "alias": "champion", "folder": ""}

    figures = {"both": 0.5, "bank": 0.4}
    known = [{"name": f"fraudnet-account-{v}", "version": "1", "alias": "champion", "average_precision": a}
             for v, a in figures.items()]  # fmt: skip
    monkeypatch.setattr(models, "outcomes", learned)
    monkeypatch.setattr(models, "enrol", enrolled)
    monkeypatch.setattr(models, "registered_models", lambda settings: known)
    steps: list[str] = []
    request = Request((SAMPLE,), as_of=moment("2026-03-01"), kinds=("account",))
    tools = (Settings(home=tmp_path), lambda step, done, total: steps.append(step))
    found = models.train_on(source, request, tools)
    assert [view for view, _ in taught] == ["both", "bank"] and len({as_of for _, as_of in taught}) == 1
    assert [model["name"] for model in found["models"]] == ["fraudnet-account-both", "fraudnet-account-bank"]
    assert "train account (bank data alone)" in steps and "train account" in steps
    assert [n for n in found["notes"] if "0.400 with bank data alone, 0.500 with both" in n] == found["notes"]
