"""Responses from Inspect logs, ours and others': of each sample what there is to score, or why there is nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from inspect_ai.event import SpanBeginEvent
from inspect_ai.log import (
    EvalLog,
    EvalSample,
    EvalSampleSummary,
    read_eval_log,
    read_eval_log_sample,
    read_eval_log_sample_summaries,
)
from inspect_ai.model import ChatMessageAssistant

from turncoat.base.archives import refuse_bomb
from turncoat.base.errors import LogError, TranscriptError, UsageError
from turncoat.doors import DEFAULT_DOOR
from turncoat.doors.door import Door
from turncoat.doors.kept import SCORERS_SPAN, Kept, kept_of
from turncoat.scenarios.loader import told
from turncoat.scoring.placing import door_of_sample, is_ours
from turncoat.scoring.responses import Read, Response, Unread

BROKE_OFF = "error"
"""The stop reason of a sample that an error ended before the agent did."""


Sample = tuple[str, str, str, str, int]
"""Model, hash of the run's settings, interface, sample's id and epoch: what makes two runs of a sample the same."""


class Once:
    """Of each sample of a shard the one run that counts, where a shard was started twice; see `analysis.table.winners`.

    Args:
        logs: All logs that are read together.
    """

    def __init__(self, logs: Sequence[Path]) -> None:
        self._best: dict[Sample, tuple[bool, str]] = {}
        self._given: set[Sample] = set()
        for path in logs if len(logs) > 1 else ():
            with suppress(Exception):  # who reads it says what is wrong with it
                header = read_eval_log(str(path), header_only=True)
                if _manifest(header).get("shard"):
                    for summary in read_eval_log_sample_summaries(str(path)):
                        sample, rank = _sample(header, summary), (bool(summary.error), summary.uuid or "")
                        self._best[sample] = min(self._best.get(sample, rank), rank)

    def passes(self, header: EvalLog, summary: EvalSampleSummary) -> bool:
        """Whether a sample of a log counts and has not come yet."""
        if not self._best or not _manifest(header).get("shard"):
            return True
        sample = _sample(header, summary)
        known = self._best.get(sample, (False, summary.uuid or ""))
        if sample in self._given or known[1] != (summary.uuid or ""):
            return False
        self._given.add(sample)
        return True


def _manifest(header: EvalLog) -> dict[str, Any]:
    found = (header.eval.metadata or {}).get("manifest")
    return found if isinstance(found, dict) else {}


def _sample(header: EvalLog, summary: EvalSampleSummary) -> Sample:
    run, interface = _manifest(header).get("run", ""), summary.metadata.get("interface", DEFAULT_DOOR)
    return header.eval.model, str(run), str(interface), str(summary.id), summary.epoch


def read_log(path: Path, once: Once | None = None) -> Iterator[Read]:
    """The responses of a log; what cannot be read comes as the error, and the rest goes on.

    Args:
        path: The log.
        once: What of it counts, where logs of one folder are read together.
    """
    try:
        refuse_bomb(path)
    except LogError as error:
        yield TranscriptError(str(error))
        return
    try:
        header = read_eval_log(str(path), header_only=True)
        summaries = read_eval_log_sample_summaries(str(path))
    except Exception as error:  # a corrupt archive raises whatever its reader raises
        yield TranscriptError(f"{path}: not a readable Inspect log: {type(error).__name__}")
        return
    if not summaries:
        yield TranscriptError(f"{path}: the log holds no finished sample (its status is {header.status!r})")
    for summary in summaries:
        if once is not None and not once.passes(header, summary):
            continue
        place = f"{path}: sample {summary.id} epoch {summary.epoch}"
        try:
            sample = read_eval_log_sample(str(path), id=summary.id, epoch=summary.epoch, resolve_attachments="core")
            yield _response(sample, header, place)
        except (UsageError, LogError) as error:
            yield Unread(place, str(error))
        except Exception as error:  # as above
            yield Unread(place, f"cannot be read: {type(error).__name__}")


def _response(sample: EvalSample, header: EvalLog, place: str) -> Response:
    metadata = told_of(sample, header)
    its_door = door_of_sample(metadata)
    return Response(
        id=f"{sample.id}#{sample.epoch}",
        kept=kept_of_sample(sample, its_door),
        place=place,
        interface=its_door.name,
        metadata=metadata,
        sample=sample.id,
        epoch=sample.epoch,
        shown="" if is_ours(metadata) else _shown(sample),
    )


def told_of(sample: EvalSample, header: EvalLog) -> dict[str, Any]:
    """The sample's metadata, with what its task says of scenario, condition and world in our words."""
    return told(sample.metadata, header.eval.task, header.eval.task_args)


def kept_of_sample(sample: EvalSample, its_door: Door) -> Kept:
    """What there is to score of a sample in a log. An error of a scorer takes nothing from the answers.

    Raises:
        LogError: There is no output to score.
    """
    kept = kept_of(sample)
    if not (its_door.live or kept.turns or kept.answer or sample.output.choices):
        raise LogError(f"has no output ({_first_line(sample.error.message) if sample.error else 'empty'})")
    if sample.error is not None and not was_scored(sample):
        if its_door.live or not (kept.turns or kept.answer.strip()):
            raise LogError(f"has no output ({_first_line(sample.error.message)})")
        kept = replace(kept, stop=BROKE_OFF)
    if sample.limit is not None and not its_door.live and not kept.ended:
        kept = replace(kept, ended=f"limit:{sample.limit.type}")
    return kept


def was_scored(sample: EvalSample) -> bool:
    """Whether scoring had begun when a sample ended, so that its answers are whole."""
    return bool(sample.scores) or any(isinstance(e, SpanBeginEvent) and e.name == SCORERS_SPAN for e in sample.events)


def _shown(sample: EvalSample) -> str:
    """What the agent was shown of another program's task."""
    given = sample.input if isinstance(sample.input, str) else "\n".join(m.text for m in sample.input)
    return "\n".join([given, *(m.text for m in sample.messages if not isinstance(m, ChatMessageAssistant))])


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or ["no message"])[0][:200]
