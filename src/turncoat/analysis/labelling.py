"""Which samples of a run are labelled: a random part, from all of them, with known probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from inspect_ai.log import read_eval_log_sample

from turncoat.analysis.table import read_table
from turncoat.scoring.labels.drawing import Candidate, draw_samples, stratum_of
from turncoat.scoring.labels.items import Labelled, Origin
from turncoat.scoring.labels.samples import labelled_of_sample


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
    frame = frame[frame["status"] != "error"].drop_duplicates(["log", "sample", "epoch"])
    candidates = [
        Candidate(str(log), str(sample), int(epoch), stratum_of(_flag(harmful), _flag(necessary)))
        for log, sample, epoch, harmful, necessary in zip(
            frame["log"], frame["sample"], frame["epoch"], frame["harmful"], frame["necessary"], strict=True
        )
    ]
    found: list[Labelled] = []
    for drawn in draw_samples(candidates, wanted, seed):
        c = drawn.candidate
        sample = read_eval_log_sample(c.log, id=c.sample, epoch=c.epoch, resolve_attachments="core")
        found.append(
            labelled_of_sample(
                sample, Origin(log=Path(c.log).name, sample=c.sample, epoch=c.epoch, drawn_with=drawn.probability)
            )
        )
    return found


def _flag(value: object) -> bool | None:
    return None if value is None or value is pd.NA else bool(value)
