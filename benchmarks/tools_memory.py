"""Memory of sessions with tools: how much each of many sessions in flight adds.

Run: `python benchmarks/tools_memory.py [--samples 200] [--noise 200]`. A scripted agent opens thirty messages, sends
one, sees that it sees no other session's, and finishes; all samples are in flight at once. Peak resident memory of runs
with one sample, with half of them and with all, each in its own process; the difference by sample. Beside it what the
company of one session takes by itself.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import tracemalloc


def run_once(samples: int, noise: str) -> dict[str, float]:
    """Run samples at once in this process: peak memory in MB and bytes of log per sample."""
    import asyncio
    from pathlib import Path

    from inspect_ai import eval
    from inspect_ai.model import ModelOutput, ModelUsage, get_model
    from inspect_ai.solver._task_state import sample_state

    from turncoat.runs.runner import LOGGING
    from turncoat.tasks import scenario_task

    async def answer(messages: list[object], *_: object) -> ModelOutput:
        number = sum(getattr(m, "role", "") == "assistant" for m in messages)
        await asyncio.sleep(0.05)
        if number < 30:
            output = ModelOutput.for_tool_call("mockllm/model", "read_mail", {"message_id": f"m{number + 1:03d}"})
        elif number == 30:
            state = sample_state()
            token = f"token-{state.sample_id}-end" if state else ""
            arguments = {"to": ["ops@example.com"], "subject": token, "body": "The annex is under way. " * 40}
            output = ModelOutput.for_tool_call("mockllm/model", "send_mail", arguments)
        elif number == 31:
            output = ModelOutput.for_tool_call("mockllm/model", "list_mail", {"folder": "sent"})
        else:
            output = ModelOutput.for_tool_call("mockllm/model", "finish", {})
        output.usage = ModelUsage(input_tokens=4000, output_tokens=60, total_tokens=4060)
        return output

    task = scenario_task(
        "blackmail", conditions=f"noise={noise}", worlds=f"1-{samples}", judge="rules", interface="tools"
    )
    with tempfile.TemporaryDirectory() as folder:
        log = eval(
            task,
            model=get_model("mockllm/model", custom_outputs=answer),
            log_dir=folder,
            display="none",
            max_samples=samples,
            max_connections=samples,
            **LOGGING,
        )[0]
        assert log.status == "success", log.error
        for sample in log.samples or ():
            told = "".join(m.text for m in sample.messages if m.role == "tool")
            assert told.count("token-") == 1 == told.count(f"token-{sample.id}-end"), "a session saw another's mail"
        size = sum(p.stat().st_size for p in Path(folder).glob("*.eval")) / samples
    return {"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "log_kb": size / 1000}


def company_kb(noise: str, count: int = 50) -> tuple[float, float]:
    """Python memory in kB of one session's company: with a seed of its own, and over a seed that it shares."""
    from turncoat.scenarios.loader import load_scenario
    from turncoat.world import Company

    scenario = load_scenario("blackmail")
    condition = scenario.space.parse(f"noise={noise}")
    scenario.render(condition, 1).live_seed  # noqa: B018 - compiles the templates before anything is measured
    tracemalloc.start()
    seeds = [scenario.render(condition, 100 + n).live_seed for n in range(count)]
    first = tracemalloc.get_traced_memory()[0]
    companies = [Company(seed) for seed in seeds]
    both = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(companies) == count
    return both / count / 1000, (both - first) / count / 1000


def main() -> None:
    """Print peak memory by number of samples in flight, and the memory that each adds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--noise", default="200")
    parser.add_argument("--one", type=int)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(run_once(given.one, given.noise)))
        return
    found: dict[int, dict[str, float]] = {}
    for samples in (1, given.samples // 2, given.samples):
        command = [sys.executable, __file__, "--one", str(samples), "--noise", given.noise]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stderr.strip().splitlines()[-1][:300])
        found[samples] = json.loads(done.stdout.strip().splitlines()[-1])
        peak, size = found[samples]["peak_mb"], found[samples]["log_kb"]
        print(f"{samples:4} in flight: peak {peak:.0f} MB, log {size:.1f} kB each")
    least, most = min(found), max(found)
    added = (found[most]["peak_mb"] - found[least]["peak_mb"]) / (most - least)
    print(f"each session in flight adds {added:.2f} MB")
    whole, own = company_kb(given.noise)
    print(f"its company with all mail: {whole:.0f} kB; over a shared seed: {own:.0f} kB")


if __name__ == "__main__":
    main()
