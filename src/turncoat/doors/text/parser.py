"""The parser of the text interface: which calls in a model's answer are acts, and which are not.

What stands at the top level is an act: not what is thought, quoted, fenced, or a part of another call. Whatever looks
like a call and is not taken for one is recorded with the reason, so that nothing is lost silently. How thoughts and
calls are written stands in `forms.py`.
"""

from __future__ import annotations

import html
import re
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import islice

from turncoat.doors.text.acting import NOTHING_GIVEN, UNKNOWN_TOOL, to_actions
from turncoat.doors.text.declining import is_declined, is_made
from turncoat.doors.text.fields import join, named, read_fields
from turncoat.doors.text.formats import end_of_call, read_foreign
from turncoat.doors.text.forms import MARKS_OF_QUOTES, only_looks
from turncoat.doors.text.loose import loose_calls, says_again
from turncoat.doors.text.madeup import turns_of_others
from turncoat.doors.text.nesting import CallEnd, Nesting
from turncoat.doors.text.parsed import NEVER_CLOSED, Act, Ignored, Parsed, Reason
from turncoat.doors.text.prose import Prose
from turncoat.doors.text.thoughts import NOTHING
from turncoat.doors.text.tokens import CHANNEL, FINAL, HEADERS, Token, tokens
from turncoat.doors.text.wrapped import said_in_json
from turncoat.evidence.passages import Span

__all__ = ["PARSER_VERSION", "Act", "Ignored", "Parsed", "Reason", "parse_answer"]

PARSER_VERSION = "2"
MAX_CALLS = 1000
"""Most acts, ignored calls, scratchpads and fences that are read; what comes after them is one ignored passage."""
MAX_TOKENS = 4000
"""Most pieces that could be structure; what comes after them is one ignored passage."""
_UNSURE = (Reason.AMBIGUOUS, Reason.MALFORMED, Reason.FOREIGN, Reason.UNKNOWN_TOOL)
MAX_FENCES = 3
"""Fences within fences that are read as the answer."""
WITHIN = "within another call"
MADE_UP = "after the beginning of a turn that is not the agent's"
MAX_BROKEN = 4000
"""Characters after a tag that cannot be read which are kept with it."""


def parse_answer(text: str, *, truncated: bool = False) -> Parsed:
    """Find the acts in a model's answer.

    A call counts if it stands at the top level, outside thoughts, fences, quotes, quoted lines and other calls, and its
    fields can be read. A missing end tag is forgiven at the end of an answer that was not cut off, and before the next
    tag. Where nothing but fences with calls stands in the answer, they are read as the answer.

    Args:
        text: The answer, without provider-side reasoning.
        truncated: Whether the provider cut it off.
    """
    return _parse(text, truncated, MAX_FENCES)


def _parse(text: str, truncated: bool, depth: int) -> Parsed:
    found = list(islice(tokens(text), MAX_TOKENS + 1))
    scan = _Scan(text, found[:MAX_TOKENS], truncated)
    scan.run()
    if len(found) > MAX_TOKENS and scan.at < found[-1].start:
        scan.rest(found[-1].start, f"more than {MAX_TOKENS} tags")
    prose = Prose(text, scan.read_spans(), MAX_TOKENS)
    scan.settle(prose)
    scan.unfence(prose, depth)
    if depth > 0 and (said := said_in_json(text)) is not None:
        scan.unwrap([_parse(part, truncated, depth - 1) for part in said])
    acts = sorted(scan.acts, key=lambda act: act.span)
    ignored = sorted(scan.ignored, key=lambda i: (i.span[1], -i.span[0]))
    return Parsed(tuple(acts), tuple(ignored), tuple(scan.private), tuple(scan.thoughts))


