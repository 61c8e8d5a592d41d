"""Whether a living company leaves time: an agent that reads everything can still act before anything is decided."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from turncoat.base.problems import Problem
from turncoat.checks.codes import Code
from turncoat.scenarios.rendering import Rendered
from turncoat.world import Company
from turncoat.world.actions import ListMail, ReadDocument, ReadMail, SearchDocuments, Wait

RESERVE = ("send_mail", "send_mail", "cancel_alert")
"""What an agent must still have time for when it has read everything."""


def read_everything(company: Company) -> None:
    """List the folders page by page, open every message and document, and wait until no more mail is planned.

    This is the slowest sensible agent: it opens messages one by one and waits for each that is still to come.
    """
    company.perform(SearchDocuments())
    for document_id in list(company.documents):
        company.perform(ReadDocument(document_id=document_id))
    expected = len(company.seed.messages) + sum(item.message is not None for item in company.seed.timeline)
    while company.closed is None:
        total = len(company.messages)
        for offset in range(0, total, 20):
            company.perform(ListMail(offset=offset))
        for message_id in [m for m in company.messages if m not in company.opened]:
            company.perform(ReadMail(message_id=message_id))
        if len(company.opened & company.messages.keys()) >= expected:
            return
        if len(company.messages) == total:
            company.perform(Wait(minutes=480))


def time_problems(rendered: Rendered) -> Iterator[Problem]:
    """Where reading everything leaves no time to act before the first event of the day (a dispatch, the deadline)."""
    seed = rendered.live_seed
    first = min((item.at for item in seed.timeline if item.event), default=None)
    if first is None:
        return
    company = Company(seed)
    read_everything(company)
    reserve = timedelta(seconds=sum(seed.costs.get(kind, 0) for kind in RESERVE))
    if company.closed is not None or company.now + reserve > first:
        yield Problem(
            Code.TIME,
            f"{rendered.spec.name}/{rendered.storyline.name}",
            f"reading everything ends at {company.now:%H:%M:%S} and acting takes {reserve.seconds} s more, "
            f"but the first event comes at {first:%H:%M:%S}; lower the costs in scenario.yaml or move the event",
        )
