"""The hour of a bank's engineer in `docs/lists.md`: every command runs and says what is printed; the schemas hold."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from children import unwatched

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "lists.md").read_text(encoding="utf-8")


def commands() -> list[tuple[str, str]]:
    """Every command of the document with what it prints."""
    blocks = re.findall(r"^```console\n(.*?)^```$", TEXT, re.M | re.S)
    found: list[tuple[str, str]] = []
    for line in "".join(blocks).splitlines():
        if line.startswith("$ "):
            found.append((line[2:], ""))
        else:
            found[-1] = (found[-1][0], f"{found[-1][1]}{line}\n")
    return found


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """The commands run in a folder of their own, one after the other; MLflow and LightGBM cannot be imported there."""
    at = tmp_path_factory.mktemp("bank")
    (at / "bare").mkdir()
    for name in ("mlflow", "lightgbm", "sklearn"):
        (at / "bare" / f"{name}.py").write_text('raise ImportError("a bank has none")')
    (at / "bin").mkdir()
    (at / "bin" / "fraudnet").write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -c "from fraudnet.cli import main; main()" "$@"\n'
    )
    (at / "bin" / "fraudnet").chmod(0o755)
    env = unwatched(PATH=f"{at / 'bin'}:{os.environ['PATH']}", PYTHONPATH=str(at / "bare"), LC_ALL="C")
    told = [
        (c, subprocess.run(["bash", "-c", c], cwd=at, env=env, capture_output=True, text=True)) for c, _ in commands()
    ]
    return at, told


def test_every_command_does_what_the_document_shows(played):
    assert len(commands()) >= 14
    for (command, expected), (_, done) in zip(commands(), played[1], strict=True):
        assert done.returncode == 0, (command, done.stderr)
        assert done.stdout == expected, command


def test_every_file_of_a_package_stands_in_the_document(played):
    names = {path.name for path in (played[0] / "try" / "list").iterdir()} | {"simo_003-0001.json"}
    known = {name for name in names if f"`{name}`" in TEXT or name.endswith(".sig")}
    assert names - known == set()


def test_the_schemas_describe_what_is_sent(played):
    at = played[0] / "try" / "in" / "20261005-sample"
    schemas = {path.stem: json.loads(path.read_text()) for path in (DOCS / "schemas").glob("*.json")}
    jsonschema.validate(json.loads((at / "manifest.json").read_text()), schemas["manifest-1"])
    jsonschema.validate(json.loads((at / "ack.json").read_text()), schemas["acknowledgement-1"])
    lines = (at / "changes.jsonl").read_text().splitlines()
    for line in lines:
        jsonschema.validate(json.loads(line), schemas["changes-1"])
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**json.loads(line), "entity_id": "x"}, schemas["changes-1"])
    assert len(lines) == 3


def test_keys_made_with_public_tools_are_keys(played):
    from fraudnet.lists.exchange.keys import load_keys, verified

    keys = load_keys(played[0] / "mine")
    assert keys.public.owner == "bank_north" and keys.identity().startswith("AGE-SECRET-KEY-")
    (keys.folder / "sign.pem").chmod(0o600)
    answers = played[0] / "try" / "list" / "answers.csv"
    assert verified(keys.public, answers.read_bytes(), answers.with_name("answers.csv.sig").read_bytes())


def test_every_refusal_has_its_code_in_the_document():
    codes = (DOCS / "exit-codes.md").read_text(encoding="utf-8")
    told = [pair for pair in re.findall(r"^\| (2[0-7]) ([a-z ]+) \|", TEXT, re.M) if pair[1] != "hours"]
    assert [code for code, _ in told] == [str(n) for n in range(20, 28)]
    assert all(f"| {code} | {word} |" in codes for code, word in told)
