"""A study of more samples than anybody can run is refused before anything is made of it."""

from pathlib import Path

import pytest

from tests.cli.test_cli import turncoat
from turncoat.base.errors import ScenarioError, UsageError
from turncoat.runs.design import scenario_study
from turncoat.runs.executors.executor import Where, run_where
from turncoat.runs.plan import plan_study
from turncoat.runs.prices import load_prices
from turncoat.runs.request import Request
from turncoat.runs.runner import run_study
from turncoat.runs.study import load_study


def test_epochs_are_bounded_where_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("title: x\nepochs: 1000000000\nblocks: [{scenario: blackmail, cells: [control]}]\n")
    with pytest.raises(ScenarioError, match=r"key 'epochs': .*10000; found 1000000000"):
        load_study(str(path))


@pytest.mark.parametrize("command", ["run", "plan"])
def test_epochs_are_bounded_on_the_command_line(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, said = turncoat(capsys, command, "blackmail", "--model", "sim/loyal", "--epochs", "1000000000")
    assert (code, said) == (2, "turncoat: epochs is 1,000,000,000; give 1 to 10,000\n")


@pytest.mark.parametrize("price", [".inf", ".nan", "-1", "1e300"])
def test_prices_are_numbers_that_money_can_be(price: str, tmp_path: Path) -> None:
    (path := tmp_path / "p.yaml").write_text(
        f"as_of: 2026-11-01\nsource: x\nmodels:\n  a/b: {{input: {price}, output: 1}}\n"
    )
    with pytest.raises(ScenarioError, match="models"):
        load_prices(path)


@pytest.mark.parametrize(("worlds", "epochs"), [("1-2", 1_000_000_000), ("1-5000", 900)])
def test_plans_and_runs_are_bounded(tmp_path: Path, worlds: str, epochs: int) -> None:
    study = scenario_study("blackmail", ("control",), worlds, 1)
    request = Request(study, "blackmail", ("sim/loyal",), tmp_path / "logs", epochs=epochs)
    for work in (plan_study, run_study):
        with pytest.raises(UsageError, match=r"samples of each model, with .* epochs; the limits are 1,000,000 and"):
            work(request)
    assert not (tmp_path / "logs").exists()


def test_processes_are_bounded(tmp_path: Path) -> None:
    request = Request(scenario_study("blackmail", ("control",), "1", 1), "blackmail", ("sim/loyal",), tmp_path / "logs")
    with pytest.raises(UsageError, match=r"--workers 100000: one machine runs at most 256; .*--shard K/N"):
        run_where(request, Where(workers=100_000))
    assert not (tmp_path / "logs").exists()
