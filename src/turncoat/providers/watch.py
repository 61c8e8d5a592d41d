"""What a run's requests come to while it runs: answered, in flight, failing, and what was answered without usage."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inspect_ai.model import ModelUsage

FAILING = 15.0
"""Seconds without an answer, while requests fail, before that is said."""
SILENT = 120.0
"""Seconds without an answer, while none fails, before that is said."""
LOOKS = 5.0
"""Seconds between two looks at requests, where nothing else shows how far a command is."""
AGAIN = 60.0
"""Seconds before the same trouble is said again there."""


@dataclass
class Requests:
    """The requests to one model since its last answer."""

    since: float
    """When it answered last, or when the first request began after that had been answered."""
    flying: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    """Cause → attempts that failed since then."""


@dataclass
class Watch:
    """Follows the requests of one run, over all its models.

    Attributes:
        uncounted: Called with a model and an estimate when an answer came without usage that can be.
        clock: Seconds of a clock that never goes back.
    """

    uncounted: Callable[[str, ModelUsage], None] = lambda _model, _usage: None
    clock: Callable[[], float] = time.monotonic
    models: dict[str, Requests] = field(default_factory=dict)

    def begins(self, model: str) -> None:
        """An attempt begins."""
        requests = self.models.setdefault(model, Requests(self.clock()))
        if not requests.flying and not requests.failed:
            requests.since = self.clock()
        requests.flying += 1

    def ends(self, model: str, failed: str | None = "") -> None:
        """An attempt has ended: with an answer or a refusal (""), for a cause, or it was cancelled (None)."""
        requests = self.models[model]
        requests.flying -= 1
        if failed:
            requests.failed[failed] += 1
        elif failed is not None:
            requests.failed.clear()
            requests.since = self.clock()

    def trouble(self) -> str:
        """What is to be said of models that do not answer, or ""."""
        return "; ".join(line for model, requests in self.models.items() if (line := self._trouble(model, requests)))

    def _trouble(self, model: str, requests: Requests) -> str:
        quiet = self.clock() - requests.since
        if requests.failed and quiet >= FAILING:
            (cause, _), number = requests.failed.most_common(1)[0], requests.failed.total()
            return f"{model}: no answer for {_span(quiet)}, {number} requests failed and are repeated ({cause})"
        if requests.flying and quiet >= SILENT:
            return f"{model}: no answer for {_span(quiet)}, {requests.flying} requests wait for one"
        return ""


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} minutes"


WATCH: ContextVar[Watch | None] = ContextVar("turncoat_watch", default=None)
"""Of the run at hand."""


@contextmanager
def telling(say: Callable[[str], None], watch: Watch | None = None, looks: float = LOOKS) -> Iterator[None]:
    """Inside the block a line says now and then that a model does not answer, and why.

    Args:
        say: Prints a line; called in a thread of its own.
        watch: What is looked at; a new one if None.
        looks: Seconds between two looks.
    """
    seen, over = watch or Watch(), threading.Event()

    def look() -> None:
        next_line = 0.0
        while not over.wait(looks):
            try:
                line = seen.trouble()
            except RuntimeError:  # something was counted in the middle of it
                continue
            if line and time.monotonic() >= next_line:
                next_line = time.monotonic() + AGAIN
                say(line)

    looking, token = threading.Thread(target=look, daemon=True), WATCH.set(seen)
    looking.start()
    try:
        yield
    finally:
        over.set()
        looking.join()
        WATCH.reset(token)
