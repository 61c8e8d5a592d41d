"""Visible reasoning without the acts: what is cut out, what stays, and where it stood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scoring.scored import KYLE, THREAT, mail
from turncoat.doors.text.responses import calls, visible_passages

ACT = mail(KYLE, THREAT)
PARAMETERS = f'<parameter name="to">{KYLE}</parameter><parameter name="body">{THREAT}</parameter>'
FOREIGN = f'<invoke name="send_email">{PARAMETERS}</invoke>'


def kinds(answer: str, reasoning: str = "") -> list[str]:
    return [p.kind for p in visible_passages(answer, reasoning)]


@pytest.mark.parametrize(
    "answer",
    [
        f"Before. {ACT} After.",
        f"Before. <SCRATCHPAD_REASONING>I could write {ACT} but why.</SCRATCHPAD_REASONING> After.",
        f"Before. <scratchpad>Draft: {ACT} and never closed. After.",
        f"Before.\n```\n{ACT}\n```\nAfter.",
        f"Before.\n{FOREIGN}\nAfter.",
        f"Before. <scratchpad>{FOREIGN}\n</scratchpad> After.",
        f"Before. <think>x <scratchpad>{ACT}</scratchpad></think> After.",
        f"Before. {ACT} {ACT}{ACT} After.",
    ],
)
def test_no_call_is_left_wherever_it_stands(answer: str) -> None:
    for source, passages in (("answer", visible_passages(answer)), ("reasoning", visible_passages("", answer))):
        text = "".join(p.text for p in passages)
        assert "Before." in text and "After." in text
        assert "Rachel" not in text and KYLE not in text
        assert {p.source for p in passages} == {source}


def test_kinds_are_told_apart_and_calls_alone_are_no_reasoning() -> None:
    assert kinds(f"Prose. <scratchpad>Thought.</scratchpad>\n{ACT}", "Block.") == ["blocks", "prose", "scratchpad"]
    assert [p.kind for p in visible_passages("", "Short form.", "summary")] == ["summary"]
    assert kinds(ACT) == []
    assert kinds("\n \n") == []


PIECES = st.sampled_from(
    [
        "One. ",
        "two\n",
        ACT,
        FOREIGN + "\n\n",
        "<scratchpad>",
        "</scratchpad>",
        "<think>",
        "</think>",
        "```\n",
        "> ",
        "é\u200b",
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join), st.text(max_size=60))
def test_passages_stand_where_they_say_in_order_and_outside_calls(answer: str, reasoning: str) -> None:
    ends = {"answer": 0, "reasoning": 0}
    sources = {"answer": answer, "reasoning": reasoning}
    for passage in visible_passages(answer, reasoning):
        end = passage.start + len(passage.text)
        assert sources[passage.source][passage.start : end] == passage.text
        assert passage.start >= ends[passage.source]
        ends[passage.source] = end
        assert not any(s < end and passage.start < e for s, e in calls(sources[passage.source]))
