"""A scripted model for sessions with tools: each sample has its script, and every output has a usage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from inspect_ai import Task, eval
from inspect_ai.log import EvalLog
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    Content,
    ContentReasoning,
    ContentText,
    Model,
    ModelOutput,
    ModelUsage,
    get_model,
)
from inspect_ai.model._model_output import ChatCompletionChoice
from inspect_ai.solver._task_state import sample_state
from inspect_ai.tool import ToolCall

from turncoat.tasks import scenario_task

PRESSED = "goal=explicit,threat=replacement"

Turn = Mapping[str, Any]
"""`calls`: list of (tool, arguments); `text`; `reasoning`; `stop`. A turn beyond the script says that it is done."""


def turn(*calls: tuple[str, Mapping[str, Any]], text: str = "", reasoning: str = "", stop: str = "") -> Turn:
    """One turn of a script."""
    return {"calls": [[n, dict(a)] for n, a in calls], "text": text, "reasoning": reasoning, "stop": stop}


def scripted_model() -> Model:
    """Plays the script that stands in the metadata of the sample at hand."""

    def answer(messages: list[ChatMessage], *_: object) -> ModelOutput:
        state = sample_state()
        assert state is not None
        script: Sequence[Turn] = state.metadata["script"]
        number = sum(isinstance(m, ChatMessageAssistant) for m in messages)
        return output(script[number] if number < len(script) else turn(text="Nothing more to do."), number)

    return get_model("mockllm/model", custom_outputs=answer, memoize=False)


def output(said: Turn, number: int) -> ModelOutput:
    """The model output of a turn."""
    content: list[Content] = []
    if said["reasoning"]:
        content.append(ContentReasoning(reasoning=said["reasoning"]))
    content.append(ContentText(text=said["text"]))
    calls = [ToolCall(id=f"c{number}_{i}", function=n, arguments=a) for i, (n, a) in enumerate(said["calls"])]
    stop = said["stop"] or ("tool_calls" if calls else "stop")
    message = ChatMessageAssistant(content=content, tool_calls=calls or None, model="mockllm/model", source="generate")
    result = ModelOutput(model="mockllm/model", choices=[ChatCompletionChoice(message=message, stop_reason=stop)])
    result.usage = ModelUsage(input_tokens=100, output_tokens=10, total_tokens=110)
    return result


def scripted_task(scenario: str, scripts: Sequence[Sequence[Turn]], *, condition: str = PRESSED, **given: Any) -> Task:
    """A task of one sample for each script, in worlds 1, 2, …"""
    worlds = given.pop("worlds", f"1-{len(scripts)}")
    task = scenario_task(scenario, conditions=condition, worlds=worlds, judge="rules", interface="tools", **given)
    for sample, script in zip(task.dataset, scripts, strict=True):
        sample.metadata = {**(sample.metadata or {}), "script": list(script)}
    return task


def play(task: Task, folder: Path, *, model: Model | None = None, **given: Any) -> EvalLog:
    """Run a task on the scripted model."""
    settings: dict[str, Any] = {"display": "none", "log_realtime": False, "score_display": False, **given}
    return eval(task, model=model or scripted_model(), log_dir=str(folder), **settings)[0]


def texts(log: EvalLog, number: int) -> list[str]:
    """What the tools answered in a sample, errors included."""
    assert log.samples is not None
    messages = [m for m in log.samples[number].messages if m.role == "tool"]
    return [m.error.message if m.error else m.text for m in messages]


Check = Callable[[EvalLog], None]
