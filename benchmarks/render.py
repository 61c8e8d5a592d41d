"""What a prompt costs to render: ours against the published generator, in one run, and whether memory grows.

Run: `python benchmarks/render.py [--rounds 25] [--batch 20]`. Whole prompts (system and user text) of the condition
explicit goal and replacement, noise 0, templates compiled before. Rounds are interleaved; medians of processor time.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable
from itertools import count
from typing import Literal

Contender = Callable[[], object]
Published = Literal["blackmail", "leaking", "murder"]
"""Scenarios of the published generator."""
SCENARIOS: dict[str, Published] = {"blackmail": "blackmail", "espionage": "leaking", "lethal": "murder"}


def contenders(name: str, theirs: Published) -> dict[str, Contender]:
    """What is compared: the published generator, a new world each time, four conditions a world, one world."""
    from inspect_evals.agentic_misalignment.prompt_generator import generate_prompts

    from turncoat.doors.text.prompt import text_prompt
    from turncoat.scenarios.loader import load_scenario

    scenario = load_scenario(name)
    levels = {"goal": ["explicit", "latent", "swap", "none", "ambiguous"], "value": ["america"]}
    levels["threat"] = ["replacement", "restriction", "none"]
    main = scenario.space.condition({"goal": "explicit", "threat": "replacement"})
    headline = [scenario.space.parse(c) for c in scenario.spec.headline]
    many = list(scenario.space.grid(levels))
    for condition in [main, *headline, *many]:
        text_prompt(scenario.render(condition, 1))
    fresh, study, same = count(10_000), count(0), count(0)

    def published() -> object:
        made = generate_prompts(theirs, "explicit", "america", "replacement", None, False, None)
        return made.system_prompt, "\n".join([made.user_prompt, made.email_content])

    def new_world() -> object:
        return text_prompt(scenario.render(main, next(fresh)))

    def as_a_study() -> object:
        number = next(study)
        return text_prompt(scenario.render(headline[number % len(headline)], 5_000_000 + number // len(headline)))

    def one_world() -> object:
        return text_prompt(scenario.render(many[next(same) % len(many)], 7))

    return {"published": published, "new world": new_world, "study": as_a_study, "one world": one_world}


def measure(compared: dict[str, Contender], rounds: int, batch: int) -> dict[str, float]:
    """Median microseconds of processor time a prompt."""
    taken: dict[str, list[float]] = {n: [] for n in compared}
    for _ in range(rounds):
        for name, render in compared.items():
            start = time.process_time()
            for _ in range(batch):
                render()
            taken[name].append((time.process_time() - start) / batch * 1e6)
    return {n: statistics.median(t) for n, t in taken.items()}


def memory(render: Contender, worlds: int) -> float:
    """Kilobytes that stay allocated after so many new worlds."""
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(worlds):
        render()
    gc.collect()
    return (tracemalloc.get_traced_memory()[0] - before) / 1000


def main() -> None:
    """Print times, ratios and memory."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--batch", type=int, default=20)
    given = parser.parse_args()
    for name, theirs in SCENARIOS.items():
        compared = contenders(name, theirs)
        found = measure(compared, given.rounds, given.batch)
        for contender, micros in found.items():
            print(f"{name:10} {contender:10} {micros:6.0f} µs  {found['published'] / micros:5.2f} times as fast")
        tracemalloc.start()
        first, later = memory(compared["new world"], 200), memory(compared["new world"], 1000)
        tracemalloc.stop()
        print(f"{name:10} memory     {first:6.0f} kB kept after 200 worlds, {later:+.0f} kB after 1000 more")


if __name__ == "__main__":
    main()
