from __future__ import annotations

import polars as pl

from fraudnet.lists.apart import victims

SCORES = pl.DataFrame({"entity_id": ["a", "b", "c", "d", "e"], "flagged": [True, True, True, True, False]})
HITS = pl.DataFrame(
    [
        ("a", "taken_over_account", 0.9),
        ("b", "taken_over_account", 0.9),
        ("b", "pass_through", 1.0),
        ("c", "taken_over_account", 0.3),
        ("d", "taken_over_account", 0.8),
        ("d", "sim_swap", 0.8),
        ("e", "taken_over_account", 1.0),
    ],
    schema=["entity_id", "typology", "strength"],
    orient="row",
)


def test_only_a_clear_and_clearest_victim_is_kept_apart():
    assert victims(SCORES, HITS, ("taken_over_account",))["entity_id"].to_list() == ["a"]
    assert victims(SCORES, HITS.sample(fraction=1.0, shuffle=True, seed=2), ("taken_over_account",)).height == 1


def test_without_such_patterns_or_hits_nobody_is():
    assert victims(SCORES, HITS, ()).is_empty()
    assert victims(SCORES, HITS.clear(), ("taken_over_account",)).is_empty()
