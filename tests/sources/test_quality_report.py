"""The report: its JSON, its page in three languages, its memory of earlier drops, what a mapping expects."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
import pytest
import quality_drop
from drop_builder import write_drop
from pydantic import BaseModel, ConfigDict, Field
from quality_drop import BANKS, clean, deliver

from fraudnet.contracts.progress import silent
from fraudnet.contracts.quality import QUALITIES
from fraudnet.errors import ConfigurationError, InputError, MissingInputError, TooLittleDataError
from fraudnet.messages import LANGUAGES, catalogue
from fraudnet.pipeline.reading.quality import Check, Checked, check_drops, hold_expectations
from fraudnet.settings import load_settings
from fraudnet.sources.mapping_file import load_mapping
from fraudnet.sources.quality import criteria, history
from fraudnet.sources.quality.material import gather
from fraudnet.sources.quality.measure import measure
from fraudnet.sources.quality.page import page
from fraudnet.sources.quality.words import MARKS, points

HOSTILE = "<img src=x onerror=alert(1)>{{ 7*7 }}"
NAME, HOLDER = "Nguyễn Văn Aa", "84912345000"


class Row(BaseModel):
    """A row with exactly the keys that are named."""

    model_config = ConfigDict(extra="forbid", strict=True)


Criterion = Literal["correct", "complete", "clean", "up_to_date", "consistent", "shareable"]
Value = Annotated[float, Field(ge=0, le=100)] | None
Count = Annotated[int, Field(ge=0)]


class Ranked(Row):
    place: int | None
    source: str
    overall: Value
    known: Count
    rows: Count
    name: str | None
    earlier: list[Value]


class Valued(Row):
    source: str
    institution: str | None
    criterion: Criterion
    value: Value
    numerator: Count
    denominator: Count
    note: str | None
    before: Value


class Part(Row):
    source: str
    institution: str | None
    criterion: Criterion
    table: str
    measure: str
    numerator: Count
    denominator: Annotated[int, Field(ge=1)]


class Expected(Row):
    source: str
    table: str | None
    got: float
    min: int | None
    max: float | None
    result: Literal["met", "below", "above"]


class Weeks(Row):
    source: str
    table: str
    start: str = Field(alias="from")
    rows: list[Count]


class Counted(Row):
    table: str
    files: Count
    rows_in: Count
    good: Count
    quarantined: Count
    not_selected: Count
    sources: Count


class Rule(Row):
    table: str
    rule: str
    rows: Count


class Whole(Row):
    """quality.json."""

    format: Literal["fraudnet.quality/1"]
    drops: list[str]
    digest: str = Field(pattern="^[0-9a-f]{64}$")
    as_of: str = Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
    before: str | None
    ranking: list[Ranked]
    quality: list[Valued]
    parts: list[Part]
    expectations: list[Expected]
    weeks: list[Weeks]
    tables: list[Counted]
    rules: list[Rule]


EXPECT = f"""
[expect."{BANKS[0]}"]
quarantine_share_max = 0.001
[expect."{BANKS[0]}".rows]
transfers = {{ min = 100, max = 100000 }}
[expect."*".rows]
calls = {{ max = 10 }}
[expect."silent".rows]
accounts = {{ min = 1 }}
"""


def check(folder: Path, mapping: str = quality_drop.MAPPING, **asked: Any) -> Checked:
    deliver(folder, asked.pop("tables", None) or clean(), mapping)
    said = Check((folder / "drop",), out=folder / "out", **asked)
    return check_drops(said, load_settings(home=folder.parent / "home", language="en"), silent)


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checked drop with a hostile source and name, one bad bank, expectations that fail and warn."""
    tables = clean()
    own = pl.col("source") == BANKS[0]
    tables["transfers"] = tables["transfers"].with_columns(
        amount=pl.when(own & (pl.col("amount") % 50_000 == 0)).then(-1).otherwise("amount"),
        source=pl.when(pl.col("source") == BANKS[1]).then(pl.lit(HOSTILE)).otherwise("source"),
    )
    tables["institutions"] = tables["institutions"].with_columns(name=pl.concat_str(pl.lit(HOSTILE), "name"))
    folder = tmp_path_factory.mktemp("dirty")
    found = check(folder, quality_drop.MAPPING + EXPECT, tables=tables)
    with pytest.raises(TooLittleDataError, match="silent/accounts: 0 rows of at least 1"):
        hold_expectations(found)
    return folder / "out"


