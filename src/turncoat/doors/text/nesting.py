"""Where thoughts, fences and calls end, and what of other calls stands in a call."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from turncoat.doors.text.acting import to_actions
from turncoat.doors.text.fields import could_hold, join, named, read_fields
from turncoat.doors.text.tokens import Token
from turncoat.evidence.passages import Span


@dataclass(frozen=True)
class CallEnd:
    """Where a call ends.

    Attributes:
        inner: Where its inside ends.
        end: Where its end tag ends; as `inner` where it has none.
        closed: Whether it has one.
        nested: Other calls in it.
        certain: Whether these are certainly a part of it.
        rival: A call that begins where this one is taken to end, and may have been meant as a part of it.
    """

    inner: int
    end: int
    closed: bool
    nested: tuple[Span, ...] = ()
    certain: bool = True
    rival: Token | None = None


@dataclass(frozen=True)
class ThoughtEnd:
    """Where thoughts end.

    Attributes:
        inner: Where what is thought ends.
        end: Where the closing tag ends.
        first: Where the first of several closing tags ends, or -1.
        template: Whether a template writes this closing tag by itself.
        section: Whether what closes them is the title of the answer.
    """

    inner: int
    end: int
    first: int = -1
    template: bool = False
    section: bool = False


class Nesting:
    """The ends of what begins at a token. Each looks at the tokens after it, whose number the caller bounds."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._last_ends = {(t.name, t.style): t.start for t in tokens if t.kind == "end_thought"}
        self._unmarked: dict[str, int] = {}
        """Pattern → the place from which on it is not found any more."""
        self._fences: dict[int, Span | None] = {}
        self._endless: dict[str, tuple[int, int]] = {}
        """Mark of a fence → the length and the place from which on nothing closes it any more."""

    def after(self, i: int, upto: int | None = None) -> Iterator[Token]:
        """The tokens after one, as far as they begin before a place."""
        for token in islice(self._tokens, i + 1, None):
            if upto is not None and token.start >= upto:
                return
            yield token

    def fence(self, token: Token) -> Span | None:
        """Start and end of the line that closes a fence, or None where nothing does: it is a stray mark."""
        if token.start not in self._fences:
            mark = token.name
            length, place = self._endless.get(mark[0], (len(mark) + 1, 0))
            endless = len(mark) >= length and token.end >= place
            found = None if endless else _fence_end(mark).search(self._text, token.end)
            if found is None and not endless:
                self._endless[mark[0]] = (len(mark), token.end)
            self._fences[token.start] = found.span() if found else None
        return self._fences[token.start]

    def thought(self, i: int) -> ThoughtEnd | None:
        """Where thoughts end that begin at a token; those of one family may stand in one another."""
        token = self._tokens[i]
        if token.marks is not None:
            return self.marked(token)
        if token.pairs and self._last_ends.get((token.name, token.style), -1) < token.start:
            return None
        depth = 1
        first: Token | None = None
        marker: Token | None = None
        for other in self.after(i):
            if other.mentioned or other.kind not in ("thought", "end_thought"):
                continue
            if other.template and marker is None:
                marker = other
            if (other.name, other.style) != (token.name, token.style):
                continue
            depth += 1 if other.kind == "thought" else -1
            first = first or (other if other.kind == "end_thought" else None)
            if depth == 0:
                earlier = first.end if first is not None and first is not other else -1
                return ThoughtEnd(other.start, other.end, earlier, other.template)
        close_tag = first or (None if token.pairs else marker)
        return ThoughtEnd(close_tag.start, close_tag.end, -1, close_tag.template) if close_tag else None

    def marked(self, token: Token) -> ThoughtEnd | None:
        """Where thoughts between marks end, if the token begins such."""
        closing = token.marks.closing if token.marks else ""
        if not closing or token.end >= self._unmarked.get(closing, token.end + 1):
            return None
        close = _pattern(closing).search(self._text, token.end)
        if close is None:
            self._unmarked[closing] = token.end
            return None
        named = close.groupdict()
        return None if named.get("stop") else ThoughtEnd(*close.span(), section=bool(named.get("perhaps")))

    def call(self, i: int) -> CallEnd:
        """Where a call ends that begins at a token: at its own end tag, before what begins a line, or at the end."""
        return _CallWalk(self._text, self._tokens, i, self).end()


