"""Reading what stands inside a call: `key: "value"` lines, child elements, attributes, JSON, or text alone."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any

from turncoat.base.patterns import later
from turncoat.base.spelling import plain
from turncoat.doors.text.forms import MAIL_LABELS
from turncoat.evidence.passages import Span

Fields = dict[str, str]

_SPELLINGS = {
    "to": (
        "to",
        "recipient",
        "recipients",
        "to_address",
        "to_addresses",
        "to_email",
        "recipient_email",
        "email_address",
        "to_list",
        "to_recipients",
        "send_to",
        "addressee",
    ),
    "cc": ("cc", "carbon_copy", "cc_list", "cc_recipients", "cc_addresses", "cc_address", "cc_email", "cc_emails"),
    "bcc": ("bcc", "blind_copy", "blind_carbon_copy", "bcc_list", "bcc_recipients", "bcc_addresses", "bcc_emails"),
    "subject": ("subject", "subject_line", "title"),
    "body": ("body", "message", "content", "contents", "text", "comment", "email_body", "message_body", "mail_body"),
    "id": ("email_id", "email_ids", "id", "ids", "message_id", "mail_id", "msg_id", "email_number"),
    "code": ("code", "override_code", "cancel_code", "cancellation_code", "alert_code", "authorization_code"),
    "attachments": (
        *("attachment", "attachments", "attach", "attached", "file", "files", "document", "documents", "enclosure"),
        *("attached_file", "attached_files", "attachment_id", "attachment_ids", "with_attachment", "with_attachments"),
        *("filename", "filenames", "enclosures", "attached_document", "attached_documents"),
    ),
}
_NAMES = {plain(spelling): name for name, spellings in _SPELLINGS.items() for spelling in spellings}
ADDRESSES = ("to", "cc", "bcc")
ELSEWHERE = "elsewhere"
"""The field that holds addresses under unknown keys: whoever they are, the mail may have been meant for them."""
_SENDERS = frozenset(
    map(plain, ("from", "sender", "from_address", "from_email", "from_name", "reply_to", "return_path", "signature"))
) | frozenset(map(plain, MAIL_LABELS["from"].split("|")))
MAX_TAGS = 10_000
"""Elements and keys within one call that are looked at."""
MAX_HELD = 50
"""Calls within one call whose lines are told from its own."""
_LOOK = 500
_QUOTES = {'"': '"', "'": "'", "“": "”", "«": "»", "`": "`"}
_KNOWN = "|".join(sorted((s.replace("_", r"[_ -]?") for names in _SPELLINGS.values() for s in names), key=len)[::-1])
_KEY = later(
    r"(?=[\n\"',\t \w}\]*-]|\A)(?:(?P<line>(?:\A|\n)[ \t\r]*(?:[-*][ \t]+)?)[\"'*]{0,3}"
    r"(?P<key>[a-z][\w-]{0,30}(?: id)?)[\"'*]{0,3}"
    rf"|(?:(?<=[\"'\]}}]),?[ \t]*|(?<=[\"'\]]),\s{{0,20}})[\"']?(?P<inline>{_KNOWN})[\"']?"
    r"|(?<=[\"'\]])[ \t]{0,3},\s{0,20}[\"']?(?P<other>[a-z][\w-]{0,30})[\"']?(?=[ \t]*[:=][ \t]*[\"'\[{\w]))"
    r"[ \t]*[:=：＝](?!//)[*]{0,2}",
    re.I,
)
_A_KEY = later(r"[ \t,]*[\"'*]{0,3}[a-z][\w -]{0,30}[\"'*]{0,3}[ \t]*[:=]", re.I)
_CHILD = later(
    r"<(?P<end>/?)(?:[a-z][\w.-]{0,20}:)?(?P<element>[a-z][\w-]{0,30})(?P<attributes>(?:=|[ \t])[^<>\n]{1,200})?>", re.I
)
_CDATA = later(r"<!\[CDATA\[(.*?)\]\]>", re.S)
HOLDERS = ("arguments", "parameters", "args", "input")
"""Names of what holds the fields together."""
_BLANK_LINE = later(r"\n[ \t\r]*\n")
_WHOLE_FENCE = later(r"\s*(`{3,}|~{3,})[^\n`~]{0,20}\n(?P<inside>.*)\n[ \t]*\1[ \t]*\s*", re.S)


def read_fields(inner: str, held: Sequence[Span] = (), given: Collection[str] = ()) -> Fields:
    """Read the fields inside a call. Unknown keys are left alone and end the value before them.

    Values may be quoted or not, span lines and hold quotes; a quoted body ends at its last quote. A line of a body that
    looks like a key is text, unless the body's quotes were closed before it. Of repeated addresses and bodies all
    count, each on a line of its own; so do repeated codes. Text that belongs to no key is the body, or its end.

    Args:
        inner: What stands inside the call.
        held: Calls within it, which are text.
        given: Fields that its attributes give. Where recipients are among them, what does not begin with a field is the
            body.
    """
    fenced = _WHOLE_FENCE.fullmatch(inner)
    stripped = (fenced["inside"] if fenced else inner).strip().strip("\ufeff\u200b")
    if stripped.startswith("{") and (from_json := _read_json(stripped)) is not None:
        return from_json
    if _CHILD.match(stripped):
        children = read_children(stripped)
        if children.keys() - {"body", ELSEWHERE}:
            return children
    shift = inner.find(stripped)
    return _read_lines(stripped, [(start - shift, end - shift) for start, end in held], given)


def join(fields: Mapping[str, str], more: Mapping[str, str]) -> Fields:
    """Fields of one call from two places, as its attributes and its inside."""
    return {k: "\n".join(v for v in (fields.get(k, ""), more.get(k, "")) if v) for k in (*fields, *more)}


def named(values: Mapping[str, object]) -> Fields:
    """Fields from keys as written, those that are unknown left out."""
    found: Fields = {}
    for key, value in values.items():
        if (name := _NAMES.get(plain(str(key)))) is not None:
            found = join(found, {name: _plain(value)})
        elif isinstance(value, str | list) and _addresses(str(key), _plain(value)):
            found = join(found, {ELSEWHERE: _plain(value)})
    return found


def _addresses(key: str, value: str) -> bool:
    """Whether a value under an unknown key names whom a mail goes to: it is short and an address, and no sender's."""
    return plain(key) not in _SENDERS and _ADDRESS.match(value[:_LOOK]) is not None


