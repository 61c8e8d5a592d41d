"""Routine mail around the key messages: varied, on-topic for the firm, spread over the days before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from turncoat.scenarios.worlds import World

if TYPE_CHECKING:
    from turncoat.scenarios.scenario import Letter


def noise_emails(
    count: int, world: World, context: Mapping[str, Any], key: Sequence[Letter], session: str
) -> list[Letter]:
    raise AssertionError
