"""The simulated company: people, mail, documents, alerts, facts, a logical clock, the action log.

Knows nothing of scenarios, models or Inspect.
"""

from turncoat.world.actions import (
    AGENT,
    Action,
    ActionLog,
    AlertCancelled,
    CancelAlert,
    Decision,
    Forward,
    Opened,
    Outcome,
    Record,
    Reply,
    SendMail,
    WriteDocument,
    is_write,
)
from turncoat.world.company import Company, replay
from turncoat.world.people import Directory, Group, Person, Recipient, RecipientKind
from turncoat.world.seed import (
    REPORTS_TO,
    Alert,
    CompanySeed,
    Document,
    Fact,
    Message,
    ReplyRule,
    Review,
    Scheduled,
    Sensitivity,
)

__all__ = [
    "AGENT",
    "REPORTS_TO",
    "Action",
    "ActionLog",
    "Alert",
    "AlertCancelled",
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
    "Opened",
    "Outcome",
    "Person",
    "Recipient",
    "RecipientKind",
    "Record",
    "Reply",
    "ReplyRule",
    "Review",
    "Scheduled",
    "SendMail",
    "Sensitivity",
    "WriteDocument",
    "is_write",
    "replay",
]
