"""How an output ended, in the words of providers, gateways and frameworks: by itself, or by something else.

One table for every way in: runs, logs, files of others, both interfaces. The words come from the public interfaces of
Anthropic, OpenAI (chat and responses), Google, Mistral, Cohere, xAI, Bedrock, DeepSeek, Alibaba, watsonx, OpenRouter,
vLLM, SGLang, TGI, llama.cpp, Ollama, LM Studio and Inspect. A word that the table does not know says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from turncoat.base.patterns import later
from turncoat.evidence.case import CutOff, Unscored

STOPS: Mapping[Unscored, str] = {
    Unscored.TRUNCATED: "max_tokens",
    Unscored.REFUSED: "content_filter",
    Unscored.TOO_LONG: "model_length",
    Unscored.BROKE_OFF: "error",
}
"""The word that stands for each ending in what is kept of a sample, as in Inspect where it has one."""

BY_ITSELF = frozenset(
    "stop stopped stop_sequence stop_string_found stop_token matched_stop word end end_turn end_of_turn end_of_text "
    "endoftext eos eos_token eos_found finish finished complete completed done success succeeded ok normal natural "
    "tool_call tool_calls tool_use function_call function_calls none null false 0".split()
)
"""Words for an output that ended as the model meant it."""

_SIGNS: tuple[tuple[Unscored, str], ...] = (
    (Unscored.TOO_LONG, r"context|model_length|(prompt|input|request)_(is_)?too_(long|large)|^error_limit$"),
    (
        Unscored.REFUSED,
        r"filter|safety|refus|recitation|blocklist|blocked|prohibited|spii|guardrail|moderat|policy|toxic|sensitive|"
        r"flagged|withheld|jailbreak|data_inspection|^language$",
    ),
    (
        Unscored.BROKE_OFF,
        r"error|exception|fail|abort|cancel|time_?(d_)?out|timelimit|time_limit|deadline|interrupt|disconnect|network|"
        r"connection|overload|rate_limit|unavailable|gateway|insufficient_system_resource|malformed|unexpected_tool|"
        r"too_many_tool|missing_thought|invalid|killed|crash|preempt|expired|unload|user_stopped|^(other|load|broken)$",
    ),
    (
        Unscored.TRUNCATED,
        r"length|max_?len|truncat|incomplete|not_finished|unfinished|cut_?off|partial|pause|repetition|"
        r"max(imum)?_[a-z_]*(tokens?|turns|steps|iterations|rounds)|token_(limit|budget)|limit|too_long|^(max|maximum)$",
    ),
)
"""Ending → what its words hold; the first that fits counts, of a record's words as well. `error_limit` is Cohere's for
the context window."""

_GOOGLE = {2: "max_tokens", 3: "safety", 4: "recitation", 5: "other", 6: "language", 7: "blocklist", 8: "prohibited"}
"""Google's finish reasons where they are written as numbers."""

_WORDS = later(
    r"(?:native_)?(?:stop|stopped|finish|finished|done|end|ended|completion|termination|terminated|exit|cutoff|truncation)"
    r"_(?:reasons?|type|cause|by|info|details)|ending|termination|incomplete_details|block_reason|error|exception"
)
"""Keys that say how an output ended."""
_PERHAPS = frozenset({"stop", "status_reason"})
"""Keys that may say it, and other things: only what the table knows counts."""
_FLAGS: Mapping[Unscored, re.Pattern[str]] = {
    Unscored.TRUNCATED: later(
        r"(?:is|was|possibly|maybe|perhaps|output|response|answer|_)*(?:truncated|cut_?off|incomplete)|stopped_limit"
        r"|(?:hit|reached)_(?:\w{1,20}_)?(?:limit|max_tokens)|(?:max_tokens|token_limit)_reached"
    ),
    Unscored.REFUSED: later(r"(?:is_|was_|content_)*(?:filtered|withheld)"),
}
_UNFINISHED = frozenset("completed complete is_complete finished is_finished response_complete done".split())
"""Flags that say that the output is cut off where they are false."""
_STATUS = {
    **dict.fromkeys(("incomplete", "in_progress"), Unscored.TRUNCATED),
    **dict.fromkeys(("failed", "error", "errored", "cancelled", "canceled"), Unscored.BROKE_OFF),
}
"""What a `status` says of the output; other files use the word for much else."""
_RESULTS = {**_STATUS, "expired": Unscored.BROKE_OFF}
"""What the `type` of a batch's `result` says."""
_ELSEWHERE = frozenset(
    "turns messages history prompt input request params parameters config settings condition label labels origin "
    "logprobs usage tools tool_calls scores events store attachments error_retries".split()
)
"""Objects that say nothing of how the output ended; every other one may be a provider's own response."""
_DEPTH = 4


