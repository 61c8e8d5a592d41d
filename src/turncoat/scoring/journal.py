"""What judges said while a log is scored again, kept beside the log until the log itself has it.

A judge is paid for each answer. When the command is stopped before the log is written, the same command goes on from
the answers that stand here: those of the same judges, rubrics and options on the same sample.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from inspect_ai.log import EvalSample
from inspect_ai.scorer import Score, Scorer, Target
from inspect_ai.solver import TaskState

from turncoat.base.errors import OutputError
from turncoat.base.files import opened, reason, write_whole
from turncoat.base.version import __version__
from turncoat.evidence.case import BROKEN
from turncoat.judges.model.rubric import rubrics_folder
from turncoat.scoring.options import ScoringOptions

_SAMPLE = {"id", "epoch", "uuid", "input", "messages", "output", "store", "metadata"}
"""What of a sample a judge's answer can depend on."""


def key_of(options: ScoringOptions, names: Sequence[str]) -> str:
    """What answers have in common that may stand for each other: judges, options, and rubrics to the letter."""
    folder = rubrics_folder(options.rubrics)
    texts = [(str(p.relative_to(folder)), p.read_text("utf-8")) for p in sorted(folder.rglob("*.md"))]
    return _hash([__version__, list(names), asdict(options), texts])


class Journal:
    """The answers of one command on one log.

    Args:
        file: The open file.
        key: As `key_of`.
        names: Names of the scores that each sample gets.
        samples: The samples that are scored.
        lines: What stands in the file.
    """

    def __init__(
        self, file: int, key: str, names: Sequence[str], samples: Iterable[EvalSample], lines: Iterable[Any]
    ) -> None:
        self._file, self._key = file, key
        self._seen = {(str(s.id), s.epoch): _hash(s.model_dump(mode="json", include=_SAMPLE)) for s in samples}
        found: dict[str, dict[str, Score]] = {}
        for line in lines:
            with suppress(ValueError, TypeError, KeyError):
                if line["key"] == key:
                    found.setdefault(line["sample"], {})[line["name"]] = Score.model_validate(line["score"])
        # The members of a panel are asked together, so that a sample has all of its scores or is asked again.
        self._known = {sample: scores for sample, scores in found.items() if scores.keys() >= set(names)}

    @property
    def known(self) -> int:
        """Samples whose answers an earlier command left."""
        return len(self._known.keys() & self._seen.values())

    def around(self, name: str, scorer: Scorer) -> Scorer:
        """A scorer that asks only where there is no answer, and keeps what it is told, failures of a judge apart."""

        async def score(state: TaskState, target: Target) -> Score | None:
            sample = self._seen.get((str(state.sample_id), state.epoch), "")
            if sample in self._known:
                return self._known[sample][name]
            said = await scorer(state, target)
            if said is not None and (said.metadata or {}).get("reason") not in BROKEN:
                self._note({"key": self._key, "sample": sample, "name": name, "score": said.model_dump(mode="json")})
            return said

        return score

    def _note(self, line: dict[str, Any]) -> None:
        # A full disk is said when the log is written; a line that was cut off by it is not read.
        with suppress(OSError):
            os.write(self._file, f"\n{json.dumps(line)}\n".encode())


@contextmanager
def journal(
    log: Path, options: ScoringOptions, names: Sequence[str], samples: Iterable[EvalSample]
) -> Iterator[Journal]:
    """The journal of a log that is being scored; a block that ends without an error takes its answers out again.

    Raises:
        OutputError: It cannot be written.
    """
    path, key = log.with_name(f".{log.name}.answers"), key_of(options, names)
    try:
        file = opened(path)
    except OSError as error:
        raise OutputError(f"{log}: answers cannot be kept beside it ({reason(error)}); nothing was asked") from None
    try:
        lines = _read(file)
        yield Journal(file, key, names, samples, lines)
        others = [line for line in lines if line.get("key") != key]
        if others:  # of another judge, whose command was stopped
            write_whole(path, "".join(json.dumps(line) + "\n" for line in others))
        else:
            path.unlink(missing_ok=True)
    finally:
        with suppress(OSError):
            if not os.fstat(file).st_size:
                path.unlink(missing_ok=True)
        os.close(file)


def _read(file: int) -> list[dict[str, Any]]:
    found = []
    for line in os.pread(file, os.fstat(file).st_size, 0).decode(errors="replace").splitlines():
        with suppress(ValueError, RecursionError):
            data = json.loads(line)
            if isinstance(data, dict):
                found.append(data)
    return found


def _hash(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode("utf-8", "replace")).hexdigest()
