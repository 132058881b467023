"""The tests of trust in models, and the figures that they tell."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from run import ROOT

TESTS = (
    "tests/model/test_poison.py", "tests/model/test_evasion.py", "tests/pipeline/test_hiding.py",
    "tests/model/test_membership.py", "tests/model/test_signed.py", "tests/model/test_thresholds.py",
)  # fmt: skip


def trusted(place: Path) -> list[dict[str, str]]:
    """Every figure that a passed test told about a row of the trust table: row, figure, test. Stops when one fails."""
    place.mkdir(parents=True, exist_ok=True)
    report = place / "trust.xml"
    words = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", f"--junitxml={report}"]
    done = subprocess.run([*words, "-o", "junit_family=xunit1", *TESTS], cwd=ROOT, check=False)
    if done.returncode:
        raise SystemExit("a test of trust fails; no page is written")
    found = [
        {"row": str(told.get("name")), "figure": str(told.get("value")), "test": str(case.get("file"))}
        for case in ElementTree.parse(report).iter("testcase")  # written by the tests above
        for told in case.iter("property")
    ]
    return sorted(found, key=lambda row: (row["row"], row["test"]))
