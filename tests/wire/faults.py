"""What can go wrong between a client and a provider, and plans of when it does."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeAlias

from .exchange import Reply, Stop, ToolCall, WireRequest


class Kind(StrEnum):
    """One way to fail. The comments say what goes over the wire."""

    # An HTTP error with the provider's own error body; the model is never asked.
    RATE_LIMIT = "rate-limit"  # 429
    QUOTA = "quota"  # OpenAI: 429 insufficient_quota; Anthropic: 400, credit balance too low
    SERVER_ERROR = "server-error"  # 500
    BAD_GATEWAY = "bad-gateway"  # 502, an HTML page as a gateway sends it
    UNAVAILABLE = "unavailable"  # 503
    OVERLOADED = "overloaded"  # 529, Anthropic's own status
    INVALID_KEY = "invalid-key"  # 401
    UNKNOWN_MODEL = "unknown-model"  # 404
    BAD_REQUEST = "bad-request"  # 400, a request that makes no sense
    CONTEXT_LENGTH = "context-length"  # 400
    CONTENT_BLOCKED = "content-blocked"  # 400, refused by a filter before or after the model
    # The connection fails; the model is never asked.
    STALL = "stall"  # nothing is sent for `Fault.seconds`, then the connection closes
    RESET = "reset"  # 200, half a body, then TCP reset
    INVALID_JSON = "invalid-json"  # 200 and a whole body that is not JSON
    STREAM_ERROR = "stream-error"  # 200, the stream begins, then an error event; without streaming a 500
    # The model answers, and the answer is spoilt.
    EMPTY = "empty"  # 200 without any content
    CONTENT_FILTER = "content-filter"  # 200 without content, stopped by a filter
    MAX_TOKENS = "max-tokens"  # 200, text cut in half, stopped by the token limit
    BROKEN_CALL = "broken-call"  # a tool call whose arguments are JSON with a token that is not
    CUT_CALL = "cut-call"  # a tool call whose arguments end in the middle, stopped by the token limit


REPLY_KINDS = frozenset({Kind.EMPTY, Kind.CONTENT_FILTER, Kind.MAX_TOKENS, Kind.BROKEN_CALL, Kind.CUT_CALL})
"""The faults for which the responder is asked, because they spoil its reply."""


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """One failure.

    Attributes:
        kind: What fails.
        retry_after: Seconds announced by an HTTP error in `Retry-After` (rounded up to whole seconds, as the
            header demands) and `retry-after-ms`, which the client libraries prefer; `None` sends neither.
        seconds: How long a stall lasts.
    """

    kind: Kind
    retry_after: float | None = None
    seconds: float = 30.0


FaultPlan: TypeAlias = Callable[[WireRequest], Fault | None]
"""Asked once for each completion request, in order of arrival."""


def script(*faults: Fault | Kind | None) -> FaultPlan:
    """These faults for the first requests in order of arrival (`None` lets one through), then no more."""
    rest = iter(faults)
    return lambda request: _fault(next(rest, None))


def always(fault: Fault | Kind) -> FaultPlan:
    """The same fault for every request."""
    return lambda request: _fault(fault)


def at_random(seed: int, rates: Mapping[Kind, float], *, in_a_row: int = 2, retry_after: float = 0.001) -> FaultPlan:
    """Faults at these rates, reproducible under any concurrency.

    The draw is keyed by the seed, the request's body and how often that body came before, never by the order
    of arrival. After `in_a_row` requests with the same body the next one passes, so that retries end.

    Args:
        seed: Names the plan.
        rates: Probability of each kind; together at most 1.
        in_a_row: The most faults in succession for one body.
        retry_after: Passed to each `Fault`; the default keeps the retries of the client library fast.

    Raises:
        ValueError: If the rates are no probabilities.
    """
    if min(rates.values(), default=0) < 0 or sum(rates.values()) > 1:
        raise ValueError(f"rates must be non-negative and sum to at most 1, found {dict(rates)}")

    def plan(request: WireRequest) -> Fault | None:
        if request.occurrence % (in_a_row + 1) == in_a_row:
            return None
        key = hashlib.sha256(f"{seed}/{request.digest}/{request.occurrence}".encode()).digest()
        draw = int.from_bytes(key[:8]) / 2**64
        for kind, rate in rates.items():
            if draw < rate:
                return Fault(kind, retry_after=retry_after)
            draw -= rate
        return None

    return plan


def spoil(kind: Kind, reply: Reply, request: WireRequest) -> Reply:
    """The reply as it arrives under one of `REPLY_KINDS`; any other kind leaves it as it is."""
    match kind:
        case Kind.EMPTY:
            return dataclasses.replace(reply, text="", reasoning="", tool_calls=(), stop=Stop.END)
        case Kind.CONTENT_FILTER:
            return dataclasses.replace(reply, text="", reasoning="", tool_calls=(), stop=Stop.CONTENT_FILTER)
        case Kind.MAX_TOKENS:
            half = reply.text[: len(reply.text) // 2]
            return dataclasses.replace(reply, text=half, tool_calls=(), stop=Stop.MAX_TOKENS)
        case Kind.BROKEN_CALL:
            return _with_last_call(reply, request, lambda raw: raw[:-1] + ", <absent>}")
        case Kind.CUT_CALL:
            cut = _with_last_call(reply, request, lambda raw: raw[: len(raw) // 2])
            return dataclasses.replace(cut, stop=Stop.MAX_TOKENS)
        case _:
            return reply


def _fault(fault: Fault | Kind | None) -> Fault | None:
    return Fault(fault) if isinstance(fault, Kind) else fault


def _with_last_call(reply: Reply, request: WireRequest, damage: Callable[[str], str]) -> Reply:
    """Damage the reply's last call, or a call of the first tool on offer if the reply has none."""
    if not reply.tool_calls and not request.tools:
        raise AssertionError(f"the request {request.prompt!r} offers no tools, so no call can be malformed")
    calls = reply.tool_calls or (ToolCall(request.tools[0].name, {"value": "something"}),)
    last = dataclasses.replace(calls[-1], arguments=damage(calls[-1].raw))
    return dataclasses.replace(reply, tool_calls=(*calls[:-1], last))
