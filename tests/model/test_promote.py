"""From a trained model to the champion's place, through the commands."""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path

import polars as pl
import pytest
from toy import SETTINGS, part

from fraudnet.cli import guarded
from fraudnet.cli.app import app
from fraudnet.model.opened import CHALLENGER, CHAMPION
from fraudnet.model.portable import save, verify
from fraudnet.model.registry import models, register, standing
from fraudnet.model.train import fit
from fraudnet.model.trial import Proof, kept, unasked
from fraudnet.pipeline.training.model_keys import sign_trained
from fraudnet.pipeline.training.promotion import challenge, crown_the_first, same_as_registered

NAME = "fraudnet-account-both"
SHORT = SETTINGS.model_copy(update={"bootstrap": 60})
WEAK = {"num_leaves": 2, "min_data_in_leaf": 200, "learning_rate": 0.05, "max_bin": 15, "rounds": 2}
GOOD = {"num_leaves": 7, "min_data_in_leaf": 5, "learning_rate": 0.08, "max_bin": 63, "rounds": 60}


def about() -> pl.DataFrame:
    ids = part(8, 3_000).matrix.frame.select("entity_id")
    bank = pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.lit("970403")).otherwise(pl.lit("970405"))
    return ids.with_columns(institution=bank, whose=bank)


@cache
def proof() -> Proof:
    """Rows of a test; the recipe is calibrated on them: what promises keep forward in time is tested elsewhere."""
    rows = part(8, 3_000)
    return Proof(rows, fit(part(0).matrix, part(0).answers, SETTINGS, rows, GOOD), about(), rows.answers["at"][0])


def enrolled(home: Path, model, folder: Path) -> str:
    """What training does with a model once it is measured."""
    settings = SHORT.model_copy(update={"home": home})
    saved = save(model, folder)
    sign_trained(saved, settings)
    number = register(home, saved, model.params, {}, {})
    challenge(settings, number, model, proof())
    crown_the_first(settings, model.name, number)
    return number


@pytest.fixture(scope="module")
def weak(trained):
    return fit(part(0).matrix, part(0).answers, SETTINGS, part(5), WEAK).with_facts(name=NAME)


@pytest.fixture(scope="module")
def first(weak, trained, tmp_path_factory, empty_register) -> Path:
    """A register whose champion is weak and whose challenger is good."""
    home = tmp_path_factory.mktemp("promote") / "home"
    shutil.copytree(empty_register, home)
    assert enrolled(home, weak, home.parent / "weak") == "1"
    assert standing(home) == {NAME: {"champion": "1"}}
    assert enrolled(home, trained, home.parent / "good") == "2"
    assert standing(home) == {NAME: {"champion": "1", "challenger": "2"}}
    return home


