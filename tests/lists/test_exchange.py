"""A package reaches its recipient whole, once, in order, and from the sender that it names; else it stays shut."""

from __future__ import annotations

import io
import os
import random
import stat
import subprocess
import sys
import warnings
import zipfile
from datetime import date
from pathlib import Path

import exchange_examples as made
import pyrage
import pytest
from pyrage import x25519

from fraudnet.errors import (
    ConfigurationError,
    ExpiredError,
    FraudnetError,
    InputError,
    OlderSequenceError,
    ReplayedError,
    SignatureMissingError,
    TamperedError,
    UnsafePackageError,
    WriteFailedError,
    WrongKeyError,
    WrongRecipientError,
)
from fraudnet.lists.exchange.keys import load_keys, load_public, make_keys
from fraudnet.lists.exchange.opening import open_package
from fraudnet.lists.exchange.package import complete, zipped

BANK = x25519.Recipient.from_str(made.keys("bank_north").public.age)


def inner(package: Path) -> bytes:
    return pyrage.decrypt(package.read_bytes(), [x25519.Identity.from_str(made.keys("bank_north").identity())])


def sealed(package: Path, content: bytes) -> Path:
    """Somebody who knows the bank's public key can always encrypt to it: the signature has to hold."""
    package.write_bytes(pyrage.encrypt(content, [BANK]))
    return package


def rebuilt(package: Path, change) -> Path:
    """The same archive with its members changed on the way."""
    with zipfile.ZipFile(io.BytesIO(inner(package))) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    change(members)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return sealed(package, out.getvalue())


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_a_package_opens_once_and_its_files_are_private(tmp_path):
    manifest, folder = open_package(made.packed(tmp_path), made.opener(), tmp_path / "in")
    assert (manifest.sender, manifest.sequence, folder.name) == ("unit", 1, manifest.list_id)
    assert (folder / "working.csv").read_text() == "number\n00710001112223\n"
    for path in [folder, *folder.iterdir()]:
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077


def test_the_inner_bytes_are_equal_and_the_envelope_never_is(tmp_path):
    one, other = made.packed(tmp_path / "a"), made.packed(tmp_path / "b")
    assert inner(one) == inner(other)
    assert one.read_bytes() != other.read_bytes()


def refusals(at: Path):
    """Every way a package can be wrong, and how it is refused."""
    good = made.packed(at / "good")
    cut = at / "cut.age"
    cut.write_bytes(good.read_bytes()[:-40])
    flipped = at / "flipped.age"
    flipped.write_bytes(good.read_bytes()[:-1] + bytes([good.read_bytes()[-1] ^ 1]))
    other = {"working.csv": b"number\n666\n"}
    yield "cut", cut, TamperedError
    yield "one bit flipped", flipped, TamperedError
    yield "no package", Path(__file__), TamperedError
    yield "no archive", sealed(at / "text.age", b"hello"), TamperedError
    yield "changed file", rebuilt(made.packed(at / "c"), lambda m: m.update(other)), TamperedError
    yield "added file", rebuilt(made.packed(at / "d"), lambda m: m.update({"run.exe": b"x"})), TamperedError
    yield "lost file", rebuilt(made.packed(at / "e"), lambda m: m.pop("working.csv")), TamperedError
    yield (
        "changed manifest",
        rebuilt(
            made.packed(at / "f"),
            lambda m: m.update({"manifest.json": m["manifest.json"].replace(b"2026-10-19", b"2036-10-19")}),
        ),
        TamperedError,
    )
    yield (
        "signature stripped",
        rebuilt(made.packed(at / "g"), lambda m: m.pop("manifest.json.sig")),
        SignatureMissingError,
    )
    yield (
        "signature emptied",
        rebuilt(made.packed(at / "h"), lambda m: m.update({"SHA256SUMS.sig": b""})),
        SignatureMissingError,
    )
    yield "another's key", made.packed(at / "i", made.keys("stranger")), WrongKeyError
    yield "another's key and name", made.packed(at / "j", made.keys("stranger"), sender="stranger"), WrongKeyError
    yield "for another", made.packed(at / "k", to="stranger", recipient="stranger"), WrongRecipientError
    yield "for another, passed on", made.packed(at / "l", recipient="stranger"), WrongRecipientError
    yield "expired", made.packed(at / "m", expires=date(2026, 10, 4)), ExpiredError
    yield "leading out", made.packed(at / "n", list_id="../../out"), TamperedError


