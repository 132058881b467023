"""Drop folders and their mapping files in, records under contracts out."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fraudnet.contracts.progress import Progress
from fraudnet.errors import ConfigurationError, IntegrityError
from fraudnet.files import sha256
from fraudnet.sources import cache, location, resume
from fraudnet.sources.ahead import HANDS, Task, pieces
from fraudnet.sources.drop import Delivery
from fraudnet.sources.ingest import Ingest
from fraudnet.sources.location import Input
from fraudnet.sources.mapping import Mapping, Table
from fraudnet.sources.mapping_file import NAME, load_mapping
from fraudnet.sources.quarantine import check_law
from fraudnet.sources.resume import Journal


def read_drops(
    folders: Sequence[Path],
    mapping: Path | None,
    into: Path,
    progress: Progress,
    superseded: frozenset[tuple[Path, str]] = frozenset(),
) -> Delivery:
    """Read drop folders as one history, each by its own `mapping.toml` unless one mapping is given for all.

    Good rows, quarantine and counts are written below `into`, and opened again from there when inputs, mapping and
    package are the same and no byte has changed. Rows are read folder by folder, table by table in the order of the
    mapping, file by file in order of names; of rows with one key the first is kept. superseded: files (folder, path
    inside it) that a later delivery has replaced and that are not read.

    Raises InputError, ConfigurationError, MissingInputError, WriteFailedError, IntegrityError.
    """
    if not folders:
        raise ConfigurationError("no drop folder was named; name at least one")
    real = [location.check_folder(folder) for folder in folders]
    paths = [mapping if mapping is not None else folder / NAME for folder in real]
    mappings = tuple(load_mapping(path) for path in paths)
    _check_agreement(mappings, paths)
    tasks = _tasks(real, mappings, progress, superseded)
    inputs = _inputs(tasks, paths)
    key = cache.key_of(inputs, mappings)
    into = into / key[:16]  # a drop that changes gets a place of its own: nobody who reads the old one is disturbed
    kept = cache.load(into, key, mappings)
    if kept is not None:
        return kept
    cache.clear(into)
    ingest = Ingest(into, sorted({file.name for file, _, _ in tasks}))
    cache.save(_ingested(tasks, ingest, key, progress), key, inputs, all(said.dated for said in mappings))
    cache.drop_journal(into)
    made = cache.load(into, key, mappings, fresh=True)
    if made is None:
        raise IntegrityError("{into}: what was just written reads differently; check the disk and run again", into=into)
    return made


def _ingested(tasks: Sequence[Task], ingest: Ingest, key: str, progress: Progress) -> Ingest:
    """Every file read once, each row good or in quarantine; of a large drop what was finished before is kept."""
    journal = Journal(ingest, key) if sum(file.size for file, _, _ in tasks) >= resume.LARGE else None
    finished = journal.resume() if journal is not None else 0
    read = pieces(tasks[finished:])
    for done, (file, table, _) in enumerate(tasks[finished:], finished):
        progress(f"read {table.table}", done, len(tasks))
        ingest.keep(file, read)
        _check_unchanged(file)
        if journal is not None:
            journal.note(done)
    progress("read", len(tasks), len(tasks))
    check_law(ingest.count_frame())
    return ingest


def _check_agreement(mappings: tuple[Mapping, ...], paths: Sequence[Path]) -> None:
    for said, path in zip(mappings, paths, strict=True):
        if (said.score, said.split, said.dated) != (mappings[0].score, mappings[0].split, mappings[0].dated):
            raise ConfigurationError(
                "{path}: [score], [split] and `dated` differ from {first}; drops of one history must agree",
                path=path,
                first=paths[0],
            )


def _tasks(
    folders: Sequence[Path],
    mappings: tuple[Mapping, ...],
    progress: Progress,
    superseded: frozenset[tuple[Path, str]],
) -> list[Task]:
    """Every file to read, its digest taken once however many tables it feeds."""
    found: list[tuple[str, Table, Mapping]] = []
    paths: dict[str, Path] = {}
    for folder, said, label in zip(folders, mappings, location.labels(folders), strict=True):
        for table in said.sections():
            for path in location.find(folder, table, label.rstrip("/") or folder.name):
                name = path.relative_to(folder).as_posix()
                if (folder, name) not in superseded:
                    found.append((label + name, table, said))
                    paths[label + name] = path
    known: dict[str, Input] = {}
    with ThreadPoolExecutor(HANDS) as pool:
        for one in pool.map(location.digest, paths.values(), paths):
            progress("digest", len(known), None)
            known[one.name] = one
    return [(known[name], table, said) for name, table, said in found]


def _inputs(tasks: Sequence[Task], paths: Sequence[Path]) -> cache.Inputs:
    files = {file.name: (file.name, file.size, file.sha256) for file, _, _ in tasks}
    said = {f"{NAME} {at}": path for at, path in enumerate(paths, 1)}
    notes = [location.digest(path, name) for name, path in said.items()]
    return (*(files[name] for name in sorted(files)), *((note.name, note.size, note.sha256) for note in notes))


def _check_unchanged(file: Input) -> None:
    if sha256(file.path) != file.sha256:
        raise IntegrityError(
            "{name}: changed while it was read; wait until it is delivered and run again", name=file.name
        )
