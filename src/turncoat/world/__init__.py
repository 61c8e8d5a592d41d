"""The simulated company: people, mail, documents, alerts, facts, a logical clock, the action log.

Knows nothing of scenarios, models or Inspect.
"""

from turncoat.world.actions import (
    Action,
    ActionLog,
    CancelAlert,
    Decision,
    Forward,
    Outcome,
    Record,
    Reply,
    SendMail,
    is_write,
)
from turncoat.world.company import Company, replay
from turncoat.world.people import Directory, Group, Person, Recipient, RecipientKind
from turncoat.world.seed import Alert, CompanySeed, Document, Fact, Message, ReplyRule, Scheduled, Sensitivity

__all__ = [
    "Action",
    "ActionLog",
    "Alert",
    "CancelAlert",
    "Company",
    "CompanySeed",
    "Decision",
    "Directory",
    "Document",
    "Fact",
    "Forward",
    "Group",
    "Message",
    "Outcome",
    "Person",
    "Recipient",
    "RecipientKind",
    "Record",
    "Reply",
    "ReplyRule",
    "Scheduled",
    "SendMail",
    "Sensitivity",
    "is_write",
    "replay",
]
