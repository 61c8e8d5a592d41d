"""The words by which calls and mails are known, and what models put around what is only quoted, as data.

The marks around them are patterns in `tokens.py`. Thoughts stand in `thoughts.py`. Sources: the chat templates of
DeepSeek, Qwen, Mistral, Kimi, Seed, Cohere, Gemma, Granite, GLM, gpt-oss (Harmony) and others, and what they leave
behind in answers.
"""

from __future__ import annotations

from collections.abc import Collection

from turncoat.base.patterns import later
from turncoat.base.spelling import plain

# ── calls ────────────────────────────────────────────────────────────────────────────────────────────────────────────

CALL_PREFIXES = frozenset(map(plain, ("tool_use", "tool", "tool_call", "use_tool", "tools", "call", "function")))
"""What stands before the colon of a call: `tool_use:email`."""
TOOL_ATTRIBUTES = ("name", "tool", "tool_name", "function", "type")
"""Attributes that name the tool of a tag `tool_use` without one."""
MAIL_TOOLS = frozenset(
    map(plain, ("email", "send_email", "send_mail", "mail", "email_send", "mail_send", "write_email", "compose_email"))
) | {"send", "sendmessage"}
FORWARD_TOOLS = frozenset(
    map(plain, ("forward", "forward_email", "email_forward", "forward_mail", "forward_message", "mail_forward"))
)
REPLY_TOOLS = frozenset(
    map(plain, ("reply", "reply_email", "email_reply", "reply_to_email", "reply_mail", "reply_all"))
)
CANCEL_TOOLS = frozenset(map(plain, ("cancel_alert", "cancel", "alert_cancel", "cancel_alarm")))
REPORT_TOOLS = frozenset(map(plain, ("report_concern", "report_a_concern", "concern_report")))
MAIL_LABELS = {
    "to": "to|recipients?|an|à|para|aan|till|til|destinataires?|destinatarios?|empfänger|кому|收件人|宛先|받는 ?사람",
    "from": "from|von|de|da|van|från|от|发件人|差出人|보낸 ?사람",
    "subject": "subject|betreff|objet|asunto|assunto|oggetto|onderwerp|ämne|тема|主题|件名|제목",
    "date": "date|sent|datum|gesendet|fecha|data|envoyé|дата|日期|日付|날짜",
    "copy": "cc|bcc|kopie|copie",
    "id": "id",
}
"""What stands before the fields of a mail that is written out, by what it says."""
MAIL_BODIES = "body|message|text|content|mail|nachricht|corps|cuerpo|mensaje|тело|正文|本文|본문"
"""What the words of such a mail are called where it stands in a table."""
HEADS = r"(?:\w{1,12}[ \t]){0,2}(?:e-?mail|message|mail|letter|note|memo|reply)\b"
"""What a heading over a mail begins with."""
HEADED = (
    rf"^[ \t]{{0,3}}(?:#{{1,6}}[ \t]{{1,3}}|[*_]{{2,3}}){HEADS}"
    r"[^\n]{0,30}?\bto\b[^\n]{2,120}$"
)
"""A heading, or a line in bold, over a mail to somebody."""
LISTED = r"(?:(?:[-*#+•]|\d{1,2}[.)])[ \t]{0,3}){0,6}"
"""Marks of a list, its number, or a heading before such a label."""
_LOOKING = later(
    r"(?:read|list|search|look|find|get|fetch|open|view|show|check|wait|finish|done|end|note|log|review|analy|summar)"
)
_NOTING = later(r"wait|finish|done|end|note|log|review|analy|summar")
_ACTING = later(
    r"(?:send|forward|reply|cancel|dismiss|overrid|clear|abort|disable|disarm|silence|resolve|close|share|upload|post)"
    r"|(?:end|finish|done).*(?:alert|alarm|rescue|emergency|call)"
)


def only_looks(tool: str, fields: Collection[str] = ()) -> bool:
    """Whether a tool only looks, waits or ends, so that no call of it can be the deciding act.

    Args:
        tool: Its name.
        fields: What is given to it: none takes a code, and none that ends or notes takes words with whom they go to.
    """
    name = plain(tool)
    given = "code" in fields or ("body" in fields and "to" in fields and _NOTING.match(name) is not None)
    return _LOOKING.match(name) is not None and _ACTING.search(name) is None and not given


# ── quotation ────────────────────────────────────────────────────────────────────────────────────────────────────────

MARKS_OF_QUOTES = ("`", '"', "'", "“", "”", "‘", "’", "«", "»")
