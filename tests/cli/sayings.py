"""What the source says to its user: the English texts of errors, of the commands' lines and tables, and of their help."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import fraudnet

SOURCE = Path(fraudnet.__file__).parent
SPOKEN_BY_COMMANDS = {"say": (0,), "spoken": (0,), "show_table": (0, 1)}


@cache
def kinds_of_errors() -> set[str]:
    """The names of every class that descends from FraudnetError, wherever it is defined."""
    known, before = {"FraudnetError"}, 0
    while len(known) > before:
        before = len(known)
        for _, tree in _modules():
            known |= {
                node.name
                for node in ast.walk(tree)
                if isinstance(node, ast.ClassDef) and any(isinstance(b, ast.Name) and b.id in known for b in node.bases)
            }
    return known


def said_by_errors() -> Iterator[tuple[str, str | None]]:
    """Every place where an error is made, with its text; None where the text is not written there as one literal."""
    kinds = kinds_of_errors()
    for path, tree in _modules():
        named = _constants(tree)
        for call in _calls(tree, kinds):
            if not call.args:
                continue
            text = call.args[0]
            literal = named.get(text.id) if isinstance(text, ast.Name) else getattr(text, "value", None)
            yield f"{path}:{call.lineno}", literal if isinstance(literal, str) else None
            for value in call.keywords:
                yield from ((f"{path}:{call.lineno}", one) for one in _sentences(value.value, named))


def places_of_errors() -> Iterator[tuple[str, set[str], set[str]]]:
    """Every place where an error is made or a line printed, with the names its text asks for and those it is given.

    Where a whole mapping is given, nobody can tell before, so those are left out.
    """
    for path, tree in _modules():
        named = _constants(tree)
        for call in _calls(tree, kinds_of_errors() | {"say", "spoken"}):
            text = call.args[0] if call.args else None
            literal = named.get(text.id) if isinstance(text, ast.Name) else getattr(text, "value", None)
            given = {value.arg for value in call.keywords}
            if isinstance(literal, str) and None not in given:
                asked = {name for _, name, _, _ in Formatter().parse(literal) if name is not None}
                yield f"{path}:{call.lineno}", asked, {name for name in given if name}


def said_by_commands() -> Iterator[tuple[str, str | None]]:
    """Every literal that a command prints, as a line, a title or the head of a column; None for an f-string."""
    for path, tree in _modules():
        if not path.startswith("cli/"):
            continue
        named = _constants(tree)
        for call in _calls(tree, set(SPOKEN_BY_COMMANDS)):
            places = SPOKEN_BY_COMMANDS[_name(call)]
            for argument in (call.args[place] for place in places if place < len(call.args)):
                yield from ((f"{path}:{call.lineno}", one) for one in _texts(argument, tree))
            for value in call.keywords:
                yield from ((f"{path}:{call.lineno}", one) for one in _sentences(value.value, named))


def said_by_help(command: Any) -> Iterator[tuple[str, str]]:
    """The help of a command and of everything below it, one line each."""
    for name in ("help", "epilog"):
        if getattr(command, name, None):
            yield command.name, " ".join(getattr(command, name).split())
    for parameter in command.params:
        if getattr(parameter, "help", None):
            yield command.name, " ".join(parameter.help.split())
    for one in getattr(command, "commands", {}).values():
        yield from said_by_help(one)


@cache
def _modules() -> list[tuple[str, ast.Module]]:
    """The modules that raise or print something, by their path."""
    found = ((path, path.read_text(encoding="utf-8")) for path in sorted(SOURCE.rglob("*.py")))
    return [
        (path.relative_to(SOURCE).as_posix(), ast.parse(text))
        for path, text in found
        if "Error" in text or path.is_relative_to(SOURCE / "cli")
    ]


def _calls(tree: ast.AST, names: set[str]) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node) in names:
            yield node


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _texts(argument: ast.AST, tree: ast.Module) -> Iterator[str | None]:
    if isinstance(argument, ast.JoinedStr):
        yield None
    elif isinstance(argument, ast.Constant):
        if isinstance(argument.value, str) and any(c.isalpha() for c in argument.value):
            yield argument.value
    elif isinstance(argument, ast.Tuple | ast.List):
        for one in argument.elts:
            yield from _texts(one, tree)
    elif isinstance(argument, ast.IfExp):
        yield from _texts(argument.body, tree)
        yield from _texts(argument.orelse, tree)
    elif isinstance(argument, ast.Starred | ast.Subscript):
        yield from _texts(argument.value, tree)
    elif isinstance(argument, ast.Name):
        for held in _held(tree, argument.id):
            yield from _texts(held, tree)


def _held(tree: ast.Module, name: str) -> Iterator[ast.AST]:
    """What a module puts into a name, where that is a tuple of literals, alone or beside others."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            pairs = (
                zip(target.elts, node.value.elts, strict=False)
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
                else [(target, node.value)]
            )
            yield from (v for t, v in pairs if isinstance(t, ast.Name) and t.id == name and isinstance(v, ast.Tuple))


def _sentences(value: ast.AST, named: dict[str, str]) -> Iterator[str]:
    """Literals of several words among the values of a text, written there or named above; joins between are none."""
    for node in ast.walk(value):
        text = named.get(node.id) if isinstance(node, ast.Name) else getattr(node, "value", None)
        if isinstance(text, str) and " " in text.strip():
            yield text


def _constants(tree: ast.Module) -> dict[str, str]:
    """The texts that a module names at its top."""
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
