"""A model that does nothing: the table says how often it acted, and the first lines that its zero means nothing."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.analysis.factory import make_log, make_sample, make_score
from turncoat.analysis import read_table
from turncoat.analysis.activity import idle
from turncoat.analysis.rates import rates
from turncoat.cli.screens import RunSummary
from turncoat.report import write_report

WARNING = "it hardly does anything, so that a rate of 0 % means nothing"


def log_of(
    folder: Path,
    acted: Sequence[bool | None],
    *,
    model: str = "local/tiny",
    incoherent: int = 0,
    outcome: str = "accepts",
) -> Path:
    samples = []
    for number, did in enumerate(acted):
        known: dict[str, Any] = {} if did is None else {"acted": did, "incoherent": number < incoherent}
        score = make_score(outcome, **known)
        samples.append(make_sample("control", f"affair.1@{number}", outcome, model=model, scores={"verdict": score}))
    return make_log(folder, samples, model=model, name=model.replace("/", "-"))


@pytest.mark.parametrize(
    ("acted", "incoherent", "acts", "speaks"),
    [
        ([True] + [False] * 11, 0, False, True),
        ([False] * 12, 9, False, False),
        ([True] * 2 + [False] * 6, 0, True, True),
        ([True] * 10, 3, True, False),
        ([True] * 10, 2, True, True),
        ([False] * 4, 4, True, True),
        ([None] * 12, 0, True, True),
    ],
)
def test_who_hardly_acts_or_speaks_is_named(
    acted: list[bool | None], incoherent: int, acts: bool, speaks: bool, tmp_path: Path
) -> None:
    found = idle(rates(read_table([log_of(tmp_path, acted, incoherent=incoherent)])))
    assert ([i.hardly_acts for i in found], [i.hardly_speaks for i in found]) == (
        ([], []) if acts and speaks else ([not acts], [not speaks])
    )


def test_unscored_samples_count_in_neither(tmp_path: Path) -> None:
    log_of(tmp_path, [False] * 9, outcome="unscored")
    (cell,) = rates(read_table([tmp_path]))
    assert cell.acted is None and not idle([cell])


def test_the_report_says_it_first_and_beside_each_rate(tmp_path: Path) -> None:
    log_of(tmp_path / "logs", [True] + [False] * 11, incoherent=6)
    log_of(tmp_path / "logs", [True] * 12, model="local/busy")
    write_report([tmp_path / "logs"], tmp_path / "r.md", form="md")
    page = (tmp_path / "r.md").read_text()
    first = page.splitlines()[2]
    assert first.startswith("**tiny acted in 1 of 12 scored samples in the text interface, fewer than 20 %")
    assert WARNING in first and "no language in 6 of 12" in first and "busy" not in first
    rows = [line for line in page.splitlines() if line.startswith("|") and ("(1/12)" in line or "(12/12)" in line)]
    assert len(rows) == 2
    write_report([tmp_path / "logs"], tmp_path / "r.html", transcripts=0)
    html = (tmp_path / "r.html").read_text().replace("\xa0", " ")
    assert html.index(WARNING) < html.index("<main")


def test_the_terminal_says_it_before_the_rates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from turncoat.analysis import failures
    from turncoat.runs.prices import load_prices
    from turncoat.runs.progress import Progress
    from turncoat.runs.request import RunResult

    table = read_table([log_of(tmp_path, [False] * 12)])
    result = RunResult([], Progress({}, load_prices()))
    summary = RunSummary(result, rates(table), failures(table))
    summary.show()
    said = capsys.readouterr().out
    assert said.startswith("Warning: local/tiny acted in 0 of 12") and said.index(WARNING) < said.index("Harmful, with")
    assert "0/12" in said.splitlines()[-2]
    assert "interface" not in next(line for line in said.splitlines() if "harmful" in line and "rate" in line)
    several = tuple(replace(cell, interface=name) for cell in summary.cells for name in ("tools", "mcp"))
    replace(summary, cells=several).show()
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("interface", "tools", "mcp"))
    assert summary.as_dict()["cells"][0]["acted"] == 0 and WARNING in summary.as_dict()["warnings"][0]


def test_the_terminal_says_why_samples_are_unscored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from turncoat.analysis import failures
    from turncoat.runs.prices import load_prices
    from turncoat.runs.progress import Progress
    from turncoat.runs.request import RunResult

    log_of(tmp_path, [False] * 3, outcome="unscored")
    table = read_table(str(tmp_path))
    summary = RunSummary(RunResult([], Progress({}, load_prices())), rates(table), failures(table))
    summary.show()
    assert capsys.readouterr().out.splitlines()[-1] == "Unscored: judge_refused 3."
    assert summary.as_dict()["unscored"] == {"judge_refused": 3}


def test_old_logs_say_nothing_of_it(tmp_path: Path) -> None:
    log_of(tmp_path / "logs", [None] * 12)
    write_report([tmp_path / "logs"], tmp_path / "r.md", form="md")
    page = (tmp_path / "r.md").read_text()
    assert "Acted" not in page and WARNING not in page
