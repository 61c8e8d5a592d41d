"""Logs and analyses that several tests of the analysis and of the paper's figures look at."""

from pathlib import Path
from typing import Any

from turncoat.analysis import Overview, analyse_logs

from .factory import grid_log, make_sample

BOTH = "goal=explicit,threat=replacement"
TOLD = f"{BOTH},instruction=direct"


def worlds(condition: str, outcome: str, ids: range, **options: Any) -> list[Any]:
    """One sample for each world."""
    return [make_sample(condition, f"affair.1@{i}", outcome, **options) for i in ids]


def overview(*folders: Path) -> Overview:
    """The analysis of logs."""
    return analyse_logs(folders)[1]


def crossed_logs(folder: Path) -> None:
    """Three models in the crossed conditions of blackmail, one of them with values in espionage."""
    rates = {"control": 0.0, "goal=explicit": 0.1, "threat=replacement": 0.3, BOTH: 0.8, TOLD: 0.3}
    for model in ("anthropic/claude-opus-4-0", "openai/gpt-4.1", "acme/one"):
        grid_log(folder, rates, model=model, worlds=15, epochs=2)
    values = {f"goal=explicit,value={v}": 0.4 for v in ("global", "safety")} | {"goal=explicit": 0.5}
    grid_log(folder, values, model="acme/one", scenario="espionage", worlds=10, epochs=1)