class _CallWalk:
    """One walk over what follows the beginning of a call."""

    def __init__(self, text: str, tokens: Sequence[Token], i: int, nesting: Nesting) -> None:
        self._text, self._nesting = text, nesting
        self._outer = tokens[i]
        self._rest = nesting.after(i)
        self._open = [self._outer]
        self._nested: list[Span] = []
        self._following: Token | None = None
        """The first thing at the beginning of a line where an unclosed call would end."""
        self._other_end: Token | None = None
        """An end tag of another tool before that."""
        self._perhaps: Token | None = None
        """An end tag after a quoted beginning, which is this call's own if there is no other."""
        self._fence: Token | None = None
        self._fenced = 0

    def end(self) -> CallEnd:
        for token in self._rest:
            if token.kind == "fence":
                self._enter(token)
            elif token.kind == "end_call":
                if token.style == self._outer.style and not token.mentioned and (found := self._close(token)):
                    return found
            elif token.kind == "broken" and "/" in self._text[token.start : token.start + 8]:
                if token.style == self._outer.style and self._following is None:
                    self._other_end = self._other_end or token
            elif not token.mentioned:
                self._begin(token)
        if self._perhaps is not None and self._following is None:
            return CallEnd(self._perhaps.start, self._perhaps.end, closed=True)
        if self._other_end is not None:
            return CallEnd(self._other_end.start, self._other_end.end, closed=True)
        stop = self._following.start if self._following else len(self._text)
        return CallEnd(stop, stop, closed=False)

    def _enter(self, fence: Token) -> None:
        if fence.start >= self._fenced and (end := self._nesting.fence(fence)):
            self._fence, self._fenced = fence, end[1]

    def _begin(self, token: Token) -> None:
        fenced = token.start < self._fenced
        template = token.kind == "end_thought" and token.template and not token.mentioned
        opens = token.kind == "call" or (token.kind in ("thought", "marks") and not token.pairs)
        if self._following is None and token.head and token.kind == "marks" and token.pairs and not fenced:
            opens = self._closes(token)
        if self._following is None and (template or (opens and token.head and not token.quoted)):
            self._following = self._fence if fenced else token
        if token.kind == "call" and token.style == self._outer.style and not token.empty:
            token.fenced = fenced
            self._open.append(token)

    def _closes(self, token: Token) -> bool:
        """Whether marks that count only in pairs are thoughts, and so no words of an unclosed call."""
        sure = token.marks is not None and token.marks.sure and not token.marks.section
        end = self._nesting.marked(token) if sure else None
        return end is not None and not end.section

    def _close(self, tag: Token) -> CallEnd | None:
        """The end, if this tag is the call's own; otherwise it closes another call, or is text."""
        named = [k for k, t in enumerate(self._open) if not tag.name or t.name == tag.name]
        if named and named[-1] == 0:
            return self._own(tag)
        if named or len(self._open) > 1:
            k = named[-1] if named else len(self._open) - 1
            self._nested.append((self._open[k].start, tag.end))
            if self._open[k].quoted and tag.name == self._outer.name:
                self._perhaps = tag
            del self._open[k:]
        elif self._following is None and self._other_end is None:
            self._other_end = tag
        return None

    def _own(self, tag: Token) -> CallEnd:
        inner = self._text[self._outer.end : tag.start]
        for rival in self._open[1:]:
            rest = self._text[rival.end : tag.start]
            if (
                rival.head
                and not rival.fenced
                and to_actions(rival.name, join(named(rival.attributes), read_fields(rest)))[0]
            ):
                return CallEnd(rival.start, rival.start, closed=False, rival=rival)
        nested, begin = tuple(sorted(self._nested)), self._outer.end
        certain = not nested or could_hold(inner, nested[0][0] - begin, max(end for _, end in nested) - begin)
        return CallEnd(tag.start, tag.end, True, nested, certain)


@lru_cache(maxsize=64)
def _fence_end(mark: str) -> re.Pattern[str]:
    return re.compile(rf"^[ \t]{{0,3}}{re.escape(mark[0])}{{{len(mark)},}}[ \t\r]*$", re.M)


@lru_cache(maxsize=64)
def _pattern(closing: str) -> re.Pattern[str]:
    return re.compile(closing, re.I)