def report_of(out: Path) -> dict[str, Any]:
    return dict(json.loads((out / "quality.json").read_text(encoding="utf-8")))


def test_the_json_keeps_its_schema_and_the_results_of_expectations(dirty: Path) -> None:
    report = report_of(dirty)
    Whole.model_validate(report)
    told = {(row["source"], row["table"]): row["result"] for row in report["expectations"]}
    assert told == {
        (BANKS[0], "transfers"): "met", (BANKS[0], None): "above", ("*", "calls"): "above", ("silent", "accounts"): "below",
    }  # fmt: skip
    places = [row["place"] for row in report["ranking"] if row["place"]]
    overall = [row["overall"] for row in report["ranking"] if row["place"]]
    assert places == list(range(1, len(places) + 1)) and overall == sorted(overall, reverse=True)
    assert {row["source"] for row in report["ranking"]} == {*BANKS, *quality_drop.OPERATORS, "list", HOSTILE}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_its_parts_in_every_language_and_shows_hostile_names_as_text(dirty: Path, language: str) -> None:
    report = report_of(dirty)
    html = page(report, language)
    said = catalogue()
    titles = re.findall(r"<h2[^>]*>(.*?)</h2>", html)
    wanted = ["criteria", "ranking", "institutions", "weakest", "rules", "weeks", "expect", "tables", "meaning"]
    wanted = [name for name in wanted if name != "institutions"]  # no source here tells about several
    assert titles == [said[f"quality.sheet.{name}"][language] for name in wanted]
    assert f'<html lang="{language}">' in html
    assert html.count("<figure") == len(QUALITIES) and html.count('class="figure"') == 4
    assert html.count("<h1>") == 1 and html.count("<table>") == 6
    assert "<img" not in html and "{{ 7*7 }}" in html and "&lt;img src=x" in html
    assert not re.search(r"<script|https?:|style=", html)
    heads = len(re.findall(r'scope="row"', html))
    assert heads >= len(report["ranking"]) + len(report["tables"])


def test_no_personal_value_is_on_the_page_or_in_the_json(dirty: Path) -> None:
    told = (dirty / "quality.html").read_text(encoding="utf-8") + (dirty / "quality.json").read_text(encoding="utf-8")
    tables = clean()
    people = tables["identities"]
    for column in ("full_name", "id_number", "phone", "address"):
        assert not [value for value in people[column].to_list() if value in told], column
    assert not [value for value in tables["accounts"]["account_number"].to_list() if value in told]
    assert HOLDER not in told and NAME not in told


def test_the_page_is_equal_to_the_byte_and_says_the_finding(dirty: Path) -> None:
    report = report_of(dirty)
    assert page(report, "en") == page(report, "en") == (dirty / "quality.html").read_text(encoding="utf-8")
    assert "Minimum not reached 1 times" in page(report, "en")


def test_what_a_criterion_and_a_measure_are_called_is_in_the_messages(dirty: Path) -> None:
    texts = catalogue()
    for row in report_of(dirty)["parts"]:
        assert f"quality.measure.{row['measure']}" in texts and f"quality.table.{row['table']}" in texts
    assert {f"quality.why.{each.silence}" for each in criteria()} | {"quality.why.too_few"} == {
        key for key in texts if key.startswith("quality.why.")
    }
    assert {f"quality.why.{why}" for why in MARKS} <= set(texts)
    assert all(f"quality.{kind}.{name}" in texts for kind in ("criterion", "meaning") for name in QUALITIES)