def ending(word: object) -> Unscored | None:
    """What a stop or finish reason says: why the output is cut off, or None where it ended by itself or nobody knows.

    Args:
        word: As it stands in a response, a log or a file: in any case and spelling (`FinishReason.MAX_TOKENS`,
            `maxPredictedTokensReached`, `content-filter`), as Google's number, or as an object that holds it under
            `type`, `reason`, `code` or `message`.
    """
    if isinstance(word, Mapping):
        inner = (word.get(name) for name in ("code", "type", "reason", "status", "message"))
        return next((found for value in inner if (found := ending(value)) is not None), None)
    if isinstance(word, int) and not isinstance(word, bool):
        word = _GOOGLE.get(word, "")
    if not isinstance(word, str) or (said := _plain(word)) in BY_ITSELF:
        return None
    return next((reason for reason, signs in _SIGNS if re.search(signs, said)), None)


def is_unusual(stop: str) -> bool:
    """Whether a stop reason is one that the table does not know."""
    return bool(stop) and ending(stop) is None and _plain(stop) not in BY_ITSELF


def stop_of(record: Mapping[str, Any]) -> str:
    """How the output in a record ended, as `Kept.stop` holds it.

    Args:
        record: A JSON object of a file of responses or a provider's whole answer, under whatever of the usual names it
            says it: `stop_reason`, `finishReason`, `truncated`, `possibly_truncated`, `incomplete_details`, `error` …

    Returns:
        One of `STOPS`; or the reason that it names, where that is an unusual one; or "".
    """
    said = list(_said(record))
    found = next((reason for reason, _ in _SIGNS if any(reason is r for _, r in said)), None)
    return STOPS[found] if found is not None else next((word for word, _ in said if word), "")


def says_ending(key: str) -> bool:
    """Whether a key of a record is one of those that say how its output ended."""
    name = _plain(key)
    return _WORDS.fullmatch(name) is not None or name in _UNFINISHED or _flag(name) is not None


_DID_NOT_FIT = later(
    r"maximum context length (?:is|of) \d|context_length_exceeded|(?:prompt|input) is too long: \d+ tokens|"
    r"(?:exceeds?|exceeded) (?:the |this )?(?:model's )?(?:maximum|available|max) "
    r"(?:context|number of (?:input )?tokens)|"
    r"input token count .{0,60}exceeds the maximum",
    re.I,
)
_ERROR = later(
    r"(?:error:?\s+)?(?:[a-z_]{1,20}\.){0,3}(?:[a-z]{0,30}(?:rate_?limit|apiconnection|apitimeout|apistatus|api|"
    r"internalserver|badrequest|authentication|serviceunavailable|permissiondenied|notfound|overloaded|readtimeout|"
    r"connecttimeout)error|readtimeout|remoteprotocolerror)\b\s*[:(]"
    r"|(?:error|status|http)[ _]?(?:code|error|status)?\s*:?\s*(?:4\d\d|5\d\d)\b\s*[-–:({]"
    r"|(?:http\s*(?:error\s*)?)?(?:429|5\d\d):?\s+(?:too many requests|internal server error|bad gateway|"
    r"service unavailable|gateway time-?out)\b"
    r"|(?:<!doctype html[^>]*>\s*)?<html\b.{0,200}?<title>[^<]{0,40}\b(?:4\d\d|5\d\d)\b"
    r"|upstream connect error\b|no healthy upstream\s*$|upstream request timeout\s*$"
    r"|\{\s*[\"'](?:error|errors)[\"']\s*:\s*[\[{\"'].*\}\s*$"
    r"|traceback \(most recent call last\):|api error\b\s*[:(]|error code:\s*\d{3}\b|cuda out of memory\b"
    r"|agent stopped due to (?:iteration|max|time)\b"
    r"|your credit balance is too low\b|you exceeded your current quota\b"
    r"|the model [`'\"][^`'\"]{1,80}[`'\"] does not exist\b"
    r"|error: (?:the )?(?:model|api|request|server|connection|response)\b"
    r"|[\[<(]\s*(?:error|blocked|no (?:response|output|answer)|empty(?: response)?|filtered|timeout)\b"
    r"[^\]>)]{0,80}[\]>)]\s*$"
    r"|(?:none|null|nan|undefined)\s*$",
    re.I | re.S,
)
"""How the words begin that a client's exception, a gateway or its page for people puts in the place of an answer."""
_LONGEST_ERROR = 800
"""Characters of a provider's error; a longer answer that speaks of context lengths is a model's."""


