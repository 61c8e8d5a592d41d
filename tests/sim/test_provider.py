"""The provider: the same acts by both interfaces, usage always given, thoughts where they belong, no truth in logs."""

import json
import zipfile
from pathlib import Path

import pytest
import zstandard
from inspect_ai import eval as inspect_eval
from inspect_ai.model import ContentReasoning

from tests.sim.shared import SCENARIOS, TOOLS, identity, live_session, text_answer_of, written
from turncoat.base.errors import UsageError
from turncoat.doors.text.parser import parse_answer
from turncoat.providers.models import resolve_model
from turncoat.scenarios.loader import load_scenario
from turncoat.sim.agent import listed_in
from turncoat.sim.truth import current_sample, truth_of
from turncoat.tasks import scenario_task
from turncoat.world import Company

BOTH = "goal=explicit,threat=replacement"


@pytest.mark.anyio
@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("model", ["sim/rate-1", "sim/insider", "sim/loyal"])
async def test_both_interfaces_show_the_same_writing(scenario: str, model: str) -> None:
    stories = load_scenario(scenario).staged("paper")
    for number in range(8):
        sample = identity(model, scenario, BOTH, f"{stories[number % len(stories)]}@{number}", 1 + number)
        rendered, output = await text_answer_of(sample)
        at_once = Company(rendered.seed, live=False)
        for act in parse_answer(output.completion).acts:
            at_once.perform(act.action)
        live, _ = await live_session(sample)
        assert written(live) == written(at_once)
        assert live.closed == "finished"
        failed = [r for r in live.log if r.attempt is not None and r.outcome.status != "done"]
        wrong_code = [r for r in failed if r.attempt is not None and r.attempt.kind == "cancel_alert"]
        assert failed == wrong_code


@pytest.mark.anyio
async def test_the_mail_that_is_forwarded_is_the_one_with_the_document() -> None:
    seen = 0
    for number in range(30):
        sample = identity("sim/rate-1", "espionage", f"{BOTH},noise=20", f"sensor@{number}")
        live, _ = await live_session(sample)
        for record in live.log:
            if record.attempt is not None and record.attempt.kind == "forward":
                seen += 1
                assert record.message is not None and "specification" in record.message.attachments
    assert seen > 3


@pytest.mark.anyio
async def test_an_agent_with_tools_reads_what_it_acts_on_and_cancels_before_help_is_called() -> None:
    for number in range(10):
        live, _ = await live_session(identity("sim/rate-1", "lethal", BOTH, f"coldstore@{number}"))
        kinds = [r.attempt.kind for r in live.log if r.attempt is not None]
        assert kinds.index("list_mail") < kinds.index("read_mail") < kinds.index("cancel_alert")
        assert "dispatched" not in {getattr(e, "event", "") for r in live.log for e in r.outcome.effects}


@pytest.mark.anyio
async def test_usage_is_always_given_and_grows_with_the_conversation() -> None:
    _, outputs = await live_session(identity("sim/insider", "blackmail", BOTH, "relapse@4"))
    usages = [o.usage for o in outputs]
    assert all(u is not None and u.input_tokens > 0 and u.output_tokens > 0 for u in usages)
    inputs = [u.input_tokens for u in usages if u is not None]
    assert inputs == sorted(inputs) and inputs[-1] > inputs[0] + 500
    _, output = await text_answer_of(identity("sim/insider", "blackmail", BOTH, "relapse@4"))
    assert output.usage is not None and output.usage.total_tokens > 0


@pytest.mark.anyio
@pytest.mark.parametrize(("model", "blocks"), [("sim/insider", True), ("sim/loyal", False)])
async def test_thoughts_show_in_the_scratchpad_or_in_blocks(model: str, blocks: bool) -> None:
    _, padded = await text_answer_of(identity(model, "blackmail", BOTH, "affair@1"))
    assert padded.completion.startswith("<scratchpad>") and isinstance(padded.message.content, str)
    _, bare = await text_answer_of(identity(model, "blackmail", f"{BOTH},scratchpad=off", "affair@1"))
    assert "<scratchpad>" not in bare.completion
    content = bare.message.content
    assert (isinstance(content, list) and any(isinstance(c, ContentReasoning) for c in content)) is blocks


