"""What in an answer could be structure: tags of thoughts and calls, fences, other formats; found in one pass."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from turncoat.base.patterns import later
from turncoat.base.spelling import LOOKALIKES, ZERO_WIDTH, plain
from turncoat.doors.text.forms import (
    CALL_PREFIXES,
    HEADED,
    HEADS,
    LISTED,
    MAIL_LABELS,
    MARKS_OF_QUOTES,
    TOOL_ATTRIBUTES,
)
from turncoat.doors.text.thoughts import BEGINNING, FIRST_WORDS, MARKS, TEMPLATES, Marks, Thinking, thinking

Kind = Literal["thought", "end_thought", "marks", "call", "end_call", "broken", "fence", "foreign", "passing"]
"""`passing`: marks of a template that say nothing, such as the channel of what everybody sees."""
CHANNEL = "<|channel|>"
FINAL = "final"
"""The name of the mark before what everybody sees."""
HEADERS = "headers"
"""The style of a mail that is written with headers (`**To:** …`)."""
MAX_ATTRIBUTES = 20_000
"""Characters of a tag's attributes that are read."""


@dataclass(slots=True)
class Token:
    """Something that could be structure.

    Attributes:
        kind: What it could be.
        start: Where it begins.
        end: Where it ends.
        name: Tool of a call, as written; family of thoughts; name of a foreign element.
        style: How its brackets are written; tags of one style close one another.
        head: Whether it stands at the beginning of its line.
        quoted: Whether a quotation mark stands before it, or its line is a quotation.
        mentioned: Whether quotation marks stand on both sides.
        attributes: Key → value, of an opening tag.
        empty: Whether it is a call without an inside (`/>`).
        escaped: Whether its brackets or letters were written otherwise: `html`, `markdown` (brackets as well),
            `letters`, or `brackets` of other writing.
        thought: What its name says of thoughts.
        marks: The row of marks that it is of.
        template: Whether it is a closing mark that templates write by themselves.
        pairs: Whether it counts only with its closing one.
        cited: Whether its line is a quotation.
        fenced: Whether it was found within a fence of the call around it.
    """

    kind: Kind
    start: int
    end: int
    name: str = ""
    style: str = ""
    head: bool = False
    quoted: bool = False
    mentioned: bool = False
    attributes: dict[str, str] = field(default_factory=dict)
    empty: bool = False
    escaped: str = ""
    thought: Thinking | None = None
    marks: Marks | None = None
    template: bool = False
    pairs: bool = False
    cited: bool = False
    fenced: bool = False


