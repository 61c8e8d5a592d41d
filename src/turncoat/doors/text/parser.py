"""The strict parser of the text interface: which XML tool tags in a model's answer are acts, and which are not.

Whatever looks like a call and is not taken for one is recorded with the reason, so that nothing is lost silently.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import islice

from turncoat.doors.text.fields import read_fields, to_actions
from turncoat.evidence.passages import Span
from turncoat.world import Action

PARSER_VERSION = "1"


class Reason(StrEnum):
    """Why something that looks like a call was not taken for an act."""

    SCRATCHPAD = "scratchpad"
    UNCLOSED_SCRATCHPAD = "unclosed_scratchpad"
    QUOTED = "quoted"
    FENCED = "fenced"
    MALFORMED = "malformed"
    TRUNCATED = "truncated"
    FOREIGN = "foreign"
    UNKNOWN_TOOL = "unknown_tool"


@dataclass(frozen=True)
class Act:
    """An action and the tag that it was read from."""

    action: Action
    span: Span


@dataclass(frozen=True)
class Ignored:
    """Something that looks like a call and is not an act."""

    reason: Reason
    span: Span
    detail: str = ""


@dataclass(frozen=True)
class Parsed:
    """A model's answer, taken apart."""

    acts: tuple[Act, ...]
    ignored: tuple[Ignored, ...]
    private: tuple[Span, ...]
    """Scratchpads and other thinking that the answer itself contains; the last one may be unclosed."""


_TOOL = r"tool_use[ \t]*:[ \t]*(?P<tool>[a-z_]{1,40})"
_OPEN_TOOL = re.compile(rf"<[ \t]*{_TOOL}[^<>\n]{{0,200}}?>", re.I)
_EVENT = re.compile(
    r"(?=<[ \t]*[\w/|]|[&`~{\[]|[ \t]{1,3}[`~]|send|forward|cancel)"  # quickly over where none of these begins
    r"(?:(?P<private><(?:scratchpad(?:_reasoning)?|thinking|think|reasoning)>)"
    r"|(?P<fence>^[ \t]{0,3}(?P<mark>`{3,}|~{3,}))"
    rf"|(?P<open><[ \t]*{_TOOL}[^<>\n]{{0,200}}?>)"
    r"|(?P<broken>(?:<|&lt;)[ \t]*/?[ \t]*tool_use\b)"
    r"|(?P<foreign><(?:\w+:)?(?:invoke|function_calls?|tool_calls?|send_e?mail|forward_e?mail|cancel_alert)\b"
    r"|<function=|\[TOOL_CALLS?\]|<\|tool_call|\b(?:send_e?mail|forward_e?mail|cancel_alert)[ \t]*\("
    r"|\{[ \t\r\n]*[\"'](?:name|tool|tool_name|function|action)[\"'][ \t]*:"
    r"|<email>[ \t\r\n]*(?:from|to):))",
    re.I | re.M,
)
_INK = re.compile(r"\S")
_CLOSE_TOOL = re.compile(r"<[ \t]*/[ \t]*tool_use(?:[ \t]*:[ \t]*[a-z_]{1,40})?[ \t]*>", re.I)
_ATTRIBUTE = re.compile(r"[ \t](?P<key>[a-z_]{1,20})[ \t]*=[ \t]*(?P<value>\"[^\"]*\"|'[^']*')", re.I)
_NEXT_FOREIGN_END = re.compile(r"</[\w:]{1,40}>[ \t]*(?:\n|$)|\n[ \t]*\n", re.I)
_MAX_FOREIGN = 4000
MAX_CALLS = 1000
"""Most acts, ignored calls, scratchpads and fences that are read; what comes after them is one ignored passage."""
_MARKS = ("`", '"', "'", "“", "”", "‘", "’", "«", "»")


