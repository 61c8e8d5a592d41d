"""Which functions speak which API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from . import anthropic_messages, anthropic_stream, openai_chat, openai_responses, openai_responses_stream
from .exchange import Conversation, Dialect, Json, Reply, WireRequest
from .faults import Kind
from .http11 import HttpAnswer

RouteKind: TypeAlias = Literal["completion", "count-tokens", "models", "unknown"]
"""What a path asks for."""


class ErrorRenderer(Protocol):
    """Renders an HTTP error in one dialect."""

    def __call__(self, kind: Kind, model: str, detail: str = "") -> HttpAnswer:
        """The answer for this kind of error."""


@dataclass(frozen=True, slots=True)
class Codec:
    """Translates between one API's JSON and the neutral exchange.

    Attributes:
        read: A request body's conversation; an ordinary `KeyError`, `TypeError`, `ValueError` or
            `AttributeError` says that it makes no sense.
        render: The body of an answer.
        stream: The events of a streamed answer.
        failing_stream: The events of a stream that ends in an error event.
        error: An HTTP error.
    """

    read: Callable[[Json], Conversation]
    render: Callable[[WireRequest, Reply], Json]
    stream: Callable[[WireRequest, Reply], tuple[bytes, ...]]
    failing_stream: Callable[[WireRequest], tuple[bytes, ...]]
    error: ErrorRenderer


def codec(dialect: Dialect) -> Codec:
    """The codec of one API."""
    match dialect:
        case Dialect.CHAT:
            api = openai_chat
            return Codec(api.read, api.render, api.stream, api.failing_stream, api.error)
        case Dialect.RESPONSES:
            whole, parts = openai_responses, openai_responses_stream
            return Codec(whole.read, whole.render, parts.stream, parts.failing_stream, whole.error)
        case Dialect.MESSAGES:
            body, events = anthropic_messages, anthropic_stream
            return Codec(body.read, body.render, events.stream, events.failing_stream, body.error)


def route(method: str, path: str) -> tuple[RouteKind, Dialect]:
    """What a method and path ask for; an unknown path counts as Chat Completions, for want of a better."""
    match method, path:
        case "POST", "/v1/chat/completions":
            return "completion", Dialect.CHAT
        case "POST", "/v1/responses":
            return "completion", Dialect.RESPONSES
        case "POST", "/v1/responses/input_tokens":
            return "count-tokens", Dialect.RESPONSES
        case "POST", "/v1/messages":
            return "completion", Dialect.MESSAGES
        case "POST", "/v1/messages/count_tokens":
            return "count-tokens", Dialect.MESSAGES
        case "GET", "/v1/models":
            return "models", Dialect.CHAT
        case _:
            return "unknown", Dialect.CHAT
