"""Why somebody stands where he does, why entries moved, and what another line would mean: the three commands."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from math import ceil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small_world import Demo, inside

from fraudnet.contracts.grades import BANDS, TABLE
from fraudnet.contracts.results import Statement, Support
from fraudnet.expressions import local_day
from fraudnet.files import write_json, write_parquet
from fraudnet.messages import LANGUAGES, catalogue
from fraudnet.pipeline.batch.diffing import CAUSES, causes_of, diff_runs
from fraudnet.pipeline.batch.explained_page import page_lines
from fraudnet.pipeline.batch.explaining import explain_entity
from fraudnet.pipeline.batch.whatif import Line, what_if
from fraudnet.runs.manifest import MANIFEST, outputs, read_manifest

Change = Callable[[pl.DataFrame], pl.DataFrame]


def scores(run: Path, kind: str = "account") -> pl.DataFrame:
    return pl.read_parquet(run / f"scores-{kind}.parquet")


def again(run: Path, folder: Path, tables: dict[str, Change] | None = None, **manifest: Any) -> Path:
    """The run once more under another name, some tables and some words of its manifest changed."""
    copy = folder / f"{run.name}-again"
    shutil.copytree(run, copy)
    for name, change in (tables or {}).items():
        write_parquet(copy / f"{name}.parquet", change(pl.read_parquet(copy / f"{name}.parquet")))
    write_json(copy / MANIFEST, {**read_manifest(run), **manifest, "outputs": outputs(copy)})
    return copy


def with_settings(run: Path, **changes: Any) -> dict[str, Any]:
    return {**read_manifest(run)["settings"], **changes}


class TestRun:
    """What a run says about grades and supports."""

    def test_every_flag_has_the_grade_of_its_cell(self, demo: Demo) -> None:
        for kind in demo.models:
            flagged = scores(demo.run, kind).filter("flagged")
            for row in flagged.iter_rows(named=True):
                cell = TABLE[row["source"], row["band"]]
                assert (row["grade"], row["action"]) == (cell.grade, cell.action)
                assert (row["expires_on"] - local_day(row["as_of"])).days == cell.days
            assert scores(demo.run, kind).filter(~pl.col("flagged"))["grade"].null_count() > 0

    def test_lists_carry_the_grades_of_the_scores(self, demo: Demo) -> None:
        entries = pl.read_parquet(demo.run / "list_entries.parquet")
        both = entries.join(pl.concat([scores(demo.run, k) for k in ("account", "sim")]), on="entity_id", suffix="_s")
        assert both.height == entries.height > 0
        for name in ("grade", "action", "source", "band", "expires_on"):
            assert both[name].equals(both[f"{name}_s"].alias(name)), name

    def test_statements_and_supports_keep_their_contracts(self, demo: Demo) -> None:
        assert Statement.is_valid(pl.read_parquet(demo.run / "statements.parquet"))
        seeds = set(pl.read_parquet(demo.run / "nodes.parquet")["entity_id"])
        for kind in demo.models:
            found = pl.read_parquet(demo.run / f"support-{kind}.parquet")
            assert Support.is_valid(found)
            assert set(found.filter(pl.col("kind") == "seed")["ref_id"]) <= seeds
            assert found.filter(pl.col("kind") == "seed").group_by("flag_id").len()["len"].max() <= 5

    def test_a_promise_is_made_or_its_absence_is_said(self, demo: Demo) -> None:
        manifest = read_manifest(demo.run)
        assert set(manifest["promises"]) == set(demo.models)
        for kind, said in manifest["promises"].items():
            line = said["made"][0]["raw"]
            card = json.loads((demo.models[kind] / "card.json").read_text())
            assert card["promises"] == said
            note = next(n for n in manifest["notes"] if n.startswith(f"{kind}: ") and "precision" in n)
            flagged, raw = scores(demo.run, kind).filter("flagged"), scores(demo.run, kind)["raw"]
            if line is None:
                assert note.endswith("flagged up to the capacity, with no promised precision")
                assert set(flagged["band"]) == {BANDS[0]}
            else:
                assert "promises a precision of 20%" in note
                assert flagged.height == min((raw >= line).sum(), ceil(len(raw) * 2 / 100))


class TestExplain:
    """The page about one entity."""

    def first(self, demo: Demo, kind: str = "account") -> dict[str, Any]:
        return scores(demo.run, kind).filter("flagged").row(0, named=True)

    def test_the_page_of_a_flag(self, demo: Demo) -> None:
        row = self.first(demo)
        done = inside(demo.words("explain", row["entity_id"], "--run", demo.run))
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith(f"{row['entity_id']} · ")
        for heading in ("against", "in_favour", "hits", "rests_on"):
            assert f"\n{catalogue()[f'explain.{heading}']['vi']}\n" in done.out
        assert f"Bậc {row['grade']}: " in done.out
        for reason in pl.read_parquet(demo.run / "reasons-account.parquet").filter(entity_id=row["entity_id"])["text"]:
            assert f"  - {reason}\n" in done.out
        assert not re.search(r"[{}]|None", done.out)

    def test_what_the_page_says_is_what_the_tables_say(self, demo: Demo) -> None:
        for kind in demo.models:
            row = self.first(demo, kind)
            done = inside(demo.words("explain", row["entity_id"], "--run", demo.run.parent, "--json"))
            found = json.loads(done.out)
            reasons = pl.read_parquet(demo.run / f"reasons-{kind}.parquet").filter(entity_id=row["entity_id"])
            assert len(found["against"]) + len(found["in_favour"]) == reasons.height > 0
            assert all(not one["in_favour"] for one in found["against"])
            supports = pl.read_parquet(demo.run / f"support-{kind}.parquet")
            mine = supports.filter(pl.col("flag_id").str.starts_with(row["entity_id"] + "|"))
            assert sorted(one["ref_id"] for one in found["rests_on"]) == sorted(mine["ref_id"])
            assert found["stands_alone"] == ("own" in mine["kind"].to_list())
            assert found["position"] == 1

    def test_a_number_is_enough_where_one_entity_bears_it(self, demo: Demo) -> None:
        row = self.first(demo)
        assert explain_entity(row["number"], demo.run)["entity_id"] == row["entity_id"]

    def test_somebody_who_is_not_flagged_has_a_page_without_reasons(self, demo: Demo) -> None:
        row = scores(demo.run).filter(~pl.col("flagged")).row(0, named=True)
        page = page_lines(explain_entity(row["entity_id"], demo.run))
        assert catalogue()["explain.not_flagged"]["vi"] in page
        assert catalogue()["explain.against"]["vi"] not in page

    def test_a_clearing_stands_on_the_page(self, demo: Demo) -> None:
        told = pl.read_parquet(demo.run / "statements.parquet").filter("in_favour")
        named = told.join(pl.read_parquet(demo.run / "nodes.parquet").select("node", "entity_id"), on="node")
        one = named.join(scores(demo.run), on="entity_id").row(0, named=True)
        page = page_lines(explain_entity(one["entity_id"], demo.run))
        assert any("đã loại trừ" in line for line in page)

    def test_unknown_entities_and_runs_are_one_sentence_without_the_value(self, demo: Demo, tmp_path: Path) -> None:
        done = inside(demo.words("explain", "0987123456789", "--run", demo.run))
        assert (done.code, done.out) == (66, "")
        assert "is not in this run" in done.err and "0987123456789" not in done.err and done.err.count("\n") == 1
        nodes = pl.read_parquet(demo.run / "nodes.parquet").filter(pl.col("kind") == "account")
        known = nodes.join(scores(demo.run), on="entity_id", how="anti")["entity_id"][0]
        done = inside(demo.words("explain", known, "--run", demo.run))
        assert done.code == 66
        assert "is known but was not scored" in done.err and known not in done.err
        done = inside(demo.words("explain", known, "--run", tmp_path / "nowhere"))
        assert done.code == 66
        assert "no finished run here" in done.err and done.err.count("\n") == 1

    def test_a_number_of_two_is_asked_back(self, demo: Demo, tmp_path: Path) -> None:
        number = scores(demo.run)["number"][0]
        run = again(demo.run, tmp_path, {"scores-account": lambda t: t.with_columns(number=pl.lit(number))})
        done = inside(demo.words("explain", number, "--run", run))
        assert done.code == 66
        assert "bear the number asked for" in done.err and number not in done.err

    def test_a_changed_byte_is_noticed(self, demo: Demo, tmp_path: Path) -> None:
        run = again(demo.run, tmp_path)
        content = bytearray((run / "scores-account.parquet").read_bytes())
        content[len(content) // 2] ^= 1
        (run / "scores-account.parquet").write_bytes(content)
        done = inside(demo.words("explain", self.first(demo)["entity_id"], "--run", run))
        assert done.code == 76
        assert "scores-account.parquet" in done.err

    def test_every_text_of_the_page_is_in_three_languages(self) -> None:
        texts = {key: told for key, told in catalogue().items() if key.startswith("explain.")}
        assert len(texts) > 20
        assert all(set(told) == set(LANGUAGES) for told in texts.values())
        for key, told in texts.items():
            places = [sorted(re.findall(r"{\w+}", told[language])) for language in LANGUAGES]
            assert places[0] == places[1] == places[2], key


class TestWhatIf:
    """What a commander asks."""

    def test_a_line_counts_what_is_above_it(self, demo: Demo) -> None:
        for words, keep in (
            (("--capacity", "0.05"), lambda t: t.head(ceil(t.height * 5 / 100))),
            (("--threshold", "0.1"), lambda t: t.filter(pl.col("probability") >= 0.1)),
        ):
            done = inside(demo.words("whatif", "--run", demo.run, *words, "--json"))
            assert done.code == 0, done.err
            found = json.loads(done.out)
            for row in found["kinds"]:
                kept = keep(scores(demo.run, row["kind"]))
                assert row["entries"] == kept.height
                assert row["expected_honest"] == pytest.approx((1 - kept["probability"]).sum(), abs=0.06)
            totals = {row["kind"]: row["entries"] for row in found["kinds"]}
            for part in ("institutions", "provinces"):
                kinds = totals if part == "provinces" else {k: n for k, n in totals.items() if k != "identity"}
                for kind, n in kinds.items():
                    assert sum(row["entries"] for row in found[part] if row["kind"] == kind) == n

    def test_people_are_the_holders_that_are_known(self, demo: Demo) -> None:
        nodes = pl.read_parquet(demo.run / "nodes.parquet")
        kept = scores(demo.run).head(100).join(nodes.select("entity_id", "holder"), on="entity_id")
        share = 100 / scores(demo.run).height
        row = next(r for r in what_if(demo.run, Line(capacity=round(share, 9)))["kinds"] if r["kind"] == "account")
        assert abs(row["people"] - kept["holder"].drop_nulls().n_unique()) <= 1

    def test_without_a_line_the_choices_stand_side_by_side(self, demo: Demo) -> None:
        found = what_if(demo.run, None)
        lines = {row["line"] for row in found["choices"]}
        assert {"as flagged", "capacity 1.00%", "capacity 2.00%", "capacity 4.00%"} <= lines
        for kind in demo.models:
            rows = {row["line"]: row["entries"] for row in found["choices"] if row["kind"] == kind}
            assert rows["as flagged"] == scores(demo.run, kind)["flagged"].sum()
            assert rows["capacity 1.00%"] <= rows["capacity 2.00%"] <= rows["capacity 4.00%"]
        done = inside(demo.words("whatif", "--run", demo.run))
        assert done.code == 0
        assert "as flagged" in done.out and "expected honest" in done.out

    def test_a_promised_level_is_that_of_the_model_or_nobody(self, demo: Demo, tmp_path: Path) -> None:
        promises = read_manifest(demo.run)["promises"]
        line = float(scores(demo.run)["raw"][4])
        made = [{"level": 0.2, "raw": line}, {"level": 0.4, "raw": None}, {"level": 0.7, "raw": None}]
        run = again(demo.run, tmp_path, promises={**promises, "account": {"made": made}})
        rows = {row["kind"]: row["entries"] for row in what_if(run, Line(precision=0.2))["kinds"]}
        assert rows["account"] == int((scores(demo.run)["raw"] >= line).sum())
        none = what_if(run, Line(precision=0.4))
        assert "account" in none["not_promised"]
        assert next(row for row in none["kinds"] if row["kind"] == "account")["entries"] == 0
        assert any(row["line"] == "precision 20% promised" for row in what_if(run, None)["choices"])

    @pytest.mark.parametrize(
        "words",
        [
            ("--capacity", "0.1", "--threshold", "0.2"),
            ("--capacity", "0"),
            ("--threshold", "1"),
            ("--precision", "0.5"),
        ],
    )
    def test_a_line_that_cannot_be_drawn_is_refused(self, demo: Demo, words: tuple[str, ...]) -> None:
        done = inside(demo.words("whatif", "--run", demo.run, *words))
        assert (done.code, done.out) == (78, "")
        assert done.err.count("\n") == 1


class TestDiff:
    """Why entries moved."""

    def moved(self, before: Path, after: Path) -> dict[str, Any]:
        found = diff_runs(before, after)
        json.dumps(found, default=str)
        return found

    def test_a_run_does_not_differ_from_itself(self, demo: Demo) -> None:
        found = self.moved(demo.run, demo.run)
        assert (found["changes"], found["moves"], found["by_cause"]) == ({}, [], {})

    def test_a_larger_capacity_is_the_threshold(self, demo: Demo, tmp_path: Path) -> None:
        flags = {"scores-account": lambda t: t.with_columns(flagged=pl.col("position") <= 60)}
        run = again(demo.run, tmp_path, flags, settings=with_settings(demo.run, capacity=0.04))
        found = self.moved(demo.run, run)
        assert found["changes"] == {"threshold": ["capacity 0.02 to 0.04"]}
        assert {(row["what"], *row["causes"]) for row in found["moves"]} == {("came", "threshold")}
        assert len(found["moves"]) == 60 - scores(demo.run)["flagged"].sum()
        done = inside(demo.words("diff", demo.run, run))
        assert done.code == 0
        assert "capacity 0.02 to 0.04" in done.out

    def test_another_model_moves_by_the_model(self, demo: Demo, tmp_path: Path) -> None:
        def other(table: pl.DataFrame) -> pl.DataFrame:
            return table.with_columns(raw=pl.col("raw") - 1.0, position=pl.len() + 1 - pl.col("position"))

        models = {**read_manifest(demo.run)["models"], "account": "other"}
        run = again(demo.run, tmp_path, {"scores-account": other}, models=models)
        found = self.moved(demo.run, run)
        assert found["changes"] == {"model": ["account"]}
        assert {tuple(row["causes"]) for row in found["moves"]} == {("model",)}
        assert {row["kind"] for row in found["moves"]} == {"account"}

    def test_new_rows_and_who_merely_was_passed(self, demo: Demo, tmp_path: Path) -> None:
        flagged = scores(demo.run).filter("flagged")
        last, first = flagged["entity_id"][-1], flagged["entity_id"][0]
        node = pl.read_parquet(demo.run / "nodes.parquet").filter(entity_id=last)["node"][0]

        def risen(table: pl.DataFrame) -> pl.DataFrame:
            top = float(table["raw"].max()) + 1.0
            raw = pl.when(pl.col("entity_id") == last).then(top).otherwise("raw")
            return table.with_columns(raw=raw).with_columns(position=pl.col("raw").rank("ordinal", descending=True))

        changes = {
            "scores-account": risen,
            "features-account": lambda t: t.with_columns(
                in_amount_all=pl.when(pl.col("node") == node)
                .then(pl.col("in_amount_all") + 1)
                .otherwise("in_amount_all")
            ),
        }
        inputs = read_manifest(demo.run)["inputs"]
        mine = [{**one, "sha256": "0"} if one["name"].startswith("transfers") else one for one in inputs]
        assert mine != inputs
        run = again(demo.run, tmp_path, changes, inputs=mine)
        causes = {row["entity_id"]: row["causes"] for row in self.moved(demo.run, run)["moves"]}
        assert causes[last] == ["data"]
        assert causes[first] == ["list"]

    def test_a_mapping_is_told_from_data_and_code_from_both(self, demo: Demo, tmp_path: Path) -> None:
        inputs = [
            {**o, "sha256": "0"} if o["name"].startswith("mapping.toml") else o
            for o in read_manifest(demo.run)["inputs"]
        ]
        run = again(demo.run, tmp_path, inputs=inputs, code="other", code_version="9")
        changes = self.moved(demo.run, run)["changes"]
        assert set(changes) == {"mapping", "code"}
        assert changes["mapping"] == ["mapping.toml 1"]

    @pytest.mark.parametrize("which", [0, 1])
    def test_an_unknown_run_is_one_sentence(self, demo: Demo, tmp_path: Path, which: int) -> None:
        runs = [demo.run, demo.run]
        runs[which] = tmp_path / "nowhere"
        done = inside(demo.words("diff", *runs))
        assert (done.code, done.out) == (66, "")
        assert done.err.count("\n") == 1


ROW = {
    "raw": 1.0, "raw_after": 1.0, "flagged": True, "flagged_after": True, "band": "a", "band_after": "a",
    "source": "model", "source_after": "model", "features": 0, "old_line": True,
}  # fmt: skip


@pytest.mark.parametrize(
    ("row", "changes", "causes"),
    [
        ({}, {"data": ["x"], "model": ["account"]}, ["list"]),
        ({"raw_after": 2.0, "features": 3}, {"data": ["x"]}, ["data"]),
        ({"raw_after": 2.0, "features": 3}, {"data": ["x"], "mapping": ["y"], "code": ["z"]}, ["data", "mapping", "code"]),
        ({"raw_after": 2.0, "features": 3}, {"settings": ["hub_degree"]}, ["settings"]),
        ({"raw_after": 2.0, "features": 3}, {"data": ["x"], "model": ["account"]}, ["data", "model"]),
        ({"raw_after": 2.0, "features": 3}, {"data": ["x"], "model": ["sim"]}, ["data"]),
        ({"raw_after": 2.0}, {"data": ["x"], "model": ["account"]}, ["model"]),
        ({"raw_after": 2.0}, {"code": ["z"]}, ["code"]),
        ({"raw_after": 2.0, "features": None}, {"data": ["x"]}, ["data"]),
        ({"flagged_after": False}, {"threshold": ["capacity"]}, ["threshold"]),
        ({"flagged_after": False, "old_line": False}, {"threshold": ["capacity"]}, ["list"]),
        ({"flagged_after": False, "old_line": False}, {"data": ["x"]}, ["list"]),
        ({"raw_after": 2.0, "features": 3, "flagged": False}, {"data": ["x"], "threshold": ["capacity"]}, ["data"]),
        (
            {"raw_after": 2.0, "features": 3, "flagged": False, "old_line": False},
            {"data": ["x"], "threshold": ["capacity"]},
            ["data", "threshold"],
        ),
        ({"band_after": "b"}, {"threshold": ["promises of account"]}, ["threshold"]),
        ({"source_after": "victim"}, {"data": ["x"]}, ["data"]),
        ({"source_after": "victim", "flagged_after": False}, {"data": ["x"], "threshold": ["c"]}, ["data", "threshold"]),
        ({"raw": None}, {"data": ["x"]}, ["data"]),
        ({"raw_after": None}, {}, ["code"]),
    ],
)  # fmt: skip
def test_causes_follow_from_what_changed_about_the_entry(
    row: dict[str, Any], changes: dict[str, list[str]], causes: list[str]
) -> None:
    found = causes_of({**ROW, **row}, "account", changes)
    assert found == causes
    assert set(found) <= set(CAUSES)
