"""What goes wrong between us and a provider, known by what it is: whether it may pass, and its cause on one line.

A fault that may pass is repeated with growing pauses, up to the budget in `patience`: a connection that fails or
breaks, status 408, 409, 421, 425, 429, 499 and everything from 500, an answer that does not come in time, and an answer
with status 200 that is none (an error in its body, no choices, nothing, half of it, an HTML page). What the provider
has decided is not repeated: a wrong key, an unknown model, a request that it refuses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from turncoat.base.patterns import later
from turncoat.base.text import inert
from turncoat.providers.inspect_private import ModelGenerateError, RetryError
from turncoat.providers.secrets import clear

MAY_PASS = frozenset({408, 409, 421, 425, 429, 444, 449, 460, 499})
"""Statuses below 500 that say nothing against the same request a moment later."""
BUSY = frozenset({429, 503, 529})
"""Statuses of a provider that is there and has too much to do."""
LONGEST = 300
"""Characters of a cause."""

_ANSWERS = ("choices", "output", "content", "candidates")
"""Under these the bodies of the usual APIs hold an answer."""
_BROKEN = (TypeError, AttributeError, AssertionError, LookupError, ValueError)
"""What clients raise over an answer that is none; JSON, Unicode and validation errors are ValueErrors."""
_CONNECTION = later(
    r"(?:Connect|Connection|ServerDisconnected|ClientPayload|ClientOS|RemoteProtocol|LocalProtocol|Read|Write|Close|Pool"
    r"|ReadTimeout|ConnectTimeout|WriteTimeout|PoolTimeout|Timeout|APIConnection|APITimeout|IncompleteRead|EndpointConnection"
    r"|BrokenResource|ClosedResource|SSL|Decoding|Network|Protocol)(?:Error|Exception)?|EndOfStream|IncompleteRead"
)


class UnusableError(RuntimeError):
    """An answer came that is none.

    Attributes:
        passing: Whether the same request may have an answer a moment later.
        said: Whether the provider itself says that it failed.
        size: Bytes of an answer that there is and its client cannot read, for which there may be a bill; 0 without one.
    """

    def __init__(self, what: str, *, passing: bool = True, said: bool = False, size: int = 0) -> None:
        super().__init__(what)
        self.passing, self.said, self.size = passing, said, size


CAUSE = "_turncoat_cause"
"""Attribute of an error of a model's client: its cause on one line, without secrets."""


class TooSlowError(RuntimeError):
    """There was no whole answer in time."""


class ProviderError(RuntimeError):
    """A request that was given up, in one line without its text."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        """What Inspect writes into the log."""


@dataclass
class Answered:
    """The latest HTTP response to a request, if its client is one that shows it."""

    response: Any = None

    @property
    def status(self) -> int:
        """Its status, 0 if there was none."""
        return getattr(self.response, "status_code", 0)

    def body(self, most: int | None = 4000) -> str:
        """The beginning of its body, or all of it, as far as it was read."""
        try:
            return bytes(self.response.content)[:most].decode("utf-8", "replace")
        except Exception:  # each library has its own error for a body that was not read
            return ""

    @property
    def page(self) -> str:
        """What it says in short, where it is a page for people, else ""."""
        kind = str(getattr(self.response, "headers", {}).get("content-type", ""))
        return _page(self.body()) or ("an HTML page" if "html" in kind else "")


ANSWERED: ContextVar[Answered | None] = ContextVar("turncoat_answered", default=None)
"""Of the request at hand."""


async def note_response(response: Any) -> None:
    """A hook of the HTTP clients under the providers' libraries."""
    if (answered := ANSWERED.get()) is not None:
        answered.response = response


def watch_responses(api: Any) -> None:
    """Have a provider's HTTP client, if it has one of the usual kind, show us its responses."""
    hooks = getattr(getattr(getattr(api, "client", None), "_client", None), "event_hooks", None)
    if isinstance(hooks, dict) and note_response not in hooks.get("response", ()):
        hooks.setdefault("response", []).append(note_response)


def as_known(error: Exception, answered: Answered) -> Exception:
    """The error, or what it really is: what a client raises over an answer that is none names neither."""
    if status_of(error) or is_connection(error) or (not isinstance(error, _BROKEN) and not _says_unusable(error)):
        return error
    if isinstance(error, UnicodeEncodeError):  # the request itself, which is the same a moment later
        return error
    if answered.response is None and not isinstance(error, ValueError):
        return error
    if answered.status >= 300:
        return error
    return unusable(answered, f"{type(error).__name__}: {error}".removesuffix(": "))


