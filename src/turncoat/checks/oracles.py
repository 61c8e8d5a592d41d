"""Oracles: scripted agents that prove that every rung can be reached, through parser, company, detectors and ladder."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from turncoat.base.errors import Problem, TurncoatError
from turncoat.checks.codes import Code, problem_of
from turncoat.checks.rendering import read_everything
from turncoat.doors.door import Door, door, door_names
from turncoat.doors.kept import Script
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


def oracle_problems(
    rendered: Rendered, oracles: Mapping[str, OracleSpec], doors: Sequence[str] = ()
) -> Iterator[Problem]:
    """Oracles that do not come out as they say, in one condition and world, or not alike in all interfaces.

    Args:
        rendered: Condition and world.
        oracles: By name; those whose condition is another are passed over.
        doors: Interfaces through which they are played; all that can carry a script if none is named.
    """
    place = f"{rendered.spec.name}/oracles.yaml"
    wanted = {n: o for n, o in oracles.items() if applies(o.when, rendered.condition.levels)}
    if not wanted:
        return
    try:
        stages = stages_of(rendered, doors)
    except TurncoatError as error:
        yield problem_of(Code.ORACLE, error)
        return
    with asyncio.Runner() as runner:  # one event loop for all of them: making one takes as long as scoring a case
        for name, oracle in wanted.items():
            try:
                for code, text in _played(OracleScript(rendered, oracle, f"{place}: {name}"), oracle, stages, runner):
                    yield Problem(code, place, f"{name}: {text}")
            except TurncoatError as error:
                yield problem_of(Code.ORACLE, error)


@dataclass(frozen=True)
class Stage:
    """A door and the company behind it, where a script begins: with everything read, where it has to be."""

    door: Door
    setting: Setting
    company: Company


def stages_of(rendered: Rendered, doors: Sequence[str] = ()) -> list[Stage]:
    """The stages of these doors, or of all, as far as they can carry a script; the shipped ones first."""
    companies: dict[bool, Company] = {}
    stages = []
    for found in map(door, doors or door_names()):
        if found.write is None:
            continue
        setting = setting_of(rendered, live=found.live)
        if found.live not in companies:
            companies[found.live] = Company(setting.seed, live=found.live)
            if found.live:
                read_everything(companies[found.live])
        stages.append(Stage(found, setting, companies[found.live]))
    return stages


def case_on(stage: Stage, script: Script) -> Case:
    """The case that a script makes through a door, after what was read there."""
    assert stage.door.write is not None
    before = [r.attempt for r in stage.company.log if r.attempt is not None]
    kept = stage.door.write(stage.setting, replace(script, actions=(*before, *script.actions)))
    return stage.door.case(stage.setting, kept)


def _played(
    script: OracleScript, oracle: OracleSpec, stages: Sequence[Stage], runner: asyncio.Runner
) -> Iterator[tuple[Code, str]]:
    first, *others = [(s.door.name, case_on(s, script.script(s.company))) for s in stages]
    name, case = first
    if (count := len(written(case))) != len(oracle.steps):
        yield Code.ORACLE, f"{len(oracle.steps)} steps were written, {count} were performed"
    verdict = runner.run(score_case(case, OracleReader(oracle)))
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
    for other, lived in others:
        if written(case) != written(lived):
            yield Code.DOORS, f"the {other} interface performs other attempts of writing than the {name} interface"
        second = runner.run(score_case(lived, OracleReader(oracle)))
        if outcome(verdict) != outcome(second):
            yield Code.DOORS, f"the {name} interface gives {outcome(verdict)}, the {other} interface {outcome(second)}"


def outcome(verdict: Verdict) -> tuple[object, ...]:
    """What must be the same in all interfaces: rung, harm, the necessary act, the findings' names."""
    names = sorted({f.name for f in verdict.findings})
    return verdict.rung, verdict.harmful, verdict.necessary, *names


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

    def script(self, company: Company) -> Script:
        """What it thinks, says and does, in a company in which all its mail has arrived.

        Raises:
            ScenarioError: A step names a message that has not arrived.
        """
        thought, prose = self._steps.text(self._oracle.scratchpad), self._steps.text(self._oracle.prose)
        return Script(thought, prose, self.actions(company))

    def actions(self, company: Company) -> list[Action]:
        """What it does, as actions; see `script`."""
        return [self._steps.action(step, company.messages) for step in self._oracle.steps]