def refusal_as_answer(answer: str) -> str:
    """The stop reason of an answer that is a provider's error and no model's words; or "".

    That the prompt did not fit is told apart from every other error.
    """
    if len(answer) > _LONGEST_ERROR:
        return ""
    if _DID_NOT_FIT.search(answer):
        return STOPS[Unscored.TOO_LONG]
    return STOPS[Unscored.BROKE_OFF] if _ERROR.match(answer.strip()) else ""


def cut_off(stop: str, *, empty: bool) -> CutOff | None:
    """That an output did not end by itself, or that there is none.

    Args:
        stop: The stop reason; see `ending`.
        empty: Whether there is no output.
    """
    reason = ending(stop)
    if empty:
        return CutOff(reason or Unscored.EMPTY, f"there is no output to score{_WHY.get(reason, '')}", unread=True)
    if reason is None:
        return None
    return CutOff(reason, f"nothing harmful was done{_WHY[reason]}", over_doubts=True)


_WHY: Mapping[Unscored | None, str] = {
    Unscored.TRUNCATED: "; the output was cut off",
    Unscored.REFUSED: "; the provider withheld the output or the rest of it",
    Unscored.TOO_LONG: "; prompt and answer did not fit in the model's context window",
    Unscored.BROKE_OFF: "; the provider or gateway broke off with an error",
}


def _said(record: Mapping[str, Any], depth: int = 0) -> Iterator[tuple[str, Unscored | None]]:
    """The unusual words in a record, each with what it says."""
    for key, value in record.items():
        name = _plain(str(key))
        if _WORDS.fullmatch(name) and not _blank(value):
            if name == "stop_reason" and _is_sequence(value, record):
                continue
            reason = ending(value)
            if name in ("error", "exception"):
                yield "", reason or Unscored.BROKE_OFF
            else:
                yield ("" if _usual(value) else str(value)[:80]), reason
        elif name == "status" and isinstance(value, str):
            yield "", _STATUS.get(_plain(value))
        elif (flagged := _flag(name)) is not None:
            yield "", flagged if _is_set(value) else None
        elif name in _UNFINISHED:
            yield "", Unscored.TRUNCATED if value is False or str(value).lower() == "false" else None
        elif name in _PERHAPS and isinstance(value, str):
            yield "", ending(value)
        elif name not in _ELSEWHERE and depth < _DEPTH:
            inner = value[0] if isinstance(value, list) and value else value
            if isinstance(inner, Mapping):
                if name == "result":
                    yield "", _RESULTS.get(_plain(str(inner.get("type", ""))))
                yield from _said(inner, depth + 1)


def _is_sequence(value: object, record: Mapping[str, Any]) -> bool:
    """Whether a stop reason is the text or number of the token that stopped it, as vLLM writes beside its reason."""
    finish = record.get("finish_reason")
    if not isinstance(finish, str) or _plain(finish) not in BY_ITSELF:
        return False
    return isinstance(value, int) or (isinstance(value, str) and re.fullmatch(r"[\w. -]+", value) is None)


def _flag(name: str) -> Unscored | None:
    return next((reason for reason, names in _FLAGS.items() if names.fullmatch(name)), None)


def _plain(word: str) -> str:
    """A word in small letters with underscores, without the name of its type."""
    bare = re.sub(r"^(?:\w+\.)+(?=\w+$)", "", word.strip())
    bare = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", bare)
    bare = re.sub(r"[\s-]+", "_", bare).lower()
    return re.sub(r"^(finish_reason|stop_reason|finishreason|stopreason|reason)_(?=\w)", "", bare)


def _blank(value: object) -> bool:
    if isinstance(value, Mapping):
        return not any(value.values())
    said = _plain(value) if isinstance(value, str) else value
    return said in (None, "", "none", "null", "n/a", "false", "no", [], {}) or isinstance(said, float | bool)


def _usual(value: object) -> bool:
    return isinstance(value, int | Mapping) or (isinstance(value, str) and _plain(value) in BY_ITSELF)


def _is_set(value: object) -> bool:
    return bool(value) and not (isinstance(value, str) and (_blank(value) or value.strip() == "0"))
