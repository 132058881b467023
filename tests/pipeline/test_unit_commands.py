"""A unit and a bank at the command line: keys, package, acknowledgement, answers, a lead's word, a contest, harm."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import exchange_world as world
import pytest
from exchange_world import Flag, seed
from small_world import Told, inside

A = Flag("bank_a", "1001", probability=0.9)
B = Flag("bank_b", "2001", supports=(seed(A),))
AUTHORITY = "".join(
    f'{name} = "x"\n' for name in ("unit", "document", "document_date", "legal_basis", "signer", "contact")
)


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """A folder with settings for two leads, an authority and a run of yesterday."""
    at = tmp_path_factory.mktemp("office")
    for who in ("lead-1", "lead-2", "bao"):
        (at / f"{who}.toml").write_text(f'actor = "{who}"\nlanguage = "en"\n')
    (at / "authority.toml").write_text(AUTHORITY)
    when = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=1)
    return at, world.run_folder(at, [A, B], when)


def said(at: Path, *words: object, who: str = "lead-1") -> Told:
    common = ["--home", str(at / "home"), "--settings", str(at / f"{who}.toml")]
    return inside([*map(str, words), *common])


def test_a_week_of_a_unit(office):
    at, run = office
    assert said(at, "keys", "make", "unit").code == 0
    for bank in ("bank_a", "bank_b"):
        keys = world.keys_of(bank)
        assert "pending" in said(at, "keys", "add", keys.folder / "public.json").out
        for who in ("lead-1", "lead-2"):
            assert said(at, "keys", "confirm", keys.public.fingerprint, who=who).code == 0
    assert said(at, "keys", "list").out.count("trusted") == 2
    packed = json.loads(
        said(at, "lists", "pack", run, "--authority", at / "authority.toml", "--out", at / "sent", "--json").out
    )
    assert sorted(p.name for p in (at / "sent").iterdir()) == ["bank_a-000001.age", "bank_b-000001.age"]
    unit_keys = next((at / "home" / "keys").glob("*/public.json"))
    opened = inside(["lists", "open", str(at / "sent" / "bank_a-000001.age"), "--keys", str(world.keys_of("bank_a").folder),
                     "--sender", str(unit_keys), "--into", str(at / "in")])  # fmt: skip
    assert (opened.code, "asked by x, document x" in opened.out) == (0, True), opened.err
    acknowledgement = next((at / "in").glob("*/ack.json"))
    assert "1 accepted, 0 rejected" in said(at, "lists", "ack", acknowledgement).out
    assert said(at, "audit", "verify", "--witness", acknowledgement).code == 0

    unit = world.settings(at / "home")
    answers = world.answer_file(at, [world.cleared(unit, A)])
    told = said(at, "receive", answers, "--from", "bank_a")
    assert (told.code, "state: pending" in told.out) == (0, True)
    mark = json.loads(said(at, "receive", "--json").out)[0]["delivery"]
    assert said(at, "receive", "--confirm", mark, "--document", "CV-1").code == 28
    told = said(at, "receive", "--confirm", mark, "--document", "CV-1", who="lead-2")
    assert "state: counts" in told.out
    waiting = json.loads(said(at, "recalls", "--json").out)["waiting"]
    assert [(row["institution"], row["resting"], row["overdue"]) for row in waiting] == [("bank_a", 1, False)]
    assert "Waiting for a lead" in said(at, "recalls").out
    number = waiting[0]["decision"]
    assert said(at, "recalls", number, "--ruling", "perhaps", "--document", "CV-2").code == 78
    assert said(at, "recalls", number, "--ruling", "denied", "--document", "CV-2").code == 0

    entry = world.entry_of(unit, B)
    told = said(at, "contest", "open", entry, "--document", "KN-1", "--reviewer", "bao", "--kind", "held_amount")
    number = int(told.out.split()[1])
    assert said(at, "contest", "paused", number).code == 0
    assert said(at, "contest", "page", number, "--out", at / "page.html").code == 0
    assert said(at, "contest", "decide", number, "cleared", "--document", "KN-2", who="bao").code == 0
    again = said(at, "lists", "pack", "--authority", at / "authority.toml")
    assert (again.code, "bank_b" in again.out) == (0, True), again.err
    assert "All" in said(at, "harm").out
    assert said(at, "dossier", run, "--out", at / "dossier").code == 0
    first = packed["packages"][0]["list_id"]
    assert said(at, "lists", "rebuild", "bank_a", first, "--out", at / "again").code == 0


def test_rotated_keys_come_with_a_letter_that_the_old_ones_signed(tmp_path):
    (tmp_path / "lead-1.toml").write_text('actor = "lead-1"\n')
    assert said(tmp_path, "keys", "make", "unit").code == 0
    rotation = said(tmp_path, "keys", "rotate").out.split("rotation: ")[1].strip()
    assert Path(rotation).is_file()
    assert said(tmp_path, "keys", "make", "unit").code == 78


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("lists", "pack", "--authority", "no.toml"), 66, "legal_basis"),
        (("lists", "open", "no.age", "--keys", "k", "--sender", "s"), 66, "public.json"),
        (("lists", "check", "no.json"), 66, "no.json"),
        (("lists", "ack", "no.json"), 66, "ack.json"),
        (("keys", "confirm", "0000"), 66, "fingerprint"),
        (("keys", "add", "no.json"), 66, "public.json"),
        (("receive", "no.csv"), 78, "--from"),
        (("receive", "no.csv", "--from", "bank_a"), 66, "no.csv"),
        (("contest", "open", "0", "--document", "d", "--reviewer", "r"), 66, "no entry"),
        (("store", "release"), 66, "recorded"),
        (("dossier", "nowhere"), 66, "nowhere"),
    ],
)
def test_what_is_not_there_is_one_sentence(tmp_path, words, code, says):
    (tmp_path / "lead-1.toml").write_text('actor = "lead-1"\n')
    told = said(tmp_path, *words)
    assert (told.code, says in told.err, "Traceback" in told.err) == (code, True, False), told.err
