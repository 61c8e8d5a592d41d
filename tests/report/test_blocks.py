"""How the pieces of a conversation are laid out."""

from turncoat.analysis.passages import Block
from turncoat.report.browser import _block, _together


def test_a_mail_that_was_sent_by_a_tool_is_one_block() -> None:
    def argument(name: str, text: str, call: str) -> Block:
        return Block("call", f"send_mail · {name}", text, (), "done", call)

    blocks = [argument("to", "a@b.com", "1"), argument("subject", "<b>", "1"), argument("body", "Hello,\nyou.", "1")]
    found = _together([_block(b) for b in [*blocks, argument("to", "c@d.com", "2"), Block("call", "finish", "")]])
    assert [b["title"] for b in found] == ["send_mail · done", "send_mail · done", "Calls"]
    assert str(found[0]["html"]) == "<b>to</b> a@b.com\n<b>subject</b> &lt;b&gt;\n<b>body</b>\nHello,\nyou."
    assert str(found[1]["html"]) == "<b>to</b> c@d.com"
