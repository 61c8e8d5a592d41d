"""Calls in the formats of other interfaces, as models write them where the text interface asks for tags.

Hermes and Qwen (`<tool_call>{…}</tool_call>`), Anthropic (`<invoke name=…>`), Llama (`<function=…>`), GLM
(`<arg_key>`), Mistral, Kimi, DeepSeek, gpt-oss (Harmony), bare JSON, calls of Python, and mails with headers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from turncoat.base.patterns import later
from turncoat.doors.text.declining import is_declined
from turncoat.doors.text.fields import HOLDERS, Fields, named, read_children, read_fields
from turncoat.doors.text.forms import HEADED, LISTED, MAIL_BODIES, MAIL_LABELS
from turncoat.doors.text.tokens import HEADERS, Token

MAX_FOREIGN = 4000
"""Characters of a call without an end of its own that are looked at."""
_MAX_JSON = 1_000_000
_NAMES = ("name", "tool", "tool_name", "function_name", "recipient_name", "function", "action")
_ARGUMENTS = (*HOLDERS, "tool_input", "action_input", "params")
_JSON = json.JSONDecoder(strict=False)
_NEXT_END = later(r"</[\w:]{1,40}>[ \t\r]*(?:\n|$)|\n[ \t\r]*\n", re.I)
_LABELS = "|".join(f"(?P<{name}>{words})" for name, words in MAIL_LABELS.items())
_HEADER = later(
    rf"[ \t]{{0,3}}\|?[ \t]{{0,3}}{LISTED}[*_`]{{0,3}}(?:{_LABELS})[*_`]{{0,3}}[ \t]{{0,20}}(?:[:：|][*_`]{{0,3}}|$)"
    r"(?P<value>[^\n]*)",
    re.I,
)
_RULE = later(r"[ \t|:-]*")
"""A line of a table that only parts its head from its rows."""
_HEADERS = 8
_MARKED_END = later(
    r"<\|(?:call|end|return|start|channel|tool_call_end|tool_calls_section_end)\|>|<｜tool▁calls?▁end｜>|\Z"
)
_IN_JSON = later(
    r"[\"'](?:name|tool|tool_name|function|action|to|recipients?|code|override_code)[\"'][ \t]{0,3}:", re.I
)
_NO_CALL = later(
    r"[ \t]*\{\s{0,20}[\"'](?:name|tool|tool_name|function|action)[\"']\s{0,3}:\s{0,3}"
    r"(?:null|None|[\"'](?:none|no[ _-]?op|no[ _-]?action|nothing|null|n/?a|wait|finish)?[\"'])"
    r"(?!(?s:.){0,600}[\"']code)",
    re.I,
)
"""An object that says of itself that it calls nothing."""
_SECTION = later(r"<[|｜]tool[_▁]calls[\w▁]*[|｜]>|<[|｜]tool[_▁]call[_▁]end[|｜]>")
_ARGUMENT = later(r"<arg_key>(?P<key>[^<>]{1,60})</arg_key>\s*<arg_value>(?P<value>.*?)</arg_value>", re.S)
_TOOL = later(r"\bto=(?:functions?[.:])?(?P<tool>[\w.]{1,60})", re.I)
_KIMI = later(
    r"<\|tool_call_begin\|>\s*(?:functions?\.)?(?P<tool>\w{1,60})(?::\d{1,4})?\s*<\|tool_call_argument_begin\|>"
)
_DEEPSEEK = later(r"<｜tool▁call▁begin｜>(?:function<｜tool▁sep｜>)?(?P<tool>\w{1,60})(?:<｜tool▁sep｜>|\s)")
_MISTRAL = later(r"\[TOOL_CALLS\]\s*(?P<tool>\w{1,60})\s*(?:\[(?:ARGS|CALL_ID)\][\w-]*(?:\[ARGS\])?)?\s*(?=\{)")


@dataclass(frozen=True)
class Foreign:
    """A call in another format.

    Attributes:
        end: Where it ends.
        calls: Tools and fields, where they can be read for certain.
        wrapper: Whether it only stands around calls, which are read by themselves.
    """

    end: int
    calls: tuple[tuple[str, Fields], ...] = ()
    wrapper: bool = False


def read_foreign(text: str, token: Token, following: Iterable[Token]) -> Foreign | None:
    """Read a call in another format.

    Args:
        text: The answer.
        token: What it begins with.
        following: The tokens after it.

    Returns:
        The call; None where it is none, as the headers of a mail that is only reported.
    """
    written = text[token.start : token.end]
    if token.name:
        return _element(text, token, following)
    if token.style == HEADERS:
        return _mail(text, token, following)
    if written.startswith(("[", "<")) or "to=" in written or "<|" in written:
        return _marked(text, token)
    if written.lstrip().startswith("{"):
        upto = token.start + MAX_FOREIGN
        if not _IN_JSON.search(text, token.start, upto) or _NO_CALL.match(text, token.start, upto):
            return None
    return Foreign(_loose_end(text, token))


def _loose_end(text: str, token: Token) -> int:
    """The end of what has no end tag of its own."""
    found = None
    for found in _NEXT_END.finditer(text, token.end, token.end + MAX_FOREIGN):
        if found.group().startswith("</"):
            break
    return found.end() if found else min(len(text), token.start + MAX_FOREIGN)


def _element(text: str, token: Token, following: Iterable[Token]) -> Foreign | None:
    """A call as an element, such as `<invoke name="email">…</invoke>`."""
    tool = next((token.attributes[k] for k in ("name", "tool", "function") if k in token.attributes), "")
    written = text[token.start : token.end]
    if not tool and (given := re.search(r"=[ \t]*[\"']?([\w.]{1,60})", written)):
        tool = given[1]
    ahead = text[token.end : token.end + 80].lstrip()
    if token.name == "email" and not re.match(r"(?:<(?:from|to|subject)>|[*_]{0,2}(?:from|to|subject)\b)", ahead, re.I):
        return None
    if token.name == "function" and not tool:
        return None
    close = re.compile(rf"<[ \t]*/[ \t]*(?:\w{{1,20}}:)?{_spelled(token.name)}[ \t]*>", re.I).search(text, token.end)
    if re.match(r"<[^<>/]{0,100}(?:tool\\?_use|invoke|function|tool_call)\b", ahead, re.I) and not tool:
        return Foreign(token.end, wrapper=True)
    if close is None:
        stop = next((t.start for t in following if t.kind in ("call", "thought", "marks", "fence")), len(text))
        return Foreign(min(stop, token.end + MAX_FOREIGN))
    return Foreign(close.end(), tuple(_inside(tool, text[token.end : close.start()])))


def _spelled(name: str) -> str:
    return "_?".join(re.escape(c) for c in name)


def _inside(tool: str, inner: str) -> list[tuple[str, Fields]]:
    found, _ = _calls_in_json(inner, tool)
    if found:
        return found
    arguments = {m["key"].strip(): m["value"].strip() for m in _ARGUMENT.finditer(inner)}
    if arguments:
        return [(tool or inner.split("<", 1)[0].strip(), named(arguments))]
    if tool:
        fields = read_children(inner) if inner.lstrip().startswith("<") else read_fields(inner)
        return [(tool, fields)]
    return []


def _marked(text: str, token: Token) -> Foreign:
    """A call between the marks of a chat template."""
    if _SECTION.fullmatch(text, token.start, token.end):
        return Foreign(token.end, wrapper=True)
    stop = _MARKED_END.search(text, token.end)
    end = stop.end() if stop else len(text)
    if stop and re.match(r"<\|(?:start|channel)\|>", stop[0]):
        end = stop.start()
    region = text[token.start : end]
    for form in (_TOOL, _KIMI, _DEEPSEEK, _MISTRAL):
        tool = form.search(region, 0, token.end - token.start) if form is _TOOL else form.match(region)
        if tool:
            given, after = _object(region, tool.end())
            fields = named(given) if isinstance(given, dict) else {}
            certain = fields and (form is not _TOOL or "<|message|>" in region[: region.find("{")])
            calls = ((tool["tool"].rpartition(".")[2], fields),) if certain else ()
            return Foreign(token.start + after if certain else end, calls)
    found, after = _calls_in_json(region, "")
    return Foreign(token.start + after if found else end, tuple(found))


_AFTER = later(r"\s*(?:```)?\s*(?:<\|(?:call|end|return|tool_call_end)\|>|<｜tool▁call▁end｜>)|")


def _object(text: str, start: int) -> tuple[Any, int]:
    """The first object or list of JSON after a place, or None; and where it ends, with the mark that closes it."""
    begin = re.compile(r"[\[{]").search(text, start, start + 2000)
    if begin is None or len(text) > _MAX_JSON:
        return None, len(text)
    try:
        found, end = _JSON.raw_decode(text, begin.start())
    except (ValueError, RecursionError):
        return None, len(text)
    after = _AFTER.match(text, end)
    return found, after.end() if after else end


def _calls_in_json(text: str, tool: str) -> tuple[list[tuple[str, Fields]], int]:
    """The calls that a text begins with as JSON, and where they end."""
    begin = re.match(r"\s*(?:\[TOOL_CALLS?\]|<\|?[\w|]{1,30}>)?\s*(?:```\w{0,10}\s*)?(?=[\[{])", text)
    if begin is None:
        return [], len(text)
    data, end = _object(text, begin.end())
    items = data if isinstance(data, list) else [data]
    found = [_call_of(item, tool) for item in items if isinstance(item, dict)]
    return [f for f in found if f is not None], end


def _call_of(item: dict[str, Any], tool: str) -> tuple[str, Fields] | None:
    if isinstance(item.get("function"), dict):
        item = item["function"]
    key = next((k for k in _NAMES if isinstance(item.get(k), str)), None)
    name = tool or (str(item[key]) if key else "")
    given = next((item[k] for k in _ARGUMENTS if k in item), None)
    if isinstance(given, str):
        given = _object(given, 0)[0]
    if given is None:
        given = {k: v for k, v in item.items() if k != key or tool}
    fields = named(given) if isinstance(given, dict) else {}
    return (re.split(r"[.:]", name)[-1], fields) if name and fields else None


def _mail(text: str, token: Token, following: Iterable[Token]) -> Foreign | None:
    """A mail with headers, also as a list or a table. One with sender and date is reported, not written."""
    if _TABLE_HEAD.match(text, token.start):
        return _table(text, token)
    if head := _HEADED.match(text, token.start):
        return _headed(text, token, head.end(), following)
    keys: dict[str, str] = {}
    end, open_key = token.start, ""
    for line in text[token.start : token.start + MAX_FOREIGN].split("\n")[: 2 * _HEADERS]:
        header = _HEADER.match(line)
        if header is not None and header.lastgroup:
            open_key = next(name for name in MAIL_LABELS if header[name])
            keys.setdefault(open_key, header["value"].strip(" |"))
        elif open_key and not keys[open_key].strip(" *_") and line.strip():
            keys[open_key] = line  # the label stands in a line of its own
        elif not _RULE.fullmatch(line) or (not line.strip() and len(keys) > 1):
            break
        end += len(line) + 1
    before = text[max(0, token.start - 300) : token.start].split("\n")[-4:]
    around = {name for line in before if (m := _HEADER.match(line)) for name in MAIL_LABELS if m[name]} | keys.keys()
    addressed = keys.get("to", "")
    if not addressed.strip(" *_") or ("@" not in addressed and "subject" not in keys):
        return None
    if {"date", "from"} <= around:
        return None
    stop = next(
        (t.start for t in following if t.start > end and t.kind in ("call", "thought", "marks", "fence")), len(text)
    )
    return Foreign(min(stop, token.start + MAX_FOREIGN, len(text)))


_HEADED = later(HEADED, re.I | re.M)
_LETTER = later(
    rf"^[ \t>]{{0,6}}(?:{LISTED}[*_`]{{0,3}}(?:{MAIL_LABELS['subject']})[*_`]{{0,3}}[ \t]{{0,3}}[:：]"
    r"|(?:(?:dear|hi|hello|hey)\b[ \t]?)?(?:[\w.’'-]{1,20}[ \t]?){1,4}[,:！:—-][ \t*]{0,3}$)",
    re.I | re.M,
)
"""A subject, or whom a letter greets in a line of its own."""


def _headed(text: str, token: Token, at: int, following: Iterable[Token]) -> Foreign | None:
    """A mail under a heading that says whom it goes to, up to the next heading."""
    kinds = ("call", "thought", "marks", "fence")
    if is_declined(text[token.start : at], ""):
        return None
    stop = next((t.start for t in following if t.kind in kinds and t.start >= at), len(text))
    stop = min(stop, at + MAX_FOREIGN)
    if (heading := re.compile(r"^#{1,6}[ \t]", re.M).search(text, at, stop)) is not None:
        stop = heading.start()
    letter = _LETTER.search(text, at, min(stop, at + 400))
    said = len(re.findall(r"\w+", text[letter.end() : stop])) if letter else 0
    return Foreign(stop) if said >= 5 else None


_TABLE_HEAD = later(r"[ \t]{0,3}\|[^\n]{1,300}\n[ \t]{0,3}\|?[ \t:|-]{3,200}(?:\n|$)")
_ROWS = later(r"(?:[ \t]{0,3}\|[^\n]*(?:\n|\Z))+")
_TO = later(rf"[*_`]{{0,3}}(?:{MAIL_LABELS['to']})[*_`:]{{0,4}}", re.I)
_BODY = later(rf"[*_`]{{0,3}}(?:{MAIL_BODIES})[*_`:]{{0,4}}", re.I)


def _table(text: str, token: Token) -> Foreign | None:
    """Mails in the rows of a table that has a column for whom they go to and one for their words."""
    head = _TABLE_HEAD.match(text, token.start)
    rows = _ROWS.match(text, head.end(), head.end() + MAX_FOREIGN) if head else None
    if head is None or rows is None or "@" not in rows[0]:
        return None
    columns = [cell.strip() for cell in head[0].split("\n")[0].strip(" \t|").split("|")]
    if not any(map(_TO.fullmatch, columns)) or not any(map(_BODY.fullmatch, columns)):
        return None
    return Foreign(rows.end())


_PARENTHESIS = later(r"[^()\n]{0,300}\)")


def end_of_call(text: str, token: Token, end: int) -> int:
    """Where a call of Python ends that is kept with the line after it."""
    written = _PARENTHESIS.match(text, token.end) if text[token.end - 1 : token.end] == "(" else None
    return min(end, written.end()) if written else end
