"""Many samples in flight: requests are bounded for each model, and a slow model holds up no other."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.model import ModelOutput

from turncoat.runs import runner
from turncoat.runs.design import scenario_study
from turncoat.runs.request import Request
from turncoat.runs.runner import AT_ONCE, PART, UNWRITTEN, logging_of, parts_at_once, run_study, samples_at_once
from turncoat.runs.study import Block
from turncoat.sim.provider import SimAPI

WORLDS, CONNECTIONS = 12, 3


def test_a_slow_model_holds_up_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The slow model answers only when the fast one is through; so many parts that they cannot all run at once."""
    answered = {"insider": 0, "loyal": 0}
    busy = {"insider": 0, "loyal": 0}
    most = {"insider": 0, "loyal": 0}
    answer = SimAPI.generate

    async def counted(self: SimAPI, *args: Any, **kwargs: Any) -> ModelOutput:
        name = self.model_name
        busy[name] += 1
        most[name] = max(most[name], busy[name])
        for _ in range(2000):
            if name == "insider" or answered["insider"] == WORLDS:
                break
            await asyncio.sleep(0.01)
        else:
            raise AssertionError(f"the fast model was held up: {answered}")
        output = await answer(self, *args, **kwargs)
        busy[name] -= 1
        answered[name] += 1
        return output

    monkeypatch.setattr(SimAPI, "generate", counted)
    monkeypatch.setattr(runner, "PART", 4)
    study = scenario_study("blackmail", ("control",), f"1-{WORLDS}", 1)
    models = ("sim/loyal", "sim/insider")
    monkeypatch.setattr(runner, "parts_at_once", lambda _: 2)
    run_study(Request(study, "blackmail", models, tmp_path, max_connections=CONNECTIONS, model_args={"latency": 0.02}))
    assert answered == {"insider": WORLDS, "loyal": WORLDS}
    assert most == {"insider": CONNECTIONS, "loyal": CONNECTIONS}


@pytest.mark.parametrize("connections", [0, 1, 10, 20, 50, 100, 200, 500, 1000])
def test_connections_have_enough_to_do_and_little_waits_unwritten(connections: int) -> None:
    parts = parts_at_once(connections)
    assert parts >= AT_ONCE
    assert (parts - 1) * PART >= 2 * connections, "also while one part runs out"
    assert parts * PART <= 2 * connections + 4 * PART, "and no more memory than that"
    waiting = parts * (int(logging_of(parts, connections)["log_buffer"]) - 1)
    assert waiting <= max(UNWRITTEN, connections // 5)


@pytest.mark.parametrize("connections", [1, 3, 10, 100, 200])
@pytest.mark.parametrize("tasks", [1, 2, 3, 6, 12])
def test_samples_in_flight_keep_to_twice_the_connections(connections: int, tasks: int) -> None:
    each = samples_at_once(connections, tasks)
    assert 1 <= each <= connections
    assert tasks * each >= min(2, tasks) * connections
    assert tasks * (each - 1) < 2 * connections


def test_scenarios_share_the_samples_in_flight(tmp_path: Path) -> None:
    running = []
    blocks = tuple(Block(scenario=s, cells=("control",)) for s in ("blackmail", "espionage", "lethal"))
    study = scenario_study("blackmail", ("control",), "1-6", 1).model_copy(update={"blocks": blocks})
    request = Request(study, "all", ("sim/loyal",), tmp_path, max_connections=4, model_args={"latency": 0.02})
    result = run_study(request, lambda progress: running.append(progress.running))
    assert result.progress.done == 18
    assert max(running) <= 3 * samples_at_once(4, 3) < 3 * 4
