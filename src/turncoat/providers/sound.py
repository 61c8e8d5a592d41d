"""What stands between Inspect and a provider: its answers sound, its secrets kept, its faults known by what they are.

A model can answer with half of a surrogate pair: JSON can spell it, and no text in UTF-8 can hold it. Inspect's log
writer fails the whole run over some of them, and spells others out, which moves every offset behind them. So each half
becomes U+FFFD, one character for one, at the only place that comes before everything else: the provider's own answer.

A provider that refuses a key often repeats it in its answer, and clients put that answer into their errors. What this
process knows as a secret (see `secrets`) is replaced wherever a provider's answer or error would carry it on: to logs,
reports, and lines on the terminal.

No attempt lasts longer than `patience` allows, an answer that is none is an error that may pass (see `faults`), and a
usage that cannot be is none (see `usage`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import anyio
from inspect_ai.model import ChatMessage, GenerateConfig, Model, ModelAPI, ModelCall, ModelOutput
from inspect_ai.tool import ToolChoice, ToolInfo
from pydantic import BaseModel
from pydantic_core import PydanticSerializationError, to_json

from turncoat.base.text import unbroken
from turncoat.providers import patience, usage
from turncoat.providers.calls import mend_calls
from turncoat.providers.faults import (
    ANSWERED,
    CAUSE,
    Answered,
    TooSlowError,
    UnusableError,
    as_known,
    cause_of,
    empty_answer,
    failed_choice,
    is_spent,
    is_too_long,
    may_pass,
    watch_responses,
)
from turncoat.providers.gate import passing
from turncoat.providers.inspect_private import RetryDecision, active_event, active_model, model_roles
from turncoat.providers.secrets import SENT_ONLY, hide, known_secrets, public_config, sent, without_secrets
from turncoat.providers.watch import WATCH

_KEPT = "_turncoat_keeps_sound"

MAX_DEPTH = 50
"""Deepest nesting of lists and objects that is kept; log writers give up at some greater depth."""
TOO_DEEP = "(nested too deeply)"

_SOONER = 0.99
"""Of the time for an attempt, so that Inspect's own clock, which says nothing of the cause, comes second."""

LOCAL = ("SimAPI", "MockLLM", "NoModel")
"""Providers that answer within this process: what they say is what they mean."""


def keep_active_sound() -> None:
    """As `keep_sound`, for the model at work and every model that has a role in the run."""
    model = active_model()
    keep_sound(m for m in (model, *model_roles().values()) if m is not None)


def keep_sound(models: Iterable[Any]) -> None:
    """From now on these models' outputs hold no half of a surrogate pair, in any text, name or argument.

    Args:
        models: Models, or lists of them; what is none is passed over. A model that is kept sound already stays so.
    """
    for model in models:
        if isinstance(model, list | tuple):
            keep_sound(model)
        elif isinstance(model, Model) and not getattr(model.api, _KEPT, False):
            _wrap(model.api)


