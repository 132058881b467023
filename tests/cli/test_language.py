"""Every text of the commands and every error exists in Vietnamese and French, and is said in the language asked for."""

from __future__ import annotations

import copy
import re
import sys
from pathlib import Path

import pytest
from sayings import places_of_errors, said_by_commands, said_by_errors, said_by_help
from typer.main import get_command

from fraudnet.cli import guarded
from fraudnet.cli.app import app
from fraudnet.cli.output import speak
from fraudnet.errors import InputError, MissingInputError
from fraudnet.messages.telling import PLACE, Joined, told, told_error, translations
from fraudnet.sources.convert import WORDS

PLACES = re.compile(r"(?<!\{)\{[^{}]*\}(?!\})")


def test_every_error_names_its_text_and_the_text_is_in_the_catalogue() -> None:
    said = list(said_by_errors())
    assert len(said) > 250
    composed = [where for where, text in said if text is None]
    assert not composed, f"say the text as one literal with named places, not as an f-string: {composed}"
    lacking = sorted({(text, where) for where, text in said if text not in translations()})
    assert not lacking, f"add these to messages/commands/*.toml: {lacking}"


def test_every_line_of_a_command_is_in_the_catalogue() -> None:
    said = list(said_by_commands())
    assert len(said) > 150
    composed = [where for where, text in said if text is None]
    assert not composed, f"say the text as one literal with named places, not as an f-string: {composed}"
    lacking = sorted({(text, where) for where, text in said if text not in translations()})
    assert not lacking, f"add these to messages/commands/*.toml: {lacking}"


def test_every_help_is_in_the_catalogue() -> None:
    said = list(said_by_help(get_command(app)))
    assert len(said) > 150
    lacking = sorted({(text, command) for command, text in said if text not in translations()})
    assert not lacking, f"add these to messages/commands/help.toml: {lacking}"


def test_translations_have_both_languages_and_the_same_places() -> None:
    for text, languages in translations().items():
        assert set(languages) == {"vi", "fr"}, text
        for said in languages.values():
            assert said.strip() and set(PLACES.findall(said)) == set(PLACES.findall(text)), (text, said)
            said.format(**dict.fromkeys(PLACE.findall(said), 1))


def test_terms_are_those_of_the_glossary() -> None:
    glossary = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")
    said = " ".join(languages["vi"] for languages in translations().values())
    for term in ("sao kê", "tạm dừng", "bị hại", "ngay tình", "bậc", "danh sách cảnh báo"):
        assert term in glossary and term in said.lower()


@pytest.mark.parametrize(
    ("language", "says"), [("en", "there is no such"), ("vi", "không có tệp này"), ("fr", "pas de tel fichier")]
)
def test_an_error_is_told_in_the_language_of_the_line(
    language: str, says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["fraudnet", "lookup", "numbers.csv", "--lang", language])
    assert guarded(app) in (66, 65)
    speak("en")
    assert says in capsys.readouterr().err


def test_the_setting_is_the_default_and_an_unknown_language_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('commands_language = "vi"\n', encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["fraudnet", "check", str(tmp_path / "no"), "--settings", str(file)])
    assert guarded(app) == 66
    assert "không có thư mục dữ liệu này" in capsys.readouterr().err
    monkeypatch.setenv("FRAUDNET_COMMANDS_LANGUAGE", "fr")
    monkeypatch.setattr(sys, "argv", ["fraudnet", "check", "x", "--settings", str(tmp_path / "no.toml")])
    assert guarded(app) == 78
    assert "illisible" in capsys.readouterr().err
    speak("en")
    monkeypatch.setattr(sys, "argv", ["fraudnet", "check", "x", "--lang=de"])
    assert guarded(app) == 78
    assert "--lang: got 'de', expected vi, en, fr" in capsys.readouterr().err


def test_help_is_translated_with_its_headings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["fraudnet", "score", "--help", "--lang", "vi"])
    assert guarded(app) == 0
    speak("en")
    shown = capsys.readouterr().out
    assert "Cách dùng: fraudnet score" in shown and "mặc định: runs" in shown and "Tùy chọn:" in shown
    assert "Options" not in shown.replace("[OPTIONS]", "") and "Show this" not in shown


def test_a_finished_line_is_recognised_with_what_stands_in_it() -> None:
    line = "account: not produced: no SIM data"
    assert told(line, "vi") == "account: không lập: không có dữ liệu SIM"
    assert told(line, "en") == line
    assert told("nobody has said this before", "vi") == "nobody has said this before"


def test_what_keeps_a_row_back_is_told() -> None:
    rules = [
        *(f"amount cannot be read as {what}" for what in {*WORDS.values(), "a whole number of minor units"} - {"text"}),
        *("duplicate key", "brought by an earlier file", "kind is not in the mapping's `map`", "amount is below 1"),
        *("amount is above 9", "kind is not one of voice, sms", "at does not fit its type", "payer is missing"),
    ]
    for rule in rules:
        for language in ("vi", "fr"):
            assert told(rule, language) != rule, (rule, language)
    assert told("duration_s cannot be read as a whole number", "vi") == "không đọc được duration_s như số nguyên"


def test_every_error_has_what_its_places_ask_for() -> None:
    wrong = [f"{where}: {asked} but {given}" for where, asked, given in places_of_errors() if asked != given]
    assert not wrong, f"name a value for each place, and a place for each value: {wrong}"


def test_errors_within_errors_and_lists_of_faults_are_told() -> None:
    inner = InputError("{where}: sheet {sheet!r} is empty; expected a header row", where="a.xlsx", sheet="Sheet1")
    outer = InputError("{where}: {error}", where="drop", error=inner)
    assert str(outer) == "drop: a.xlsx: sheet 'Sheet1' is empty; expected a header row"
    assert told_error(outer, "fr") == "drop : a.xlsx : la feuille 'Sheet1' est vide ; attendu une ligne de titres"
    faults = Joined("; ", ["x: unknown key; near: y", "column 'z' is required and not named"])
    said = told_error(InputError("{path}: {faults}; see docs/mapping.md", path="m.toml", faults=faults), "vi")
    assert said == "m.toml: x: khóa lạ; gần giống: y; cột 'z' là bắt buộc mà không được nêu; xem docs/mapping.md"


def test_an_error_survives_the_way_from_another_process() -> None:
    error = copy.copy(
        MissingInputError("{path}: is not there; name a PEM file", path="k {x}")
    )  # as it is taken apart and sent
    assert str(error) == "k {x}: is not there; name a PEM file"
    assert told_error(error, "vi") == "k {x}: không có ở đó; hãy nêu một tệp PEM"
    whole = copy.copy(Joined(", ", ["a", "b"]))
    assert whole == "a, b" and whole.parts == ("a", "b")