class _Scan:
    """One pass over the tokens of an answer, left to right."""

    def __init__(self, text: str, found: list[Token], truncated: bool) -> None:
        self.text = text
        self.tokens = found
        self.truncated = truncated
        self.nesting = Nesting(text, found)
        self.at = 0
        self.acts: list[Act] = []
        self.ignored: list[Ignored] = []
        self.private: list[Span] = []
        self.thoughts: list[Span] = []
        self.fences: list[tuple[Span, Span, Reason]] = []
        """Fences that hold calls: the whole, its inside, and what its calls are where it is only quoted."""
        self.pending: list[Act] = []
        """Acts in a form that a quotation may have as well."""
        self.passed: list[Span] = []
        """Marks of templates that say nothing."""
        bare = text.strip()
        self._enclosed = (bare[:1] in ("[", "{") and bare[-1:] in ("]", "}")) or bare.startswith("data:")
        """Whether the answer is in brackets as a whole, as a list of blocks in Python, or a stream of events."""
        self._empty_fences = 0
        self._doubtful = 0
        """Where a section ends that may be thoughts."""
        self._marked = False
        """Whether a closing mark of a template has come."""
        self._channels = False
        """Whether anything said on which channel of Harmony it stands."""
        self._inner_ends: dict[Span, int] = {}
        """Where calls in other formats end that are kept with more text."""
        self._rivals: set[int] = set()
        """Where calls begin that may have been meant as a part of the one before."""
        self._turns = deque(turns_of_others(text))
        """Where turns of others may begin, as far as they were not passed."""
        self._made_up = False
        """Whether the answer went on with a turn that is not the agent's."""

    def run(self) -> None:
        """Read the tokens, each by its kind."""
        for i, token in enumerate(self.tokens):
            if token.start < self.at:
                continue
            if self._found >= MAX_CALLS:
                self.rest(self.at, f"more than {MAX_CALLS} calls")
                return
            while self._turns and self._turns[0] <= token.start:
                self._made_up |= self._turns.popleft() >= self.at
            self._step(i, token)

    @property
    def _found(self) -> int:
        """How much was read so far."""
        found = len(self.acts) + len(self.ignored) + len(self.private)
        return found + len(self.fences) + len(self.pending) + self._empty_fences

    def rest(self, start: int, why: str) -> None:
        """Give up what is left."""
        self._ignore(Reason.MALFORMED, (start, len(self.text)), why)

    def _step(self, i: int, token: Token) -> None:
        self._channels |= token.name != FINAL and CHANNEL in self.text[token.start : token.end]
        match token.kind:
            case "thought" | "marks":
                self._thought(i, token)
            case "end_thought":
                self._end_thought(token)
            case "fence":
                self._fence(i, token)
            case "call":
                self._call(i, token)
            case "foreign":
                self._foreign(i, token)
            case "passing":
                self._passing(token)
            case _:
                self._broken(i, token)

    def _ignore(self, reason: Reason, span: Span, detail: str = "") -> None:
        self.ignored.append(Ignored(reason, span, detail))
        self.at = max(span[1], self.at)

    # Thoughts

    def _thought(self, i: int, token: Token) -> None:
        self.at = token.end
        close = None if token.mentioned else self.nesting.thought(i)
        if token.mentioned or (close is None and token.pairs):
            return
        if close and token.marks and (token.marks.section or close.section):
            self._doubtful = max(self._doubtful, close.inner)
            return
        inner, end = (close.inner, close.end) if close else (len(self.text), len(self.text))
        sure = token.marks.sure if token.marks else token.thought is None or token.thought.sure
        reason = Reason.AMBIGUOUS if not sure else Reason.SCRATCHPAD if close else Reason.UNCLOSED_SCRATCHPAD
        later = close.first if close and close.first >= 0 and not self._goes_on(end) else end
        self._calls_within(i, token.end, later, reason)
        self._calls_within(i, later, end, Reason.AMBIGUOUS)
        if sure:
            self.private.append((token.start, end))
            self.thoughts.append((token.end, inner))
        if close is None:
            self._ignore(reason, (token.start, end), NEVER_CLOSED)
        self._marked |= close is not None and close.template
        self.at = end

    def _calls_within(self, i: int, start: int, end: int, reason: Reason) -> bool:
        """Record the calls between two places as none; whether there are any."""
        inside = [t for t in self.nesting.after(i, end) if t.start >= start and t.kind in ("call", "end_call")]
        for k, token in enumerate(inside[:MAX_CALLS]):
            if token.kind == "call":
                close = next((t.end for t in islice(inside, k + 1, None) if t.kind == "end_call"), end)
                self.ignored.append(Ignored(reason, (token.start, close)))
        return any(t.kind == "call" for t in inside)

    def _end_thought(self, token: Token) -> None:
        """An unmatched closing tag: of the marks of templates, the first makes everything before it private."""
        self.at = token.end
        if token.mentioned or token.cited or not token.template or self._marked:
            return
        self._marked, self._made_up = True, False
        reason = Reason.SCRATCHPAD if self._goes_on(token.end) else Reason.AMBIGUOUS
        spans = {a.span for a in (*self.acts, *self.pending)} | {whole for whole, _, _ in self.fences}
        spans |= {i.span for i in self.ignored if i.detail != NEVER_CLOSED}
        self.ignored = [Ignored(reason, span) for span in sorted(spans)]
        for kept in (self.acts, self.pending, self.fences, self.passed):
            kept.clear()
        self.private, self.thoughts = [(0, token.end)], [(0, token.start)]

    def _passing(self, token: Token) -> None:
        """Marks of a template; what stands before the channel of the answer is thought, if it has no channel itself."""
        if token.name == FINAL and not self._channels and self._goes_on(token.end):
            self._end_thought(replace(token, template=True))
            self.private, self.thoughts = [(0, token.start)], [(0, token.start)]
        self._channels |= token.name == FINAL
        self.passed.append((token.start, token.end))
        self.at = token.end

    def _goes_on(self, at: int) -> bool:
        """Whether anything is said after a place."""
        nothing = NOTHING.match(self.text, at)
        return nothing is None or nothing.end() < len(self.text)

    # Calls

    def _call(self, i: int, token: Token) -> None:
        if token.empty and not token.quoted and not self._made_up:  # all fields as attributes, no end tag
            self._read(token, "", (token.start, token.end))
            return
        found = self.nesting.call(i)
        inner, end = found.inner, found.end
        if token.quoted and (not found.closed or self.text[token.end : token.end + 1] in MARKS_OF_QUOTES):
            inner = end = token.end  # the tag's name is mentioned, not a whole call
        span = (token.start, end)
        if token.quoted:
            self._ignore(Reason.QUOTED, span)
        elif not found.closed and end == len(self.text) and self.truncated:
            self._ignore(Reason.TRUNCATED, span, "the output was cut off in this tag")
        elif self._made_up or token.start in self._rivals:
            self._ignore(Reason.AMBIGUOUS, span, MADE_UP if self._made_up else "it may be a part of the call before it")
        else:
            held = [(start - token.end, end - token.end) for start, end in found.nested]
            self._read(token, self.text[token.end : inner], span, held)
            self._nested(found)

    def _nested(self, found: CallEnd) -> None:
        """Record the calls within a call."""
        reason = Reason.QUOTED if found.certain else Reason.AMBIGUOUS
        self.ignored += [Ignored(reason, span, WITHIN) for span in found.nested[:MAX_CALLS]]
        if found.rival is not None:
            self._rivals.add(found.rival.start)

    def _read(self, token: Token, inner: str, span: Span, held: Sequence[Span] = ()) -> None:
        self.at = span[1]
        inner = html.unescape(inner) if token.escaped == "html" else _bare(inner) if token.escaped else inner
        given = named(token.attributes)
        fields = join(given, read_fields(inner, () if token.escaped else held, given))
        actions, problem = to_actions(token.name, fields)
        sure = token.escaped in ("", "letters") and (token.style == "<" or token.head) and span[0] >= self._doubtful
        (self.acts if sure else self.pending).extend(Act(action, span) for action in actions)
        if problem:
            self._ignore(_reason(problem, token.name, fields), span, problem)

    def _foreign(self, i: int, token: Token) -> None:
        found = None if token.quoted else read_foreign(self.text, token, self.nesting.after(i))
        if found is None or found.wrapper:
            self.at = token.end
            if found is not None:
                self.passed.append((token.start, token.end))
            return
        span = (token.start, found.end)
        read = [to_actions(tool, fields) for tool, fields in found.calls]
        if read and self._begins(token) and all(actions and not problem for actions, problem in read):
            kept = self.acts if span[0] >= self._doubtful else self.pending
            kept += [Act(action, span) for actions, _ in read for action in actions]
            self.at = found.end
            return
        looked = found.calls and all(only_looks(tool, fields) for tool, fields in found.calls)
        declined = read and all(problem == NOTHING_GIVEN for _, problem in read)
        reason = Reason.LOOKING if looked else Reason.DECLINED if declined else Reason.FOREIGN
        self._ignore(reason, span, "another call format")
        self._inner_ends[span] = end_of_call(self.text, token, found.end)

    def _begins(self, token: Token) -> bool:
        """Whether nothing but tags stands before it in its line, which is the agent's own."""
        begin = max(self.text.rfind("\n", 0, token.start) + 1, self.at, token.start - 400)
        line = self.text[begin : token.start]
        return not self._made_up and not re.sub(r"<[^<>]*>|\[/?\w+\]", "", line).strip()

    def _broken(self, i: int, token: Token) -> None:
        """A tag that cannot be read, kept with what follows; of an end tag its line."""
        line = self.text.find("\n", token.end)
        end = line if line >= 0 else len(self.text)
        if token.kind == "broken" and not token.quoted:
            end = next(
                (t.start for t in self.nesting.after(i) if t.kind in ("call", "thought", "marks")), len(self.text)
            )
            end = min(end, token.end + MAX_BROKEN)
        start = token.start
        if token.kind == "end_call" and self.acts and not token.quoted:  # what stands before it may belong to the call
            last = self.acts[-1].span
            between = self.text[last[1] : start] if self.at == last[1] and start < last[1] + MAX_BROKEN else ""
            start = last[0] if any(c.isalnum() for c in between) else start
        self._ignore(Reason.QUOTED if token.quoted else Reason.MALFORMED, (start, end), "not a readable tag")

    # Fences, and what depends on the prose around calls

    def _fence(self, i: int, token: Token) -> None:
        close = self.nesting.fence(token)
        if close is None:  # no end: not a fence but a stray mark
            self.at = token.end
            return
        inside = [t for t in self.nesting.after(i, close[0]) if t.end <= close[0] and t.kind in ("call", "foreign")]
        if inside:
            line = self.text.find("\n", token.end, close[0])
            plainly = any(t.kind == "call" or t.style == HEADERS for t in inside)
            reason = Reason.FENCED if plainly else Reason.FOREIGN
            self.fences.append(((token.start, close[1]), (line + 1 if line >= 0 else token.end, close[0]), reason))
        else:
            self._empty_fences += 1
        self.at = close[1]

    def read_spans(self) -> list[Span]:
        """Where acts, what looks like them, thoughts, marks of templates, and fences with calls stand."""
        spans = [a.span for a in (*self.acts, *self.pending)] + [i.span for i in self.ignored]
        return sorted([*spans, *self.private, *self.passed, *(whole for whole, _, _ in self.fences)])

    def settle(self, prose: Prose) -> None:
        """Decide on forms that a quotation may have as well: they are acts where nothing is said beside them."""
        if not prose.said:
            self.acts += self.pending
        else:
            for span in sorted({a.span for a in self.pending}):
                reason = Reason.QUOTED if is_declined(*prose.beside(span)) else Reason.AMBIGUOUS
                self.ignored.append(Ignored(reason, span, "escaped"))
        self.ignored = [self._unless_said(self._perhaps_made(i, prose), prose) for i in self.ignored]
        for start, end in loose_calls(self.text, prose.gaps, acts=bool(self.acts)):
            loose = Ignored(Reason.FOREIGN, (start, end), "written in no form of a call")
            self.ignored.append(self._unless_said(loose, prose))

    def _perhaps_made(self, found: Ignored, prose: Prose) -> Ignored:
        """A call in marks of quotation: it may be no quotation where nothing is said beside it, or that it is made."""
        if found.reason is not Reason.QUOTED or found.detail == WITHIN or self.acts:
            return found
        made = not prose.said or self._enclosed or is_made(*prose.beside(found.span))
        return replace(found, reason=Reason.AMBIGUOUS) if made else found

    def _unless_said(self, found: Ignored, prose: Prose) -> Ignored:
        """What may have been meant as a call, unless words beside it decline it or it says again what an act did."""
        start, end = found.span
        if found.reason is not Reason.FOREIGN:
            return found
        before, after = prose.beside(found.span)
        declined = is_declined(before, self.text[self._inner_ends.get(found.span, end) : end] + after)
        if declined or says_again(self.text[start:end], [self.text[slice(*a.span)] for a in self.acts]):
            return replace(found, reason=Reason.QUOTED)
        return found

    def unwrap(self, parts: Sequence[Parsed]) -> None:
        """Decide on calls in an answer that is JSON: they may have been meant where they stand in what is said."""
        called = any(p.acts or any(i.reason in _UNSURE for i in p.ignored) for p in parts)
        tags = [a.span for a in self.acts] + [i.span for i in self.ignored if i.reason is not Reason.FOREIGN]
        self.ignored = [i for i in self.ignored if i.reason is Reason.FOREIGN]
        self.ignored += [Ignored(Reason.SCRATCHPAD, span, "in JSON") for span in tags]
        self.acts.clear()
        if called:
            self.ignored.append(Ignored(Reason.AMBIGUOUS, (0, len(self.text)), "in JSON"))

    def unfence(self, prose: Prose, depth: int) -> None:
        """Decide on fences: they are the answer where nothing else is, and may be where no word declines them."""
        alone = not self.acts and not prose.said and depth > 0
        for whole, (start, end), reason in self.fences:
            parsed = _parse(self.text[start:end], self.truncated, depth - 1 if alone else 0)
            if alone:
                self.acts += [Act(a.action, _moved(a.span, start)) for a in parsed.acts]
                self.ignored += [replace(i, span=_moved(i.span, start)) for i in parsed.ignored]
                continue
            spans = {_moved(s, start) for s in parsed.spans}
            if reason is Reason.FOREIGN:
                spans = {whole} if spans else set()
            declined = is_declined(*prose.beside(whole))
            doubtful = not self.acts and not declined
            why = Reason.FENCED if declined else Reason.AMBIGUOUS if doubtful and reason is Reason.FENCED else reason
            self.ignored += [Ignored(why, span, "fenced" if reason is Reason.FOREIGN else "") for span in sorted(spans)]


def _moved(span: Span, by: int) -> Span:
    return span[0] + by, span[1] + by


def _bare(text: str) -> str:
    """Text without the escapes of Markdown."""
    return re.sub(r"\\([\\_*\-.@\[\]()<>#`~&!|{}])", r"\1", text)


def _reason(problem: str, tool: str, fields: Collection[str]) -> Reason:
    if problem == NOTHING_GIVEN:
        return Reason.DECLINED
    if problem != UNKNOWN_TOOL:
        return Reason.MALFORMED
    return Reason.LOOKING if only_looks(tool, fields) else Reason.UNKNOWN_TOOL
