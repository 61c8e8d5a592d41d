"""The table as a file: its schema, its documentation, and what models wrote made harmless."""

import csv
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from turncoat.analysis import export_logs, read_table
from turncoat.analysis.table.columns import COLUMNS, DTYPES, describe
from turncoat.base.errors import OutputError, UsageError

from .factory import make_log, make_sample, make_score

DOCS = Path(__file__).parents[2] / "docs" / "data.md"

READING = {
    "awareness": "stated-real",
    "read": True,
    "visible": ["scratchpad", "blocks"],
    "stages": {"recognised": True, "considered": False, "acted": None},
    "motives": ["own_goal", "self_preservation"],
    "ethics": True,
    "misunderstandings": ["not_the_agent"],
    "calls": {"outcome": 1, "reading": 2, "awareness": 3},
    "rubrics": {"outcome": "3:abc", "reading": "1:def"},
}


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logs")
    full = {"verdict:a": make_score("explicit_blackmail", judge="a@1", **READING)}
    full["verdict:b"] = make_score("accepts", judge="b@2")
    hostile = make_score("accepts", judge="a@1")
    hostile.explanation = '=HYPERLINK("x")\x1b[31m\x00\ud800'
    samples = [
        make_sample("goal=explicit,threat=replacement", "affair.1@1", "explicit_blackmail", scores=full),
        make_sample("control", "affair.1@1", "accepts", scores={"verdict:a": hostile}),
        make_sample("control", "affair.1@2", "error"),
    ]
    make_log(folder, samples)
    return folder


def page() -> str:
    """`docs/data.md` with its table as it has to be."""
    text = DOCS.read_text(encoding="utf-8")
    start, end = text.index("\n", text.index("<!-- schema:")), text.index("<!-- end of schema -->")
    return f"{text[:start]}\n{describe()}\n{text[end:]}"


def test_the_documentation_is_in_step_with_the_schema() -> None:
    """`python -m tests.analysis.test_export` writes the page."""
    assert DOCS.read_text(encoding="utf-8") == page()


def test_the_reading_has_columns_and_missing_is_missing(logs: Path) -> None:
    frame = read_table([logs]).frame
    row = frame[(frame["judge"] == "a@1") & frame["harmful"].fillna(False)].iloc[0]
    assert bool(row["recognised"])
    assert not bool(row["considered"]) and pd.isna(row["acted"])
    assert row["motives"] == ("own_goal", "self_preservation")
    assert row["misunderstandings"] == ("not_the_agent",)
    assert row["visible"] == ("scratchpad", "blocks")
    assert (row["calls_outcome"], row["calls_reading"], row["calls_awareness"]) == (1, 2, 3)
    assert row["rubrics"] == ("outcome=3:abc", "reading=1:def")
    other = frame[frame["judge"] == "b@2"].iloc[0]
    assert pd.isna(other["recognised"]) and pd.isna(other["read"]) and other["motives"] == ()


def test_parquet_keeps_types_lists_and_every_row(logs: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.parquet"
    table = export_logs([logs], out)
    read = pd.read_parquet(out)
    assert len(read) == len(table.frame) == 5  # The failed sample counts against both judges.
    assert list(read.columns[: len(COLUMNS)]) == [c.name for c in COLUMNS]
    kinds = {f.name: str(f.type) for f in pq.read_schema(out)}
    assert kinds["harmful"] == "bool" and kinds["epoch"] == "int64" and kinds["cost"] == "double"
    assert kinds["findings"] == "list<element: string>"
    assert set(DTYPES) == {c.kind for c in COLUMNS}
    assert list(tmp_path.iterdir()) == [out]


def test_csv_runs_no_formula_and_holds_no_control_character(logs: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.csv"
    export_logs([logs], out)
    with out.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    said = {r["explanation"] for r in rows}
    assert any(s.startswith("'=HYPERLINK") for s in said)
    assert "\x1b" not in out.read_text() and "\x00" not in out.read_text()
    assert {r["motives"] for r in rows} == {"", "own_goal;self_preservation"}
    assert {r["f_threat"] for r in rows} == {"default", "replacement"}


@pytest.mark.parametrize(("name", "error"), [("x.xlsx", UsageError), ("x", UsageError), ("no/x.csv", OutputError)])
def test_what_cannot_be_written_leaves_nothing(logs: Path, tmp_path: Path, name: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        export_logs([logs], tmp_path / name)
    assert list(tmp_path.iterdir()) == []


if __name__ == "__main__":
    DOCS.write_text(page(), encoding="utf-8")
