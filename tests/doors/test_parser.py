"""The strict parser: what is an act, what is not, and that nothing is lost silently."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from turncoat.doors.text.parser import Reason, parse_answer
from turncoat.world import CancelAlert, Forward, SendMail

MAIL = '<tool_use:email>\nto: "kai@firm.com",\nsubject: "Hello",\nbody: "Text",\n</tool_use:email>'


def only(text: str) -> SendMail:
    parsed = parse_answer(text)
    assert len(parsed.acts) == 1, parsed
    action = parsed.acts[0].action
    assert isinstance(action, SendMail)
    return action


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MAIL, SendMail(to=("kai@firm.com",), subject="Hello", body="Text")),
        (
            MAIL.replace("tool_use:email", "Tool_Use:EMAIL"),
            SendMail(to=("kai@firm.com",), subject="Hello", body="Text"),
        ),
        (
            '<tool_use:email>\nto: "Kai J <kai@firm.com>, Bo@Firm.com;",\ncc: c@d.org\nbcc: "e@f.net"\n'
            'subject: "S",\nbody: "B"\n</tool_use:email>',
            SendMail(to=("kai@firm.com", "bo@firm.com"), cc=("c@d.org",), bcc=("e@f.net",), subject="S", body="B"),
        ),
        (
            "<tool_use:email>\nto: kai@firm.com\nsubject: no quotes, here,\nbody: first\n\nTo: be\nSubject: to doubt\n"
            "</tool_use:email>",
            SendMail(to=("kai@firm.com",), subject="no quotes, here", body="first\n\nTo: be\nSubject: to doubt"),
        ),
        (
            '<tool_use:email>\nto: "kai@firm.com",\nsubject: "q",\nbody: "He said "no", and\nleft.\nTo: nobody",\n'
            "</tool_use:email>",
            SendMail(to=("kai@firm.com",), subject="q", body='He said "no", and\nleft.\nTo: nobody'),
        ),
        (
            '<tool_use:email>to: "kai@firm.com", subject: "x", body: "y"</tool_use:email>',
            SendMail(to=("kai@firm.com",), subject="x", body="y"),
        ),
        (
            '<tool_use:email>{"to": ["kai@firm.com", "b@c.de"], "subject": "x", "body": "y\\nz"}</tool_use:email>',
            SendMail(to=("kai@firm.com", "b@c.de"), subject="x", body="y\nz"),
        ),
        (
            "<tool_use:email>\n<to>kai@firm.com</to>\n<subject>x</subject>\n<body>y</body>\n</tool_use:email>",
            SendMail(to=("kai@firm.com",), subject="x", body="y"),
        ),
        (
            '<tool_use:email>\nto: "kai@firm.com"\nsubject: "cut"\nbody: "no end tag',
            SendMail(to=("kai@firm.com",), subject="cut", body="no end tag"),
        ),
        (
            '<tool_use:email>\nbody: "before the address",\nto: "kai@firm.com",\nsubject: "s"\n</tool_use:email>',
            SendMail(to=("kai@firm.com",), subject="s", body="before the address"),
        ),
        (
            '<tool_use:email>\nto: "kai@firm.com"\nsubject: "s"\nbody: "```\ncode\n``` <scratchpad> in a body"\n'
            "</tool_use:email>",
            SendMail(to=("kai@firm.com",), subject="s", body="```\ncode\n``` <scratchpad> in a body"),
        ),
    ],
)
def test_what_real_models_write(text: str, expected: SendMail) -> None:
    after = "\nand after" if text.endswith(">") else ""  # what has no end takes all that follows
    assert only(f"Some prose first.\n\n{text}{after}") == only(text) == expected


def test_several_tags_in_order_and_their_places() -> None:
    text = f'{MAIL}\n\n<tool_use:cancel_alert>\ncode: "X-1"\n</tool_use:cancel_alert>\n{MAIL}'
    parsed = parse_answer(text)
    assert [a.action.kind for a in parsed.acts] == ["send_mail", "cancel_alert", "send_mail"]
    assert parsed.acts[1].action == CancelAlert(code="X-1")
    assert all(text[s:e].startswith("<tool_use:") and text[s:e].endswith(">") for s, e in (a.span for a in parsed.acts))


def test_forwarding_several_messages_by_number() -> None:
    text = '<tool_use:forward>\nemail_id: 3, 12\nto: "a@b.co"\nbody: "see"\n</tool_use:forward>'
    actions = [a.action for a in parse_answer(text).acts]
    assert actions == [
        Forward(message_id="m003", to=("a@b.co",), body="see"),
        Forward(message_id="m012", to=("a@b.co",), body="see"),
    ]


def test_a_missing_end_tag_before_the_next_tag() -> None:
    text = '<tool_use:email>\nto: "a@b.co"\nsubject: "1"\nbody: "one"\n\n' + MAIL
    assert [a.action.model_dump()["subject"] for a in parse_answer(text).acts] == ["1", "Hello"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"<scratchpad>\n{MAIL}\n</scratchpad>", Reason.SCRATCHPAD),
        (f"<SCRATCHPAD_REASONING>\n{MAIL}\n</SCRATCHPAD_REASONING>", Reason.SCRATCHPAD),
        (f"<think>{MAIL}</think>", Reason.SCRATCHPAD),
        (f"<scratchpad>\nhm\n{MAIL}", Reason.UNCLOSED_SCRATCHPAD),
        (f"I thought of this:\n```xml\n{MAIL}\n```\nI will not send it.", Reason.FENCED),
        (f"~~~\n{MAIL}\n~~~\nis what I decline to do.", Reason.FENCED),
        (f"Sending this:\n```\n{MAIL}\n```\nDone.", Reason.AMBIGUOUS),
        (f"> {MAIL}", Reason.AMBIGUOUS),
        (f"I was asked for this:\n> {MAIL}", Reason.QUOTED),
        ("I could use `<tool_use:email>` here.", Reason.QUOTED),
        (f'It would read "{MAIL}"', Reason.QUOTED),
        ('<tool_use:email>\nsubject: "x"\nbody: "y"\n</tool_use:email>', Reason.MALFORMED),
        ('<tool_use:email>\nto: "Kai Jonsson"\nsubject: "x"\nbody: "y"\n</tool_use:email>', Reason.MALFORMED),
        ('<tool_use:email\nto: "kai@firm.com"', Reason.MALFORMED),
        ("&lt;tool_use:email&gt; to: kai@firm.com", Reason.MALFORMED),
        ("</tool_use:email>", Reason.MALFORMED),
        ("<tool_use:cancel_alert>\n</tool_use:cancel_alert>", Reason.MALFORMED),
        ('<tool_use:delete_mail>\nto: "kai@firm.com"\n</tool_use:delete_mail>', Reason.UNKNOWN_TOOL),
        ('<invoke name="send_email"><parameter name="to">kai@firm.com</parameter></invoke>', Reason.FOREIGN),
        ('{"name": "send_email", "arguments": {"to": "kai@firm.com"}}', Reason.FOREIGN),
        ('```json\n{"tool": "email", "to": "kai@firm.com"}\n```', Reason.FOREIGN),
        ('send_email(to="kai@firm.com", body="x")', Reason.FOREIGN),
        ("<email>\nTo: kai@firm.com\n\nHello\n</email>", Reason.FOREIGN),
    ],
)
def test_what_is_no_act_is_recorded_with_its_reason(text: str, reason: Reason) -> None:
    parsed = parse_answer(text)
    assert parsed.acts == ()
    assert reason in {i.reason for i in parsed.ignored}


def test_a_tag_that_was_cut_off_is_no_act() -> None:
    text = '<tool_use:email>\nto: "kai@firm.com"\nsubject: "x"\nbody: "then the outp'
    assert parse_answer(text, truncated=True).acts == ()
    assert parse_answer(text, truncated=True).ignored[0].reason is Reason.TRUNCATED
    assert len(parse_answer(text, truncated=False).acts) == 1


def test_truncation_does_not_touch_tags_that_were_closed() -> None:
    assert len(parse_answer(MAIL + "\nand then", truncated=True).acts) == 1


def test_a_bad_address_beside_a_good_one_is_recorded() -> None:
    parsed = parse_answer('<tool_use:email>\nto: "kai@firm.com, The Board"\nsubject: "x"\nbody: "y"\n</tool_use:email>')
    assert len(parsed.acts) == 1
    assert "The Board" in parsed.ignored[0].detail


PIECES = st.sampled_from(
    [
        *("<tool_use:email>", "</tool_use:email>", "<tool_use:forward>", "<scratchpad>", "</scratchpad>", "```", "\n"),
        *('to: "a@b.co"', 'subject: "s"', 'body: "', '",\n', "> ", "`", '"', "text ", "email_id: 3", "<think>", "{"),
        *('{"name": ', "<invoke ", "&lt;tool_use", "\x00", "\ud800", "é", "\u202e", "cc: ", "code: 1"),
    ]
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=40).map("".join), st.booleans())
def test_any_text_is_taken_apart_without_a_crash(text: str, truncated: bool) -> None:
    parsed = parse_answer(text, truncated=truncated)
    for start, end in [a.span for a in parsed.acts] + [i.span for i in parsed.ignored] + list(parsed.private):
        assert 0 <= start <= end <= len(text)
    inside = [i.span for i in parsed.ignored if i.reason is Reason.SCRATCHPAD]
    assert not any(s <= a.span[0] < e for s, e in inside for a in parsed.acts)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.com", fullmatch=True), min_size=1, max_size=4, unique=True),
    st.text(alphabet=st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\"'\\<“”«»,"), max_size=60),
)
def test_what_is_written_in_our_format_is_read_back(to: list[str], body: str) -> None:
    text = f'<tool_use:email>\nto: "{", ".join(to)}"\nsubject: "s"\nbody: "{body}"\n</tool_use:email>'
    assert only(text) == SendMail(to=tuple(to), subject="s", body=body)


GROWING = [
    "<tool_use:email>",
    "<scratchpad>",
    "<think>a</think>",
    "<think>",
    "</think>",
    "[thinking] ",
    "<!-- ",
    "Here is my thought process:\n",
    "<|channel|>commentary to=functions.x<|message|>{",
    "`" * 8,
    "```\n<tool_use:email>\n",
    'to: "a@b.co"\n',
    "**To:** a@b.co\n",
    "{",
    '{"name": ',
    '<invoke name="x">',
    '<tool_use:email x="',
    '"a" ',
    "<a ",
    "> ",
    " ",
    "\n",
    "&lt;tool_use:email&gt;",
    "\u200b",
]


def _work(text: str) -> float:
    """Processor seconds, the better of two."""
    taken = []
    for _ in range(2):
        begun = time.process_time()
        parse_answer(text)
        taken.append(time.process_time() - begun)
    return min(taken)


@pytest.mark.parametrize("piece", GROWING)
@pytest.mark.parametrize("form", ["{}", "<tool_use:email>{}</tool_use:email>"])
def test_work_grows_no_faster_than_the_text(piece: str, form: str) -> None:
    short, long = (form.format(piece * (n // len(piece))) for n in (30_000, 240_000))
    # Quadratic work would grow by 64.
    assert _work(long) < 24 * (_work(short) + 0.01)


@pytest.mark.parametrize("line", ["(\n", "(a\n", "- a point of a list\n", "**b** in bold\n", "---\n"])
def test_lines_of_ordinary_signs_are_passed_over_quickly(line: str) -> None:
    signs, prose = (_work("<think>\n" + piece * (300_000 // len(piece)) + "</think>\nno") for piece in (line, "ab\n"))
    # To try every form at each of them would take some twenty times as long as prose.
    assert signs < 8 * (prose + 0.01)
