"""The notebooks run from top to bottom, and what is committed is what their scripts say."""

import importlib
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "notebooks"
NAMES = sorted(path.stem for path in FOLDER.glob("*.ipynb"))


@pytest.fixture(scope="module")
def tool():
    """The script that writes the notebooks."""
    for module in ("ipykernel", "jupytext", "nbclient", "nbformat"):
        pytest.importorskip(module, reason=f"no {module}: pip install '.[notebooks]'")
    sys.path.insert(0, str(FOLDER))
    yield importlib.import_module("execute")
    sys.path.remove(str(FOLDER))


def test_every_script_has_its_notebook(tool):
    assert tool.names() == NAMES != []


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_says_what_its_script_says(tool, name):
    written = tool.nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    script = tool.read_script(name)
    assert [(c.cell_type, c.source) for c in written.cells] == [
        (c.cell_type, c.source) for c in script.cells
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_was_run_in_order_and_without_error(tool, name):
    path = FOLDER / f"{name}.ipynb"
    cells = [c for c in tool.nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    assert [c.execution_count for c in cells] == list(range(1, len(cells) + 1))
    assert not [o for c in cells for o in c.outputs if o.output_type == "error"]
    assert path.stat().st_size < tool.MOST_BYTES


def test_an_output_that_names_a_folder_of_this_machine_is_refused(tool):
    cell = tool.nbformat.v4.new_code_cell("1", outputs=[])
    notebook = tool.nbformat.v4.new_notebook(cells=[cell])
    cell.outputs = [tool.nbformat.v4.new_output("stream", text=f"{Path.home()}/x\n")]
    with pytest.raises(ValueError, match="an output names"):
        tool.write("refused", notebook)
    assert not (FOLDER / "refused.ipynb").exists()


def test_invented_speeches_are_the_same_each_time_and_follow_the_plan(tool, tmp_path):
    invented = importlib.import_module("invented")
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        invented.write_speeches(tmp_path / name / "speeches")
    texts = [
        {p.name: p.read_text() for p in sorted((tmp_path / n / "speeches").iterdir())}
        for n in ("a", "b")
    ]
    assert texts[0] == texts[1]
    assert len(texts[0]) == 2 * 17 * 10


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_cells_of_a_notebook_run_in_order(tool, name, monkeypatch):
    # a kernel opens sockets and leaves them to the end of its process
    monkeypatch.setenv("PYTHONWARNINGS", "default")
    notebook = tool.read_script(name)
    tool.execute(notebook)
    assert all(c.execution_count for c in notebook.cells if c.cell_type == "code")