def parse_answer(text: str, *, truncated: bool = False) -> Parsed:
    """Find the acts in a model's answer.

    A tag counts if it stands outside scratchpads, fences, quotes and quoted lines, and its fields can be read. A
    missing end tag is forgiven at the end of an answer that was not cut off, and before the next tag.

    Args:
        text: The answer, without provider-side reasoning.
        truncated: Whether the provider cut it off.
    """
    scan = _Scan(text, truncated)
    while (match := _EVENT.search(text, scan.at)) is not None:
        if scan.found >= MAX_CALLS:
            scan.ignored.append(Ignored(Reason.MALFORMED, (scan.at, len(text)), f"more than {MAX_CALLS} calls"))
            break
        scan.step(match)
    return Parsed(tuple(scan.acts), tuple(scan.ignored), tuple(scan.private))


class _Ahead:
    """The next match of a pattern, found once for all places before it, so that a pass stays linear."""

    def __init__(self, pattern: re.Pattern[str], text: str) -> None:
        self._pattern, self._text = pattern, text
        self._since = len(text) + 1
        self._next: re.Match[str] | None = None

    def after(self, at: int) -> re.Match[str] | None:
        if self._since > at or (self._next is not None and at > self._next.start()):
            self._since, self._next = at, self._pattern.search(self._text, at)
        return self._next