def test_every_wrong_package_is_refused_in_its_own_way_and_leaves_nothing(tmp_path):
    (tmp_path / "in").mkdir()
    seen: dict[type[FraudnetError], set[int]] = {}
    for name, package, error in refusals(tmp_path / "made"):
        before = tree(tmp_path)
        with pytest.raises(error) as refused:
            open_package(package, made.opener(), tmp_path / "in")
        assert "00710001112223" not in str(refused.value), name
        assert tree(tmp_path) == before, name
        seen.setdefault(error, set()).add(refused.value.exit_code)
    codes = [code for found in seen.values() for code in found]
    assert len(codes) == len(set(codes)) == len(seen) == 5


def test_two_hundred_flipped_bits_are_refused(tmp_path):
    content = made.packed(tmp_path / "made").read_bytes()
    draw, refused = random.Random(4), 0
    for _ in range(200):
        spoiled = bytearray(content)
        spoiled[draw.randrange(len(spoiled))] ^= 1 << draw.randrange(8)
        (tmp_path / "spoiled.age").write_bytes(spoiled)
        try:
            open_package(tmp_path / "spoiled.age", made.opener(), tmp_path / "in")
        except (TamperedError, WrongRecipientError):
            refused += 1
    assert refused == 200


def test_replayed_and_older_packages_are_told_apart(tmp_path):
    first, third = made.packed(tmp_path, list_id="one"), made.packed(tmp_path, list_id="three", sequence=3)
    second = made.packed(tmp_path, list_id="two", sequence=2)
    open_package(first, made.opener(), tmp_path / "in")
    open_package(third, made.opener(), tmp_path / "in")
    with pytest.raises(ReplayedError, match="one"):
        open_package(first, made.opener(), tmp_path / "in")
    with pytest.raises(OlderSequenceError, match="number 2, and number 3"):
        open_package(second, made.opener(), tmp_path / "in")
    assert tree(tmp_path / "in") >= {"one", "three"} and not (tmp_path / "in" / "two").exists()


def test_every_way_to_be_wrong_has_a_code_of_its_own():
    kinds = (TamperedError, SignatureMissingError, WrongKeyError, WrongRecipientError, ReplayedError, OlderSequenceError,
             ExpiredError, UnsafePackageError)  # fmt: skip
    assert [kind.exit_code for kind in kinds] == list(range(20, 28))


def test_the_next_package_must_follow_the_one_that_was_opened(tmp_path):
    first, _ = open_package(made.packed(tmp_path, list_id="one"), made.opener(), tmp_path / "in")
    stranger = made.packed(tmp_path, list_id="two", sequence=2, previous="f" * 64)
    with pytest.raises(TamperedError, match="follows another list than number 1"):
        open_package(stranger, made.opener(), tmp_path / "in")
    assert not (tmp_path / "in" / "two").exists()
    open_package(
        made.packed(tmp_path, list_id="two", sequence=2, previous=first.digest), made.opener(), tmp_path / "in"
    )
    open_package(made.packed(tmp_path, list_id="five", sequence=5, previous="e" * 64), made.opener(), tmp_path / "in")
    restored = made.packed(tmp_path, list_id="six", sequence=6)
    assert open_package(restored, made.opener(), tmp_path / "in")[0].previous == ""


def test_a_list_that_a_killed_process_left_unremembered_opens_again(tmp_path):
    package = made.packed(tmp_path)
    _, folder = open_package(package, made.opener(), tmp_path / "in")
    (tmp_path / "in" / ".opened.json").unlink()
    (folder.with_name(f".in-{folder.name}")).mkdir()
    assert open_package(package, made.opener(), tmp_path / "in")[1] == folder
    assert not folder.with_name(f".in-{folder.name}").exists()


HOSTILE = ["../out", "/tmp/out", "a/../../out", "..\\out", "C:out", "con.txt", "a\0b", "a/b", ".opened.json", "x.", ""]


def test_no_name_leads_out_of_the_folder(tmp_path):
    (tmp_path / "in").mkdir()
    for name in HOSTILE:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            info = zipfile.ZipInfo("placeholder")
            info.filename = name
            archive.writestr(info, b"x")
        package = sealed(tmp_path / "hostile.age", out.getvalue())
        before = tree(tmp_path)
        with pytest.raises((UnsafePackageError, TamperedError)):
            open_package(package, made.opener(), tmp_path / "in")
        assert tree(tmp_path) == before, name