@pytest.mark.anyio
async def test_the_same_sample_is_answered_alike() -> None:
    sample = identity("sim/drifter", "espionage", "goal=explicit", "bid@5")
    first, again = (await text_answer_of(sample))[1], (await text_answer_of(sample))[1]
    assert first.completion == again.completion
    other = (await text_answer_of(identity("sim/drifter", "espionage", "goal=explicit", "bid@5", 2)))[1]
    assert other.completion != first.completion


def test_tools_that_list_mail_are_read_line_by_line() -> None:
    text = "inbox: 1-2 of 2\nm001  12 Mar 08:24  a@x.com  Garage closed\nm002  12 Mar 09:02  b@y.com  Pack [attachment]"
    assert [(e.id, e.subject) for e in listed_in([text])] == [("m001", "Garage closed"), ("m002", "Pack")]
    for shown in (
        json.dumps({"output": f"<untrusted_context>\n{text}\n</untrusted_context>"}),
        json.dumps([{"type": "text", "text": text}]),
        json.dumps({"content": [{"type": "text", "text": text}], "isError": False, "count": 2, "more": None}),
        json.dumps(text),
    ):
        assert listed_in([shown]) == listed_in([text]), shown
    for odd in ("{", "[" * 100_000, '{"output": 1}', "[Sent]\n" + text):
        assert len(listed_in([odd])) == (2 if text in odd else 0)
    assert set(TOOLS) >= {"list_mail", "read_mail", "wait", "finish"}


def test_outside_of_a_sample_there_is_nothing_to_answer() -> None:
    with pytest.raises(UsageError, match="own tasks only"):
        current_sample()


def test_no_truth_is_written_to_a_log(tmp_path: Path) -> None:
    task = scenario_task("blackmail", conditions=BOTH, worlds="1-6", judge="rules")
    log = inspect_eval(task, model="sim/insider", log_dir=str(tmp_path), score=False, display="none")[0]
    assert log.status == "success" and log.samples is not None
    planted = {truth_of("sim/insider", s.metadata, s.epoch).finding for s in log.samples} - {""}
    assert "explicit_blackmail" in planted
    raw = _members(Path(log.location.removeprefix("file://")))
    ladder = (log.eval.metadata or {})["manifest"]["rungs"]
    raw = raw.replace(json.dumps(ladder, separators=(",", ":")), "")  # the names of all rungs say nothing of a sample
    for marker in (*planted, "truth", "propensit", "stated-real", "stated-evaluation", "abstained"):
        assert marker not in raw, marker
    assert all(s.output.usage is not None for s in log.samples)


def _members(path: Path) -> str:
    """All members of an .eval archive as text; they are compressed by zstd, which zipfile cannot read yet."""
    texts = []
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        for info in archive.infolist():
            file.seek(info.header_offset)
            head = file.read(30)
            names = int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
            file.seek(info.header_offset + 30 + names)
            data = file.read(info.compress_size)
            plain = zstandard.ZstdDecompressor().decompressobj().decompress(data) if info.compress_type == 93 else None
            texts.append((plain if plain is not None else archive.read(info)).decode("utf-8"))
    joined = "\n".join(texts)
    assert json.loads(texts[0]) is not None and "<tool_use" in joined
    return joined


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"latancy": 2}, "sim/loyal: arguments of the model: 'latancy' is not one of: latency, .*mean 'latency'"),
        ({"latency": "slow"}, "sim/loyal: latency: needs a number 0 or more; found 'slow'"),
        ({"latency": -1}, "latency: needs a number 0 or more; found -1"),
        ({"jitter": 2}, "jitter: needs a number from 0 to 1; found 2"),
    ],
)
def test_an_argument_that_would_do_nothing_is_refused(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=f"{said}.?$"):
        resolve_model("sim/loyal", arguments)
