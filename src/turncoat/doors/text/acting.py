"""From the fields of a call to actions of the world, or what is wrong with it."""

from __future__ import annotations

import re

from turncoat.base.patterns import later
from turncoat.base.spelling import plain
from turncoat.doors.text.declining import is_declined
from turncoat.doors.text.fields import ADDRESSES, ELSEWHERE, Fields
from turncoat.doors.text.forms import CANCEL_TOOLS, FORWARD_TOOLS, MAIL_TOOLS, REPLY_TOOLS, REPORT_TOOLS
from turncoat.evidence.detectors import declines
from turncoat.world import Action, CancelAlert, Forward, Reply, SendMail
from turncoat.world.actions import ReportConcern
from turncoat.world.people import split_addresses

TO_NOBODY = "addressed to nobody"
"""What is wrong with a call whose recipient was left empty: it reaches nobody, whatever it says."""
UNREAD = ("no address in", "not an address:")
"""What is wrong with recipients that are no addresses: all of them, or some."""
UNKNOWN_TOOL = "unknown tool"
NOTHING_GIVEN = "the code says that nothing is to be cancelled"
MAX_FIELD = 20_000
"""Characters of an address field that are read; the rest counts as unreadable."""
MAX_LIST = 500
"""Most recipients or attachments of one message, as the mail server of the tools interface takes them."""
MAX_CODES = 20
"""Most codes that one call tries."""
_BESIDE_NUMBERS = later(r"\b(?:e?mails?|messages?|msg|id|no|and)\b|(?<!\d):|[\d#\[\](),;&.{}\s]", re.I)
_NUMBER_FIRST = later(
    r"\W{0,3}(?:(?:e-?mail|message|msg|id|number|no\.?)\W{0,3}){0,2}(?P<id>\d{1,4})"
    r"[ \t]*(?:[(\[–—\"'“,;:-])\s*(?!\d)\D",
    re.I,
)
_CODE_AND_MORE = later(r"(?P<code>[^\s()\[\],;]*\d[^\s()\[\],;]*)[\"'`]?[ \t]*(?:[(\[,;–—]|-[ \t])(?P<more>.*)", re.S)


def to_actions(tool: str, fields: Fields) -> tuple[tuple[Action, ...], str]:
    """Turn the fields of a call into actions.

    Returns:
        The actions (several where one call forwards several messages), and what is wrong with the call, if anything.
    """
    name = plain(tool)
    if name in MAIL_TOOLS:
        return _mail(fields)
    if name in FORWARD_TOOLS:
        return _forward(fields)
    if name in REPLY_TOOLS:
        return _reply(fields, everyone=name.endswith("all"))
    if name in REPORT_TOOLS:
        return _report(fields)
    return _cancel(fields) if name in CANCEL_TOOLS else ((), UNKNOWN_TOOL)


def _report(fields: Fields) -> tuple[tuple[Action, ...], str]:
    if "body" not in fields and "subject" not in fields:
        return (), "neither subject nor body"
    return (ReportConcern(subject=fields.get("subject", "").strip(), body=fields.get("body", "")),), ""


def _cancel(fields: Fields) -> tuple[tuple[Action, ...], str]:
    alone = fields.get("body", "").strip()
    given = fields.get("code", "") or (alone if len(alone.split()) == 1 and any(c.isdigit() for c in alone) else "")
    codes = [c for line in given.split("\n") if (c := line.strip().strip("\"'`{} "))][:MAX_CODES]
    tried = [c for c in codes if not declines(c)]
    if not codes:
        return (), "no code"
    return tuple(CancelAlert(code=_code(c)) for c in tried), "" if tried else NOTHING_GIVEN


def _code(given: str) -> str:
    """A code without what is said about it."""
    more = _CODE_AND_MORE.fullmatch(given)
    plainly = more and " " in more["more"] and not is_declined("", more["more"])
    return more["code"].strip("\"'`") if more and plainly else given


def _mail(fields: Fields) -> tuple[tuple[Action, ...], str]:
    addresses, problem = _addresses(fields)
    if not any(addresses.values()):
        return (), problem
    if "body" not in fields and "subject" not in fields:
        return (), "neither subject nor body"
    action = SendMail(
        **addresses,
        subject=fields.get("subject", "").strip(),
        body=fields.get("body", ""),
        attachments=_attachments(fields),
    )
    return (action,), problem


def _attachments(fields: Fields) -> tuple[str, ...]:
    names = re.split(r"[,;\n]+", fields.get("attachments", ""))
    return tuple(n for name in names if (n := name.strip(" \t\"'[]")))[:MAX_LIST]


def _forward(fields: Fields) -> tuple[tuple[Action, ...], str]:
    addresses, problem = _addresses(fields)
    named = fields.get("id", "").strip().strip("\"'{}")
    ids = [] if _BESIDE_NUMBERS.sub("", named) else re.findall(r"\d{1,6}", named)
    if not ids and (first := _NUMBER_FIRST.match(named)):
        ids = [first["id"]]
    if not any(addresses.values()):
        return (), problem
    if not named:
        return (), "no id of a message"
    # What is no number is a description of the mail; the company looks which one it fits.
    targets = [f"m{int(i):03d}" for i in ids[:50]] or [named]
    return tuple(Forward(message_id=t, **addresses, body=fields.get("body", "")) for t in targets), problem


def _reply(fields: Fields, *, everyone: bool) -> tuple[tuple[Action, ...], str]:
    """An answer to a message by its number; with addresses it is a mail to these."""
    if "to" in fields:
        return _mail(fields)
    number = re.fullmatch(r"\W*(?:m0*)?(\d{1,4})\W*", fields.get("id", ""))
    if number is None:
        return (), UNKNOWN_TOOL
    about, files = f"m{int(number[1]):03d}", _attachments(fields)
    return (Reply(message_id=about, body=fields.get("body", ""), everyone=everyone, attachments=files),), ""


def _addresses(fields: Fields) -> tuple[dict[str, tuple[str, ...]], str]:
    """Recipients by field, and what is wrong with them, if anything."""
    found: dict[str, tuple[str, ...]] = {}
    unread: list[str] = []
    for key in ADDRESSES:
        field = fields.get(key, "")
        good, bad = split_addresses(field[:MAX_FIELD])
        bad += (field[MAX_FIELD:], *good[MAX_LIST:])
        found[key] = good[:MAX_LIST]
        unread += [b for b in bad if b and b.lower() not in ("none", "n/a", "-", "optional")]
    if unread:
        return found, f"{UNREAD[any(found.values())]} {unread[0][:60]!r}"
    others = split_addresses(fields.get(ELSEWHERE, "")[:MAX_FIELD])[0]
    if beside := [a for a in others if not any(a in to for to in found.values())]:
        return found, f"under an unknown key: {beside[0][:60]!r}"
    return found, "" if any(found.values()) else TO_NOBODY if "to" in fields else "no address"
