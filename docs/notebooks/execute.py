"""Write and execute the notebooks from their scripts: ``make notebooks``.

A notebook is written as a script in Jupytext's percent format, which is what is read, changed and
reviewed. From it comes the .ipynb with its outputs. An output that names a folder of this machine
is refused, and so is a notebook of a megabyte or more.

    python docs/notebooks/execute.py [NAME ...]
"""

import os
import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent
MOST_BYTES = 1_000_000


def names() -> list[str]:
    """Give the names of the notebooks."""
    return sorted(p.stem for p in HERE.glob("*.py") if p.read_text("utf-8").startswith("# ---\n"))


def read_script(name: str) -> nbformat.NotebookNode:
    """Read a notebook's script; no output yet, and ids that are the same each time."""
    notebook = jupytext.read(HERE / f"{name}.py")
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
    notebook.metadata.pop("jupytext", None)
    return notebook


def execute(notebook: nbformat.NotebookNode) -> None:
    """Run the cells in order, in the notebooks' folder; the first error ends it."""
    # `alliance-stance` is that of the environment which runs this
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    NotebookClient(
        notebook, timeout=None, kernel_name="python3", record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(HERE)}},
    ).execute()  # fmt: skip
    # which interpreter it was is nobody's concern, and would change with every execution
    notebook.metadata.pop("language_info", None)


def write(name: str, notebook: nbformat.NotebookNode) -> Path:
    """Write a notebook.

    Raises
    ------
    ValueError
        If it is too large, or an output names a folder of this machine.
    """
    text = nbformat.writes(notebook) + "\n"
    size = len(text.encode())
    if size >= MOST_BYTES:
        raise ValueError(f"{name}: {size} bytes, and {MOST_BYTES} are too many")
    roots = (str(HERE.parents[1]), str(Path.home()), sys.prefix, "/tmp/")
    for root in roots:
        if root in text:
            place = text.index(root)
            around = text[max(0, place - 200) : place + 200]
            raise ValueError(f"{name}: an output names {root}: ... {around} ...")
    path = HERE / f"{name}.ipynb"
    path.write_text(text, encoding="utf-8")
    return path


def main(wanted: list[str]) -> None:
    """Write the notebooks that are named, or all."""
    for name in wanted or names():
        notebook = read_script(name)
        execute(notebook)
        path = write(name, notebook)
        sys.stdout.write(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB\n")


if __name__ == "__main__":
    main(sys.argv[1:])