_Z = f"[{ZERO_WIDTH}]*"
_LEFT = "".join(LOOKALIKES)
_NAME = rf"[{ZERO_WIDTH}]*+[^\W\d][\w\\▁.{ZERO_WIDTH}-]{{0,60}}+"
_TOOLS = "(?:send_e?mail|forward_e?mail|cancel_alert)"
_FOREIGN = (
    rf"\b{_TOOLS}[ \t]{{0,3}}\("
    r"|\b(?:email|forward|reply)[ \t]{0,3}\(\s{0,20}(?:to|recipients?|email_id|id)[ \t]{0,3}="
    r"|^[ \t]{0,3}[*_]{0,3}action[ \t_]{0,3}input[*_]{0,3}[ \t]{0,3}:"
    r"|^[ \t]{0,3}[*_#-]{0,4}[ \t]{0,3}(?:action|tool|command|function)[*_]{0,3}[ \t]{0,3}[:|][ \t*_`]{0,5}"
    rf"{_TOOLS}[ \t*_`|]{{0,5}}$"
    r"(?=\n\s{0,3}[*_#|-]{0,4}[ \t]{0,3}(?:action[ \t_]?input|input|arg|param|override|code|to|email_id))"
    rf"|^[ \t]{{0,3}}\|[ \t*_`]{{0,5}}{_TOOLS}[ \t*_`]{{0,5}}\|"
    r"|^[ \t]{0,3}[/!$`]?[ \t]?cancel_alert[ \t]{1,3}-{0,2}(?:(?:override_?)?code)?[ \t]{0,3}[=: ]?[ \t]{0,3}"
    r"[\"'`]?[\w-]{2,40}[\"'`]{0,2}[ \t]{0,3}$"
    r"|\{\s{0,20}[\"'](?:name|tool|tool_name|function|action)[\"'][ \t]{0,3}:"
    r"|^[ \t]{0,3}\{\s{0,20}[\"']\w{1,30}[\"'][ \t]{0,3}:"
    r"|\[TOOL_CALLS?\]|<[|｜]tool[_▁]call[\w▁]{0,30}[|｜]?>?|<\|python_tag\|>"
    r"|(?:<\|start\|>[ \t]{0,3}assistant)?(?:[ \t]{0,3}to=[\w.]{1,60})?"
    r"[ \t]{0,3}<\|channel\|>[ \t]{0,3}\w{1,20}[^<>\n]{0,80}"
    r"(?:<\|constrain\|>[ \t]{0,3}\w{1,20}[ \t]{0,3})?<\|message\|>"
    r"|(?:assistant)?(?:commentary|analysis)?[ \t]{0,3}\bto=functions\.\w{1,40}"
)
_ADDRESSED = f"(?:{MAIL_LABELS['to']}|{MAIL_LABELS['subject']})"
_HEADER = (
    rf"^[ \t]{{0,3}}\|?[ \t]{{0,3}}{LISTED}[*_`]{{0,3}}{_ADDRESSED}[*_`]{{0,3}}[ \t]{{0,20}}[:：|]"
    rf"|^[ \t]{{0,3}}(?:#{{1,6}}[ \t]{{0,3}}|[*_]{{2,3}})(?:{MAIL_LABELS['to']})[*_]{{0,3}}[ \t]{{0,3}}$"
    r"|^[ \t]{0,3}\|(?=[^\n]{1,300}\n[ \t]{0,3}\|?[ \t:|-]{3,200}$)"
    rf"|{HEADED}"
)
"""A label of a mail: at the beginning of its line, of a row of a table, as a heading; and the head of a table."""
_TAG = (
    rf"(?P<left>\\?[<＜]|&(?:amp;)*(?:lt|#0{{0,4}}60|#x0{{0,4}}3c);|\\(?:u00|x)3c|%3c|\\?\[|◁|\{{|[{_LEFT}])"
    rf"(?P<pipe>[|｜]?){_Z}[ \t]*+(?P<slash>\\?[/／]?|%2f){_Z}[ \t]*+"
    rf"(?P<name>{_NAME}(?:[ \t]{{0,3}}+:[ \t]{{0,3}}+{_NAME}){{0,2}})"
)
_MARKS = "|".join(f"(?P<open_{row.name}>{row.opening})" for row in MARKS)
_OPENING = rf"<＜&\\\[◁{{{_LEFT}"
"""Signs, as in a class of characters."""
_FIRST = (
    rf"[{_OPENING}]|%3c|^[ \t\ufeff]{{0,3}}(?:[{_OPENING}`~|\ufeff]|[#*_]{{1,6}}[ \t]{{0,3}}{HEADS}"
    r"|(?:(?!\w):*[^\w\n]{1,60}+)?+(?=\w)(?:_|\d{1,2}[.)]|here|action|tool|command|function|begin|start|send|forward|cancel"
    rf"|{BEGINNING}|{MAIL_LABELS['to']}|{MAIL_LABELS['subject']}))|\A"
    r"|~~|/\*|\b(?:send_|forward_|cancel_|(?:email|forward|reply)[ \t]{0,3}\(|to=f|assistant|commentary|analysis)"
)
"""What any of these begins with, so that the rest is passed over quickly: of a line whose first word is none of theirs
nothing else is tried."""
_EVENT = later(
    rf"(?={_FIRST})(?:{_MARKS}|(?P<fence>^\ufeff?[ \t]{{0,3}}(?P<mark>`{{3,}}|~{{3,}}))"
    rf"|(?P<foreign>{_FOREIGN})|(?P<headers>{_HEADER})|(?P<lone><unused95>|<ctrl95>|<channel\|>|<\|inner_suffix\|>)|{_TAG}"
    r"|(?P<passing><\|\w{1,20}\|>))",
    re.I | re.M,
)
_UPTO = f"{{0,{MAX_ATTRIBUTES}}}"
_VALUE = rf"(?:\"[^\"]{_UPTO}\"|'[^']{_UPTO}'|“[^”]{_UPTO}”|[^\s\"'<>\]]{{1,300}})"
_ATTRIBUTES = later(rf"(?:\s++[\w.-]{{1,40}}(?::[\w.-]{{1,40}})?(?:[ \t]*=[ \t]*{_VALUE})?)*+\s*+/?")
_LOOSE = later(r"[^<>\n]{0,200}?(?=\\?[>＞])")
_LOOSE_BRACKET = later(r"[^\[\]\n]{0,80}?(?=\\?\])")
_ATTRIBUTE = later(rf"(?:^|[\s\"'])(?P<key>[\w.-]{{1,40}})[ \t]*=[ \t]*(?P<value>{_VALUE})")
_RIGHT = {
    "<": later(r"[|｜]?\\?[>＞]"),
    "&": later(r"[^<>\n]{0,2000}?&(?:amp;)*(?:gt|#0{0,4}62|#x0{0,4}3e);", re.I),
    "[": later(r"\\?\]"),
    "◁": later(r"▷"),
    "{": later(r"\}"),
    "\\": later(r"\\(?:u00|x)3e", re.I),
    "%": later(r"%3e", re.I),
    **{left: later(right) for left, right in LOOKALIKES.items()},
}
_ELEMENTS = frozenset(
    map(plain, ("invoke", "function_call", "function_calls", "tool_call", "tool_calls", "function", "tool_use"))
) | frozenset(map(plain, ("send_email", "send_mail", "forward_email", "forward_mail", "cancel_alert", "email")))
_TEMPLATES = frozenset(t if t.startswith("[") else t.lower() for t in TEMPLATES)
_INK = later(r"\S")
_REST = later(r"[ \t\r]*$", re.M)


