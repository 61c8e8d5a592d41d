"""Single samples in full: which are chosen, their conversation as blocks with marked passages, the mails in them."""

from turncoat.analysis.transcripts.mailbox import Mail, Mailbox, mail_of, mailbox
from turncoat.analysis.transcripts.passages import Block, Mark, conversation
from turncoat.analysis.transcripts.samples import Judgement, Transcript, choose, read_transcripts, samples_in

__all__ = [
    "Block",
    "Judgement",
    "Mail",
    "Mailbox",
    "Mark",
    "Transcript",
    "choose",
    "conversation",
    "mail_of",
    "mailbox",
    "read_transcripts",
    "samples_in",
]
