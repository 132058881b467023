"""What docs/performance.md says of years of a whole province."""

from __future__ import annotations

from typing import Any

from run import RESULTS

RESULT = RESULTS / "long.json"
LIMIT_MB = 20 * 1024  # asked for at 100 million transfers


def section(result: dict[str, Any]) -> list[str]:
    """What docs/performance.md says of it."""
    rows, score_row = result["rows"], result["parts"]["score"]
    lines = [
        "## Years of a province", "",
        f"As many transfers as people make in years, not in months: {result['people']:,} people, {result['days']:,} "
        f"days, about {result['transfers'] / 1e6:.0f} million transfers in {rows['transfers']:,} rows, "
        f"{rows['calls']:,} rows of calls. The command ended after "
        f"{score_row['cpu_seconds']:,.0f} CPU-seconds ({score_row['seconds']:,.0f} s by the clock) and held "
        f"{result['memory_mb']:,} MB at most; asked for at 100,000,000 transfers: {LIMIT_MB:,} MB.", "",
        "| stage | CPU-seconds | seconds | most memory, MB |", "|---|---|---|---|",
    ]  # fmt: skip
    for stage, row in sorted(result["parts"].items(), key=lambda one: -one[1]["cpu_seconds"]):
        if stage != "score":
            most = result["most_mb"].get(stage)
            held = "" if most is None else f"{most:,}"
            lines.append(f"| {stage} | {row['cpu_seconds']:,.1f} | {row['seconds']:,.1f} | {held} |")
    load = f"load of the machine when it began {result['load']:.1f}"
    return [*lines, "", f"`{result['command']}`, commit {result['commit']}, {result['machine']}; {load}."]
