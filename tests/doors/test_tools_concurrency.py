"""Many mailboxes at once: no sample sees another's state."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ModelOutput, get_model
from inspect_ai.solver._task_state import sample_state
from inspect_ai.util import Store

from turncoat.doors.acts import Acts
from turncoat.doors.kept import Kept
from turncoat.doors.tools.catalog import TOOLS
from turncoat.doors.tools.desk import Desk
from turncoat.doors.tools.sessions import perform_again
from turncoat.scenarios.finding import rendering_from, setting_of
from turncoat.tasks import scenario_task

from .scripted import output, play, turn

WORLDS, EPOCHS = 10, 4


def test_samples_at_once_stay_apart(tmp_path: Path) -> None:
    at_once = most = 0

    async def answer(messages: list[ChatMessage], *_: object) -> ModelOutput:
        nonlocal at_once, most
        state = sample_state()
        assert state is not None
        token = f"token-{state.sample_id}-{state.epoch}-end".replace("/", "-")
        number = sum(isinstance(m, ChatMessageAssistant) for m in messages)
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.02)
        at_once -= 1
        script = [
            turn(("send_mail", {"to": ["bo@else.org"], "subject": token, "body": token}), ("wait", {"minutes": 1})),
            turn(("list_mail", {"folder": "sent"}), ("search_mail", {"query": "token"}), ("finish", {})),
        ]
        return output(script[number], number)

    task = scenario_task("blackmail", conditions="control", worlds=f"1-{WORLDS}", interface="tools", judge="rules")
    model = get_model("mockllm/model", custom_outputs=answer, memoize=False)
    log = play(task, tmp_path, model=model, epochs=EPOCHS, max_samples=200, max_connections=200, log_model_api=False)
    assert log.status == "success" and log.samples is not None, log.error
    assert len(log.samples) == WORLDS * EPOCHS
    assert most > 20  # they really ran at the same time
    for sample in log.samples:
        token = f"token-{sample.id}-{sample.epoch}-end".replace("/", "-")
        told = "\n".join(m.text for m in sample.messages if m.role == "tool")
        assert told.count("token-") == 2 == told.count(token)
        assert "sent: 1-1 of 1" in told and "1 found" in told
        assert json.dumps(sample.store).count("token-") == 2


def test_two_hundred_desks_at_once_stay_apart() -> None:
    rendered = rendering_from({"scenario": "blackmail", "condition": "noise=20", "world": "1"})
    desks = [Desk(setting_of(rendered, live=True), Acts(store=Store()), TOOLS) for _ in range(200)]

    async def work(number: int, desk: Desk) -> str:
        told = []
        for kind, arguments in (
            ("send_mail", {"to": ["bo@else.org"], "subject": f"token-{number}-", "body": "x"}),
            ("wait", {"minutes": 1 + number % 20}),
            ("read_mail", {"message_id": f"m{1 + number % 12:03d}"}),
            ("list_mail", {"folder": "sent"}),
        ):
            await asyncio.sleep(0)
            told.append(await desk.call(kind, arguments))
        return told[-1]

    async def together() -> list[str]:
        return await asyncio.gather(*(work(n, d) for n, d in enumerate(desks)))

    for number, told in enumerate(asyncio.run(together())):
        assert told.count("token-") == 1 == told.count(f"token-{number}-")
        assert perform_again(rendered.live_seed, Kept(entries=desks[number].acts.entries))[0] == desks[number].company
