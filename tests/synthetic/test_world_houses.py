from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from fraudnet.contracts.progress import silent
from fraudnet.identifiers import phone
from fraudnet.sources.read import read_drops
from fraudnet.synthetic import dirt
from fraudnet.synthetic.house_styles import STYLES, TABLES, everybodys
from fraudnet.synthetic.institutions import BANK_MESS, BANK_SHARES, BANKS, OPERATOR_MESS, OPERATOR_SHARES, OPERATORS


def test_phones_are_typed_in_many_ways_and_mean_the_same():
    rng = np.random.default_rng(3)
    ranges = np.array([int(r) for operator in OPERATORS for r in operator.ranges if len(r) == 2])
    number = pl.Series(rng.choice(ranges, 20_000) * 10**7 + rng.integers(0, 10**7, 20_000)).cast(pl.String)
    typed = dirt.phone_as_typed("0" + number, rng)
    for form, share in ((r"^\+84", 0.05), (r"^84", 0.05), (r"^0084", 0.01), (" ", 0.06)):
        assert typed.str.contains(form).mean() == pytest.approx(share, rel=0.25)
    assert (typed.str.contains("^01[0-9]{9}$")).mean() > 0.005
    frame = pl.DataFrame({"typed": typed, "meant": "84" + number})
    assert frame.select((phone.normalise(pl.col("typed")) == pl.col("meant")).all()).item()
    assert dirt.phone_as_typed("0" + number, rng, 0.0).equals("0" + number)


def test_institutions_are_as_messy_as_their_table_says_and_average_one(drop):
    assert pytest.approx(1, abs=0.02) == BANK_MESS @ BANK_SHARES
    assert pytest.approx(1, abs=0.02) == OPERATOR_MESS @ OPERATOR_SHARES
    files = everybodys(drop, "identities").filter(pl.col("NGUON_LOAI") == "NH")
    empty = files.filter(pl.col("MST").is_null()).group_by("TO_CHUC").agg(pl.col("SO_GIAY_TO").is_null().mean())
    share = dict(empty.iter_rows())
    messy, tidy = (next(b.bin for b in BANKS if b.name == name) for name in ("Agribank", "Techcombank"))
    assert share[messy] > 2 * share[tidy] > 0


def test_houses_with_headings_of_their_own_are_read_like_the_others(drop, tmp_path):
    delivered = {table: {p.stem for p in (drop / table).glob("*.csv")} for table in TABLES}
    assert set().union(*delivered.values()) == set(STYLES)
    header = (drop / "identities" / "970416.csv").read_text(encoding="utf-8").split("\n", 1)[0]
    assert "FULL_NAME" in header and "HO_TEN" not in header
    records = read_drops([drop], None, tmp_path / "cache", silent).records
    for table, code in (("accounts", "institution"), ("sims", "institution"), ("identities", "source")):
        listed = everybodys(drop, table).group_by(TABLES[table]).len()
        read = dict(records.table(table).group_by(pl.col(code).cast(pl.String)).len().collect().iter_rows())
        assert all(read[name] == pytest.approx(n, abs=8) for name, n in listed.iter_rows())
    people = records.table("identities").filter(pl.col("source").cast(pl.String) == "970416").collect()
    assert people["birth_date"].drop_nulls().dt.year().is_between(1930, 2026).all()
    assert set(people["sex"].drop_nulls()) == {0, 1}