class _Lines:
    """Where the line of a place begins, and its first character that is no blank; quick for places in order.

    Attributes:
        start: Where the line begins that was last looked at.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._upto = 0
        self.start = 0
        self._first = -1

    def first(self, at: int) -> int:
        """Place of the first character that is no blank in the line of a place."""
        found = self._text.rfind("\n", self._upto if at >= self._upto else 0, at)
        if found >= 0 or at < self.start:
            self.start, self._first = found + 1, -1
        self._upto = at
        if self._first < 0:
            match = _INK.search(self._text, self.start)
            self._first = match.start() if match else len(self._text)
        return self._first


class _Scan:
    """One pass over the answer, left to right."""

    def __init__(self, text: str, truncated: bool) -> None:
        self.text = text
        self.truncated = truncated
        self.at = 0
        self.acts: list[Act] = []
        self.ignored: list[Ignored] = []
        self.private: list[Span] = []
        self._close = _Ahead(_CLOSE_TOOL, text)
        self._open = _Ahead(_OPEN_TOOL, text)
        self._lines = _Lines(text)
        self._endless: dict[str, int] = {}
        """Mark of a fence → the length from which on nothing closes it any more."""
        self._fences = 0

    @property
    def found(self) -> int:
        """How much was read so far."""
        return len(self.acts) + len(self.ignored) + len(self.private) + self._fences

    def step(self, match: re.Match[str]) -> None:
        match match.lastgroup:
            case "private":
                self._private(match)
            case "fence":
                self._fence(match)
            case "open":
                self._tool(match)
            case "broken":
                end = self.text.find("\n", match.end())
                reason = Reason.QUOTED if self._quoted(match.start()) else Reason.MALFORMED
                self._ignore(reason, (match.start(), end if end >= 0 else len(self.text)), "not a readable tag")
            case _:
                self._foreign(match)

    def _private(self, match: re.Match[str]) -> None:
        name = match.group("private")[1:-1].lower()
        family = "scratchpad" if name.startswith("scratchpad") else name
        close = re.compile(rf"</{family}\w{{0,20}}>", re.I).search(self.text, match.end())
        end = close.end() if close else len(self.text)
        self.private.append((match.start(), end))
        reason = Reason.SCRATCHPAD if close else Reason.UNCLOSED_SCRATCHPAD
        self._tags_within(match.end(), end, reason)
        if not close:
            self.ignored.append(Ignored(reason, (match.start(), end), "never closed"))
        self.at = end

    def _fence(self, match: re.Match[str]) -> None:
        mark = match.group("mark")
        endless = len(mark) >= self._endless.get(mark[0], len(mark) + 1)
        found = None if endless else _fence_end(mark).search(self.text, match.end())
        if found is None:  # no end: not a fence but a stray mark
            self._endless[mark[0]] = min(len(mark), self._endless.get(mark[0], len(mark)))
            self.at = match.end()
            return
        self._fences += 1
        if not self._tags_within(match.end(), found.start(), Reason.FENCED):
            inner = _EVENT.search(self.text, match.end(), found.start())
            if inner is not None and inner.group("foreign"):
                self.ignored.append(Ignored(Reason.FOREIGN, (match.start(), found.end()), "fenced"))
        self.at = found.end()

    def _tags_within(self, start: int, end: int, reason: Reason) -> bool:
        tag = None
        for tag in islice(_OPEN_TOOL.finditer(self.text, start, end), MAX_CALLS):
            close = self._close.after(tag.end())
            self.ignored.append(Ignored(reason, (tag.start(), close.end() if close and close.end() <= end else end)))
        return tag is not None

    def _tool(self, match: re.Match[str]) -> None:
        start, inner = match.start(), match.end()
        if match.group().endswith("/>") and not self._quoted(start):  # all fields as attributes, no end tag
            self.at = inner
            self._read(match.group("tool").lower(), _attributes(match.group()), (start, inner))
            return
        close = self._close.after(inner)
        following = self._open.after(inner)
        begins = following.start() if following else -1
        if following and (close is None or begins < close.start()) and begins <= self._lines.first(begins):
            inner_end = end = begins
            close = None
        elif close:
            inner_end, end = close.start(), close.end()
        else:
            inner_end = end = len(self.text)
        quoted = self._quoted(start)
        if quoted and (close is None or self.text[inner : inner + 1] in _MARKS):
            end = inner_end = inner  # the tag's name is mentioned, not a whole call
        span = (start, end)
        self.at = end
        if quoted:
            self.ignored.append(Ignored(Reason.QUOTED, span))
        elif close is None and end == len(self.text) and self.truncated:
            self.ignored.append(Ignored(Reason.TRUNCATED, span, "the output was cut off in this tag"))
        else:
            self._read(match.group("tool").lower(), _attributes(match.group()) + self.text[inner:inner_end], span)

    def _read(self, tool: str, inner: str, span: Span) -> None:
        actions, problem = to_actions(tool, read_fields(inner))
        self.acts += [Act(action, span) for action in actions]
        if problem:
            reason = Reason.UNKNOWN_TOOL if problem == "unknown tool" else Reason.MALFORMED
            self.ignored.append(Ignored(reason, span, problem))

    def _foreign(self, match: re.Match[str]) -> None:
        start = match.start()
        if self._quoted(start):
            self.at = match.end()
            return
        end_match = None
        for end_match in _NEXT_FOREIGN_END.finditer(self.text, match.end(), match.end() + _MAX_FOREIGN):
            if end_match.group().startswith("</"):
                break
        end = end_match.end() if end_match else min(len(self.text), start + _MAX_FOREIGN)
        self._ignore(Reason.FOREIGN, (start, end), "another call format")

    def _ignore(self, reason: Reason, span: Span, detail: str) -> None:
        self.ignored.append(Ignored(reason, span, detail))
        self.at = max(span[1], self.at + 1)

    def _quoted(self, start: int) -> bool:
        first = self._lines.first(start)
        if first < start and self.text[first] == ">":
            return True
        last = start - 1
        while last >= self._lines.start and self.text[last] in " \t":
            last -= 1
        return last >= self._lines.start and self.text[last] in _MARKS


@lru_cache(maxsize=64)
def _fence_end(mark: str) -> re.Pattern[str]:
    return re.compile(rf"^[ \t]{{0,3}}{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$", re.M)


def _attributes(tag: str) -> str:
    """The attributes of an opening tag as lines of fields."""
    return "".join(f"{m['key']}: {m['value']}\n" for m in _ATTRIBUTE.finditer(tag))
