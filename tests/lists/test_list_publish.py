"""All packages or none, each institution its own, and nothing outside the folder."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import list_examples as made
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from children import unwatched
from fraudnet.contracts.results import ListEntry
from fraudnet.errors import ConfigurationError, ListRefusedError, WriteFailedError
from fraudnet.lists import folder as folder_module
from fraudnet.lists import verify
from fraudnet.lists.folder import folder_names
from fraudnet.lists.formats import FORMATS, list_formats, simo_002, working_csv
from fraudnet.lists.formats.simo_002 import previous_month
from fraudnet.lists.publish import Manner, publish, summary


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def out(folder: Path, **changes: object) -> pl.DataFrame:
    given = {
        "entries": made.entries(),
        "institutions": made.INSTITUTIONS,
        "folder": folder,
        "list_date": made.LIST_DATE,
    }
    return publish(**{**given, **changes})


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lists as they are published when nothing is wrong; copy them before you change them."""
    folder = tmp_path_factory.mktemp("sent") / "lists"
    out(folder)
    return folder


def moved(entries: pl.DataFrame, **columns: object) -> pl.DataFrame:
    return ListEntry.validate(entries.with_columns(**columns), cast=True)


def test_registry_equals_the_folder():
    folder = Path(working_csv.__file__).parent
    assert sorted(FORMATS) == sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")
    assert [form.name for form in list_formats()] == list(FORMATS)
    assert len({form.file for form in list_formats()}) == len(FORMATS)


def test_an_unknown_format_is_named():
    with pytest.raises(ConfigurationError, match=r"nonsense.*expected some of working_csv"):
        list_formats(("nonsense",))


