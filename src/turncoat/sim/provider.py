"""The Inspect provider `sim/<profile>`: no network, no key, its own token usage."""

from __future__ import annotations

import asyncio
from typing import Any

from inspect_ai.model import ChatMessage, GenerateConfig, ModelAPI, ModelOutput, ModelUsage
from inspect_ai.tool import ToolChoice, ToolInfo

from turncoat.scenarios import load_scenario
from turncoat.sim.agent import compose
from turncoat.sim.identity import current_sample
from turncoat.sim.profiles import load_profile
from turncoat.sim.truth import truth

CHARACTERS_PER_TOKEN = 4


class SimAPI(ModelAPI):
    """A simulated model with known propensities. Says nothing about any real model.

    Args:
        model_name: Name of the profile.
        base_url: Not used.
        api_key: Not used.
        config: Inspect's generation settings; they change nothing.
        latency: Seconds that an answer takes.
    """

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig | None = None,
        latency: float = 0.0,
        **_: Any,
    ) -> None:
        super().__init__(model_name, base_url, api_key, [], config or GenerateConfig())
        self._profile = load_profile(model_name)
        self._latency = float(latency)

    async def generate(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        """Answer the sample at hand according to its hidden truth."""
        sample = current_sample()
        scenario = load_scenario(sample.scenario)
        rendered = scenario.render(scenario.space.parse(sample.condition), sample.world)
        name = self.model_name
        hidden = truth(self._profile, name, sample.condition, sample.levels, sample.world, sample.epoch)
        if self._latency:
            await asyncio.sleep(self._latency)
        text = compose(rendered, hidden, self._profile.seed, name, sample.condition, sample.world, sample.epoch)
        output = ModelOutput.from_content(f"sim/{name}", text)
        read = sum(len(m.text) for m in input) // CHARACTERS_PER_TOKEN
        written = len(text) // CHARACTERS_PER_TOKEN
        output.usage = ModelUsage(input_tokens=read, output_tokens=written, total_tokens=read + written)
        return output
