"""Which samples of a run are labelled: a random part, from all of them, with known probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inspect_ai.log import read_eval_log_sample

from turncoat.analysis.rates import flag
from turncoat.analysis.table import read_table
from turncoat.base.errors import UsageError
from turncoat.labels.drawing import Candidate, draw_samples, stratum_of
from turncoat.labels.items import Labelled, Origin, read_labelled
from turncoat.labels.sessions import labelled_of_sample


def drawn_responses(logs: Sequence[Path], *, wanted: int, seed: int) -> list[Labelled]:
    """Draw responses of a run for labelling, in an order that says nothing about their verdicts.

    Samples that ended in an error have no response and cannot be drawn; a rate says nothing about them.

    Args:
        logs: Log files or folders.
        wanted: About how many.
        seed: Another seed draws others.

    Raises:
        LogError: There is no log that can be read.
        UsageError: Nothing to draw from.
    """
    frame = read_table(logs).frame
    frame = frame[frame["status"] != "error"].drop_duplicates(["task_id", "sample", "epoch"])
    candidates = [
        Candidate(str(log), str(sample), int(epoch), stratum_of(flag(harmful), flag(necessary)), str(task))
        for log, sample, epoch, harmful, necessary, task in zip(
            *(frame[name] for name in ("log", "sample", "epoch", "harmful", "necessary", "task_id")), strict=True
        )
    ]
    found: list[Labelled] = []
    for drawn in draw_samples(candidates, wanted, seed):
        c = drawn.candidate
        sample = read_eval_log_sample(c.log, id=c.sample, epoch=c.epoch, resolve_attachments="core")
        found.append(
            labelled_of_sample(
                sample,
                Origin(
                    log=Path(c.log).name,
                    task=c.task,
                    sample=c.sample,
                    epoch=c.epoch,
                    drawn_with=drawn.probability,
                ),
            )
        )
    return found


def check_same_draw(drawn: Sequence[Labelled], out: Path) -> None:
    """See that a file of labels goes on with the draw that it began with: two draws mixed have no known probabilities.

    Raises:
        UsageError: It holds labels of these logs that another `--sample` or `--seed` drew, or from more or fewer logs.
        TranscriptError: It cannot be read.
    """
    chances: dict[tuple[str, int, str], float] = {}
    for origin in (i.origin for i in drawn if i.origin is not None):
        for name in (origin.task, origin.log):
            chances[origin.sample, origin.epoch, name] = origin.drawn_with
    logs = {name for _, _, name in chances}
    for item in read_labelled(out) if out.exists() else ():
        kept = item.origin
        if kept is not None and kept.place[2] in logs and chances.get(kept.place) != kept.drawn_with:
            raise UsageError(
                f"{out}: {item.id} was drawn with another --sample or --seed, or from more or fewer logs; repeat "
                "those, or give another file: labels of two draws have no known probabilities"
            )
