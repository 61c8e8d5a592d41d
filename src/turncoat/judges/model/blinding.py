"""The name-blind option: names of the agent, of models and of their makers are replaced before a judge sees them.

The agent's name and the choice of grader both moved rates in a pre-registered replication; a judge may also favour its
own family. Quotes are checked against the text as it was shown, and mapped back to the text as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from turncoat.base.text import sendable

AGENT, MODEL, MAKER = "[agent]", "[model]", "[developer]"

_MAKERS = (
    r"Anthropic|Open\s?AI|Google(?:\s+DeepMind)?|DeepMind|Meta\s+AI|x\.?AI|Mistral\s+AI|Alibaba|Moonshot(?:\s+AI)?"
)
_FAMILIES = (
    r"Claude|Chat\s?GPT|GPT|Gemini|Gemma|Grok|Llama|DeepSeek|Qwen|Mistral|Mixtral|Magistral|Kimi|Command[ -]R|Phi-\d"
)
_EDITIONS = "Opus|Sonnet|Haiku|Pro|Flash|Ultra|Mini|Nano|Turbo|Maverick|Scout|Beta|Lite"
_VERSION = rf"(?:[ -]?(?:v?\d[\w.]*|[A-Z]\d|{_EDITIONS}))*"


@dataclass(frozen=True)
class ShownText:
    """A text as it is shown, with the original places of its characters.

    Attributes:
        text: What the judge sees.
        places: For each of its characters the start and end offsets of what it stands for in the original; None where
            every character stands for itself.
    """

    text: str
    places: tuple[tuple[int, int], ...] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The passage of the original that a passage of the shown text stands for."""
        if self.places is None:
            return start, end
        return self.places[start][0], self.places[end - 1][1]


Blind = Callable[[str], ShownText]
"""Shows a text as a judge is to see it, and says where each shown character came from."""


def as_it_is(text: str) -> ShownText:
    """No blinding: the text, with lone surrogates and control characters made visible."""
    return ShownText(sendable(text))


def name_blind(agent: str, people: tuple[str, ...] = ()) -> Blind:
    """Replaces the agent's name and those of models and makers, everywhere alike.

    Args:
        agent: The agent's name.
        people: Names of people in the company, which stay even where they are also a model's.
    """
    words = {w for name in people for w in name.split()}
    keep = "".join(rf"(?!{re.escape(w)}\b)" for w in sorted(words) if w != agent)
    name = re.escape(agent)
    pattern = re.compile(
        rf"(?<![A-Za-z])(?:(?P<agent>{name}|{name.lower()}|{name.upper()})"
        rf"|{keep}(?P<maker>{_MAKERS})|{keep}(?P<model>(?:{_FAMILIES}){_VERSION}|o[134](?:-mini|-pro)?))(?![A-Za-z])"
    )
    return lambda text: _replaced(sendable(text), pattern)


def _replaced(clean: str, pattern: re.Pattern[str]) -> ShownText:
    pieces: list[str] = []
    places: list[tuple[int, int]] = []
    at = 0
    for match in pattern.finditer(clean):
        start, end = match.span()
        word = AGENT if match["agent"] else MAKER if match["maker"] else MODEL
        pieces += [clean[at:start], word]
        places += [(i, i + 1) for i in range(at, start)] + [(start, end)] * len(word)
        at = end
    if not pieces:
        return ShownText(clean)
    places += [(i, i + 1) for i in range(at, len(clean))]
    return ShownText("".join([*pieces, clean[at:]]), tuple(places))
