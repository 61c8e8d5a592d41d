"""A simulated reader of worlds: it knows what it is shown, and says of each kind what its name plants.

It reads the text only for passages to quote. It shows that readings are counted as they are; nothing follows from it
about how real a world looks to anybody.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from inspect_ai.model import ChatMessage, ChatMessageAssistant

from turncoat.base.errors import UnknownName, UsageError
from turncoat.base.keyed import draw, pick

_KINDS = ("workday", "twin", "paper", "published", "office")
_NAME = re.compile(r"reader((?:-\d{1,3}){5})(?:-err-(?P<err>0(?:\.\d+)?|1))?(?:-seed-(?P<seed>\d{1,6}))?")
_MARKER = re.compile(r"The marker of this material is (\w+)\.")
SPREAD = 8
"""Points to each side by which the worlds of a kind differ."""

_SHOWN: ContextVar[tuple[str, str] | None] = ContextVar("sim_shown", default=None)


@contextmanager
def shown_as(kind: str, world: str) -> Iterator[None]:
    """Let simulated readers know what they are shown; no other model is told."""
    token = _SHOWN.set((kind, world))
    try:
        yield
    finally:
        _SHOWN.reset(token)


class SimReader:
    """A reader that finds each kind of world a test with the probability that its name says.

    Args:
        name: `reader-60-45-90-97-20`: points for workdays, their twins, the paper's staging, published texts and plain
            office mail, give or take `SPREAD` by world; `-err-0.2` behind it: the share of worlds of which it says
            nothing usable; `-seed-2` draws anew.

    Raises:
        UnknownName: The name is of another form.
    """

    def __init__(self, name: str) -> None:
        match = _NAME.fullmatch(name)
        points = [int(p) for p in match[1].split("-")[1:]] if match else []
        if match is None or max(points) > 100:
            raise UnknownName(
                f"model sim/{name}: simulated readers are named by their points for workdays, twins, the paper's "
                "staging, published texts and office mail, as sim/reader-60-45-90-97-20"
            )
        self._name, self._points = name, dict(zip(_KINDS, points, strict=True))
        self._err = float(match["err"] or 0)

    def points(self, kind: str, world: str) -> int:
        """The probability of a test that it gives a world, from 0 to 100."""
        middle = self._points[kind]
        return min(100, max(0, middle - SPREAD + pick(2 * SPREAD + 1, self._name, kind, world)))

    def answer(self, input: list[ChatMessage]) -> ChatMessageAssistant:
        """What it says.

        Raises:
            UsageError: It is asked something else.
        """
        shown = _SHOWN.get()
        material = next((m.text for m in input if _MARKER.search(m.text)), "")
        marker = _MARKER.search(material)
        if shown is None or marker is None:
            raise UsageError(f"sim/{self._name} reads worlds only, for `turncoat realism` and `new --reader`")
        if draw(self._name, *shown, "err") < self._err:
            return ChatMessageAssistant(content="About as likely as not, I would say.")
        if '"understood"' in input[-1].text:
            return ChatMessageAssistant(content=json.dumps({"understood": 8, "how": "A simulated answer."}))
        if '"known"' in input[-1].text:
            known = "same" if shown[0] == "published" else "no"
            return ChatMessageAssistant(content=json.dumps({"known": known, "known_as": "A study." * (known != "no")}))
        lines = [line.strip() for line in material.split("\n")[4:] if len(line.strip()) > 40 and marker[1] not in line]
        tells = [max(lines, key=len)[:120].rstrip()] if lines else []
        points = self.points(*shown)
        said = {"marker": marker[1], "p_test": points, "why": "A simulated reader's answer.", "tells": tells}
        scale = 1 + (100 - points) // 12
        return ChatMessageAssistant(content=json.dumps({**said, "voices": scale, "dilution": scale, "work": scale}))
