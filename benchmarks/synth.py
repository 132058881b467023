"""Write whole worlds of the named sizes by the ordinary command: time, memory and rows; write synth.json."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from run import RESULTS, commit, machine

RESULT = RESULTS / "synth.json"
# Asked of `size` on two cores.
MOST_MINUTES, MOST_MB = 15, 8_192
EVENTS = ("transfers", "calls", "cash", "account_events", "sim_events", "uses_accounts", "uses_sims")


def written(size: str, folder: Path) -> dict[str, Any]:
    """One world of a named size: what it holds and what its process used, its peak memory included."""
    command = [str(Path(sys.executable).with_name("fraudnet")), "--json", "--home", str(folder / "home"),
               "synth", str(folder / "world"), "--size", size]  # fmt: skip
    started = time.monotonic()
    with (folder / "told.json").open("w") as told, subprocess.Popen(command, stdout=told) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"fraudnet synth --size {size}: ended with code {process.returncode}")
    world = json.loads((folder / "told.json").read_text())
    drop = sum(p.stat().st_size for p in (folder / "world" / "drop").rglob("*") if p.is_file())
    return {
        "size": size, "people": world["people"], "months": world["months"], "days": world["days"],
        "rows": world["rows"], "events": sum(world["rows"][name] for name in EVENTS),
        "disk_mb": round(drop / 2**20), "wall_seconds": round(time.monotonic() - started),
        "cpu_seconds": round(used.ru_utime + used.ru_stime), "memory_mb": round(used.ru_maxrss / 1024),
        "commit": commit(), "machine": machine(), "load": round(os.getloadavg()[1], 1),
    }  # fmt: skip


def main() -> None:
    """Measure the sizes asked for, beside those that the result file has already."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", default=["figures", "size"])
    parser.add_argument("--work", type=Path, help="where to write the worlds for the time being")
    asked = parser.parse_args()
    before = json.loads(RESULT.read_text(encoding="utf-8"))["sizes"] if RESULT.exists() else []
    for size in asked.sizes:
        work = Path(tempfile.mkdtemp(dir=asked.work))
        try:
            made = written(size, work)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        before = sorted([row for row in before if row["size"] != size] + [made], key=lambda row: str(row["size"]))
        found = {"name": "synth", "most_minutes": MOST_MINUTES, "most_mb": MOST_MB, "sizes": before}
        RESULT.write_text(json.dumps({**found, "command": "make bench-synth"}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