def test_trends_come_from_the_reports_kept_at_home(tmp_path: Path) -> None:
    first = check(tmp_path / "a", as_of=date(2026, 2, 10)).figures
    assert first["before"] is None and all(row["earlier"] == [] for row in first["ranking"])
    silent_bank = clean()
    silent_bank["transfers"] = silent_bank["transfers"].filter(pl.col("source") != BANKS[0])
    later = check(tmp_path / "b", as_of=date(2026, 2, 11), tables=silent_bank).figures
    assert later["before"] == "2026-02-10"
    kept = {row["source"]: row["overall"] for row in first["ranking"]}
    assert all(row["earlier"] == [kept[row["source"]]] for row in later["ranking"])
    html = page(later | {"tables": first["tables"]}, "en")
    assert "Changes since 10/02/2026" in html and 'class="spark"' in html
    again = check(tmp_path / "a", as_of=date(2026, 2, 10)).figures  # what came later is never looked at
    assert again["before"] is None
    (tmp_path / "home" / "quality").joinpath("x").mkdir()
    named = check(
        tmp_path / "b", as_of=date(2026, 2, 11), tables=silent_bank, before=tmp_path / "a" / "out" / "quality.json"
    )
    assert named.figures["before"] == "2026-02-10"


def test_a_report_that_is_none_is_refused_when_named_and_passed_over_at_home(tmp_path: Path) -> None:
    (tmp_path / "2026-01-01-x.json").write_text('{"format": "fraudnet.quality/1", "as_of": "2026-01-01", "quality": 3}')
    (tmp_path / "2026-01-02-x.json").write_text("no json")
    assert history.earlier(tmp_path, "2026-03-01").last is None
    with pytest.raises(InputError, match="no report of the format"):
        history.given(tmp_path / "2026-01-02-x.json")
    with pytest.raises(MissingInputError, match="no such report"):
        history.given(tmp_path / "nowhere.json")


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ('[expect."a".rows]\ntransfer = { min = 1 }', "near: transfers"),
        ('[expect."a".rows]\ntransfers = { min = 5, max = 2 }', "`min` lies above `max`"),
        ('[expect."a".rows]\ntransfers = { least = 5 }', "unknown key"),
        ('[expect."a"]\nquarantine_share_max = 3', "less than or equal to 1"),
    ],
)
def test_expectations_that_cannot_be_followed_are_refused(tmp_path: Path, lines: str, says: str) -> None:
    (tmp_path / "m.toml").write_text(quality_drop.MAPPING + lines)
    with pytest.raises(ConfigurationError, match=says):
        load_mapping(tmp_path / "m.toml")


@pytest.mark.parametrize(("value", "told"), [(100.0, "100"), (99.99, "99"), (59.96, "59"), (0.0, "0")])
def test_only_a_hundred_is_told_as_a_hundred(value: float, told: str) -> None:
    assert points(value) == told


def test_a_drop_without_any_time_has_no_value_for_up_to_date(tmp_path: Path) -> None:
    sims = clean()["sims"].with_columns(valid_from=pl.lit(None, dtype=pl.Datetime("us")))
    empty = {name: frame for name, frame in clean().items() if name == "institutions"}
    mapping = quality_drop.MAPPING.split('[[tables]]\ntable = "identities"')[0]
    mapping += '[[tables]]\ntable = "sims"' + quality_drop.MAPPING.split('table = "sims"')[1].split("[[tables]]")[0]
    found = measure(gather(deliver(tmp_path, {**empty, "sims": sims}, mapping)))
    row = found.quality.filter((pl.col("source") == "452-98") & (pl.col("criterion") == "up_to_date")).to_dicts()[0]
    assert row["value"] is None and row["note"] == "undated" and row["denominator"] == 0


def test_the_command_writes_page_and_json_and_ends_with_its_own_code(tmp_path: Path) -> None:
    drop = write_drop(tmp_path / "drop", quality_drop.MAPPING + EXPECT)
    for name, frame in clean().items():
        frame.write_parquet(drop / f"{name}.parquet")
    words = ["check", str(drop), "--out", str(tmp_path / "out"), "--lang", "fr", "--home", str(tmp_path / "home")]
    command = [sys.executable, "-c", "from fraudnet.cli import main; main()", *words]
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ))
    assert done.returncode == 15, done.stderr
    assert "silent/accounts : 0 lignes sur 1 au moins" in done.stderr and "Traceback" not in done.stderr
    assert "à jour" in done.stdout and "attention : */calls" in done.stdout
    assert '<html lang="fr">' in (tmp_path / "out" / "quality.html").read_text(encoding="utf-8")
    Whole.model_validate(report_of(tmp_path / "out"))
