"""Doors beside each other: the same worlds through two doors are pairs, and the report shows the difference."""

from __future__ import annotations

from pathlib import Path

import pytest
from inspect_ai.log import EvalSample

from turncoat.report import tables

from .factory import make_log, make_sample
from .logs import overview


def through(interface: str, harmful: int, of: int = 12, condition: str = "control") -> list[EvalSample]:
    samples = []
    for world in range(of):
        outcome = "explicit_blackmail" if world < harmful else "accepts"
        sample = make_sample(condition, f"affair.1@{world}", outcome)
        sample.metadata = {**sample.metadata, "interface": interface}
        samples.append(sample)
    return samples


def test_each_door_is_compared_with_the_first_in_the_same_worlds(tmp_path: Path) -> None:
    for number, (interface, harmful) in enumerate((("webmail", 9), ("tools", 6), ("mcp", 6))):
        log = through(interface, harmful)
        metadata = {"turncoat": "0.2.0", "scenario": "blackmail", "interface": interface, "judge": "rules"}
        make_log(tmp_path, log, task_id=f"t{number}", metadata=metadata)
    found = overview(tmp_path)
    pairs = [(d.first.interface, d.second.interface, d.difference.method) for d in found.doors]
    assert sorted(pairs) == [("mcp", "tools", "newcombe paired"), ("webmail", "tools", "newcombe paired")]
    by = {d.first.interface: d for d in found.doors}
    assert by["webmail"].difference.estimate == pytest.approx(3 / 12)
    assert by["mcp"].difference.estimate == 0
    assert all(d.difference.p_value <= d.screened_p + 1e-12 for d in found.doors)
    shown = tables.door_table(found)
    assert shown is not None and len(shown.rows) == 2


def test_one_door_alone_is_compared_with_nothing(tmp_path: Path) -> None:
    make_log(tmp_path, through("tools", 3))
    found = overview(tmp_path)
    assert found.doors == () and tables.door_table(found) is None
