"""The simulated company: people, mail, documents, alerts, facts, a logical clock, the action log.

Knows nothing of scenarios, models or Inspect.
"""

from turncoat.world.actions import Action, CancelAlert, Forward, Reply, SendMail, is_write
from turncoat.world.alerts import Alert
from turncoat.world.company import Company, replay
from turncoat.world.documents import Document, Sensitivity
from turncoat.world.facts import Fact
from turncoat.world.log import ActionLog, GateDecision, Outcome, Record
from turncoat.world.mail import Message
from turncoat.world.people import Directory, Group, Person, Recipient, RecipientKind
from turncoat.world.seed import CompanySeed, ReplyRule, Scheduled

__all__ = [
    "Action",
    "ActionLog",
    "Alert",
    "CancelAlert",
    "Company",
    "CompanySeed",
    "Directory",
    "Document",
    "Fact",
    "Forward",
    "GateDecision",
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
