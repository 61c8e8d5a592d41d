"""The bodies with which OpenAI's two APIs report errors.

Shape: `{"error": {"message", "type", "param", "code"}}` (https://platform.openai.com/docs/guides/error-codes).
Messages are those that clients are known to match on, shortened where nobody does.
"""

from __future__ import annotations

from typing import assert_never

from .exchange import Dialect, Json
from .faults import Kind
from .http11 import HttpAnswer, json_answer

GATEWAY_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"
"""What a gateway in front of an API sends: HTML, not JSON."""


def error_answer(kind: Kind, dialect: Dialect, model: str, detail: str = "") -> HttpAnswer:
    """The HTTP answer for one kind of error.

    Args:
        kind: A kind that is an HTTP error; `STREAM_ERROR` is a 500 when nothing streams.
        dialect: Chat Completions or Responses; they differ in a few parameters.
        model: The model that was asked for.
        detail: The message of a `BAD_REQUEST`.

    Raises:
        ValueError: If the kind is no HTTP error.
    """
    where = "messages" if dialect is Dialect.CHAT else "input"
    match kind:
        case Kind.RATE_LIMIT:
            message = (
                f"Rate limit reached for {model} in organization org-test on tokens per min (TPM): "
                "Limit 30000, Used 29900, Requested 900. Please try again in 1.6s."
            )
            return _answer(429, message, "tokens", code="rate_limit_exceeded")
        case Kind.QUOTA:
            message = "You exceeded your current quota, please check your plan and billing details."
            return _answer(429, message, "insufficient_quota", code="insufficient_quota")
        case Kind.SERVER_ERROR | Kind.STREAM_ERROR:
            return json_answer(500, {"error": server_error()})
        case Kind.BAD_GATEWAY:
            return HttpAnswer(502, GATEWAY_PAGE, "text/html")
        case Kind.UNAVAILABLE:
            return _answer(503, "The engine is currently overloaded, please try again later", "service_unavailable")
        case Kind.OVERLOADED:
            return _answer(529, "Overloaded", "server_error")
        case Kind.INVALID_KEY:
            message = "Incorrect API key provided: test-***. You can find your API key in your account settings."
            return _answer(401, message, "invalid_request_error", code="invalid_api_key")
        case Kind.UNKNOWN_MODEL if dialect is Dialect.CHAT:
            message = f"The model `{model}` does not exist or you do not have access to it."
            return _answer(404, message, "invalid_request_error", code="model_not_found")
        case Kind.UNKNOWN_MODEL:
            message = f"The requested model '{model}' does not exist."
            return _answer(404, message, "invalid_request_error", "model", "model_not_found")
        case Kind.BAD_REQUEST:
            return _answer(400, detail or "Invalid request.", "invalid_request_error", where)
        case Kind.CONTEXT_LENGTH if dialect is Dialect.CHAT:
            message = (
                "This model's maximum context length is 128000 tokens. However, your messages resulted in "
                "131072 tokens. Please reduce the length of the messages."
            )
            return _answer(400, message, "invalid_request_error", where, "context_length_exceeded")
        case Kind.CONTEXT_LENGTH:
            message = "Your input exceeds the context window of this model. Please adjust your input and try again."
            return _answer(400, message, "invalid_request_error", where, "context_length_exceeded")
        case Kind.CONTENT_BLOCKED:
            message = "Invalid prompt: your prompt was flagged as potentially violating our usage policy."
            return _answer(400, message, "invalid_request_error", code="invalid_prompt")
        case Kind.STALL | Kind.RESET | Kind.INVALID_JSON:
            raise ValueError(f"{kind} is a failure of the connection, not an HTTP error")
        case Kind.EMPTY | Kind.CONTENT_FILTER | Kind.MAX_TOKENS | Kind.BROKEN_CALL | Kind.CUT_CALL:
            raise ValueError(f"{kind} is a reply, not an HTTP error")
        case _:
            assert_never(kind)


def server_error() -> Json:
    """The error object of a failure inside the provider."""
    message = "The server had an error while processing your request."
    return {"message": message, "type": "server_error", "param": None, "code": None}


def _answer(status: int, message: str, kind: str, param: str | None = None, code: str | None = None) -> HttpAnswer:
    return json_answer(status, {"error": {"message": message, "type": kind, "param": param, "code": code}})
