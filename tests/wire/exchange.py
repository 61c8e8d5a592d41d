"""What goes over the wire, said without any provider's vocabulary.

A `WireRequest` is what a client asked; a `Reply` is what the simulated provider answers. Each dialect
module translates between these and its own JSON, so that a test writes its responder once and runs it
against all of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, TypeAlias

Json: TypeAlias = dict[str, Any]
"""A decoded JSON object. The values are the provider's business, so they are not typed further."""

CREATED = 1_700_000_000
"""The time of every answer, in seconds since 1970: nothing here reads a clock."""


class Dialect(StrEnum):
    """One provider API."""

    CHAT = "openai-chat"
    RESPONSES = "openai-responses"
    MESSAGES = "anthropic-messages"


class Stop(StrEnum):
    """Why the model stopped."""

    END = "end"
    TOOL_CALLS = "tool-calls"
    MAX_TOKENS = "max-tokens"
    CONTENT_FILTER = "content-filter"


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of a tool by the model.

    `arguments` is the object, or a raw string that goes on the wire as it is (to send what is not JSON).
    `id` is left out in a reply: the server then derives one from the request.
    """

    name: str
    arguments: Mapping[str, Any] | str
    id: str = ""

    @property
    def raw(self) -> str:
        """The arguments as text."""
        return self.arguments if isinstance(self.arguments, str) else json.dumps(dict(self.arguments))


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the conversation so far.

    `reasoning` is what the client sends back of it, readable or (Responses) opaque; `call_id` names the call that
    a tool message answers; `images` are the data URIs, or the media types, of pictures in a tool message.
    """

    role: Literal["user", "assistant", "tool"]
    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    call_id: str = ""
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool offered to the model; `parameters` is its JSON schema."""

    name: str
    description: str
    parameters: Json


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a dialect reads from a request body."""

    system: str
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...]
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class WireRequest:
    """One request for a completion.

    Attributes:
        dialect: The API that was asked.
        model: The model's name as the provider sees it.
        system: System and developer messages, joined by blank lines.
        messages: The conversation without the system messages.
        tools: The tools on offer.
        max_tokens: The limit on the output, if one was asked for.
        stream: Whether the client asked for server-sent events.
        sdk_retry: 0, or which retry of the client library (not of Inspect) this is.
        occurrence: How many requests with this very body came before.
        headers: Lower-case names; the key itself is replaced by `<key>`.
        body: The decoded JSON body.
        digest: SHA-256 of the body: the same question has the same digest whenever it arrives.
    """

    dialect: Dialect
    model: str
    system: str
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...]
    max_tokens: int | None
    stream: bool
    sdk_retry: int
    occurrence: int
    headers: Mapping[str, str]
    body: Json
    digest: str

    @property
    def prompt(self) -> str:
        """The text of the last user message, or `""`."""
        return next((m.text for m in reversed(self.messages) if m.role == "user"), "")

    def token(self, slot: str) -> str:
        """24 hexadecimal digits that depend on the body, its occurrence and `slot` only, for ids."""
        return hashlib.sha256(f"{self.digest}/{self.occurrence}/{slot}".encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts in Inspect's sense.

    `input` leaves out cached tokens; `output` contains the `reasoning` tokens. The dialects convert
    (OpenAI's own input count contains the cached tokens).
    """

    input: int
    output: int
    reasoning: int = 0
    cache_read: int = 0
    cache_write: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What the simulated model answers.

    Attributes:
        text: The visible answer; empty for none.
        reasoning: The readable reasoning (in the OpenAI Responses dialect: its summary); empty for none.
        tool_calls: Calls in order; several are parallel calls.
        stop: Why it stopped; `None` means tool calls if there are any, else the natural end.
        usage: Token counts; `None` has the server estimate them from the texts.
        delay: Seconds until the answer is sent.
    """

    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    stop: Stop | None = None
    usage: Usage | None = None
    delay: float = 0.0

    @property
    def stop_reason(self) -> Stop:
        """The stop reason, derived if none was given."""
        return self.stop or (Stop.TOOL_CALLS if self.tool_calls else Stop.END)

    def usage_for(self, request: WireRequest) -> Usage:
        """The token counts, estimated at four characters a token if none were given."""
        if self.usage is not None:
            return self.usage
        reasoning = -(-len(self.reasoning) // 4)
        visible = len(self.text) + sum(len(c.name) + len(c.raw) for c in self.tool_calls)
        return Usage(len(json.dumps(request.body)) // 4, reasoning + visible // 4 + 1, reasoning)


Responder: TypeAlias = Callable[[WireRequest], Reply]
"""Called in the server's one event loop thread, one request at a time: it may keep state without locks."""


def body_digest(body: Json) -> str:
    """SHA-256 of a body in canonical JSON."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def pieces(text: str, size: int = 16) -> list[str]:
    """The text in pieces, as a stream delivers it."""
    return [text[start : start + size] for start in range(0, len(text), size)]


def in_turn(*replies: Reply) -> Responder:
    """A responder that gives these replies in order, and fails the test when asked once more."""
    rest = iter(replies)

    def respond(request: WireRequest) -> Reply:
        reply = next(rest, None)
        if reply is None:
            raise AssertionError(f"only {len(replies)} replies were prepared, and {request.prompt!r} came as well")
        return reply

    return respond
