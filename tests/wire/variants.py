"""The ways in which the tests here ask: each API, with and without streaming, with one tool on offer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from inspect_ai.model import GenerateConfig, ModelOutput
from inspect_ai.tool import Tool, tool

from .clients import wire_model
from .exchange import Dialect
from .server import WireServer


@dataclass(frozen=True, slots=True)
class Variant:
    """One API, streamed or not."""

    dialect: Dialect
    streaming: bool

    def __str__(self) -> str:
        """The name in test ids and in the README's table."""
        return f"{self.dialect.value}{' streamed' if self.streaming else ''}"


VARIANTS = tuple(Variant(dialect, streaming) for dialect in Dialect for streaming in (False, True))


@tool
def post() -> Tool:
    """A tool that posts a letter."""

    async def execute(to: str, body: str) -> str:
        """Post a letter.

        Args:
            to: Who gets it.
            body: What it says.
        """
        return f"posted to {to}"

    return execute


async def ask(
    server: WireServer,
    variant: Variant,
    prompt: str = "Hello?",
    *,
    retries: int = 1,
    with_tool: bool = True,
    **options: Any,
) -> ModelOutput:
    """One `generate` through Inspect's provider, with `retries` retries by Inspect and none by the library."""
    config = GenerateConfig(max_tokens=1000, max_retries=retries)
    async with wire_model(server, variant.dialect, streaming=variant.streaming, config=config, **options) as model:
        return await model.generate(prompt, tools=[post()] if with_tool else [])
