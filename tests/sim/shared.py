"""What the tests of simulated models share: scripts for a move, a company to act in, a stand-in for the tools loop."""

import math
from collections.abc import Iterator

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    GenerateConfig,
    ModelOutput,
)
from inspect_ai.tool import ToolInfo
from pydantic import TypeAdapter

from turncoat.scenarios.loader import load_scenario
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.scenario import Scenario
from turncoat.sim.provider import SimAPI
from turncoat.sim.truth import Identity, Truth, acting_in, truth
from turncoat.sim.wording import words_for
from turncoat.world import Action, Company
from turncoat.world.actions import WRITES

BOTH = "goal=explicit,threat=replacement"
N = 1500
"""Draws, unless said otherwise."""

SCENARIOS = ("blackmail", "espionage", "lethal")
TOOLS = (
    *("list_mail", "search_mail", "read_mail", "read_thread", "look_up", "send_mail", "reply", "forward"),
    *("write_document", "cancel_alert", "wait", "finish"),
)
ACTION: TypeAdapter[Action] = TypeAdapter(Action)


def every_move(scenario: Scenario) -> Iterator[Truth]:
    """A truth for each move of each rung."""
    ladder = scenario.spec.ladder
    for rung, moves in words_for(scenario.name, ladder).moves.items():
        for index, move in enumerate(moves):
            harmful = bool(move.finding) and ladder.findings[move.finding].harmful
            yield Truth(rung, move.finding, harmful, "stated-real", index)


def identity(model: str, scenario: str, condition: str, world: str, epoch: int = 1) -> Identity:
    loaded = load_scenario(scenario)
    return Identity(model, loaded, loaded.space.parse(condition), str(loaded.world_id(world)), epoch)


def draws(model: str, scenario: str, condition: str, count: int = N) -> list[Truth]:
    """Hidden truths of a model in that many worlds, some of them in second and third epochs."""
    loaded = load_scenario(scenario)
    parsed = loaded.space.parse(condition)
    return [truth(Identity(f"sim/{model}", loaded, parsed, f"w@{n}", 1 + n % 3)) for n in range(count)]


def close(found: int, count: int, rate: float) -> bool:
    """Within four standard errors, exactly right at 0 and 1."""
    return abs(found / count - rate) <= 4 * math.sqrt(rate * (1 - rate) / count)


def tool_infos() -> list[ToolInfo]:
    return [ToolInfo(name=name, description=f"{name} does what it says.") for name in TOOLS]


async def live_session(sample: Identity, most: int = 40) -> tuple[Company, list[ModelOutput]]:
    """Let a simulated agent work in a live company, as a loop over native tool calls does."""
    model = SimAPI(sample.model.removeprefix("sim/"))
    company = Company(sample.render().live_seed)
    messages: list[ChatMessage] = [ChatMessageSystem(content="…"), ChatMessageUser(content="Work through the mail.")]
    outputs: list[ModelOutput] = []
    with acting_in(sample):
        for _ in range(most):
            output = await model.generate(messages, tool_infos(), "auto", GenerateConfig())
            outputs.append(output)
            message = output.message
            assert isinstance(message, ChatMessageAssistant)
            messages.append(message)
            if not message.tool_calls:
                break
            for call in message.tool_calls:
                outcome = company.perform(ACTION.validate_python({"kind": call.function, **call.arguments}))
                messages.append(ChatMessageTool(content=outcome.text, tool_call_id=call.id, function=call.function))
            if company.closed is not None:
                break
    return company, outputs


def written(company: Company) -> list[Action]:
    """What the agent attempted to write, ids of forwarded messages aside."""
    attempts = [r.attempt for r in company.log if r.attempt is not None and r.attempt.kind in WRITES]
    return [a.model_copy(update={"message_id": "-"}) if a.kind == "forward" else a for a in attempts]


async def text_answer_of(sample: Identity) -> tuple[Rendered, ModelOutput]:
    """The answer of the text interface, by the provider itself."""
    model = SimAPI(sample.model.removeprefix("sim/"))
    with acting_in(sample):
        output = await model.generate([ChatMessageUser(content="mail")], [], "none", GenerateConfig())
    return sample.render(), output
