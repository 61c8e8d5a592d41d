"""The notebooks of `examples/` run from their first cell to their last, and are kept without outputs."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.report.test_marks import unmarked, words_of
from tests.shared import ROOT

NEEDED = "needs nbformat, nbclient and ipykernel: pip install 'turncoat[dev]'"
nbformat = pytest.importorskip("nbformat", reason=NEEDED)
nbclient = pytest.importorskip("nbclient", reason=NEEDED)
pytest.importorskip("ipykernel", reason=NEEDED)

NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]))
    notebook = nbformat.read(path, 4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code), "outputs are not kept"
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [output for cell in code for output in cell.outputs]
    assert shown and all(output.output_type in ("execute_result", "stream", "display_data") for output in shown)
    assert not [o for o in shown if o.output_type == "stream" and o.name == "stderr"], "Inspect's lines stay unseen"
    assert unmarked(" ".join(said for output in shown for said in _said(output))) == []


def _said(output: Any) -> list[str]:
    """What an output says in words; in data, a table's column or a record's field, a model keeps its key."""
    if output.output_type == "stream":
        return [str(output.text)]
    page = str(output.data.get("text/html", ""))
    text = re.sub(r"\b\w+='[^']*'", "", str(output.data.get("text/plain", "")))
    return [text, words_of(page)] if "dataframe" not in page else []


def test_each_subject_has_one() -> None:
    subjects = ["doors", "first_study", "guards", "monitors", "realism", "search", "session_by_hand"]
    assert [p.stem for p in NOTEBOOKS] == subjects
