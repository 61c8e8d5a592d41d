"""Tokens of a call where its provider does not say them, or says what cannot be.

What is impossible is no measurement: it is left out of the log. For money it is estimated upwards: one token for every
two bytes of the request's and the answer's text in UTF-8 (English has about four bytes to a token), `PART` for each
picture or other part that is no text. Reasoning that the provider keeps to itself cannot be counted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from inspect_ai.model import ChatMessage, ContentReasoning, ContentText, ModelOutput, ModelUsage
from inspect_ai.tool import ToolInfo

BYTES = 2
"""Bytes of text for a token: fewer than any tokenizer needs for prose."""
PART = 2000
"""Tokens of a picture or another part that is no text."""
MOST = 10**8
"""Tokens that no call has."""
FEWEST = 200
"""Characters of text that no tokenizer makes one token of."""


def is_possible(usage: ModelUsage | None, letters_in: int, letters_out: int) -> bool:
    """Whether a provider's usage can be that of a call.

    Args:
        usage: What it says.
        letters_in: Characters of the request's text.
        letters_out: Characters of the answer's.
    """
    if usage is None:
        return False
    cached = (usage.input_tokens_cache_read or 0, usage.input_tokens_cache_write or 0)
    counts = (usage.input_tokens, usage.output_tokens, usage.total_tokens, *cached, usage.reasoning_tokens or 0)
    if not all(0 <= n <= MOST for n in counts):
        return False
    return (usage.input_tokens + sum(cached)) * FEWEST >= letters_in and usage.output_tokens * FEWEST >= letters_out


def letters(messages: Sequence[ChatMessage]) -> int:
    """Characters of text in messages, quickly."""
    return sum(len(m.content) if isinstance(m.content, str) else len(m.text) for m in messages)


async def count_offline(input: str | Sequence[ChatMessage], config: object = None) -> int:
    """Tokens of a text or of messages, at four characters a token: an estimate that needs no vocabulary."""
    return -(-(len(input) if isinstance(input, str) else letters(input)) // 4)


def estimate(text_in: int, text_out: int) -> ModelUsage:
    """An upper estimate of a call's usage, of the bytes of its texts."""
    tokens_in, tokens_out = -(-text_in // BYTES) + 1, -(-text_out // BYTES) + 1
    return ModelUsage(input_tokens=tokens_in, output_tokens=tokens_out, total_tokens=tokens_in + tokens_out)


def bytes_of(messages: Sequence[ChatMessage], tools: Sequence[ToolInfo] = ()) -> int:
    """Bytes of text in messages and the tools on offer; parts that are no text count as so many."""
    return sum(_bytes(m) for m in messages) + sum(len(t.model_dump_json()) for t in tools)


def bytes_out(output: ModelOutput) -> int:
    """Bytes of text in an answer."""
    return sum(_bytes(choice.message) for choice in output.choices)


def _bytes(message: ChatMessage) -> int:
    content = message.content
    parts = [ContentText(text=content)] if isinstance(content, str) else content
    total = 0
    for part in parts:
        if isinstance(part, ContentText):
            total += len(part.text.encode("utf-8", "replace"))
        elif isinstance(part, ContentReasoning):
            total += len((part.reasoning or part.summary or "").encode("utf-8", "replace"))
        else:
            total += PART * BYTES
    calls = getattr(message, "tool_calls", None) or ()
    return total + sum(len(c.function) + len(json.dumps(c.arguments, default=str)) for c in calls)