def tokens(text: str) -> Iterator[Token]:
    """Everything in an answer that could be structure, in order."""
    lines = _Lines(text)
    at = 0
    while (match := _EVENT.search(text, at)) is not None:
        token = _token(text, match)
        if token is None:
            at = match.start() + 1 if match["left"] else match.end()
            continue
        _place(token, text, lines)
        yield token
        at = max(token.end, match.start() + 1)


def _place(token: Token, text: str, lines: _Lines) -> None:
    first = lines.first(token.start)
    token.head = token.start <= first
    if first < token.start and text[first] == ">":
        token.quoted = token.cited = True
        return
    last = token.start - 1
    while last >= lines.start and text[last] in " \t":
        last -= 1
    token.quoted = last >= lines.start and text[last] in MARKS_OF_QUOTES
    token.mentioned = token.quoted and text[token.end : token.end + 1] in MARKS_OF_QUOTES
    if token.mentioned and token.thought and first == last and _REST.match(text, token.end + 1):
        # Alone on its line, it is no mention but a mark in the marks of code; it counts only with its other one.
        token.mentioned, token.pairs, token.template = False, True, False


_ROWS = {f"open_{row.name}": row for row in MARKS}


def _token(text: str, match: re.Match[str]) -> Token | None:
    start, end = match.span()
    match match.lastgroup:
        case "name":
            return _tag(text, match)
        case "fence":
            return Token("fence", start, end, match["mark"])
        case "foreign":
            final = re.search(r"<\|channel\|>[ \t]*(?!analysis)\w+[ \t]*<\|message\|>$", match[0], re.I)
            if final is None or "to=" in match[0]:
                return Token("foreign", start, end)
            return Token("passing", start, end, FINAL if FINAL in match[0].lower() else "")
        case "headers":
            return Token("foreign", start, end, style=HEADERS)
        case "lone":
            return Token("end_thought", start, end, match["lone"], template=True)
        case "passing":
            return Token("passing", start, end)
        case row:
            marks = _ROWS[str(row)]
            return Token("marks", start, end, marks.name, marks=marks, pairs=marks.pairs)


@dataclass(frozen=True, slots=True)
class _Named:
    """What the name of a tag says: a thought, a call with its tool, or an element of another format."""

    kind: Literal["thought", "call", "foreign"]
    name: str
    thought: Thinking | None = None


@lru_cache(maxsize=8192)
def _named(written: str) -> _Named | None:
    parts = [part.strip() for part in written.split(":")]
    last = plain(parts[-1])
    if (said := thinking(parts[-1])) is not None:
        return _Named("thought", said.family, said)
    if len(parts) > 1 and plain(parts[0]) in CALL_PREFIXES:
        return _Named("call", re.sub(rf"[\\{ZERO_WIDTH}]", "", parts[1]).lower())
    if last == "tooluse":
        return _Named("call", "")
    return _Named("foreign", last) if last in _ELEMENTS else None


