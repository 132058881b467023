from __future__ import annotations

import polars as pl
import pytest

from fraudnet.identifiers import mac


@pytest.mark.parametrize(
    ("address", "plain", "made_up"),
    [
        ("DA:A1:19:00:00:01", "daa119000001", True),
        ("02-00-5e-00-00-01", "02005e000001", True),
        ("00:1A:2B:3C:4D:5E", "001a2b3c4d5e", False),
        ("001a.2b3c.4d5e", "001a2b3c4d5e", False),
        ("d", "d", False),
        (None, None, False),
    ],
)
def test_the_local_bit_tells_addresses_that_phones_make_up(address, plain, made_up):
    told = pl.DataFrame({"mac": [address]}, schema={"mac": pl.String}).select(mac.normalise(pl.col("mac")))
    assert told.item() == plain
    assert told.select(mac.is_randomised(pl.col("mac"))).item() == made_up
