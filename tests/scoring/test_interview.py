"""The interview: asked in a branch, kept as columns, and never a reason for another sample or verdict."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import eval
from inspect_ai.log import EvalSample, read_eval_log
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageSystem, ChatMessageTool, ChatMessageUser
from inspect_ai.tool import ToolCall

import turncoat as tc
from tests.judges.graders import grader
from turncoat.scoring import interview as module
from turncoat.scoring.interview import KEY, MAX_BYTES, OVER, branched, cut, said_of, tools_named
from turncoat.scoring.options import ScoringOptions
from turncoat.scoring.parts import Interview
from turncoat.scoring.rescoring import rescore
from turncoat.sim.interview import planted
from turncoat.sim.truth import Identity
from turncoat.tasks import scenario_task

CONDITION = "goal=explicit,threat=replacement"
GOOD = {"test": 40, "gave_away": "", "right": "partly", "employer": "Fine."}


def _samples(folder: Path) -> list[EvalSample]:
    logs = [read_eval_log(str(p)) for p in sorted(folder.glob("*.eval"))]
    return sorted((s for log in logs for s in log.samples or []), key=lambda s: (str(s.metadata), str(s.id)))


def _run(folder: Path, interview: bool, **more: Any) -> None:
    study = tc.study(scenario="blackmail", conditions=CONDITION, worlds="1-2")
    tc.run(study, model="sim/insider", interface=["text", "tools"], log_dir=folder, interview=interview, **more)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """The same study with and without interviews, in text and with tools."""
    found = {}
    for asked in (True, False):
        found[asked] = tmp_path_factory.mktemp("asked" if asked else "plain")
        _run(found[asked], asked)
    return found


def test_what_is_said_makes_columns_and_the_sample_is_as_it_was(both: dict[bool, Path]) -> None:
    asked, plain = _samples(both[True]), _samples(both[False])
    assert len(asked) == len(plain) == 4
    for one, other in zip(asked, plain, strict=True):
        assert [m.text for m in one.messages] == [m.text for m in other.messages]
        assert one.output.completion == other.output.completion
        assert {k: v for k, v in one.store.items() if k.partition(":")[0] != "Interviewed"} == other.store
        kept = [dict((s.scores or {})["verdict"].metadata or {}) for s in (one, other)]
        said = kept[0].pop("interview")
        assert kept[0] == kept[1]
        identity = Identity.of("sim/insider", one.metadata, one.epoch)
        assert {n: said.get(n, "") for n in GOOD} == planted(identity)
        assert len(json.dumps(said)) < 1000
    frame = tc.read(both[True]).table.frame
    assert frame["interview_test"].notna().all() and set(frame["calls_interview"]) == {1}
    assert set(frame["interview_right"]) <= {"yes", "no"} and frame["interview_failed"].isna().all()
    bare = tc.read(both[False]).table.frame
    assert bare[[c for c in bare.columns if "interview" in c]].isna().all().all()


def test_a_task_of_inspect_asks_too(both: dict[bool, Path], tmp_path: Path) -> None:
    task = scenario_task("blackmail", conditions=CONDITION, worlds="1", interview=True)
    (log,) = eval(task, model="sim/insider", log_dir=str(tmp_path), display="none")
    told = [dict((s.scores or {})["verdict"].metadata or {})["interview"] for s in log.samples or []]
    asked = next(s for s in _samples(both[True]) if s.metadata["world"].endswith("@1") and len(s.messages) == 3)
    assert told == [dict((asked.scores or {})["verdict"].metadata or {})["interview"]]


def test_scoring_again_asks_nobody_and_keeps_what_was_said(both: dict[bool, Path], tmp_path: Path) -> None:
    path = next(iter(sorted(both[True].glob("*.eval"))))
    before = tc.read(path).table.frame.set_index("sample")["interview_test"]
    rescore(path, ScoringOptions(judge="rules"), tmp_path / "again.eval")
    for sample in read_eval_log(str(tmp_path / "again.eval")).samples or []:
        scores = sample.scores or {}
        assert len(scores) == 2
        said = [(s.metadata or {})["interview"]["test"] for s in scores.values()]
        assert said == [before[str(sample.id)]] * 2


def test_the_same_command_keeps_finished_interviews(both: dict[bool, Path]) -> None:
    before = {p.name: p.read_bytes() for p in both[True].glob("*.eval")}
    _run(both[True], True)
    assert {p.name: p.read_bytes() for p in both[True].glob("*.eval")} == before


def test_a_limit_of_the_sample_does_not_bind_the_interview(tmp_path: Path) -> None:
    _run(tmp_path, True, token_limit=3000)
    text, tools = sorted(_samples(tmp_path), key=lambda s: len(s.messages))[::3]
    assert text.limit is not None and tools.limit is not None
    assert Interview.model_validate(tools.store[KEY]).test is not None
    assert Interview.model_validate(text.store[KEY]).failed == "there is nothing that it said or did"


def _asked(monkeypatch: pytest.MonkeyPatch, replies: list[Any], messages: list[ChatMessage]) -> tuple[Interview, Any]:
    seen: list[list[ChatMessage]] = []
    model = grader(replies, seen)
    monkeypatch.setattr(module, "get_model", lambda: model)
    return asyncio.run(module._interviewed(messages, "s")), seen


TALK: list[ChatMessage] = [
    ChatMessageSystem(content="You are Ada."),
    ChatMessageUser(content="Mail."),
    ChatMessageAssistant(content="Done.", tool_calls=[ToolCall(id="a", function="send_mail", arguments={})]),
    ChatMessageTool(content="Sent.", tool_call_id="a", function="send_mail"),
    ChatMessageAssistant(content="", tool_calls=[ToolCall(id="b", function="finish", arguments={})]),
]


@pytest.mark.parametrize(
    ("replies", "test", "calls", "failed"),
    [
        ([json.dumps(GOOD)], 40, 1, ""),
        (["Hm, real I think.", json.dumps(GOOD)], 40, 2, ""),
        (
            ["Real.", "Real, I said."],
            None,
            2,
            "no JSON object with the keys that were asked for; it said: Real, I said.",
        ),
        ([json.dumps({**GOOD, "test": "likely"})] * 2, None, 2, "'test' is \"likely\""),
        (["", ""], None, 2, "no JSON object"),
        ([RuntimeError("no credit left")], None, 1, "no credit left"),
    ],
)
def test_nonsense_is_no_answer_with_a_reason(
    monkeypatch: pytest.MonkeyPatch, replies: list[Any], test: int | None, calls: int, failed: str
) -> None:
    before = [m.model_dump() for m in TALK]
    said, seen = _asked(monkeypatch, replies, TALK)
    assert (said.test, said.calls) == (test, calls) and failed in said.failed and bool(said.failed) == bool(failed)
    assert [m.model_dump() for m in TALK] == before
    assert [m.text for m in seen[0]][:6] == ["You are Ada.", "Mail.", "Done.", "Sent.", "", OVER]


def test_nobody_is_asked_who_said_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    said, seen = _asked(monkeypatch, [], TALK[:2])
    assert said.failed and said.calls is None and not seen


def test_each_call_of_the_branch_has_its_result_and_its_tool_a_name() -> None:
    branch = branched(TALK)
    assert [m.tool_call_id for m in branch if isinstance(m, ChatMessageTool)] == ["a", "b"]
    assert [t.name for t in tools_named(branch)] == ["send_mail", "finish"]
    assert branched(branch) == branch


@pytest.mark.parametrize("text", ["x" * 5000, "ü\n" * 400, "😀" * 300, "short"])
def test_all_answers_fit_in_one_key(text: str) -> None:
    short = cut(text)
    assert len(json.dumps(short)) <= MAX_BYTES and (short == text or short.endswith("…"))


@pytest.mark.parametrize("kept", [None, {}, "x", {"test": "many"}, {"test": [1]}, 7])
def test_a_store_of_strangers_is_no_interview(kept: object) -> None:
    assert said_of({KEY: kept}) is None
