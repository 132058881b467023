"""From a finished run to what reviewers are shown of it, and the command that opens the console."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from small_world import Demo, inside
from test_why import again, scores, with_settings

from fraudnet.contracts.board import TABLES
from fraudnet.contracts.progress import silent
from fraudnet.pipeline import Request, prepare_review
from fraudnet.pipeline.batch.finished import finished
from fraudnet.pipeline.casework.board_shifts import shifts
from fraudnet.review.board import Board
from fraudnet.settings import Settings


@pytest.fixture(scope="module")
def board(demo: Demo) -> Board:
    return prepare_review(demo.run, Request((demo.drop,)), Settings(home=demo.home), silent, 40)


def test_everything_scored_is_there_and_every_flag_is_in_the_queue(demo: Demo, board: Board) -> None:
    scores = pl.concat(
        [pl.read_parquet(demo.run / f"scores-{kind}.parquet") for kind in ("account", "sim", "identity")]
    )
    assert set(board.items["entity_id"]) == set(scores["entity_id"])
    assert set(board.queue["entity_id"]) >= set(scores.filter("flagged")["entity_id"])
    assert board.items["node"].is_unique().all()
    for name, schema in TABLES.items():
        assert schema.is_valid(board.tables[name]), name
    assert board.facts.per_day == 40 and board.facts.without == ()


def test_evidence_is_about_the_queue_and_before_the_cut_off(board: Board) -> None:
    queue = set(board.queue["node"])
    for name in ("moves", "contacts", "happenings"):
        frame = board.tables[name]
        assert frame.height and set(frame["node"]) <= queue
        assert frame["at"].max() < board.facts.as_of
    assert set(board.tables["ties"]["node"]) <= queue
    flagged = set(board.items.filter("flagged")["node"])
    assert set(board.tables["reasons"]["node"]) <= flagged == set(board.tables["support"]["node"])


def test_holders_are_named_and_their_records_stand_beside(board: Board) -> None:
    accounts = board.items.filter(pl.col("kind") == "account")
    assert accounts["holder_name"].null_count() < accounts.height / 2
    holders = set(board.tables["records"]["holder"])
    assert set(board.queue["holder"].drop_nulls()) & holders


def test_a_second_start_reads_what_the_first_made(demo: Demo, board: Board) -> None:
    again = prepare_review(demo.run, Request((demo.drop,)), Settings(home=demo.home), silent, 40)
    assert again.items.equals(board.items) and again.facts == board.facts


def test_without_drops_what_is_missing_is_named(demo: Demo) -> None:
    bare = prepare_review(demo.run, Request(()), Settings(home=demo.home), silent)
    assert bare.facts.without == ("transfers", "cash", "calls")
    assert not bare.tables["moves"].height and bare.queue.height


def test_why_an_item_moved_is_what_diff_says(demo: Demo, board: Board, tmp_path: Path) -> None:
    flags = {"scores-account": lambda t: t.with_columns(flagged=pl.col("position") <= 60)}
    later = finished(again(demo.run, tmp_path, flags, settings=with_settings(demo.run, capacity=0.04)))
    found = shifts(later, demo.run, board.items)
    assert found.height == 60 - scores(demo.run)["flagged"].sum()
    assert set(found["what"]) == {"came"} and found["causes"].explode().unique().to_list() == ["threshold"]
    old = dict(scores(demo.run).select("entity_id", pl.col("band").cast(pl.String)).iter_rows())
    node_of = {node: name for name, node in board.items.select("entity_id", "node").iter_rows()}
    assert all(old[node_of[node]] == band for node, band in found.select("node", "band_before").iter_rows())
    assert shifts(later, None, board.items).is_empty() and shifts(later, tmp_path / "gone", board.items).is_empty()


def test_the_command_makes_the_first_account_once(demo: Demo, tmp_path: Path) -> None:
    words = demo.words("console", demo.run, "--prepare", home=tmp_path)
    first, second = inside(words), inside(words)
    assert first.code == second.code == 0, first.err
    assert "one-time password" in first.out and "one-time password" not in second.out
    assert "items in the queue" in second.out
    off = inside(demo.words("console", demo.run, "--host", "0.0.0.0", home=tmp_path))
    assert off.code == 78 and "TLS" in off.err
