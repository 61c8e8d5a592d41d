"""What an answer says beside its calls and thoughts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice

from turncoat.doors.text.declining import REACH
from turncoat.evidence.passages import Span

MOST = 100_000
"""Characters of one stretch that are looked at."""


class Prose:
    """What an answer says outside calls, thoughts and fences with calls.

    Attributes:
        gaps: Where it stands, of a very long one the first stretches.
        said: Whether it says anything.
    """

    def __init__(self, text: str, read: Sequence[Span], most: int) -> None:
        """Take what is left of a text.

        Args:
            text: The answer.
            read: What was read of it as something else, in order.
            most: Stretches that are kept.
        """
        self._text = text
        self.gaps = list(islice(_gaps(text, read), most))
        self.said = any(c.isalnum() for start, end in self.gaps for c in text[start:end])

    def beside(self, span: Span) -> tuple[str, str]:
        """What is said right before and after a stretch of the text."""
        before = after = ""
        for start, end in reversed(self.gaps[: bisect_left(self.gaps, span)]):
            end = min(end, span[0])
            before = self._text[max(start, end - REACH) : end] + "\n" * bool(before) + before
            if len(before) >= REACH:
                break
        for start, end in self.gaps[max(0, bisect_left(self.gaps, (span[1], 0)) - 1) :]:
            if end > span[1]:
                after += self._text[max(start, span[1]) : min(end, max(start, span[1]) + REACH)] + "\n"
            if len(after) >= REACH:
                break
        return before, after


def _gaps(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    at = 0
    for start, end in [*spans, (len(text), len(text))]:
        if start > at:
            yield at, min(start, at + MOST)
        at = max(at, end)
