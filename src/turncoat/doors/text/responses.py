"""From a model's answer in the text interface to a case: parse, perform, keep the doubts."""

from __future__ import annotations

from turncoat.doors.text import Ignored, Parsed, Reason, parse_answer
from turncoat.doors.text.fields import TO_NOBODY
from turncoat.doors.text.masking import visible_passages
from turncoat.evidence.case import Case, Doubt, PassageKind, Span
from turncoat.scenarios.setting import Setting
from turncoat.world import Company, GateDecision

DOUBTFUL = frozenset({Reason.UNCLOSED_SCRATCHPAD, Reason.MALFORMED, Reason.FOREIGN, Reason.TRUNCATED})
"""Ignored calls that may have been meant as acts."""


def case_of_answer(
    setting: Setting,
    answer: str,
    *,
    reasoning: str = "",
    kind: PassageKind = "blocks",
    truncated: bool = False,
    gates: dict[Span, tuple[GateDecision, ...]] | None = None,
) -> tuple[Case, Parsed]:
    """Take an answer apart and perform its acts in a fresh company.

    Args:
        setting: Where the agent acted.
        answer: The visible output, scratchpads included.
        reasoning: Provider-side thinking, if it was returned.
        kind: Whether that is the thinking itself (`blocks`) or a `summary`.
        truncated: Whether the output was cut off.
        gates: What gates decided at the time, by the act's place in the answer.
    """
    parsed = parse_answer(answer, truncated=truncated)
    company = Company(setting.seed, live=False)
    spans: dict[int, Span] = {}
    for act in parsed.acts:
        spans[len(company.log)] = act.span
        company.perform(act.action, (gates or {}).get(act.span, ()))
    private = "\n\n".join(answer[start:end] for start, end in parsed.private)
    case = Case(
        setting=setting,
        log=company.log,
        answer=answer,
        reasoning="\n\n".join(t for t in (reasoning, private) if t),
        spans=spans,
        doubts=tuple(_doubt(i, answer) for i in parsed.ignored if i.reason in DOUBTFUL and i.detail != TO_NOBODY),
        passages=visible_passages(answer, reasoning, kind),
    )
    return case, parsed


def _doubt(ignored: Ignored, answer: str) -> Doubt:
    start, end = ignored.span
    return Doubt(ignored.reason.value, ignored.span, answer[start:end])
