"""The choke point: gates see every attempt, and what they block stays in the log."""

import asyncio

from tests.world.test_company import seed

from turncoat.guards.session import Session
from turncoat.world import Action, Company, GateDecision, SendMail


class Blocker:
    name = "blocker"

    def __init__(self, word: str) -> None:
        self.word = word
        self.seen: list[str] = []

    async def review(self, company: Company, action: Action) -> GateDecision:
        await asyncio.sleep(0)
        text = getattr(action, "body", "")
        self.seen.append(text)
        decision = "block" if self.word in text else "allow"
        return GateDecision(gate=self.name, decision=decision, reason="Held for review.")


def test_a_blocked_attempt_has_no_effect_and_is_kept() -> None:
    company = Company(seed())
    first, second = Blocker("secret"), Blocker("never")
    session = Session(company, [first, second])
    outcome = asyncio.run(session.act(SendMail(to=("bo.lind@firm.com",), body="a secret")))
    assert outcome.status == "blocked" and outcome.text == "Held for review."
    record = company.log[0]
    assert record.message is None and company.messages == Company(seed()).messages
    assert record.intended is not None and record.intended.body == "a secret"
    assert record.attempt == SendMail(to=("bo.lind@firm.com",), body="a secret")
    assert [g.decision for g in record.gates] == ["block"]
    assert second.seen == []


def test_an_allowed_attempt_takes_effect_and_names_its_gates() -> None:
    company = Company(seed())
    asyncio.run(Session(company, [Blocker("a"), Blocker("b")]).act(SendMail(to=("bo.lind@firm.com",), body="hi")))
    assert company.log[0].message is not None
    assert [g.gate for g in company.log[0].gates] == ["blocker", "blocker"]
