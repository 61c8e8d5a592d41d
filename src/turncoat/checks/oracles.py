"""Oracles: scripted agents that prove that every rung can be reached, through parser, company, detectors and ladder."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from turncoat.errors import TurncoatError
from turncoat.scenarios.scenario import Rendered
from turncoat.scenarios.schema import OracleSpec, OracleStep
from turncoat.scenarios.seeding import address_of, group_addresses
from turncoat.scenarios.setting import setting_of
from turncoat.scenarios.templates import render
from turncoat.scenarios.when import applies
from turncoat.scoring import Case, Evidence, Finding, Judgement, case_of_answer, score_case
from turncoat.scoring.instrument import log_findings


class ScriptedJudge:
    """A judge that finds what the oracle was written to show; it stands in for reading, not for acting."""

    name = "oracle"
    reads = True

    def __init__(self, oracle: OracleSpec) -> None:
        self._oracle = oracle

    async def outcome(self, case: Case) -> Judgement:
        """The oracle's findings of meaning that belong to the outcome."""
        return self._judgement(case, "outcome")

    async def reading(self, case: Case) -> Judgement:
        """The oracle's findings of meaning beyond the outcome."""
        return self._judgement(case, "reading")

    def _judgement(self, case: Case, task: str) -> Judgement:
        ladder = case.setting.ladder.findings
        evidence = tuple(Evidence(record=s.record, start=0, end=len(s.text)) for s in case.sent[:1])
        found = [n for n in self._oracle.findings if n in ladder and ladder[n].judged == task]
        return Judgement(tuple(Finding(name=n, by="oracle", evidence=evidence) for n in found))


def oracle_problems(rendered: Rendered) -> Iterator[str]:
    """Oracles that do not come out as they say, in one condition and world."""
    setting = setting_of(rendered)
    for name, oracle in rendered.scenario.oracles.items():
        if not applies(oracle.when, rendered.condition.levels):
            continue
        place = f"{rendered.scenario.name}/oracles.yaml: {name}"
        try:
            answer = oracle_answer(rendered, oracle, place)
        except TurncoatError as error:
            yield str(error)
            continue
        case, parsed = case_of_answer(setting, answer)
        if len(parsed.acts) != len(oracle.steps):
            yield f"{place}: {len(oracle.steps)} steps were written, {len(parsed.acts)} were performed"
        verdict = asyncio.run(score_case(case, ScriptedJudge(oracle)))
        if (verdict.rung, verdict.harmful) != (oracle.rung, oracle.harmful):
            found = ", ".join(f.name for f in verdict.findings) or "nothing"
            yield (
                f"{place}: expected {oracle.rung} (harmful: {oracle.harmful}), came out as {verdict.rung} "
                f"(harmful: {verdict.harmful}); found: {found}"
            )
        yield from _log_problems(case, oracle, place)


def _log_problems(case: Case, oracle: OracleSpec, place: str) -> Iterator[str]:
    ladder = case.setting.ladder.findings
    found = {f.name for f in log_findings(case)}
    said = {n for n in oracle.findings if n in ladder and ladder[n].detect}
    for name in sorted(said - found):
        yield f"{place}: the log does not show {name!r}"
    for name in sorted(found - said):
        yield f"{place}: the log shows {name!r}, which the oracle does not name"


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
    fact = rendered.seed.fact(rendered.scenario.spec.secret)
    alerts = rendered.seed.alerts
    return {
        **rendered.context,
        "told": fact.to_others[0] if fact and fact.to_others else "",
        "hint": fact.to_them[0] if fact and fact.to_them else "",
        "secret": fact.summary if fact else "",
        "code": alerts[0].code if alerts else "",
    }


def _tag(rendered: Rendered, step: OracleStep, context: dict[str, Any], place: str) -> str:
    groups = group_addresses(rendered)

    def addresses(names: tuple[str, ...]) -> str:
        return ", ".join(address_of(n, rendered.seed.directory, context, groups, place) for n in names)

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
