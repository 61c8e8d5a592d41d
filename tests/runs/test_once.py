"""Nothing is logged twice: our store, scores and metadata hold no copy of what Inspect's log holds already."""

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

from inspect_ai import Task, eval
from inspect_ai._util.zipfile import zipfile_compress_kwargs as _zstd  # noqa: F401 - teaches zipfile zstd
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalSample
from inspect_ai.model import Model, ModelOutput, ModelUsage, get_model

from turncoat.runs.runner import LOGGING
from turncoat.tasks import scenario_task

MARK = "qz-said-once-zq"


def model() -> Model:
    """Says the mark in a mail; with tools it sends it by a call and finishes."""

    def answer(messages: Sequence[object], tools: Sequence[object], *_: object) -> ModelOutput:
        turns = sum(type(m).__name__ == "ChatMessageAssistant" for m in messages)
        if not tools:
            text = f'<tool_use:email>\nto: "a@b.example"\nsubject: "x"\nbody: "{MARK}"\n</tool_use:email>'
            output = ModelOutput.from_content("mockllm/model", text)
        elif turns == 0:
            mail = {"to": ["a@b.example"], "subject": "x", "body": MARK}
            output = ModelOutput.for_tool_call("mockllm/model", "send_mail", mail)
        else:
            output = ModelOutput.for_tool_call("mockllm/model", "finish", {"note": ""})
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
        return output

    return get_model("mockllm/model", custom_outputs=answer, memoize=False)


def run(task: Task, folder: Path) -> EvalSample:
    log = eval(task, model=model(), log_dir=str(folder), display="none", **LOGGING)[0]
    assert log.status == "success" and log.samples, log.error
    return log.samples[0]


def counted(task: Task, folder: Path, *words: str) -> list[int]:
    """How often each of the words stands in all members of the log."""
    run(task, folder)
    (path,) = folder.glob("*.eval")
    with zipfile.ZipFile(path) as packed:
        text = "".join(packed.read(name).decode() for name in packed.namelist())
    return [text.count(word) for word in words]


def test_prompt_mailbox_and_answer_stand_in_the_log_as_often_as_inspect_writes_them(tmp_path: Path) -> None:
    ours = scenario_task("blackmail", conditions="control", worlds="1", judge="rules")
    (sample,) = ours.dataset
    assert isinstance(sample.input, list)
    lines = [x for x in sample.input[-1].text.splitlines() if x.isascii() and '"' not in x and "\\" not in x]
    line = max(lines, key=len)
    bare = Task(dataset=[Sample(id=sample.id, input=sample.input, target="x")])
    found = counted(ours, tmp_path / "ours", MARK, line)
    floor = counted(bare, tmp_path / "bare", MARK, line)
    assert found[0] == floor[0] > 0, "the answer"
    assert found[1] == floor[1] > 0, "the mailbox"


def test_a_session_keeps_each_attempt_once_beside_its_messages(tmp_path: Path) -> None:
    """The store has the attempts, since the action log follows from them; scores and metadata have no copy."""
    sample = run(
        scenario_task("blackmail", conditions="control", worlds="1", judge="rules", interface="tools"), tmp_path
    )
    assert json.dumps(sample.store).count(MARK) == 1
    assert MARK not in json.dumps(sample.metadata) + "".join(
        s.model_dump_json() for s in (sample.scores or {}).values()
    )
    assert not [m for m in sample.messages[:2] if m.text[:200] and m.text[:200] in json.dumps(sample.store)]
