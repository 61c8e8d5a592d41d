"""The text interface as an Inspect solver: one prompt with all mail, one answer whose acts pass guards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inspect_ai.solver import Generate, Solver, TaskState, solver

from turncoat.doors.acts import Acts
from turncoat.doors.door import setting_from
from turncoat.doors.kept import Decided, Kept, dump, kept_of
from turncoat.doors.text.parser import parse_answer
from turncoat.doors.text.responses import reasoning_in, visible_passages
from turncoat.evidence.case import Case
from turncoat.guards.approval import reviewer_at_hand
from turncoat.guards.guard import Guard, Session
from turncoat.guards.named import make_guards
from turncoat.providers.faults import told_plainly
from turncoat.providers.sound import keep_active_sound
from turncoat.scenarios.setting import Setting
from turncoat.world import Company


@solver
def text_agent(guards: Sequence[Guard] = (), reviewer: Guard | None = None) -> Solver:
    """Let the model answer the prompt once.

    The acts are read from its answer when it is scored: the answer is kept as it is, and the action log follows from it
    and the parser's version, so that nothing is logged twice. What guards decide on them is kept in the store.

    Args:
        guards: Each sees every act in the answer, in order, before it takes effect.
        reviewer: Decides where a guard asks.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        keep_active_sound()
        looking = (*guards, *make_guards(state.metadata))  # what is wrong with one shows before anything is asked
        with told_plainly():
            state = await generate(state, tool_calls="none")
        if looking:
            asked = reviewer or reviewer_at_hand()
            decided = await guarded(setting_from(state.metadata), kept_of(state), looking, asked)
            state.store_as(Acts).entries += [dump(d) for d in decided]
        return state

    return solve


async def guarded(
    setting: Setting, kept: Kept, guards: Sequence[Guard], reviewer: Guard | None = None
) -> list[Decided]:
    """Let the acts in an answer pass guards, in order.

    A guard sees the answer up to the end of the act's tag, and what was thought before it.

    Args:
        setting: Where the agent acts.
        kept: The answer.
        guards: Who looks at each act.
        reviewer: Decides where a guard asks.

    Returns:
        What was decided on each act; those after the end of the session come before nobody.
    """
    answer = kept.answer
    parsed = parse_answer(answer, truncated=kept.truncated)
    passages = visible_passages(answer, kept.reasoning, kept.kind)
    reached = 0

    def seen(case: Case) -> Case:
        return replace(
            case,
            answer=answer[:reached],
            reasoning=reasoning_in(kept, parsed, reached),
            spans={seq: act.span for seq, act in enumerate(parsed.acts[: len(case.log)])},
            passages=tuple(p for p in passages if p.source == "reasoning" or p.start < reached),
        )

    session = Session(setting, Company(setting.seed, live=False), guards=guards, reviewer=reviewer, seen=seen)
    for act in parsed.acts:
        reached = act.span[1]
        await session.act(act.action)
    return [
        Decided(span=act.span, decisions=record.decisions)
        for act, record in zip(parsed.acts, session.company.log, strict=True)
        if record.decisions
    ]