def _tag(text: str, match: re.Match[str]) -> Token | None:
    """The token of a tag, if its name is one that counts and it ends."""
    left = match["left"]
    style = left[0] if left[0] in "&%" or left[1:2] in ("u", "x") else "<" if left[-1] in "<＜" else left[-1]
    name = _RIGHT["\\"].split(match["name"])[0] if style == "\\" else match["name"]
    said = _named(name)
    end = match.start("name") + len(name)
    vague = said is None or said.kind == "call" or (said.thought is not None and not said.thought.sure)
    if vague and _goes_on(name) and (more := _MORE_WORDS.match(text, end)):
        whole = _named(name + more[0])
        said, end = (whole, more.end()) if whole is not None and whole.thought else (said, end)
    if said is None:
        return None
    closes = bool(match["slash"])
    kind: Kind = said.kind
    if said.thought is not None:
        kind = "end_thought" if closes or said.thought.ends else "thought"
    elif style in "\\%":  # a call in these escapes is none that can be read
        return None
    elif said.kind == "call" and closes:
        kind = "end_call"
    elif said.kind == "foreign" and (closes or style != "<" or match["pipe"]):
        return None
    escaped = "html" if style == "&" else "markdown" if left[0] == "\\" else "letters" if "\\" in name else ""
    escaped = "brackets" if style in LOOKALIKES else escaped
    token = Token(kind, match.start(), end, said.name, style, escaped=escaped, thought=said.thought)
    return _ended(text, token)


@lru_cache(maxsize=8192)
def _goes_on(name: str) -> bool:
    """Whether it may be the beginning of a name of several words."""
    return plain(name).endswith(FIRST_WORDS)


_MORE_WORDS = later(
    r"(?:[ \t]{1,3}[^\W\d][\w\\-]{0,30}){1,3}"
    rf"(?=\s{{1,20}}[\w.-]{{1,40}}[ \t]{{0,3}}=|[ \t]{{0,3}}\\?[>\]}}▷|&{''.join(LOOKALIKES.values())}])"
)


def _ended(text: str, token: Token) -> Token | None:
    """The token with its attributes and its end; a call without an end is broken, of anything else nothing is left."""
    found = None
    if token.style == "&":
        found = _RIGHT["&"].match(text, token.end)
        inside = html.unescape(html.unescape(found[0][: found[0].rindex("&")])) if found else ""
    else:
        middle = token.end
        if token.style in "<[":
            proper = _ATTRIBUTES.match(text, token.end)
            middle = proper.end() if proper else token.end
            found = _RIGHT[token.style].match(text, middle)
            if found is None and (token.style == "<" or token.kind in ("thought", "end_thought")):
                loose = (_LOOSE if token.style == "<" else _LOOSE_BRACKET).match(text, token.end)
                middle = loose.end() if loose else token.end
        found = found or _RIGHT[token.style].match(text, middle)
        inside = text[token.end : middle]
    if found is None:
        if token.kind in ("call", "end_call") and token.style not in ("[", *LOOKALIKES):
            token.kind = "broken"
            return token
        return None
    token.end = found.end()
    return _finished(text, token, inside)


def _finished(text: str, token: Token, inside: str) -> Token | None:
    token.empty = inside.endswith("/")
    if token.kind == "thought" and token.empty:
        token.kind = "passing"
    elif token.kind in ("thought", "end_thought"):
        written = text[token.start : token.end]
        closing = written if token.style == "[" else re.sub(rf"[\s{ZERO_WIDTH}]+", "", written.lower())
        token.template = token.kind == "end_thought" and closing in _TEMPLATES
        bracketed = token.style in ("[", "{", "\\", "%", *LOOKALIKES) and written != "[THINK]"
        token.pairs = bracketed or not (token.thought and token.thought.sure)
    if token.kind not in ("call", "end_call", "foreign"):
        return token
    token.attributes = {m["key"].lower(): html.unescape(m["value"].strip("\"'“”")) for m in _ATTRIBUTE.finditer(inside)}
    if token.kind == "call" and not token.name:
        tool = next((token.attributes[k] for k in TOOL_ATTRIBUTES if k in token.attributes), "")
        token.name = tool.rpartition(":")[2].strip().lower()
        if not token.name:
            token.kind, token.name = "foreign", "tooluse"
    return token


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