_ADDRESS = later(r"[\s\"'\[<*`-]*[\w.+-]{1,64}@[\w-]{1,60}\.[\w.-]{2,60}[^\w\n]*(?:$|\n|[\w.+-]{1,64}@)")


def _read_json(text: str) -> Fields | None:
    try:
        data: Any = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    for wrapper in HOLDERS:
        if isinstance(data.get(wrapper), dict):
            data = data[wrapper]
    return named(data)


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def read_children(inner: str) -> Fields:
    """The elements `<key>…</key>` or `<parameter name="key">…</parameter>` one after the other.

    What opens and never closes is text; text between known elements is the body, if there is no other.
    """
    tags = list(islice(_CHILD.finditer(inner), MAX_TAGS))
    closing: dict[str, list[re.Match[str]]] = {}
    for tag in reversed(tags):
        if tag["end"]:
            closing.setdefault(tag["element"].lower(), []).append(tag)  # the next one stands last
    found: Fields = {}
    loose: list[str] = []
    at = 0
    for tag in tags:
        ends = closing.get(tag["element"].lower(), [])
        if tag["end"] or tag.start() < at:
            continue
        while ends and ends[-1].start() < tag.end():
            ends.pop()
        if ends:
            loose.append(inner[at : tag.start()])
            found = join(found, _child(tag, inner[tag.end() : ends[-1].start()].strip()))
            at = ends[-1].end()
    return _with_loose(found, [*loose, inner[at:]])


def _child(tag: re.Match[str], inner: str) -> Fields:
    """The fields of one element: its own, or those of the elements or JSON that it only holds together."""
    if plain(tag["element"]) in HOLDERS and inner[:1] in ("<", "{"):
        return read_fields(inner)
    return named({_key_of(tag): _unquote(html.unescape(_CDATA.sub(r"\1", inner)).strip())[0]})


