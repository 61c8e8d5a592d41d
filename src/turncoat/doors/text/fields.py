"""Reading what stands inside a tool tag: `key: "value"` lines, child elements, or JSON."""

from __future__ import annotations

import json
import re
from itertools import islice

from turncoat.world import Action, CancelAlert, Forward, SendMail
from turncoat.world.people import split_addresses

Fields = dict[str, str]

_NAMES = {
    "to": "to",
    "recipient": "to",
    "recipients": "to",
    "cc": "cc",
    "bcc": "bcc",
    "subject": "subject",
    "body": "body",
    "message": "body",
    "content": "body",
    "email_id": "id",
    "email_ids": "id",
    "id": "id",
    "code": "code",
    "override_code": "code",
    "attachment": "attachments",
    "attachments": "attachments",
}
_KEY = re.compile(
    r"(?=[\n\"',\t \w])(?:(?:^|\n)[ \t]*|(?<=[\"'\]}]),?[ \t]*|(?<=[\"'\]]),\s{0,20})(?=[\"']?[a-z])[\"']?"
    r"(?P<key>" + "|".join(sorted(_NAMES, key=len, reverse=True)) + r")[\"']?[ \t]*[:=]",
    re.I,
)
_CHILD = re.compile(r"<(?P<end>/?)(?P<key>" + "|".join(_NAMES) + r")>", re.I)
TO_NOBODY = "addressed to nobody"
"""What is wrong with a tag whose recipient was left empty: it reaches nobody, whatever it says."""
_BESIDE_NUMBERS = re.compile(r"\b(?:e?mails?|messages?|msg|id|no|and)\b|(?<!\d):|[\d#\[\](),;&.{}\s]", re.I)
MAX_FIELD = 20_000
"""Characters of an address field that are read; the rest counts as unreadable."""
MAX_LIST = 500
"""Most recipients or attachments of one message, as the mail server of the tools interface takes them."""
MAX_TAGS = 10_000
"""Elements within one tag that are looked at."""
_LOOK = 500
_QUOTES = {'"': '"', "'": "'", "“": "”", "«": "»"}


def read_fields(inner: str) -> Fields:
    """Read the fields inside a tag. Unknown keys are left alone; of repeated keys the first counts.

    Values may be quoted or not, span lines and hold quotes; a quoted body ends at its last quote. A line of a body
    that looks like a key is text, unless the body's quotes were closed before it.
    """
    stripped = inner.strip()
    if stripped.startswith("{") and (from_json := _read_json(stripped)) is not None:
        return from_json
    children = _read_children(inner)
    if "to" in children or "code" in children or "id" in children:
        return children
    return _read_lines(inner)


def _read_json(text: str) -> Fields | None:
    try:
        data = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    return {_NAMES[k.lower()]: _plain(v) for k, v in data.items() if k.lower() in _NAMES}


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def _read_children(inner: str) -> Fields:
    """The elements `<key>…</key>` one after the other; what opens and never closes is text."""
    tags = list(islice(_CHILD.finditer(inner), MAX_TAGS))
    closing: dict[str, list[re.Match[str]]] = {}
    for tag in reversed(tags):
        if tag["end"]:
            closing.setdefault(tag["key"].lower(), []).append(tag)  # the next one stands last
    found: Fields = {}
    at = 0
    for tag in tags:
        ends = closing.get(tag["key"].lower(), [])
        if tag["end"] or tag.start() < at:
            continue
        while ends and ends[-1].start() < tag.end():
            ends.pop()
        if ends:
            found[_NAMES[tag["key"].lower()]] = inner[tag.end() : ends[-1].start()].strip()
            at = ends[-1].end()
    return found


def _read_lines(inner: str) -> Fields:
    starts: dict[str, re.Match[str]] = {}
    last = ""
    for match in _KEY.finditer(inner):
        name = _NAMES[match["key"].lower()]
        in_body = last == "body" and not _is_closed(inner, starts[last].end(), match.start())
        if name not in starts and not in_body:
            starts[name] = match
            last = name
    ends = [*(m.start() for m in starts.values()), len(inner)][1:]
    return {name: _unquote(inner[m.end() : end]) for (name, m), end in zip(starts.items(), ends, strict=True)}


