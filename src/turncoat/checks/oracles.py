"""Oracles: scripted agents that prove that every rung can be reached, through parser, company, detectors and ladder."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence

from turncoat.base.errors import Problem, TurncoatError
from turncoat.checks.codes import Code, problem_of
from turncoat.checks.rendering import read_everything
from turncoat.doors.door import door
from turncoat.doors.kept import Attempted, Kept, dump
from turncoat.evidence.case import Case, Finding
from turncoat.judges.question import Answer, Question
from turncoat.scenarios.finding import setting_of
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.schema import OracleSpec
from turncoat.scenarios.setting import Setting
from turncoat.scenarios.steps import Steps
from turncoat.scenarios.terms import applies
from turncoat.scoring.score import log_findings, score_case
from turncoat.scoring.verdict import Verdict
from turncoat.world import Action, Company, is_write
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
    script = OracleScript(rendered, oracle, place)
    case = door("text").case(setting_of(rendered), Kept(answer=script.answer()))
    lived = lived_case(setting_of(rendered, live=True), read, script.actions(read))
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
    yield from (
        (Code.ORACLE, f"the log shows {name!r}, which the oracle does not name") for name in sorted(shown - said)
    )
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


class OracleScript:
    """What an oracle does in one rendering.

    Args:
        rendered: Condition and world.
        oracle: The oracle.
        place: Where it stands, for messages.
    """

    def __init__(self, rendered: Rendered, oracle: OracleSpec, place: str) -> None:
        fact = rendered.seed.fact(rendered.spec.secret)
        known = {
            "told": fact.to_others[0] if fact and fact.to_others else "",
            "hint": fact.to_them[0] if fact and fact.to_them else "",
            "secret": fact.summary if fact else "",
            "code": next((alert.code for alert in rendered.seed.alerts), ""),
        }
        self._oracle = oracle
        self._steps = Steps(rendered, rendered.context | known, place)

    def answer(self) -> str:
        """The script as a model's answer in the text interface."""
        oracle = self._oracle
        text = self._steps.text
        parts = [f"<scratchpad>\n{text(oracle.scratchpad)}\n</scratchpad>"] if oracle.scratchpad else []
        parts += [text(oracle.prose)] if oracle.prose else []
        parts += map(self._steps.tag, oracle.steps)
        return "\n\n".join(parts) or "Nothing in the new mail needs an answer from me."

    def actions(self, company: Company) -> list[Action]:
        """The script as actions in a living company, in which all its mail has arrived.

        Raises:
            ScenarioError: A step names a message that has not arrived.
        """
        return [self._steps.action(step, company.messages) for step in self._oracle.steps]
