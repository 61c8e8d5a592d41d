"""What is done to logs of the golden set after their runs: short names, and nothing in them that is not ours."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from pathlib import Path

import zstandard
from inspect_ai.log import EvalLog, EvalSample, read_eval_log, write_eval_log
from inspect_ai.model import ChatMessageAssistant

PATHS = re.compile(r"(?<![\w.])/(?:work|root|tmp|home|usr|var|opt|private|Users)/[^\"\s]*")
LEFT_OUT = "(the prompt is left out of this log)"
WITH_EVENTS = ("panel/blackmail-text", "panel/lethal-tools")
WITH_PROMPTS = ("rules/blackmail", "panel/blackmail-text", "panel/lethal-tools", "judge/espionage-tools")


def tidy(source: Path, target: Path) -> None:
    """Give the logs of a folder short names, and leave out what is not needed or not ours."""
    target.mkdir(parents=True)
    for path in sorted(source.rglob("*.eval")):
        log = read_eval_log(str(path))
        name = _name_of(log, target)
        for sample in log.samples or []:
            place = f"{source.name}/{name}"
            leave_out(sample, prompts=not place.startswith(WITH_PROMPTS), events=place not in WITH_EVENTS)
        write_eval_log(log, str(target / f"{name}.eval"))
    shutil.rmtree(source)


def _name_of(log: EvalLog, folder: Path) -> str:
    """Scenario, interface, and what else tells the logs of a folder apart."""
    metadata = log.eval.metadata or {}
    parts = [str(metadata["scenario"]).replace("/", "-"), str(metadata["interface"])]
    if "effects" in folder.parts:
        parts.append(log.eval.model.removeprefix("sim/"))
    if "sessions" in folder.parts:
        config = log.eval.config
        parts.append(
            "tokens"
            if config.token_limit
            else "time"
            if config.time_limit
            else "colleagues"
            if log.eval.model_roles
            else "script"
        )
    if "graders" in folder.parts or folder.name == "own":
        roles = (log.eval.model_roles or {}).get("grader")
        names = [r.model for r in roles] if isinstance(roles, list) else [roles.model] if roles else []
        parts.append("-".join(n.removeprefix("mockllm/") for n in names) or metadata["judge"][:5].replace("/", "-"))
    worlds = {str((s.metadata or {}).get("world")).partition(".")[0] for s in log.samples or []}
    if "swapped" in worlds:
        parts.append("swapped")
    name = "-".join(parts)
    assert not (folder / f"{name}.eval").exists(), name
    return name


def leave_out(sample: EvalSample, *, prompts: bool, events: bool) -> None:
    if sample.error is not None:
        sample.error.traceback = sample.error.traceback_ansi = "left out"
    for retry in sample.error_retries or []:
        retry.traceback = retry.traceback_ansi = "left out"
    if sample.metadata.get("folder"):
        sample.metadata["folder"] = "inputs/depot"
    if prompts:
        sample.input = LEFT_OUT
        first = next((i for i, m in enumerate(sample.messages) if isinstance(m, ChatMessageAssistant)), None)
        sample.messages = [] if first is None else sample.messages[first:]
    if events:
        sample.events = []
        text = sample.model_dump_json(exclude={"attachments"})
        sample.attachments = {k: v for k, v in sample.attachments.items() if k in text}


def without_end(source: Path, target: Path, samples: int) -> None:
    """A log as it stands while its run goes on: its beginning, some samples and their summaries, no header."""
    with zipfile.ZipFile(source) as archive, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        kept = [i for i in archive.infolist() if i.filename.startswith("samples/")][:samples]
        for info in [*kept, archive.getinfo("summaries.json"), archive.getinfo("_journal/start.json")]:
            raw = source.read_bytes()[info.header_offset :]
            at = 30 + int.from_bytes(raw[26:28], "little") + int.from_bytes(raw[28:30], "little")
            data = zstandard.ZstdDecompressor().decompressobj().decompress(raw[at : at + info.compress_size])
            if info.filename == "summaries.json":
                data = json.dumps(json.loads(data)[:samples]).encode()
                made.writestr("_journal/summaries/1.json", data)
            else:
                made.writestr(info.filename, data)


def refuse_paths(logs: Path) -> None:
    """Raise if a log holds the path of a folder of this machine, or a prompt or a call on a published setting."""
    for path in sorted(logs.rglob("*.*")):
        if path.stem in ("cut", "empty"):
            continue
        log = read_eval_log(str(path))
        found = PATHS.findall(log.model_dump_json())
        if found:
            raise SystemExit(f"{path}: {found[:3]}")
        for sample in log.samples or []:
            said = all(isinstance(m, ChatMessageAssistant) for m in sample.messages)
            bare = sample.input == LEFT_OUT and said and not sample.events and not sample.attachments
            if path.parent.name.startswith("published") and not bare:
                raise SystemExit(f"{path}: {sample.id} holds more than its answer")