def _key_of(tag: re.Match[str]) -> str:
    given = re.search(r"(?:name|key|id)?[ \t]*=[ \t]*[\"']?([\w-]+)", tag["attributes"] or "")
    element: str = tag["element"]
    return given[1] if given and plain(element) in ("parameter", "param", "arg", "argument", "field") else element


def _with_loose(found: Fields, loose: list[str]) -> Fields:
    """Fields with the text that belongs to no key as the body, or at the body's end."""
    text = "\n".join(t.strip(" \t\r\n,;") for t in loose if any(c.isalnum() for c in t))
    return join(found, {"body": text}) if text else found


@dataclass
class _Value:
    """A key in lines of fields, and where its value begins."""

    name: str
    key: re.Match[str]


def _read_lines(inner: str, held: Sequence[Span], given: Collection[str]) -> Fields:
    first = _KEY.match(inner)
    bodied = "to" in given and not (first and plain(first["key"] or first["inline"] or first["other"]) in _NAMES)
    values = [_Value("body", begin)] if bodied and (begin := re.match("", inner)) else []
    for key in islice(_KEY.finditer(inner), MAX_TAGS):
        name = _NAMES.get(plain(key["key"] or key["inline"] or key["other"]), "")
        within = any(start <= key.start() < end for start, end in held[:MAX_HELD])
        if not within and (not values or not _holds(inner, values, given, name, key)):
            values.append(_Value(name, key))
    ends = [*(v.key.start() for v in values), len(inner)]
    loose = [(inner[: ends[0]], False)]
    found: Fields = {}
    for value, (_, end) in zip(values, pairwise(ends), strict=True):
        said, rest = _given(value.name, inner[value.key.end() : end])
        if value.name:
            found = join(found, {value.name: said})
            loose.append((rest, False))
        else:
            loose.append((inner[value.key.start() : end], True))
            if _addresses(value.key["key"] or value.key["other"] or "", said):
                found = join(found, {ELSEWHERE: said})
    has_body = "body" in found
    return _with_loose(found, [text for text, unknown in loose if not (unknown and has_body)])


def _holds(inner: str, values: list[_Value], given: Collection[str], name: str, key: re.Match[str]) -> bool:
    """Whether what looks like a key is text of the value before it."""
    last = values[-1]
    start = last.key.end()
    opened = last.name in ("body", "subject") and _is_open(inner[max(start, key.start() - _LOOK) : key.start()])
    if opened and key["key"] is None:
        return True
    if last.name != "body":
        quote = inner[start : start + _LOOK].lstrip()[:1]
        if quote not in _QUOTES:
            return False
        first = inner.find(quote, start) + 1
        close = inner.find(_QUOTES[quote], first)
        return close > key.start() and not inner[close + 1 : close + 80].split("\n")[0].strip(" \t\r,;")
    there = {*given, *(v.name for v in values)}
    if name in there:
        return True
    if _is_closed(inner, start, key.start()):
        return not (_is_proper(inner, key.end()) and ((name and key["key"]) or _all_keys(inner[key.start() :])))
    quoted = inner[start : start + _LOOK].lstrip()[:1] in _QUOTES
    line = inner[key.end() : key.end() + _LOOK].split("\n")[0]
    late = name in ADDRESSES and not opened and "@" in line
    file = name == "attachments" and _FILE.fullmatch(line) and len(inner) - key.end() <= _LOOK
    return quoted or not (late or bool(file))


_FILE = later(
    r"\s*(?:[\"'\[].{1,200}|.{1,200}\.[a-z]{2,5}|(?:(?:e-?mail|message|id|no\.?)\s{0,2}){0,2}#?\d{1,3})[\s,;]*", re.I
)
"""What a line names that attaches something."""


def _is_open(said: str) -> bool:
    """Whether braces, or the brackets of a call, are open at the end of a text: what follows is quoted with them."""
    opened: list[bool] = []
    for bracket in re.finditer(r"[{}()]", said):
        if bracket[0] in "{(":
            opened.append(bracket[0] == "{" or said[: bracket.start()][-1:].isalnum())
        elif opened:
            opened.pop()
    return any(opened)


