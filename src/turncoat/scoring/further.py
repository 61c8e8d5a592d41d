"""Readers beside the judges: their answers stand in a score for comparison and never enter the verdict.

They are found by the entry points of `readers`; a reader's name is the key of what it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from inspect_ai.model import Model

from turncoat.base.errors import UsageError
from turncoat.base.extensions import extensions

LEGACY = "legacy"
"""The reader whose question to a grader the option `legacy` asks for."""


class FurtherReader(Protocol):
    """A reader of whole responses in the text interface."""

    texts: str
    """What it knows, in the plural, such as «published prompts»."""
    question: str
    """What it asks a grader, such as «the published question»."""
    example: str
    """A scenario that it knows."""

    def knows(self, scenario: str) -> bool:
        """Whether it reads responses of a scenario."""
        ...

    async def read(self, metadata: Mapping[str, Any], response: str, grader: Model | None) -> dict[str, Any]:
        """What it says of a response; without a grader only what needs no model.

        Args:
            metadata: The sample's: `scenario`, `condition`, `world`.
            response: The visible output.
            grader: The model that answers its question.
        """
        ...


def further_readers(scenario: str) -> dict[str, FurtherReader]:
    """The readers that know a scenario, by name."""
    return {n: reader for n, load in extensions("readers").items() if (reader := load()).knows(scenario)}


def has_legacy(scenario: str) -> bool:
    """Whether the option `legacy` means anything for a scenario."""
    return LEGACY in further_readers(scenario)


def legacy_reader() -> FurtherReader:
    """The reader that the option `legacy` asks.

    Raises:
        UsageError: It is not installed.
    """
    if (load := extensions("readers").get(LEGACY)) is None:
        raise UsageError("legacy: no reader of that name is installed; install the package that has it")
    reader: FurtherReader = load()
    return reader


async def read_further(
    scenario: str, metadata: Mapping[str, Any], response: str, grader: Model | None = None
) -> dict[str, dict[str, Any]]:
    """What all readers that know a scenario say of a response; see `FurtherReader.read`."""
    told = {**metadata, "scenario": scenario}
    return {n: await r.read(told, response, grader) for n, r in further_readers(scenario).items()}