def test_a_link_and_a_hidden_second_file_are_refused(tmp_path):
    for names, mode in ((["link"], 0o120777), (["A.csv", "a.csv"], 0o100600)):
        out = io.BytesIO()
        with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as archive:
            for name in names:
                info = zipfile.ZipInfo(name)
                info.external_attr = mode << 16
                archive.writestr(info, b"/etc/passwd")
        with pytest.raises(UnsafePackageError):
            open_package(sealed(tmp_path / "hostile.age", out.getvalue()), made.opener(), tmp_path / "in")


BOMB = """
import io, sys, tracemalloc, zipfile
sys.path.insert(0, {here!r})
from pathlib import Path
import exchange_examples as made, pyrage
from pyrage import x25519
from fraudnet.errors import UnsafePackageError
from fraudnet.lists.exchange.opening import open_package
folder, highest = Path({folder!r}), 0
for kind in ("manifest.json", "big.csv", "members"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(1_001 if kind == "members" else 0):
            archive.writestr(f"f{{n}}", b"")
        if kind != "members":
            with archive.open(kind, "w", force_zip64=True) as stream:
                for _ in range(200):
                    stream.write(bytes(1 << 20))
    package = folder / "bomb.age"
    bank = x25519.Recipient.from_str(made.keys("bank_north").public.age)
    package.write_bytes(pyrage.encrypt(out.getvalue(), [bank]))
    tracemalloc.start()  # what the system counts would differ from machine to machine
    try:
        open_package(package, made.opener(), folder / "in")
    except UnsafePackageError:
        print("refused", kind)
    highest = max(highest, tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
print(highest >> 20)
"""


def test_bombs_are_refused_before_they_unfold(tmp_path):
    program = BOMB.format(here=str(Path(__file__).parent), folder=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    *refused, mebibytes = done.stdout.splitlines()
    assert refused == ["refused manifest.json", "refused big.csv", "refused members"], done.stderr
    assert int(mebibytes) < 50
    assert tree(tmp_path) == {"bomb.age"}


def test_public_tools_alone_decrypt_and_verify(tmp_path):
    package, bank, unit = made.packed(tmp_path), made.keys("bank_north").folder, made.keys("unit").folder
    subprocess.run(["age", "-d", "-i", bank / "age.txt", "-o", tmp_path / "list.zip", package], check=True)
    with zipfile.ZipFile(tmp_path / "list.zip") as archive:
        archive.extractall(tmp_path / "list")
    check = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", unit / "sign.pub.pem", "-rawin"]
    files = ["-in", "SHA256SUMS", "-sigfile", "SHA256SUMS.sig"]
    at = tmp_path / "list"
    assert subprocess.run([*check, *files], cwd=at, capture_output=True, text=True).returncode == 0
    assert subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=at, capture_output=True).returncode == 0
    (at / "SHA256SUMS").write_bytes((at / "SHA256SUMS").read_bytes() + b"\n")
    assert subprocess.run([*check, *files], cwd=at, capture_output=True).returncode != 0


def test_private_keys_are_private_and_are_refused_when_others_may_read_them(tmp_path):
    os.umask(0)
    try:
        keys = make_keys("bank_a", tmp_path / "keys")
    finally:
        os.umask(0o077)
    for name in ("sign.pem", "age.txt"):
        assert stat.S_IMODE((tmp_path / "keys" / name).stat().st_mode) == 0o600
    with pytest.raises(WriteFailedError):
        make_keys("bank_a", tmp_path / "keys")
    (tmp_path / "keys" / "sign.pem").chmod(0o644)
    with pytest.raises(ConfigurationError, match="others may read"):
        keys.signature(b"x")
    assert load_keys(tmp_path / "keys").public.fingerprint == keys.public.fingerprint
    assert load_public(tmp_path / "keys" / "public.json") == keys.public


@pytest.mark.parametrize("spoil", [{"owner": "../x"}, {"sign": "none"}, {"age": "age1nobody"}])
def test_what_are_no_public_keys_is_refused(tmp_path, spoil):
    import json

    (tmp_path / "public.json").write_text(json.dumps({**made.keys("bank_north").public.plain(), **spoil}))
    with pytest.raises(InputError, match=next(iter(spoil))):
        load_public(tmp_path / "public.json")


def test_a_folder_gives_the_same_archive_whatever_order_its_files_were_made_in(tmp_path):
    digests = set()
    for turn, names in enumerate((("a", "b"), ("b", "a"))):
        folder = tmp_path / str(turn)
        folder.mkdir()
        for name in names:
            (folder / name).write_text(name)
        whole = complete(folder, made.MANIFEST, made.keys("unit"))
        digests.add(zipped(folder, ["manifest.json", *sorted(whole.files)], made.DAY, tmp_path / f"{turn}.zip"))
    assert len(digests) == 1
