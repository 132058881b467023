"""A mapping for a folder of files: what they say by themselves, and what has to be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os.path import commonprefix
from pathlib import Path

from fraudnet.errors import FraudnetError, MissingInputError
from fraudnet.sources.formats import SUFFIXES
from fraudnet.sources.formats.xlsx_cells import concealed
from fraudnet.sources.location import TRUTH, check_folder
from fraudnet.sources.mapping_file import NAME
from fraudnet.sources.propose.columns import account_parts, column_lines, outcomes
from fraudnet.sources.propose.draft import Draft, draft
from fraudnet.sources.propose.head import Head, heads
from fraudnet.sources.propose.labels import ENTITY, disposition, label_headings
from fraudnet.sources.propose.plain import institution, quoted
from fraudnet.sources.propose.question import Asking, Question, label
from fraudnet.sources.propose.statement import STATEMENTS, own_number


@dataclass(frozen=True)
class Proposal:
    """What `fraudnet map` found: tables, open questions, files that are none of them, the mapping as TOML, and what
    workbooks hide.
    """

    drafts: tuple[Draft, ...]
    questions: tuple[Question, ...]
    left_out: tuple[tuple[str, str], ...]
    labels: tuple[str, ...]
    toml: str
    notes: tuple[tuple[str, str], ...] = ()


def propose(folder: Path, answers: Mapping[str, str]) -> Proposal:
    """Look at the files of a drop and propose its mapping; `answers` are to the keys of earlier questions.

    A file is taken for a table, and a column for a contract's, only where headings and values agree and nothing else
    is nearly as likely; everything else is a question. Raises MissingInputError when the folder holds no file that can
    be read.
    """
    real = check_folder(folder)
    groups, left_out = _groups(real)
    if not groups:
        why = "; ".join(reason for _, reason in left_out[:3]) or f"expected {', '.join(sorted(SUFFIXES))}"
        raise MissingInputError("{folder}: holds no file that can be read; {why}", folder=folder, why=why)
    asking, drafts = Asking(answers), []
    for head, pattern in groups:
        found = draft(head, pattern, asking)
        if found is not None:
            drafts.append(found)
    text, undated = _tables(drafts, asking)
    top = ["version = 1", f"name = {quoted(real.name)}"] + (["dated = false"] if undated else [])
    labels = tuple(label(head.file, head.sheet) for head, _ in groups)
    notes = tuple((name, note) for name in sorted({d.head.file for d in drafts}) for note in _hidden(real / name, name))
    return Proposal(tuple(drafts), tuple(asking.open), tuple(left_out), labels, "\n".join([*top, "", *text]), notes)


def _hidden(path: Path, name: str) -> list[str]:
    return concealed(path, name) if path.suffix.lower() == ".xlsx" else []


def _groups(folder: Path) -> tuple[list[tuple[Head, str]], list[tuple[str, str]]]:
    """Files alike in folder, suffix and headings once, with their pattern; and files that cannot be read, with why."""
    found: dict[tuple[str, ...], list[Head]] = {}
    left_out = []
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        try:
            for head in heads(path, name):
                key = (Path(name).parent.as_posix(), path.suffix, head.sheet or "", str(head.header), *head.headings)
                found.setdefault(key, []).append(head)
        except FraudnetError as error:
            left_out.append((name, str(error)))
    return [(group[0], _pattern(folder, group)) for group in found.values()], left_out


def _files(folder: Path) -> list[Path]:
    wanted = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != NAME)
    plain = [p for p in wanted if not any(part.startswith((".", "~$")) for part in p.relative_to(folder).parts)]
    readable = [
        p for p in plain if p.suffix.lower() in SUFFIXES or p.suffix.lower() in (".xls", ".htm", ".html", ".pdf")
    ]
    return [p for p in readable if TRUTH not in [part.lower() for part in p.relative_to(folder).parts]]


def _pattern(folder: Path, group: Sequence[Head]) -> str:
    """One file by its name; several by a pattern that matches them and nothing else, else the first alone."""
    first = Path(group[0].file)
    if len(group) == 1:
        return group[0].file
    front = commonprefix([head.file for head in group])  # noqa: RUF071  # letter by letter is what is meant
    names = {head.file for head in group}
    for pattern in (f"{front}*{first.suffix}", (first.parent / f"*{first.suffix}").as_posix()):
        if {path.relative_to(folder).as_posix() for path in folder.glob(pattern)} == names:
            return pattern
    return group[0].file


def _tables(drafts: Sequence[Draft], asking: Asking) -> tuple[list[str], bool]:
    """Every table as TOML, decisions after what they are about; and whether the answers have no dates."""
    lines, answers = [], []
    for each in drafts:
        hidden = label_headings(each)
        source = _whose(each, asking) if each.table == STATEMENTS else []
        lines += [*_opening(each, each.table, hidden), *source, "[tables.columns]", *column_lines(each, asking), ""]
        for heading in hidden if each.table in ENTITY else []:
            decided = disposition(each, heading, asking)
            if decided is not None:
                answers += [*_opening(each, "dispositions", []), *decided, ""]
    if not any(each.table == "accounts" for each in drafts):
        lines += [line for each in drafts if each.table == "transfers" for line in _drawn(each, asking)]
    # Behind any list of accounts, which says more of them and is read first.
    lines += [line for each in drafts if each.table == STATEMENTS for line in _own_accounts(each, asking)]
    return [*lines, *answers], bool(answers)


def _drawn(each: Draft, asking: Asking) -> list[str]:
    """Accounts listed by nobody are those that pay and are paid."""
    lines = []
    for end in ("payer", "payee"):
        choice = each.column(end)
        if choice is not None:
            bank, number = account_parts(each, choice, asking)
            lines += [*_opening(each, "accounts", []), "distinct = true", "extras = false", "[tables.columns]"]
            lines += [f"institution = {bank}", f"account_number = {number}", ""]
    return lines


def _own_accounts(each: Draft, asking: Asking) -> list[str]:
    """The accounts whose statements these are."""
    bank = f"{{ constant = {quoted(institution(each, asking))} }}"
    opening = [*_opening(each, "accounts", []), *_whose(each, asking), "distinct = true", "extras = false"]
    return [*opening, "[tables.columns]", f"institution = {bank}", f"account_number = {own_number(each, asking)}", ""]


def _whose(each: Draft, asking: Asking) -> list[str]:
    """A statement is told by the bank whose account it is of."""
    return [f"source = {quoted(institution(each, asking))}"]


def _opening(each: Draft, table: str, ignored: Sequence[str]) -> list[str]:
    head = each.head
    lines = ["[[tables]]", f"table = {quoted(table)}", f"file = {quoted(each.pattern)}"]
    if head.form == "csv":
        lines += [f"encoding = {quoted(head.encoding)}"] if head.encoding != "utf-8" else []
        lines += [f"separator = {quoted(head.separator)}"] if head.separator != "," else []
    lines += [f"sheet = {quoted(head.sheet)}"] if head.sheet else []
    lines += [f"header = {head.header}"] if head.header > 1 else []
    lines += [f"header_rows = {head.header_rows}"] if head.header_rows > 1 else []
    if ignored:
        lines.append(f"ignore = [{', '.join(map(quoted, ignored))}]  # the answer is never a feature")
    hidden = outcomes(each) if table == each.table else []
    if hidden:
        lines.append(f"outcome = [{', '.join(map(quoted, hidden))}]  # says what somebody decided already")
    return lines
