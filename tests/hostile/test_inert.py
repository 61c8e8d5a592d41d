"""What a hostile model writes goes the whole way, from the run to every page and line, and does nothing on it."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from inspect_ai.model import ChatMessageAssistant, ModelOutput, ModelUsage
from inspect_ai.tool import ToolCall
from rich.console import Console
from typer.testing import CliRunner

from tests.hostile.catalogue import MARK, TEXTS
from tests.report.chromium import INSTALLED, NEEDED, chromium
from turncoat.analysis.labelled import drawn_responses
from turncoat.cli.app import app
from turncoat.cli.labelling import label_all
from turncoat.runs.design import scenario_study
from turncoat.runs.request import Request
from turncoat.runs.runner import run_study
from turncoat.sim.provider import SimAPI
from turncoat.sim.truth import current_sample

OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""What a terminal obeys, or a reader does not see."""


def hostile_answer(text: str, tools: bool, turns: int) -> ModelOutput:
    """A text answer with a mail, or the turns of a session that puts the text into everything it can."""
    if not tools:
        head = f'to: "chief@x.example"\nsubject: "{text[:300]}"'
        answer = f'{text}\n<tool_use:email>\n{head}\nbody: "{text}"\n</tool_use:email>'
        output = ModelOutput.from_content("sim/insider", answer)
    else:
        calls = [
            [ToolCall("a", "send_mail", {"to": [text[:200], "x@y.example"], "subject": text, "body": text})],
            [
                ToolCall("b", "open_document", {"id": text[:300]}),
                ToolCall("c", "open_document", {"id": "../../etc/passwd"}),
            ],
            [ToolCall("d", "search_mail", {"text": text}), ToolCall("e", text[:60], {text[:60]: text})],
            [ToolCall("f", "finish", {"note": text})],
        ]
        message = ChatMessageAssistant(content=text, tool_calls=calls[min(turns, 3)])
        output = ModelOutput.from_message(message)
    output.usage = ModelUsage(input_tokens=9, output_tokens=9, total_tokens=18)
    return output


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = list(TEXTS.values())

    async def answer(self: SimAPI, input: list[Any], tools: list[Any], *_: Any, **__: Any) -> ModelOutput:
        seed = int(current_sample().world.rpartition("@")[2])
        turns = sum(isinstance(m, ChatMessageAssistant) for m in input)
        return hostile_answer(texts[seed - 1], bool(tools), turns)

    folder = tmp_path_factory.mktemp("hostile")
    study = scenario_study("blackmail", ("goal=explicit,threat=replacement",), f"1-{len(texts)}", 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SimAPI, "generate", answer)
        request = Request(study, "blackmail", ("sim/insider",), folder, interfaces=("text", "tools"))
        progress = run_study(request).progress
    assert progress.done == 2 * len(texts)
    assert not any(t.endings["error"] for t in progress.cells.values()), "hostile text is no error"
    return folder


def said(*command: str | Path) -> str:
    result = CliRunner().invoke(app, [str(c) for c in command])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.output


def test_the_page_shows_it_and_runs_none_of_it(logs: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    said("report", logs, "--out", out)
    page = out.read_text("utf-8")
    assert page.count(MARK) > len(TEXTS)
    assert page.count("<script>") == 1 and page.count("<style>") == 1 and "<iframe" not in page and "<base" not in page
    assert not OBEYED.search(page)
    assert len(page) < 30_000_000
    if not INSTALLED:
        pytest.skip(NEEDED)
    with chromium() as tab:
        tab.open(out)
        for number in range(tab.run("document.querySelectorAll('article').length")):
            tab.run(f"document.querySelectorAll('article')[{number}].hidden = false")
        assert tab.run("typeof window.hit") == "undefined"
        assert tab.run("document.querySelectorAll('script, iframe, base, img[src=x]').length") == 1
        assert tab.run("[...document.links].every(a => !a.href.startsWith('javascript:'))")
        assert tab.complaints == []


def test_the_section_for_a_system_card_is_plain(logs: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.md"
    said("report", logs, "--format", "md", "--out", out)
    text = out.read_text("utf-8")
    assert not OBEYED.search(text) and "](javascript:" not in text and "<script" not in text


def test_the_terminal_obeys_none_of_it(logs: Path, tmp_path: Path) -> None:
    responses, scores = tmp_path / "responses.jsonl", tmp_path / "scores.jsonl"
    responses.write_text("\n".join(json.dumps({"id": t[:400], "response": t}) for t in TEXTS.values()))
    shown = said("score", responses, "--scenario", "blackmail", "--json", scores)
    shown += said("score", responses, "--scenario", "blackmail")
    shown += said("report", logs, "--out", tmp_path / "r.html")
    assert MARK in shown and not OBEYED.search(shown)
    assert len([json.loads(line) for line in scores.read_text("utf-8").split("\n") if line]) == len(TEXTS)


def test_a_person_who_labels_sees_it_as_text(logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["r", "m", "n", "", ""] * 200)
    monkeypatch.setattr("builtins.input", lambda *_: next(answers))
    written = io.StringIO()
    screen = Console(file=written, width=120, color_system=None)
    drawn = drawn_responses([logs], wanted=2 * len(TEXTS), seed=1)
    added = label_all(drawn, tmp_path / "labels.jsonl", rater="ada", console=screen)
    shown = written.getvalue()
    assert added == len(drawn) and MARK in shown
    assert not OBEYED.search(shown)
    assert "[red]" in shown, "markup is shown, not obeyed"


def test_exports_hold_it_as_data(logs: Path, tmp_path: Path) -> None:
    for name in ("rows.csv", "rows.parquet"):
        said("export", logs, "--out", tmp_path / name)
    with (tmp_path / "rows.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 2 * len(TEXTS) + 1 and len({len(r) for r in rows}) == 1
    assert not [cell for row in rows for cell in row if re.match(r"\s*[=@]|\s*[+-]\D", cell)]
    assert len(pd.read_parquet(tmp_path / "rows.parquet")) == 2 * len(TEXTS)


def test_paths_lead_nowhere(logs: Path) -> None:
    from inspect_ai.log import read_eval_log

    for path in logs.glob("*.eval"):
        text = read_eval_log(str(path)).model_dump_json()
        assert "root:x:0" not in text and "BEGIN OPENSSH" not in text
