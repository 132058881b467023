"""What one side alone sees is what a drop of that side alone would hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_world import Demo

from fraudnet.contracts.progress import silent
from fraudnet.errors import ConfigurationError
from fraudnet.pipeline.champions import chosen_models
from fraudnet.pipeline.examples import view_of
from fraudnet.pipeline.request import Request
from fraudnet.pipeline.source import open_drops
from fraudnet.pipeline.views import compared, viewed
from fraudnet.settings import Settings


def test_a_view_holds_nothing_of_the_other_side(demo: Demo) -> None:
    source = open_drops(Request((demo.drop,)), Settings(home=demo.home), silent)
    bank, telco = viewed(source, "bank"), viewed(source, "telco")
    assert (view_of(source.records), view_of(bank.records), view_of(telco.records)) == ("both", "bank", "telco")
    assert len({source.digest, bank.digest, telco.digest}) == 3
    for view, prefix in ((bank, "sim:"), (telco, "account:")):
        for table in ("uses", "reports", "dispositions"):
            entities = view.records.table(table).select("entity").collect().to_series().drop_nulls()
            assert entities.len() > 0 and not entities.str.starts_with(prefix).any()
    assert viewed(source, "both") is source
    with pytest.raises(ConfigurationError, match="--view: got 'sea', expected bank, telco or both"):
        viewed(source, "sea")


def test_a_drop_of_one_side_is_not_given_the_model_of_both(demo: Demo, bank_drop: Path) -> None:
    settings = Settings(home=demo.home)
    request = Request((bank_drop,))
    chosen = chosen_models(open_drops(request, settings, silent), request, (), settings)
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
