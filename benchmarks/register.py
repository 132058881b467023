"""Two trainings that register at the same moment while MLflow's page is read: how often the database is locked.

`python benchmarks/register.py [ROUNDS]`: in every round two processes register a model of their own each, and a third
reads the page's list of runs all the time. Prints registrations, pages read, and how many of either failed.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROUNDS = 25
ROOT = Path(__file__).parents[1]
TRAINING = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from toy import SETTINGS, joined, part
from fraudnet.model.portable import save
from fraudnet.model.registry import register
from fraudnet.model.train import fit
from fraudnet.pipeline.training.model_keys import sign_trained
from fraudnet.settings import Settings
home, name, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
train = joined([part(0), part(1)])
model = fit(train.matrix, train.answers, SETTINGS, part(5)).with_facts(name=name, as_of="2025-06-01")
folder = save(model, home.parent / name)
sign_trained(folder, Settings(home=home))
for _ in range(rounds):
    register(home, folder, model.params, {{"average_precision": 0.5}}, {{"drop": "x"}})
    print(".", flush=True)
"""


def main() -> None:
    """Run the rounds and print what came of them."""
    from fraudnet.model.pages import pages

    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    code = TRAINING.format(tests=str(ROOT / "tests" / "model"))
    with tempfile.TemporaryDirectory() as place:
        home = Path(place) / "var"
        subprocess.run([sys.executable, "-c", code, str(home), "fraudnet-first-both", "1"], check=True)
        port = free_port()
        with pages(home, port):
            wait_for(port)
            names = ("fraudnet-account-both", "fraudnet-sim-both")
            began = time.monotonic()
            trainings = [
                subprocess.Popen(
                    [sys.executable, "-c", code, str(home), name, str(rounds)],
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                )
                for name in names
            ]  # fmt: skip
            read, refused = 0, 0
            while any(one.poll() is None for one in trainings):
                good = read_runs(port)
                read, refused = read + good, refused + (not good)
                time.sleep(0.2)
        told = [one.communicate() for one in trainings]
    made = sum(out.count(".") for out, _ in told)
    locked = sum(err.count("database is locked") for _, err in told)
    failed = 2 * rounds - made
    print(f"registered {made} of {2 * rounds}, {failed} failed, {locked} times 'database is locked'; "
          f"page read {read} times, {refused} times in vain; {time.monotonic() - began:.0f} s")  # fmt: skip
    if failed or locked or refused:
        sys.exit("\n".join(err[-2000:] for _, err in told) or 1)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def wait_for(port: int, seconds: float = 180) -> None:
    """Wait until the page answers."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if read_runs(port):
            return
        time.sleep(1)
    sys.exit("the page does not answer")


def read_runs(port: int) -> bool:
    """Whether the page tells its runs."""
    asked = json.dumps({"experiment_ids": ["1"], "max_results": 50}).encode()
    address = f"http://127.0.0.1:{port}/api/2.0/mlflow/runs/search"
    request = urllib.request.Request(address, asked, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    main()
