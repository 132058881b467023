from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest

from fraudnet.errors import IntegrityError, UntrustedModelError
from fraudnet.files import write_bytes
from fraudnet.model import portable
from fraudnet.model.portable import PARTS, SUMS, load, save, verify
from fraudnet.model.signed import SIGNATURE, refuse_untrusted, sign
from fraudnet.signing import PUBLIC_SIGN, SIGN, make_pair


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, str]:
    return tmp_path / "keys" / SIGN, make_pair(tmp_path / "keys")


@pytest.fixture
def folder(trained, tmp_path, keys) -> Path:
    made = save(trained, tmp_path / "account-both")
    sign(made, keys[0])
    return made


def test_a_signed_model_is_accepted_and_its_name_is_not_changed_by_it(trained, folder, keys, tmp_path):
    refuse_untrusted(folder, (keys[1],))
    other = save(trained, tmp_path / "unsigned")
    assert verify(folder) == verify(other) and load(folder).text == load(other).text
    assert {p.name for p in folder.iterdir()} == {*PARTS, SUMS, SIGNATURE}


def test_openssl_agrees(folder, keys):
    words = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", keys[0].with_name(PUBLIC_SIGN), "-rawin"]
    done = subprocess.run([*words, "-in", folder / SUMS, "-sigfile", folder / SIGNATURE], check=False)
    assert done.returncode == 0


def test_without_a_signature_or_by_another_key_it_is_refused(folder, keys, tmp_path):
    stranger = make_pair(tmp_path / "stranger")
    for trusted in ((), (stranger,)):
        with pytest.raises(UntrustedModelError, match="none of the"):
            refuse_untrusted(folder, trusted)
    refuse_untrusted(folder, (stranger, keys[1]))
    (folder / SIGNATURE).unlink()
    with pytest.raises(UntrustedModelError, match="has no"):
        refuse_untrusted(folder, (keys[1],))


def test_whatever_is_changed_it_is_refused_also_with_new_digests(folder, keys, record_property):
    """Three hundred flipped bits; half the attackers write fitting digests as well."""
    rng, refused = random.Random(7), 0
    files = [folder / name for name in (*PARTS, SUMS, SIGNATURE)]
    for turn in range(300):
        path = files[turn % len(files)]
        before, sums = path.read_bytes(), (folder / SUMS).read_bytes()
        place = rng.randrange(len(before))
        path.write_bytes(before[:place] + bytes([before[place] ^ (1 << rng.randrange(8))]) + before[place + 1 :])
        if turn % 2 and path.name in PARTS:
            write_bytes(folder / SUMS, portable._sums(folder))
        try:
            refuse_untrusted(folder, (keys[1],))
            verify(folder)
        except (UntrustedModelError, IntegrityError):
            refused += 1
        path.write_bytes(before)
        (folder / SUMS).write_bytes(sums)
    record_property("T23", f"{refused} of 300 models with one flipped bit refused, half of them with fitting digests")
    assert refused == 300
    refuse_untrusted(folder, (keys[1],))


def test_a_damaged_model_is_not_signed(folder, keys):
    (folder / SIGNATURE).unlink()
    (folder / "model.txt").write_text("tree\n", encoding="utf-8")
    with pytest.raises(IntegrityError):
        sign(folder, keys[0])
    assert not (folder / SIGNATURE).exists()