def _says_unusable(error: Exception) -> bool:
    """Inspect's own error of what OpenAI's API answered, in its body, with status 200."""
    return type(error).__name__ == "OpenAIResponseError"


def unusable(answered: Answered, otherwise: str) -> UnusableError:
    """What is wrong with an answer of status 200."""
    if answered.response is None:
        return UnusableError(f"the answer cannot be read ({otherwise})")
    body, status = answered.body(None).strip(), f"status {answered.status or 200}"
    if page := answered.page:
        return UnusableError(f"{status} with {inert(page)} as the answer")
    if not body:
        return UnusableError(f"{status} and no answer ({otherwise})")
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return UnusableError(f"{status} with a body that is no whole JSON ({otherwise})")
    if (said := _error_in(data)) is not None:
        return said
    if isinstance(data, Mapping) and any(data.get(name) for name in _ANSWERS):
        return UnusableError(f"{status} with an answer that cannot be read ({otherwise})", size=len(body.encode()))
    return UnusableError(f"{status} without an answer in it ({otherwise})")


def _error_in(data: Any) -> UnusableError | None:
    if isinstance(data, list) and data:
        data = data[0]
    if not isinstance(data, Mapping):
        return None
    choices = data.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], Mapping):
        data = choices[0]
    error = data.get("error")
    if not error:
        return None
    code = error.get("code") or error.get("status") if isinstance(error, Mapping) else None
    lasting = str(code) in map(str, set(range(400, 500)) - MAY_PASS)
    what = f"status 200 with an error in it: {_said(error)}{f' ({code})' if code else ''}"
    return UnusableError(what, passing=not lasting, said=True)


def empty_answer(answered: Answered) -> UnusableError:
    """What an output without any choice really is."""
    return unusable(answered, "no choices")


def failed_choice(answered: Answered) -> UnusableError | None:
    """The error in a choice of an answer that ended by one, where there is no more of an answer."""
    try:
        data = json.loads(answered.body())
    except (ValueError, RecursionError):
        return None
    return _error_in(data) if isinstance(data, Mapping) else None


def may_pass(error: BaseException) -> bool:
    """Whether the same request may be answered a moment later."""
    if isinstance(error, UnusableError):
        return error.passing
    if is_slow(error):
        return True
    if is_spent(error):
        return False
    if status := status_of(error):
        return status in MAY_PASS or status >= 500
    return is_connection(error)


def is_busy(error: BaseException) -> bool:
    """Whether the provider is there and only has too much to do, or is slow."""
    return is_slow(error) or (status_of(error) in BUSY and not is_spent(error))


def is_too_long(error: BaseException) -> bool:
    """Whether the request did not fit into the model's context, in the words of many servers."""
    if status_of(error) not in (400, 413, 422, 500):
        return False
    return _TOO_LONG.search(cause_of(error)) is not None


def is_spent(error: BaseException) -> bool:
    """Whether the account has no money left, which some providers say with the status of too many requests."""
    body = getattr(error, "body", None)
    return bool(status_of(error)) and _SPENT.search(f"{error} {body if isinstance(body, Mapping) else ''}") is not None


def is_slow(error: BaseException) -> bool:
    """Whether there was no whole answer in time, by our clock or by Inspect's."""
    return isinstance(error, TooSlowError) or type(error).__name__ in ("AttemptTimeoutError", "StreamIdleTimeoutError")


def is_connection(error: BaseException) -> bool:
    """Whether it is a connection that failed or broke."""
    if isinstance(error, ConnectionError | TimeoutError | EOFError):
        return True
    return any(_CONNECTION.fullmatch(kind.__name__) for kind in type(error).__mro__[:3]) and not isinstance(
        error, ArithmeticError
    )


def status_of(error: BaseException) -> int:
    """The HTTP status that an error stands for, 0 if none."""
    for name in ("status_code", "code", "status"):
        if isinstance(value := getattr(error, name, None), int) and 400 <= value < 600:
            return value
    found = getattr(error, "response", None)
    if isinstance(found, Mapping):  # botocore
        value = (found.get("ResponseMetadata") or {}).get("HTTPStatusCode")
        return value if isinstance(value, int) and value >= 400 else 0
    return 0


