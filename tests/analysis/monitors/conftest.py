"""A run of simulated agents that the tests here watch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from inspect_ai import eval

from turncoat.analysis.monitors.watching import Watched, watch_logs
from turncoat.guards.monitors.named import make_monitor
from turncoat.tasks import scenario_task

PRESSED = "goal=explicit,threat=replacement"


@pytest.fixture(scope="package")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A run of simulated agents, watched by rules; two sessions of it with tools."""
    folder = tmp_path_factory.mktemp("watched")
    text = scenario_task(
        "blackmail", conditions=[f"{PRESSED},monitor=observe_rules", PRESSED], worlds="1-8", judge="rules"
    )
    tools = scenario_task("blackmail", conditions=PRESSED, worlds="1", judge="rules", interface="tools")
    for log in eval([text, tools], model="sim/rate-0.5-seed-2", log_dir=str(folder), display="none"):
        assert log.status == "success", log.error
    yield folder


@pytest.fixture(scope="package")
def watched(logs: Path) -> Watched:
    return watch_logs(logs, make_monitor("rules"))