@pytest.fixture
def home(first, tmp_path) -> Path:
    shutil.copytree(first, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def run(home, tmp_path):
    """The command line on this register."""
    file = tmp_path / "settings.toml"
    file.write_text("bootstrap = 60\ncapacity = 0.05\nthreads = 1\n")

    def command(*words: str) -> tuple[int, str, str]:
        out, err, before = StringIO(), StringIO(), sys.argv
        try:
            sys.argv = ["fraudnet", *words, "--home", str(home), "--settings", str(file)]
            with redirect_stdout(out), redirect_stderr(err):
                code = guarded(app)
        finally:
            sys.argv = before
        return code, out.getvalue(), err.getvalue()

    return command


def test_the_first_model_is_champion_and_the_register_says_why(first):
    tags = models(first)[1]["tags"]
    assert tags["gate.answer"] == "no champion yet"
    assert {one["name"] for one in json.loads(tags["gate.checks"])} >= {"size", "calibration slope"}
    assert json.loads((first / "models" / f"{NAME}-1" / "promotion.json").read_text())["promoted"] is True
    verify(first / "models" / f"{NAME}-1")


def test_a_trial_names_nobody(first):
    rows, facts = kept(first / "trials" / f"{NAME}-2")
    assert (facts["challenger"], facts["champion"]) == ("2", "1")
    assert rows.height == 3_000
    for path in (first / "trials").rglob("*"):
        assert path.is_dir() or b"account:bank" not in path.read_bytes()
    (first / "trials" / f"{NAME}-2" / "spare").write_text("x")
    damaged = shutil.copytree(first / "trials" / f"{NAME}-2", first.parent / "damaged")
    (damaged / "rows.parquet").write_bytes(b"other")
    assert kept(damaged) == (None, {})


def test_a_better_model_passes_by_itself_and_can_be_taken_back(run, home):
    code, out, err = run("promote", "account-both")
    assert (code, err) == (0, "")
    assert f"{NAME} version 2 is champion now: better" in out
    assert "Who falls out of the first 5.0%" in out
    assert standing(home) == {NAME: {"champion": "2"}}
    code, out, _ = run("promote")
    assert code == 0
    assert "no challenger waits" in out
    assert run("promote", NAME)[0] == 66
    code, out, _ = run("promote", "--rollback", "--reason", "too many complaints")
    assert code == 0
    assert "version 1 is champion again" in out
    assert standing(home)[NAME]["champion"] == "1"
    assert models(home)[0]["tags"]["gate.reason"] == "too many complaints"
    assert run("promote", "--rollback")[0] == 66


def test_not_worse_needs_two_people_and_a_reason(run, home, trained, tmp_path):
    run("promote")
    again = enrolled(home, trained.with_facts(note="the same trees"), tmp_path / "again")
    code, out, err = run("promote", "--json")
    told = json.loads(out)[0]
    assert (code, told["answer"], told["promoted"]) == (14, "not worse", False)
    assert "two people with a reason" in err
    for wrong in (("--by", "An"), ("--by", "An", "--by", " AN "), ("--by", "An", "--by", "Binh")):
        code, _, err = run("promote", *wrong, *(("--reason", "stale") if "Binh" not in wrong else ()))
        assert code == 78, err
    assert standing(home)[NAME] == {"champion": "2", "challenger": again}
    code, out, _ = run("promote", "--by", "An", "--by", "Binh", "--reason", "the champion is a year old")
    assert code == 0
    assert "not worse; let pass by An and Binh" in out
    tags = models(home)[0]["tags"]
    assert (tags["gate.by"], tags["gate.reason"]) == ("An, Binh", "the champion is a year old")


def test_a_worse_model_stays_outside_whoever_wants_it(run, home, weak, tmp_path):
    run("promote")
    number = enrolled(home, weak.with_facts(note="once more"), tmp_path / "weak")
    code, out, err = run("promote", "--by", "An", "--by", "Binh", "--reason", "we like it")
    assert code == 14
    assert err.count("\n") == 1
    assert f"version {number} was not promoted" in out
    assert standing(home)[NAME] == {"champion": "2", "challenger": number}
    assert models(home)[0]["tags"]["gate.answer"] == "worse"


def test_a_trial_against_an_earlier_champion_answers_nothing(run, home, trained, tmp_path):
    number = enrolled(home, trained.with_facts(note="met version 1"), tmp_path / "third")
    shutil.copytree(home / "trials" / f"{NAME}-{number}", tmp_path / "trial")
    run("promote")
    fourth = enrolled(home, trained.with_facts(note="met version 3"), tmp_path / "fourth")
    # As if the champion had changed between its training and its promotion.
    shutil.rmtree(home / "trials" / f"{NAME}-{fourth}")
    shutil.copytree(tmp_path / "trial", home / "trials" / f"{NAME}-{fourth}")
    code, out, _ = run("promote", "--by", "An", "--by", "Binh", "--reason", "now", "--json")
    told = json.loads(out)[0]
    assert (code, told["answer"], told["promoted"]) == (14, "cannot tell", False)
    assert "the trial" in told["why"]


def test_without_rows_to_compare_on_two_people_may_decide(run, home):
    shutil.rmtree(home / "trials" / f"{NAME}-2")
    code, out, err = run("promote", "--json")
    assert (code, json.loads(out)[0]["answer"]) == (14, "not compared")
    assert "no rows are left" in err
    assert run("promote", "--by", "An", "--by", "Binh", "--reason", "columns changed")[0] == 0
    assert standing(home) == {NAME: {"champion": "2"}}


def test_a_champion_that_knows_the_test_or_reads_other_columns_is_not_asked(trained):
    moment = part(8).answers["at"][0]
    proof = Proof(part(8), trained, about(), moment)
    assert unasked(proof, trained) == ""
    assert "learned from the rows" in unasked(proof, trained.with_facts(training_moments=[str(moment)]))
    shorter = Proof(
        part(8).__class__(part(8).matrix.__class__(part(8).matrix.frame, trained_columns(8)), part(8).answers),
        trained,
        about(),
    )
    assert unasked(shorter, trained) == "the champion reads 1 columns that are no longer made: in_amount_1d"


def trained_columns(at: int):
    return part(at).matrix.columns[1:]


def test_the_very_same_model_is_not_registered_again(first, weak, trained, tmp_path):
    settings = SHORT.model_copy(update={"home": first})
    assert same_as_registered(settings, NAME, save(weak, tmp_path / "weak")) == (CHAMPION, "1")
    elsewhere = save(weak.with_facts(code="another"), tmp_path / "elsewhere")
    assert same_as_registered(settings, NAME, elsewhere) == (CHAMPION, "1")
    assert same_as_registered(settings, NAME, save(weak.with_facts(rows=7), tmp_path / "facts")) is None
    assert same_as_registered(settings, NAME, save(trained, tmp_path / "waiting")) == (CHALLENGER, "2")