def root_of(error: BaseException) -> BaseException:
    """The provider's own error behind what Inspect makes of it when it gives up."""
    for _ in range(5):
        inner: BaseException | None = None
        if isinstance(error, RetryError):
            inner = error.last_attempt.exception()
        elif isinstance(error, ModelGenerateError):
            inner = error.__cause__
        elif isinstance(error, BaseExceptionGroup):
            inner = error.exceptions[0]
        if inner is None:
            break
        error = inner
    return error


def cause_of(error: BaseException, secrets: Iterable[str] = ()) -> str:
    """What was wrong, on one line and without the request's text.

    Args:
        error: What was raised.
        secrets: What must not be said.
    """
    error = root_of(error)
    if isinstance(error, ProviderError | UnusableError | TooSlowError):
        return _line(str(error), secrets)
    status, body = status_of(error), getattr(error, "body", None)
    if isinstance(body, Mapping) and body:
        text = _said(body.get("error") or body)
    else:
        text = body if isinstance(body, str) and body.strip() else _words(error)
        if status and text == f"Error code: {status}":  # what a client says of a body that is no JSON object
            text = Answered(getattr(error, "response", None)).body() or text
    text = _page(text) or text
    if not status and is_connection(error):
        first = error
        while (before := first.__cause__ or first.__context__) is not None:
            first = before
        text = " ".join(dict.fromkeys((text, str(first)) if str(first) else (text,)))
    return _line(f"{type(error).__name__}{f' (status {status})' if status else ''}: {text}", secrets)


def _page(text: str) -> str:
    """What a page for people says in short, or "" where the text is none."""
    if not text.lstrip()[:15].lower().startswith(("<!doctype", "<html")):
        return ""
    title = re.search(r"(?is)<title>(.*?)</title>", text)
    return f"an HTML page ({title[1].strip()})" if title else "an HTML page"


def _words(error: BaseException) -> str:
    return str(getattr(error, "message", None) or error)


def _said(error: Any) -> str:
    """The words in an error's body, whoever wrote it."""
    if isinstance(error, Mapping):
        for name in ("message", "detail", "error", "msg", "title", "reason"):
            if error.get(name):
                return _said(error[name])
    return error if isinstance(error, str) else json.dumps(error, default=str)[:LONGEST]


def _line(text: str, secrets: Iterable[str] = ()) -> str:
    text = " ".join(clear(text[: 10 * LONGEST], secrets).split())
    return inert(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")


@contextmanager
def told_plainly() -> Iterator[None]:
    """Inside the block a request that Inspect gives up is one line: its cause, without the request's text.

    Raises:
        ProviderError: In place of Inspect's own errors, which name an object or repeat the whole request.
    """
    try:
        yield
    except RetryError as error:
        attempts = error.last_attempt.attempt_number
        times = f"; given up after {attempts} attempts" if attempts > 1 else ""
        raise ProviderError(cause_of(error) + times) from error
    except ModelGenerateError as error:
        raise ProviderError(cause_of(error)) from error
    except Exception as error:
        if status_of(error) and (cause := getattr(error, CAUSE, "")):
            raise ProviderError(cause) from error
        raise


_TOO_LONG = later(
    r"(?i)(?:maximum|max|available) context|context (?:length|window|size)|context_(?:length|size)|prompt is too long"
    r"|(?:input|prompt|request) (?:is )?too (?:long|large)|too many (?:input )?tokens|max_model_len|context limit"
    r"|maximum prompt length|(?:exceeds|exceeded|cannot exceed) .{0,30}\b(?:token limit|max(?:imum)? length)"
    r"|(?:exceeds|exceeded|cannot exceed) .{0,30}\bmax(?:imum)? (?:number of )?(?:input )?tokens"
    r"|range of input length|`inputs` (?:tokens|must have)|reduce the length of the (?:messages|input|prompt)"
)
_SPENT = later(r"(?i)insufficient_(?:quota|balance|credit)|billing_(?:hard_limit|not_active)|credit balance is too low")
_FUTURE = later(r"RetryError\W+<?Future at 0x[0-9a-f]+ state=finished raised (\w+)>?.*", re.S)
_CALL = later(r"""(?s)^(\w+)\((['"])(.*)\2,?\)$""")


def cause_in(message: str) -> str:
    """The cause in an error's message as a log holds it, on one line and without the request."""
    if future := _FUTURE.search(message):
        return f"{future[1]}, given up after all retries"
    text = message.strip()
    if text.startswith("Request:"):
        text = text.splitlines()[-1]
        if (call := _CALL.match(text)) is not None:
            text = f"{call[1]}: {call[3]}"
    return _line(text)
