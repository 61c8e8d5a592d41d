"""Whether two names are of one model, whoever serves it and by whichever of its names it was called."""

from __future__ import annotations

import re

from turncoat.base.simulated import is_simulated

_VENDOR = re.compile(r"^(?:[a-z]+\.)+(?=[a-z])")
"""Region and maker before a name, as Bedrock has them: `us.anthropic.claude-…`."""
_ENDINGS = re.compile(
    r"(?:"
    r":(?:latest|free|beta|nitro|floor|online|extended|thinking|exacto)"  # hosts' tags; `:8b` is a size
    r"|-v\d+:\d+"  # Bedrock's revision
    r"|[-@](?:20\d{6}|20\d\d-\d\d-\d\d)"  # a date
    r"|-(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])"  # a day of a month: gpt-4-0613, …-preview-05-06
    r"|-2[3-9](?:0[1-9]|1[0-2])"  # a month of a year: mistral-large-2407
    r"|-00\d"  # a revision: gemini-2.0-flash-001
    r"|[-@](?:latest|default|preview|exp)"
    r"|-(?:fp8|fp16|bf16|awq|gptq|int4|int8)"  # how exactly it computes
    r"|(?<=\d)[-.]0"  # claude-opus-4-0, the alias of claude-opus-4-20250514
    r")$"
)


def model_identity(name: str) -> str:
    """What the names of one model have in common.

    It is the last part of the name in lower case, without provider, host, region and maker before it, and without what
    says at its end only which day's snapshot it is, or how it is served: dates, `-latest`, `-preview`, hosts' tags,
    revisions, precision. Points and hyphens count alike (`claude-3.5-sonnet`). What says which model it is stays:
    version, size, `-mini`, `-turbo`, `-thinking`. A simulated model's name is whole: its numbers are its rates.

    A name that somebody gave himself (a deployment, a fine-tuned copy) does not say what it is of, and is its own.

    Args:
        name: Inspect's name, such as `openrouter/anthropic/claude-3.5-sonnet`.
    """
    if is_simulated(name):
        return name
    own = _VENDOR.sub("", name.strip().lower().rpartition("/")[2])
    while (shorter := _ENDINGS.sub("", own)) != own and shorter:
        own = shorter
    return re.sub(r"[._]", "-", own)


def same_model(first: str, second: str) -> bool:
    """Whether two names are of one model; see `model_identity`."""
    return model_identity(first) == model_identity(second)
