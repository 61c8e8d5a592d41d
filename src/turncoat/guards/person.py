"""A person at the terminal who decides on attempts, one at a time."""

from __future__ import annotations

import os
import select
import sys
import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TextIO

import anyio

from turncoat.base.errors import UsageError
from turncoat.base.text import inert
from turncoat.evidence.case import Case
from turncoat.guards.guard import Sight
from turncoat.guards.shown import shown
from turncoat.world import Action, Decision

_DECIDED: dict[str, Literal["allow", "block", "end"]] = {"y": "allow", "n": "block", "e": "end"}
_ANSWERS = {"y": "y", "yes": "y", "n": "n", "no": "n", "e": "e", "end": "e"}
_QUESTION = "Let it pass? [y]es, [n]o, [e]nd the session (a reason may follow): "


@dataclass(frozen=True)
class PersonReviewer:
    """Whoever sits at the terminal.

    Attributes:
        name: How they are called in logs.
        asked_on: Where the question is shown; the error stream if None.
        answers: Where the answer is read; standard input if None.
    """

    name: str = "person"
    asked_on: TextIO | None = None
    answers: TextIO | None = None
    sight: Sight = "act"

    def unready(self) -> str:
        """Why nobody can be asked, or ""."""
        there = self.answers is not None or sys.stdin.isatty()
        return "" if there else "a person decides, and standard input is no terminal"

    async def review(self, case: Case, attempt: Action) -> Decision:
        """Show the attempt and wait for the answer.

        Raises:
            UsageError: There is no terminal, or it was closed.
        """
        if why := self.unready():
            raise UsageError(why)
        over = threading.Event()
        try:
            line = await anyio.to_thread.run_sync(self._asked, shown(case, attempt), over, abandon_on_cancel=True)
        finally:
            over.set()
        word, _, reason = line.strip().partition(" ")
        decision = _DECIDED[_ANSWERS[word.lower()]]
        return Decision(guard=self.name, decision=decision, reason=reason.strip()[:400])

    def _asked(self, text: str, over: threading.Event) -> str:
        """The first line that is an answer; "n" once nobody waits for it any more."""
        to, source = self.asked_on or sys.stderr, self.answers or sys.stdin
        with _terminal():
            to.write(f"\n{inert(text)}\n\n{_QUESTION}")
            to.flush()
            typed = b""
            while not over.is_set():
                if not select.select([source], [], [], 0.2)[0]:
                    continue
                # Not by readline, which would keep what was typed ahead where select does not see it.
                if not (more := os.read(source.fileno(), 4096)):
                    raise UsageError("the terminal was closed")
                *lines, typed = (typed + more).split(b"\n")
                for line in (given.decode(errors="replace") for given in lines):
                    if line.strip().partition(" ")[0].lower() in _ANSWERS:
                        return line
                    to.write(_QUESTION)
                    to.flush()
        return "n"


@lru_cache(maxsize=1)
def _terminal() -> threading.Lock:
    """Whoever holds it speaks to the person."""
    return threading.Lock()
