"""Make the notebook beside each percent file: same cells, no outputs, equal bytes every time."""

from __future__ import annotations

import sys
from pathlib import Path

import jupytext
import nbformat

HERE = Path(__file__).parent
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def sources() -> list[Path]:
    """The percent files, in order."""
    return sorted(HERE.glob("0*.py"))


def notebook(source: Path) -> str:
    """The notebook of a percent file as text."""
    book = jupytext.read(source)
    book.nbformat, book.nbformat_minor, book.metadata = 4, 4, nbformat.from_dict(KERNEL)
    for cell in book.cells:
        cell.pop("id", None)  # drawn at random; format 4.4 has none
        cell.metadata = nbformat.from_dict({})
    return nbformat.writes(book, version=nbformat.NO_CONVERT) + "\n"


def main() -> None:
    """Write every notebook anew."""
    for source in sources():
        source.with_suffix(".ipynb").write_text(notebook(source), encoding="utf-8")
        sys.stdout.write(f"{source.with_suffix('.ipynb').name}\n")


if __name__ == "__main__":
    main()
