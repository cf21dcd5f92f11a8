"""Pages that are kept as files, to be read and compared. `python -m tests.render.golden` writes them anew."""

from __future__ import annotations

from pathlib import Path

from makegood.render.document import statement_json
from makegood.render.tables import side_by_side, statements_table
from makegood.render.text import statement_text
from tests.render.samples import aim, breach, everything, insufficient, met

FOLDER = Path(__file__).parent / "golden"


def pages() -> dict[str, str]:
    """Every kept page by its file name."""
    texts = {f"{name}.txt": statement_text(statement) for name, statement in everything().items()}
    return texts | {
        "breach-60-ascii.txt": statement_text(breach(), 60, encoding="ascii"),
        "breach-color.txt": statement_text(breach(), color=True),
        "breach.json": statement_json(breach()),
        "table.txt": statements_table(list(everything().values())),
        "table-60.txt": statements_table(list(everything().values()), 60),
        "side-by-side.txt": side_by_side([breach(), met(), insufficient(), aim()], 100),
        "side-by-side-60.txt": side_by_side([breach(), met(), insufficient(), aim()], 60),
    }


def write() -> None:
    for name, page in pages().items():
        (FOLDER / name).write_text(page, encoding="utf-8")


if __name__ == "__main__":
    write()
