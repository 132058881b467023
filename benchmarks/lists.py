"""How long selecting, writing, signing and encrypting 100,000 entries for 50 institutions takes."""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from fraudnet.contracts.progress import silent
from fraudnet.contracts.results import ListEntry, Support
from fraudnet.files import write_json, write_parquet
from fraudnet.lists.authority import Authority
from fraudnet.lists.exchange.keys import make_keys
from fraudnet.pipeline.exchange.keyring import confirm_keys, make_own_keys, offer_keys
from fraudnet.pipeline.exchange.packages import Order, pack_lists
from fraudnet.runs.manifest import write_manifest
from fraudnet.settings import Settings

RESULT = Path(__file__).parent / "results" / "lists.json"
AS_OF = datetime(2026, 9, 30, 17, tzinfo=UTC)
SENTENCES = [
    "Nhận tiền từ 14 người rồi chuyển đi 96 % trong 7 phút.",
    "31 người gửi lần đầu trong một ngày; thường thấy nhiều nhất 3.",
    "Một thiết bị dùng cho 9 tài khoản.",
    "40 % số lần nhận tiền vào ban đêm.",
]


def entries(count: int, institutions: int) -> pl.DataFrame:
    """Invented entries, evenly spread over the institutions."""
    n = pl.int_range(count, eager=False)
    spread = pl.select(n=n).with_columns(
        institution=pl.format("bank_{}", pl.col("n") % institutions),
        number=(710_000_000_000 + pl.col("n")).cast(pl.String),
    )
    reasons = pl.lit(SENTENCES, dtype=pl.List(pl.String))
    named = spread.with_columns(
        entity_id=pl.format("account:{}:{}", "institution", "number"), kind=pl.lit("account"),
        holder_name=pl.format("Trần Thị Bịa {}", "n"), holder_kind=pl.lit("person"), cif=pl.format("C{}", "n"),
        status=pl.lit(1, pl.Int8), code=pl.lit(3, pl.Int8), note=pl.lit(" ".join(SENTENCES)), reasons=reasons,
        probability=(pl.col("n") % 97) / 100, grade=pl.lit("D"), action=pl.lit("review"), source=pl.lit("model"),
        band=pl.lit("20_to_40"), position=pl.col("n") // institutions + 1, as_of=pl.lit(AS_OF),
        expires_on=pl.lit((AS_OF + timedelta(days=31)).date()), model=pl.lit("fraudnet-account-both/3"),
        hold=pl.when(pl.col("n") % 3 == 0).then(1_000_000 + pl.col("n")),
        references=pl.concat_list(pl.format("N{}", pl.col("n") * 4 + k) for k in range(4)),
    )  # fmt: skip
    types = {name: column.dtype for name, column in ListEntry.columns().items()}
    return named.select(ListEntry.column_names()).cast(types)


def run_folder(at: Path, count: int, institutions: int) -> Path:
    """A run folder as scoring leaves it, as far as lists read it."""
    table = entries(count, institutions)
    flags = pl.concat_str("entity_id", pl.lit(f"|{AS_OF:%Y-%m-%dT%H:%MZ}"))
    support = table.select(
        flag_id=flags,
        kind=pl.lit("own"),
        ref_id=pl.lit("m"),
        basis=pl.lit("model"),
        weight=pl.lit(0.3),
        known_at="as_of",
    )
    write_parquet(at / "list_entries.parquet", table)
    write_parquet(at / "support-account.parquet", support.cast({k: v.dtype for k, v in Support.columns().items()}))
    names = [f"bank_{n}" for n in range(institutions)]
    kinds = pl.DataFrame({"institution": names, "kind": ["bank"] * institutions, "name": names})
    write_parquet(at / "institutions.parquet", kinds)
    write_manifest(at, {"what": "run", "as_of": AS_OF.isoformat()})
    return at


def unit(home: Path, institutions: int) -> Settings:
    """A data directory that trusts keys of every institution."""
    chosen = Settings(home=home, actor="lead-1", list_cap=10**9)
    make_own_keys(chosen, "unit")
    for n in range(institutions):
        keys = make_keys(f"bank_{n}", home / "banks" / str(n))
        offer_keys(chosen, keys.folder / "public.json")
        for who in ("lead-1", "lead-2"):
            confirm_keys(chosen.model_copy(update={"actor": who}), keys.public.fingerprint)
    return chosen


def measured(count: int, institutions: int) -> dict[str, object]:
    """Seconds by the clock and of the processor for one packing, and what came out."""
    with tempfile.TemporaryDirectory() as scratch:
        chosen = unit(Path(scratch) / "home", institutions)
        run = run_folder(Path(scratch) / "run", count, institutions)
        load, begun, used = os.getloadavg()[0], time.monotonic(), cpu()
        authority = Authority("unit", "1", "2026-10-01", "law", "signer", "000")
        told = pack_lists(Order(authority, AS_OF + timedelta(hours=9), run), chosen, silent)
        wall, spent = time.monotonic() - begun, cpu() - used
        size = sum(Path(row["file"]).stat().st_size for row in told["packages"])
    return {
        "entries": sum(row["add"] for row in told["packages"]), "packages": len(told["packages"]), "bytes": size,
        "seconds": round(wall, 1), "cpu_seconds": round(spent, 1), "load_before": round(load, 2),
        "cores": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version(), "commit": commit(),
    }  # fmt: skip


def cpu() -> float:
    """Processor seconds of this process and its children."""
    parts = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in parts)


def commit() -> str:
    """The commit that was measured."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=RESULT.parent, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def main() -> None:
    """Measure, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--institutions", type=int, default=50)
    asked = parser.parse_args()
    found = measured(asked.entries, asked.institutions)
    print(json.dumps(found, indent=2))
    write_json(RESULT, found)


if __name__ == "__main__":
    main()
