"""Decides what to answer, in the order in which providers check: key, path, body, model, conversation."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from math import ceil
from typing import Literal, TypeAlias

from .checks import complaint
from .dialects import Codec, RouteKind, codec, route
from .exchange import CREATED, Dialect, Json, Reply, Responder, WireRequest, body_digest
from .faults import REPLY_KINDS, Fault, FaultPlan, Kind, spoil
from .http11 import HttpAnswer, HttpRequest, json_answer

RequestKind: TypeAlias = RouteKind | Literal["probe"]
"""A `probe` is the request with which Inspect finds out whether an account may have reasoning summaries."""

PROBE = "Please say 'hello, world'"
"""The input of that request (inspect_ai `OpenAIAPI.reasoning_summaries`)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to send and what caused it; `request` is there if the request could be read."""

    answer: HttpAnswer
    fault: Fault | None = None
    request: WireRequest | None = None
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Call:
    """A request with what can be seen of it before anything is checked."""

    kind: RequestKind
    dialect: Dialect
    key: str
    sdk_retry: int
    body: Json
    http: HttpRequest

    @property
    def model(self) -> str:
        """The model's name in the body, or `""`."""
        name = self.body.get("model")
        return name if isinstance(name, str) else ""


class Desk:
    """The part of the server that knows what a provider does, without any input or output.

    Attributes:
        failures: What the responder or the fault plan raised.
    """

    def __init__(
        self,
        responder: Responder,
        faults: FaultPlan,
        keys: Collection[str] | None,
        models: Collection[str] | None,
    ) -> None:
        """Take the arguments of `WireServer`."""
        self.failures: list[Exception] = []
        self._responder = responder
        self._faults = faults
        self._keys = keys
        self._models = models
        self._seen: Counter[str] = Counter()

    def decide(self, call: Call) -> Outcome:
        """What to answer this request."""
        speak = codec(call.dialect)
        if not call.key or (self._keys is not None and call.key not in self._keys):
            return Outcome(speak.error(Kind.INVALID_KEY, call.model), Fault(Kind.INVALID_KEY))
        if call.kind == "models":
            return Outcome(self._list_models(call))
        if call.kind == "unknown":
            return Outcome(json_answer(404, {"error": {"message": f"Unknown path {call.http.path}"}}))
        if not call.model:
            return _refuse(speak, call, "the body must be a JSON object with a model's name")
        if self._models is not None and call.model not in self._models:
            return Outcome(speak.error(Kind.UNKNOWN_MODEL, call.model), Fault(Kind.UNKNOWN_MODEL))
        if call.kind == "count-tokens":
            return Outcome(json_answer(200, {"input_tokens": len(call.http.body) // 4}))
        try:
            request = self._read(speak, call)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            return _refuse(speak, call, f"the body cannot be read: {error!r}")
        if refusal := complaint(request.messages):
            return _refuse(speak, call, refusal)
        if call.kind == "probe":
            return Outcome(_answer(speak, request, Reply("hello, world")), request=request)
        self._seen[request.digest] += 1
        try:
            return self._play(speak, request, self._faults(request))
        except Exception as error:
            self.failures.append(error)
            answer = speak.error(Kind.BAD_REQUEST, call.model, f"the test's responder failed: {error!r}")
            return Outcome(answer, request=request)

    def _read(self, speak: Codec, call: Call) -> WireRequest:
        conversation = speak.read(call.body)
        digest = body_digest(call.body)
        secret = ("authorization", "x-api-key")
        return WireRequest(
            dialect=call.dialect,
            model=call.model,
            system=conversation.system,
            messages=conversation.messages,
            tools=conversation.tools,
            max_tokens=conversation.max_tokens,
            stream=bool(call.body.get("stream")),
            sdk_retry=call.sdk_retry,
            occurrence=self._seen[digest],
            headers={name: "<key>" if name in secret else text for name, text in call.http.headers.items()},
            body=call.body,
            digest=digest,
        )

    def _play(self, speak: Codec, request: WireRequest, fault: Fault | None) -> Outcome:
        """Ask the model, unless the fault comes before it."""
        if fault is None or fault.kind in REPLY_KINDS:
            reply = self._responder(request)
            if fault is not None:
                reply = spoil(fault.kind, reply, request)
            return Outcome(_answer(speak, request, reply), fault, request, reply.delay)
        match fault.kind:
            case Kind.STALL | Kind.RESET:
                answer = _answer(speak, request, Reply("This answer never arrives whole."))
            case Kind.INVALID_JSON:
                answer = HttpAnswer(200, b'{"id": "this is not JSON"')
            case Kind.STREAM_ERROR if request.stream:
                answer = HttpAnswer(200, events=speak.failing_stream(request))
            case kind:
                answer = speak.error(kind, request.model)
                answer.headers.update(_retry_headers(fault.retry_after))
        return Outcome(answer, fault, request)

    def _list_models(self, call: Call) -> HttpAnswer:
        names = sorted(self._models or ())
        if "anthropic-version" in call.http.headers:
            fixed = {"type": "model", "created_at": "2025-01-01T00:00:00Z"}
            data = [fixed | {"id": name, "display_name": name} for name in names]
            ends = {"first_id": names[0] if names else None, "last_id": names[-1] if names else None}
            return json_answer(200, {"data": data, "has_more": False} | ends)
        entry = {"object": "model", "created": CREATED, "owned_by": "test"}
        return json_answer(200, {"object": "list", "data": [{"id": name, **entry} for name in names]})


def look_at(http: HttpRequest) -> Call:
    """See what kind of request this is, before anything is checked."""
    kind, dialect = route(http.method, http.path)
    try:
        decoded = json.loads(http.body)
    except ValueError:
        decoded = None
    body: Json = decoded if isinstance(decoded, dict) else {}
    bearer = http.headers.get("authorization", "").removeprefix("Bearer").strip()
    return Call(
        kind="probe" if kind == "completion" and body.get("input") == PROBE else kind,
        dialect=dialect,
        key=http.headers.get("x-api-key", "") or bearer,
        sdk_retry=int(http.headers.get("x-stainless-retry-count", "0")),
        body=body,
        http=http,
    )


def _answer(speak: Codec, request: WireRequest, reply: Reply) -> HttpAnswer:
    # OpenAI and Anthropic name the same header differently; neither minds the other's.
    headers = dict.fromkeys(("x-request-id", "request-id"), f"req_{request.token('http')}")
    if request.stream:
        return HttpAnswer(200, headers=headers, events=speak.stream(request, reply))
    return json_answer(200, speak.render(request, reply), headers)


def _refuse(speak: Codec, call: Call, detail: str) -> Outcome:
    return Outcome(speak.error(Kind.BAD_REQUEST, call.model, detail), Fault(Kind.BAD_REQUEST))


def _retry_headers(seconds: float | None) -> dict[str, str]:
    if seconds is None:
        return {}
    return {"retry-after": str(ceil(seconds)), "retry-after-ms": str(ceil(seconds * 1000))}
