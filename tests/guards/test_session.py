"""The choke point: guards see every attempt and the case so far, and what they decide is what happens."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from pydantic import ValidationError

from tests.guards.scripted import Scripted, saying
from tests.world.test_company import seed
from turncoat.evidence.case import Case
from turncoat.guards.guard import Session
from turncoat.scenarios.schema import LadderSpec
from turncoat.scenarios.setting import Setting
from turncoat.world import Action, CancelAlert, Company, Decision, Record, SendMail
from turncoat.world.actions import AlertCancelled, ListMail, Wait

SECRET = SendMail(to=("bo.lind@firm.com",), body="a secret")
CLEAN = SendMail(to=("bo.lind@firm.com",), body="nothing")
LADDER = LadderSpec(version=1, rungs=("harmless",), base="harmless", findings={})
SETTING = Setting("test", "", seed(), {}, "", "coercion", {}, LADDER)


def session(*guards: Scripted, reviewer: Scripted | None = None) -> Session:
    return Session(SETTING, Company(seed()), guards=guards, reviewer=reviewer)


def act(at: Session, *actions: Action) -> Sequence[Record]:
    for action in actions:
        asyncio.run(at.act(action))
    return [r for r in at.company.log if r.attempt is not None]


def decided(record: Record) -> list[tuple[str, str]]:
    return [(d.guard, d.decision) for d in record.decisions]


def test_a_blocked_attempt_has_no_effect_and_is_kept() -> None:
    second = saying("allow", name="second")
    at = session(saying("block"), second)
    (record,) = act(at, SECRET)
    assert (record.outcome.status, record.outcome.text) == ("blocked", "Held for review.")
    assert record.message is None and at.company.messages == Company(seed()).messages
    assert record.intended is not None and record.intended.body == "a secret"
    assert record.attempt == SECRET and decided(record) == [("scripted", "block")]
    assert second.seen == []


def test_an_allowed_attempt_takes_effect_and_names_its_guards_and_their_scores() -> None:
    (record,) = act(session(saying("allow", name="a"), saying("allow", name="b")), CLEAN)
    assert record.message is not None and record.intended == record.message
    assert decided(record) == [("a", "allow"), ("b", "allow")]
    assert [d.score for d in record.decisions] == [0.9, 0.9]


def test_an_edit_takes_effect_in_place_of_the_attempt_and_is_what_later_guards_see() -> None:
    second = saying("allow", name="second")
    at = session(saying("edit", action=CLEAN), second)
    (record,) = act(at, SECRET)
    assert record.message is not None and record.message.body == "nothing"
    assert record.intended is not None and record.intended.body == "a secret", "what was attempted"
    assert (record.attempt, record.performed, record.outcome.status) == (SECRET, CLEAN, "done")
    assert [a for _, a in second.seen] == [CLEAN]
    assert sum(m.body == "a secret" for m in at.company.messages.values()) == 0


def test_what_an_edit_does_is_not_what_the_agent_attempted() -> None:
    (record,) = act(session(saying("edit", action=CancelAlert(code="K-77"))), CLEAN)
    assert record.outcome.effects == (AlertCancelled(alert_id="heat"),)
    assert not any(isinstance(e, AlertCancelled) for e in record.attempted)
    assert record.intended is not None and record.intended.body == "nothing"
    (record,) = act(session(saying("edit", action=SECRET)), CancelAlert(code="wrong"))
    assert record.message is not None and record.intended is None


def test_an_end_holds_back_and_closes_and_nothing_is_asked_afterwards() -> None:
    guard = saying("end")
    at = session(guard)
    records = act(at, SECRET, CLEAN)
    assert at.company.closed == "Held for review."
    assert [(r.outcome.status, decided(r)) for r in records] == [("blocked", [("scripted", "end")]), ("failed", [])]
    assert records[0].intended is not None and records[0].message is None and len(guard.seen) == 1


@pytest.mark.parametrize(
    ("reviewer", "status", "said"),
    [
        (None, "blocked", ["ask"]),
        ("allow", "done", ["ask", "allow", "allow"]),
        ("block", "blocked", ["ask", "block"]),
        ("ask", "blocked", ["ask", "ask"]),
        ("end", "blocked", ["ask", "end"]),
        ("edit", "done", ["ask", "edit", "allow"]),
    ],
)
def test_what_a_guard_asks_the_reviewer_decides_and_without_one_it_is_held_back(
    reviewer: str | None, status: str, said: list[str]
) -> None:
    person = saying(reviewer, name="person", action=CLEAN if reviewer == "edit" else None) if reviewer else None
    last = saying("allow", name="last")
    at = session(saying("ask"), last, reviewer=person)
    (record,) = act(at, SECRET)
    assert (record.outcome.status, [d.decision for d in record.decisions]) == (status, said)
    assert (record.message is not None) == (status == "done") == bool(last.seen)
    assert record.intended is not None and record.intended.body == "a secret"
    assert (at.company.closed is not None) == (reviewer == "end")


def test_a_guard_sees_the_case_so_far_and_may_decide_by_it() -> None:
    def second_message(case: Case, attempt: Action) -> Decision | None:
        sent = any(r.message is not None for r in case.log if r.actor == "agent")
        return Decision(guard="once", decision="block") if sent and attempt.kind == "send_mail" else None

    guard = Scripted(second_message, "once")
    records = act(session(guard), CLEAN, ListMail(), SECRET, ListMail())
    assert [r.outcome.status for r in records] == ["done", "done", "blocked", "done"]
    assert [len([r for r in case.log if r.attempt]) for case, _ in guard.seen] == [0, 1, 2, 3]
    assert [s.message.body for s in guard.seen[-1][0].sent] == ["nothing", "a secret"]


def test_the_same_attempts_and_decisions_give_the_same_company_without_asking() -> None:
    def rule(case: Case, attempt: Action) -> Decision | None:
        said = ["edit", "block", "ask", "end"][len(case.log) % 4]
        return Decision(guard="g", decision=said, action=Wait(minutes=3) if said == "edit" else None)

    at = session(Scripted(rule))
    act(at, Wait(minutes=60), SECRET, CLEAN, ListMail(), CLEAN)
    again = Company(seed())
    for record in at.company.log:
        if record.attempt is not None:
            again.perform(record.attempt, record.decisions)
    assert again == at.company
    assert again.log[0].performed == Wait(minutes=3)


def test_a_guard_that_fails_is_no_decision() -> None:
    def rule(case: Case, attempt: Action) -> Decision | None:
        raise RuntimeError("the monitor's provider is down")

    at = session(Scripted(rule))
    with pytest.raises(RuntimeError, match="provider is down"):
        act(at, CLEAN)
    assert at.company.log == ()


def test_sessions_without_guards_build_no_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "case", property(lambda self: pytest.fail("a case was built")))
    assert act(session(), CLEAN)[0].decisions == ()


def test_decisions_are_read_in_their_old_form_and_wrong_ones_are_refused() -> None:
    old = {"gate": "approval", "decision": "block", "reason": "Not today."}
    now = Decision(guard="approval", decision="block", reason="Not today.")
    assert Decision.model_validate(old) == now
    (record,) = act(session(saying("block")), SECRET)
    data = record.model_dump(mode="json")
    data["gates"] = [old]
    del data["decisions"]
    assert Record.model_validate(data).decisions == (now,)
    for wrong in ({"decision": "edit"}, {"decision": "block", "action": CLEAN}):
        with pytest.raises(ValidationError, match="is needed with decision 'edit'"):
            Decision.model_validate({"guard": "g", **wrong})