def test_every_file_is_named_with_its_digest(tmp_path: Path):
    files = out(tmp_path / "lists")
    assert sorted(files["file"]) == sorted(tree(tmp_path / "lists"))
    for name, size, digest in files.select("file", "bytes", "sha256").iter_rows():
        content = (tmp_path / "lists" / name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (size, digest)
    for sums in (tmp_path / "lists").glob("*/SHA256SUMS"):
        told = dict(line.split("  ")[::-1] for line in sums.read_text().splitlines())
        assert told == {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sums.parent.iterdir() if p != sums}


def test_each_kind_of_institution_gets_its_formats(tmp_path: Path):
    formats = out(tmp_path / "lists").drop_nulls("format").group_by("institution").agg(pl.col("format").unique().sort())
    got = dict(formats.iter_rows())
    everybody = ["json_lines", "parquet", "working_csv", "working_xlsx"]
    assert got == {
        "bank_north": sorted([*everybody, "simo_002"]), "bank_south": sorted([*everybody, "simo_002"]),
        "operator_one": everybody, "purse": everybody,
    }  # fmt: skip


def test_an_institution_that_no_table_names_gets_what_everybody_gets(tmp_path: Path):
    files = out(tmp_path / "lists", institutions=made.INSTITUTIONS.clear())
    assert set(files["format"].drop_nulls()) == set(FORMATS) - {"simo_002"}


def test_no_number_of_another_institution_appears(tmp_path: Path):
    out(tmp_path / "lists")
    numbers = made.entries().select("institution", "number")
    for own in numbers["institution"].unique():
        for name, content in tree(tmp_path / "lists" / own).items():
            if not name.endswith((".xlsx", ".parquet")):
                strange = numbers.filter(pl.col("institution") != own)["number"]
                assert [number for number in strange if number.encode() in content] == []
        for form in list_formats(("working_xlsx", "parquet")):
            mine = numbers.filter(pl.col("institution") == own)["number"]
            assert sorted(form.read(tmp_path / "lists" / own / form.file)["number"]) == sorted(mine)


def test_two_publications_are_equal_to_the_byte_and_leave_nothing_else(tmp_path: Path):
    first = out(tmp_path / "lists")
    before = tree(tmp_path / "lists")
    assert out(tmp_path / "lists", entries=made.entries().reverse()).equals(first)
    assert tree(tmp_path / "lists") == before
    assert [path.name for path in tmp_path.iterdir()] == ["lists"]


def test_another_time_zone_and_hash_seed_change_no_byte(tmp_path: Path):
    out(tmp_path / "lists")
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\nimport list_examples as m\nfrom pathlib import Path\nfrom fraudnet.lists.publish import Manner, publish\npublish(m.entries(), m.INSTITUTIONS, Path({str(tmp_path / 'other')!r}), m.LIST_DATE)"
    environment = unwatched(TZ="America/Lima", PYTHONHASHSEED="77", LC_ALL="C", POLARS_MAX_THREADS="2")
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert tree(tmp_path / "other") == tree(tmp_path / "lists")


def test_an_empty_list_is_an_empty_folder(tmp_path: Path):
    assert out(tmp_path / "lists", entries=ListEntry.create_empty()).height == 0
    assert list((tmp_path / "lists").iterdir()) == []


@pytest.mark.parametrize("name", ["working_csv", "working_xlsx"])
def test_every_file_for_people_says_what_it_is_and_how_many_honest_people_stand_on_it(name: str, tmp_path: Path):
    out(tmp_path / "lists", manner=Manner("en"))
    (form,) = list_formats((name,))
    lines = sys.modules[f"fraudnet.lists.formats.{name}"]._raw(tmp_path / "lists" / "bank_north" / form.file)[0]
    assert lines[0] == "This list only orders work for human review; it is not a finding about anybody."
    assert lines[1] == "Of 2 entries, about 1.1 are expected to be honest people's."
    for fact in ("Ngân hàng Phương Bắc", "05/10/2026", "01/10/2026 00:00", made.MODEL, "Entries: 2"):
        assert fact in lines[2]


def test_summary_counts_the_expected_honest():
    told = {row[:2]: row[2:] for row in summary(made.entries()).iter_rows()}
    assert told[("bank_north", "account")] == (2, pytest.approx(0.38 + 0.75))
    assert told[("operator_one", "sim")] == (1, 0.625)
    assert summary(made.entries().reverse()).equals(summary(made.entries()))


class TestRefused:
    """One wrong row anywhere, and nobody gets anything."""

    @pytest.fixture(autouse=True)
    def sent_before(self, sent: Path, tmp_path: Path) -> None:
        shutil.copytree(sent, tmp_path / "lists")

    def refused(self, folder: Path, **changes: object) -> str:
        before = tree(folder)
        with pytest.raises(ListRefusedError) as caught:
            out(folder / "lists", **changes)
        assert caught.value.exit_code == 13
        assert tree(folder) == before
        assert [path.name for path in folder.iterdir()] == ["lists"]
        return str(caught.value)

    def test_one_account_twice(self, tmp_path: Path):
        twice = ListEntry.validate(pl.concat([made.entries(), made.entries().head(1)]))
        assert "2 rows that share theirs" in self.refused(tmp_path, entries=twice)

    def test_two_kinds_of_one_institution(self, tmp_path: Path):
        both = pl.concat([made.INSTITUTIONS, made.INSTITUTIONS.with_columns(kind=pl.lit("wallet"))])
        assert "two kinds for bank_north" in self.refused(tmp_path, institutions=both)

    def test_a_kind_that_no_format_is_made_for(self, tmp_path: Path):
        other = made.INSTITUTIONS.with_columns(kind=pl.lit("Bank"))
        assert "another for bank_north, expected bank, wallet, operator, exchange" in self.refused(
            tmp_path, institutions=other
        )

    def test_a_note_too_long_and_a_number_that_is_blank_are_named_together(self, tmp_path: Path):
        worse = moved(made.entries(), note=pl.lit("x" * 501), number=pl.lit(" "))
        told = self.refused(tmp_path, entries=worse)
        assert "note_fits" in told
        assert "number_present" in told

    @pytest.mark.parametrize("code", [0, 4, 5])
    def test_a_code_that_no_list_from_here_carries(self, tmp_path: Path, code: int):
        told = self.refused(
            tmp_path, entries=moved(made.entries(), code=pl.when(pl.col("code").is_not_null()).then(code))
        )
        assert "bank_north/simo_002-0001.json, NghiNgo" in told
        assert "bank_south/simo_002-0001.json, NghiNgo" in told

    def test_an_account_number_longer_than_its_field(self, tmp_path: Path):
        told = self.refused(tmp_path, entries=moved(made.entries(), number=pl.lit("9" * 37)))
        assert "text of 37 digits, expected at most 36 characters" in told
        assert "9" * 10 not in told

    def test_another_institutions_number_in_a_note(self, tmp_path: Path):
        told = self.refused(tmp_path, entries=moved(made.entries(), note=pl.lit("Chuyển đến 19001234567890 hai lần.")))
        for file in ("bank_north/working.csv", "bank_north/working.xlsx", "operator_one/entries.jsonl"):
            assert f"{file}, number: got a number of another institution" in told
        assert "bank_south/" not in told
        assert "19001234567890" not in told

    @pytest.mark.parametrize("name", FORMATS)
    def test_a_writer_that_slips_in_another_row(self, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch):
        self._tampered(
            monkeypatch,
            name,
            lambda entries: ListEntry.validate(
                pl.concat([entries, moved(entries.head(1), number=pl.lit("777"), entity_id=pl.lit("account:x:777"))])
            ),
        )
        assert "1 of them not on this list" in self.refused(tmp_path, formats=FORMATS)

    @pytest.mark.parametrize("name", FORMATS)
    def test_a_writer_that_loses_a_row(self, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch):
        self._tampered(monkeypatch, name, lambda entries: entries.slice(1))
        assert "bank_north/" in self.refused(tmp_path, formats=FORMATS)

    def _tampered(
        self, monkeypatch: pytest.MonkeyPatch, name: str, change: Callable[[pl.DataFrame], pl.DataFrame]
    ) -> None:
        """Exchange the writer after the honest publication."""
        import fraudnet.lists.publish as module

        def load(names: tuple[str, ...]) -> list[object]:
            return [self._changed(form, change) if form.name == name else form for form in list_formats(names)]

        monkeypatch.setattr(module, "list_formats", load)

    def _changed(self, form: object, change: Callable[[pl.DataFrame], pl.DataFrame]) -> object:
        from dataclasses import replace

        write = form.write  # type: ignore[attr-defined]  # a list format
        return replace(form, write=lambda entries, path, header: write(change(entries), path, header))  # type: ignore[type-var]


class TestSameNumberAtTwoInstitutions:
    """Numbers are unique inside an institution only, so an equal number elsewhere is no leak."""

    def test_published(self, tmp_path: Path):
        both = moved(made.entries(), number=pl.lit("84911112222"), note=pl.lit("Số 84911112222."))
        distinct = both.unique("institution")
        assert out(tmp_path / "lists", entries=ListEntry.validate(distinct))["institution"].n_unique() == 4

    def test_a_recipients_own_name_for_a_holder_may_hold_any_digits(self, tmp_path: Path):
        named = moved(made.entries(), holder_name=pl.lit("Shop 19001234567890"))
        assert out(tmp_path / "lists", entries=named).height > 0


class TestNames:
    """T10: keys of institutions are text from outside and never leave the folder."""

    HOSTILE = ("../../up", "/etc/passwd", "a\x00b", "CON", "nul", "com1", "..", ".", "", " ", "a/b", "a\\b", "C:\\x", "x" * 300,
               "-rf", "~root", "ngân hàng", "bank", "BANK", "SHA256SUMS.", "lists\n", "aux.txt", "\u202ebank")  # fmt: skip

    def test_nothing_is_written_outside(self, tmp_path: Path):
        base = made.entries().head(1)
        rows = [
            moved(base, institution=pl.lit(key), entity_id=pl.lit(f"account::{n}"))
            for n, key in enumerate(self.HOSTILE)
        ]
        (tmp_path / "deep" / "er").mkdir(parents=True)
        files = out(tmp_path / "deep" / "er" / "lists", entries=ListEntry.validate(pl.concat(rows)))
        assert files["institution"].n_unique() == len(self.HOSTILE)
        assert [path.name for path in tmp_path.iterdir()] == ["deep"]
        assert [path.name for path in (tmp_path / "deep" / "er").iterdir()] == ["lists"]
        folders = [path.name for path in (tmp_path / "deep" / "er" / "lists").iterdir()]
        assert len({name.casefold() for name in folders}) == len(self.HOSTILE)
        assert all(path.is_dir() and not path.is_symlink() for path in (tmp_path / "deep" / "er" / "lists").iterdir())

    @given(st.sets(st.text(max_size=60), max_size=12))
    def test_names_are_plain_and_never_meet(self, keys: set[str]):
        names = folder_names(keys)
        assert len({name.casefold() for name in names.values()}) == len(keys)
        for name in names.values():
            assert name.replace("-", "").replace("_", "").isascii()
            assert len(name) <= 60
            assert not {"/", "\\", ".", "\x00"} & set(name)

    @pytest.mark.parametrize("key", ["CON", "prn", "Aux", "NUL", "com1", "LPT9"])
    def test_names_that_windows_keeps_for_itself(self, key: str):
        assert folder_names([key])[key].startswith(f"{key}___")

    def test_plain_keys_stay_as_they_are(self):
        assert folder_names(["970436", "bank_north"]) == {"970436": "970436", "bank_north": "bank_north"}


class TestForeignFolders:
    """Only an earlier publication is ever replaced."""

    def test_a_folder_with_other_things(self, tmp_path: Path):
        (tmp_path / "lists").mkdir()
        (tmp_path / "lists" / "thesis.txt").write_text("mine")
        with pytest.raises(WriteFailedError, match="holds something else than lists"):
            out(tmp_path / "lists")
        assert tree(tmp_path) == {"lists/thesis.txt": b"mine"}

    def test_a_file_or_a_link(self, tmp_path: Path):
        (tmp_path / "file").write_text("mine")
        (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
        for name in ("file", "link"):
            with pytest.raises(WriteFailedError, match="holds something else than lists"):
                out(tmp_path / name)
        assert not (tmp_path / "elsewhere").exists()

    def test_an_empty_folder_and_a_leftover_of_a_killed_run(self, tmp_path: Path):
        (tmp_path / "lists").mkdir()
        (tmp_path / ".partial-lists").mkdir()
        (tmp_path / ".partial-lists" / "half.csv").write_text("half")
        out(tmp_path / "lists")
        assert [path.name for path in tmp_path.iterdir()] == ["lists"]
        assert "half.csv" not in tree(tmp_path / "lists")


class DiskFailsAt:
    """Every call that changes the disk counts; the n-th one fails."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fail_at: int) -> None:
        self.calls, self.fail_at = 0, fail_at
        monkeypatch.setattr(os, "fsync", self.counted(lambda handle: None))
        for owner, name in ((Path, "replace"), (Path, "rename"), (Path, "write_bytes"), (Path, "mkdir")):
            monkeypatch.setattr(owner, name, self.counted(getattr(owner, name)))
        monkeypatch.setattr(folder_module, "_exchange", self.counted(folder_module._exchange))

    def counted(self, real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            self.calls += 1
            if self.calls == self.fail_at:
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(*arguments, **named)

        return call


def small() -> dict[str, object]:
    bank = made.entries().filter(pl.col("institution") == "bank_north")
    return {"entries": ListEntry.validate(bank), "formats": ("working_csv",)}


@pytest.mark.parametrize(("exchange", "standing"), [(True, True), (False, True), (True, False)])
def test_whichever_write_fails_the_old_state_stands(tmp_path: Path, exchange: bool, standing: bool):
    """T3: fail at the 1st, 2nd, ... n-th operation until the run succeeds."""
    home = tmp_path / "home"
    home.mkdir()
    if standing:
        out(home / "lists", **small(), list_date=date(2026, 9, 5))
    before = tree(home)
    for fail_at in range(1, 200):
        with pytest.MonkeyPatch.context() as patch:
            if not exchange:
                patch.setattr(sys, "platform", "darwin")
            disk = DiskFailsAt(patch, fail_at)
            try:
                out(home / "lists", **small())
            except WriteFailedError as error:
                assert error.exit_code == 74
                assert "No space left" in str(error)
            else:
                assert disk.calls < fail_at
                break
        assert tree(home) == before
        assert sorted(path.name for path in home.iterdir()) == (["lists"] if standing else [])
    assert fail_at > 12
    assert tree(home) != before


def test_no_moment_without_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Between two file operations of a replacement there is always a whole folder at the name."""
    if sys.platform != "linux":
        monkeypatch.setattr(folder_module, "_exchange", folder_module._exchange_in_three)
    out(tmp_path / "lists", **small())
    seen: list[bool] = []
    real = os.fsync
    monkeypatch.setattr(
        os,
        "fsync",
        lambda handle: (seen.append((tmp_path / "lists" / "bank_north" / "SHA256SUMS").is_file()), real(handle))[1],
    )
    out(tmp_path / "lists", **small(), list_date=date(2026, 11, 1))
    assert len(seen) > 7
    assert all(seen)


class TestSimo:
    """The draft of the bank's own report."""

    def test_at_most_ten_thousand_records_a_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        assert simo_002.BATCH == 10_000
        monkeypatch.setattr(simo_002, "BATCH", 100)
        one = made.entries().filter(pl.col("number") == "00710001112223").drop("number", "entity_id")
        many = one.join(pl.DataFrame({"n": range(201)}), how="cross").with_columns(
            number=pl.format("{}", pl.col("n") + 10**10),
            entity_id=pl.format("account:bank_north:{}", pl.col("n") + 10**10),
        )
        files = out(
            tmp_path / "lists", entries=ListEntry.validate(many.select(ListEntry.column_names())), formats=("simo_002",)
        )
        counted = files.drop_nulls("format").select("file", "entries").rows()
        assert counted == [(f"bank_north/simo_002-000{n}.json", rows) for n, rows in ((1, 100), (2, 100), (3, 1))]
        told = json.loads((tmp_path / "lists/bank_north/simo_002-header.json").read_text())
        assert [batch["records"] for batch in told] == [100, 100, 1]
        assert len({batch["maYeuCau"] for batch in told}) == 3

    @pytest.mark.parametrize(
        ("day", "month"),
        [(date(2026, 1, 10), "12/2025"), (date(2026, 3, 31), "02/2026"), (date(2028, 3, 1), "02/2028")],
    )
    def test_period_is_the_month_before(self, day: date, month: str):
        assert previous_month(day) == month

    def test_a_name_that_does_not_fit_is_left_to_the_bank(self, tmp_path: Path):
        out(tmp_path / "lists", entries=moved(made.entries(), holder_name=pl.lit("A" * 151), cif=pl.lit("C" * 37)))
        (record,) = json.loads((tmp_path / "lists/bank_north/simo_002-0001.json").read_text())
        assert (record["TenKhachHang"], record["Cif"]) == ("", "")

    def test_sims_of_a_bank_stay_out(self, tmp_path: Path):
        both = moved(made.entries(), institution=pl.lit("bank_north"))
        files = out(tmp_path / "lists", entries=both).filter(format="simo_002")
        assert files["entries"].sum() == 4


def test_short_numbers_are_no_evidence_in_a_text():
    table = pl.DataFrame({"note": ["12 lần trong 12345678 giây, 123456789 đồng"], "reasons": [["a", "b"]]})
    assert not verify.names_any(table, verify.telling(pl.Series(["12", "12345678"]), pl.Series([], dtype=pl.String)))
    assert verify.names_any(table, verify.telling(pl.Series(["123456789"]), pl.Series([], dtype=pl.String)))
    assert not verify.names_any(table, verify.telling(pl.Series(["123456789"]), pl.Series(["123456789"])))


def test_cut_off_of_the_header_is_local_time(tmp_path: Path):
    late = moved(made.entries(), as_of=pl.lit(datetime(2026, 12, 31, 20, 30, tzinfo=UTC)))
    out(tmp_path / "lists", entries=late, manner=Manner("fr"))
    assert "Données jusqu'au : 01/01/2027 03:30" in (tmp_path / "lists/purse/working.csv").read_text("utf-8-sig")
