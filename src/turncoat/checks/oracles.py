"""Oracles: scripted agents that prove that every rung can be reached, through parser, company, detectors and ladder."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from turncoat.base.errors import ScenarioError, TurncoatError
from turncoat.base.problems import Problem
from turncoat.checks.codes import Code, problem_of
from turncoat.checks.time import read_everything
from turncoat.doors.acts import Attempted, dump
from turncoat.doors.door import door
from turncoat.doors.kept import Kept
from turncoat.evidence.case import Case
from turncoat.evidence.findings import Finding
from turncoat.judges.question import Answer, Question
from turncoat.scenarios.finding import setting_of
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.schema import OracleSpec, OracleStep, applies
from turncoat.scenarios.setting import Setting
from turncoat.scenarios.templates import render
from turncoat.scoring.score import log_findings, score_case
from turncoat.scoring.verdict import Verdict
from turncoat.world import Action, CancelAlert, Company, Forward, Reply, SendMail, is_write
from turncoat.world.actions import Finish


class OracleReader:
    """Finds what the oracle was written to show; it stands in for reading, not for acting."""

    name = "oracle"
    answers = frozenset({"outcome", "reading"})
    members: tuple[str, ...] = ()

    def __init__(self, oracle: OracleSpec) -> None:
        self._oracle = oracle

    async def read(self, case: Case, question: Question) -> Answer:
        """The oracle's findings of meaning that the question asks for."""
        evidence = tuple(s.whole for s in case.sent[:1])
        found = [n for n in self._oracle.findings if n in question.items]
        return Answer(tuple(Finding(name=n, by="oracle", evidence=evidence) for n in found))


def oracle_problems(rendered: Rendered, oracles: Mapping[str, OracleSpec]) -> Iterator[Problem]:
    """Oracles that do not come out as they say, in one condition and world, or not alike in both interfaces."""
    read = Company(rendered.live_seed)
    read_everything(read)
    for name, oracle in oracles.items():
        if applies(oracle.when, rendered.condition.levels):
            place = f"{rendered.spec.name}/oracles.yaml"
            try:
                for code, text in _played(rendered, oracle, read, f"{place}: {name}"):
                    yield Problem(code, place, f"{name}: {text}")
            except TurncoatError as error:
                yield problem_of(Code.ORACLE, error)


def _played(rendered: Rendered, oracle: OracleSpec, read: Company, place: str) -> Iterator[tuple[Code, str]]:
    answer = oracle_answer(rendered, oracle, place)
    lived = lived_case(setting_of(rendered, live=True), read, oracle_actions(rendered, oracle, read, place))
    case = door("text").case(setting_of(rendered), Kept(answer=answer))
    if len(case.spans) != len(oracle.steps):
        yield Code.ORACLE, f"{len(oracle.steps)} steps were written, {len(case.spans)} were performed"
    verdict = asyncio.run(score_case(case, OracleReader(oracle)))
    if (verdict.rung, verdict.harmful) != (oracle.rung, oracle.harmful):
        found = ", ".join(f.name for f in verdict.findings) or "nothing"
        came = f"came out as {verdict.rung} (harmful: {verdict.harmful}); found: {found}"
        yield Code.ORACLE, f"expected {oracle.rung} (harmful: {oracle.harmful}), {came}"
    ladder = case.setting.ladder.findings
    shown = {f.name for f in log_findings(case)}
    said = {n for n in oracle.findings if n in ladder and ladder[n].detect}
    yield from ((Code.ORACLE, f"the log does not show {name!r}") for name in sorted(said - shown))
    for name in sorted(shown - said):
        yield Code.ORACLE, f"the log shows {name!r}, which the oracle does not name"
    if written(case) != written(lived):
        yield Code.DOORS, "the tools interface performs other attempts of writing than the text interface"
    second = asyncio.run(score_case(lived, OracleReader(oracle)))
    if outcome(verdict) != outcome(second):
        yield Code.DOORS, f"the text interface gives {outcome(verdict)}, the tools interface {outcome(second)}"


def outcome(verdict: Verdict) -> tuple[object, ...]:
    """What must be the same in both interfaces: rung, harm, the necessary act, the findings' names."""
    names = sorted({f.name for f in verdict.findings})
    return verdict.rung, verdict.harmful, verdict.necessary, *names


def lived_case(setting: Setting, read: Company, actions: Sequence[Action]) -> Case:
    """Actions performed in a living company after everything was read there, by way of the store.

    Args:
        setting: With the live seed.
        read: A company of that seed in which everything has been read.
        actions: What is done then; the session is finished afterwards.
    """
    before = [r.attempt for r in read.log if r.attempt is not None]
    entries = [dump(Attempted(action=action)) for action in (*before, *actions, Finish())]
    return door("tools").case(setting, Kept(entries=entries, ended="finished"))


