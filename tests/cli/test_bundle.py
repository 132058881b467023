"""The bundle for a machine without network: what it holds, and that a changed byte stops the installation."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def packed(folder: Path) -> Path:
    """A bundle with the script and one file, and the sums of both."""
    folder.mkdir()
    shutil.copy(ROOT / "packaging" / "install.sh", folder)
    (folder / "requirements.lock").write_text("# nothing\n")
    sums = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  ./{p.name}\n" for p in sorted(folder.iterdir())]
    (folder / "SHA256SUMS").write_text("".join(sums))
    return folder


def install(bundle: Path, into: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", bundle / "install.sh", into],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "PYTHON": "/bin/false"},
    )


def test_a_changed_byte_is_refused_before_anything_is_installed(tmp_path: Path) -> None:
    bundle = packed(tmp_path / "bundle")
    (bundle / "requirements.lock").write_text("# nothinG\n")
    done = install(bundle, tmp_path / "env")
    assert done.returncode == 76 and "copy the bundle again" in done.stderr
    assert not (tmp_path / "env").exists()


def test_an_old_python_is_named_after_the_sums_were_right(tmp_path: Path) -> None:
    done = install(packed(tmp_path / "bundle"), tmp_path / "env")
    assert done.returncode == 1 and "Python 3.11 or newer is needed" in done.stderr


def test_wheels_are_taken_by_digest_and_nothing_is_fetched() -> None:
    script = (ROOT / "packaging" / "install.sh").read_text()
    assert "--no-index" in script and "--require-hashes" in script
    assert "--require-hashes" in (ROOT / "packaging" / "bundle.sh").read_text()