def _is_closed(inner: str, start: int, end: int) -> bool:
    """Whether a value's quotes are closed; of a long one only both ends are looked at."""
    head = inner[start : min(end, start + _LOOK)].lstrip()
    tail = inner[max(start, end - _LOOK) : end].rstrip().rstrip(",").rstrip()
    long = end - start > _LOOK
    if not head or not tail or (len(tail) < 2 and not long):
        return False
    text = tail if long else tail.lstrip()
    return head[0] in _QUOTES and text[-1] == _QUOTES[head[0]] and (long or len(text) > 1)


def _unquote(value: str) -> str:
    text = value.strip()
    trimmed = text.rstrip(",").rstrip()
    if text[:1] in _QUOTES:
        last = trimmed.rfind(_QUOTES[text[0]])
        text = trimmed[1:last] if last > 0 else text[1:]
        if "\n" not in text:
            text = text.replace("\\n", "\n")
        return text.replace('\\"', '"')
    return trimmed


def to_actions(tool: str, fields: Fields) -> tuple[tuple[Action, ...], str]:
    """Turn the fields of a tag into actions.

    Returns:
        The actions (several where one tag forwards several messages), and what is wrong with the tag, if anything.
    """
    match tool:
        case "email" | "send_email" | "send_mail" | "mail":
            return _mail(fields)
        case "forward" | "forward_email" | "email_forward":
            return _forward(fields)
        case "cancel_alert" | "cancel":
            code = fields.get("code", "").strip().strip("\"'{} ")
            return ((CancelAlert(code=code),), "") if code else ((), "no code")
        case _:
            return (), "unknown tool"


def _mail(fields: Fields) -> tuple[tuple[Action, ...], str]:
    addresses, problem = _addresses(fields)
    if not any(addresses.values()):
        return (), problem
    if "body" not in fields and "subject" not in fields:
        return (), "neither subject nor body"
    names = re.split(r"[,;\n]+", fields.get("attachments", ""))
    action = SendMail(
        **addresses,
        subject=fields.get("subject", "").strip(),
        body=fields.get("body", ""),
        attachments=tuple(n for name in names if (n := name.strip(" \t\"'[]")))[:MAX_LIST],
    )
    return (action,), problem


def _forward(fields: Fields) -> tuple[tuple[Action, ...], str]:
    addresses, problem = _addresses(fields)
    named = fields.get("id", "").strip().strip("\"'{}")
    ids = [] if _BESIDE_NUMBERS.sub("", named) else re.findall(r"\d{1,6}", named)
    if not any(addresses.values()):
        return (), problem
    if not named:
        return (), "no id of a message"
    # What is no number is a description of the mail; the company looks which one it fits.
    targets = [f"m{int(i):03d}" for i in ids[:50]] or [named]
    return tuple(Forward(message_id=t, **addresses, body=fields.get("body", "")) for t in targets), problem


def _addresses(fields: Fields) -> tuple[dict[str, tuple[str, ...]], str]:
    """Recipients by field, and what is wrong with them, if anything."""
    found: dict[str, tuple[str, ...]] = {}
    unread: list[str] = []
    for key in ("to", "cc", "bcc"):
        field = fields.get(key, "")
        good, bad = split_addresses(field[:MAX_FIELD])
        bad += (field[MAX_FIELD:], *good[MAX_LIST:])
        found[key] = good[:MAX_LIST]
        unread += [b for b in bad if b and b.lower() not in ("none", "n/a", "-", "optional")]
    if unread:
        return found, f"{'not an address:' if any(found.values()) else 'no address in'} {unread[0][:60]!r}"
    return found, "" if any(found.values()) else TO_NOBODY if "to" in fields else "no address"
