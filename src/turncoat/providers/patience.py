"""How long and how often: one budget for every model that is asked, target, grader or colleague.

An attempt has `ATTEMPT` seconds for its whole answer. What may pass (see `faults`) is repeated up to `RETRIES` times,
with pauses that double from 3 seconds to `LONGEST_PAUSE`, and no more once `REQUEST` seconds have gone. All of it can
be set: `--generate attempt_timeout=…`, `max_retries=…`, `timeout=…`.
"""

from __future__ import annotations

from random import SystemRandom

from inspect_ai.model import GenerateConfig

from turncoat.providers.inspect_private import RetryCallState, active_generate_config

ATTEMPT = 600
"""Seconds for one attempt, if nothing else is set: as long as the providers' own clients wait for a byte."""
RETRIES = 10
"""Further attempts after a fault that may pass."""
REQUEST = 1800
"""Seconds after which no further attempt begins."""
LONGEST_PAUSE = 300
"""Seconds of the longest pause between two attempts."""
OPERATION = frozenset(
    {
        *("max_retries", "timeout", "attempt_timeout", "stream_idle_timeout", "client_timeout"),
        *("max_connections", "adaptive_connections", "cache", "cache_prompt", "batch"),
    }
)
"""Settings of models and their clients that concern how a run is operated, and change nothing of what is measured."""


def pause(state: RetryCallState) -> float:
    """Seconds before the next attempt: 3, 6, 12 …, and up to 3 more; ten retries take about twenty minutes."""
    doubled: float = 3.0 * 2 ** min(state.attempt_number - 1, 20)
    return min(doubled, LONGEST_PAUSE) + SystemRandom().uniform(0, 3)


def patient(own: GenerateConfig) -> GenerateConfig:
    """The budget as settings of a call, where neither the model nor the run says otherwise.

    Args:
        own: The model's settings; what they say stands.
    """
    run = active_generate_config()
    return GenerateConfig(
        max_retries=_first(own.max_retries, run.max_retries, RETRIES),
        timeout=_first(own.timeout, run.timeout, REQUEST),
    )


def attempt_seconds(config: GenerateConfig) -> float:
    """Seconds for one attempt under these settings: theirs, else the run's, else `ATTEMPT`."""
    return _first(config.attempt_timeout, active_generate_config().attempt_timeout, ATTEMPT)


def _first(*values: int | None) -> int:
    return next(v for v in values if v is not None)


def meant(settings: dict[str, object]) -> dict[str, object]:
    """Settings without those of operation."""
    return {name: value for name, value in settings.items() if name not in OPERATION}
