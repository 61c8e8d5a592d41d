"""The demo ends with five lines; the table comes on request."""

from pathlib import Path

import pytest

from turncoat.cli.request import requested
from turncoat.cli.studies import run_and_tell

MODELS = ["sim/published-gpt-4.1", "sim/published-claude-opus-4"]


def test_the_demo_ends_with_five_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    request = requested("demo", None, "1", model=MODELS, log_dir=tmp_path / "logs")
    run_and_tell(request, tmp_path / "report.html", False, short=True, table=True)
    *table, run, found, report, following, mind = capsys.readouterr().out.splitlines()
    said = [line.partition(":")[0] for line in (run, found, report, following, mind)]
    assert said == ["Run", "Found", "Report", "Next", "Mind"]
    assert "8 verdicts" in run and "blackmailed the executive" in found and "simulated" in mind
    assert Path(report.removeprefix("Report:").partition(" (")[0].strip()).is_file()
    rows = [line for line in table if line.startswith("│")]
    assert len(rows) == 8 and sum("(simulated)" in row for row in rows) == 2  # each model's rates together
    run_and_tell(request, tmp_path / "report.html", False, short=True, table=False)
    assert len(capsys.readouterr().out.splitlines()) == 5
