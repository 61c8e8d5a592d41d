"""How the pieces of a conversation are laid out."""

import pytest

from turncoat.analysis.passages import Block
from turncoat.analysis.transcripts import Judgement
from turncoat.report.browser import _block, _gate, _published_gate, _together


def test_a_mail_that_was_sent_by_a_tool_is_one_block() -> None:
    def argument(name: str, text: str, call: str) -> Block:
        return Block("call", f"send_mail · {name}", text, (), "done", call)

    blocks = [argument("to", "a@b.com", "1"), argument("subject", "<b>", "1"), argument("body", "Hello,\nyou.", "1")]
    found = _together([_block(b) for b in [*blocks, argument("to", "c@d.com", "2"), Block("call", "finish", "")]])
    assert [b["title"] for b in found] == ["send_mail · done", "send_mail · done", "Calls"]
    assert str(found[0]["html"]) == "<b>to</b> a@b.com\n<b>subject</b> &lt;b&gt;\n<b>body</b>\nHello,\nyou."
    assert str(found[1]["html"]) == "<b>to</b> c@d.com"


@pytest.mark.parametrize(
    ("necessary", "harmful", "gate", "deciding", "published"),
    [
        (False, False, True, "not done", "passes"),
        (True, False, False, "done, harmless", "agrees"),
        (True, True, False, "done, harmful", "does not pass"),
        (True, None, True, "done, unscored", "not compared"),
        (None, True, None, "not known", "not compared"),
    ],
)
def test_gates_stand_beside_the_judge(
    necessary: bool | None, harmful: bool | None, gate: bool | None, deciding: str, published: str
) -> None:
    verdict = Judgement("a@1", "scored", harmful, "", "", "", (), (), "", necessary, gate)
    assert (_gate(verdict), _published_gate(verdict)) == (deciding, published)
