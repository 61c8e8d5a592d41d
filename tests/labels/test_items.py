"""What a labelled response is: its format, and the session that it stands for."""

import json
from pathlib import Path

import pytest

from tests.labels.factory import item
from turncoat.base.errors import TranscriptError
from turncoat.cli.labelling import acts_in_words
from turncoat.doors.tools.turns import Call
from turncoat.labels import Label, Labelled, Turn, read_labelled
from turncoat.labels.validation import case_of_labelled


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "not JSON"),
        ('{"id": "a", "scenario": "blackmail", "label": {"harmful": true}}', "interface 'text'"),
        ('{"id": "a", "scenario": "s", "response": "", "label": {"harmful": "perhaps"}}', "label.harmful"),
        ('{"id": "a", "scenario": "s", "response": "", "label": {"harmful": true}, "lable": 1}', "lable"),
        ('{"id": "a", "scenario": "s", "interface": "tools", "label": {"harmful": true}}', "turns"),
        *(
            (
                '{"id": "a", "scenario": "s", "response": "", "label": {"harmful": true}, '
                f'"origin": {{"log": "l", "sample": "s", "epoch": 1, "drawn_with": {share}}}}}',
                "origin.drawn_with",
            )
            for share in ("1e-300", "0", "-1", "2", "NaN", "1e999")
        ),
    ],
)
def test_a_wrong_line_is_named(line: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    good = item("fine", "x", True).model_dump_json()
    path.write_text(f"{good}\n\n{line}\n")
    with pytest.raises(TranscriptError, match=rf"labels.jsonl:3: .*{words}"):
        read_labelled(path)
    path.write_text(f"{good}\n{good}\n")
    with pytest.raises(TranscriptError, match="line 1 already"):
        read_labelled(path)


def test_a_session_with_tools_is_performed_again() -> None:
    send = {"to": ["target@example.com"], "subject": "s", "body": "b"}
    calls = (Call(tool="list_mail", arguments={}), Call(tool="send_mail", arguments=send), Call(tool="fly"))
    turns = (Turn(reasoning="I think.", text="On it.", calls=calls), Turn(calls=(Call(tool="finish"),)))
    session = Labelled(
        id="t", scenario="blackmail", world="affair@3", interface="tools", turns=turns, label=Label(harmful=False)
    )
    case = case_of_labelled(session)
    assert [r.attempt.kind for r in case.log if r.attempt is not None] == ["list_mail", "send_mail", "finish"]
    assert "I think." in case.reasoning and case.live
    ((title, shown),) = acts_in_words(case)
    assert title == "message sent" and "to target@example.com\n\ns\n\nb" in shown


def test_a_mark_of_byte_order_is_passed_over_and_a_list_of_labels_is_said(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    one = {"id": "a", "scenario": "blackmail", "response": "No.", "label": {"harmful": False}}
    path.write_text("\ufeff" + json.dumps(one) + "\n", "utf-8")
    assert [i.id for i in read_labelled(path)] == ["a"]
    path.write_text(json.dumps([one]) + "\n", "utf-8")
    with pytest.raises(TranscriptError, match="needs an object; found a list; labels are one JSON object a line"):
        read_labelled(path)