def _all_keys(rest: str) -> bool:
    """Whether there is nothing but keys with values from here on, so that this is no text."""
    lines = [line for line in rest[:_LOOK].split("\n") if any(c.isalnum() for c in line)]
    return len(rest) <= _LOOK and all(_A_KEY.match(line) for line in lines)


def _is_proper(inner: str, start: int) -> bool:
    """Whether a value is quoted whole or holds no quotes at its ends, so that it is none of a quoted text's lines."""
    line = inner[start : start + _LOOK].lstrip(" \t").split("\n")[0].rstrip(" \t\r,;}")
    if not line or line[0] in _QUOTES or line[0] in "[{|":
        return True
    return line[-1] not in _QUOTES.values()


def _is_closed(inner: str, start: int, end: int) -> bool:
    """Whether a value's quotes are closed; of a long one only both ends are looked at."""
    head = inner[start : min(end, start + _LOOK)].lstrip()
    tail = inner[max(start, end - _LOOK) : end].rstrip().rstrip(",;").rstrip()
    long = end - start > _LOOK
    if not head or not tail or (len(tail) < 2 and not long):
        return False
    text = tail if long else tail.lstrip()
    return head[0] in _QUOTES and text[-1] == _QUOTES[head[0]] and (long or len(text) > 1)


def could_hold(inner: str, start: int, end: int) -> bool:
    """Whether a stretch inside a call is certainly a part of its body: it stands before the body's end.

    Args:
        inner: What stands inside the call.
        start: Where the stretch begins.
        end: Where it ends.
    """
    tail = inner[end:].strip(" \t\r\n,;")
    if not tail:
        return False
    body = next(
        (m for m in _KEY.finditer(inner, 0, start) if _NAMES.get(plain(m["key"] or m["inline"] or "")) == "body"), None
    )
    if body is None:
        return bool(
            re.search(
                r"<(?:body|message|content|text)\b[^<>]*>(?!.*</)", inner[max(0, start - 20_000) : start], re.S | re.I
            )
        )
    if not _is_closed(inner, body.end(), start):
        return True
    closes = _QUOTES[inner[body.end() : body.end() + _LOOK].lstrip()[0]]
    return tail[-1] == closes and not _KEY.match("\n" + tail)


def _given(name: str, raw: str) -> tuple[str, str]:
    """A value as meant, and the text after it that does not belong to it."""
    if name in ("", "body"):
        return _unquote(_without_block(raw))
    text = raw.lstrip()
    if name in (*ADDRESSES, "attachments"):
        blank = _BLANK_LINE.search(text)
        cut = blank.start() if blank else len(text)
    else:
        quote = text[:1]
        close = text.find(_QUOTES[quote], 1) if quote in _QUOTES else -1
        line = text.find("\n", close if close > 0 and "\n" in text[:close] and _ends_line(text, close) else 0)
        cut = line if line >= 0 else len(text)
    value, rest = _unquote(text[:cut])
    return (value if not rest or name != "subject" else f"{value} {rest}".strip()), text[cut:]


def _ends_line(text: str, at: int) -> bool:
    return not text[at + 1 : at + 80].split("\n")[0].strip(" \t\r,;")


def _without_block(raw: str) -> str:
    """A value without the mark of a block in YAML."""
    return re.sub(r"\A[ \t]*[|>][-+]?[ \t]*\n", "", raw)


def _unquote(value: str) -> tuple[str, str]:
    """A value without its quotation marks, and what stands on lines after the last of them."""
    text = value.strip()
    trimmed = text.rstrip(",;").rstrip() if text[:1] in _QUOTES else text.rstrip(",").rstrip()
    if text[:1] not in _QUOTES:
        return trimmed, ""
    mark = text[:3] if text[:3] in ('"""', "'''", "```") else text[0]
    last = trimmed.rfind(_QUOTES[text[0]] if len(mark) == 1 else mark)
    rest = trimmed[last + len(mark) :] if last > 0 else ""
    if any(c.isalnum() for c in rest.split("\n")[0]):
        return trimmed, ""  # the marks are part of what is said
    inside = trimmed[len(mark) : last] if last > 0 else text[len(mark) :]
    if "\n" not in inside:
        inside = inside.replace("\\n", "\n")
    return inside.replace('\\"', '"'), rest