def _wrap(api: ModelAPI) -> None:
    kind = type(api)

    async def soundly(
        input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> Any:
        name = api.qualified_model_name or api.model_name
        async with passing(name):
            return await answered(name, input, tools, tool_choice, config)

    async def answered(
        name: str, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> Any:
        secrets, watch = known_secrets(api), WATCH.get()
        if watch is not None:
            watch.begins(name)
        failed: str | None = None
        try:
            answer = await _attempted(api, input, tools, tool_choice, config)
            failed = ""
        except Exception as error:
            silence(error, secrets)
            setattr(error, CAUSE, cause := cause_of(error, secrets))
            failed = cause if may_pass(error) else ""
            if isinstance(error, UnusableError) and error.size and watch is not None:
                watch.uncounted(name, usage.estimate(usage.bytes_of(input, tools), error.size))
            raise
        finally:
            _hide_event(config)
            if watch is not None:
                watch.ends(name, failed)
        for part in answer if isinstance(answer, tuple) else ():
            if isinstance(part, Exception):  # how some providers hand on a request that was refused
                silence(part, secrets)
        answer = sound(answer, secrets)
        mend_calls(answer, tools)
        return _counted(answer, name, input, tools)

    def should_retry(ex: Exception) -> bool | RetryDecision:
        if is_spent(ex):
            return RetryDecision.no()
        decision = kind.should_retry(api, ex)
        retried = decision.retry if isinstance(decision, RetryDecision) else decision
        return decision if retried or not may_pass(ex) else RetryDecision.transient()

    # Inspect has no place for what wraps a client, so that its methods are replaced.
    replaced: Any = api
    replaced.generate, replaced.should_retry = soundly, should_retry
    if kind.__name__ == "MockLLM":  # counts its own answers by a vocabulary that it would have to download
        replaced.count_tokens = usage.count_offline
    replaced.retry_wait = lambda: kind.retry_wait(api) or patience.pause
    setattr(api, _KEPT, True)


async def _attempted(
    api: ModelAPI, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
) -> ModelOutput | tuple[ModelOutput | Exception, ModelCall]:
    """One attempt.

    Raises:
        TooSlowError: There was no whole answer in time.
        UnusableError: The answer is none.
    """
    if type(api).__name__ in LOCAL:
        return await type(api).generate(api, input, tools, tool_choice, config)
    watch_responses(api)
    answered, seconds = Answered(), patience.attempt_seconds(config)
    token = ANSWERED.set(answered)
    try:
        with anyio.move_on_after(seconds * _SOONER) as scope:
            answer = await type(api).generate(api, input, tools, tool_choice, sent(api, config))
        if scope.cancelled_caught:
            raise TooSlowError(f"no whole answer within {seconds:g} s")
    except Exception as error:
        if is_too_long(error):
            return _too_long(api, error)
        known = as_known(error, answered)
        if known is error:
            raise
        raise known from error
    finally:
        ANSWERED.reset(token)
    output = answer[0] if isinstance(answer, tuple) else answer
    if isinstance(output, Exception) and is_too_long(output):
        return _too_long(api, output)
    if isinstance(output, ModelOutput):
        if not output.choices:
            raise empty_answer(answered)
        if output.stop_reason == "unknown" and not output.completion and (why := failed_choice(answered)):
            raise why
    return answer


def _too_long(api: ModelAPI, error: Exception) -> ModelOutput:
    """What Inspect makes of a prompt that does not fit, for servers that it does not understand."""
    return ModelOutput.from_content(api.model_name, cause_of(error), stop_reason="model_length")


def _hide_event(config: GenerateConfig) -> None:
    """See that Inspect's record of the call shows no secret of its settings, nor does what it keeps of the request."""
    event = active_event()
    if event is None:
        return
    if (public := public_config(config)) is not config:
        event.config = public
    if event.call is not None:
        _hide_call(event.call)


def _counted(answer: Any, name: str, input: Sequence[ChatMessage], tools: Sequence[ToolInfo]) -> Any:
    """The answer without a usage that cannot be; then the run is told an estimate."""
    output = answer[0] if isinstance(answer, tuple) else answer
    if not isinstance(output, ModelOutput):
        return answer
    if not usage.is_possible(output.usage, usage.letters(input), len(output.completion)):
        output.usage = None
        if (watch := WATCH.get()) is not None:
            watch.uncounted(name, usage.estimate(usage.bytes_of(input, tools), usage.bytes_out(output)))
    return answer


def _hide_call(call: ModelCall) -> None:
    for name in SENT_ONLY:
        if isinstance(given := call.request.get(name), dict):
            call.request[name] = hide(given)


def sound(value: Any, secrets: Collection[str] = ()) -> Any:
    """The value without halves of surrogate pairs, bottomless nesting, and secrets.

    Args:
        value: What a provider returned: a `ModelOutput`, or a pair of it and a `ModelCall`.
        secrets: What it must not hold.

    Returns:
        The very same value where it holds none of these.
    """
    try:
        written = to_json(value, fallback=lambda _: None)
    except (PydanticSerializationError, UnicodeError, ValueError):
        return _mended(value, secrets)
    if any(to_json(secret)[1:-1] in written for secret in secrets):
        return _mended(value, secrets)
    return value


def silence(error: BaseException, secrets: Iterable[str]) -> None:
    """Take secrets out of an error, its notes, and all errors that it came from or holds.

    The message of a group of errors is fixed, and is of the code that made the group: it stays.
    """
    secrets = tuple(secrets)
    waiting: list[BaseException | None] = [error] if secrets else []
    seen: set[int] = set()
    while waiting:
        if (one := waiting.pop()) is None or id(one) in seen:
            continue
        seen.add(id(one))
        one.args = tuple(_mended(a, secrets) for a in one.args)
        for name in ("body", "__notes__") if isinstance(one, BaseExceptionGroup) else ("message", "body", "__notes__"):
            if isinstance(value := getattr(one, name, None), str | dict | list):
                setattr(one, name, _mended(value, secrets))
        waiting += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]


def _text(text: str, secrets: Collection[str]) -> str:
    return without_secrets(unbroken(text), secrets)


def _mended(value: Any, secrets: Collection[str], depth: int = 0) -> Any:
    if depth > MAX_DEPTH:
        return _text(value, secrets) if isinstance(value, str) else TOO_DEEP
    match value:
        case str():
            return _text(value, secrets)
        case BaseModel():
            _mend_fields(value, type(value).model_fields, secrets, depth)
        case dict():
            return {_mended(k, secrets): _mended(v, secrets, depth + 1) for k, v in value.items()}
        case list():
            return [_mended(v, secrets, depth + 1) for v in value]
        case tuple():
            return tuple(_mended(v, secrets, depth + 1) for v in value)
        case _ if is_dataclass(value) and not isinstance(value, type):
            _mend_fields(value, [f.name for f in fields(value)], secrets, depth)
    return value


def _mend_fields(thing: Any, names: Iterable[str], secrets: Collection[str], depth: int) -> None:
    for name in names:
        value = getattr(thing, name)
        if value is not None:
            object.__setattr__(thing, name, _mended(value, secrets, depth + 1))