def oracle_actions(rendered: Rendered, oracle: OracleSpec, company: Company, place: str) -> list[Action]:
    """The oracle's script as actions in a living company, in which all its mail has arrived.

    Raises:
        ScenarioError: A step names a message that has not arrived.
    """
    context = oracle_context(rendered)
    return [_action(rendered, step, company, context, place) for step in oracle.steps]


def written(case: Case) -> list[tuple[object, ...]]:
    """The attempts of writing without what differs between interfaces: ids and times."""
    texts = {m.id: (m.subject, m.body) for m in case.mail}
    found: list[tuple[object, ...]] = []
    for record in case.log:
        if record.attempt is not None and is_write(record.attempt):
            fields = record.attempt.model_dump()
            about = texts.get(fields.pop("message_id", ""))
            found.append((about, record.outcome.status, sorted(fields.items())))
    return found


def oracle_answer(rendered: Rendered, oracle: OracleSpec, place: str) -> str:
    """The oracle's script as a model's answer in the text interface."""
    context = oracle_context(rendered)
    parts = []
    if oracle.scratchpad:
        parts.append(f"<scratchpad>\n{render(oracle.scratchpad, context, place)}\n</scratchpad>")
    if oracle.prose:
        parts.append(render(oracle.prose, context, place))
    parts += [_tag(rendered, step, context, place) for step in oracle.steps]
    return "\n\n".join(parts) or "Nothing in the new mail needs an answer from me."


def oracle_context(rendered: Rendered) -> dict[str, Any]:
    """The rendering's context with `told`, `hint`, `secret` and `code`."""
    fact = rendered.seed.fact(rendered.spec.secret)
    alerts = rendered.seed.alerts
    return {
        **rendered.context,
        "told": fact.to_others[0] if fact and fact.to_others else "",
        "hint": fact.to_them[0] if fact and fact.to_them else "",
        "secret": fact.summary if fact else "",
        "code": alerts[0].code if alerts else "",
    }


def _addresses(rendered: Rendered, names: tuple[str, ...], context: dict[str, Any], place: str) -> tuple[str, ...]:
    return tuple(rendered.address(n, place, context) for n in names)


def _action(rendered: Rendered, step: OracleStep, company: Company, context: dict[str, Any], place: str) -> Action:
    to, cc, bcc = (_addresses(rendered, names, context, place) for names in (step.to, step.cc, step.bcc))
    body = render(step.body, context, place).strip()
    match step.kind:
        case "cancel_alert":
            return CancelAlert(code=render(step.code, context, place))
        case "forward":
            return Forward(message_id=_arrived(rendered, step, company, place), to=to, cc=cc, bcc=bcc, body=body)
        case "reply":
            return Reply(message_id=_arrived(rendered, step, company, place), body=body)
        case _:
            return SendMail(to=to, cc=cc, bcc=bcc, subject=render(step.subject, context, place), body=body)


def _arrived(rendered: Rendered, step: OracleStep, company: Company, place: str) -> str:
    letter = next((x for x in rendered.letters if x.name == step.message), None)
    for message in company.messages.values():
        if letter is not None and (message.time, message.subject, message.body) == (
            letter.time,
            letter.subject,
            letter.body,
        ):
            return message.id
    raise ScenarioError(f"{place}: key 'message': {step.message!r} is no email that has arrived")


def _tag(rendered: Rendered, step: OracleStep, context: dict[str, Any], place: str) -> str:
    def addresses(names: tuple[str, ...]) -> str:
        return ", ".join(_addresses(rendered, names, context, place))

    body = render(step.body, context, place).strip()
    fields = [f'{k}: "{addresses(v)}"' for k, v in (("to", step.to), ("cc", step.cc), ("bcc", step.bcc)) if v]
    match step.kind:
        case "cancel_alert":
            return f'<tool_use:cancel_alert>\ncode: "{render(step.code, context, place)}"\n</tool_use:cancel_alert>'
        case "forward":
            number = next((i for i, x in enumerate(rendered.letters, 1) if x.name == step.message), None)
            lines = [f"email_id: {number}", *fields]
            return "\n".join(["<tool_use:forward>", *lines, f'body: "{body}"', "</tool_use:forward>"])
        case _:
            lines = [*fields]
            lines.append(f'subject: "{render(step.subject, context, place)}"')
            return "\n".join(["<tool_use:email>", *lines, f'body: "{body}"', "</tool_use:email>"])
